"""The written result of a fit: one HTML file that opens offline, in light and dark.

Whoever fitted the network fills in a `ReportData`, plain data; what is None is left out. What
`layerwise fit` does is `layerwise.report.trial`: a model trained on some rows and judged on others.

Examples
--------
>>> from layerwise.report import ReportData, render_report
>>> page = render_report(ReportData("houses.csv: price", "layerwise fit houses.csv --target price"))
>>> "To repeat it" in page
True
"""

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
from layerwise.report.write import render_report, write_report

__all__ = [
    "Bars",
    "ClassResult",
    "ColumnFacts",
    "Histogram",
    "Importances",
    "Metric",
    "NetworkFacts",
    "NumberResult",
    "ReportData",
    "Scores",
    "TableFacts",
    "TrainingFacts",
    "WorstRows",
    "render_report",
    "write_report",
]
