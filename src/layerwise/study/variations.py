"""What a study is asked to vary by name: read, checked, and settled beside its own parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Protocol

import numpy as np

from layerwise.architecture import LOSSES, Loss
from layerwise.architecture.lookup import look_up
from layerwise.engine.optimizers import OPTIMIZERS
from layerwise.ensemble.ensemble_training import network_for, trainer_for
from layerwise.ensemble.folds import Problem
from layerwise.ensemble.named_settings import (
    fields_of,
    learned_loss,
    named_settings,
    settings_that_apply,
    with_settings,
)
from layerwise.ensemble.recipe import recipe_for
from layerwise.study.configurations import (
    DEFAULT_ACTIVATIONS,
    DEFAULT_DEPTHS,
    Inputs,
    configurations_of,
    default_widths,
    parse_numbers,
)
from layerwise.study.results import Configuration, StudyError
from layerwise.study.study_table import StudyTable
from layerwise.training import TrainingDiverged

Values = dict[str, list[Any]]
# What `DepthStudy` has parameters of its own for that are sequences.
SHAPE = ("depth", "width", "activation")
_AS_IN = "written as in learning_rate=0.001,0.01 or optimizer=sgd,adam"


def parse_variations(texts: Iterable[str]) -> Values:
    """Read what is to be varied as it is typed: "learning_rate=0.001,0.1", "depth=0-3".

    Raises
    ------
    StudyError
        For a name that is none, with those that there are; or a value that it cannot have.

    Examples
    --------
    >>> parse_variations(["learning-rate=0.001,10", "residual=yes,no", "depth=1-2"])
    {'learning_rate': [0.001, 10.0], 'residual': [True, False], 'depth': [1, 2]}
    """
    found: Values = {}
    for text in texts:
        typed, sign, values = text.partition("=")
        name = typed.strip().replace("-", "_")
        if not sign:
            raise StudyError(f"what is varied has a name and values, {_AS_IN}; got {text!r}")
        _find(name)
        if name in found:
            raise StudyError(f"{name} is varied twice; name all its values at once")
        if not values.strip(" ,"):
            raise StudyError(f"{name} is varied without a value; {_AS_IN}")
        parts = [part.strip() for part in values.split(",") if part.strip()]
        try:
            if name in ("depth", "width"):
                found[name] = list(parse_numbers(values, name))
            elif name in SHAPE:
                found[name] = parts
            else:
                found[name] = [named_settings()[name].parse(part) for part in parts]
        except StudyError:
            raise
        except ValueError as error:
            raise StudyError(str(error)) from None
    return found


def _find(name: object) -> None:
    try:
        look_up(name, dict.fromkeys([*SHAPE, *named_settings()]), "setting to vary")
    except ValueError as error:
        raise StudyError(str(error)) from None


class Asked(Protocol):
    """What a study is asked for; see `DepthStudy`, of whose parameters these are some."""

    depth: Sequence[int]
    width: Sequence[int] | None
    activation: Sequence[str]
    parameters: int | None
    metric: str | None
    folds: int
    seeds: int | None
    epochs: int | None
    batch_size: int | None
    learning_rate: float | None
    vary: Mapping[str, Any] | None
    early_stopping: bool
    pruning: bool
    trees: bool
    like_fit: bool
    learning_curves: bool
    random_state: int


def asked_configurations(
    study: Asked, table: StudyTable, inputs: Inputs
) -> tuple[list[Configuration], dict[str, list[Any]]]:
    """What a study is asked to try: (the configurations, the settings varied beside their shape).

    Raises
    ------
    StudyError
        For what cannot be tried, or is asked for twice.
    """
    own = {name: getattr(study, name) for name in _OWN}
    given = {name: value for name, value in own.items() if not _is_default(value, _OWN[name])}
    if study.learning_rate is not None:
        _check_rate(study.learning_rate)
    shape, settings = checked_values(study.vary, given, table.loss)
    n_parameters, width = study.parameters, shape.get("width", study.width)
    if n_parameters is not None and width is not None:
        raise StudyError(
            f"{n_parameters:,} parameters settle each depth's width; leave out the widths, or the "
            "number of parameters"
        )
    widths: Iterable[int] = () if n_parameters is not None else default_widths(len(table))
    if width is not None:
        widths = _several(width)
    depths, activations = (shape.get(n, getattr(study, n)) for n in ("depth", "activation"))
    made = configurations_of(
        inputs, _several(depths), widths, _several(activations), n_parameters, settings, table.loss
    )
    check_used(settings, made)
    check_together(settings, table.loss)
    return made, settings


# What has a parameter of its own beside `vary`, and what that is where nothing is asked for.
_OWN: dict[str, Any] = {
    **dict.fromkeys(("width", "learning_rate", "batch_size", "epochs")),
    "depth": DEFAULT_DEPTHS,
    "activation": DEFAULT_ACTIVATIONS,
}


def _is_default(value: Any, default: Any) -> bool:
    return value is None if default is None else tuple(_several(value)) == default


def _several(values: Any) -> Sequence[Any]:
    return [values] if isinstance(values, str) or hasattr(values, "__index__") else list(values)


def _check_rate(rate: object) -> None:
    try:
        named_settings()["learning_rate"].checked(rate)
    except ValueError as error:
        raise StudyError(str(error)) from None


def checked_values(vary: object, given: Mapping[str, object], loss: Loss) -> tuple[Values, Values]:
    """Return what is to be varied: (depth, width or activation, other settings), as it is kept.

    Parameters
    ----------
    vary : mapping of str to sequence, or None
    given : mapping
        Parameters of the study that are not at their default, by the same names.
    loss : Loss
        What networks learn by where none is named.

    Raises
    ------
    StudyError
    """
    if vary is None:
        return {}, {}
    if not isinstance(vary, Mapping):
        raise StudyError(
            'vary must be a dict of names and values, as {"learning_rate": [0.001, 0.1]}; got '
            f"{vary!r}"
        )
    shape: Values = {}
    settings: Values = {}
    for name, values in vary.items():
        _find(name)
        several = (
            list(values)
            if isinstance(values, Iterable) and not isinstance(values, str)
            else [values]
        )
        if not several:
            raise StudyError(f"{name} is varied without a value: name one or more")
        if name in given:
            raise StudyError(
                f"{name} is given twice, as {name} {_shown(given[name])} and to be varied: leave "
                "out one of the two"
            )
        if name in SHAPE:
            shape[name] = several
            continue
        try:
            kept = [named_settings()[name].checked(value) for value in several]
            for value in kept if name == "loss" else ():
                learned_loss({"loss": value}, loss)
        except ValueError as error:
            of_output = [entry.name for entry in LOSSES.values() if entry.output == loss.output]
            hint = f". For this target: {', '.join(of_output)}" if name == "loss" else ""
            raise StudyError(f"{error}{hint}") from None
        settings[name] = list(dict.fromkeys(kept))
    return shape, settings


def _shown(value: object) -> str:
    several = isinstance(value, Sequence) and not isinstance(value, str)
    return ", ".join(map(str, value)) if several else str(value)  # type: ignore[call-overload]


def check_used(settings: Values, configurations: Sequence[Configuration]) -> None:
    """Refuse what no network has a use for: it would be varied in vain.

    Raises
    ------
    StudyError
    """
    used = {name for c in configurations for name, _ in c.settings}
    for name in settings.keys() - used:
        part = named_settings()[name].part
        owners = {
            "optimizer": [key for key, kind in OPTIMIZERS.items() if name in fields_of(kind)],
            "loss": [key for key, loss in LOSSES.items() if loss.parameter_name == name],
        }.get(part)
        hint = f"; it is a setting of the {part} {' or '.join(owners)}" if owners else ""
        raise StudyError(f"no network here would differ by {name}{hint}")


def _is_number(name: str) -> bool:
    return named_settings()[name].kind in (int, float)


def check_together(settings: Values, loss: Loss) -> None:
    """Refuse values that cannot go together, or alone: each two train a few rows for an epoch.

    Of numbers the least and the greatest, since those between are no different.

    Raises
    ------
    StudyError
    """
    ends: Values = {}
    for name, values in settings.items():
        numbers = [v for v in values if v is not None] if _is_number(name) else []
        ends[name] = [v for v in values if not numbers or v in (None, min(numbers), max(numbers))]
    pairs = [[(name, value)] for name in ends for value in ends[name]]
    pairs += [
        [(one, value), (other, another)]
        for one, other in combinations(ends, 2)
        for value in ends[one]
        for another in ends[other]
    ]
    y = np.array([0, 1, 0, 1]) if loss.takes_classes else np.zeros((4, 1), np.float32)
    x, codes = np.eye(4, 2, dtype=np.float32), np.zeros((4, 0), np.int32)
    n_outputs = 2 if loss.takes_classes else 1
    plain = replace(recipe_for(4, 2), hidden=(2, 2), dropout=0.0, n_pieces=0)
    for pair in pairs:
        used = settings_that_apply(dict(pair), loss, is_linear=False)
        if len(used) < len(pair):
            continue
        problem = Problem(x, codes, (), y, n_outputs, learned_loss(used, loss))
        recipe = with_settings(plain, used)
        try:
            trainer = replace(trainer_for(recipe, problem, 4, 0), epochs=1, engine="numpy")
            with np.errstate(all="ignore"):
                trainer.fit(network_for(problem, np.arange(4), recipe, 0, 0), x, y, codes=codes)
        except TrainingDiverged:
            continue  # which is a result
        except ValueError as error:
            named = " and ".join(f"{name}={value}" for name, value in pair)
            raise StudyError(f"{named} cannot be tried: {error}") from None
