"""What a model is to be compared with: the trivial prediction, and gradient-boosted trees."""

from typing import TYPE_CHECKING

import numpy as np

from layerwise.arrays import Array, Integers
from layerwise.ensemble.splitting import split_rows
from layerwise.tables.targets import taken_as_classes
from layerwise.training.time_limit import NEVER, Deadline

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

ALL_ROUNDS, _MOST_CATEGORIES = 100, 255  # of HistGradientBoosting
_STOPPED_BY_OTHERS = 10_000  # rows above which trees are stopped by some of them
# Without it the leaves of a class of few rows grow without bound: on 2,592 rows of 234 classes the
# log loss of rows held out is 30.7 after 20 rounds, and 0.84 with it; of 26 and of 7 classes it was
# no higher with it (0.107 and 0.106, 0.135 and 0.101).
_L2_OF_CLASSES = 0.1
_MOST_TREES = 5_000  # in all, one for each class in a round
_MOST_CELLS = 2e9  # that all trees together are grown on: some six seconds of one thread
_FEWEST_ROUNDS = 20
_FEWEST_OF_MANY_CELLS = 8
# Cells up to which one thread is as fast as several; where others keep the cores busy, far faster.
_FEW_CELLS = 1_000_000


def trivial(
    y: Array, n_classes: int, n: int, weight: Array | None = None, *, absolute: bool = False
) -> Array:
    """Predict for every row the shares of the classes, or the mean.

    Parameters
    ----------
    y : ndarray, shape (n_train,) or (n_train, n_targets)
        Of the rows trained on: class numbers or numbers.
    n_classes : int
        0 for numbers.
    n : int
        Rows to predict.
    weight : ndarray, shape (n_train,), or None
        How much each row counts.
    absolute : bool
        Whether the absolute error is to be small, for which it is the median.

    Examples
    --------
    >>> trivial(np.array([0, 0, 0, 1]), 2, 1)
    array([[0.75, 0.25]])
    """
    if n_classes:
        counts = np.bincount(y, weight, minlength=n_classes)
        return np.tile(counts / counts.sum(), (n, 1))
    if not absolute:
        middle = np.average(y, axis=0, weights=weight)
    elif weight is None:
        middle = np.median(y, axis=0)
    else:
        middle = np.quantile(y, 0.5, axis=0, weights=weight, method="inverted_cdf")
    return np.repeat(np.asarray(middle)[None], n, axis=0)


