"""Where to cut the range of a number into pieces: where the target changes most, or jumps."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Reals
from layerwise.ensemble.chances import chance_of_squares
from layerwise.tables.targets import taken_as_classes

# A piece has at least so many rows, or this share of them, whichever is less.
_LEAST_ROWS = 16
_LEAST_SHARE = 0.01
_FITTED_ROWS = 50_000
# A cut is worth an input of its own where it explains as much as of noise one in twenty does: so
# many rows' share of the target's spread.
_LEAST_GAIN = 4.0
# Rows on each side of a cut that say whether shares jump there, the fewest that can, and the chance
# of as much where they do not: of some thousand cuts none would be found.
_NEAREST, _FEWEST = 25, 5
_CHANCE = 1e-5
_TIMES = 2.0  # what differs there is so many times what differs on both sides of it
# A narrower step would show how numbers are rounded.
_LEAST_WIDTH = np.float32(1e-3)


def edges_by_quantiles(x: NDArray[np.float32], n_pieces: int) -> NDArray[np.float32]:
    """Return edges between which there are equally many rows.

    Gorishniy et al. 2022, section 3.2.1. A value that more rows have than a piece is to hold, such
    as the 0 of an amount that is seldom spent, counts as the rows of one piece: else the edges
    would fall on it, and all others would share what pieces are left.

    Parameters
    ----------
    x : ndarray, shape (n,)
    n_pieces : int

    Returns
    -------
    ndarray, shape (at most n_pieces + 1,)
        In rising order; empty where x has no two values.

    Examples
    --------
    >>> edges_by_quantiles(np.arange(9, dtype="float32"), 4)
    array([0., 2., 4., 6., 8.], dtype=float32)
    >>> edges_by_quantiles(np.repeat(np.arange(9, dtype="float32"), [92] + 8 * [1]), 4)
    array([0., 1., 3., 6., 8.], dtype=float32)
    """
    values, counts = np.unique(x, return_counts=True)
    n_rows, n_before = len(x), 0
    while n_rows != n_before:
        counts = np.minimum(counts, max(1, n_rows // n_pieces))
        n_rows, n_before = int(counts.sum()), n_rows
    shares = np.linspace(0, 1, n_pieces + 1)
    edges = np.quantile(np.repeat(values, counts), shares, method="inverted_cdf")
    return _apart(np.unique(edges.astype(np.float32)))


@taken_as_classes()
def edges_by_target(
    x: NDArray[np.float32],
    y: NDArray[np.generic],
    n_pieces: int,
    *,
    classes: bool,
    weight: Reals | None = None,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return edges where a decision tree on this number alone cuts, and has something of it.

    Gorishniy et al. 2022, section 3.2.2. Cuts that explain no more of the target than those of
    noise would are left out: networks learn such pieces by heart.

    Parameters
    ----------
    x : ndarray, shape (n,)
    y : ndarray, shape (n,) or (n, n_outputs)
    n_pieces : int
        At most so many.
    classes : bool
        Whether y holds class numbers.

    Returns
    -------
    ndarray, shape (at most n_pieces + 1,)
        In rising order; empty where x has no two values.

    Examples
    --------
    >>> x = np.linspace(0, 1, 200).astype("float32")
    >>> edges_by_target(x, x > 0.3, 2, classes=True).round(2)
    array([0. , 0.3, 1. ], dtype=float32)
    """
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    low, high = x.min(), x.max()
    if not low < high:
        return np.zeros(0, np.float32)
    if len(x) > _FITTED_ROWS:
        rows = np.random.default_rng(seed).permutation(len(x))[:_FITTED_ROWS]
        x, y = x[rows], y[rows]
        weight = weight if weight is None else weight[rows]
    tree = (
        (DecisionTreeClassifier if classes else DecisionTreeRegressor)(
            max_leaf_nodes=max(2, n_pieces),
            min_samples_leaf=max(1, min(_LEAST_ROWS, int(_LEAST_SHARE * len(x)))),
            random_state=seed % 2**32,
        )
        .fit(x[:, None], y, sample_weight=weight)
        .tree_
    )
    spread = tree.impurity * tree.weighted_n_node_samples
    inner = np.flatnonzero(tree.feature >= 0)
    gain = spread[inner] - spread[tree.children_left[inner]] - spread[tree.children_right[inner]]
    cuts = tree.threshold[inner[gain >= _LEAST_GAIN * spread[0] / len(x)]]
    return _apart(np.unique(np.concatenate([[low], cuts, [high]]).astype(np.float32)))


