"""What a study found: its configurations, and the score of each on every fold; or why not."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.arrays import Array, Integers
from layerwise.language import message, recognised, said, said_count, tr
from layerwise.study.held_out_units import unpack
from layerwise.study.study_fits import FailedFit, FitResult, Pruned, Split, from_json, to_json
from layerwise.study.tried_network import Configuration, settings_tried
from layerwise.texts import plural
from layerwise.training.history import DIVERGENCES

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "DIVERGED",
    "TOO_FAR_OFF",
    "Configuration",
    "FailedFit",
    "FitResult",
    "Pruned",
    "Split",
    "StudyError",
    "StudyInterrupted",
    "StudyResults",
    "settings_tried",
]

_PACKED = ("units", "tree_deviations", "guess_deviations")
DIVERGED = "diverged: "  # what begins the reason of a failure, where the loss stopped being finite
TOO_FAR_OFF = message(
    "predictions of the rows held out are so far off that their {metric} is not finite"
)


class StudyError(ValueError):
    """A study that cannot be begun, or gone on with."""


class StudyInterrupted(StudyError):  # noqa: N818  what happened, as KeyboardInterrupt
    """A study that was ended before anything was known."""


@dataclass(frozen=True, repr=False)
class StudyResults:
    """All that a study found, so far.

    Attributes
    ----------
    task : {"binary", "multiclass", "regression"}
    target : str
        Name of the column predicted (several: joined by commas).
    metric : str
        What scores are: "accuracy", "r2", ...
    higher_is_better : bool
    configurations : sequence of Configuration
        Each at the place of its number; a linear model is number 0.
    fits : sequence of FitResult
        Those done, by configuration, repeat and fold.
    pruned : dict of int to Pruned
        By configuration number.
    failed_fits : sequence of FailedFit
        Those that ended without a score, such as one whose loss stopped being finite.
    trees : dict of (repeat, fold) to float
        Scores of gradient-boosted trees.
    guesses : dict of (repeat, fold) to float
        Scores of guessing: the shares of the classes, or the mean, of the rows trained on.
    like_fit : dict of int to dict of (repeat, fold) to float
        Of configurations as `layerwise fit` would train them: scores on some of the folds.
    sample_sizes : dict of float to float
        Of a study with learning curves: how many rows are trained on, in the mean over the splits,
        at each share of the rows that are not held out; ascending, all of them the last.
    sample_fits : sequence of FitResult
        Fits on these shares, beside `fits`.
    sample_trees : dict of float to dict of (repeat, fold) to float
        Scores of gradient-boosted trees on these shares, beside `trees`.
    split_sizes : dict of (repeat, fold) to (int, int)
        How many rows were trained on and scored: (n_train, n_test). Its keys are all the splits
        of the study; the same for every configuration.
    units : dict of (repeat, fold) to str
        The numbers of the units that a split holds out, ascending, as `pack` writes them; the same
        unit has the same number in every split.
    tree_deviations, guess_deviations : dict of (repeat, fold) to str
        What each unit adds to the scores of the trees and of guessing: see `FitResult`.
    left_out : dict of (repeat, fold) to tuple of str
        Of a study that chooses columns: those that no network, nor the trees, are given on a split,
        since they tell nothing of the target by the rows trained on.
    watched_share : float
        Of the rows trained on, the share that only watches when to stop.
    settings : dict
        What was asked for: "folds", "repeats", "epochs", "batch_size", "learning_rate", "seed",
        "early_stopping", "parameters" (a number of parameters, or None), "pruning", ...
    stopped : str
        "" for a study that was finished, or why it was not: "interrupted", "time limit".
    """

    task: str
    target: str
    metric: str
    higher_is_better: bool
    configurations: Sequence[Configuration]
    fits: Sequence[FitResult]
    pruned: Mapping[int, Pruned] = field(default_factory=dict)
    failed_fits: Sequence[FailedFit] = ()
    trees: Mapping[Split, float] = field(default_factory=dict)
    guesses: Mapping[Split, float] = field(default_factory=dict)
    like_fit: Mapping[int, Mapping[Split, float]] = field(default_factory=dict)
    sample_sizes: Mapping[float, float] = field(default_factory=dict)
    sample_fits: Sequence[FitResult] = ()
    sample_trees: Mapping[float, Mapping[Split, float]] = field(default_factory=dict)
    split_sizes: Mapping[Split, tuple[int, int]] = field(default_factory=dict)
    units: Mapping[Split, str] = field(default_factory=dict)
    tree_deviations: Mapping[Split, str] = field(default_factory=dict)
    guess_deviations: Mapping[Split, str] = field(default_factory=dict)
    left_out: Mapping[Split, tuple[str, ...]] = field(default_factory=dict)
    watched_share: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    stopped: str = ""

    def __repr__(self) -> str:
        why = f", ended early ({self.stopped})" if self.stopped else ""
        compared = f"{plural(len(self.configurations), 'network')} by {self.metric}"
        return f"<StudyResults of {self.target}: {compared}, {plural(len(self.fits), 'fit')}{why}>"

    @property
    def why_stopped(self) -> str:
        """Why it was not finished, in the language spoken; "": it was."""
        return {"interrupted": tr("interrupted"), "time limit": tr("time limit")}.get(
            self.stopped, self.stopped
        )

    @property
    def splits(self) -> list[Split]:
        """Every (repeat, fold), in order."""
        return sorted(self.split_sizes)

    @cached_property
    def varied(self) -> dict[str, list[Any]]:
        """The values of each setting that networks differ in; see `settings_tried`."""
        tried = settings_tried(self.configurations)
        return {name: values for name, values in tried.items() if len(values) > 1}

    @cached_property
    def test_share(self) -> float:
        """n_test / n_train, the mean over the splits: see `layerwise.study.statistics`.

        Rows that only watch when to stop are none that weights are trained on.
        """
        shares = [n_test / n_train for n_train, n_test in self.split_sizes.values()]
        return sum(shares) / len(shares) / (1 - self.watched_share) if shares else 0.0

    @cached_property
    def held_out_units(self) -> dict[Split, Integers]:
        """The numbers of the units that each split holds out, ascending, where they are known."""
        return {split: unpack(text).astype(np.int64) for split, text in self.units.items()}

    @cached_property
    def unit_deviations(self) -> dict[int | str, dict[Split, Array]]:
        """What each unit adds to each score beyond the mean of all, where that was kept.

        By configuration, "trees" and "guesses".
        """
        found: dict[int | str, dict[Split, Array]] = defaultdict(dict)
        packed: list[tuple[int | str, Split, str]] = [
            *((fit.configuration, fit.split, fit.deviations) for fit in self.fits),
            *(("trees", *one) for one in self.tree_deviations.items()),
            *(("guesses", *one) for one in self.guess_deviations.items()),
        ]
        for name, split, text in packed:
            if text and split in self.units:
                found[name][split] = unpack(text)
        return found

    @cached_property
    def failed(self) -> dict[int, str]:
        """Configurations of which fits failed and none was done, and why."""
        reasons: dict[int, str] = {}
        for fit in self.failed_fits:
            if fit.configuration is not None and not self.fits_of(fit.configuration):
                reasons.setdefault(fit.configuration, fit.reason)
        return reasons

    def failures(self, number: int | None, *, brief: bool = False) -> str:
        """How many fits of a configuration failed, and why; "" where none did; None: the trees'.

        In brief, without what may help.
        """
        reasons = [fit.reason for fit in self.failed_fits if fit.configuration == number]
        if not reasons:
            return ""
        others = len(set(reasons)) - 1
        also = said("; and {reasons}", reasons=said_count(others, "other reason")) if others else ""
        return said(
            "{n} of {of:,} fits failed: {reason}{also}",
            n=len(reasons),
            of=len(self.split_sizes),
            reason=_said_reason(reasons[0].partition(". ")[0] if brief else reasons[0]),
            also=also,
        )

    def scores_of(self, number: int) -> dict[Split, float]:
        """Scores of one configuration on the splits it was fitted on."""
        return {fit.split: fit.score for fit in self.fits_of(number)}

    def fits_of(self, number: int) -> list[FitResult]:
        """Fits of one configuration, by repeat and fold."""
        return list(self._fits_by_configuration.get(number, ()))

    @cached_property
    def _fits_by_configuration(self) -> dict[int, list[FitResult]]:
        found: dict[int, list[FitResult]] = {}
        for fit in self.fits:
            found.setdefault(fit.configuration, []).append(fit)
        return found

    def on_share(self, share: float) -> StudyResults:
        """What was found on a share of the rows to train on, as if they were all there are.

        On all of them with the fits that learning curves have of networks not pursued.
        """
        fits = [fit for fit in self.sample_fits if fit.share == share]
        trees = self.sample_trees.get(share, {})
        if share == 1.0:
            done = {(fit.configuration, fit.split) for fit in self.fits}
            more = [fit for fit in fits if (fit.configuration, fit.split) not in done]
            fits, trees = [*self.fits, *more], self.trees
        of_trees = self.tree_deviations if share == 1.0 else {}
        return replace(
            self, fits=fits, trees=trees, tree_deviations=of_trees, pruned={}, failed_fits=()
        )

    def is_complete(self, number: int) -> bool:
        """Whether a configuration was fitted on all splits, but for those it failed on."""
        failed = sum(fit.configuration == number for fit in self.failed_fits)
        return len(self.fits_of(number)) + failed == len(self.split_sizes)

    def failure(self, number: int, *, brief: bool = True) -> str:
        """What became of a configuration that failed: "did not train (diverged)", or at length."""
        why = self.failed[number].partition(":" if brief else ". ")[0]
        return said("did not train ({why})", why=_said_reason(why))

    def table(self) -> pa.Table:
        """Return a row for each fit: the tidy form, for pandas, Polars and plots.

        Returns
        -------
        pyarrow.Table
            Columns configuration, name, depth, width, activation, n_parameters, repeat, fold,
            score, training_score, loss, training_loss, seconds, epochs, pruned; and one for each
            setting that the study varies, by its name (``setting_loss`` and the like where there is
            one of that name): null where the network has no use for it.
        """
        import pyarrow as pa

        columns: dict[str, list[Any]] = {
            name: []
            for name in (
                *("configuration", "name", "depth", "width", "activation", "n_parameters"),
                *("repeat", "fold", "score", "training_score", "loss", "training_loss"),
                *("seconds", "epochs", "pruned"),
            )
        }
        of_settings = {n: f"setting_{n}" if n in columns else n for n in self.varied}
        columns |= {column: [] for column in of_settings.values()}
        for fit in self.fits:
            configuration = self.configurations[fit.configuration]
            settings = dict(configuration.settings)
            values = asdict(fit) | {
                "name": configuration.name,
                "depth": configuration.depth,
                "width": configuration.width,
                "activation": configuration.activation,
                "n_parameters": configuration.n_parameters,
                "pruned": fit.configuration in self.pruned,
                **{column: settings.get(name) for name, column in of_settings.items()},
            }
            for name, column in columns.items():
                column.append(values[name])
        return pa.table(columns)

    def to_json(self) -> str:
        """Write it as JSON, which `from_json` reads back."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps(
            values
            | {
                "configurations": [asdict(c) for c in self.configurations],
                "fits": [fit.to_json() for fit in self.fits],
                "pruned": {str(number): asdict(p) for number, p in self.pruned.items()},
                "failed_fits": [asdict(fit) for fit in self.failed_fits],
                "trees": _scores_to_json(self.trees),
                "guesses": _scores_to_json(self.guesses),
                "like_fit": [
                    [number, *split, score]
                    for number, scores in sorted(self.like_fit.items())
                    for split, score in sorted(scores.items())
                ],
                "sample_sizes": [[*sizes] for sizes in self.sample_sizes.items()],
                "sample_fits": [fit.to_json() for fit in self.sample_fits],
                "sample_trees": [
                    [share, _scores_to_json(scores)] for share, scores in self.sample_trees.items()
                ],
                "split_sizes": [[*s, *sizes] for s, sizes in sorted(self.split_sizes.items())],
                **{
                    name: [[*s, text] for s, text in sorted(getattr(self, name).items())]
                    for name in _PACKED
                },
                "left_out": [[*s, list(names)] for s, names in sorted(self.left_out.items())],
                "settings": dict(self.settings),
            },
            allow_nan=False,
        )

    @classmethod
    def from_json(cls, text: str) -> StudyResults:
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        like_fit: dict[int, dict[Split, float]] = {}
        for number, repeat, fold, score in values.get("like_fit", ()):
            like_fit.setdefault(number, {})[repeat, fold] = score
        return cls(
            **values
            | {
                "configurations": [Configuration.from_json(c) for c in values["configurations"]],
                "fits": [FitResult.from_json(fit) for fit in values["fits"]],
                "pruned": {int(k): Pruned(**p) for k, p in values["pruned"].items()},
                "failed_fits": [FailedFit(**fit) for fit in values["failed_fits"]],
                "trees": _scores_from_json(values["trees"]),
                "guesses": _scores_from_json(values.get("guesses", [])),
                "like_fit": like_fit,
                "sample_sizes": dict(values.get("sample_sizes", ())),
                "sample_fits": [FitResult.from_json(fit) for fit in values.get("sample_fits", ())],
                "sample_trees": {
                    share: _scores_from_json(scores)
                    for share, scores in values.get("sample_trees", ())
                },
                "split_sizes": {(r, f): (a, b) for r, f, a, b in values["split_sizes"]},
                **{name: {(r, f): text for r, f, text in values.get(name, ())} for name in _PACKED},
                "left_out": {(r, f): tuple(names) for r, f, names in values.get("left_out", ())},
            }
        )


def _said_reason(reason: str) -> str:
    """The reason of a failure, where it is this project's own; else what an error said."""
    if reason == "diverged":
        return said("diverged")
    if not reason.startswith(DIVERGED):
        return reason
    what = recognised(reason.removeprefix(DIVERGED), *DIVERGENCES, TOO_FAR_OFF)
    return said("diverged: {what}", what=what)


def _scores_to_json(scores: Mapping[Split, float]) -> list[list[object]]:
    return [[*split, to_json(score)] for split, score in sorted(scores.items())]


def _scores_from_json(scores: Sequence[Sequence[Any]]) -> dict[Split, float]:
    return {(repeat, fold): from_json(score) for repeat, fold, score in scores}
