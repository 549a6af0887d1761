"""Names of classes written on the ground where each is predicted, where there is room for them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerwise.draw.fonts import font_families
from layerwise.draw.sheet import text_width
from layerwise.draw.theme import Theme
from layerwise.texts import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["name_regions", "roomiest_place"]

Array = NDArray[np.float64]
_SIZE = 8.0  # of the text, in points
_LONGEST = 16


def name_regions(
    ax: "Axes",
    winner: NDArray[np.int64],
    edges: tuple[Array, Array],
    names: Sequence[object],
    colors: Theme,
) -> None:
    """Write each class's name into its region; one whose region is too small stays without.

    The figure is laid out for it, so nothing around the axes should change later.

    Parameters
    ----------
    ax : Axes
    winner : ndarray of int, shape (n_up, n_across)
        The class at each point of the plane.
    edges : two ndarrays
        Where the points' cells begin and end, across and up.
    names : sequence
    colors : Theme
    """
    figure: Any = ax.get_figure(root=True)
    figure.draw_without_rendering()
    room = ax.get_window_extent()
    points = 72 / figure.dpi
    n_up, n_across = winner.shape
    across, up = (np.asarray(edge, np.float64) for edge in edges)
    for number in np.unique(winner):
        name = shortened(names[int(number)], _LONGEST)
        width = (text_width(name, _SIZE) + 4) / (room.width * points / n_across)
        height = 1.6 * _SIZE / (room.height * points / n_up)
        place = roomiest_place(winner == number, int(np.ceil(height)), int(np.ceil(width)))
        if place is None:
            continue
        i, j = place
        ax.text(
            (across[j] + across[j + 1]) / 2, (up[i] + up[i + 1]) / 2, name, fontsize=_SIZE,
            ha="center", va="center", color=colors.text, fontfamily=font_families(name),
            parse_math=False, zorder=5,
            bbox={"facecolor": colors.background, "edgecolor": "none", "pad": 1.0, "alpha": 0.8},
        )  # fmt: skip


def roomiest_place(region: NDArray[np.bool_], height: int, width: int) -> tuple[int, int] | None:
    """Where a box of so many cells lies wholly in a region, as far from its border as can be.

    Examples
    --------
    >>> region = np.zeros((7, 9), bool)
    >>> region[1:6, 2:7] = True
    >>> roomiest_place(region, 1, 3), roomiest_place(region, 1, 6)
    ((3, 4), None)
    """
    from scipy.ndimage import distance_transform_edt, minimum_filter

    fits = minimum_filter(region, (height | 1, width | 1), mode="constant", cval=False)
    if not fits.any():
        return None
    distance = distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    i, j = np.unravel_index(np.argmax(np.where(fits, distance, 0)), region.shape)
    return int(i), int(j)
