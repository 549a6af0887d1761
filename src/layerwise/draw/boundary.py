"""What a model predicts over the plane of two columns: its decision boundary, or its surface."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from layerwise.arrays import Integers, Mask, Reals
from layerwise.draw.fonts import font_families
from layerwise.draw.model_rows import ModelRows, rows_of
from layerwise.draw.panels import (
    MARKERS,
    SEQUENTIAL,
    class_colors,
    diverging,
    entitle,
    finish,
    note,
)
from layerwise.draw.plane import Axis, Plane, plane_of
from layerwise.draw.sheet import text_width
from layerwise.draw.theme import Theme, figure_of, find_theme, new_figure
from layerwise.language import speaks, tr
from layerwise.texts import letters, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

    from layerwise.ensemble.decision import Decision
    from layerwise.store.model_files import Model

_MOST_DOTS = 400
_MOST_COLORED = 6
_NAME_SIZE, _LONGEST_NAME = 8.0, 16  # of a class on the ground: points, and letters
_LETTER = 5.0  # points that a letter of a tick's label is wide
_LINE = 11.0  # and high
_MANY_LABELS = 8  # of more, as many are shown as have room
_SLANTED = 0.85  # share of its length that a slanted one takes along the axis, with its height


@speaks
def draw_boundary(
    model: "Model",
    X: object,
    y: ArrayLike | None = None,
    columns: Sequence[str | int] | None = None,
    *,
    theme: str = "light",
    language: str | None = None,
) -> "Figure":
    """Draw what a model predicts for all values of two columns, and rows of the table.

    Of classes, the ground's colour is the class, the stronger the surer, and lines are where the
    predicted class changes; of more than six classes, which have not each a colour of their own,
    names stand where there is room for them. Of numbers, it is the number. The other columns are
    held at typical values of the rows, which the picture states; so a row whose others differ may
    lie on the wrong side though it is predicted right.

    Parameters
    ----------
    model : Network, or a fitted model of this package
        Of one number, or of classes.
    X : what the model predicts from
        For a table's model the target may be among the columns.
    y : array-like, shape (n,), or None
        The answers; None: those of the target's column, if there is one.
    columns : two names or numbers of columns, or None
        The first goes across, the second up; None: the two (of the first 200) whose shuffling
        changes the model's predictions for these rows most.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For columns that are not there or are free text; answers that are no class of the model; no
        rows.

    Examples
    --------
    >>> from layerwise import Network
    >>> net = Network("2-4-1:sigmoid", seed=0)
    >>> figure = draw_boundary(net, [[0.0, 1.0], [1.0, 0.0]], [1, 0])
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('x1', 'x2')
    """
    colors = find_theme(theme)
    rows = rows_of(model, X, y)
    plane = plane_of(rows, columns)
    figure = new_figure(6.6, 5.2)
    ax = figure.subplots()
    outputs = rows.outputs(plane.x, plane.codes)
    decision = _decision_of(model)
    mesh = shade(ax, plane, outputs, rows, colors, decision)
    limits = mesh.get_clim() if mesh is not None else None
    draw_rows(ax, plane, rows, colors, limits)
    name_axes(ax, plane)
    what = tr("class") if rows.classes and rows.target == "output" else rows.target
    finish(ax, colors, "", *plane.axis_names(50, 40))
    if mesh is not None:
        bar = figure.colorbar(mesh, ax=ax)
        finish(bar.ax, colors, "", "", shortened(rows.target))
        bar.outline.set_edgecolor(colors.faint)
    entitle(figure, colors, tr("Predicted: {values}", values=shortened(what, 60)))
    note(figure, colors, plane.statement)
    if len(rows.classes) > _MOST_COLORED and plane.is_smooth:
        winner = decision(outputs).reshape(plane.shape)
        _name_regions(ax, winner, (plane.across.edges, plane.up.edges), rows.classes, colors)
    return figure


def _name_regions(
    ax: "Axes", winner: Integers, edges: tuple[Reals, Reals], names: Sequence[object], colors: Theme
) -> None:
    """Write each class's name into its region; one whose region is too small stays without.

    The figure is laid out for it, so nothing around the axes should change later.
    """
    figure = figure_of(ax)
    figure.draw_without_rendering()
    room = ax.get_window_extent()
    points = 72 / figure.dpi
    n_up, n_across = winner.shape
    across, up = (np.asarray(edge, np.float64) for edge in edges)
    for number in np.unique(winner):
        name = shortened(names[int(number)], _LONGEST_NAME)
        width = (text_width(name, _NAME_SIZE) + 4) / (room.width * points / n_across)
        height = 1.6 * _NAME_SIZE / (room.height * points / n_up)
        place = _roomiest_place(winner == number, int(np.ceil(height)), int(np.ceil(width)))
        if place is None:
            continue
        i, j = place
        ax.text(
            (across[j] + across[j + 1]) / 2, (up[i] + up[i + 1]) / 2, name, fontsize=_NAME_SIZE,
            ha="center", va="center", color=colors.text, fontfamily=font_families(name),
            zorder=5,
            bbox={"facecolor": colors.background, "edgecolor": "none", "pad": 1.0, "alpha": 0.8},
        )  # fmt: skip


def _roomiest_place(region: Mask, height: int, width: int) -> tuple[int, int] | None:
    """Where a box of so many cells lies wholly in a region, as far from its border as can be.

    Examples
    --------
    >>> region = np.zeros((7, 9), bool)
    >>> region[1:6, 2:7] = True
    >>> _roomiest_place(region, 1, 3), _roomiest_place(region, 1, 6)
    ((3, 4), None)
    """
    from scipy.ndimage import distance_transform_edt, minimum_filter

    fits = minimum_filter(region, (height | 1, width | 1), mode="constant", cval=False)
    if not fits.any():
        return None
    distance = distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    i, j = np.unravel_index(np.argmax(np.where(fits, distance, 0)), region.shape)
    return int(i), int(j)


def _decision_of(model: "Model") -> "Decision":
    from layerwise.ensemble.decision import Decision
    from layerwise.estimators.table_classifier import TableClassifier

    return model.decision if isinstance(model, TableClassifier) else Decision()


def shade(
    ax: "Axes", plane: Plane, outputs: Reals, rows: ModelRows, colors: Theme, decision: "Decision"
) -> "QuadMesh | None":
    """Colour the plane by a model's outputs; returns the mesh whose scale needs a bar, or None."""
    edges = plane.across.edges, plane.up.edges
    if not rows.classes:
        values = outputs.reshape(plane.shape)
        mesh = ax.pcolormesh(*edges, values, cmap=SEQUENTIAL, rasterized=True)
        if plane.is_smooth and np.ptp(values) > 0:
            ax.contour(
                plane.across.values, plane.up.values, values, 8, colors=colors.background,
                linewidths=0.6, linestyles="solid",
            )  # fmt: skip
        return mesh
    if len(rows.classes) == 2:
        p, threshold = outputs[:, 1].reshape(plane.shape), decision.threshold
        # As strong as the distance from the threshold, which the ground's own colour stands for.
        side = np.where(p > threshold, 1 - threshold, threshold)
        ax.pcolormesh(
            *edges, (p - threshold) / side, cmap=diverging(colors), vmin=-1.35, vmax=1.35,
            rasterized=True,
        )  # fmt: skip
        levels = [(p, threshold)]
    else:
        from matplotlib.colors import to_rgb

        winner, scores = decision(outputs), decision.scores(outputs)
        sure = scores.max(axis=1) / scores.sum(axis=1)
        n = len(rows.classes)
        strength = 0.12 + 0.6 * np.clip((sure - 1 / n) / (1 - 1 / n), 0, 1)[:, None]
        full = np.array([to_rgb(color) for color in class_colors(colors, n)])[winner]
        pixels = (1 - strength) * np.array(to_rgb(colors.background)) + strength * full
        ax.pcolormesh(*edges, pixels.reshape(*plane.shape, 3), rasterized=True)
        ahead = scores - np.stack(
            [np.delete(scores, k, axis=1).max(axis=1) for k in range(n)], axis=1
        )
        levels = [(ahead[:, k].reshape(plane.shape), 0.0) for k in np.unique(winner)]
    if plane.is_smooth:
        for values, level in levels:
            if values.min() < level < values.max():
                ax.contour(
                    plane.across.values, plane.up.values, values, [level], colors=colors.text,
                    linewidths=1.2,
                )  # fmt: skip
    return None


