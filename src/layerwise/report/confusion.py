"""What was taken for what: the confusion matrix as a shaded table."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerwise.report.html import Html, element, section, table
from layerwise.report.results import ClassResult
from layerwise.report.wording import clip, percent, plural

__all__ = ["confusion_section"]

# Up to so many classes a cell also writes its share; up to so many there is a matrix at all.
_SHARES_UP_TO, _MATRIX_UP_TO = 8, 40
_MOST_MISTAKES = 10


def confusion_section(result: ClassResult | None) -> Html | None:
    """The matrix, the mistakes that are made most often, and a sentence on both."""
    if result is None:
        return None
    counts = result.confusion
    right, n = int(np.trace(counts)), int(counts.sum())
    words = (
        f"{right:,} of {plural(n, 'test row')} were given their true class ({percent(right / n)})."
    )
    matrix = _matrix(counts, result.classes) if len(counts) <= _MATRIX_UP_TO else None
    how = (
        "Each line is a true class, each column what its rows were taken for"
        f"{', with the share of the line' if len(counts) <= _SHARES_UP_TO else ''}: right answers "
        "stand on the diagonal, shaded blue, mistakes beside it, orange. "
    )
    return section(
        "confusion",
        "Right and wrong",
        element("p", words),
        matrix,
        element("p", (how if matrix else "") + _worst_words(counts, result)),
        _mistakes(counts, result) if len(counts) > 2 else None,
    )


def _matrix(counts: NDArray[np.int64], classes: Sequence[str]) -> Html:
    k = len(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    roomy = k <= _SHARES_UP_TO
    most = 24 if roomy else 12
    head = element(
        "tr",
        element("th", "true ↓ taken for →", class_="muted"),
        *(element("th", clip(name, most), scope="col") for name in classes),
    )
    lines = []
    for i, name in enumerate(classes):
        cells = []
        for j in range(k):
            shown = counts[i, j] > 0
            small = element("small", percent(float(shares[i, j]))) if roomy and shown else None
            # The faintest shade still shows where something is.
            shade = f"--share:{12 + 88 * float(shares[i, j]):.0f}" if shown else None
            cells.append(
                element(
                    "td", f"{counts[i, j]:,}" if shown or roomy else None, small,
                    class_=("right" if i == j else "wrong") if shown else None, style=shade,
                )
            )  # fmt: skip
        lines.append(element("tr", element("th", clip(name, most), scope="row"), *cells))
    size = "roomy" if roomy else "close" if k > 14 else ""
    body = element(
        "table", element("thead", head), element("tbody", *lines), class_=f"matrix {size}".strip()
    )
    return element(
        "div", body, class_="scroll", role="region", aria_label="Confusion matrix", tabindex="0"
    )


def _worst_words(counts: NDArray[np.int64], result: ClassResult) -> str:
    rows = counts.sum(axis=1)
    recalls = np.where(rows > 0, np.diag(counts) / np.maximum(rows, 1), np.inf)
    worst = int(np.argmin(recalls))
    if recalls[worst] == 1:
        return "No row was taken for another class."
    name, missed = clip(result.classes[worst], 40), int(rows[worst] - counts[worst, worst])
    return (
        f"“{name}” is the class most often missed: {missed:,} of its "
        f"{plural(int(rows[worst]), 'row')} ({percent(float(1 - recalls[worst]))}) were taken "
        "for another."
    )


def _mistakes(counts: NDArray[np.int64], result: ClassResult) -> Html | None:
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = [int(i) for i in np.argsort(-wrong, axis=None, kind="stable")[:_MOST_MISTAKES]]
    rows = counts.sum(axis=1)
    lines = []
    for i, j in (divmod(place, len(counts)) for place in order):
        if wrong[i, j]:
            share = percent(float(wrong[i, j] / rows[i]))
            lines.append([result.classes[i], result.classes[j], f"{wrong[i, j]:,}", share])
    if not lines:
        return None
    heading = element("h3", "The most frequent mistakes")
    listed = table(
        ["true", "taken for", "rows", "of this class"], lines,
        caption="The most frequent mistakes", numeric=[2, 3],
    )  # fmt: skip
    return Html(heading + listed)
