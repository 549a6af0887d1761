"""What `layerwise fit` found: on the screen, and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from layerwise.language import counted, retold, tr
from layerwise.screen import Text

if TYPE_CHECKING:
    from layerwise.ensemble.importance import Importance
    from layerwise.estimators.table import BaseTable
    from layerwise.estimators.table_classifier import TableClassifier
    from layerwise.report.judging import Judgement
    from layerwise.report.trial import Trial
    from layerwise.screen import Screen
    from layerwise.tables.reading import ReadTable


def print_result(console: Screen, trial: Trial) -> None:
    """Print what was trained, and how good it is beside the baselines."""
    from layerwise.cli.words import print_scores
    from layerwise.estimators.table_classifier import TableClassifier
    from layerwise.report.model_words import left_out_words
    from layerwise.report.verdict import verdict

    model = trial.model
    if early := stopped_early(model):
        console.print(Text(early, "yellow"))
    console.print()
    for sentence in left_out_words(model):
        console.print(sentence + " (--keep NAME, --no-selection)")
    console.print(_networks(model))
    for note in trial.notes:
        console.print(Text(retold(note), "yellow"))
    if not trial.is_judged:
        return
    judged = trial.judged
    print_scores(console, judged, model, trial.models, trial.roles.weight_column)
    lines = [verdict(trial)] if trial.baselines else []
    lines += map(retold, judged.notes)
    if trial.roles.weight_column is not None:
        lines.append(
            tr(
                "Rows count by {column} in training, in the first scores, and in what is said of "
                "them here.",
                column=trial.roles.weight_column,
            )
        )
    if isinstance(model, TableClassifier):
        lines += _about_probabilities(model, judged)
    if judged.coverage is not None:
        lines.append(about_intervals(model.intervals, judged))
    if trial.importance is not None:
        lines.append(importances(trial.importance))
    for line in lines:
        console.print(line)


def stop_reason(model: BaseTable) -> str:
    """Why training was cut short, of intervals too: "interrupted", "time limit"; "": it was not."""
    intervals = getattr(model, "intervals_", None)
    ends = [] if intervals is None else [intervals.low, intervals.high]
    reasons = {ensemble.stopped for ensemble in [model.ensemble_, *ends]} - {""}
    return min(reasons, default="")  # "interrupted" where it was both


def stopped_early(model: BaseTable) -> str:
    """A sentence on a training that was cut short; "" where none was."""
    reason = stop_reason(model)
    if reason == "interrupted":
        return tr("Training ended early (interrupted); the best so far was kept.")
    return tr("Training ended early (time limit); the best so far was kept.") if reason else ""


def _networks(model: BaseTable) -> str:
    networks, recipe = model.networks_, model.recipe_
    first = networks[0].architecture
    return tr(
        "{networks} {title}, {n:,} parameters in all, trained in {seconds:.1f} s",
        networks=counted(len(networks), "network"),
        title=first.title + (f" ({recipe.activation})" if recipe.hidden else ""),
        n=sum(network.n_parameters for network in networks),
        seconds=model.fit_seconds_["training"],
    )


def _about_probabilities(model: TableClassifier, judged: Judgement) -> list[str]:
    from layerwise.report.model_words import calibration_of, threshold_reason
    from layerwise.report.reliability import reliability_of

    seen = reliability_of(judged.outputs, judged.y)
    lines = [tr("Probabilities: {how}; {seen}.", how=calibration_of(model), seen=seen.words)]
    if len(model.classes_) == 2:
        lines.append(
            tr(
                "Threshold: {name} is predicted where its probability is above {why}.",
                name=model.classes_[1],
                why=threshold_reason(model),
            )
        )
    return lines


def about_intervals(level: float, judged: Judgement) -> str:
    """How many rows prediction intervals hold, beside what they were made to."""
    from layerwise.report.reliability import beyond_chance

    assert judged.coverage is not None
    share = f"{100 * level:.6g}%"
    if judged.endless:
        if judged.endless == 1.0:
            return tr(
                "Intervals: they have no end, since too few rows were held out to promise {share}.",
                share=share,
            )
        return tr(
            "Intervals: of some targets they have no end, since too few rows were held out to "
            "promise {share}.",
            share=share,
        )
    return tr(
        "Intervals: made to hold {share} of new rows, they hold {held:.1%} of the test "
        "rows{compared}.",
        share=share,
        held=judged.coverage,
        compared=beyond_chance(judged.coverage, judged.n_counted, level),
    )


def importances(found: Importance) -> str:
    """Up to five columns that matter most."""
    means, spreads = found.values.mean(axis=1), found.values.std(axis=1)
    triples = zip(found.names, means, spreads, strict=True)
    top = [f"{name} ({mean:.3g})" for name, mean, spread in triples if mean > spread][:5]
    if not top:
        return tr(
            "No column matters: shuffling one raises {loss} by no more than its own spread.",
            loss=tr(found.loss),
        )
    return tr(
        "Columns that matter most (by how much shuffling one raises {loss}): {names}",
        loss=tr(found.loss),
        names=", ".join(top),
    )


def result(
    trial: Trial, read: ReadTable, output: Path | None, report: Path | None
) -> dict[str, object]:
    """All of it as plain data, for programs."""
    from layerwise.estimators.table_classifier import TableClassifier

    model, task = trial.model, trial.model.task_
    importance, architecture = trial.importance, model.networks_[0].architecture
    found: dict[str, object] = {
        "task": {
            "kind": task.kind,
            "targets": task.names,
            "classes": task.classes,
            "reason": task.reason,
        },
        "columns": [column.to_json() for column in model.columns_],
        "findings": [finding.to_json() for finding in trial.findings],
        "source": read.to_json(),
        "rows": {"read": read.n_rows, "with_target": trial.n_rows, "not_read": len(read.problems)},
        "split": {
            "train": len(trial.split.train),
            "test": len(trial.split.test),
            "how": trial.split.how,
            "seed": trial.seed,
        },
        "network": architecture.title,
        "architecture": json.loads(architecture.to_json()),
        "n_networks": len(model.networks_),
        "n_parameters": sum(network.n_parameters for network in model.networks_),
        "epochs": [len(member.history) for member in model.ensemble_.members],
        "best_epochs": [member.history.best_epoch for member in model.ensemble_.members],
        "weights": model.ensemble_.weights.tolist(),
        "stopped": stop_reason(model) or None,
        "fit_seconds": trial.model.fit_seconds_["all"],
        "seconds": trial.seconds,
        "diverged": model.ensemble_.diverged,
        "notes": trial.notes,
        "weight_column": trial.roles.weight_column,
        "metrics": trial.judged.scores if trial.is_judged else None,
        "baselines": trial.baselines,
        "unweighted": trial.judged.unweighted(trial.models) if trial.is_judged else None,
        "by_target": trial.judged.by_target(trial.models) if trial.is_judged else None,
        "importances": None
        if importance is None
        else dict(zip(importance.names, importance.values.mean(axis=1).tolist(), strict=True)),
        "model": None if output is None else str(output),
        "report": None if report is None else str(report),
    }
    if isinstance(model, TableClassifier):
        found["temperature"] = model.temperature_
        if model.class_weights_ is not None:
            weights = zip(task.classes, model.class_weights_.tolist(), strict=True)
            found["class_weights"] = {str(label): weight for label, weight in weights}
        if len(model.classes_) == 2:
            found["threshold"] = model.threshold_
    if trial.is_judged and trial.judged.coverage is not None:
        found["intervals"] = {"level": model.intervals, "coverage": trial.judged.coverage}
    return found
