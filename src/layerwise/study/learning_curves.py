"""Scores against rows: the recommended network, the linear one, the trees, and every depth.

Each is fitted on growing shares of the rows that a fold trains on, each sample within the next, and
scored on the same rows held out. What twice the rows would bring is told by a power law (see
`layerwise.study.power_law`), of which it is said how it foretold the largest size from the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.arrays import Floats
from layerwise.study.compared_networks import compared_networks
from layerwise.study.curves import TREES
from layerwise.study.paired import PairedScores, folds_of_each
from layerwise.study.power_law import FEWEST_SIZES, Noise, PowerLaw, noise_of
from layerwise.study.recommendation import Recommendation
from layerwise.study.recommendation_rule import LEVEL
from layerwise.study.results import Split, StudyResults
from layerwise.study.statistics import Estimate, adjust_holm, estimate, estimate_score
from layerwise.study.written_scores import Units

if TYPE_CHECKING:
    import pyarrow as pa

# Of the difference that matters between networks: what is called nothing, and what is not taken for
# more than nothing.
_NOTHING, _LEAST = 1 / 4, 1 / 20
_MORE = 2  # times the rows


@dataclass(frozen=True)
class Interval:
    """Ends and middle of an interval of 95 %.

    Attributes
    ----------
    low, middle, high : float
    """

    low: float
    middle: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Scores of one model against rows.

    Attributes
    ----------
    name : str
        "linear", "2 x 64 relu", "gradient-boosted trees".
    number : int or None
        The configuration's; None: the trees.
    sizes : tuple of float
        Rows trained on, in the mean over splits, ascending.
    splits : tuple of (repeat, fold)
        Those with a score at every size.
    scores : ndarray, shape (n_splits, n_sizes)
        In the metric's own units.
    row_errors : tuple of float
        The standard error that its rows give a score, at each size; NaN: not known.
    guess : float
        The mean score of guessing; NaN: not known.
    test_share : float
        As of `StudyResults`.
    metric : str
    higher_is_better : bool
    """

    name: str
    number: int | None
    sizes: tuple[float, ...]
    splits: tuple[Split, ...]
    scores: Floats
    row_errors: tuple[float, ...]
    guess: float
    test_share: float
    metric: str
    higher_is_better: bool

    @cached_property
    def estimates(self) -> tuple[Estimate, ...]:
        """The mean score at each size."""
        return tuple(
            estimate_score(of_size, folds_of_each(self.splits), row_error)
            for of_size, row_error in zip(self.scores.T, self.row_errors, strict=True)
        )

    @property
    def rows(self) -> float:
        """The most rows trained on."""
        return self.sizes[-1]

    @property
    def more_rows(self) -> float:
        """Twice as many."""
        return _MORE * self.rows

    def _errors(self, scores: Any) -> Any:
        return 1.0 - scores if self.higher_is_better else scores

    @cached_property
    def _start(self) -> int:
        """From which size on the curve is better than guessing: before, there is no law."""
        means = self._errors(self.scores.mean(axis=0))
        worse = np.flatnonzero(means >= self._errors(self.guess))  # none where it is not known
        start = int(worse[-1]) + 1 if len(worse) else 0
        return min(start, len(self.sizes) - FEWEST_SIZES)

    def _law(self, noise: Noise, start: int, end: int) -> PowerLaw:
        means = self._errors(self.scores.mean(axis=0))
        sizes = np.array(self.sizes)[start:end]
        return PowerLaw(sizes, means[start:end], noise.between(start, end))

    def _noise(self, test_share: float) -> Noise:
        return noise_of(self._errors(self.scores), self.sizes, test_share)

    @cached_property
    def law(self) -> PowerLaw:
        """What the errors follow, 1 - score where higher is better."""
        return self._law(self._noise(self.test_share), self._start, len(self.sizes))

    def _interval(self, errors: tuple[float, float, float]) -> Interval:
        low, middle, high = errors
        return (
            Interval(1 - high, 1 - middle, 1 - low) if self.higher_is_better else Interval(*errors)
        )

    def line(self, sizes: Any) -> Floats:
        """The law's scores at some sizes."""
        return np.asarray(self._errors(self.law.middle(sizes)), np.float64)

    @cached_property
    def expected(self) -> Interval:
        """The score with twice the rows."""
        return self._interval(self.law.foretold(self.more_rows))

    @cached_property
    def gain(self) -> Interval:
        """How much better the score is with twice the rows, in the metric's own units."""
        return Interval(*self.law.gain(self.more_rows))

    @cached_property
    def foretold(self) -> Interval:
        """The score at the most rows, as the smaller sizes alone foretell it."""
        return self.foretold_at(0.95)

    def foretold_at(self, level: float) -> Interval:
        """The same with another level."""
        last = len(self.sizes) - 1
        start = max(0, min(self._start, last - FEWEST_SIZES))
        noise = self._noise(0.0)  # the same rows and splits: what is told is their mean
        law = self._law(noise, start, last)
        return self._interval(law.mean_foretold(self.rows, noise.covariance[-1, start:], level))

    @property
    def score(self) -> float:
        """The mean score at the most rows."""
        return self.estimates[-1].mean

    @property
    def is_foretold(self) -> bool:
        """Whether the smaller sizes foretell the largest one's score."""
        return self.score in self.foretold

    @cached_property
    def slope(self) -> Estimate:
        """How much better scores get for each doubling of the rows, on average."""
        places = np.log2(self.sizes[self._start :])
        errors = self._errors(self.scores)[:, self._start :]
        away = places - places.mean()
        return estimate(-errors @ away / (away @ away), self.test_share)

    def verdict(self, n_compared: int = 1) -> str:
        """What can be said of twice the rows: "more", "nothing" or "unknown".

        "more": rows are shown to help, by the paired test of the study on how scores change from
        size to size, and the law leaves no doubt that twice as many would, too; "nothing": at most
        a quarter of what matters between networks; "unknown": the smaller sizes do not foretell the
        largest, or both are possible.

        Parameters
        ----------
        n_compared : int
            Models that are spoken of in one breath (Bonferroni).
        """
        small = Units(self.metric).small(self.score)
        if not self.is_foretold:
            return "unknown"
        is_shown = self.slope.mean > 0 and self.slope.p_value < LEVEL / n_compared
        if is_shown and self.gain.low >= _LEAST * small:
            return "more"
        return "nothing" if self.gain.high < _NOTHING * small else "unknown"


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """All learning curves of a study.

    Attributes
    ----------
    models : tuple of LearningCurve
        The recommended network first; then the linear one, the best with hidden layers where a
        linear one is recommended, and the trees, as far as there are.
    depths : dict of int to int
        The network that stands for each number of hidden layers, by its number.
    sizes : tuple of float
        Rows trained on, ascending.
    scores : dict of int to tuple of (Estimate or None)
        Of each depth, at each size.
    over_linear, over_shallow : dict of int to tuple of (Estimate or None, float)
        Of each depth with hidden layers, at each size: how much better it is than the linear model,
        and than the fewest hidden layers, with the p-value corrected for all depths and sizes of
        the question (Holm 1979).
    """

    models: tuple[LearningCurve, ...]
    depths: Mapping[int, int]
    sizes: tuple[float, ...]
    scores: Mapping[int, tuple[Estimate | None, ...]]
    over_linear: Mapping[int, tuple[tuple[Estimate | None, float], ...]]
    over_shallow: Mapping[int, tuple[tuple[Estimate | None, float], ...]]

    def table(self) -> pa.Table:
        """Return a row for each fit of the models: model, rows, repeat, fold, score."""
        import pyarrow as pa

        lines = [
            (curve.name, size, *split, float(score))
            for curve in self.models
            for split, of_split in zip(curve.splits, curve.scores, strict=True)
            for size, score in zip(curve.sizes, of_split, strict=True)
        ]
        names = ("model", "rows", "repeat", "fold", "score")
        return pa.table(dict(zip(names, map(list, zip(*lines, strict=True)), strict=True)))


