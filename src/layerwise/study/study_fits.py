"""One fit of a study: what it gave, or why it gave nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Split = tuple[int, int]  # (repeat, fold)


@dataclass(frozen=True)
class FitResult:
    """One network, trained without one fold and scored on it.

    Attributes
    ----------
    configuration : int
        The configuration's number.
    repeat, fold : int
        Which cross-validation, and which of its folds was held out; from 0.
    score, training_score : float
        By the study's metric, on the fold and on the rows trained on.
    loss, training_loss : float
        Mean loss of a row: -ln(p) of the true class, or half the squared error of a target
        brought to mean 0 and spread 1.
    seconds : float
        For training, with preparing and scoring left out.
    epochs : int
        Times through the rows; with early stopping, until it stopped.
    score_error : float
        Standard error of the score as its rows alone give it: with other rows of the same kind it
        would have been about so much higher or lower.
    gradients : tuple of float
        For each layer, first to last (the output layer): root of the mean square of the loss's
        gradient by its weights, at the first weights, before anything is learned.
    gradients_at_end : tuple of float
        The same, at the weights that were scored.
    training_curve : tuple of float
        Training loss of each epoch.
    held_out_curve : tuple of float
        Loss of each epoch on the share of the training rows that early stopping watches; empty
        without early stopping.
    share : float
        Of the rows that are not held out, how many were trained on; of fewer than all, nothing is
        kept of gradients and epochs.
    deviations : str
        What each unit held out adds to the score beyond the mean of all, as `pack` writes it: see
        `layerwise.study.held_out_units`; "" in studies of earlier versions.
    """

    configuration: int
    repeat: int
    fold: int
    score: float
    training_score: float
    loss: float
    training_loss: float
    seconds: float
    epochs: int
    score_error: float = 0.0
    gradients: tuple[float, ...] = ()
    gradients_at_end: tuple[float, ...] = ()
    training_curve: tuple[float, ...] = ()
    held_out_curve: tuple[float, ...] = ()
    share: float = 1.0
    deviations: str = ""

    @property
    def split(self) -> Split:
        """(repeat, fold)."""
        return self.repeat, self.fold

    def to_json(self) -> dict[str, object]:
        """Plain data for JSON, in which NaN and infinite numbers are null."""
        return {name: to_json(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> FitResult:
        """Make a fit of what `to_json` gave: null is NaN."""
        return cls(**{name: from_json(value) for name, value in values.items()})


@dataclass(frozen=True)
class FailedFit:
    """A fit that gave nothing.

    Attributes
    ----------
    configuration : int or None
        The configuration's number; None: the gradient-boosted trees.
    repeat, fold : int
    reason : str
    """

    configuration: int | None
    repeat: int
    fold: int
    reason: str


@dataclass(frozen=True)
class Pruned:
    """Why a configuration was not fitted on all folds.

    Attributes
    ----------
    after_fits : int
        How many of its fits were done when it was given up.
    reason : str
    """

    after_fits: int
    reason: str


def to_json(value: object) -> object:
    """Plain data for JSON: NaN and infinite numbers are null."""
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def from_json(value: Any) -> Any:
    """What `to_json` was given: lists are tuples, null is NaN."""
    if isinstance(value, list):
        return tuple(from_json(one) for one in value)
    return math.nan if value is None else value
