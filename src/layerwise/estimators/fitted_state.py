"""What a fitted estimator knows, as plain data and arrays, and the estimator made of them again.

A model file holds exactly this. Nothing in it is code, and nothing is another library's own.
The estimators' classes are known here by their names alone, so that they may import this.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from layerwise.architecture import Architecture
from layerwise.arrays import Array
from layerwise.engine.layout import Block, layout_of
from layerwise.ensemble.ensemble import Ensemble, Member
from layerwise.ensemble.intervals import Intervals
from layerwise.ensemble.recipe import Recipe
from layerwise.estimators.labels import Labels
from layerwise.language import Said, said_again
from layerwise.network import Network
from layerwise.tables.preparation import Preparation
from layerwise.tables.task import Task
from layerwise.training import History

Arrays = dict[str, Array]
Facts = dict[str, Any]

_OF_TABLES = ("TableClassifier", "TableRegressor")
_OF_MATRICES = ("MLPClassifier", "MLPRegressor")

# What is known of a table's model beside what its class names in `_fitted_numbers`.
_TABLE_FITTED = ("seed_", "fit_seconds_", "n_features_in_", "feature_names_in_")
# What files of earlier versions lack: it is then the class's own, or found of the others.
_ADDED = ("class_weights_", "classes_")
# What a model of matrices learns beside its network, its labels and its history.
_MLP_FITTED = (
    "n_outputs_", "n_features_in_", "feature_names_in_", "n_layers_", "out_activation_",
    "loss_", "best_loss_", "loss_curve_", "validation_scores_", "best_validation_score_",
    "n_iter_", "t_", "_offset",
)  # fmt: skip


def state_of(model: Any) -> tuple[Facts, Arrays]:
    """Return what a fitted model knows.

    Of the constructor's parameters, those that are no plain data, such as a callback or a random
    generator, are left out; so are the optimiser's moments of ``MLPClassifier`` and
    ``MLPRegressor``, and the numbers of the rows that a network did not train on.

    Parameters
    ----------
    model : TableClassifier, TableRegressor, MLPClassifier, MLPRegressor or Network

    Returns
    -------
    facts : dict
        What JSON can hold; ``facts["kind"]`` is the model's class.
    arrays : dict of str to ndarray
        The numbers. A network's are named as in `Network.parameters`.

    Raises
    ------
    TypeError
        If it is no such model.
    NotFittedError
        If it has not been fitted.

    Examples
    --------
    >>> facts, arrays = state_of(Network("2-3-1", seed=0))
    >>> facts["kind"], list(arrays)
    ('Network', ['hidden 1.weights', 'hidden 1.biases', 'output.weights', 'output.biases'])
    >>> model_of(Network, facts, arrays)([[1.0, 2.0]]).shape
    (1, 1)
    """
    kind = type(model).__name__
    facts: Facts = {"kind": kind}
    arrays: Arrays = {}
    if isinstance(model, Network):
        return facts | _network_facts(model), network_arrays(model)
    if kind in _OF_TABLES:
        facts["parameters"] = _parameters(model)
        _add_table_model(model, facts, arrays)
    elif kind in _OF_MATRICES:
        facts["parameters"] = _parameters(model)
        _add_mlp(model, facts, arrays)
    else:
        raise TypeError(
            f"one of {', '.join((*_OF_TABLES, *_OF_MATRICES))} or a Network is wanted; got {kind}"
        )
    return facts, arrays


def model_of(kind: type, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
    """Return the model whose state this is; its predictions are the same to the last bit.

    Parameters
    ----------
    kind : type
        The class whose name is ``facts["kind"]``.
    facts, arrays
        As `state_of` returned them.

    Raises
    ------
    ValueError, LookupError, TypeError or AttributeError
        If it is not what `state_of` returns.
    """
    if kind is Network:
        return _network(facts, arrays, "")
    model = kind(**{name: _revived(value, arrays) for name, value in facts["parameters"].items()})
    fill = _fill_table_model if kind.__name__ in _OF_TABLES else _fill_mlp
    fill(model, facts, arrays)
    return model


# Networks


def network_arrays(network: Network, prefix: str = "") -> Arrays:
    """A network's numbers by name, learned ones first; views, all of its own precision.

    Examples
    --------
    >>> list(network_arrays(Network("2-1", seed=0), "network 1/"))
    ['network 1/output.weights', 'network 1/output.biases']
    """
    layout = layout_of(network.architecture)
    parts = [(network.vector, layout.blocks), (network.state, layout.state_blocks)]
    return {
        prefix + block.name: numbers[block.start : block.stop].reshape(block.shape)
        for numbers, blocks in parts
        for block in blocks
    }


def network_of(
    architecture: Architecture, arrays: Mapping[str, Array], prefix: str = ""
) -> Network:
    """Return the network with the numbers that `network_arrays` gave.

    Raises
    ------
    ValueError
        If one is missing or has another shape.
    """
    layout = layout_of(architecture)
    vector = _joined(layout.blocks, arrays, prefix)
    return Network.of(architecture, vector, _joined(layout.state_blocks, arrays, prefix))


def _joined(blocks: Sequence[Block], arrays: Mapping[str, Array], prefix: str) -> Array:
    parts = []
    for block in blocks:
        array = arrays.get(prefix + block.name)
        if array is None or array.shape != block.shape:
            came = "nothing" if array is None else f"one of {array.shape}"
            raise ValueError(
                f"an array {prefix + block.name!r} of the shape {block.shape} is wanted; got {came}"
            )
        parts.append(array.ravel())
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _network_facts(network: Network) -> Facts:
    return {"architecture": json.loads(network.architecture.to_json())}


def _network(facts: Mapping[str, Any], arrays: Mapping[str, Array], prefix: str) -> Network:
    architecture = Architecture.from_json(json.dumps(facts["architecture"]))
    return network_of(architecture, arrays, prefix)


# Ensembles


def _add_ensemble(ensemble: Ensemble, name: str, arrays: Arrays) -> Facts:
    members = []
    for number, member in enumerate(ensemble.members, 1):
        arrays |= network_arrays(member.network, f"{name} {number}/")
        history = json.loads(member.history.to_json())
        own = {"history": history, "kind": member.kind, "weight": member.weight}
        members.append(_network_facts(member.network) | own)
    diverged = list(ensemble.diverged.items())
    return {"stopped": ensemble.stopped, "members": members, "diverged": diverged}


def _ensemble(facts: Mapping[str, Any], name: str, arrays: Mapping[str, Array]) -> Ensemble:
    members = [
        Member(
            _network(member, arrays, f"{name} {number}/"),
            History.from_json(json.dumps(member["history"])),
            held_out=np.zeros(0, np.int64),
            # Files of earlier versions hold neither.
            kind=member.get("kind", 0),
            weight=member.get("weight", 1.0),
        )
        for number, member in enumerate(facts["members"], 1)
    ]
    # Files of earlier versions hold no networks that diverged, and no notes.
    return Ensemble(members, facts["stopped"], dict(facts.get("diverged", ())))


# Models of raw tables


def _add_table_model(model: Any, facts: Facts, arrays: Arrays) -> None:
    check_is_fitted(model, "ensemble_")
    names = (*model._fitted_numbers, *_TABLE_FITTED)
    facts["fitted"] = {name: _plain(getattr(model, name), name, arrays) for name in names}
    facts["notes"] = list(model.notes_)
    texts = [*model.notes_, model.task_.reason, *(column.reason for column in model.columns_)]
    said = [text for text in dict.fromkeys(texts) if isinstance(text, Said)]
    facts["said"] = [_plain(text, "said", arrays) for text in said]
    facts["task"] = model.task_.to_json()
    facts["preparation"] = model.preparation_.to_json()
    arrays |= {f"preparation/{name}": a for name, a in model.preparation_.arrays.items()}
    facts["recipe"] = {
        name: _plain(value, name, arrays) for name, value in asdict(model.recipe_).items()
    }
    facts["ensemble"] = _add_ensemble(model.ensemble_, "network", arrays)
    intervals: Intervals | None = getattr(model, "intervals_", None)
    if intervals is not None:
        arrays["intervals/margins"] = intervals.margins
        facts["intervals"] = {
            "level": intervals.level,
            "low": _add_ensemble(intervals.low, "low end", arrays),
            "high": _add_ensemble(intervals.high, "high end", arrays),
        }


def _fill_table_model(model: Any, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    for name in (*model._fitted_numbers, *_TABLE_FITTED):
        if name in facts["fitted"] or name not in _ADDED:
            setattr(model, name, _revived(facts["fitted"][name], arrays))
    # Files of earlier versions hold what was said in English alone.
    said = {str(text): text for text in _revived(facts.get("said", []), arrays)}
    model.notes_ = tuple(said.get(note, note) for note in facts.get("notes", ()))
    task = Task.from_json(facts["task"])
    model.task_ = replace(task, reason=said.get(task.reason, task.reason))
    if model.task_.classes and "classes_" not in facts["fitted"]:
        arrays = _with_sorted_classes(model, arrays)
    own = {
        name.removeprefix("preparation/"): array
        for name, array in arrays.items()
        if name.startswith("preparation/")
    }
    preparation = Preparation.from_json(facts["preparation"], own)
    model.columns_ = tuple(
        replace(column, reason=said.get(column.reason, column.reason))
        for column in preparation.columns
    )
    model.preparation_ = replace(preparation, columns=model.columns_)
    model.recipe_ = Recipe(
        **{name: _revived(value, arrays) for name, value in facts["recipe"].items()}
    )
    model.ensemble_ = _ensemble(facts["ensemble"], "network", arrays)
    if model.task_.classes:
        return
    model.intervals_ = None
    if "intervals" in facts:
        kept = facts["intervals"]
        low = _ensemble(kept["low"], "low end", arrays)
        high = _ensemble(kept["high"], "high end", arrays)
        model.intervals_ = Intervals(kept["level"], low, high, arrays["intervals/margins"])


def _with_sorted_classes(model: Any, arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    """Sort the classes of a file of earlier versions, in which text stood by its numbers.

    Returns the arrays with the networks' outputs in that order.
    """
    task: Task = model.task_
    order = sorted(range(len(task.classes)), key=task.classes.__getitem__)
    model.task_ = replace(task, classes=tuple(task.classes[place] for place in order))
    model.classes_ = model.task_.decode(np.arange(len(order)))
    if order == sorted(order):
        return arrays
    if model.class_weights_ is not None:
        model.class_weights_ = model.class_weights_[order]
    if len(order) == 2:  # a row at the threshold stays what it was
        model.threshold_ = float(np.nextafter(1 - model.threshold_, 0))
    outputs = ("/output.weights", "/output.biases")
    return {n: a[..., order] if n.endswith(outputs) else a for n, a in arrays.items()}


# Models of matrices


def _add_mlp(model: Any, facts: Facts, arrays: Arrays) -> None:
    check_is_fitted(model, "network_")
    facts["fitted"] = {
        name: _plain(vars(model)[name], name, arrays) for name in _MLP_FITTED if name in vars(model)
    }
    facts["history"] = json.loads(model.history_.to_json())
    facts |= _network_facts(model.network_)
    arrays |= network_arrays(model.network_)
    labels: Labels | None = getattr(model, "_labels", None)
    if labels is not None:
        facts["labels"] = {
            "kind": labels.kind,
            "classes": _plain(labels.classes, "classes", arrays),
        }


def _fill_mlp(model: Any, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    for name in _MLP_FITTED:
        if name in facts["fitted"]:
            setattr(model, name, _revived(facts["fitted"][name], arrays))
    model.network_ = _network(facts, arrays, "")
    model.history_ = History.from_json(json.dumps(facts["history"]))
    model._state = None
    if "labels" in facts:
        labels = Labels.__new__(Labels)
        labels.kind = facts["labels"]["kind"]
        labels.classes = _revived(facts["labels"]["classes"], arrays)
        labels.n_outputs = model.n_outputs_
        model._labels, model.classes_ = labels, labels.classes


# Plain values


def _parameters(model: Any) -> Facts:
    """The constructor's parameters, without those that JSON cannot hold."""
    kept: Facts = {}
    for name, value in model.get_params(deep=False).items():
        arrays: Arrays = {}
        try:
            plain = value.tolist() if isinstance(value, np.ndarray) else value
            plain = _plain(plain, name, arrays)
        except TypeError:
            continue  # it comes back as its default
        if not arrays:
            kept[name] = plain
    return kept


