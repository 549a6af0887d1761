"""A page in one file: sections under a title, light and dark, offline."""

import base64
import hashlib
import os
from collections.abc import Mapping

from layerwise.files.writing import write_whole
from layerwise.report.html import Html, element, join
from layerwise.report.style import script, style

__all__ = ["render_page", "write_page"]


def write_page(page: str, path: str | os.PathLike[str]) -> None:
    """Write a page, so that the file is at all times either the old or the new one, whole.

    Raises
    ------
    FileWriteError
        If the file cannot be written.
    """
    write_whole(path, page.encode(), "the report")


def render_page(title: str, made: str, sections: Mapping[str, tuple[str, Html | None]]) -> str:
    """Put sections together to a page that refers to nothing outside it.

    Parameters
    ----------
    title : str
    made : str
        What stands above the title: what made the page, and when.
    sections : dict of str to (str, Html or None)
        By id: what the link to it says, and the section; None is left out.

    Examples
    --------
    >>> from layerwise.report.html import section
    >>> page = render_page("A title", "today", {"all": ("All", section("all", "All of it"))})
    >>> '<a href="#all">All</a>' in page
    True
    """
    links = [
        element("li", element("a", name, href=f"#{key}"))
        for key, (name, content) in sections.items()
        if content is not None
    ]
    words = element("div", element("p", made, class_="made"), element("h1", title))
    button = Html('<button id="theme" type="button" hidden title="Light or dark"></button>')
    body = element(
        "body",
        element("header", words, button),
        element("nav", element("ul", *links), aria_label="Sections"),
        element("main", *(content for _, content in sections.values())),
        Html(f"<script>{script()}</script>"),
    )
    return f'<!doctype html>\n<html lang="en">\n{_head(title)}\n{body}\n</html>\n'


def _head(title: str) -> Html:
    """What the browser needs; it is told to load nothing and to run no script but our own."""
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        element("title", join([title])),
        Html(f"<style>{style()}</style>"),
    )
