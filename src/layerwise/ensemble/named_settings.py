"""What of a network and its training has a name, beside its shape: to be set, or to try several of.

The names of things are those of their registries, entries from outside included; what a number may
be is what `Architecture`, `TrainingSettings`, the optimiser and the loss accept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from layerwise.architecture import LOSSES, Architecture, Loss, get_loss, matching_loss
from layerwise.architecture.initialization import INITIALIZATIONS
from layerwise.architecture.lookup import look_up
from layerwise.architecture.steps import steps_of_layers
from layerwise.engine.optimizers import LBFGS, OPTIMIZERS, Optimizer, get_optimizer, is_number
from layerwise.ensemble.recipe import Recipe
from layerwise.language import message, said, tr
from layerwise.training.schedules import SCHEDULES
from layerwise.training.settings import TrainingSettings

_WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True)
class Setting:
    """One thing that can be set by its name.

    Attributes
    ----------
    name : str
        As it is typed, and as what takes it calls it.
    part : {"network", "training", "optimizer", "loss"}
        What takes it. A linear model has no use for settings of the network.
    noun : str
        What it is, in a sentence: "the learning rate".
    phrase : str
        A value of it, in a network's name: "learning rate {value}".
    kind : type
        float, int, bool or str.
    names : callable or None
        The names that there are now, of a setting that is one.
    otherwise : str or None
        What the value None, "none" as it is typed, is called; None: it must have a value.
    by_steps : bool
        Whether it is for optimisers that go step by step alone.
    """

    name: str
    part: str
    noun: str
    phrase: str
    kind: type
    names: Callable[[], Collection[str]] | None = None
    otherwise: str | None = None
    by_steps: bool = False

    @property
    def heading(self) -> str:
        """What it is, in the language spoken and without an article: "learning rate"."""
        return tr(self.noun).removeprefix("the ")

    def parse(self, text: str) -> object:
        """Read one value as it is typed.

        Raises
        ------
        ValueError
        """
        text = text.strip()
        if self.otherwise is not None and text.lower() == "none":
            return None
        value: object = text
        if self.kind is bool:
            value = _WORDS.get(text.lower(), text)
        elif self.kind in (int, float):
            for kind in (int, self.kind):
                try:
                    value = kind(text)
                    break
                except ValueError:
                    continue
        return self.checked(value)

    def checked(self, value: Any) -> object:
        """Return a value as it is kept, Python's own.

        Raises
        ------
        ValueError
            For what it cannot be; of a name, with the one that was probably meant.
        """
        if value is None and self.otherwise is not None:
            return None
        if self.names is not None:
            look_up(value, dict.fromkeys(self.names()), self.name)
            return str(value)
        is_switch = isinstance(value, bool | np.bool_)
        wanted, is_one = {
            bool: ("yes or no", is_switch),
            int: ("a whole number", hasattr(value, "__index__") and not is_switch),
            float: ("a number", is_number(value) and not is_switch),
        }[self.kind]
        if not is_one:
            none = "" if self.otherwise is None else ", or none"
            raise ValueError(f"{self.name} must be {wanted}{none}; got {value!r}")
        value = self.kind(value)
        if self.name == "learning_rate" and not 0 < value < math.inf:
            raise ValueError(f"learning_rate must be a number above 0; got {value:g}")
        self._try(value)
        return value

    def _try(self, value: object) -> None:
        """Let what takes it refuse it."""
        given: dict[str, Any] = {self.name: value}
        if self.part == "network":
            Architecture([1, 1, 1], **given)
        elif self.part == "training":
            TrainingSettings(**given)
        elif self.part == "optimizer":
            next(kind for kind in OPTIMIZERS.values() if self.name in fields_of(kind))(**given)
        else:
            get_loss(next(e for e in LOSSES.values() if e.parameter_name == self.name), **given)

    def written(self, value: object) -> str:
        """A value in a network's name.

        Examples
        --------
        >>> known = named_settings()
        >>> known["learning_rate"].written(0.1), known["residual"].written(False)
        ('learning rate 0.1', 'not residual')
        """
        if value is None and self.otherwise is not None:
            return said(self.otherwise)
        if isinstance(value, bool):
            phrase = said(self.phrase, noun=said(self.noun))
            return phrase if value else said("not {phrase}", phrase=phrase)
        return said(self.phrase, noun=said(self.noun), value=self.label(value))

    def label(self, value: object) -> str:
        """A value alone, where it is clear of what: "0.1", "sgd", "none"."""
        if value is None:
            return said("none")
        if isinstance(value, bool):
            return self.written(value)
        return f"{value:.10g}" if isinstance(value, float) else str(value)


_SETTINGS = (
    Setting(
        *("learning_rate", "optimizer", message("the learning rate")),
        *(message("learning rate {value}"), float),
    ),
    Setting("optimizer", "training", message("the optimiser"), "{value}", str, lambda: OPTIMIZERS),
    Setting(
        *("batch_size", "training", message("the batch size"), message("batch size {value}"), int),
        by_steps=True,
    ),
    Setting(
        *("epochs", "training", message("the number of epochs"), message("{value} epochs"), int)
    ),
    Setting(
        *("schedule", "training", message("the schedule of the learning rate")),
        *(message("{value} schedule"), str),
        names=lambda: SCHEDULES,
        by_steps=True,
    ),
    Setting("loss", "loss", message("the loss"), message("{value} loss"), str, lambda: LOSSES),
    Setting(
        *("weight_decay", "optimizer", message("weight decay"), "{noun} {value}", float),
    ),
    Setting("l2", "training", message("the L2 penalty"), message("L2 penalty {value}"), float),
    Setting("l1", "training", message("the L1 penalty"), message("L1 penalty {value}"), float),
    Setting(
        *("gradient_clipping", "training", message("gradient clipping")),
        *(message("gradients clipped at {value}"), float),
        otherwise=message("no gradient clipping"),
        by_steps=True,
    ),
    Setting(
        *("ema", "training", message("the moving average of the weights")),
        *(message("moving average {value}"), float),
        otherwise=message("no moving average"),
        by_steps=True,
    ),
    Setting("dropout", "network", message("dropout"), "{noun} {value}", float),
    Setting(
        *("normalization", "network", message("normalisation"), message("{value} normalisation")),
        *(str, steps_of_layers),
        otherwise=message("no normalisation"),
    ),
    Setting(
        "residual", "network", message("whether layers are residual"), message("residual"), bool
    ),
    Setting(
        *("initialization", "network", message("the initialisation")),
        *(message("{value} initialisation"), str),
        names=lambda: INITIALIZATIONS,
        otherwise=message("each activation's own initialisation"),
    ),
)
# Of settings with the name of a registry's own, those that other languages have a word for.
_NOUNS = {"momentum": message("momentum"), "label_smoothing": message("label smoothing")}
# Of optimisers, what is no number or switch.
_NOT_ALONE = ("rate_factors",)


def named_settings() -> dict[str, Setting]:
    """All that there are now, by name: the settings of each optimiser and loss come behind.

    Examples
    --------
    >>> list(named_settings())[:2], named_settings()["nesterov"].kind
    (['learning_rate', 'optimizer'], <class 'bool'>)
    """
    found = {setting.name: setting for setting in _SETTINGS}
    for kind in OPTIMIZERS.values():
        for each in fields(kind) if issubclass(kind, Optimizer) else ():
            if each.name not in found and each.name not in _NOT_ALONE:
                found[each.name] = _derived(each.name, "optimizer", type(each.default))
    for loss in LOSSES.values():
        if loss.parameter_name is not None and loss.parameter_name not in found:
            found[loss.parameter_name] = _derived(loss.parameter_name, "loss", float)
    return found


def _derived(name: str, part: str, kind: type) -> Setting:
    noun = _NOUNS.get(name) or name.replace("_", " ")
    return Setting(name, part, noun, "{noun}" if kind is bool else "{noun} {value}", kind)


def fields_of(kind: type[Optimizer] | type[LBFGS]) -> set[str]:
    """The names of an optimiser's settings."""
    return {each.name for each in fields(kind)}


