"""One HTML file that shows a fit: what went in, what came out, how good it is."""

import base64
import contextlib
import hashlib
import os
from pathlib import Path

from layerwise.report.columns import columns_section
from layerwise.report.confusion import confusion_section
from layerwise.report.data import ReportData
from layerwise.report.html import Html, element, join
from layerwise.report.importance import importance_section
from layerwise.report.network import network_section
from layerwise.report.numbers import numbers_section
from layerwise.report.probabilities import probabilities_section
from layerwise.report.style import script, style
from layerwise.report.summary import repeat_section, result_section, table_section
from layerwise.report.training import training_section
from layerwise.report.worst import worst_section

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
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> data = ReportData("houses.csv: price", "layerwise fit houses.csv --target price")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "houses.report.html"
    ...     write_report(data, target)
    ...     target.read_text("utf-8")[:15]
    '<!doctype html>'
    """
    target = Path(path)
    payload = render_report(data).encode()
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise OSError(f"cannot write the report {target}: {error.strerror or error}") from error


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
        "repeat": repeat_section(data),
    }
    links = [
        element("li", element("a", _NAMES[name], href=f"#{name}"))
        for name, content in sections.items()
        if content is not None
    ]
    made = "A report by Layerwise" + (f", {data.date}" if data.date else "")
    words = element("div", element("p", made, class_="made"), element("h1", data.title))
    button = Html('<button id="theme" type="button" hidden title="Light or dark"></button>')
    body = element(
        "body",
        element("header", words, button),
        element("nav", element("ul", *links), aria_label="Sections"),
        element("main", *sections.values()),
        Html(f"<script>{script()}</script>"),
    )
    return f'<!doctype html>\n<html lang="en">\n{_head(data)}\n{body}\n</html>\n'


def _head(data: ReportData) -> Html:
    """What the browser needs; it is told to load nothing and to run no script but our own."""
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        element("title", join([data.title])),
        Html(f"<style>{style()}</style>"),
    )
