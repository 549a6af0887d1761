"""Which columns matter: how much worse predictions get when one column's cells are shuffled."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.estimators.table import BaseTable
from layerwise.tables.preparation import Prepared

__all__ = ["Importance", "permutation_importance"]

_MOST_ROWS = 1_000


@dataclass(frozen=True)
class Importance:
    """What shuffling each column cost.

    Attributes
    ----------
    names : tuple of str
        The columns that are used, the most important first.
    values : ndarray, shape (n_columns, n_repeats)
        By how much the loss rose.
    loss : str
        "log loss", or "1 - R²".
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    loss: str


def permutation_importance(
    model: BaseTable, prepared: Prepared, y: NDArray[Any], *, n_repeats: int = 5, seed: int = 0
) -> Importance:
    """Shuffle one column at a time, and see how much larger the loss gets.

    Breiman 2001, "Random Forests", section 10. Of many rows, a thousand are taken.

    Parameters
    ----------
    model : TableClassifier or TableRegressor
    prepared : Prepared
        Rows that the model was not trained on.
    y : ndarray
        Their targets, as `Task.encode` gives them.
    n_repeats : int
    seed : int
    """
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(len(prepared))[:_MOST_ROWS])
    x, codes, y = prepared.x[rows], prepared.codes[rows], y[rows]
    usual = model.loss_of(model.outputs(x, codes), y)
    names = [column.name for column in model.preparation_.used]
    values = np.empty((len(names), n_repeats))
    for i, name in enumerate(names):
        inputs, own_codes = model.preparation_.inputs_of(name)
        for repeat in range(n_repeats):
            order = random.permutation(len(rows))
            other_x, other_codes = x.copy(), codes.copy()
            other_x[:, inputs] = x[order][:, inputs]
            other_codes[:, own_codes] = codes[order][:, own_codes]
            values[i, repeat] = model.loss_of(model.outputs(other_x, other_codes), y) - usual
    order = np.argsort(-values.mean(axis=1), kind="stable")
    return Importance(tuple(names[i] for i in order), values[order], model.loss_name)
