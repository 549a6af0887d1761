"""From a trial to what its report shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.cli.verdict import verdict
from layerwise.cli.words import averaging, became, metrics_of
from layerwise.ensemble.decision import needs_threshold
from layerwise.ensemble.scores import HIGHER_IS_BETTER, row_losses
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.report.columns_section import MOST_OPEN
from layerwise.report.predicted_rows import ClassResult, NumberResult
from layerwise.report.report_data import (
    Bars,
    ColumnFacts,
    Histogram,
    Importances,
    Metric,
    NetworkFacts,
    ReportData,
    Scores,
    TableFacts,
    TrainingFacts,
    WorstRows,
)
from layerwise.report.trial import NETWORK, Trial
from layerwise.tables.columns import Column, category_cells
from layerwise.tables.reading import ReadTable
from layerwise.version import versions

__all__ = ["report_data"]

_BINS = 20
_BARS = 12
_WORST = 12
_WORST_COLUMNS = 12


def report_data(trial: Trial, read: ReadTable, test: pa.Table, command: str) -> ReportData:
    """Fill in what a report shows.

    Parameters
    ----------
    trial : Trial
        One that has run.
    read : ReadTable
    test : pyarrow.Table
        The test rows.
    command : str
        What repeats it.
    """
    model, judged, task = trial.model, trial.judged, trial.model.task_
    used = {column.name for column in model.columns_ if column.is_used}
    architecture = model.networks_[0].architecture
    names = {NETWORK: judged.scores, **trial.baselines}
    return ReportData(
        title=f"{read.files[0]}: {', '.join(task.names)}",
        command=command,
        date=dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        versions=versions(),
        seed=trial.seed,
        seconds={phase: taken for phase, taken in trial.seconds.items() if phase != "all"},
        table=TableFacts(
            target=", ".join(task.names),
            task=task.reason,
            n_rows=read.n_rows,
            n_train=len(trial.split.train),
            n_test=len(trial.split.test),
            split=trial.split.how,
            findings=[
                *(("warning", note) for note in trial.notes),
                *((finding.severity, finding.message) for finding in trial.findings),
            ],
            problems=[str(problem) for problem in read.problems],
        ),
        columns=[
            ColumnFacts(
                column.name,
                column.kind,
                column.reason,
                missing=_missing(column, trial, read.table),
                n_distinct=column.n_distinct,
                became=became(column, model.preparation_) if column.name in used else "",
                is_used=column.is_used,
                distribution=_distribution(column, read.table) if i < MOST_OPEN else None,
            )
            for i, column in enumerate(model.columns_)
        ],
        network=NetworkFacts(
            architecture,
            n_networks=len(model.networks_),
            averaging=averaging(model),
            n_in_all=sum(network.n_parameters for network in model.networks_),
            model=model,
        ),
        training=TrainingFacts(
            [member.history for member in model.ensemble_.members],
            loss="log loss" if task.classes else "squared error / 2",
            score="accuracy" if task.classes else "R²",
        ),
        scores=Scores(
            list(names),
            [
                Metric(
                    title,
                    [_number(scores[name]) for scores in names.values()],
                    HIGHER_IS_BETTER[name],
                )
                for name, title in metrics_of(model).items()
                if all(scores[name] is not None for scores in names.values())
            ],
            verdict=verdict(trial) if trial.baselines else "",
            counted=""
            if trial.weight_column is None
            else f"These scores count each row by {trial.weight_column}, as training did; the "
            "sections below count each row once.",
        ),
        classes=_class_result(trial) if isinstance(model, TableClassifier) else None,
        numbers=_number_results(trial) if isinstance(model, TableRegressor) else (),
        importances=None
        if trial.importance is None
        else Importances(trial.importance.names, trial.importance.values, trial.importance.loss),
        worst=_worst(trial, test),
    )


def _number(value: float | None) -> float:
    assert value is not None
    return value


def _missing(column: Column, trial: Trial, table: pa.Table) -> float:
    """The share of a column's cells that are missing, among the rows that were looked at."""
    if trial.before is None:
        return column.n_missing / len(trial.split.train)
    return float(table.column(column.name).null_count / table.num_rows)


