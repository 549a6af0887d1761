"""Several networks, each trained without one fold of the rows, and their average.

In the average those networks count for more that predict the rows they did not train on better.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Codes, Floats, Integers, Reals
from layerwise.ensemble.folds import Problem
from layerwise.ensemble.scores import row_losses
from layerwise.language import said, said_list
from layerwise.network import Network
from layerwise.texts import plural
from layerwise.training import History

# How much is made of a kind's loss and of a network's own, and half of it of how many rows.
_OF_KIND, _ROWS_OF_KIND = 8.0, 1000
_OF_ONE, _ROWS_OF_ONE = 3.0, 400
# One row that nobody can foresee is to decide nothing.
_KINDS_DIFFER, _MOST_OF_MEAN = (0.75, 1.25), 2.0


class Rows(Protocol):
    """Prepared rows, as networks take them."""

    @property
    def x(self) -> NDArray[np.float32]:
        """Numbers, shape (n, n_inputs)."""

    @property
    def codes(self) -> Codes:
        """Codes of categories, shape (n, n_codes)."""

    def __len__(self) -> int:
        """Return n."""


@dataclass
class Member:
    """One of an ensemble's networks.

    Attributes
    ----------
    network : Network
    history : History
    held_out : ndarray of int64
        The rows it did not train on and is measured by; its epoch was chosen by them, or, where
        rows have an order in time, by those before them.
    measured : Network or None
        Where rows have an order in time: the network trained on the rows before those held out, as
        `network` was on all: for as many epochs as were best, in the median of the networks that
        later rows stopped; the history is that of one of these.
    kind : int
        Networks that were made alike, as `ensemble_training.network_for` takes turns, have one.
    weight : float
        How much it counts in the average; the mean of all is 1.
    """

    network: Network
    history: History
    held_out: Integers
    measured: Network | None = None
    kind: int = 0
    weight: float = 1.0


@dataclass(repr=False)
class Ensemble:
    """Networks whose outputs are averaged.

    Attributes
    ----------
    members : list of Member
    stopped : str
        "" or why not all networks were trained to their end: "interrupted", "time limit".
    diverged : dict of int to str
        Networks that were left out, by their number from 1 on: what became of their loss.
    diverged_later : dict of int to str
        Where rows have an order in time: networks that diverged when they were trained again, and
        are what they were before.
    """

    members: list[Member] = field(default_factory=list)
    stopped: str = ""
    diverged: dict[int, str] = field(default_factory=dict)
    diverged_later: dict[int, str] = field(default_factory=dict)

    def __call__(self, x: Reals, codes: Codes, n_threads: int | None = None) -> Reals:
        """Average of the networks' outputs, shape (n, n_outputs), float64."""
        total = np.zeros((len(x), self.members[0].network.architecture.n_outputs))
        for member in self.members:
            outputs = member.network(x, codes, n_threads=n_threads)
            total += np.multiply(outputs, member.weight, dtype=np.float64)
        return np.asarray(total / self.weights.sum())

    def __repr__(self) -> str:
        of = f" like {self.members[0].network.architecture.title}" if self.members else ""
        return f"<Ensemble of {plural(len(self.members), 'network')}{of}>"

    @property
    def weights(self) -> Floats:
        """How much each network counts in the average, shape (n_networks,)."""
        return np.array([member.weight for member in self.members])

    def out_of_fold(self, rows: Rows) -> tuple[Reals, Reals, Integers]:
        """Predictions of rows by the networks that did not train on them.

        Returns
        -------
        average : ndarray, shape (n, n_outputs)
            Weighted as these networks are in the average of all.
        first : ndarray, shape (n, n_outputs)
            Of one network alone.
        counts : ndarray of int, shape (n,)
            How many networks did not train on a row.
        """
        n, k = len(rows), self.members[0].network.architecture.n_outputs
        total, first = np.zeros((n, k), np.float32), np.zeros((n, k), np.float32)
        weights, counts = np.zeros(n, np.float32), np.zeros(n, np.int64)
        for member in self.members:
            places = member.held_out
            network = member.measured or member.network
            outputs = network(rows.x[places], rows.codes[places])
            new = counts[places] == 0
            first[places[new]] = outputs[new]
            total[places] += np.float32(member.weight) * outputs
            weights[places] += np.float32(member.weight)
            counts[places] += 1
        total /= np.where(counts > 0, weights, 1.0)[:, None]
        return total, first, counts