def find_setting(name: str) -> Setting:
    """One of these by its name, also where a network of a file has one that is not known here."""
    return named_settings().get(name) or Setting(name, "", name, "{noun} {value}", str)


def written(name: str, value: object) -> str:
    """A setting of a network in its name.

    Examples
    --------
    >>> written("optimizer", "sgd"), written("momentum", 0.9), written("warmth", 3)
    ('sgd', 'momentum 0.9', 'warmth 3')
    """
    return find_setting(name).written(value)


def checked_settings(given: Mapping[str, object]) -> dict[str, Any]:
    """Return settings as they are kept.

    Raises
    ------
    ValueError
        For a name that is none, or a value that it cannot have.
    """
    known = named_settings()
    return {name: look_up(name, known, "setting").checked(value) for name, value in given.items()}


def part_of(settings: Mapping[str, Any], part: str) -> dict[str, Any]:
    """Those among settings that one part takes: "network", "training", "optimizer" or "loss"."""
    known = named_settings() if settings else {}
    return {name: value for name, value in settings.items() if known[name].part == part}


def optimizer_kind(settings: Mapping[str, Any]) -> type[Optimizer] | type[LBFGS]:
    """The optimiser among settings, else that of every recipe."""
    return look_up(settings.get("optimizer", "adam"), OPTIMIZERS, "optimizer")


