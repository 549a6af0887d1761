"""Where to cut the range of a number into pieces: where the target changes most."""

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Reals
from layerwise.tables.targets import taken_as_classes

# A piece has at least so many rows, or this share of them, whichever is less.
_LEAST_ROWS = 16
_LEAST_SHARE = 0.01
_FITTED_ROWS = 50_000
# A cut is worth an input of its own where it explains as much as of noise one in twenty does: so
# many rows' share of the target's spread.
_LEAST_GAIN = 4.0


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
