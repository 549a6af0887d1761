"""What stands after an option, read and checked before any time is spent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer


@contextmanager
def _of_option(option: str) -> Iterator[None]:
    """A wrong value is wrong usage, and the option is named."""
    try:
        yield
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def hidden_sizes(text: str) -> list[int]:
    """The nodes of each hidden layer.

    Examples
    --------
    >>> hidden_sizes("64,32"), hidden_sizes("0")
    ([64, 32], [])
    """
    with _of_option("--hidden"):
        try:
            sizes = [int(part) for part in text.replace("-", ",").split(",")]
        except ValueError:
            sizes = []
        if sizes == [0]:
            return []
        if not sizes or min(sizes) < 1:
            raise ValueError(
                f"written as in 64,64 or 64-32, or 0 for no hidden layer; got {text!r}"
            )
    return sizes


def class_weights(text: str) -> str | dict[str, float]:
    """How much each class counts.

    Examples
    --------
    >>> class_weights("yes=2,no=1")
    {'yes': 2.0, 'no': 1.0}
    """
    if text == "balanced":
        return text
    with _of_option("--class-weight"):
        try:
            pairs = [part.rsplit("=", 1) for part in text.split(",")]
            weights = {name.strip(): float(weight) for name, weight in pairs}
        except ValueError:
            weights = {}
        if not weights or not all(0 <= weight < float("inf") for weight in weights.values()):
            raise ValueError(
                "'balanced', or a number of at least 0 for each class as in yes=2,no=1; "
                f"got {text!r}"
            )
    return weights


def check_settings(settings: Mapping[str, Any], task: str | None) -> None:
    """Refuse values that no table would make right."""
    from layerwise.architecture import get_activation
    from layerwise.architecture.lookup import look_up
    from layerwise.ensemble.decision import DECISION_METRICS
    from layerwise.ensemble.recipe import EFFORTS

    with _of_option("--effort"):
        if settings.get("effort") is not None:
            look_up(settings["effort"], dict.fromkeys(EFFORTS), "effort")
    with _of_option("--task"):
        if task is not None:
            look_up(task, dict.fromkeys(("classification", "regression")), "task")
    with _of_option("--activation"):
        if settings.get("activation") is not None:
            get_activation(settings["activation"])
    for name in ("activation", "dropout"):
        with _of_option(f"--{name}"):
            if settings.get("hidden") == [] and settings.get(name) is not None:
                raise ValueError("of hidden layers, and --hidden 0 leaves none; leave one out")
    with _of_option("--metric"):
        of_classes = ["log_loss", "roc_auc", *DECISION_METRICS]
        if settings.get("metric") is not None:
            look_up(settings["metric"], dict.fromkeys([*of_classes, "r2", "rmse", "mae"]), "metric")
    for option, name, low, high, what in (
        ("--intervals", "intervals", 0.0, 1.0, "a share between 0 and 1, as 0.9"),
        ("--time-limit", "time_limit", 0.0, float("inf"), "seconds, above 0"),
        ("--dropout", "dropout", -1e-300, 1.0, "a share of at least 0 and below 1"),
        ("--learning-rate", "learning_rate", 0.0, float("inf"), "a number above 0, as 0.002"),
    ):
        value = settings.get(name)
        with _of_option(option):
            if value is not None and not low < value < high:
                raise ValueError(f"{what}; got {value:g}")
