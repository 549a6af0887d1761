"""What is said of a fitted model, on the screen and in the report."""

import numpy as np

from layerwise.ensemble.decision import needs_threshold
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.tables.columns import Column
from layerwise.tables.names import some_names
from layerwise.tables.preparation import Preparation
from layerwise.texts import plural

__all__ = [
    "averaging",
    "became",
    "calibration_of",
    "left_out_words",
    "metrics_of",
    "threshold_reason",
]

_METRICS = {
    "classification": {"log_loss": "log loss", "accuracy": "accuracy", "roc_auc": "ROC AUC"},
    "regression": {"r2": "R²", "rmse": "RMSE", "mae": "mean abs. error"},
}


def became(column: Column, preparation: Preparation) -> str:
    """What the network gets of a column, in words."""
    if not column.is_used:
        return "nothing"
    inputs, codes = preparation.inputs_of(column.name)
    if codes:
        encoder = preparation.code_encoders[codes[0]]
        return f"one of {encoder.n_codes} codes"
    return "1 number" if len(inputs) == 1 else f"{len(inputs)} numbers"


def left_out_words(model: BaseTable) -> list[str]:
    """Which columns were left out for what they tell of the target, a sentence for each reason."""
    target = some_names(model.task_.names)
    sentences = []
    for kind, one, more in (
        ("unrelated", "tells", f"no more of {target} than chance would"),
        ("double", "says", f"no more of {target} than another that it nearly repeats"),
    ):
        names = [column.name for column in model.columns_ if column.kind == kind]
        if names:
            verb, are = (one, "is") if len(names) == 1 else (one.removesuffix("s"), "are")
            of = plural(len(model.columns_), "column")
            sentences.append(
                f"{len(names):,} of {of} {verb} {more} and {are} left out: {some_names(names, 5)}"
            )
    return sentences


def averaging(model: BaseTable) -> str:
    """How a model's networks came about."""
    n_folds, n_windows = model.recipe_.n_folds, model.recipe_.n_windows
    ways = -(-len(model.networks_) // n_folds)
    if n_windows:
        before = "a later block" if n_windows == 1 else f"one of {n_windows} later blocks"
        return (
            f"in the order of time, each network was trained on the rows before {before}, which "
            "showed how many epochs are best; for as many, in the median, on all rows before those "
            "that measured it, and on all rows"
        )
    return (
        f"the rows were cut into {n_folds} folds{f', in {ways} ways' if ways > 1 else ''}, and "
        "each network was trained without one of them, by which the epoch that it keeps was chosen"
    )


def metrics_of(model: BaseTable) -> dict[str, str]:
    """The metrics that are shown of a model and what they are called; the one it is for is one."""
    shown = _METRICS["classification" if model.task_.classes else "regression"]
    asked = str(getattr(model, "metric", ""))
    return shown if asked in shown else {**shown, asked: asked.replace("_", " ")}


def calibration_of(model: TableClassifier) -> str:
    """How the networks' average becomes probabilities."""
    if not model.is_calibrated:
        return "as the networks give them, since no temperature was found"
    return (
        f"by one temperature, {model.temperature_:.2f}, found on rows that the networks did not "
        "train on"
    )


def threshold_reason(model: TableClassifier) -> str:
    """Why the threshold is what it is."""
    if not model.is_calibrated:
        return "1/2, since no better one was found"
    if needs_threshold(model.metric):
        return f"{model.threshold_:.3f}: best for {model.metric} on rows that were held out"
    weights = model.class_weights_
    if weights is None or model.metric == "accuracy":
        return "1/2: no other gives more right answers where probabilities are calibrated"
    cheap, dear = np.argsort(weights, kind="stable")
    times = f"{weights[dear] / weights[cheap]:.3g} times" if weights[cheap] else "more than"
    return (
        f"{model.threshold_:.3g}: by the weights of the classes a missed {model.classes_[dear]} "
        f"costs {times} a missed {model.classes_[cheap]}"
    )
