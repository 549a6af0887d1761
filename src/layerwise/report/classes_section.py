"""The sections on classes: what was taken for what, and whether probabilities can be trusted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerwise.draw.judged import RocCurve, draw_calibration, draw_roc
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.report.predicted_rows import ClassResult
from layerwise.report.reliability import Reliability, reliability_of, wilson
from layerwise.texts import clip, number, percent, plural

__all__ = ["confusion_section", "probabilities_section"]

# Up to so many classes a cell also writes its share; up to so many there is a matrix at all.
_SHARES_UP_TO, _MATRIX_UP_TO = 8, 40
_MOST_MISTAKES = 10

_MOST_POINTS = 200
# Of more classes, the hardest are drawn and listed.
_MOST_CURVES, _MOST_LISTED = 30, 100


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


def probabilities_section(result: ClassResult | None) -> Html | None:
    """Whether probabilities can be trusted, and how well they tell classes apart."""
    if result is None or len(result.classes) < 2:
        return None
    curves = _roc_curves(result)
    figures = [_calibration(result), _roc(result, curves) if curves else None]
    return section("probabilities", "The probabilities", element("div", *figures, class_="pair"))


def _calibration(result: ClassResult) -> Html:
    seen = reliability_of(result.probabilities, np.asarray(result.true))
    low, high = wilson(seen.happened, seen.counts)
    name = result.classes[1] if len(result.classes) == 2 else None
    words = _calibration_words(result, seen, low, high)
    edges = zip(seen.low, seen.high, strict=True)
    lines = [
        [
            f"{percent(a, 0)} to {percent(b, 0)}", f"{seen.counts[i]:,}",
            percent(float(seen.promised[i])), percent(float(seen.happened[i])),
            f"{percent(float(low[i]))} to {percent(float(high[i]))}",
        ]
        for i, (a, b) in enumerate(edges)
    ]  # fmt: skip
    return figure(
        picture(
            lambda: draw_calibration(seen.promised, seen.happened, low, high, name, theme="page"),
            f"Calibration: {words}",
        ),
        words,
        heading="Calibration: is 80 % really 80 %?",
        numbers=table(
            ["probability", "rows", "mean probability", "came true", "95 % interval"], lines,
            caption="Calibration, bin by bin", numeric=range(1, 5),
        ),
    )  # fmt: skip


def _calibration_words(
    result: ClassResult,
    seen: Reliability,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> str:
    met = int(np.sum((low <= seen.promised) & (seen.promised <= high)))
    place = int(np.argmax(seen.counts))
    words = (
        f"Where the network says {percent(float(seen.promised[place]), 0)} (on average, in "
        f"{plural(int(seen.counts[place]), 'row')}), it came true in "
        f"{percent(float(seen.happened[place]), 0)}. The intervals of {met} of "
        f"{plural(len(seen.counts), 'dot')} reach the line of perfect calibration; {seen.words} "
        "(expected calibration error)."
    )
    if result.calibration:
        words += f" How they were made: {result.calibration.rstrip('.')}."
    return words


def _roc_curves(result: ClassResult) -> list[RocCurve]:
    """A curve for each class that has rows and is not alone; for two, that of the second."""
    from sklearn.metrics import auc, roc_curve

    true = np.asarray(result.true)
    which = [1] if len(result.classes) == 2 else range(len(result.classes))
    curves = []
    for k in which:
        positive = true == k
        if positive.any() and not positive.all():
            false_positives, true_positives, _ = roc_curve(positive, result.probabilities[:, k])
            area = float(auc(false_positives, true_positives))
            x, y = _thinned(false_positives, true_positives)
            curves.append(RocCurve(result.classes[k], x, y, area, int(positive.sum())))
    return curves


def _thinned(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points evenly spaced along a curve, where there are too many."""
    if len(x) <= _MOST_POINTS:
        return x, y
    length = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    wanted = np.linspace(0, length[-1], _MOST_POINTS)
    chosen = np.unique(np.append(np.searchsorted(length, wanted[:-1]), len(x) - 1))
    return x[chosen], y[chosen]


def _roc(result: ClassResult, curves: list[RocCurve]) -> Html:
    curves = sorted(curves, key=lambda curve: curve.area)
    words, threshold = _roc_words(curves), None
    if result.threshold is not None:
        rates = _rates(result)
        threshold = (result.threshold, *rates)
        words += _threshold_words(result, rates)
    lines = [
        [curve.name, f"{curve.n_rows:,}", number(curve.area)] for curve in curves[:_MOST_LISTED]
    ]
    return figure(
        picture(lambda: draw_roc(curves[:_MOST_CURVES], threshold, theme="page"), f"ROC. {words}"),
        words,
        heading="ROC: how well are classes told apart?",
        numbers=table(["class", "rows", "AUC"], lines, caption="AUC by class", numeric=[1, 2]),
    )


def _roc_words(curves: list[RocCurve]) -> str:
    hardest = curves[0]
    if len(curves) == 1:
        name = clip(hardest.name, 40)
        return (
            f"AUC {number(hardest.area)}: of two rows, one that is “{name}” and one that is not, "
            f"the network gives the first the higher probability in {percent(hardest.area)} of "
            "cases; guessing would in 50 %."
        )
    mean = float(np.mean([curve.area for curve in curves]))
    left_out = len(curves) - _MOST_CURVES
    return (
        f"Each class against all others, mean AUC {number(mean)}; the nearer a curve comes to the "
        f"upper left corner, the better. “{clip(hardest.name, 40)}” is the hardest, with AUC "
        f"{number(hardest.area)}."
        + (f" Drawn are the {_MOST_CURVES} hardest classes." if left_out > 0 else "")
    )


def _rates(result: ClassResult) -> tuple[float, float]:
    """(false positive rate, true positive rate) of what was predicted, of two classes."""
    called, true = np.asarray(result.predicted) == 1, np.asarray(result.true) == 1
    return float(np.mean(called[~true])), float(np.mean(called[true]))


def _threshold_words(result: ClassResult, rates: tuple[float, float]) -> str:
    name, threshold = clip(result.classes[1], 40), number(result.threshold, 3)
    why = f" ({result.threshold_reason.rstrip('.')})" if result.threshold_reason else ""
    return (
        f" A row is called “{name}” where its probability is above {threshold}{why}: this finds "
        f"{percent(rates[1])} of the rows that are, and wrongly calls {percent(rates[0])} of "
        "the others so."
    )
