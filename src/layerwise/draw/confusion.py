"""What was taken for what: a confusion matrix as a picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from layerwise.arrays import Integers
from layerwise.draw.theme import Theme, dress, figure_of, find_theme, new_figure, readable_on
from layerwise.language import speaks, tr
from layerwise.network.inputs import as_array
from layerwise.texts import letters, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# More classes than this, and the counts would be too small to read: colours alone are drawn.
_COUNTS_UP_TO = 25
_LONGEST = 28  # letters of a class's name
# The faintest share of colour of a cell that holds something.
_FAINTEST = 0.18


@speaks
def draw_confusion(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    class_names: Sequence[object],
    ax: "Axes | None" = None,
    *,
    theme: str = "light",
    language: str | None = None,
) -> "Figure":
    """Draw how many rows of each class were taken for each class.

    A line of cells for each true class, with its share of right answers behind it. Right answers
    are shaded in one colour and mistakes in another, by their share of the line; a cell without
    rows stays empty.

    Parameters
    ----------
    y_true, y_pred : array-like of int, shape (n,)
        Class numbers: the place of each class in `class_names`.
    class_names : sequence
        What to call the classes.
    ax : Axes or None
        Where to draw; None: in a new figure. The figure around the axes takes on the theme too.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure
        Save it with ``figure.savefig("confusion.png")``.

    Raises
    ------
    ValueError
        For no rows, numbers of rows that differ, or class numbers without a name.

    Examples
    --------
    >>> figure = draw_confusion([0, 0, 1, 2], [0, 1, 1, 2], ["Adelie", "Chinstrap", "Gentoo"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1', '1', '1', '1', '50 %', '100 %', '100 %', 'right']
    """
    colors = find_theme(theme)
    names = [shortened(name, _LONGEST) for name in class_names]
    counts = _count(y_true, y_pred, len(names))
    if ax is None:
        side = 2.2 + 0.42 * min(max(len(names), 4), _COUNTS_UP_TO)
        ax = new_figure(side + 0.6, side).subplots()
    _draw_cells(ax, counts, colors)
    n_right, n = int(np.trace(counts)), int(counts.sum())
    title = tr("{k:,} of {n:,} right ({share:.1f} %)", k=n_right, n=n, share=100 * n_right / n)
    ax.set_title(title, loc="left", fontsize=11)
    places = np.arange(len(names))
    long = max(map(letters, names)) > (8 if len(names) <= 5 else 2)
    ax.set_xticks(places, names, rotation=45 if long else 0, ha="right" if long else "center")
    if long:
        for label in ax.get_xticklabels():
            label.set_rotation_mode("anchor")
    ax.set_yticks(places, names)
    if len(names) > _COUNTS_UP_TO:  # a line of text for each cell
        ax.tick_params(labelsize=max(2.5, min(8.0, 378 / len(names))))
    ax.set_xlabel(tr("predicted"))
    ax.set_ylabel(tr("true"))
    dress(ax, colors)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return figure_of(ax)


def _count(y_true: ArrayLike, y_pred: ArrayLike, n_classes: int) -> Integers:
    """Rows of each true class (first axis) taken for each class (second)."""
    true, predicted = as_array(y_true, "y_true"), as_array(y_pred, "y_pred")
    if true.ndim != 1 or true.shape != predicted.shape:
        raise ValueError(
            f"y_true and y_pred must be of one shape (n,); got {true.shape} and {predicted.shape}"
        )
    if not len(true):
        raise ValueError("y_true holds no rows; there is nothing to draw")
    for what, values in (("y_true", true), ("y_pred", predicted)):
        numeric = values.dtype.kind in "iubf"
        if not numeric or np.any(values != np.floor(values)):
            raise ValueError(f"{what} must hold class numbers 0, 1, 2, ...; got {values.dtype}")
        if values.min() < 0 or values.max() >= n_classes:
            raise ValueError(
                f"{what} must hold class numbers 0..{n_classes - 1}, one for each of the "
                f"{n_classes} class names; got {values.min()}..{values.max()}"
            )
    counts = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(counts, (true.astype(np.int64), predicted.astype(np.int64)), 1)
    return counts


def _draw_cells(ax: "Axes", counts: Integers, colors: Theme) -> None:
    """The shaded cells, their counts, and each line's share of right answers behind it."""
    from matplotlib.colors import to_rgb

    k = len(counts)
    rows = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(rows, 1)
    ink = np.where(counts > 0, _FAINTEST + (1 - _FAINTEST) * shares, 0.0)[:, :, None]
    full = np.where(np.eye(k, dtype=bool)[:, :, None], to_rgb(colors.first), to_rgb(colors.second))
    pixels = (1 - ink) * np.array(to_rgb(colors.background)) + ink * full
    ax.imshow(pixels, interpolation="nearest", aspect="equal")
    edges = np.arange(k + 1) - 0.5
    ax.hlines(edges, -0.5, k - 0.5, color=colors.faint, lw=0.6, clip_on=False)
    ax.vlines(edges, -0.5, k - 0.5, color=colors.faint, lw=0.6, clip_on=False)
    if k > _COUNTS_UP_TO:
        return
    for i, j in np.argwhere(counts):
        ax.text(
            j, i, f"{counts[i, j]:,}", ha="center", va="center", fontsize=10 if k <= 12 else 6,
            color=readable_on(pixels[i, j]),
        )  # fmt: skip
    for i in range(k):
        share = tr("{share:.0f} %", share=100 * shares[i, i]) if rows[i, 0] else tr("no rows")
        ax.text(k - 0.3, i, share, ha="left", va="center", fontsize=8, color=colors.text)
    ax.text(k - 0.3, k - 0.4, tr("right"), ha="left", va="top", fontsize=8, color=colors.text)
