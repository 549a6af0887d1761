"""What a study is to do, settled before it begins: the same for every worker, wherever it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from layerwise.study.results import Configuration, Split

__all__ = ["Plan", "Step"]

_RUNGS = (1, 2, 3, 5, 8)  # splits after which what is hopeless is given up; then twice as many


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
    """

    position: int
    rung: int
    configuration: int | None
    repeat: int
    fold: int


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
    learning_rate : float
    patience : int or None
        Epochs without a better loss on a share of the training rows after which a fit ends; None:
        all epochs are run, on all of them.
    pruning : bool
    parameters : int or None
        The one size of all networks, if that was asked for.
    trees : bool
        Whether gradient-boosted trees are scored on the same folds.
    """

    configurations: tuple[Configuration, ...]
    metric: str
    folds: int
    repeats: int
    seed: int
    epochs: int
    batch_size: int
    learning_rate: float
    patience: int | None
    pruning: bool = True
    parameters: int | None = None
    trees: bool = True

    @property
    def splits(self) -> list[Split]:
        """Every (repeat, fold), in order."""
        return [(repeat, fold) for repeat in range(self.repeats) for fold in range(self.folds)]

    @property
    def rungs(self) -> list[int]:
        """How many splits are done at the end of each rung; the last: all of them."""
        n = self.folds * self.repeats
        if not self.pruning:
            return [n]
        ends, end = [end for end in _RUNGS if end < n], 2 * _RUNGS[-1]
        while end < n:
            ends.append(end)
            end *= 2
        return [*ends, n]

    def steps(self) -> list[Step]:
        """Every fit, in the order in which they are begun: the longest of a split first."""
        order = sorted(self.configurations, key=lambda c: (-c.n_parameters, c.number))
        numbers = [*([None] if self.trees else []), *(c.number for c in order)]
        steps: list[Step] = []
        start = 0
        for rung, end in enumerate(self.rungs):
            for split in self.splits[start:end]:
                for number in numbers:
                    steps.append(Step(len(steps), rung, number, *split))
            start = end
        return steps

    def settings(self) -> dict[str, Any]:
        """Settings by name, without the configurations."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        del values["configurations"]
        values["early_stopping"] = self.patience is not None
        return values

    def to_json(self) -> str:
        """Write it as JSON, which `from_json` reads back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        configurations = tuple(
            Configuration(**c | {"hidden": tuple(c["hidden"])}) for c in values["configurations"]
        )
        return cls(**{**values, "configurations": configurations})

    def differences(self, other: Plan) -> list[str]:
        """What another plan has otherwise, in words: "epochs 50 there, 100 here"."""
        said = [
            f"{name} {_in_words(there)} there, {_in_words(here)} here"
            for name, here in self.settings().items()
            if (there := other.settings()[name]) != here and name != "early_stopping"
        ]
        if self.configurations != other.configurations:
            said.append(_different_grids(self, other))
        return said


def _in_words(value: Any) -> str:
    return "none" if value is None else str(value)


def _different_grids(here: Plan, there: Plan) -> str:
    def grid(plan: Plan) -> Mapping[str, list[Any]]:
        deep = [c for c in plan.configurations if c.depth]
        return {
            "depths": sorted({c.depth for c in deep}),
            "widths": sorted({c.width for c in deep}),
            "activations": sorted({str(c.activation) for c in deep}),
        }

    ours, theirs = grid(here), grid(there)
    for name, values in ours.items():
        if theirs[name] != values:
            return f"{name} {_listed(theirs[name])} there, {_listed(values)} here"
    return "the networks' numbers of parameters"


def _listed(values: list[Any]) -> str:
    shown = ", ".join(map(str, values[:12]))
    return (shown or "none") + (", ..." if len(values) > 12 else "")
