"""The parameters of `TableClassifier` and `TableRegressor`, which say what each is for."""

import os
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from layerwise.architecture import Loss, get_activation
from layerwise.architecture.lookup import check_count, look_up
from layerwise.ensemble.named_settings import checked_settings, settings_that_apply, with_settings
from layerwise.ensemble.recipe import EFFORTS, Recipe, recipe_for
from layerwise.estimators.parameters import with_parameters

# Parameters that name columns for what is to become of them, as `describe_columns` calls them.
COLUMN_KINDS = ("categorical", "numeric", "text", "dates", "drop", "keep")
# Settings of the recipe that may change where a model goes on learning.
OF_EACH_FIT = ("epochs", "learning_rate", "batch_size")


def check_column_lists(estimator: object) -> None:
    """Refuse a text where a list of columns is wanted: its letters are no columns."""
    for name in COLUMN_KINDS:
        if isinstance(value := getattr(estimator, name, ()), str):
            raise ValueError(f"{name} must be a list of columns; got a text: {name}=[{value!r}]")


@with_parameters
class TableParameters(BaseEstimator):
    """What a model of a raw table can be told; None: what suits the table's size."""

    effort: str = "high"
    hidden: Sequence[int] | None = None
    activation: str | None = None
    dropout: float | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    n_pieces: int | None = None
    epochs: int | None = None
    n_folds: int | None = None
    n_repeats: int | None = None
    settings: Mapping[str, Any] | None = None
    time_limit: float | None = None
    categorical: Sequence[str] = ()
    numeric: Sequence[str] = ()
    text: Sequence[str] = ()
    dates: Sequence[str] = ()
    drop: Sequence[str] = ()
    keep: Sequence[str] = ()
    selection: bool = True
    random_state: int | np.random.RandomState | None = None
    n_threads: int | None = None
    checkpoint: str | os.PathLike[str] | None = None
    verbose: int = 0
    on_epoch: Callable[..., Any] | None = None

    def _check_parameters(self) -> None:
        look_up(self.effort, dict.fromkeys(EFFORTS), "effort")
        if self.activation is not None:
            get_activation(self.activation)
        hidden = () if self.hidden is None else self.hidden
        if not hasattr(hidden, "__len__") or any(
            not hasattr(size, "__index__") or size < 1 for size in hidden
        ):
            example = f"({hidden},)" if hasattr(hidden, "__index__") else "(64, 64)"
            raise ValueError(
                f"hidden must be the nodes of each layer, 1 or more, such as {example}; got "
                f"{hidden!r}"
            )
        check_column_lists(self)
        self._check_settings()
        least = dict.fromkeys(("batch_size", "epochs", "n_repeats", "n_threads"), 1)
        least |= {"n_pieces": 0, "n_folds": 2}
        for name, low in least.items():
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name), low)
        if self.time_limit is not None and not self.time_limit > 0:
            raise ValueError(f"time_limit must be seconds, above 0; got {self.time_limit!r}")
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must lie in [0, 1); got {self.dropout!r}")
        if self.learning_rate is not None and not 0 < self.learning_rate < float("inf"):
            raise ValueError(f"learning_rate must be above 0; got {self.learning_rate!r}")

    def _check_settings(self) -> None:
        settings = checked_settings(self.settings or {})
        is_linear = self.hidden is not None and not self.hidden
        of_use = settings_that_apply(settings, self.loss_entry, is_linear=is_linear)
        for name in settings:
            if getattr(self, name, None) is not None:
                raise ValueError(f"{name} is given twice, also among the settings: leave out one")
            if name not in of_use:
                raise ValueError(
                    f"the setting {name} is of no use here: the optimiser, the loss or a network "
                    "without hidden layers has no such thing"
                )

    @property
    @abstractmethod
    def loss_entry(self) -> Loss:
        """The loss that the networks learn by."""

    def _seed(self) -> int:
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _recipe(self, n_rows: int, n_inputs: int) -> Recipe:
        """What suits a table of this size, but for what was asked for."""
        names = {each.name for each in fields(Recipe) if hasattr(self, each.name)}
        asked: dict[str, Any] = self._asked(names - {"settings"})
        if self.hidden is not None:
            asked["hidden"] = tuple(int(size) for size in self.hidden)
        if self.n_folds or self.n_repeats:
            asked["share"] = 1.0
        recipe = recipe_for(n_rows, n_inputs, self.effort)
        recipe = recipe.without_pieces() if self.n_pieces == 0 else recipe
        return replace(with_settings(recipe, checked_settings(self.settings or {})), **asked)

    def _asked(self, names: Collection[str]) -> dict[str, Any]:
        """The parameters among these that are not None."""
        given = {name: getattr(self, name) for name in names}
        return {name: value for name, value in given.items() if value is not None}
