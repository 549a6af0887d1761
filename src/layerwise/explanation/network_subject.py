"""A row of plain numbers, and the network or MLP... that takes it, as a subject to explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from layerwise.architecture import OUTPUTS, Loss, matching_loss
from layerwise.arrays import Reals
from layerwise.estimators import MLPClassifier, MLPRegressor
from layerwise.explanation.combining import BothClasses, OneNetwork
from layerwise.explanation.equations import to_digits
from layerwise.explanation.features import Inputs
from layerwise.explanation.subject import Answer, Baseline, CellSeen, Combining, Subject
from layerwise.language import tr
from layerwise.network import Network
from layerwise.network.inputs import as_array, check_codes, check_numbers, check_targets
from layerwise.tables.names import some_names


def network_subject(
    network: Network,
    row: object,
    *,
    answer: object = None,
    baseline: object = None,
    codes: ArrayLike | None = None,
    input_names: Sequence[str] | Inputs | None = None,
    output_names: Sequence[str] | None = None,
    loss: str | Loss | None = None,
) -> Subject:
    """Check a row of numbers, and codes, and give everything a name.

    Raises
    ------
    ValueError
        For another number of inputs, numbers that are not finite, names that do not fit.
    """
    architecture = network.architecture
    given = input_names.names if isinstance(input_names, Inputs) else input_names
    names = _names(given, architecture.n_inputs, "x", "input_names")
    inputs = input_names if isinstance(input_names, Inputs) else Inputs(names)
    is_classes = OUTPUTS[architecture.output].of_classes
    results = _names(output_names, architecture.n_outputs, "output ", "output_names")
    return _subject(
        network,
        row,
        codes=codes,
        baseline=baseline,
        inputs=inputs,
        combining=OneNetwork(),
        results=results,
        score_names=results,
        is_classes=is_classes,
        loss=matching_loss(loss, architecture.output),
        answer=answer,
    )


def mlp_subject(
    model: MLPClassifier | MLPRegressor,
    row: object,
    *,
    answer: object = None,
    baseline: object = None,
) -> Subject:
    """Look up what an MLP... calls its inputs and classes."""
    check_is_fitted(model, "network_")
    network = model.network_
    n = network.architecture.n_inputs
    known = getattr(model, "feature_names_in_", None)
    names = _names(None if known is None else list(map(str, known)), n, "x", "the names")
    combining: Combining = OneNetwork()
    output, n_outputs = OUTPUTS[network.architecture.output], network.architecture.n_outputs
    results, is_classes = _names(None, n_outputs, "output ", ""), False
    if isinstance(model, MLPClassifier):
        results = tuple(map(str, model.classes_))
        is_classes = output.of_classes or n_outputs < len(results)
    score_names = results
    if output.of_labels and is_classes:
        combining, score_names = BothClasses(results), results[1:]
    return _subject(
        network,
        row,
        codes=None,
        baseline=baseline,
        inputs=Inputs(names),
        combining=combining,
        results=results,
        score_names=score_names,
        is_classes=is_classes,
        loss=model.loss_entry,
        answer=answer,
    )


def _subject(
    network: Network,
    row: object,
    *,
    codes: ArrayLike | None,
    baseline: object,
    inputs: Inputs,
    combining: Combining,
    results: tuple[str, ...],
    score_names: tuple[str, ...],
    is_classes: bool,
    loss: Loss,
    answer: object,
) -> Subject:
    found, names = None, inputs.names
    if answer is not None and is_classes:
        place = _place(answer, results)
        found = Answer(results[place], np.array([[place]]), place)
    elif answer is not None:
        given = as_array(answer, "answer").reshape(1, -1)
        target = check_targets(given, network.architecture, loss, 1, np.dtype(np.float64))
        text = ", ".join(to_digits(float(y), 6).shown for y in target[0])
        found = Answer(text, target, None, tuple(target[0].tolist()))
    x = _numbers(row, network, names, "the row")
    integers = check_codes(codes, network.architecture, 1)
    outputs = network(x, integers)
    own = combining(outputs[None])[0]
    n_codes = integers.shape[1]
    code_names = inputs.code_names or tuple(f"code {k + 1}" for k in range(n_codes))
    start = Baseline(
        tr("all inputs 0, no value of any code") if code_names else tr("all inputs 0"),
        np.zeros_like(x),
        None,
        dict.fromkeys(names, "0") | dict.fromkeys(code_names, tr("none")),
    )
    if baseline is not None:
        x_start = _numbers(baseline, network, names, "the baseline")
        cells = {
            name: to_digits(float(v), 6).shown for name, v in zip(names, x_start[0], strict=True)
        }
        codes_start = integers if code_names else None
        cells |= {name: str(code) for name, code in zip(code_names, integers[0], strict=True)}
        start = Baseline(tr("the row given"), x_start, codes_start, cells)
    numbers = (
        CellSeen(name, to_digits(float(x[0, i]), 6).shown, tr("as it is"), (), (i,))
        for i, name in enumerate(names)
    )
    embeddings = enumerate(zip(code_names, network.architecture.embeddings, strict=True))
    words_on_codes = (
        CellSeen(name, str(integers[0, k]), tr(entry.words), (), (len(names) + k,))
        for k, (name, entry) in embeddings
    )
    return Subject(
        networks=[network],
        inputs=replace(inputs, code_names=code_names),
        x=x,
        codes=integers,
        cells=(*numbers, *words_on_codes),
        combining=combining,
        results=results,
        is_classes=is_classes,
        loss=loss,
        answer=found,
        predicted=int(own.argmax()) if is_classes else 0,
        own_outputs=own,
        baseline=start,
        score_names=score_names,
    )


def _names(given: Sequence[str] | None, n: int, default: str, what: str) -> tuple[str, ...]:
    if given is None:
        return tuple(f"{default}{i + 1}" for i in range(n))
    names = tuple(map(str, given))
    if len(names) != n or len(set(names)) != n:
        raise ValueError(
            f"{what} must hold a name for each of {n}, no two alike; got {len(names)}: "
            f"{some_names(names)}"
        )
    return names


def _numbers(row: Any, network: Network, names: tuple[str, ...], what: str) -> Reals:
    if hasattr(row, "to_frame") and hasattr(row, "items"):  # a Series
        row = dict(row.items())
    if hasattr(row, "columns") and len(row) == 1:  # a data frame
        row = {str(name): next(iter(row[name])) for name in row.columns}
    if isinstance(row, Mapping):
        lacking = [name for name in names if name not in row]
        if lacking:
            raise ValueError(
                f"{what} lacks {some_names(lacking)}; the network's inputs: {some_names(names)}"
            )
        row = [row[name] for name in names]
    x = check_numbers(row, network.architecture, network.dtype)
    if len(x) != 1:
        raise ValueError(f"one row is wanted; got {len(x):,}. Take one of them, as in x[6]")
    wrong = np.flatnonzero(~np.isfinite(x[0]))
    if len(wrong):
        i = int(wrong[0])
        raise ValueError(
            f"{names[i]!r} is {x[0, i]} in {what}; a network computes with finite numbers. Fill "
            "it in as you did for training"
        )
    return x


def _place(answer: object, results: tuple[str, ...]) -> int:
    """Which class an answer is: by its name, or by its number."""
    if str(answer) in results:
        return results.index(str(answer))
    if isinstance(answer, (int, np.integer)) and 0 <= answer < len(results):
        return int(answer)
    raise ValueError(f"there is no class {answer!r}; the classes: {some_names(results)}")
