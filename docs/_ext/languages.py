"""Two languages in one guide: a switch on each page, a Korean theme, a search for Korean words.

Pages of `introduction/` and `how-to/` are those of `ko/` in English; others are English alone.
"""

import gettext
import posixpath
import re
from pathlib import Path
from typing import Any

import sphinx.locale
from hangul import SPLIT_QUERY, hangul_terms
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

__all__ = ["Search", "setup"]

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
_HANGUL = re.compile(r"[가-힣]+")
# A formula with the particle that is written onto it; code, or a bracket, before one.
_FORMULA = re.compile(r"(<math\b(?:(?!</math>).)*</math>)([가-힣]+)", re.DOTALL)
_ONTO = re.compile(r"(</code>|\))(?=[가-힣])")
_BLOCK = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)


class Search(SearchEnglish):
    """Search in English and Korean."""

    lang = "two"  # `language_name` stays: the stemmer's script is called by it
    js_splitter_code = SPLIT_QUERY

    def split(self, input: str) -> list[str]:  # noqa: A002  named so by Sphinx
        """Words; of Korean ones their parts."""
        terms = []
        for word in super().split(input):
            terms += _HANGUL.sub(" ", word).split()
            for korean in _HANGUL.findall(word):
                terms += hangul_terms(korean)
        return terms


def _counterpart(name: str) -> tuple[str, bool]:
    """The page in the other language, and whether it says the same."""
    for english, korean in _FOLDERS:
        for here, there in ((english, korean), (korean, english)):
            if name.startswith(here) and "/" not in name.removeprefix(here):
                return there + name.removeprefix(here), True
    return ("index", False) if name.startswith("ko/") else ("ko/index", False)


def _in_language(app: Sphinx, name: str, template: str, context: dict[str, Any], _: Any) -> None:
    """Make a page's language known, offer the other one, and put the theme into it."""
    is_korean = name.startswith("ko/")
    here, there = ("ko", "en") if is_korean else ("en", "ko")
    context["language"] = here
    if name in app.env.all_docs:
        other, is_same = _counterpart(name)
        if other not in app.env.all_docs:  # as of a list of pages
            other, is_same = ("index" if is_korean else "ko/index"), False
        link = context["pathto"](other)
        words = "English" if is_korean else "한국어" if is_same else "한국어로 된 글"
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
        if page and target.startswith("ko/") != is_korean:
            context[side] = None
    if is_korean:
        _put_into_korean(context)


def _put_into_korean(context: dict[str, Any]) -> None:
    locales = Path(sphinx.locale.__file__).parent
    catalogue = gettext.translation("sphinx", locales, ["ko"])

    def say(text: str) -> str:
        return _KOREAN.get(text) or catalogue.gettext(text)

    context["_"] = context["gettext"] = say
    parts = _BLOCK.split(context["body"])
    for i in range(
        0, len(parts), 2
    ):  # those between blocks of code: no line begins with a particle
        parts[i] = _FORMULA.sub(r'<span class="whole">\1\2</span>', parts[i])
        parts[i] = _ONTO.sub("\\1\N{WORD JOINER}", parts[i])
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
        for path in Path(app.outdir, "ko").rglob("*.html"):
            text = path.read_text("utf-8")
            for old, new in _LABELS.items():
                text = text.replace(f'aria-label="{old}"', f'aria-label="{new}"')
            path.write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register it, as Sphinx asks of extensions."""
    app.add_search_language(Search)
    app.connect("html-page-context", _in_language, priority=900)  # after the theme's own
    app.connect("build-finished", _labels)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