def _distribution(column: Column, table: pa.Table) -> Histogram | Bars | None:
    """How the values of a column are spread, on up to 100,000 rows."""
    values = table.column(column.name)
    values = values.slice(0, 100_000)
    if column.kind in {"empty", "identifier", "text", "dropped"}:
        return None
    if column.kind in {"category", "boolean", "constant"} or column.stored == "boolean":
        texts, places = category_cells(values)
        counts = np.bincount(places[places >= 0], minlength=len(texts))
        order = np.argsort(-counts, kind="stable")
        chosen = order[:_BARS]
        return Bars(
            [str(texts[i]) for i in chosen],
            counts[chosen].tolist(),
            int(counts[order[_BARS:]].sum()),
        )
    from layerwise.tables.columns import numbers_of

    numbers, ends = numbers_of(column, values)
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return None
    counts, edges = np.histogram(finite, bins=min(_BINS, max(1, len(np.unique(finite)))))
    return Histogram(edges, counts, ends)


def _class_result(trial: Trial) -> ClassResult:
    model, judged = trial.model, trial.judged
    assert isinstance(model, TableClassifier)
    two = len(model.classes_) == 2
    return ClassResult(
        [str(label) for label in model.classes_],
        judged.y,
        judged.outputs,
        model.decide(judged.outputs),
        threshold=model.threshold_ if two else None,
        threshold_reason=threshold_reason(model) if two else "",
        calibration=calibration_of(model),
    )


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


def _number_results(trial: Trial) -> list[NumberResult]:
    model, judged = trial.model, trial.judged
    assert isinstance(model, TableRegressor)
    n = len(judged.y)
    y, outputs = judged.y.reshape(n, -1), judged.outputs.reshape(n, -1)
    results = []
    for k, name in enumerate(model.task_.names):
        ends: dict[str, Any] = {}
        if judged.interval is not None and model.intervals_ is not None:
            low, high = (end.reshape(n, -1)[:, k] for end in judged.interval)
            ends = {"lower": low, "upper": high, "level": model.intervals_.level}
        results.append(NumberResult(name, y[:, k], outputs[:, k], **ends))
    return results


def _worst(trial: Trial, test: pa.Table) -> WorstRows:
    model, judged, task = trial.model, trial.judged, trial.model.task_
    losses = row_losses(judged.y, judged.outputs, "log_loss" if task.classes else "rmse")
    order = np.argsort(-losses, kind="stable")[:_WORST]
    names = [column.name for column in model.preparation_.used]
    if trial.importance is not None:
        names = list(trial.importance.names)
    columns = names[:_WORST_COLUMNS]
    rows = judged.rows[order]
    shown = test.take(rows)
    cells = list(zip(*(shown.column(name).to_pylist() for name in columns), strict=True))
    truths, predictions = [], []
    for i in order:
        if task.classes:
            assert isinstance(model, TableClassifier)
            chosen = int(model.decide(judged.outputs[i : i + 1])[0])
            truths.append(str(model.classes_[judged.y[i]]))
            predictions.append(f"{model.classes_[chosen]} (p = {judged.outputs[i, chosen]:.2f})")
        else:
            truths.append(_written(judged.y[i]))
            predictions.append(_written(judged.outputs[i]))
    numbers = trial.split.test[rows] + 1 if len(trial.split.test) == test.num_rows else rows + 1
    return WorstRows(
        columns,
        cells,
        [int(number) for number in numbers],
        truths,
        predictions,
        losses[order].tolist(),
        loss="log loss" if task.classes else "squared error",
    )


def _written(value: NDArray[np.float64]) -> str:
    return ", ".join(f"{number:.5g}" for number in np.atleast_1d(value))