def draw_rows(
    ax: "Axes",
    plane: Plane,
    rows: ModelRows,
    colors: Theme,
    limits: tuple[float | None, float | None] | None = None,
    size: float = 16,
) -> None:
    """Draw rows of the table as dots, by their class or number; some, where there are many."""
    across, up = _spread(plane.across, seed=1), _spread(plane.up, seed=2)
    x_ends, y_ends = plane.across.edges[[0, -1]], plane.up.edges[[0, -1]]
    inside = (across >= x_ends[0]) & (across <= x_ends[1]) & (up >= y_ends[0]) & (up <= y_ends[1])
    chosen = np.flatnonzero(inside)
    chosen = np.sort(np.random.default_rng(0).permutation(chosen)[:_MOST_DOTS])
    look: dict[str, Any] = {
        "s": size, "edgecolors": colors.background, "linewidths": min(0.5, size / 32),
        "zorder": 3,
    }  # fmt: skip
    if rows.y is None:
        ax.scatter(across[chosen], up[chosen], color=colors.text, alpha=0.6, **look)
    elif not rows.classes:
        low, high = limits or (None, None)
        ax.scatter(
            across[chosen], up[chosen], c=rows.y[chosen], cmap=SEQUENTIAL, vmin=low,
            vmax=high, **look,
        )  # fmt: skip
    else:
        shades = class_colors(colors, len(rows.classes))
        for k, name in enumerate(rows.classes):
            own = chosen[rows.y[chosen] == k]
            label = shortened(name) if k < _MOST_COLORED else None
            if k == _MOST_COLORED:
                n_more = len(rows.classes) - k
                label = shortened(name) if n_more == 1 else tr("{n:,} more", n=n_more)
            ax.scatter(
                across[own], up[own], color=shades[k], label=label,
                marker=MARKERS[k] if k < _MOST_COLORED else "X", **look,
            )  # fmt: skip
        ax.legend(
            loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0, fontsize=8,
            title=None,
        )  # fmt: skip
    ax.set(xlim=x_ends, ylim=y_ends)