def weigh(ensemble: Ensemble, problem: Problem) -> None:
    """Give more weight to networks whose loss on the rows they did not train on is small.

    A network's weight is multiplied by exp(-8 k K - 3 l L). L is its loss on the rows it held out,
    relative to the mean of all networks, and 2 at most; K that of all networks of its kind,
    relative to what those of all kinds lose on the same rows, 3/4 to 5/4: 1 where no row was held
    out by networks of several kinds. Measured by few rows, losses differ by chance, and little is
    made of that: k = N² / (N² + 1000²) for N rows held out in all, l = n² / (n² + 400²) for n by
    one network. In the order of time losses say more of the time than of the networks, whose
    weights stay as they are.

    Parameters
    ----------
    ensemble : Ensemble
        Its networks' weights are changed; their mean is 1.
    problem : Problem
        Whose rows were held out.
    """
    if problem.times is not None:
        return
    weight = np.ones(len(problem)) if problem.weight is None else problem.weight
    total, counts = np.zeros(len(problem)), np.zeros(len(problem), np.int64)
    losses, counted = [], []
    for member in ensemble.members:
        rows = member.held_out
        outputs = member.network(problem.x[rows], problem.codes[rows])
        losses.append(_losses(problem, outputs, rows) * weight[rows].astype(np.float64))
        counted.append(weight[rows].sum(dtype=np.float64))
        total[rows] += losses[-1]
        counts[rows] += 1
    sums = np.array([loss.sum() for loss in losses])
    if not (np.isfinite(sums).all() and sums.any() and all(counted)):
        return
    of_all = total / np.maximum(counts, 1)
    common = np.array([of_all[member.held_out].sum() for member in ensemble.members])
    kinds = np.array([member.kind for member in ensemble.members])
    of_kind = np.ones(len(kinds))
    for kind in np.unique(kinds[common > 0]):
        alike = kinds == kind
        of_kind[alike] = np.clip(sums[alike].sum() / common[alike].sum(), *_KINDS_DIFFER)
    own = sums / counted
    own = np.minimum(own / own.mean(), _MOST_OF_MEAN)
    n, n_all = float(np.mean([len(loss) for loss in losses])), float((counts > 0).sum())
    exponent = _OF_KIND * of_kind / (1.0 + (_ROWS_OF_KIND / n_all) ** 2)
    exponent += _OF_ONE * own / (1.0 + (_ROWS_OF_ONE / n) ** 2)
    weights = ensemble.weights * np.exp(-exponent)
    for member, one in zip(ensemble.members, weights / weights.mean(), strict=True):
        member.weight = float(one)


def _losses(problem: Problem, outputs: Reals, rows: Integers) -> Reals:
    """What each row costs by a network's outputs, as the model is judged."""
    if problem.is_classes:
        return row_losses(problem.y[rows], outputs, "log_loss")
    errors = (outputs - problem.y[rows]).astype(np.float64)
    return np.asarray((abs(errors) if problem.loss.metric == "mae" else errors**2).mean(axis=1))


def left_out(ensemble: Ensemble, what: str = said("networks")) -> tuple[str, ...]:
    """Sentences on the networks that diverged, where some did."""
    n = len(ensemble.diverged) + len(ensemble.members)

    def words(diverged: dict[int, str], one: str, more: str) -> str:
        which = [said("network {i}: {why}", i=i, why=why) for i, why in diverged.items()]
        return said(
            "{k} of {n} {what} diverged {became} ({which})",
            k=len(diverged),
            n=n,
            what=what,
            became=one if len(diverged) == 1 else more,
            which=said_list("; ", which),
        )

    found = []
    if ensemble.diverged:
        found.append(words(ensemble.diverged, said("and was left out"), said("and were left out")))
    if ensemble.diverged_later:
        found.append(
            words(
                ensemble.diverged_later,
                said("when trained again, on later rows too, and is what it was before"),
                said("when trained again, on later rows too, and are what they were before"),
            )
        )
    return tuple(found)
