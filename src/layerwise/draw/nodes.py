"""Each node's own view of a plane: what it gives on, for all values of two columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from layerwise.architecture.lookup import check_count
from layerwise.arrays import Reals
from layerwise.draw.boundary import draw_rows, name_axes
from layerwise.draw.model_rows import rows_of
from layerwise.draw.panels import diverging, entitle, finish, note
from layerwise.draw.plane import plane_of
from layerwise.draw.theme import find_theme, new_figure
from layerwise.language import speaks, tr

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from layerwise.store.model_files import Model

_MOST_LAYERS = 6
_MOST_ROWS = 2_000  # looked at for the nodes that differ most


@speaks
def draw_nodes(
    model: "Model",
    X: object,
    y: ArrayLike | None = None,
    columns: Sequence[str | int] | None = None,
    *,
    nodes: int = 6,
    member: int = 0,
    theme: str = "light",
    language: str | None = None,
) -> "Figure":
    """Draw what every hidden node gives on over the plane of two columns, a row for each layer.

    Blue is below 0 and orange above, each panel on a scale of its own, whose end its title says;
    the line is where the node's pre-activation is 0, which for relu is where it switches on. In a
    plain network that line is straight for nodes of the first layer; later ones bend it.

    Parameters
    ----------
    model : Network, or a fitted model of this package
    X, y, columns
        As for `draw_boundary`.
    nodes : int
        Of a wider layer, so many with the largest spread over the rows, in their order.
    member : int
        Of a model that averages networks: which one, from 0.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For a network without hidden layers, fewer than one node, or as `draw_boundary` does.

    Examples
    --------
    >>> from layerwise import Network
    >>> figure = draw_nodes(Network("2-3-1", seed=0), [[0.0, 1.0], [1.0, 0.0]])
    >>> [ax.get_title(loc="left").split(",")[0] for ax in figure.axes]
    ['layer 1 node 1', 'layer 1 node 2', 'layer 1 node 3']
    """
    colors = find_theme(theme)
    check_count("nodes", nodes)
    rows = rows_of(model, X, y, member=member)
    network = rows.network
    depth = network.architecture.depth
    if not depth:
        raise ValueError(f"{network.architecture.title} has no hidden layer, so no hidden nodes")
    plane = plane_of(rows, columns)
    on_plane = network.forward(plane.x, *([plane.codes] if plane.codes.shape[1] else []))
    some = np.random.default_rng(0).permutation(len(rows.x))[:_MOST_ROWS]
    on_rows = network.forward(rows.x[some], *([rows.codes[some]] if rows.codes.shape[1] else []))
    layers = list(range(depth))
    if depth > _MOST_LAYERS:
        layers = np.unique(np.linspace(0, depth - 1, _MOST_LAYERS).round()).astype(int).tolist()
    chosen = [_strongest(on_rows.activations[layer], nodes) for layer in layers]
    width = max(map(len, chosen))
    figure = new_figure(max(4.4, 2.1 * width), 2.0 * len(layers) + 1.2)
    grid = figure.subplots(len(layers), width, squeeze=False)
    for axes, layer, shown in zip(grid, layers, chosen, strict=True):
        for ax in axes[len(shown) :]:
            ax.remove()
        for ax, node in zip(axes, shown, strict=False):
            values = on_plane.activations[layer][:, node].reshape(plane.shape)
            end = float(np.abs(values).max()) or 1.0
            ax.pcolormesh(
                plane.across.edges, plane.up.edges, values, cmap=diverging(colors), vmin=-end,
                vmax=end, rasterized=True,
            )  # fmt: skip
            z = on_plane.pre_activations[layer][:, node].reshape(plane.shape)
            if plane.is_smooth and z.min() < 0 < z.max():
                ax.contour(
                    plane.across.values, plane.up.values, z, [0], colors=colors.text, linewidths=1
                )
            draw_rows(ax, plane, rows, colors, size=4)
            if ax.get_legend():
                ax.get_legend().remove()
            is_left, is_last = ax is axes[0], layer == layers[-1]
            name_axes(ax, plane)
            across, up = plane.axis_names(22, 22)
            across, up = across if is_last else "", up if is_left else ""
            name = tr("layer {i} node {j}, ±{end:.2g}", i=layer + 1, j=node + 1, end=end)
            finish(ax, colors, name, across, up, size=8)
            ax.tick_params(labelsize=7, labelbottom=is_last, labelleft=is_left)
    title = tr("What each hidden node of {title} gives on", title=network.architecture.title)
    if rows.n_networks > 1:
        title += tr(" (network {i} of {n})", i=member + 1, n=rows.n_networks)
    entitle(figure, colors, title)
    left_out = [
        tr("{n} of layer {i}", n=network.architecture.sizes[layer + 1] - len(shown), i=layer + 1)
        for layer, shown in zip(layers, chosen, strict=True)
        if network.architecture.sizes[layer + 1] > len(shown)
    ]
    parts = [plane.statement]
    if left_out:
        parts.append(tr("Nodes left out: {nodes}", nodes=", ".join(left_out)))
    if len(layers) < depth:
        parts.append(tr("Layers drawn: {k} of {n}", k=len(layers), n=depth))
    note(figure, colors, ". ".join(part for part in parts if part))
    return figure


def _strongest(activations: Reals, n: int) -> list[int]:
    """The nodes with the largest spread over the rows, in their order."""
    spread = activations.std(axis=0)
    return sorted(np.argsort(-spread, kind="stable")[:n].tolist())
