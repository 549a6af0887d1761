"""What is known of one row's way through a model, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from layerwise.arrays import Reals
from layerwise.ensemble.importance import Importance
from layerwise.explanation.attribution import Attribution, integrated_gradients
from layerwise.explanation.chain_rule import Backward, Chain
from layerwise.explanation.layers import LayerSeen
from layerwise.explanation.subject import Subject
from layerwise.language import tr


@dataclass(frozen=True, eq=False)
class ExplainedRow:
    """What an `Explanation` holds, and says of each attribute."""

    title: str
    subject: Subject
    of: int
    member: int
    top: int | None
    outputs: Reals
    results: Reals
    feature_names: tuple[str, ...]
    features: Reals
    factors: Reals
    sources: tuple[int, ...]
    layers: list[LayerSeen]
    effects: list[Reals]
    backward: Backward | None
    chains: list[Chain]
    importance: Importance | None = None
    language: str = "en"

    @cached_property
    def attribution(self) -> Attribution:
        """What each source contributed; found when it is first asked for, as it takes longest."""
        return integrated_gradients(self.subject, self.of)

    @property
    def contributions(self) -> dict[str, float]:
        """What each column contributed to the result, in the order of the table."""
        found = self.attribution
        return dict(zip(found.columns, found.contributions.tolist(), strict=True))

    @property
    def scores(self) -> Reals:
        """The last layer's output, of the network walked through."""
        return self.layers[-1].output

    @property
    def precision_gap(self) -> float:
        """The largest difference between these results and the model's own prediction."""
        subject = self.subject
        return float(np.abs(subject.own_outputs - subject.combining.kept(self.results)).max())

    @property
    def result_name(self) -> str:
        """What stands for the result that is explained, in formulas: "p(yes)", "price"."""
        name = self.subject.results[self.of]
        return f"p({name})" if self.subject.is_classes else name

    @property
    def result_words(self) -> str:
        """The same in a sentence."""
        name = self.subject.results[self.of]
        return tr("the probability of {name}", name=name) if self.subject.is_classes else name
