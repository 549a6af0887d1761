"""The section on probabilities: calibration, ROC curves, and the threshold of two classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerwise.report.calibration import Reliability, reliability_of, wilson
from layerwise.report.html import Html, element, figure, legend, section, table
from layerwise.report.plot import Plot, Scale
from layerwise.report.results import ClassResult
from layerwise.report.wording import clip, number, percent, plural

__all__ = ["probabilities_section"]

_MOST_POINTS = 200
# Of more classes, the hardest are drawn and listed.
_MOST_CURVES, _MOST_LISTED = 30, 100
_UNIT = Scale(0.0, 1.0)


@dataclass(frozen=True)
class _Roc:
    """One class against the rest."""

    name: str
    false_positives: NDArray[np.float64]
    true_positives: NDArray[np.float64]
    area: float
    n_rows: int


def probabilities_section(result: ClassResult | None) -> Html | None:
    """Whether probabilities can be trusted, and how well they tell classes apart."""
    if result is None or len(result.classes) < 2:
        return None
    curves = _roc_curves(result)
    figures = [_calibration(result), _roc(result, curves) if curves else None]
    return section("probabilities", "The probabilities", element("div", *figures, class_="pair"))


def _calibration(result: ClassResult) -> Html:
    seen = reliability_of(result.probabilities, np.asarray(result.true))
    promised, happened = "probability of the likeliest class", "share that is this class"
    if len(result.classes) == 2:
        name = clip(result.classes[1], 40)
        promised, happened = f"probability of “{name}”", f"share that is “{name}”"
    low, high = wilson(seen.happened, seen.counts)
    plot = Plot(_UNIT, _UNIT, x_label=f"{promised}", y_label=happened, percent="xy", height=360)
    plot.line([0, 1], [0, 1], "plain dotted")
    plot.segments(seen.promised, low, high, "first", cap=4)
    plot.dots(seen.promised, seen.happened, "first")
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
        plot.picture(f"Calibration: {words}"),
        words,
        heading="Calibration: is 80 % really 80 %?",
        keys=legend(
            ("dot first", "test rows, with 95 % interval"), ("plain dotted", "perfect calibration")
        ),
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


def _roc_curves(result: ClassResult) -> list[_Roc]:
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
            curves.append(_Roc(result.classes[k], x, y, area, int(positive.sum())))
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


def _roc(result: ClassResult, curves: list[_Roc]) -> Html:
    plot = Plot(
        _UNIT, _UNIT, x_label="false positive rate", y_label="true positive rate",
        percent="xy", height=360,
    )  # fmt: skip
    plot.line([0, 1], [0, 1], "plain dotted")
    curves = sorted(curves, key=lambda curve: curve.area)
    hardest = curves[0]
    several = len(curves) > 1
    for curve in curves[:_MOST_CURVES]:
        style = "first thin" if several else "first thick"
        if curve is not hardest or not several:
            title = f"{curve.name}: AUC {number(curve.area)}"
            plot.line(curve.false_positives, curve.true_positives, style, title)
    keys = [("first", "each class against the rest")] if several else [("first", curves[0].name)]
    if several:
        title = f"{hardest.name}: AUC {number(hardest.area)}"
        plot.line(hardest.false_positives, hardest.true_positives, "second dashed thick", title)
        keys.append(("second dashed", f"the hardest: {clip(hardest.name, 30)}"))
    keys.append(("plain dotted", "guessing"))
    words = _roc_words(curves, hardest)
    if result.threshold is not None:
        rates = _rates(result)
        plot.diamond(rates[0], rates[1], "third", f"threshold {number(result.threshold)}")
        keys.append(("diamond third", f"threshold {number(result.threshold, 3)}"))
        words += _threshold_words(result, rates)
    lines = [
        [curve.name, f"{curve.n_rows:,}", number(curve.area)] for curve in curves[:_MOST_LISTED]
    ]
    return figure(
        plot.picture(f"ROC. {words}"),
        words,
        heading="ROC: how well are classes told apart?",
        keys=legend(*keys),
        numbers=table(["class", "rows", "AUC"], lines, caption="AUC by class", numeric=[1, 2]),
    )


def _roc_words(curves: list[_Roc], hardest: _Roc) -> str:
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
