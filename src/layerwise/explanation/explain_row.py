"""`explain`: the way of one row through a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from layerwise.architecture import Loss
from layerwise.arrays import Reals
from layerwise.engine import reference
from layerwise.ensemble.importance import Importance, permutation_importance
from layerwise.estimators import MLPClassifier, MLPRegressor, TableClassifier, TableRegressor
from layerwise.explanation.chain_rule import ChainRule, take_back
from layerwise.explanation.chosen_weight import find_weight, largest_weight
from layerwise.explanation.explanation import Explanation
from layerwise.explanation.features import Inputs, features_of, in_double_precision
from layerwise.explanation.layers import see_layers
from layerwise.explanation.network_subject import mlp_subject, network_subject
from layerwise.explanation.subject import Subject
from layerwise.explanation.table_subject import table_subject
from layerwise.language import speaks, spoken, tr
from layerwise.network import Network
from layerwise.store.model_files import Model
from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_table
from layerwise.tables.names import check_names, some_names, spelled, spelled_as


@speaks
def explain(
    model: Model,
    row: object,
    *,
    answer: object = None,
    of: object = None,
    member: int = 1,
    weights: str | Sequence[str] = (),
    baseline: object = None,
    table: object = None,
    top: int | None = 6,
    title: str | None = None,
    codes: ArrayLike | None = None,
    input_names: Sequence[str] | Inputs | None = None,
    output_names: Sequence[str] | None = None,
    loss: str | Loss | None = None,
    progress: Callable[[int, int], object] | None = None,
    language: str | None = None,
) -> Explanation:
    """Explain one row: node by node, backwards, and what each column contributed.

    Parameters
    ----------
    model : TableClassifier, TableRegressor, MLPClassifier, MLPRegressor or Network
        Fitted.
    row : dict of column to cell, table of one row, or sequence of numbers
        With the target's column among them, the answer is known.
    answer : object
        The true class or number (a sequence of several). With it, the loss is written out and
        taken back through the network.
    of : object
        The class, or target, that is explained. None: the class predicted, or the first target.
    member : int
        Of several networks, the one that is walked through, from 1.
    weights : str or sequence of str
        For which weights the chain rule is written out: "h1_2,h2_3" joins the second node of
        hidden layer 1 to the third of layer 2; "h2_3" is a bias. None given: the weight that the
        loss depends on most.
    baseline : like row, or None
        What contributions are counted from. None: the typical row of a table's model, zeros else.
    table : table with answers, or None
        For which the permutation importance of each column is found too (table models).
    top : int or None
        How many columns, nodes of a layer and terms of a sum are shown of many; None for all.
    title : str or None
        What the row is called; None: "one row".
    codes, input_names, output_names, loss
        For a `Network`: its codes, names, and its loss where it is not the usual one. `Inputs`
        names codes too, and what they stand for.
    progress : callable or None
        Called while `table`'s columns are shuffled: progress(how many times so far, of how many).
    language : {"en", "ko"} or None
        What it is written in; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Explanation

    Raises
    ------
    TypeError
        For another kind of model, or options it does not have.
    ValueError
        For what is not there: a column, a class, a network, a weight, a language.

    Examples
    --------
    >>> net = Network("3-4:tanh-1:sigmoid", seed=0, dtype="float64")
    >>> explanation = explain(net, [0.5, -1, 2], answer=1, input_names=["age", "income", "rent"])
    >>> explanation.layers[0].node_names
    ('h1_1', 'h1_2', 'h1_3', 'h1_4')
    >>> print({name: round(share, 2) for name, share in explanation.contributions.items()})
    {'age': 0.05, 'income': 0.07, 'rent': -0.08}
    """
    if top is not None and (not hasattr(top, "__index__") or top < 1):
        raise ValueError(f"top must be an integer of at least 1, or None for all; got {top!r}")
    of_network = {
        "codes": codes, "input_names": input_names, "output_names": output_names, "loss": loss,
    }  # fmt: skip
    subject = _subject(model, row, answer, baseline, of_network)
    n = len(subject.networks)
    if not hasattr(member, "__index__") or not 1 <= member <= n:
        networks = "one network" if n == 1 else f"{n} networks, 1 to {n}"
        raise ValueError(f"there is no network {member}: the model has {networks}")
    place = _result(subject, of)
    asked = [weights] if isinstance(weights, str) else list(weights)
    if asked and subject.answer is None:
        raise ValueError(
            "the gradient by a weight is the loss's, and a loss needs the answer: give "
            "answer=..., or a row that has the target's column"
        )
    importance = None
    if table is not None:
        importance = _importance(model, table, progress)
    found = walk(subject, place, member - 1, asked, top=top, title=title, importance=importance)
    found.attribution  # noqa: B018  of the networks as they are now
    return found


def walk(
    subject: Subject,
    of: int,
    member: int = 0,
    weights: Sequence[str] = (),
    *,
    top: int | None = None,
    title: str | None = None,
    importance: Importance | None = None,
) -> Explanation:
    """Take a row through one of its networks, and back; contributions are found when asked for.

    Parameters
    ----------
    subject : Subject
    of, member : int
        The result and the network, from 0.
    weights, top, title
        As for `explain`.
    importance : Importance or None

    Raises
    ------
    ValueError
        For a weight that there is not.
    """
    networks_in_double = [in_double_precision(network) for network in subject.networks]
    x = subject.x.astype(np.float64)
    outputs = np.stack([net.forward(x, subject.codes).outputs[0] for net in networks_in_double])
    network = networks_in_double[member]
    trace = network.forward(x, subject.codes)
    features = features_of(subject.networks[member], subject.inputs)
    names = tuple(feature.name for feature in features)
    n_scores = network.architecture.n_outputs
    layers = see_layers(network, trace, names, [f"s_{k + 1}" for k in range(n_scores)])
    backward, chains = None, []
    if subject.answer is not None:
        target = subject.answer.target
        backward = take_back(network, trace, target, subject.loss)
        chosen = [find_weight(text, layers, subject.score_names) for text in weights]
        rule = ChainRule(network, x, subject.codes, target, subject.loss, layers, backward, top)
        chosen = chosen or [largest_weight(layers, backward.weights)]
        chains = [rule.of(weight) for weight in chosen]
    scale = network.parameters.get("inputs.scale")
    return Explanation(
        title=tr("one row") if title is None else title,
        subject=subject,
        of=of,
        member=member,
        top=top,
        outputs=outputs,
        results=subject.combining(outputs[:, None, :])[0],
        feature_names=names,
        features=trace.features[0],
        factors=np.ones(len(names)) if scale is None else scale,
        sources=tuple(feature.source for feature in features),
        layers=layers,
        effects=_effects(network, trace, min(of, n_scores - 1)),
        backward=backward,
        chains=chains,
        importance=importance,
        language=spoken(),
    )


def _subject(
    model: Model, row: object, answer: object, baseline: object, of_network: dict[str, Any]
) -> Subject:
    given = [name for name, value in of_network.items() if value is not None]
    if given and not isinstance(model, Network):
        raise TypeError(f"{given[0]}= is for a Network; a {type(model).__name__} knows its own")
    if isinstance(model, (TableClassifier, TableRegressor)):
        return table_subject(model, row, answer, baseline)
    if isinstance(model, (MLPClassifier, MLPRegressor)):
        return mlp_subject(model, row, answer=answer, baseline=baseline)
    if isinstance(model, Network):
        return network_subject(model, row, answer=answer, baseline=baseline, **of_network)
    raise TypeError(
        "a TableClassifier, TableRegressor, MLPClassifier, MLPRegressor or Network is wanted; got "
        f"{type(model).__name__}"
    )


def _result(subject: Subject, of: object) -> int:
    if of is None:
        return subject.predicted
    (name,) = spelled([str(of)], subject.results)
    if name in subject.results:
        return subject.results.index(name)
    what = "class" if subject.is_classes else "target"
    near = get_close_matches(str(of), subject.results, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(f"there is no {what} {of!r}; {hint}Known: {some_names(subject.results)}")


def _importance(
    model: Model, table: object, progress: Callable[[int, int], object] | None
) -> Importance:
    if not isinstance(model, (TableClassifier, TableRegressor)):
        raise TypeError(
            f"table= is for a model of a table; this is a {type(model).__name__}, for which "
            "sklearn.inspection.permutation_importance does the same"
        )
    whole = spelled_as(as_table(table), model.task_.names)
    check_names(model.task_.names, whole.column_names, "the answers")
    y, missing = model.task_.encode(*(whole.column(name) for name in model.task_.names))
    if missing.all():
        raise TableError("no row of the table has an answer, and without one no loss can rise")
    kept = np.flatnonzero(~missing)
    prepared = model.prepare(whole.take(kept))
    return permutation_importance(model, prepared, y[kept], progress=progress)


def _effects(network: Network, trace: reference.Trace, score: int) -> list[Reals]:
    """For each layer, its nodes' values times the derivatives of a score by them."""
    by_scores = np.zeros_like(trace.scores)
    by_scores[:, score] = 1.0
    gradients = reference.backward(network.architecture, network.vector, trace, 0.0, by_scores)
    return [
        by_node[0] * layer.output[0]
        for by_node, layer in zip(gradients.activations, trace.layers, strict=True)
    ]
