"""A model as one ONNX graph: from a table's cells to the prediction, for any runtime."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from sklearn.utils.validation import check_is_fitted

from layerwise.ensemble.ensemble import Ensemble
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.files.atomic_writing import ModelFileError, write_whole
from layerwise.network import Network
from layerwise.store.onnx_columns import add_columns, check_columns
from layerwise.store.onnx_network import add_network
from layerwise.tables.frames import as_table
from layerwise.tables.names import check_names, spelled_as
from layerwise.version import __version__

if TYPE_CHECKING:
    from layerwise.store.onnx_graph import Graph

# What probabilities are raised to before their logarithm, in `calibration.temper`.
_LEAST_PROBABILITY = 1e-30


def export_onnx(
    model: TableClassifier | TableRegressor | Network,
    path: str | os.PathLike[str],
    like: object = None,
) -> None:
    """Write a fitted model as an ONNX graph.

    The graph of a table's model has an input for each column that the model uses, under its name
    and of shape (n, 1): for a number or a truth value a double, NaN where missing; for a category,
    and for words such as "yes" and "no", a string, "" where missing; or a double where the
    categories were numbers in the table. (Doubles, so that a large number keeps the digits that
    tell it from its neighbours.) Values that the model does not know are as good as in `predict` of
    a data frame, spaces around a text too; it trims no other blanks. Text around numbers ("3 kg")
    is not read: give the number.

    What ONNX calls an input has one type and one number of dimensions. Those of a table's columns
    it gets with `like`: int64, float and bool where they are, shape (n,), as ``table[name]`` has
    them.

    Outputs are

    - of a classifier "probabilities", double of shape (n, n_classes), and "class", the class
      itself, of shape (n,): string, int64, uint64 (of classes beyond 2^63), double or bool;
    - of a regressor "prediction", double of shape (n, n_targets), and with intervals "low" and
      "high".

    An output whose name is also a column's has "predicted " before it. The graph of a network has
    the inputs "x", float of shape (n, n_inputs), and "codes", int64 of shape (n, n_codes), where it
    takes them; and the output "outputs".

    Version, task, target, classes, what to give to each input and such a cell stand among the
    model's properties ("layerwise", "task", "target", "classes", "inputs", "typical"), as JSON.
    `layerwise.store.onnx_example.feeding_example` writes them out as a program.

    Parameters
    ----------
    model : TableClassifier, TableRegressor or Network
    path : path
    like : table or None
        A data frame, or another table, with the columns as they will be fed.

    Raises
    ------
    ModelFileError
        If the model has dates or free text, which ONNX cannot express; if a column of `like` holds
        text where numbers are wanted; if the library onnx is not installed; or if the file cannot
        be written.
    TableError
        If `like` lacks a column.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_onnx(Network("3-4-1", seed=0), Path(folder, "net.onnx"))
    ...     Path(folder, "net.onnx").stat().st_size > 0
    True
    """
    try:
        from layerwise.store.onnx_graph import Graph
    except ModuleNotFoundError as error:
        raise ModelFileError(
            "an ONNX graph is written with the library onnx, which is not installed: "
            "pip install 'layerwise[onnx]'"
        ) from error
    if isinstance(model, Network):
        graph = Graph(["x", "codes", "outputs"])
        _add_bare_network(graph, model)
        facts: dict[str, object] = {}
    elif isinstance(model, TableClassifier | TableRegressor):
        graph, facts = _table_model(Graph, model, None if like is None else as_table(like))
    else:
        raise TypeError(
            "a TableClassifier, a TableRegressor or a Network is wanted; got "
            f"{type(model).__name__} (of an MLPClassifier or MLPRegressor, give its network_)"
        )
    finished = graph.model({"layerwise": __version__, **facts}, "a model of Layerwise")
    write_whole(path, finished.SerializeToString())


def _add_bare_network(graph: "Graph", network: Network) -> None:
    architecture = network.architecture
    x = graph.input("x", "float", architecture.n_inputs) if architecture.n_inputs else None
    codes: list[str] = []
    if architecture.n_codes:
        graph.input("codes", "int64", architecture.n_codes)
        codes = [
            graph("Gather", "codes", graph.constant([i]), axis=1)
            for i in range(architecture.n_codes)
        ]
    graph.output(add_network(graph, network, x, codes), "outputs", "float", architecture.n_outputs)


def _table_model(
    new_graph: "type[Graph]", model: TableClassifier | TableRegressor, like: pa.Table | None
) -> tuple["Graph", dict[str, object]]:
    check_is_fitted(model, "ensemble_")
    check_columns(model.preparation_)
    columns = [column.name for column in model.preparation_.used]
    if like is not None:
        like = spelled_as(like, columns)
        check_names(columns, like.column_names, "that the model predicts from")
    named = {
        name: _free_name(name, columns)
        for name in ("class", "probabilities", "prediction", "low", "high")
    }
    graph = new_graph([*columns, *named.values()])
    x, codes = add_columns(graph, model.preparation_, like)
    average = _average(graph, model.ensemble_, x, codes)
    task = model.task_
    facts: dict[str, object] = {
        "task": task.kind,
        "target": task.names,
        "inputs": graph.described,
        "typical": graph.typical,
    }
    if isinstance(model, TableClassifier):
        p = _tempered(graph, average, model)
        graph.output(p, named["probabilities"], "double", len(task.classes))
        label, kind = _label(graph, p, model)
        graph.output(label, named["class"], kind, None)
        return graph, facts | {"classes": task.classes}
    y = _in_units(graph, average, model)
    low, high = (graph.constant(end) for end in (model.target_low_, model.target_high_))
    y = graph("Min", graph("Max", y, low), high)
    graph.output(y, named["prediction"], "double", task.n_targets)
    if model.intervals_ is not None:
        for name, end in zip(("low", "high"), _interval(graph, model, x, codes), strict=True):
            graph.output(end, named[name], "double", task.n_targets)
    return graph, facts


def _free_name(name: str, columns: Sequence[str]) -> str:
    """The name of an output, changed as long as a column is called so."""
    while name in columns:
        name = f"predicted {name}"
    return name


def _average(graph: "Graph", ensemble: Ensemble, x: str | None, codes: list[str]) -> str:
    parts = []
    for member in ensemble.members:
        outputs = graph.cast(add_network(graph, member.network, x, codes), "double")
        parts.append(graph("Mul", outputs, graph.constant(member.weight)))
    return graph("Div", graph("Sum", *parts), graph.constant(float(ensemble.weights.sum())))


def _tempered(graph: "Graph", p: str, model: TableClassifier) -> str:
    """As `calibration.temper` does it."""
    share, k = model.share_, len(model.task_.classes)
    logs = graph("Log", graph("Max", p, graph.constant(_LEAST_PROBABILITY)))
    cooled = graph("Div", logs, graph.constant(float(model.temperature_)))
    if model.class_weights_ is not None:
        weights = np.where(model.class_weights_ > 0, model.class_weights_, 1.0)
        cooled = graph("Sub", cooled, graph.constant(np.log(weights)))
    sharp = graph("Softmax", cooled, axis=1)
    mixed = graph("Mul", sharp, graph.constant(1.0 - share))
    return graph("Add", mixed, graph.constant(share / k))


def _label(graph: "Graph", p: str, model: TableClassifier) -> tuple[str, str]:
    """(the class itself, its type), as `TableClassifier.decide` chooses it."""
    if len(model.task_.classes) == 2:
        second = graph("Gather", p, graph.constant(np.int64(1)), axis=1)
        above = graph("Greater", second, graph.constant(float(model.threshold_)))
        place = graph.cast(above, "int64")
    else:
        if model.class_weights_ is not None:
            p = graph("Mul", p, graph.constant(model.class_weights_))
        place = graph("ArgMax", p, axis=1, keepdims=0)
    classes = model.classes_
    is_beyond = classes.dtype.kind == "u" and classes.max() > np.iinfo(np.int64).max
    kind, dtype = {
        "O": ("string", object), "U": ("string", object), "i": ("int64", np.int64),
        "u": ("uint64", np.uint64) if is_beyond else ("int64", np.int64),
        "f": ("double", np.float64), "b": ("bool", np.bool_),
    }[classes.dtype.kind]  # fmt: skip
    classes = classes.astype(dtype)
    return graph("Gather", graph.constant(classes), place, axis=0), kind


def _in_units(graph: "Graph", y: str, model: TableRegressor) -> str:
    scaled = graph("Mul", y, graph.constant(model.target_scale_))
    return graph("Add", scaled, graph.constant(model.target_mean_))


def _interval(
    graph: "Graph", model: TableRegressor, x: str | None, codes: list[str]
) -> tuple[str, str]:
    """(lower ends, upper ends), as `Intervals` computes them."""
    intervals = model.intervals_
    assert intervals is not None
    one = _average(graph, intervals.low, x, codes)
    other = _average(graph, intervals.high, x, codes)
    low, high = graph("Min", one, other), graph("Max", one, other)
    middle = graph("Mul", graph("Add", low, high), graph.constant(0.5))
    margins = graph.constant(intervals.margins)
    low = graph("Min", graph("Sub", low, margins), middle)
    high = graph("Max", graph("Add", high, margins), middle)
    return _in_units(graph, low, model), _in_units(graph, high, model)
