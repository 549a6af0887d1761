"""A fitted model of a raw table: what it says of rows."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from layerwise.arrays import Array, Floats
from layerwise.ensemble.ensemble import Ensemble
from layerwise.ensemble.importance import HeldOutRows, TableModel
from layerwise.ensemble.recipe import Recipe
from layerwise.estimators.fitted_state import state_of
from layerwise.estimators.table_parameters import TableParameters
from layerwise.files.container import write_container
from layerwise.network import Network
from layerwise.tables.columns import Column
from layerwise.tables.drift import Comparison, compare
from layerwise.tables.frames import as_new_rows
from layerwise.tables.names import some_names
from layerwise.tables.prepared import Prepared
from layerwise.tables.task import Task
from layerwise.texts import warn

_ROWS_AT_ONCE = 100_000


class FittedTable(TableParameters, TableModel):
    """What a model of a raw table can do once it is fitted; how it is, `BaseTable` says."""

    _task: str
    # Names of what a fit finds out beside: plain numbers, all that a saved model needs.
    _fitted_numbers: ClassVar[tuple[str, ...]] = ("validation_loss_",)
    _held_out: HeldOutRows | None = None
    _importances: Floats | None = None

    task_: Task
    columns_: tuple[Column, ...]
    recipe_: Recipe
    ensemble_: Ensemble
    fit_seconds_: dict[str, float]
    notes_: tuple[str, ...]
    n_features_in_: int
    feature_names_in_: Array

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = self._task == "regression"
        return tags

    @property
    def networks_(self) -> list[Network]:
        """The networks whose outputs are averaged."""
        return [member.network for member in self.ensemble_.members]

    @property
    def feature_importances_(self) -> Floats:
        """By how much the loss rises when a column's cells are shuffled, shape (n_columns,).

        Log loss for classes, 1 - R² for numbers, in the mean of five shuffles, of more than
        twenty columns fewer, but two; of a thousand rows at most, by the networks that did not
        train on them. Never below 0, and 0 for columns that are not used. It is found when it is
        first asked for. A model from a file has no rows to find it on and raises AttributeError.
        """
        check_is_fitted(self, "ensemble_")
        if self._held_out is None:
            raise AttributeError(
                "feature_importances_ is found on rows that were held out, and a model's file has "
                "none: sklearn.inspection.permutation_importance(model, X, y) finds it on others"
            )
        if self._importances is None:
            names = [column.name for column in self.columns_]
            self._importances = self._held_out.importance(self).of(names)
        return self._importances

    def _table(self, X: Any) -> pa.Table:
        """Rows to predict from, their columns named as those that the model was trained on."""
        check_is_fitted(self, "ensemble_")
        # The names are not those in `feature_names_in_`, which shap takes away.
        names, warns = [c.name for c in self.columns_], self.feature_names_in_ is not None
        return as_new_rows(X, names, type(self).__name__, warns_of_arrays=warns)

    def prepare(self, X: Any) -> Prepared:
        """Return the rows as the networks get them: `network(prepared.x, prepared.codes)`."""
        return self.preparation_.transform(self._table(X))

    def compare(self, X: Any) -> Comparison:
        """Say how rows differ from those that the model was trained on.

        Parameters
        ----------
        X : as for `fit`, without its target
            New rows. Few of them, or a difference that matters little, raise no alarm; a single
            value far outside what was seen does. See `layerwise.tables.drift`.

        Returns
        -------
        Comparison
            Its `differences` are the columns that differ, with a `message` each; its `columns` all
            that the model uses, with shares and distances. Nothing is compared (`n_trained` is
            None) where the model was saved by a version that did not keep what its rows were like.

        Raises
        ------
        TableError
            If a column is missing, or holds something of another kind.
        """
        return compare(self.preparation_, self._table(X))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Keep the model in one file, which `layerwise.load` reads; see `layerwise.store.save`."""
        write_container(path, *state_of(self))

    def _predicted(self, X: Any) -> Array:
        """Outputs of raw rows, some at a time: prepared they are larger.

        Cells that are taken for missing ones, and a target among the columns, are warned of.
        """
        table = self._table(X)
        if table.num_rows > _ROWS_AT_ONCE:
            table = self.preparation_.as_trained(table)
        parts = []
        unread: Counter[str] = Counter()
        for start in range(0, max(1, table.num_rows), _ROWS_AT_ONCE):
            prepared = self.preparation_.transform(table.slice(start, _ROWS_AT_ONCE))
            parts.append(self.outputs(prepared.x, prepared.codes))
            unread.update({name: count for name, (count, _) in prepared.unread.items()})
        for name, count in unread.items():
            warn(
                f"{count:,} of {table.num_rows:,} cells of {name!r} cannot be read as what it held "
                "when the model was trained, and count as missing; compare(X) says more"
            )
        used = {column.name for column in self.preparation_.used}
        targets = [one for one in self.task_.names if one in table.column_names and one not in used]
        if targets:
            warn(f"the table holds the target, {some_names(targets)}, which is not used to predict")
        return np.concatenate(parts)

    def outputs(self, x: Array, codes: Array) -> Array:
        """Return probabilities, shape (n, n_classes), or numbers, of prepared rows."""
        return self.outputs_of(self.ensemble_(x, codes, self.n_threads))

    def predict_by_network(self, X: Any) -> Array:
        """Return what each network alone predicts; their spread says how far they agree.

        Returns
        -------
        ndarray, shape (n_networks, n, n_classes), (n_networks, n) or (n_networks, n, n_targets)
            Probabilities, or numbers. The model's own come of the average of the networks'
            outputs, before it is calibrated: they are not exactly the mean of these.
        """
        prepared, n = self.prepare(X), self.n_threads
        outputs = [net(prepared.x, prepared.codes, n_threads=n) for net in self.networks_]
        return np.stack([self.outputs_of(each.astype(np.float64)) for each in outputs])