def _plain(value: Any, name: str, arrays: Arrays) -> Any:
    """What JSON can hold; arrays of numbers go to `arrays`, under the name given."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}  # JSON has no infinity
    if isinstance(value, Said):
        values = _plain(value.values, name, arrays)
        return {"said": str(value), "template": value.template, "values": values}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple):
        return {"tuple": [_plain(entry, f"{name} {i}", arrays) for i, entry in enumerate(value)]}
    if isinstance(value, list):
        return [_plain(entry, f"{name} {i}", arrays) for i, entry in enumerate(value)]
    if isinstance(value, Mapping):
        pairs = enumerate(value.items())
        return {
            "dict": [[_plain(k, name, arrays), _plain(v, f"{name} {i}", arrays)]
                     for i, (k, v) in pairs]
        }  # fmt: skip
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        arrays[f"fitted/{name}"] = value
        return {"array": f"fitted/{name}"}
    if isinstance(value, np.ndarray) and value.dtype.kind in "OU" and value.ndim == 1:
        labels = [_plain(entry, name, arrays) for entry in value.tolist()]
        return {"labels": labels, "dtype": value.dtype.str}
    raise TypeError(f"{name} is of the type {type(value).__name__}, which no file can hold")


def _revived(value: Any, arrays: Mapping[str, Array]) -> Any:
    """What `_plain` was given."""
    if isinstance(value, list):
        return [_revived(entry, arrays) for entry in value]
    if not isinstance(value, dict):
        return value
    if "number" in value:
        return float(value["number"])
    if "tuple" in value:
        return tuple(_revived(entry, arrays) for entry in value["tuple"])
    if "dict" in value:
        return {key: _revived(entry, arrays) for key, entry in value["dict"]}
    if "said" in value:
        return said_again(value["said"], value["template"], _revived(value["values"], arrays))
    if "array" in value:
        return arrays[value["array"]]
    return np.array(value["labels"], np.dtype(value["dtype"]))
