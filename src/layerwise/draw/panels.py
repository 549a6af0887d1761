"""What pictures of several panels share: grid, titles, a note below, colours of many things."""

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.draw.fonts import font_families
from layerwise.draw.theme import Theme, dress, new_figure
from layerwise.texts import letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from matplotlib.text import Text

# What tells lines and dots apart beside their colours.
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)))
MARKERS = "o^sDvP"
SEQUENTIAL = "cividis"  # a scale for numbers, readable in grey and with any colour vision


def panels(n: int, n_columns: int, width: float, height: float) -> "tuple[Figure, list[Axes]]":
    """Make a figure of `n` panels, at most so many beside each other, each of a size in inches.

    Rows are of nearly the same length: 6 panels, where 5 fit, are two rows of 3.
    """
    n_rows = -(-n // n_columns)
    n_columns = -(-n // n_rows)
    figure = new_figure(width * n_columns, height * n_rows + 0.4)
    axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for ax in axes[n:]:
        ax.remove()
    return figure, list(axes[:n])


def finish(
    ax: "Axes", colors: Theme, title: str, x: str = "", y: str = "", *, size: float = 9.5
) -> None:
    """Name a panel and what its axes are, and give it a theme's colours."""
    ax.set_title(title, loc="left", fontsize=size)
    ax.set_xlabel(x, fontsize=9)
    ax.set_ylabel(y, fontsize=9)
    ax.tick_params(labelsize=8)
    dress(ax, colors)


def entitle(figure: "Figure", colors: Theme, title: str) -> "Text":
    """Write a line above all panels."""
    figure.set_facecolor(colors.background)
    return figure.suptitle(
        _wrapped(title, figure, 12), x=0.02, ha="left", fontsize=12, color=colors.text,
        family=font_families(title),
    )  # fmt: skip


def legend_below(figure: "Figure", ax: "Axes", colors: Theme, *, grid: str = "y") -> None:
    """Dress the axes of a picture whose legend stands below it, with lines along an axis."""
    ax.tick_params(labelsize=9)
    dress(ax, colors)
    ax.grid(axis=grid, color=colors.faint, lw=0.6)  # type: ignore[arg-type]
    ax.set_axisbelow(True)
    handles, labels = ax.get_legend_handles_labels()
    if not labels:
        return
    across = 2 if max(map(letters, labels)) < 34 else 1
    legend = figure.legend(
        handles, labels, loc="outside lower left", ncols=across, fontsize=9.5, frameon=False
    )
    for text in legend.get_texts():
        text.set(color=colors.text, fontfamily=font_families(text.get_text()))


def note(figure: "Figure", colors: Theme, text: str) -> None:
    """Write small lines below all panels."""
    figure.supxlabel(
        _wrapped(text, figure, 8), x=0.02, ha="left", fontsize=8, color=colors.text,
        family=font_families(text),
    )  # fmt: skip


def log_scale(ax: "Axes") -> None:
    """A logarithmic axis up, with plain numbers at 1 and 3 of each decade."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0), numticks=12))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _wrapped(text: str, figure: "Figure", size: float) -> str:
    """Text in lines that a figure is wide enough for; Korean letters are nearly as wide as two."""
    wide = letters(text) / max(1, len(text)) - 1
    per_inch = 72 / (0.56 * size * (1 + 0.8 * wide))
    filled = textwrap.fill(text, max(20, int(per_inch * (figure.get_figwidth() - 0.4))))
    return filled.replace("\u00a0", " ")


def class_colors(colors: Theme, n: int) -> list[str]:
    """A colour for each of up to six classes, grey for those beyond."""
    known = colors.palette[:6]
    return [known[i] if i < len(known) else "#888888" for i in range(n)]


def layer_colors(colors: Theme, n: int) -> list[tuple[float, ...]]:
    """A colour for each layer, from the first to the last along what of a scale stands out."""
    from matplotlib import colormaps

    is_dark = sum(int(colors.background[i : i + 2], 16) for i in (1, 3, 5)) < 384
    low, high = (0.35, 1.0) if is_dark else (0.0, 0.6)
    return [colormaps["viridis"](t) for t in np.linspace(low, high, n)]


def diverging(colors: Theme) -> "Colormap":
    """From the first colour over the ground to the second."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(
        "layerwise", [colors.first, colors.background, colors.second]
    )
