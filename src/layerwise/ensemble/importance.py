"""Which columns matter: how much worse predictions get when one column's cells are shuffled."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Codes, Floats, Reals
from layerwise.ensemble.ensemble import Ensemble, Rows
from layerwise.ensemble.folds import Problem
from layerwise.tables.preparation import Preparation
from layerwise.tables.targets import Targets
from layerwise.training.time_limit import NEVER, Deadline

_MOST_ROWS = 1_000
_MOST_COLUMNS = 200
_BLOCKS = 100
_FEWEST_REPEATS, _MOST_REPEATS, _SHUFFLES = 2, 5, 100


class TableModel(ABC):
    """What is asked of a fitted model of a table, such as `TableClassifier`."""

    preparation_: Preparation

    @property
    @abstractmethod
    def loss_name(self) -> str:
        """What `loss_of` gives, in words."""

    @abstractmethod
    def outputs(self, x: NDArray[np.float32], codes: Codes) -> Reals:
        """Return probabilities or numbers of prepared rows."""

    @abstractmethod
    def loss_of(self, outputs: Reals, y: Targets, weight: Reals | None = None) -> float:
        """Return the loss of outputs; y as `Task.encode` gives it."""

    @abstractmethod
    def outputs_of(self, average: Reals) -> Reals:
        """Return probabilities, shape (n, n_classes), or numbers, of the networks' average."""


@dataclass(frozen=True)
class Importance:
    """What shuffling each column cost.

    Attributes
    ----------
    names : tuple of str
        The columns that are used, the most important first; of many, those that matter most.
    values : ndarray, shape (n_columns, n_repeats)
        By how much the loss rose.
    loss : str
        "log loss", or "1 - R²".
    """

    names: tuple[str, ...]
    values: Floats
    loss: str

    def of(self, names: Sequence[str]) -> Floats:
        """The mean rise of each of these columns: never below 0, and 0 for one without values."""
        rises = dict(zip(self.names, self.values.mean(axis=1), strict=True))
        return np.array([max(0.0, rises.get(name, 0.0)) for name in names])


