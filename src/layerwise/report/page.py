"""A page in one file: sections under a title, light and dark, offline."""

import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

from layerwise.draw.inline import PAGE_COLORS
from layerwise.draw.theme import THEMES
from layerwise.files.atomic_writing import write_whole
from layerwise.files.cache_folders import find_matplotlib_folder
from layerwise.language import spoken, tr
from layerwise.report.elements import Html, element, join

# What a page needs beside a picture: behind the sections, quiet words, edges of buttons, links.
_MORE = {
    "light": {"page": "#f4f5f7", "muted": "#59626d", "edge": "#8b949e", "link": "#005f96"},
    "dark": {"page": "#0c0e11", "muted": "#a4adb7", "edge": "#6d7782", "link": "#7cc6f2"},
}


def write_page(render: Callable[[], str], path: str | os.PathLike[str]) -> None:
    """Write a page, so that the file is at all times either the old or the new one, whole.

    Its pictures can be drawn also where there is no other place to write to.

    Raises
    ------
    FileWriteError
        If the file cannot be written.
    """
    find_matplotlib_folder(Path(path).parent)
    write_whole(path, render().encode(), "the report")


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
    >>> from layerwise.report.elements import section
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
    button = element(
        "button", id="theme", type="button", hidden="", title=tr("Light or dark"),
        data_light=tr("Light"), data_dark=tr("Dark"),
    )  # fmt: skip
    body = element(
        "body",
        element("header", words, button),
        element("nav", element("ul", *links), aria_label=tr("Sections")),
        element("main", *(content for _, content in sections.values())),
        Html(f"<script>{_read('page.js')}</script>"),
    )
    return f'<!doctype html>\n<html lang="{spoken()}">\n{_head(title)}\n{body}\n</html>\n'


def _head(title: str) -> Html:
    """What the browser needs; it is told to load nothing and to run no script but our own."""
    digest = base64.b64encode(hashlib.sha256(_read("page.js").encode()).digest()).decode()
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


def style() -> str:
    """The style sheet: light, dark where the screen is or the reader asks, light in print."""
    dark = variables("dark")
    colours = (
        f":root {{ color-scheme: light; {variables('light')} }}\n"
        "@media screen {\n"
        f":root[data-theme=dark] {{ color-scheme: dark; {dark} }}\n"
        "}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f":root:not([data-theme=light]) {{ color-scheme: dark; {dark} }}\n"
        "}\n"
    )
    return colours + _read("page.css")


def variables(theme: str) -> str:
    """The colours of a theme, as the style sheet's variables."""
    colors = THEMES[theme]
    values = {f"c{i}": color for i, color in enumerate(colors.palette) if i > 2}
    values |= {name: getattr(colors, name) for name in PAGE_COLORS if name not in values}
    return " ".join(f"--{name}: {color};" for name, color in (values | _MORE[theme]).items())


def _read(name: str) -> str:
    return files("layerwise.report").joinpath(name).read_text("utf-8")
