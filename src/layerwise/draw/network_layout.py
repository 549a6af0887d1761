"""Where the nodes of a drawn network stand: columns of nodes, long ones shortened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class NodeColumn:
    """One column of nodes: which of a layer's nodes are shown, and where some are left out.

    Attributes
    ----------
    layer : int
        0 for the inputs, 1 for the first hidden layer, the output layer last.
    n_nodes : int
        How many the layer has.
    shown : tuple of int
        Which are drawn, in rising order.
    gap : int or None
        Before which of the shown ones a row is left free for those that are not; None: all are
        shown.
    """

    layer: int
    n_nodes: int
    shown: tuple[int, ...]
    gap: int | None = None

    @property
    def n_rows(self) -> int:
        """Rows it needs: its nodes, and one for those left out."""
        return len(self.shown) + (self.gap is not None)

    @property
    def n_left_out(self) -> int:
        """Nodes that are not drawn."""
        return self.n_nodes - len(self.shown)


def choose_nodes(
    layer: int, n_nodes: int, most: int, strengths: ArrayLike | None = None
) -> NodeColumn:
    """Choose which nodes of a layer are drawn.

    Parameters
    ----------
    layer, n_nodes : int
        As in `NodeColumn`.
    most : int
        A layer longer by more than one is shortened to so many.
    strengths : array-like, shape (n_nodes,), or None
        Those with the largest are drawn; None: the first and the last ones.

    Examples
    --------
    >>> choose_nodes(1, 512, 4)
    NodeColumn(layer=1, n_nodes=512, shown=(0, 1, 510, 511), gap=2)
    >>> choose_nodes(1, 4, 2, strengths=[0.1, 0.9, 0.5, 0.2]).shown
    (1, 2)
    """
    if n_nodes <= most + 1:  # the row for one left out has room for it
        return NodeColumn(layer, n_nodes, tuple(range(n_nodes)))
    if strengths is None:
        last = most // 2
        first = most - last
        shown = (*range(first), *range(n_nodes - last, n_nodes))
        return NodeColumn(layer, n_nodes, shown, first)
    order = np.argsort(-np.asarray(strengths, np.float64), kind="stable")
    return NodeColumn(layer, n_nodes, tuple(sorted(order[:most].tolist())), most)


def visible_layers(n_layers: int, most: int) -> tuple[list[int], int | None]:
    """Choose which layers are drawn, and before which of the chosen ones some are left out.

    Parameters
    ----------
    n_layers : int
        All columns of nodes there are, the inputs among them.
    most : int
        Columns drawn, with that which stands for those left out; at least 4.

    Examples
    --------
    >>> visible_layers(4, 7)
    ([0, 1, 2, 3], None)
    >>> visible_layers(1002, 7)
    ([0, 1, 2, 3, 1000, 1001], 4)
    """
    if n_layers <= most:
        return list(range(n_layers)), None
    first = most - 3
    return [*range(first), n_layers - 2, n_layers - 1], first


def heights(column: NodeColumn, total: float, pitch: float) -> list[float]:
    """Where each row of a column stands, from the top; the column is centred.

    Parameters
    ----------
    column : NodeColumn
    total : float
        The picture's height.
    pitch : float
        Distance of one row to the next at most.

    Returns
    -------
    list of float
        The rows from the top, that of the nodes left out among them, at `column.gap`.

    Examples
    --------
    >>> heights(NodeColumn(1, 2, (0, 1)), total=90.0, pitch=30.0)
    [30.0, 60.0]
    """
    n = column.n_rows
    step = min(pitch, total / n)
    start = (total - step * (n - 1)) / 2
    return [start + step * row for row in range(n)]
