"""One HTML file that shows a fit: what went in, what came out, how good it is."""

import os

from layerwise.report.classes_section import confusion_section, probabilities_section
from layerwise.report.columns_section import columns_section
from layerwise.report.network_section import network_section
from layerwise.report.numbers_section import numbers_section
from layerwise.report.page import render_page, write_page
from layerwise.report.report_data import ReportData
from layerwise.report.summary import (
    importance_section,
    repeat_section,
    result_section,
    table_section,
    worst_section,
)
from layerwise.report.training_section import training_section

__all__ = ["render_report", "write_report"]

_NAMES = {
    "result": "Result",
    "table": "Table",
    "columns": "Columns",
    "network": "Network",
    "training": "Training",
    "confusion": "Right and wrong",
    "predictions": "Predicted and true",
    "probabilities": "Probabilities",
    "importance": "Importance",
    "worst": "Worst rows",
    "repeat": "Repeat",
}


def write_report(data: ReportData, path: str | os.PathLike[str]) -> None:
    """Write a report, so that the file is at all times either the old or the new one, whole.

    Parameters
    ----------
    data : ReportData
    path : path-like
        Such as "houses.report.html".

    Raises
    ------
    FileWriteError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> data = ReportData("houses.csv: price", "layerwise fit houses.csv --target price")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "houses.report.html"
    ...     write_report(data, target)
    ...     target.read_text("utf-8")[:15]
    '<!doctype html>'
    """
    write_page(lambda: render_report(data), path)


def render_report(data: ReportData) -> str:
    """The report as one HTML page that refers to nothing outside it.

    Examples
    --------
    >>> page = render_report(ReportData("a < b", "layerwise fit houses.csv --target price"))
    >>> "<h1>a &lt; b</h1>" in page, "Training" in page
    (True, False)
    """
    sections = {
        "result": result_section(data.scores, data.table),
        "table": table_section(data.table),
        "columns": columns_section(data.columns),
        "network": network_section(data.network),
        "training": training_section(data.training),
        "confusion": confusion_section(data.classes),
        "predictions": numbers_section(data.numbers),
        "probabilities": probabilities_section(data.classes),
        "importance": importance_section(data.importances),
        "worst": worst_section(data.worst),
        "repeat": repeat_section(data.command, data.seed, data.versions, data.seconds),
    }
    return render_page(
        data.title,
        "A report by Layerwise" + (f", {data.date}" if data.date else ""),
        {name: (_NAMES[name], content) for name, content in sections.items()},
    )
