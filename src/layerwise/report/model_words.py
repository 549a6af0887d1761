"""What is said of a fitted model, on the screen and in the report."""

import numpy as np

from layerwise.ensemble.decision import needs_threshold
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.language import counted, message, tr
from layerwise.tables.columns import Column
from layerwise.tables.names import some_names
from layerwise.tables.preparation import Preparation

_METRICS = {
    "classification": {
        "log_loss": message("log loss"),
        "accuracy": message("accuracy"),
        "roc_auc": "ROC AUC",
    },
    "regression": {"r2": "R²", "rmse": "RMSE", "mae": message("mean abs. error")},
}


def became(column: Column, preparation: Preparation) -> str:
    """What the network gets of a column, in words."""
    if not column.is_used:
        return tr("nothing")
    inputs, codes = preparation.inputs_of(column.name)
    if codes:
        encoder = preparation.code_encoders[codes[0]]
        return tr("one of {n} codes", n=encoder.n_codes)
    return counted(len(inputs), "number")


def left_out_words(model: BaseTable) -> list[str]:
    """Which columns were left out for what they tell of the target, a sentence for each reason."""
    target = some_names(model.task_.names)
    sentences = []
    for kind, one, more in (
        (
            "unrelated",
            message("{which} tells no more of {target} than chance would and is left out: {names}"),
            message("{which} tell no more of {target} than chance would and are left out: {names}"),
        ),
        (
            "double",
            message(
                "{which} says no more of {target} than another that it nearly repeats and is left "
                "out: {names}"
            ),
            message(
                "{which} say no more of {target} than another that it nearly repeats and are left "
                "out: {names}"
            ),
        ),
    ):
        names = [column.name for column in model.columns_ if column.kind == kind]
        if names:
            all_columns = counted(len(model.columns_), "column")
            which = tr("{n:,} of {columns}", n=len(names), columns=all_columns)
            listed = some_names(names, 5)
            template = one if len(names) == 1 else more
            sentences.append(tr(template, which=which, target=target, names=listed))
    return sentences


def averaging(model: BaseTable) -> str:
    """How a model's networks came about."""
    n_folds, n_windows = model.recipe_.n_folds, model.recipe_.n_windows
    ways = -(-len(model.networks_) // n_folds)
    if n_windows:
        before = tr("a later block")
        if n_windows > 1:
            before = tr("one of {n} later blocks", n=n_windows)
        return tr(
            "in the order of time, each network was trained on the rows before {block}, which "
            "showed how many epochs are best; for as many, in the median, on all rows before those "
            "that measured it, and on all rows",
            block=before,
        )
    return tr(
        "the rows were cut into {n} folds{ways}, and each network was trained without one of them, "
        "by which the epoch that it keeps was chosen{counts}",
        n=n_folds,
        ways=tr(", in {n} ways", n=ways) if ways > 1 else "",
        counts=tr(", and how much it counts") if (model.ensemble_.weights != 1.0).any() else "",
    )


def metrics_of(model: BaseTable) -> dict[str, str]:
    """The metrics that are shown of a model and what they are called; the one it is for is one."""
    shown = _METRICS["classification" if model.task_.classes else "regression"]
    asked = str(getattr(model, "metric", ""))
    shown = {name: tr(title) for name, title in shown.items()}
    return shown if asked in shown else {**shown, asked: asked.replace("_", " ")}


def calibration_of(model: TableClassifier) -> str:
    """How the networks' average becomes probabilities."""
    if not model.is_calibrated:
        return tr("as the networks give them, since no temperature was found")
    return tr(
        "by one temperature, {temperature:.2f}, found on rows that the networks did not train on",
        temperature=model.temperature_,
    )


def threshold_reason(model: TableClassifier) -> str:
    """Why the threshold is what it is."""
    if not model.is_calibrated:
        return tr("1/2, since no better one was found")
    if needs_threshold(model.metric):
        return tr(
            "{threshold:.3f}: best for {metric} on rows that were held out",
            threshold=model.threshold_,
            metric=model.metric,
        )
    weights = model.class_weights_
    if weights is None or model.metric == "accuracy":
        return tr("1/2: no other gives more right answers where probabilities are calibrated")
    cheap, dear = np.argsort(weights, kind="stable")
    values = {
        "threshold": model.threshold_,
        "dear": model.classes_[dear],
        "cheap": model.classes_[cheap],
    }
    if not weights[cheap]:
        return tr(
            "{threshold:.3g}: by the weights of the classes a missed {dear} costs more than a "
            "missed {cheap}",
            **values,
        )
    return tr(
        "{threshold:.3g}: by the weights of the classes a missed {dear} costs {times:.3g} times a "
        "missed {cheap}",
        times=weights[dear] / weights[cheap],
        **values,
    )
