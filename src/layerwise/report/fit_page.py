"""One HTML file that shows a fit: what went in, what came out, how good it is."""

import pyarrow as pa

from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.language import message, tr
from layerwise.report.classes_section import confusion_section, probabilities_section
from layerwise.report.columns_section import columns_section
from layerwise.report.elements import Html
from layerwise.report.network_section import network_section
from layerwise.report.numbers_section import numbers_section
from layerwise.report.page import render_page
from layerwise.report.summary import (
    importance_section,
    repeat_section,
    result_section,
    table_section,
    worst_section,
)
from layerwise.report.training_section import training_section
from layerwise.report.trial import Trial
from layerwise.tables.reading import ReadTable
from layerwise.version import versions

_NAMES = {
    "result": message("Result"),
    "table": message("Table"),
    "columns": message("Columns"),
    "network": message("Network"),
    "training": message("Training"),
    "confusion": message("Right and wrong"),
    "predictions": message("Predicted and true"),
    "probabilities": message("Probabilities"),
    "importance": message("Importance"),
    "worst": message("Worst rows"),
    "repeat": message("Repeat"),
}


def render_report(
    trial: Trial, read: ReadTable, test: pa.Table, *, command: str, date: str = ""
) -> str:
    """The report as one HTML page that refers to nothing outside it; `write_page` writes it.

    Parameters
    ----------
    trial : Trial
        One whose model was judged.
    read : ReadTable
    test : pyarrow.Table
        The test rows.
    command : str
        What repeats it.
    date : str
    """
    model, judged = trial.model, trial.judged
    sections: dict[str, Html | None] = {
        "result": result_section(trial),
        "table": table_section(trial, read),
        "columns": columns_section(trial, read.data),
        "network": network_section(model),
        "training": training_section(model),
    }
    if isinstance(model, TableClassifier):
        sections["confusion"] = confusion_section(model, judged)
        sections["probabilities"] = probabilities_section(model, judged)
    elif isinstance(model, TableRegressor):
        sections["predictions"] = numbers_section(model, judged)
    taken = {phase: seconds for phase, seconds in trial.seconds.items() if phase != "all"}
    sections |= {
        "importance": importance_section(trial.importance),
        "worst": worst_section(trial, test),
        "repeat": repeat_section(command, trial.seed, versions(), taken),
    }
    return render_page(
        f"{read.files[0]}: {', '.join(model.task_.names)}",
        tr("A report by Layerwise") + (f", {date}" if date else ""),
        {name: (tr(_NAMES[name]), content) for name, content in sections.items()},
    )
