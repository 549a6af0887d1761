"""The page's style: the colours of the project's pictures as CSS variables, and the rules."""

from importlib.resources import files

from layerwise.draw.chart import palette
from layerwise.draw.theme import THEMES

__all__ = ["script", "style"]

# What a page needs beside a picture: behind the sections, quiet words, edges of buttons, links.
_MORE = {
    "light": {"page": "#f4f5f7", "muted": "#59626d", "edge": "#8b949e", "link": "#005f96"},
    "dark": {"page": "#0c0e11", "muted": "#a4adb7", "edge": "#6d7782", "link": "#7cc6f2"},
}


def style() -> str:
    """The style sheet: light, dark where the screen is or the reader asks, light in print."""
    dark = _variables("dark")
    colours = (
        f":root {{ color-scheme: light; {_variables('light')} }}\n"
        "@media screen {\n"
        f":root[data-theme=dark] {{ color-scheme: dark; {dark} }}\n"
        "}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f":root:not([data-theme=light]) {{ color-scheme: dark; {dark} }}\n"
        "}\n"
    )
    return colours + _read("page.css")


def script() -> str:
    """What the button for light and dark does, and opening all that is folded before printing."""
    return _read("page.js")


def _variables(theme: str) -> str:
    curves = {f"c{i}": colour for i, colour in enumerate(palette(theme, THEMES[theme]))}
    values = vars(THEMES[theme]) | _MORE[theme] | curves
    return " ".join(f"--{name}: {colour};" for name, colour in values.items())


def _read(name: str) -> str:
    return files("layerwise.report").joinpath(name).read_text("utf-8")
