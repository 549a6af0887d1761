"""What a study is to do, settled before it begins: the same for every worker, wherever it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, NotRequired, TypedDict

import numpy as np

from layerwise.arrays import Integers
from layerwise.ensemble.baselines import trivial
from layerwise.ensemble.named_settings import written
from layerwise.ensemble.recipe import recipe_for
from layerwise.language import message, said, said_count, said_list
from layerwise.study.added_entries import add_entries, added_entries
from layerwise.study.held_out_units import deviations_of, pack
from layerwise.study.metrics import check_metric, score_of, why_undefined
from layerwise.study.results import Configuration, Split, StudyError
from layerwise.study.samples import shares_for
from layerwise.study.study_table import StudyTable
from layerwise.study.variations import Asked, asked_configurations

_RUNGS = (2, 3, 5, 8)  # splits after which what is not needed stops; then twice as many
_MANY_ROWS = 2_000
_FEWEST_SPLITS = 5  # of fewer, stopping would save little
# What a setting is called where it is asked for.
_OPTIONS = {
    "repeats": message("seeds"),
    "shares": message("rows"),
    "pruning": message("pruning"),
    "trees": message("trees"),
}
_ALWAYS_DEFINED = {"roc_auc": "log_loss", "r2": "rmse"}  # metrics to take instead


@dataclass(frozen=True)
class Step:
    """One fit to do.

    Attributes
    ----------
    position : int
        Its place in the order in which fits are begun.
    rung : int
        It is begun once all fits of the rungs below are done.
    configuration : int or None
        None: the gradient-boosted trees.
    repeat, fold : int
    share : float
        Of the rows not held out, how many it trains on.
    """

    position: int
    rung: int
    configuration: int | None
    repeat: int
    fold: int
    share: float = 1.0


@dataclass(frozen=True)
class Plan:
    """All that the results of a study depend on, beside its rows.

    Attributes
    ----------
    configurations : tuple of Configuration
    metric : str
    folds, repeats : int
    seed : int
    epochs, batch_size : int
    learning_rate : float or None
        None: each optimiser's own, where several are tried.
    patience : int or None
        Epochs without a better loss on a share of the training rows after which a fit ends; None:
        all epochs are run, on all of them.
    pruning : bool
    parameters : int or None
        The one size of all networks, if that was asked for.
    trees : bool
        Whether gradient-boosted trees are scored on the same folds.
    like_fit : bool
        Whether networks are trained as `layerwise fit` does; see `layerwise.study.one_fit`.
    shares : tuple of float
        Of the rows that a fold trains on, the shares at which learning curves are measured, all of
        them the last; empty: none are.
    selection : bool
        Whether columns that tell nothing of the target are left out in each fold.
    """

    configurations: tuple[Configuration, ...]
    metric: str
    folds: int
    repeats: int
    seed: int
    epochs: int
    batch_size: int
    learning_rate: float | None
    patience: int | None
    pruning: bool = True
    parameters: int | None = None
    trees: bool = True
    like_fit: bool = False
    shares: tuple[float, ...] = ()
    selection: bool = True

    def __getstate__(self) -> dict[str, Any]:
        """With what was added to the package: a plan is pickled for workers in other processes."""
        return {**vars(self), "added": added_entries()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        add_entries(state.pop("added"))
        vars(self).update(state)

    @property
    def splits(self) -> list[Split]:
        """Every (repeat, fold), in order."""
        return [(repeat, fold) for repeat in range(self.repeats) for fold in range(self.folds)]

    @property
    def rungs(self) -> list[int]:
        """How many splits are done at the end of each rung; the last: all of them."""
        n = self.folds * self.repeats
        return rungs_of(n) if self.pruning else [n]

    def steps(self) -> list[Step]:
        """Every fit, in the order in which they are begun.

        On the first split the smallest networks are first, so that there is an answer soon; on the
        others the largest, so that a rung does not end with one long fit.
        """
        smallest_first = sorted(self.configurations, key=lambda c: (c.n_parameters, c.number))
        largest_first = sorted(self.configurations, key=lambda c: (-c.n_parameters, c.number))
        trees = [None] if self.trees else []
        first = [*(c.number for c in smallest_first), *trees]
        later = [*trees, *(c.number for c in largest_first)]
        steps: list[Step] = []
        start = 0
        for rung, end in enumerate(self.rungs):
            for split in self.splits[start:end]:
                for number in later if steps else first:
                    steps.append(Step(len(steps), rung, number, *split))
            start = end
        return steps

    def settings(self) -> dict[str, object]:
        """Settings by name, without the configurations."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        del values["configurations"]
        values["early_stopping"] = self.patience is not None
        values["shares"] = list(self.shares)
        return values

    def to_json(self) -> str:
        """Write it as JSON, which `from_json` reads back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        configurations = tuple(map(Configuration.from_json, values["configurations"]))
        shares = tuple(values.get("shares", ()))
        known = {"configurations": configurations, "shares": shares}
        return cls(**{"selection": False} | values | known)  # before there was one, none was made

    def widens(self, other: Plan) -> bool:
        """Whether all fits of another plan are also this one's: it is the same, or asks for more.

        More networks or cross-validations; trees beside them, and nothing given up.
        """
        free = {"configurations", "repeats", "pruning", "trees", "shares"}
        bound = [entry.name for entry in fields(self) if entry.name not in free]
        return (
            all(getattr(self, name) == getattr(other, name) for name in bound)
            and self.repeats >= other.repeats
            and self.pruning <= other.pruning
            and self.trees >= other.trees
            and other.shares in ((), self.shares)
            and not other._networks - self._networks
        )

    @property
    def _networks(self) -> set[Configuration]:
        return {configuration.without_number for configuration in self.configurations}

    def why_not_wider(self, other: Plan) -> str:
        """A sentence for those who meant to widen another plan, and a space behind it; or ""."""
        if self.folds != other.folds:
            return (
                "With other folds all rows are split otherwise, and no fit could be kept: --seeds "
                "adds splits. "
            )
        if self.selection != other.selection:
            return "Fits of other columns are other fits, and none could be kept. "
        if other._networks - self._networks or self.repeats < other.repeats:
            return (
                "A study can be widened by further depths, widths, activations and seeds; what it "
                "has is to be named too. "
            )
        return ""

    def differences(self, other: Plan) -> list[str]:
        """What another plan has otherwise, in words: "epochs 50 there, 100 here"."""
        told = [
            _different(_OPTIONS.get(name, name), _in_words(there), _in_words(here))
            for name, here in self.settings().items()
            if (there := other.settings()[name]) != here and name != "early_stopping"
        ]
        if self.configurations != other.configurations and self.selection == other.selection:
            told.append(_different_grids(self, other))
        return told


def rungs_of(n_splits: int) -> list[int]:
    """After how many splits a study looks which networks need no further fits; the last: all.

    Examples
    --------
    >>> rungs_of(3), rungs_of(5), rungs_of(15), rungs_of(40)
    ([3], [2, 3, 5], [2, 3, 5, 8, 15], [2, 3, 5, 8, 16, 32, 40])
    """
    if n_splits < _FEWEST_SPLITS:
        return [n_splits]
    ends, end = [end for end in _RUNGS if end < n_splits], 2 * _RUNGS[-1]
    while end < n_splits:
        ends.append(end)
        end *= 2
    return [*ends, n_splits]


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return said("True") if value else said("False")
    if isinstance(value, list):
        return said_count(len(value), "size") if value else said("none")
    return said("none") if value is None else str(value)


def _different(what: str, there: str, here: str) -> str:
    return said("{what} {there} there, {here} here", what=said(what), there=there, here=here)


def _different_grids(here: Plan, there: Plan) -> str:
    def grid(plan: Plan) -> Mapping[str, Sequence[int | str]]:
        deep = [c for c in plan.configurations if c.depth]
        return {
            message("depths"): sorted({c.depth for c in deep}),
            message("widths"): sorted({c.width for c in deep}),
            message("activations"): sorted({str(c.activation) for c in deep}),
            message("settings"): list(
                dict.fromkeys(written(*each) for c in plan.configurations for each in c.settings)
            ),
        }

    ours, theirs = grid(here), grid(there)
    different = [
        _different(name, _listed(theirs[name]), _listed(values))
        for name, values in ours.items()
        if theirs[name] != values
    ]
    return said_list("; ", different) or said("the networks' numbers of parameters")


def _listed(values: Sequence[object]) -> str:
    each = [one if isinstance(one, str) else str(one) for one in values[:12]]
    return (said_list(", ", each) or said("none")) + (", ..." if len(values) > 12 else "")


class Facts(TypedDict):
    """What is kept of a table beside its results."""

    task: str
    target: str
    split_sizes: list[list[int]]  # repeat, fold, rows to train on and rows held out
    guesses: NotRequired[list[float]]  # scores of guessing, a split after the other
    units: NotRequired[list[str]]  # those held out, a split after the other
    guess_deviations: NotRequired[list[str]]
    watched_share: NotRequired[float]  # of the rows trained on, those that watch when to stop
    sample_sizes: NotRequired[list[float]]  # rows trained on at each share of the plan, the mean


def make_plan(study: Asked, table: StudyTable) -> Plan:
    """Settle what the study of a table is to do.

    Raises
    ------
    StudyError
        For what no study can be made with.
    """
    if study.like_fit and not study.early_stopping:
        raise StudyError("networks that are trained as fit does are stopped early: leave out one")
    metric = check_metric(study.metric, table.task.kind, table.task.n_targets)
    table.check(study.folds)
    inputs = table.inputs
    n = len(table)
    n_train = n - n // study.folds
    recipe = recipe_for(n_train, inputs.n_inputs + len(inputs.code_sizes))
    configurations, settings = asked_configurations(study, table, inputs)
    rate = None if study.learning_rate is None else float(study.learning_rate)
    if rate is None and "optimizer" not in settings:
        rate = recipe.learning_rate
    return Plan(
        tuple(configurations),
        metric,
        int(study.folds),
        _counted(study.seeds, "seeds", _default_seeds(n)),
        _seed(study.random_state),
        _counted(study.epochs, "epochs", recipe.epochs),
        _counted(study.batch_size, "batch_size", recipe.batch_size),
        rate,
        recipe.patience if study.early_stopping else None,
        bool(study.pruning),
        None if study.parameters is None else int(study.parameters),
        bool(study.trees),
        bool(study.like_fit),
        _shares(table, int(study.folds)) if study.learning_curves else (),
        table.selection,
    )


def _shares(table: StudyTable, folds: int) -> tuple[float, ...]:
    n = len(table)
    n_groups = None
    if table.groups is not None:
        whole = len(np.unique(table.groups))
        n_groups = whole - -(-whole // folds)
    return shares_for(n - -(-n // folds), table.n_classes, n_groups)


def facts_of(table: StudyTable, plan: Plan) -> Facts:
    """Return what is kept of a table beside its results.

    Raises
    ------
    StudyError
        If the metric has no meaning on the rows that a fold holds out, or those that it trains on
        cannot be parted.
    """
    splits = table.splits(plan.folds, plan.repeats, plan.seed)
    sizes = [[*split, len(table) - len(rows), len(rows)] for split, rows in splits.items()]
    for (repeat, fold), rows in splits.items():
        why = why_undefined(plan.metric, table.y[rows])
        if why:
            raise StudyError(
                f"the metric {plan.metric} has no meaning on the rows that fold {fold + 1} of "
                f"repeat {repeat + 1} holds out: {why}. Take fewer folds, or the metric "
                f"{_ALWAYS_DEFINED[plan.metric]}"
            )
    guesses, watched, units = [], [], table.units
    for (repeat, fold), rows in splits.items():
        train = np.setdiff1d(np.arange(len(table)), rows)
        guesses.append(_guess(table, plan.metric, train, rows, units))
        groups = None if table.groups is None else table.groups[train]
        n_parts = watched_parts(len(train), groups)
        if plan.patience is not None and n_parts < 2:
            raise StudyError(
                f"fold {fold + 1} of repeat {repeat + 1} trains on the rows of one group, of which "
                "none can watch when to stop. Give rows of more groups, or take more folds, or run "
                "all epochs (--no-early-stopping)"
            )
        watched.append(0.0 if plan.patience is None else 1 / n_parts)
    sample_sizes = [
        float(
            np.mean([len(table.training_rows(rows, plan.seed, share)) for rows in splits.values()])
        )
        for share in plan.shares
    ]
    return {
        "task": table.task.kind,
        "target": ", ".join(table.task.names),
        "split_sizes": sizes,
        "guesses": [score for score, _ in guesses],
        "units": [pack(np.unique(units[rows])) for rows in splits.values()],
        "guess_deviations": [deviations for _, deviations in guesses],
        "watched_share": float(np.mean(watched)),
        "sample_sizes": sample_sizes,
    }


def watched_parts(n_rows: int, groups: Integers | None) -> int:
    """In how many parts rows trained on are parted, one of which only watches when to stop."""
    n_parts = 5 if n_rows < _MANY_ROWS else 10
    return n_parts if groups is None else min(n_parts, len(np.unique(groups)))


def _guess(
    table: StudyTable, metric: str, train: Integers, held_out: Integers, units: Integers
) -> tuple[float, str]:
    """(score of guessing, what each unit held out adds to it)."""
    y, y_test = table.y[train], table.y[held_out]
    guessed = trivial(y, table.n_classes, len(y_test), absolute=metric == "mae")
    score, parts = score_of(metric, y_test, guessed)
    return score, pack(deviations_of(parts, units[held_out]))


def _default_seeds(n_rows: int) -> int:
    return 3 if n_rows < 2_000 else 2 if n_rows < 20_000 else 1


def _counted(value: int | None, name: str, default: int) -> int:
    if value is None:
        return default
    if not hasattr(value, "__index__") or value < 1:
        raise StudyError(f"{name} must be a whole number of at least 1; got {value!r}")
    return int(value)


def _seed(seed: int) -> int:
    if not hasattr(seed, "__index__") or not 0 <= seed < 2**31:
        raise StudyError(
            f"random_state must be a whole number from 0 to 2^31 - 1, so that every worker draws "
            f"the same; got {seed!r}"
        )
    return int(seed)
