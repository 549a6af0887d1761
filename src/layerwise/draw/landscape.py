"""The loss around a network's numbers, along two random directions."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from layerwise.architecture.lookup import check_count
from layerwise.arrays import Reals
from layerwise.draw.model_rows import rows_of
from layerwise.draw.panels import DASHES, SEQUENTIAL, entitle, finish, log_scale, note
from layerwise.draw.theme import find_theme, new_figure
from layerwise.language import counted, speaks, tr

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from layerwise.network import Network
    from layerwise.store.model_files import Model

_MOST_ROWS = 1_000


def normalized_direction(network: "Network", random: np.random.Generator) -> Reals:
    """A random direction in the space of a network's numbers, filter by filter of their size.

    Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", section 4: the numbers of each
    filter (here the weights into one node) are drawn from a normal distribution and scaled to the
    length of the network's own. Without it a landscape says more about the weights' size than
    about its shape: relu(2 z) / 2 is relu(z). All that is no weight stays as it is, biases too.

    Parameters
    ----------
    network : Network
    random : Generator

    Returns
    -------
    ndarray, shape (n_parameters,)

    Examples
    --------
    >>> from layerwise import Network
    >>> net = Network("3-4-1", seed=0, dtype="float64")
    >>> direction = Network.of(
    ...     net.architecture, normalized_direction(net, np.random.default_rng(0))
    ... )
    >>> np.linalg.norm(direction.weights[0], axis=0) - np.linalg.norm(
    ...     net.weights[0], axis=0
    ... ) < 1e-12
    array([ True,  True,  True,  True])
    """
    from layerwise.network import Network

    direction = Network.of(
        network.architecture, np.zeros_like(network.vector), np.zeros_like(network.state)
    )
    for own, weights in zip(network.weights, direction.weights, strict=True):
        drawn = random.normal(size=own.shape)
        drawn *= np.linalg.norm(own, axis=0) / np.maximum(np.linalg.norm(drawn, axis=0), 1e-30)
        weights[...] = drawn
    return direction.vector


@speaks
def draw_landscape(
    model: "Model",
    X: object,
    y: ArrayLike | None = None,
    *,
    reach: float = 1.0,
    steps: int = 25,
    member: int = 0,
    seed: int = 0,
    theme: str = "light",
    language: str | None = None,
) -> "Figure":
    """Draw the loss around a network's numbers along two directions (Li et al. 2018).

    Left, the loss at the numbers plus a times one random direction plus b times another, both
    filter-normalised (`normalized_direction`): at 1, every node's weights have changed by as much
    as they are long. Right, along each of them alone. Two directions of thousands are a glimpse:
    what looks like a bowl may be a saddle.

    Parameters
    ----------
    model : Network, or a fitted model of this package
    X : what the model predicts from
        Of more than 1,000 rows, so many are taken.
    y : array-like, shape (n,), or None
        The answers; None: those of the target's column.
    reach : float
        How far to go.
    steps : int
        Points along each direction.
    member : int
        Of a model that averages networks: which one, from 0.
    seed : int
        For the directions.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        Without answers; for a reach that is not positive, or fewer than 3 steps.

    Examples
    --------
    >>> from layerwise import Network
    >>> net = Network("1-3-1", seed=0)
    >>> figure = draw_landscape(net, [[0.0], [1.0]], [0.0, 1.0], steps=5)
    >>> figure.axes[0].get_title(loc="left")
    'loss of 2 rows'
    """
    colors = find_theme(theme)
    if not (np.isfinite(reach) and reach > 0):
        raise ValueError(f"reach must be a positive number; got {reach!r}")
    check_count("steps", steps, 3)
    rows = rows_of(model, X, y, member=member)
    if rows.y_network is None:
        raise ValueError("a loss needs the rows' answers: give y, or a table with the target")
    some = np.sort(np.random.default_rng(0).permutation(len(rows.x))[:_MOST_ROWS])
    x, codes, answers = rows.x[some], rows.codes[some], rows.y_network[some]
    random = np.random.default_rng(seed)
    first, second = (normalized_direction(rows.network, random) for _ in range(2))
    moved = rows.network.copy()

    def loss_at(a: float, b: float) -> float:
        moved.vector[:] = rows.network.vector + a * first + b * second
        return moved.loss(x, answers, rows.loss, codes=codes if codes.shape[1] else None)

    along = np.linspace(-reach, reach, steps)
    with np.errstate(over="ignore", invalid="ignore"):
        losses = np.array([[loss_at(a, b) for a in along] for b in along])
        lines = np.array([[loss_at(t, 0.0) for t in along], [loss_at(0.0, t) for t in along]])
    here = loss_at(0.0, 0.0)
    from matplotlib.colors import BoundaryNorm

    figure = new_figure(9.6, 4.8)
    plane, slices = figure.subplots(1, 2, width_ratios=[1.15, 1])
    levels = _levels(losses)
    shown = np.where(np.isfinite(losses), losses, levels[-1])
    filled = plane.contourf(
        along, along, shown, levels, cmap=SEQUENTIAL, norm=BoundaryNorm(levels, 256)
    )
    plane.contour(along, along, shown, levels, colors=colors.background, linewidths=0.5)
    plane.plot([0], [0], "D", color=colors.second, mec=colors.background, ms=7)
    plane.set_aspect("equal")
    title = tr("loss of {rows}", rows=counted(len(x), "row"))
    finish(plane, colors, title, tr("along the first direction"), tr("the second"))
    bar = figure.colorbar(filled, ax=plane, format="%.3g")
    finish(bar.ax, colors, "", "", tr("loss"))
    bar.outline.set_edgecolor(colors.faint)
    for line, color, dash, name in (
        (lines[0], colors.first, DASHES[0], tr("along the first")),
        (lines[1], colors.second, DASHES[1], tr("along the second")),
    ):
        slices.plot(along, line, color=color, ls=dash, label=name)
    slices.plot(
        [0], [here], "D", color=colors.text, ms=6, label=tr("the network: {loss:.3g}", loss=here)
    )
    if lines.min() > 0 and lines.max() > 30 * lines.min():
        log_scale(slices)
    slices.legend(loc="best", fontsize=8)
    finish(slices, colors, tr("along each direction alone"), tr("how far"), tr("loss"))
    title = tr("Loss around the numbers of {title}", title=rows.network.architecture.title)
    if rows.n_networks > 1:
        title += tr(" (network {i} of {n})", i=member + 1, n=rows.n_networks)
    entitle(figure, colors, title)
    note(
        figure, colors,
        tr(
            "Two random directions (seed {seed}); at 1 the weights into every node have changed by "
            "as much as they are long (Li et al. 2018).",
            seed=seed,
        ),
    )  # fmt: skip
    return figure


def _levels(losses: Reals) -> Reals:
    """Contours: further apart the higher the loss, since it often rises a hundredfold."""
    known = losses[np.isfinite(losses)]
    low, high = float(known.min()), float(known.max())
    if high <= low:
        return np.array([low - 0.5, low + 0.5])
    least = max((high - low) * 1e-3, 1e-12)
    return low + np.concatenate([[0.0], np.geomspace(least, 1.0001 * (high - low), 15)])
