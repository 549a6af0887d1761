"""Pictures on pages as narrow as a telephone's: panels arranged anew, drawings to be moved."""

import textwrap
from typing import Any

__all__ = ["is_large", "stacked"]

_WIDTH = 3.7  # inches, of 96 pixels each: a telephone's page
_LARGE = 6.0


def is_large(figure: Any) -> bool:
    """Whether a drawing without panels, as of a network, would be too small to read there."""
    is_drawing = all(ax.get_subplotspec() is None for ax in figure.axes)
    return is_drawing and bool(figure.get_size_inches()[0] > _LARGE)


def stacked(figure: Any) -> bool:
    """Put the panels of a figure below each other; False if they are already, or it has one."""
    from matplotlib.gridspec import GridSpec

    panels = [ax for ax in figure.axes if ax.get_subplotspec() is not None]
    grids = [ax.get_subplotspec().get_gridspec() for ax in panels]
    if len(panels) < 2 or max(grid.ncols for grid in grids) < 2:
        return False
    n_rows, n_columns = grids[0].nrows, grids[0].ncols
    width, height = figure.get_size_inches()
    of_rows = {
        ax.get_subplotspec().rowspan.start: ax
        for ax in reversed(panels)  # so that a row's first panel is the one that is kept
    }
    is_bare = [not _shows(ax, "labelbottom") for ax in panels]
    column = GridSpec(len(panels), 1, figure=figure)
    for i, ax in enumerate(panels):
        first = of_rows[ax.get_subplotspec().rowspan.start]
        if not ax.get_ylabel():
            ax.set_ylabel(first.get_ylabel(), fontsize=first.yaxis.label.get_fontsize())
        ax.tick_params(labelleft=_shows(first, "labelleft"), labelbottom=not is_bare[i])
        ax.set_subplotspec(column[i])
    # A panel keeps its shape, as wide as the page.
    panel_height = min(0.85 * _WIDTH, height / n_rows * max(1.0, _WIDTH / (width / n_columns)))
    figure.set_size_inches(_WIDTH, len(panels) * panel_height + 0.4)
    for text in (figure._suptitle, figure._supxlabel):
        if text is not None:
            letters = int(_WIDTH * 72 / (0.62 * text.get_fontsize()))
            text.set_text(textwrap.fill(" ".join(text.get_text().split()), letters))
    return True


def _shows(ax: Any, which: str) -> bool:
    axis = ax.xaxis if which == "labelbottom" else ax.yaxis
    name = "label1On"
    return bool(axis._major_tick_kw.get(name, True))
