"""A search page in each language: its words, and what it finds, without translations of it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from hangul import SPLIT_QUERY, hangul_terms
from languages import KOREAN_SEARCH, counterpart, is_korean
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

__all__ = ["Search", "setup"]

_MESSAGES = {
    "Searching": "찾는 중",
    "Search Results": "검색 결과",
    "Your search did not match any documents. Please make sure that all words are spelled "
    "correctly and that you've selected enough categories.":
        "찾는 말이 모두 들어 있는 쪽이 없습니다. 맞춤법을 확인하거나 더 짧은 말로 찾아보세요.",
    "Search finished, found one page matching the search query.":
        ["${resultCount}쪽을 찾았습니다."],
    ", in ": ", 실린 곳: ",
}  # fmt: skip
# Results of the page's language come first; a page's translation is left out where it was found
# itself. The listener is there before the theme's own, which begins to search.
_RESULTS = """
document.addEventListener("DOMContentLoaded", () => {
  const translations = TRANSLATIONS;
  const isKorean = document.documentElement.lang === "ko";
  const find = Search._performSearch;
  Search._performSearch = (...asked) => {
    const all = find(...asked);  // the best one last
    const here = all.filter(([name]) => name.startsWith("ko/") === isKorean);
    const found = new Set(here.map(([name]) => name));
    const others = all.filter(([name]) => name.startsWith("ko/") !== isKorean);
    return [...others.filter(([name]) => !found.has(translations[name])), ...here];
  };
});
"""
_HANGUL = re.compile(r"[가-힣]+")


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


def _korean_page(_: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    yield KOREAN_SEARCH, {}, "search.html"


def _in_language(app: Sphinx, name: str, template: str, context: dict[str, Any], _: Any) -> None:
    """Let a search page find in its language, and a Korean page lead to the Korean search."""
    if name in {"search", KOREAN_SEARCH}:
        translations = {page: counterpart(page)[0] for page in sorted(app.env.found_docs)}
        app.add_js_file(None, body=_RESULTS.replace("TRANSLATIONS", json.dumps(translations)))
    if name == KOREAN_SEARCH:
        words = json.dumps({"messages": _MESSAGES, "plural_expr": "0", "locale": "ko"})
        app.add_js_file(None, body=f"Documentation.addTranslations({words});")
    if is_korean(name):
        lead = context["pathto"]
        context["pathto"] = lambda to, *more, **also: lead(
            KOREAN_SEARCH if to == "search" else to, *more, **also
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register it, as Sphinx asks of extensions."""
    app.add_search_language(Search)
    app.connect("html-collect-pages", _korean_page)
    app.connect("html-page-context", _in_language)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