def rounds_for(n_classes: int, n_cells: int) -> int:
    """How many rounds of boosting so many classes are given.

    Each class has a tree in each round, so that more than fifty take long, of many cells longer.

    Parameters
    ----------
    n_classes : int
    n_cells : int
        Rows times inputs.

    Examples
    --------
    >>> rounds_for(26, 10_000_000), rounds_for(140, 10_000), rounds_for(241, 850_000)
    (100, 35, 9)
    """
    if n_classes * ALL_ROUNDS <= _MOST_TREES:
        return ALL_ROUNDS
    of_time = int(_MOST_CELLS / max(1, n_cells * n_classes))
    n_rounds = max(_FEWEST_ROUNDS, _MOST_TREES // n_classes)
    return min(n_rounds, max(_FEWEST_OF_MANY_CELLS, of_time))


@taken_as_classes()
def boosted_trees(
    x: Array,
    codes: Array,
    y: Array,
    x_test: Array,
    codes_test: Array,
    *,
    n_classes: int,
    n_rounds: int = ALL_ROUNDS,
    weight: Array | None = None,
    absolute: bool = False,
    seed: int = 0,
    n_threads: int | None = None,
    deadline: Deadline = NEVER,
) -> Array:
    """Predict with scikit-learn's gradient-boosted trees, at their defaults but for what follows.

    They get what the networks get; scaling numbers makes no difference to a tree. Of several
    classes each leaf is held back a little (L2), without which rare classes end in nonsense.

    Parameters
    ----------
    x, codes, x_test, codes_test : ndarray
        Prepared rows to train on and to predict.
    y : ndarray
        Class numbers or numbers.
    n_classes : int
        0 for numbers.
    n_rounds : int
        Of boosting; with fewer than `ALL_ROUNDS` none is left out.
    weight : ndarray, shape (n,), or None
    absolute : bool
        Whether the absolute error is to be small, of numbers.
    seed : int
    n_threads : int or None
        None: as many as pay.
    deadline : Deadline
        Where there is one, a few trees are grown first, to see how long all of them take.

    Raises
    ------
    TimeoutError
        If they would not be done before the deadline.

    Returns
    -------
    ndarray
        Probabilities, shape (n_test, n_classes), or numbers.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    is_few = [False] * x.shape[1] + [
        bool(column.max(initial=0) < _MOST_CATEGORIES - 1) for column in codes.T
    ]
    train, test = (
        np.concatenate([numbers, integers.astype(np.float32)], axis=1)
        for numbers, integers in ((x, codes), (x_test, codes_test))
    )
    kept = _distinct(train, is_few)
    train, test = train[:, kept], test[:, kept]
    settings: dict[str, object] = {
        "categorical_features": [place for place, i in enumerate(kept) if is_few[i]] or None,
        "random_state": seed % 2**32,
    }
    kind = HistGradientBoostingClassifier if n_classes else HistGradientBoostingRegressor
    if absolute and not n_classes:
        settings["loss"] = "absolute_error"
    fitted_rows: Integers | slice = slice(None)
    held_out: dict[str, Array] = {}
    if n_classes > 2:
        settings["l2_regularization"] = _L2_OF_CLASSES
    if n_rounds < ALL_ROUNDS:
        settings |= {"max_iter": n_rounds, "early_stopping": False}
    elif n_classes and len(y) > _STOPPED_BY_OTHERS and (np.bincount(y) == 1).any():
        # scikit-learn holds rows out to stop by, and cannot where a class has one row.
        split = split_rows(len(y), test_size=0.1, classes=y, seed=seed)
        fitted_rows = split.train
        held_out = {"X_val": train[split.test], "y_val": y[split.test]}
        if weight is not None:
            held_out["sample_weight_val"] = weight[split.test]
    targets = y.reshape(len(y), -1)
    columns = []
    with threadpool_limits(1 if train.size <= _FEW_CELLS else n_threads, "openmp"):
        for k in range(targets.shape[1]):
            model = kind(**settings)
            if k == 0 and deadline.at < np.inf:
                seconds = _seconds_of(model, train, targets[:, 0], deadline)
                deadline.check(seconds * targets.shape[1])
            model.fit(
                train[fitted_rows],
                targets[fitted_rows, k],
                sample_weight=None if weight is None else weight[fitted_rows],
                **held_out,
            )
            if n_classes:
                p = np.zeros((len(test), n_classes))
                p[:, model.classes_.astype(int)] = model.predict_proba(test)
                return p
            columns.append(model.predict(test))
    return np.stack(columns, axis=1).reshape((len(test), *y.shape[1:]))


def _distinct(x: Array, is_few: list[bool]) -> list[int]:
    """Which inputs trees can split by: not one that is the same for all rows, or one's copy."""
    first: dict[tuple[bool, bytes], int] = {}
    for i, column in enumerate(x.T):
        if (column != column[0]).any():
            first.setdefault((is_few[i], column.tobytes()), i)
    return list(first.values()) or [0]


def _seconds_of(model: "BaseEstimator", x: Array, y: Array, deadline: Deadline) -> float:
    """How long a model would take to fit, found by growing one tree and four."""
    from sklearn.base import clone

    took: list[float] = []
    for n in (1, 4):
        deadline.check(took[0] if took else 0.0)
        started = deadline.clock()
        clone(model).set_params(max_iter=n, early_stopping=False).fit(x, y)
        took.append(deadline.clock() - started)
    n_trees: int = model.max_iter
    return took[0] + (n_trees - 1) * max(0.0, took[1] - took[0]) / 3
