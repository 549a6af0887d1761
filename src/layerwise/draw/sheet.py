"""A picture measured in points: text that is measured before it is placed."""

from functools import lru_cache
from typing import TYPE_CHECKING

from layerwise.draw.fonts import font_families, report_missing_letters
from layerwise.draw.theme import Theme
from layerwise.harmless_text import on_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

_POINTS = 72.0  # of an inch


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is drawn, in points.

    Examples
    --------
    >>> 20 < text_width("3-4-4-1", 9) < 60
    True
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    families = font_families(text, bold=bold)
    font = FontProperties(family=families, size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def clip_text(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """A text as it is, or with "…" in place of its middle where it is wider.

    Beginning and end stay, so that names that differ at either do so still.

    Examples
    --------
    >>> clip_text("median income of the block", 80, 9)
    'median…e block'
    """
    text = on_one_line(text)
    if text_width(text, size, bold=bold) <= width:
        return text
    low, high = 0, len(text) - 1  # letters kept: `low` of them fit, `high` may
    while low < high:
        kept = (low + high + 1) // 2
        if text_width(_without_middle(text, kept), size, bold=bold) <= width:
            low = kept
        else:
            high = kept - 1
    return _without_middle(text, low)


def _without_middle(text: str, kept: int) -> str:
    tail = kept // 2
    return f"{text[: kept - tail].rstrip()}…{text[len(text) - tail :].lstrip() if tail else ''}"


def clip_label(text: str, width: float, size: float) -> str:
    """A text as it is, or, where it is wider, with both sides of its "=" clipped.

    Each keeps half of the width, or more where the other needs less.

    Examples
    --------
    >>> clip_label("median income of the block = 2.5", 100, 9)
    'median…block = 2.5'
    """
    text = on_one_line(text)
    name, equals, value = text.rpartition(" = ")
    if not equals or text_width(text, size) <= width:
        return clip_text(text, width, size)
    width -= text_width(" = ", size)
    for_value = max(width / 2, width - text_width(name, size))
    value = clip_text(value, for_value, size)
    return f"{clip_text(name, width - text_width(value, size), size)} = {value}"


def wrap_text(text: str, width: float, size: float) -> list[str]:
    """A text as lines of at most so many points, broken between words.

    Examples
    --------
    >>> wrap_text("41 parameters: 36 weights + 9 biases", 110, 9)
    ['41 parameters: 36', 'weights + 9 biases']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(clip_text(word, width, size))
    return lines


class Sheet:
    """A figure whose coordinates are points, from its upper left corner.

    Parameters
    ----------
    width, height : float
        In points.
    theme : Theme
    """

    def __init__(self, width: float, height: float, theme: Theme) -> None:
        from layerwise.draw.shown_figure import ShownFigure

        self.theme = theme
        self.figure = ShownFigure(width / _POINTS, height / _POINTS)
        report_missing_letters(self.figure)
        self.figure.set_facecolor(theme.background)
        self.ax: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.ax.set_axis_off()
        self.ax.set_xlim(0, width)
        self.ax.set_ylim(height, 0)

    def text(
        self, x: float, y: float, text: str, size: float, *, align: str = "left",
        bold: bool = False, color: str | None = None, behind: bool = False, name: str | None = None,
    ) -> "Text":  # fmt: skip
        """Write one line, its middle at the height y.

        Parameters
        ----------
        align : {"left", "center", "right"}
            What of the text is at x.
        bold : bool
            For words of this package: other fonts may have no bold letters.
        behind : bool
            Whether to clear what is behind it.
        name : str or None
            An id, which it also has in a saved SVG file.
        """
        box = {"facecolor": self.theme.background, "edgecolor": "none", "pad": 1.0}
        return self.ax.text(
            x, y, text, fontsize=size, ha=align, va="center_baseline", gid=name,
            fontweight="bold" if bold else "normal", color=color or self.theme.text,
            fontfamily=font_families(text, bold=bold), parse_math=False,
            bbox=box if behind else None, zorder=5,
        )  # fmt: skip
