"""A model and rows of a table, brought to what pictures compute with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from layerwise.architecture import OUTPUTS
from layerwise.arrays import Array, Codes, Integers, Reals
from layerwise.network.inputs import as_array, check_numbers

if TYPE_CHECKING:
    import pyarrow as pa

    from layerwise.architecture import Loss
    from layerwise.estimators.table import BaseTable
    from layerwise.network import Network
    from layerwise.store.model_files import Model
    from layerwise.tables.columns import Column
    from layerwise.tables.targets import Targets


@dataclass(frozen=True)
class ModelRows:
    """Rows as a model takes them, and what it makes of any rows.

    Attributes
    ----------
    network : Network
        The model's, or one of those that it averages.
    x, codes : ndarray, shapes (n, n_inputs) and (n, n_codes)
    names : tuple of str
        The columns that the model predicts from.
    outputs : callable
        outputs(x, codes): probabilities, shape (n, n_classes), or numbers, shape (n,).
    classes : tuple of str
        () where numbers are predicted.
    target : str
        What is predicted.
    y : ndarray, shape (n,), or None
        Class numbers or numbers, in the units of `outputs`; None: not known.
    y_network : ndarray or None
        The same as the network's loss takes it.
    loss : Loss or None
        The network's; None: what goes with its output.
    prepare : callable
        prepare(table): (x, codes) of other rows of the same columns, where `table` is not None.
    table : pyarrow.Table or None
        The raw rows, of a table's model.
    columns : tuple of Column or None
        What was decided about each of `names`, of a table's model.
    inputs_of : callable or None
        inputs_of(name): which columns of x and of codes a column became, of a table's model.
    n_networks : int
    """

    network: "Network"
    x: Reals
    codes: Codes
    names: tuple[str, ...]
    outputs: Callable[[Reals, Codes], Reals]
    classes: tuple[str, ...] = ()
    target: str = "output"
    y: "Targets | None" = None
    y_network: "Targets | None" = None
    loss: "Loss | None" = None
    prepare: "Callable[[pa.Table], tuple[Reals, Codes]] | None" = None
    table: "pa.Table | None" = None
    columns: "tuple[Column, ...] | None" = None
    inputs_of: Callable[[str], tuple[list[int], list[int]]] | None = None
    n_networks: int = 1


def rows_of(model: "Model", X: object, y: ArrayLike | None = None, *, member: int = 0) -> ModelRows:
    """Bring rows to a model.

    Parameters
    ----------
    model : Network, or a fitted estimator of this package
    X : what the model predicts from
        For a table's model the target may be among the columns.
    y : array-like, shape (n,), or None
        The answers, as the model was given them.
    member : int
        Of a model that averages networks: which one, from 0.

    Raises
    ------
    TypeError
        For what is none of these models.
    ValueError
        For several outputs that are no classes, answers that are no class of the model, a member
        that is not there.
    NotFittedError
    """
    from sklearn.utils.validation import check_is_fitted

    from layerwise.estimators.mlp import BaseMLP
    from layerwise.estimators.table import BaseTable
    from layerwise.network import Network

    if isinstance(model, BaseTable):
        check_is_fitted(model, "ensemble_")
        return _of_table(model, X, y, member)
    check_member(member, 1)
    names: Any = None
    if isinstance(model, BaseMLP):
        check_is_fitted(model, "network_")
        network, labels = model.network_, getattr(model, "classes_", None)
        names = getattr(model, "feature_names_in_", None)
    elif isinstance(model, Network):
        network, labels = model, None
    else:
        raise TypeError(
            f"a Network or a fitted model of this package is wanted; got {type(model).__name__}"
        )
    architecture = network.architecture
    if architecture.n_codes:
        raise ValueError("a bare network with codes cannot be drawn: draw its table's model")
    output = OUTPUTS[architecture.output]
    is_binary = output.of_labels and architecture.n_outputs == 1
    is_classes = is_binary or output.of_classes
    _check_one_output(is_classes, architecture.n_outputs)
    if names is None:
        names = getattr(X, "columns", None)
    x = check_numbers(as_array(X, "x"), architecture, network.dtype)
    names = [f"x{i + 1}" for i in range(x.shape[1])] if names is None else names
    classes: tuple[str, ...] = ()
    if is_classes:
        n = 2 if is_binary else architecture.n_outputs
        labels = np.arange(n) if labels is None else labels
        classes = tuple(str(label) for label in labels)
    answers = _known(y, len(x), labels)

    def outputs(x: Reals, codes: Codes) -> Reals:
        found = np.asarray(network(x), np.float64)
        if is_binary:
            return np.hstack([1 - found, found])
        return found if is_classes else found[:, 0]

    return ModelRows(
        network, x, np.zeros((len(x), 0), np.int32), tuple(map(str, names)), outputs, classes,
        y=answers, y_network=answers, loss=getattr(model, "loss_entry", None),
    )  # fmt: skip


def check_member(member: int, n_networks: int) -> None:
    """Refuse, with a ValueError, the number of a network that a model does not have."""
    if not 0 <= member < n_networks:
        has = f"the model averages {n_networks} networks, 0 to {n_networks - 1}"
        has = has if n_networks > 1 else "this model is one network; only 0 is there"
        raise ValueError(f"member={member}: {has}")


def _check_one_output(is_classes: bool, n_outputs: int) -> None:
    if not is_classes and n_outputs != 1:
        raise ValueError(f"one number or classes can be drawn; this model has {n_outputs} outputs")


def _known(y: ArrayLike | None, n: int, labels: ArrayLike | None) -> "Targets | None":
    """Answers as class numbers where there are classes, else as numbers."""
    if y is None:
        return None
    values = as_array(y, "y")
    if values.shape == (n, 1):
        values = values[:, 0]
    if values.shape != (n,):
        raise ValueError(f"y must hold an answer for each of the {n:,} rows; got {values.shape}")
    if labels is None:
        return values.astype(np.float64)
    return class_places(values, np.asarray(labels).tolist(), "y")


def class_places(values: Array, labels: Sequence[object], name: str) -> Integers:
    """The place of each value among labels; a ValueError names one that is none of them."""
    places = {label: place for place, label in enumerate(labels)}
    strange = [value for value in values.tolist() if value not in places]
    if strange:
        raise ValueError(f"{name} holds {strange[0]!r}, which is none of the classes {labels[:8]}")
    return np.array([places[value] for value in values.tolist()])


def _of_table(model: "BaseTable", X: object, y: ArrayLike | None, member: int) -> ModelRows:
    from layerwise.tables.frames import as_column, as_new_rows
    from layerwise.tables.names import spelled_as

    task, networks = model.task_, model.networks_
    check_member(member, len(networks))
    _check_one_output(bool(task.classes), task.n_targets)
    names = [column.name for column in model.columns_]
    table = as_new_rows(X, names, type(model).__name__, warns_of_arrays=False)
    table = spelled_as(table, [*task.names, *(column.name for column in model.preparation_.used)])
    answers = answers_network = None
    column = None
    if y is not None:
        column = as_column(y, task.names[0])
    elif task.names[0] in table.column_names:
        column = table.column(task.names[0])
    if column is not None:
        if len(column) != table.num_rows:
            raise ValueError(
                f"y must hold an answer for each of the {table.num_rows:,} rows; got {len(column)}"
            )
        import pyarrow as pa

        answers, missing = task.encode(column)
        table, answers = table.filter(pa.array(~missing)), answers[~missing]
        answers_network = answers
        if not task.classes:
            answers_network = (answers - model.target_mean_[0]) / model.target_scale_[0]
    if not table.num_rows:
        raise ValueError("the table holds no rows (with a known answer); there is nothing to draw")
    prepared = model.prepare(table)

    def prepare(rows: "pa.Table") -> tuple[Reals, Codes]:
        ready = model.prepare(rows)
        return ready.x, ready.codes

    return ModelRows(
        networks[member], prepared.x, prepared.codes,
        tuple(column.name for column in model.preparation_.used), model.outputs,
        tuple(str(label) for label in task.classes), task.names[0], answers, answers_network,
        model.loss_entry, prepare, table,
        model.preparation_.used, model.preparation_.inputs_of, len(networks),
    )  # fmt: skip