def learned_loss(settings: Mapping[str, Any], default: Loss) -> Loss:
    """The loss that is learned by: the default, where settings name no other of its output.

    Raises
    ------
    ValueError
        For one that goes with another output, or a parameter that it does not have.
    """
    loss = matching_loss(settings.get("loss", default), default.output)
    own = {name: settings[name] for name in settings if name == loss.parameter_name}
    return get_loss(loss, **own)


def settings_that_apply(
    settings: Mapping[str, Any], loss: Loss, *, is_linear: bool
) -> dict[str, Any]:
    """Those that a network has a use for: with any others it would be the same.

    Parameters
    ----------
    settings : mapping of str to value
    loss : Loss
        What is learned by where none is named.
    is_linear : bool
        Whether it has no hidden layer.

    Examples
    --------
    >>> given = {"optimizer": "sgd", "momentum": 0.5, "dropout": 0.2}
    >>> settings_that_apply(given, get_loss("softmax"), is_linear=True)
    {'optimizer': 'sgd', 'momentum': 0.5}
    """
    known, kind = named_settings(), optimizer_kind(settings)
    of_loss = ("loss", matching_loss(settings.get("loss", loss), loss.output).parameter_name)
    use = {
        "network": lambda name: not is_linear,
        "optimizer": lambda name: name in fields_of(kind),
        "loss": lambda name: name in of_loss,
        "training": lambda name: issubclass(kind, Optimizer) or not known[name].by_steps,
    }
    return {name: value for name, value in settings.items() if use[known[name].part](name)}


def with_settings(recipe: Recipe, settings: Mapping[str, Any]) -> Recipe:
    """A recipe with other settings.

    An optimiser that is named brings its own learning rate and weight decay, where those are not
    named too.
    """
    if "optimizer" in settings:
        own = get_optimizer(settings["optimizer"])
        if isinstance(own, Optimizer):
            brought = {"learning_rate": own.learning_rate, "weight_decay": own.weight_decay}
            settings = brought | dict(settings)
    of_recipe = {each.name for each in fields(Recipe)}
    there = {name: value for name, value in settings.items() if name in of_recipe}
    further = {name: value for name, value in settings.items() if name not in of_recipe}
    return replace(recipe, **there, settings=recipe.settings | further)