def permutation_importance(
    model: TableModel,
    prepared: Rows,
    y: Targets,
    *,
    weight: Reals | None = None,
    n_repeats: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
    deadline: Deadline = NEVER,
    outputs: Callable[[Reals, Codes], Reals] | None = None,
) -> Importance:
    """Shuffle one column at a time, and see how much larger the loss gets.

    Breiman 2001, "Random Forests", section 10. Of many rows, a thousand are taken. Of many columns,
    blocks are shuffled first, and then each column of the blocks that matter most.

    Parameters
    ----------
    model : TableClassifier or TableRegressor
    prepared : Rows
        Those that the model was not trained on.
    y : ndarray
        Their targets, as `Task.encode` gives them.
    weight : ndarray, shape (n,), or None
        How much each row counts.
    n_repeats : int or None
        None: five, and of more than twenty columns fewer, but two.
    seed : int
    progress : callable or None
        Called after each shuffle: progress(how many are done, how many there are).
    deadline : Deadline
    outputs : callable or None
        What predicts x and codes; None: the model.

    Raises
    ------
    TimeoutError
        If it would not be done before the deadline.
    """
    deadline.check(0.0)
    started = deadline.clock()
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(len(prepared))[:_MOST_ROWS])
    x, codes, y = prepared.x[rows], prepared.codes[rows], y[rows]
    weight = None if weight is None else weight[rows]
    predict = model.outputs if outputs is None else outputs
    usual = model.loss_of(predict(x, codes), y, weight)
    names = [column.name for column in model.preparation_.used]
    places = [model.preparation_.inputs_of(name) for name in names]

    if n_repeats is None:
        n_repeats = max(_FEWEST_REPEATS, min(_MOST_REPEATS, _SHUFFLES // len(names)))
    n_done, n_all = 0, len(names) * n_repeats
    if len(names) > _MOST_COLUMNS:
        n_all = _BLOCKS + _MOST_COLUMNS
    deadline.check(n_all * (deadline.clock() - started))

    def rises(columns: Sequence[int], n_times: int = 1) -> list[float]:
        """Shuffle columns, all in one order, so many times; of few rows, at once."""
        nonlocal n_done
        orders = [random.permutation(len(rows)) for _ in range(n_times)]
        inputs = [i for column in columns for i in places[column][0]]
        own_codes = [i for column in columns for i in places[column][1]]
        together, risen = max(1, _MOST_ROWS // max(1, len(rows))), []
        for first in range(0, n_times, together):
            shuffled = orders[first : first + together]
            order, n = np.concatenate(shuffled), len(shuffled)
            other_x, other_codes = np.tile(x, (n, 1)), np.tile(codes, (n, 1))
            other_x[:, inputs] = x[order][:, inputs]
            other_codes[:, own_codes] = codes[order][:, own_codes]
            for predicted in np.split(predict(other_x, other_codes), n):
                risen.append(model.loss_of(predicted, y, weight) - usual)
                n_done += 1
                if progress is not None:
                    progress(n_done, n_all)
        return risen

    chosen = list(range(len(names)))
    if len(names) > _MOST_COLUMNS:
        blocks = np.array_split(np.arange(len(names)), _BLOCKS)
        best = np.argsort([-rises(block.tolist())[0] for block in blocks], kind="stable")
        n_kept = max(1, _MOST_COLUMNS * _BLOCKS // len(names))
        chosen = [int(i) for b in sorted(best[:n_kept]) for i in blocks[b]]
        n_repeats, n_all = 1, _BLOCKS + len(chosen)
    names = [names[i] for i in chosen]
    values = np.array([rises([i], n_repeats) for i in chosen])
    values = values.reshape(len(names), n_repeats)
    order = np.argsort(-values.mean(axis=1), kind="stable")
    return Importance(tuple(names[i] for i in order), values[order], model.loss_name)


@dataclass(frozen=True)
class HeldOutRows:
    """Some of the rows that a model was trained on, each with the networks that were not.

    Attributes
    ----------
    ensemble : Ensemble
        Those networks; what each held out are places among these rows.
    x : ndarray of float32, shape (n, n_inputs)
    codes : ndarray of int32, shape (n, n_codes)
    y : ndarray
        The rows' targets, as `Task.encode` gives them.
    weight : ndarray, shape (n,), or None
    """

    ensemble: Ensemble
    x: NDArray[np.float32]
    codes: Codes
    y: Targets
    weight: Reals | None

    def __len__(self) -> int:
        return len(self.x)

    @classmethod
    def of(cls, ensemble: Ensemble, problem: Problem, y: Targets) -> "HeldOutRows":
        """A thousand, or all there are, of the rows of a problem."""
        known = np.unique(np.concatenate([member.held_out for member in ensemble.members]))
        rows = np.sort(np.random.default_rng(0).permutation(known)[:_MOST_ROWS])
        place = np.full(len(problem), -1)
        place[rows] = np.arange(len(rows))
        places = [place[member.held_out] for member in ensemble.members]
        members = [
            replace(member, held_out=own[own >= 0])
            for member, own in zip(ensemble.members, places, strict=True)
            if (own >= 0).any()
        ]
        weight = None if problem.weight is None else problem.weight[rows]
        return cls(Ensemble(members), problem.x[rows], problem.codes[rows], y[rows], weight)

    def importance(self, model: TableModel) -> Importance:
        """What shuffling each column costs the networks that did not train on a row."""

        def outputs(x: Reals, codes: Codes) -> Reals:
            n = len(self)
            tables = [replace(self, x=x[i : i + n], codes=codes[i : i + n])
                      for i in range(0, len(x), n)]  # fmt: skip
            averages = [self.ensemble.out_of_fold(table)[0] for table in tables]
            return model.outputs_of(np.concatenate(averages).astype(np.float64))

        return permutation_importance(model, self, self.y, weight=self.weight, outputs=outputs)