def _spread(axis: Axis, seed: int) -> Reals:
    """Rows' places along an axis, those of one category side by side."""
    if not axis.labels:
        return axis.rows
    return axis.rows + np.random.default_rng(seed).uniform(-0.3, 0.3, len(axis.rows))


def name_axes(ax: "Axes", plane: Plane) -> None:
    """Label categories by name, and dates as dates."""
    for axis, place in ((ax.xaxis, plane.across), (ax.yaxis, plane.up)):
        if place.is_date:
            from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

            # With these two, each of its intervals fits every range up to the next larger unit.
            locator = AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
            axis.set_major_locator(locator)
            axis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    if plane.across.labels:
        labels = [shortened(label, 14) for label in plane.across.labels]
        points = 72 * figure_of(ax).get_figwidth() * ax.get_position().width
        widest = _LETTER * max(map(letters, labels)) + _LETTER
        long = widest > points / len(labels)
        every = 1
        if len(labels) > _MANY_LABELS:
            every = math.ceil(len(labels) * _SLANTED * widest / points)
        ax.set_xticks(
            plane.across.values[::every], labels[::every], rotation=40 if long else 0,
            ha="right" if long else "center", rotation_mode="anchor" if long else "default",
        )  # fmt: skip
    if plane.up.labels:
        labels = [shortened(label, 18) for label in plane.up.labels]
        points = 72 * figure_of(ax).get_figheight() * ax.get_position().height
        every = max(1, math.ceil(len(labels) * _LINE / points))
        ax.set_yticks(plane.up.values[::every], labels[::every])
