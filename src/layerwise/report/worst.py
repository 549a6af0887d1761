"""The section on the rows that were predicted worst, with their cells."""

import numpy as np

from layerwise.report.data import WorstRows
from layerwise.report.html import Html, element, section, table
from layerwise.report.wording import clip, number, plural

__all__ = ["worst_section"]

_MOST_ROWS, _MOST_COLUMNS, _MOST_CHARACTERS = 20, 30, 120


def worst_section(worst: WorstRows | None) -> Html | None:
    """A table of the rows with the largest loss; None without rows."""
    if worst is None or not len(worst.rows):
        return None
    columns = list(worst.columns[:_MOST_COLUMNS])
    headings = ["row", "true", "predicted", worst.loss, *columns]
    lines = [
        [
            f"{worst.rows[i]:,}", worst.truths[i], worst.predictions[i],
            number(worst.losses[i], 3), *(_cell(cell) for cell in worst.cells[i][:_MOST_COLUMNS]),
        ]
        for i in range(min(len(worst.rows), _MOST_ROWS))
    ]  # fmt: skip
    rest = len(worst.columns) - len(columns)
    words = (
        "The test rows that the network got most wrong. Look here for mistakes in the data, and "
        f"for what the columns do not say: the first one, row {worst.rows[0]:,}, is "
        f"{clip(worst.truths[0], 60)} and was predicted to be {clip(worst.predictions[0], 60)}."
    )
    return section(
        "worst",
        "The worst-predicted rows",
        element("p", words),
        table(headings, lines, caption="The worst-predicted rows", numeric=[0, 3], class_="worst"),
        element("p", f"{plural(rest, 'more column')} not shown.", class_="muted") if rest else None,
    )


def _cell(value: object) -> Html | str:
    missing = value is None or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
    # What pandas has for a missing cell is not equal to itself or says so by its name.
    if missing or type(value).__name__ in {"NAType", "NaTType"}:
        return element("span", "missing", class_="muted")
    if isinstance(value, float | np.floating):
        return f"{value:.6g}".replace("-", "−")
    return clip(str(value), _MOST_CHARACTERS)