def learning_curves(results: StudyResults, recommendation: Recommendation) -> LearningCurves | None:
    """The learning curves of a study; None where it has none, or not on two splits yet."""
    shares = sorted(results.sample_sizes)
    if not results.sample_fits:
        return None
    paired = [PairedScores(results.on_share(share)) for share in shares]
    sizes = tuple(results.sample_sizes[share] for share in shares)
    depths = compared_networks(results, recommendation)
    ours = recommendation.number
    others = [recommendation.choice.linear]
    if not results.configurations[ours].hidden:
        hidden = [n for depth, n in depths.items() if depth]
        others += sorted(hidden, key=lambda n: _place(paired[-1], n, results))[:1]
    numbers = list(dict.fromkeys([ours, *(n for n in others if n is not None)]))
    models = [_curve(results, results.configurations[n].name, n, sizes, paired) for n in numbers]
    models.append(_curve(results, TREES, None, sizes, paired))
    known = tuple(curve for curve in models if curve is not None)
    if not known or known[0].number != ours:
        return None
    deep = {depth: number for depth, number in depths.items() if depth}
    return LearningCurves(
        known,
        depths,
        sizes,
        {depth: tuple(p.score(number) for p in paired) for depth, number in depths.items()},
        _leads(paired, deep, depths.get(0)),
        _leads(paired, dict(list(deep.items())[1:]), next(iter(deep.values()), None)),
    )


def _place(paired: PairedScores, number: int, results: StudyResults) -> float:
    score = paired.score(number)
    return math.inf if score is None else -score.mean if results.higher_is_better else score.mean


def _curve(
    results: StudyResults,
    name: str,
    number: int | None,
    sizes: tuple[float, ...],
    paired: Sequence[PairedScores],
) -> LearningCurve | None:
    """The curve of a model; None where fewer than two splits have a score at every size."""
    scores = [p.trees if number is None else p.scores[number] for p in paired]
    of_splits = np.stack(scores, axis=1)
    whole = np.asarray(np.isfinite(of_splits).all(axis=1))
    if whole.sum() < 2:
        return None
    splits = tuple(split for split, is_whole in zip(results.splits, whole, strict=True) if is_whole)
    guesses = [results.guesses[split] for split in splits if split in results.guesses]
    return LearningCurve(
        name,
        number,
        sizes,
        splits,
        of_splits[whole],
        tuple(math.nan if number is None else p.row_error(number) for p in paired),
        float(np.mean(guesses)) if guesses else math.nan,
        results.test_share,
        results.metric,
        results.higher_is_better,
    )


def _leads(
    paired: Sequence[PairedScores], numbers: Mapping[int, int], other: int | None
) -> dict[int, tuple[tuple[Estimate | None, float], ...]]:
    """How much better each network is than another at each size, and the corrected p-values."""
    if other is None:
        return {}
    leads = {depth: [p.lead(number, other) for p in paired] for depth, number in numbers.items()}
    flat = [lead for of_depth in leads.values() for lead in of_depth]
    p_values = iter(
        adjust_holm([math.nan if lead is None else lead.p_value for lead in flat]).tolist()
    )
    return {
        depth: tuple((lead, next(p_values)) for lead in of_depth)
        for depth, of_depth in leads.items()
    }
