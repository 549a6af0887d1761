"""Two languages in one guide: a switch on each page, and a theme in the page's language.

Pages of `introduction/` and `how-to/` are those of `ko/` in English; others are English alone.
"""

import gettext
import posixpath
import re
from pathlib import Path
from typing import Any

import sphinx.locale
from sphinx.application import Sphinx

__all__ = ["KOREAN_SEARCH", "counterpart", "is_korean", "setup"]

# Beside the English search, for the links of results are relative to its folder.
KOREAN_SEARCH = "search-ko"
# Of the theme; what Sphinx's own catalogue has is taken from there.
_KOREAN = {
    "Back to top": "맨 위로", "Home": "처음", "On this page": "이 쪽의 차례", "Search": "검색",
    "Skip to content": "본문으로", "Made with ": "만든 도구: ", "Next": "다음", "Previous": "이전",
    '<a href="https://www.sphinx-doc.org/">Sphinx</a> and ':
        '<a href="https://www.sphinx-doc.org/">Sphinx</a>, ',
}  # fmt: skip
_IN_PAGES = {
    '<p class="admonition-title">Note</p>': '<p class="admonition-title">참고</p>',
    'title="Link to this heading"': 'title="이 제목의 주소"',
}
_IN_NAVIGATION = {"Introduction": "입문", "How to": "하는 방법", "Reference": "참조(영어)"}
_LABELS = {
    "Toggle site navigation sidebar": "차례 여닫기",
    "Toggle table of contents sidebar": "이 쪽의 차례 여닫기",
    "Toggle Light / Dark / Auto color theme": "밝은 화면, 어두운 화면, 자동",
}
# Beginnings of pages' names, in English and in Korean.
_FOLDERS = (
    ("introduction/", "ko/"), ("coming-from", "ko/how-to/coming-from"), ("how-to/", "ko/how-to/"),
)  # fmt: skip
# A formula with the particle that is written onto it; code, or a bracket, before one.
_FORMULA = re.compile(r"(<math\b(?:(?!</math>).)*</math>)([가-힣]+)", re.DOTALL)
_ONTO = re.compile(r"(</code>|\))(?=[가-힣])")
_BLOCK = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_SYLLABLES = re.compile(r"[가-힣]+")


def is_korean(name: str) -> bool:
    """Whether a page is in Korean."""
    return name.startswith("ko/") or name == KOREAN_SEARCH


def counterpart(name: str) -> tuple[str, bool]:
    """The page in the other language, and whether it says the same."""
    for english, korean in _FOLDERS:
        for here, there in ((english, korean), (korean, english)):
            if name.startswith(here) and "/" not in name.removeprefix(here):
                return there + name.removeprefix(here), True
    return ("index", False) if name.startswith("ko/") else ("ko/index", False)


def _in_language(app: Sphinx, name: str, template: str, context: dict[str, Any], _: Any) -> None:
    """Make a page's language known, offer the other one, and put the theme into it."""
    here, there = ("ko", "en") if is_korean(name) else ("en", "ko")
    context["language"] = here
    if name in app.env.all_docs:
        other, is_same = counterpart(name)
        if other not in app.env.all_docs:  # as of a list of pages
            other, is_same = ("index" if is_korean(name) else "ko/index"), False
        link = context["pathto"](other)
        words = "English" if is_korean(name) else "한국어" if is_same else "한국어로 된 글"
        # Above the page, and last in its text, which a search quotes from its beginning.
        switch = f'<a href="{link}" hreflang="{there}" lang="{there}">{words}</a>'
        context["body"] += f'<p class="languages">{switch}</p>'
        if is_same:
            context["metatags"] = context.get("metatags", "") + "".join(
                f'\n<link rel="alternate" hreflang="{language}" href="{href}" />'
                for language, href in ((here, f"{Path(name).name}.html"), (there, link))
            )
    for side in ("prev", "next"):  # of the order of all pages, which passes from one to the other
        page = context.get(side)
        target = (
            posixpath.normpath(posixpath.join(posixpath.dirname(name), page["link"]))
            if page
            else ""
        )
        if page and is_korean(target) != is_korean(name):
            context[side] = None
    if is_korean(name):
        _put_into_korean(context)


def _put_into_korean(context: dict[str, Any]) -> None:
    locales = Path(sphinx.locale.__file__).parent
    catalogue = gettext.translation("sphinx", locales, ["ko"])

    def say(text: str) -> str:
        return _KOREAN.get(text) or catalogue.gettext(text)

    context["_"] = context["gettext"] = say
    parts = _BLOCK.split(context.get("body", ""))
    for i in range(0, len(parts), 2):  # between blocks of code: no line begins with a particle
        parts[i] = _FORMULA.sub(r'<span class="whole">\1\2</span>', parts[i])
        parts[i] = _ONTO.sub("\\1\N{WORD JOINER}", parts[i])
    for i in range(1, len(parts), 2):  # in them: a syllable is two letters wide, so columns stand
        parts[i] = _SYLLABLES.sub(r'<span class="wide">\g<0></span>', parts[i])
    body = "".join(parts)
    for old, new in _IN_PAGES.items():
        body = body.replace(old, new)
    context["body"] = body
    tree = context.get("furo_navigation_tree", "")
    for old, new in _IN_NAVIGATION.items():
        tree = tree.replace(f'caption-text">{old}<', f'caption-text">{new}<')
    context["furo_navigation_tree"] = tree


def _labels(app: Sphinx, error: Exception | None) -> None:
    """The theme's labels for the blind, which it does not translate."""
    if error is None and app.builder.name == "html":
        out = Path(app.outdir)
        for path in [*Path(out, "ko").rglob("*.html"), Path(out, f"{KOREAN_SEARCH}.html")]:
            text = path.read_text("utf-8")
            for old, new in _LABELS.items():
                text = text.replace(f'aria-label="{old}"', f'aria-label="{new}"')
            path.write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register it, as Sphinx asks of extensions."""
    app.connect("html-page-context", _in_language, priority=900)  # after the theme's own
    app.connect("build-finished", _labels)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
