"""What many fits say together: means, ranks, geometric means of ratios, and the targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import Any, NamedTuple

from accuracy.models import LIGHTGBM, MLP, REALMLP
from accuracy.results import Result, disturbed
from accuracy.tables import Table

RATIO_TO_REALMLP = 0.87
RATIO_TO_LIGHTGBM = 1.0
WORSE_THAN_MLP = 1.02
TIME_TO_REALMLP = 1 / 3
ROWS_FOR_TIME = 2000


class Ratio(NamedTuple):
    """A geometric mean, over how many pairs of fits."""

    mean: float
    pairs: int


class Judged(NamedTuple):
    """A target: what was found, and whether it is met; None where fits are missing."""

    target: str
    found: str
    met: bool | None


class Summary:
    """Fits of some models on some tables with some seeds, not all of them there perhaps."""

    def __init__(
        self, results: Iterable[Result], tables: Sequence[Table], seeds: Sequence[int]
    ) -> None:
        self.tables = tables
        self.seeds = seeds
        self.fits = {(each["model"], each["table"], each["seed"]): each for each in results}

    def of(self, model: str, table: str) -> list[Result]:
        """That model's fits on that table, a seed each."""
        keys = ((model, table, seed) for seed in self.seeds)
        return [self.fits[key] for key in keys if key in self.fits]

    def score(self, model: str, table: str) -> float | None:
        """The mean over the seeds."""
        fits = self.of(model, table)
        return fmean(fit["score"] for fit in fits) if fits else None

    def seconds(self, model: str, table: str, what: str = "fit_seconds") -> float | None:
        """The median over the seeds; of fits that others did not disturb, if there are any."""
        fits = self.of(model, table)
        fits = [fit for fit in fits if not disturbed(fit)] or fits
        return median(fit[what] for fit in fits) if fits else None

    def ratio(
        self, model: str, other: str, value: Callable[[Result], float], table: str | None = None
    ) -> Ratio | None:
        """How many times another's, over the tables and seeds that both have."""
        logs = []
        for (name, where, seed), fit in self.fits.items():
            pair = self.fits.get((other, where, seed))
            if name == model and pair is not None and table in (None, where):
                logs.append(math.log(max(value(fit), 1e-12) / max(value(pair), 1e-12)))
        return Ratio(math.exp(fmean(logs)), len(logs)) if logs else None

    def rank(self, models: Sequence[str]) -> dict[str, float]:
        """The mean rank by score, where all of these models were fitted; 1 is the best."""
        ranks: dict[str, list[float]] = {model: [] for model in models}
        for table in self.tables:
            for seed in self.seeds:
                row = [self.fits.get((model, table.name, seed)) for model in models]
                scores = [fit["score"] for fit in row if fit is not None]
                if len(scores) < len(models):
                    continue
                for model, score in zip(models, scores, strict=True):
                    better = sum(other < score for other in scores)
                    equal = sum(other == score for other in scores)
                    ranks[model].append(better + (equal + 1) / 2)
        return {model: fmean(each) for model, each in ranks.items() if each}

    def worse_than_mlp(self, model: str) -> dict[str, float]:
        """Mean score over scikit-learn's MLP's, on the tables where it is over 1.02."""
        ratios = {}
        for table in self.tables:
            both = [
                (ours["score"], theirs["score"])
                for seed in self.seeds
                if (ours := self.fits.get((model, table.name, seed))) is not None
                and (theirs := self.fits.get((MLP, table.name, seed))) is not None
            ]
            ratio = sum(ours for ours, _ in both) / sum(mlp for _, mlp in both) if both else 0.0
            if ratio > WORSE_THAN_MLP:
                ratios[table.name] = ratio
        return ratios

    def times(self, model: str) -> dict[str, float]:
        """Fit time over RealMLP-TD's on each table of over 2,000 rows.

        Of fits that others did not disturb: a table that has none of either's is left out.
        """
        ratios = {}
        for table in self.tables:
            ours, theirs = (
                [fit_seconds(fit) for fit in self.of(name, table.name) if not disturbed(fit)]
                for name in (model, REALMLP)
            )
            if table.rows > ROWS_FOR_TIME and ours and theirs:
                ratios[table.name] = median(ours) / median(theirs)
        return ratios

    def targets(self, model: str) -> list[Judged]:
        """What is asked of the default, said of this model."""
        return [
            self._mean("score / RealMLP-TD's", model, REALMLP, RATIO_TO_REALMLP),
            self._mean("score / LightGBM's", model, LIGHTGBM, RATIO_TO_LIGHTGBM),
            self._never_worse(model),
            self._fast(model),
        ]

    def _complete(self, model: str, other: str, tables: Iterable[Table]) -> bool:
        return all(
            (name, table.name, seed) in self.fits
            for name in (model, other)
            for table in tables
            for seed in self.seeds
        )

    def _mean(self, name: str, model: str, other: str, wanted: float) -> Judged:
        ratio = self.ratio(model, other, score)
        complete = self._complete(model, other, self.tables)
        target = f"{name} at most {wanted:.2f}"
        if ratio is None:
            return Judged(target, "-", None)
        return Judged(target, shown(ratio, self), ratio.mean <= wanted if complete else None)

    def _never_worse(self, model: str) -> Judged:
        worse = self.worse_than_mlp(model)
        found = ", ".join(f"{name} {ratio:.3f}" for name, ratio in worse.items()) or "none"
        complete = self._complete(model, MLP, self.tables)
        target = "tables over 1.02 times the MLP's score: none"
        return Judged(target, found, not worse if complete else None)

    def _fast(self, model: str) -> Judged:
        times = self.times(model)
        complete = all(table.name in times for table in self.tables if table.rows > ROWS_FOR_TIME)
        target = f"fit time / RealMLP-TD's at most 0.33, each table over {ROWS_FOR_TIME:,} rows"
        if not times:
            return Judged(target, "-", None)
        slowest = max(times, key=lambda name: times[name])
        slow = times[slowest] > TIME_TO_REALMLP
        found = f"{times[slowest]:.2f} {slowest}"
        return Judged(target, found, not slow if complete else None)


def score(fit: Mapping[str, Any]) -> float:
    """Log loss, or 1 - R2."""
    return float(fit["score"])


def fit_seconds(fit: Mapping[str, Any]) -> float:
    """Everything included, from the data frame to the fitted model."""
    return float(fit["fit_seconds"])


def shown(ratio: Ratio, summary: Summary) -> str:
    """The mean, and over how many fits where some are missing."""
    all_of_them = len(summary.tables) * len(summary.seeds)
    return f"{ratio.mean:.3f}" + ("" if ratio.pairs == all_of_them else f" ({ratio.pairs} fits)")
