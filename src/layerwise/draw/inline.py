"""A figure as an element of an HTML page, in the page's own colours and fonts.

The page has a CSS variable for each colour of a theme: ``--background``, ``--text``, ``--faint``,
``--first``, ``--second``, ``--third`` and ``--c3`` to ``--c6``. So one picture serves a light page
and a dark one, and follows its reader from one to the other.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary
from xml.etree.ElementTree import Element, fromstring

from layerwise.draw.saving import figure_bytes
from layerwise.draw.theme import PAGE, figure_of
from layerwise.harmless_text import as_markup

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

# The page's variables, and the colours in their place while a picture is drawn.
PAGE_COLORS = {
    name: getattr(PAGE, name)
    for name in ("background", "text", "faint", "first", "second", "third")
} | {f"c{i}": color for i, color in enumerate(PAGE.palette) if i > 2}
_VARIABLES = {color: f"var(--{name})" for name, color in PAGE_COLORS.items()}
_VARIABLES["#000000"] = "var(--text)"
_PIXELS, _LEAST = 1.3, 0.8  # for one of the picture's units: as wide as can be, as narrow
_DRAWN = {"path", "use"}
# How Jupyter, VS Code, Colab and others say whether a page is dark, whatever the screen is.
_LIGHT = "[data-jp-theme-light=true], .vscode-light, html[theme=light], [data-theme=light]"
_DARK = "[data-jp-theme-light=false], .vscode-dark, html[theme=dark], [data-theme=dark]"

_told: "WeakKeyDictionary[Figure, dict[str, Sequence[str]]]" = WeakKeyDictionary()


def tell(artist: "Artist", words: str | Sequence[str]) -> None:
    """Have a page say what an artist of a figure is, where the pointer rests on it.

    Parameters
    ----------
    artist : Artist
    words : str or sequence of str
        Of all of it, or of each of its marks.
    """
    told = _told.setdefault(figure_of(artist), {})
    name = f"told-{len(told) + 1}"
    artist.set_gid(name)
    told[name] = [words] if isinstance(words, str) else words


def themed(selector: str, light: str, dark: str) -> str:
    """Rules of a style sheet for an element of a notebook: dark where that, or the screen, is."""
    return (
        f"{selector} {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ {selector} {{ {dark} }} }}\n"
        f":is({_LIGHT}) {selector} {{ {light} }}\n"
        f":is({_DARK}) {selector} {{ {dark} }}\n"
    )


def inline_svg(draw: Callable[[], "Figure"], description: str) -> str:
    """Return a figure as an SVG element.

    Parameters
    ----------
    draw : callable
        Draws it, in the theme "page".
    description : str
        What is in it, for who cannot see it.

    Examples
    --------
    >>> from layerwise.draw import draw_network
    >>> svg = inline_svg(lambda: draw_network("3-4-4-1", theme="page"), "Two hidden layers.")
    >>> svg[:16], "var(--text)" in svg, 'aria-label="Two hidden layers."' in svg
    ('<svg class="plot', True, True)
    """
    figure = draw()
    root = fromstring(figure_bytes(figure, "svg"))
    references = {
        value.rpartition("#")[2].rstrip(")")
        for node in root.iter()
        for name, value in node.attrib.items()
        if name.endswith("href") or name == "clip-path"
    }
    # The same picture twice in a page is described in other words, and has other ids.
    prefix = f"f{zlib.crc32(description.encode(errors='replace')):08x}-"
    writer = _Writer(references, prefix, _told.get(figure, {}))
    _, _, width, _ = root.attrib["viewBox"].split()
    size = f"width:{_PIXELS * float(width):.0f}px;min-width:{_LEAST * float(width):.0f}px"
    return (
        f'<svg class="plot" viewBox="{root.attrib["viewBox"]}" style="{size}" role="img" '
        f'aria-label="{as_markup(description)}">{"".join(map(writer.write, root))}</svg>'
    )


class _Writer:
    """Elements of Matplotlib's SVG, written without what a page has already or nobody needs."""

    def __init__(self, references: set[str], prefix: str, told: "dict[str, Sequence[str]]") -> None:
        self.references, self.prefix, self.told = references, prefix, told
        self.titles: list[str] = []  # of marks that follow
        self.digits = 1

    def write(self, node: Element) -> str:
        tag = node.tag.rpartition("}")[2]
        if tag in {"metadata", "style"}:
            return ""
        if tag == "defs":
            self.digits = 3
        told = self.told.get(node.get("id", ""))
        title = ""
        if told is not None and len(told) == 1:
            title = _title(told[0])
        elif told is not None:
            self.titles = list(told[::-1])
        elif self.titles and tag in _DRAWN and self.digits == 1:
            title = _title(self.titles.pop())
        attributes = self._attributes(node)
        inner = title + as_markup(node.text or "") * (tag == "text")
        inner += "".join(map(self.write, node))
        if told is not None:
            self.titles = []
        if tag == "defs":
            self.digits = 1
        if (tag in {"g", "defs"} and not inner) or (tag == "g" and not attributes and not title):
            return inner
        return f"<{tag}{attributes}/>" if not inner else f"<{tag}{attributes}>{inner}</{tag}>"

    def _attributes(self, node: Element) -> str:
        named = ((key.rpartition("}")[2], value) for key, value in node.attrib.items())
        written = ((name, self._attribute(name, value)) for name, value in named)
        return "".join(f' {name}="{as_markup(value)}"' for name, value in written if value)

    def _attribute(self, name: str, value: str) -> str:
        """An attribute's value as it is in a page; "" where it is not needed."""
        if name == "id":
            return self.prefix + value if value in self.references else ""
        if name in {"href", "clip-path"}:
            return value.replace("#", f"#{self.prefix}")
        if name == "style":
            return _style(value)
        return "" if value.startswith("rotate(-0 ") else self._rounded(value)

    def _rounded(self, numbers: str) -> str:
        """Numbers in text with fewer digits than anyone can see, on one line."""
        short = re.sub(
            r"-?\d+\.\d+", lambda found: f"{round(float(found[0]), self.digits):g}", numbers
        )
        return re.sub(r"\s*([A-Za-z])\s*", r"\1", short) if "\n" in numbers else short


def _title(text: str) -> str:
    return f"<title>{as_markup(text)}</title>"


def _style(style: str) -> str:
    """Of a style what the page does not say already, with the page's colours."""
    kept = [
        ":".join(part.strip() for part in rule.split(":", 1))
        for rule in style.split(";")
        if not rule.strip().startswith("font-family")
    ]
    return re.sub("#[0-9a-f]{6}", lambda found: _VARIABLES.get(found[0], found[0]), ";".join(kept))