def jumps_of_classes(
    x: NDArray[np.float32], y: NDArray[np.integer], cuts: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return between which two numbers the classes' shares jump: the nearest that rows have.

    Between two edges a piece rises evenly, so that what a limit decides is learned as a slope. With
    an edge at both numbers beside the cut it is a step. Shares jump where the nearest rows on both
    sides, with all that have the nearest number, differ by more than chance (chi-squared), and by
    more than twice as much as the rows next to these differ from them: whole numbers between which
    all shares change have no limit.

    Parameters
    ----------
    x : ndarray, shape (n,)
    y : ndarray of int, shape (n,)
        Class numbers.
    cuts : ndarray, shape (n_cuts,)
        Such as those between the first and the last of `edges_by_target`.

    Returns
    -------
    ndarray, shape (n_jumps, 2)
        In rising order.

    Examples
    --------
    >>> x = np.arange(100, dtype="float32")
    >>> jumps_of_classes(x, x > 30, np.array([30.5, 60.5], "float32"))
    array([[30., 31.]], dtype=float32)
    """
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order].astype(np.int64)
    n, n_classes = len(x), int(y.max(initial=0)) + 1
    at = np.unique(np.searchsorted(x, cuts, side="right"))
    at = at[(at >= _FEWEST) & (at <= n - _FEWEST)]
    # On each side the nearest rows, or all of the nearest number; and those next to them.
    first, last = _start_of(x, at), _end_of(x, at)
    ends = np.stack([_start_of(x, first), first, at, last, _end_of(x, last)])
    counts = np.array(
        [
            [np.bincount(y[start:stop], minlength=n_classes) for start, stop in pairwise(parts)]
            for parts in ends.T
        ]
    ).reshape(len(at), 4, n_classes)
    counts = counts.swapaxes(0, 1)
    n_rows = np.diff(ends, axis=0)[..., None]
    whole = (counts[1] + counts[2]) / (n_rows[1] + n_rows[2])
    shares = counts / np.maximum(n_rows, 1)
    apart = (np.diff(shares, axis=0) ** 2 / np.where(whole > 0, whole, 1.0)).sum(axis=2)
    squares = apart[1] * (n_rows[1] * n_rows[2] / (n_rows[1] + n_rows[2]))[:, 0]
    degrees = np.maximum((whole > 0).sum(axis=1) - 1, 1)
    beside = np.where(n_rows[[0, 3], :, 0] > 0, apart[[0, 2]], 0.0).sum(axis=0)
    jumps = at[(chance_of_squares(squares, degrees) < _CHANCE) & (apart[1] > _TIMES * beside)]
    low, high = x[jumps - 1], x[jumps]
    wider = 0.5 * (_LEAST_WIDTH - (high - low)).clip(0)
    return np.column_stack([low - wider, high + wider])


def _start_of(x: NDArray[np.float32], end: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where the rows begin that are nearest to an end: some, or all of the last number."""
    number = np.searchsorted(x, x[(end - 1).clip(0)], side="left")
    return np.asarray(np.minimum((end - _NEAREST).clip(0), number))


def _end_of(x: NDArray[np.float32], start: NDArray[np.intp]) -> NDArray[np.intp]:
    number = np.searchsorted(x, x[start.clip(max=len(x) - 1)], side="right")
    return np.asarray(np.maximum((start + _NEAREST).clip(max=len(x)), number))


def with_jumps(edges: NDArray[np.float32], jumps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return edges with both ends of each jump among them, and none within it.

    Parameters
    ----------
    edges : ndarray, shape (n_edges,)
    jumps : ndarray, shape (n_jumps, 2)
        See `jumps_of_classes`.

    Examples
    --------
    >>> with_jumps(np.array([0, 30.5, 99], "float32"), np.array([[30, 31]], "float32"))
    array([ 0., 30., 31., 99.], dtype=float32)
    """
    if not len(edges) or not len(jumps):
        return edges
    within = ((edges[:, None] > jumps[:, 0]) & (edges[:, None] < jumps[:, 1])).any(axis=1)
    return _apart(np.unique(np.concatenate([edges[~within], jumps.ravel()])))


def _apart(edges: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without edges so close to the one before that a piece would have no width."""
    if len(edges) < 2:
        return np.zeros(0, np.float32)
    least = 1e-5 * max(1.0, float(edges[-1] - edges[0]))
    kept = [float(edges[0])]
    for edge in edges[1:]:
        if edge - kept[-1] > least:
            kept.append(float(edge))
    return np.array(kept, np.float32) if len(kept) > 1 else np.zeros(0, np.float32)
