"""The sections on classes: what was taken for what, and whether probabilities can be trusted."""

from collections.abc import Sequence

import numpy as np

from layerwise.arrays import Floats, Integers
from layerwise.draw.judged import RocCurve, draw_calibration, draw_roc
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.language import counted, tr
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.report.judging import Judgement
from layerwise.report.model_words import calibration_of, threshold_reason
from layerwise.report.reliability import Reliability, reliability_of, wilson
from layerwise.texts import clip, number, percent

# Up to so many classes a cell also writes its share; up to so many there is a matrix at all.
_SHARES_UP_TO, _MATRIX_UP_TO = 8, 40
_MOST_MISTAKES, _MOST_LETTERS = 10, 40

_MOST_POINTS = 200
# Of more classes, the hardest are drawn and listed.
_MOST_CURVES, _MOST_LISTED = 30, 100


def confusion_section(model: TableClassifier, judged: Judgement) -> Html:
    """The matrix, the mistakes that are made most often, and a sentence on both."""
    order = model.task_.order_for_people
    classes = [_names(model)[place] for place in order]
    counts = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(counts, (judged.y, model.decide(judged.outputs)), 1)
    counts = counts[np.ix_(order, order)]
    right, n = int(np.trace(counts)), int(counts.sum())
    words = tr(
        "{k:,} of {rows} were given their true class ({share}).",
        k=right,
        rows=counted(n, "test row"),
        share=percent(right / n),
    )
    matrix = _matrix(counts, classes) if len(counts) <= _MATRIX_UP_TO else None
    how = tr(
        "Each line is a true class, each column what its rows were taken for{shares}: right "
        "answers stand on the diagonal, shaded blue, mistakes beside it, orange. ",
        shares=tr(", with the share of the line") if len(counts) <= _SHARES_UP_TO else "",
    )
    return section(
        "confusion",
        tr("Right and wrong"),
        element("p", words),
        matrix,
        element("p", (how if matrix else "") + _worst_words(counts, classes)),
        _mistakes(counts, classes) if len(counts) > 2 else None,
    )


def _names(model: TableClassifier) -> list[str]:
    return [str(label) for label in model.classes_]


def _matrix(counts: Integers, classes: Sequence[str]) -> Html:
    k = len(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    roomy = k <= _SHARES_UP_TO
    most = 24 if roomy else 12
    head = element(
        "tr",
        element("th", tr("true ↓ taken for →"), class_="muted"),
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
        "div", body, class_="scroll", role="region", aria_label=tr("Confusion matrix"), tabindex="0"
    )


def _worst_words(counts: Integers, classes: Sequence[str]) -> str:
    rows = counts.sum(axis=1)
    recalls = np.where(rows > 0, np.diag(counts) / np.maximum(rows, 1), np.inf)
    worst = int(np.argmin(recalls))
    if recalls[worst] == 1:
        return tr("No row was taken for another class.")
    name, missed = clip(classes[worst], 40), int(rows[worst] - counts[worst, worst])
    return tr(
        "“{name}” is the class most often missed: {missed:,} of its {rows} ({share}) were taken "
        "for another.",
        name=name,
        missed=missed,
        rows=counted(int(rows[worst]), "row"),
        share=percent(float(1 - recalls[worst])),
    )


def _mistakes(counts: Integers, classes: Sequence[str]) -> Html | None:
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = [int(i) for i in np.argsort(-wrong, axis=None, kind="stable")[:_MOST_MISTAKES]]
    rows = counts.sum(axis=1)
    lines = []
    for i, j in (divmod(place, len(counts)) for place in order):
        if wrong[i, j]:
            share = percent(float(wrong[i, j] / rows[i]))
            names = (clip(classes[k], _MOST_LETTERS) for k in (i, j))
            lines.append([*names, f"{wrong[i, j]:,}", share])
    if not lines:
        return None
    title = tr("The most frequent mistakes")
    heading = element("h3", title)
    listed = table(
        [tr("true"), tr("taken for"), tr("rows"), tr("of this class")], lines,
        caption=title, numeric=[2, 3],
    )  # fmt: skip
    return Html(heading + listed)


def probabilities_section(model: TableClassifier, judged: Judgement) -> Html | None:
    """Whether probabilities can be trusted, and how well they tell classes apart."""
    if len(model.classes_) < 2:
        return None
    curves = _roc_curves(_names(model), judged)
    figures = [_calibration(model, judged), _roc(model, judged, curves) if curves else None]
    return section(
        "probabilities", tr("The probabilities"), element("div", *figures, class_="pair")
    )


def _calibration(model: TableClassifier, judged: Judgement) -> Html:
    seen = reliability_of(judged.outputs, judged.y)
    low, high = wilson(seen.happened, seen.counts)
    name = str(model.classes_[1]) if len(model.classes_) == 2 else None
    words = tr(
        "{words} How they were made: {how}.",
        words=_calibration_words(seen, low, high),
        how=calibration_of(model),
    )
    edges = zip(seen.low, seen.high, strict=True)
    lines = [
        [
            _from_to(a, b, 0), f"{seen.counts[i]:,}",
            percent(float(seen.promised[i])), percent(float(seen.happened[i])),
            _from_to(float(low[i]), float(high[i])),
        ]
        for i, (a, b) in enumerate(edges)
    ]  # fmt: skip
    headings = [tr("probability"), tr("rows"), tr("mean probability"), tr("came true")]
    return figure(
        picture(
            lambda: draw_calibration(seen.promised, seen.happened, low, high, name, theme="page"),
            tr("Calibration: {words}", words=words),
        ),
        words,
        heading=tr("Calibration: is {share} really {share}?", share=tr("80 %")),
        numbers=table(
            [*headings, tr("{level} interval", level=tr("95 %"))], lines,
            caption=tr("Calibration, bin by bin"), numeric=range(1, 5),
        ),
    )  # fmt: skip


def _from_to(low: float, high: float, digits: int = 1) -> str:
    return tr("{low} to {high}", low=percent(low, digits), high=percent(high, digits))


def _calibration_words(seen: Reliability, low: Floats, high: Floats) -> str:
    met = int(np.sum((low <= seen.promised) & (seen.promised <= high)))
    place = int(np.argmax(seen.counts))
    return tr(
        "Where the network says {promised} (on average, in {rows}), it came true in {happened}. "
        "The intervals of {met} of {dots} reach the line of perfect calibration; {seen} (expected "
        "calibration error).",
        promised=percent(float(seen.promised[place]), 0),
        rows=counted(int(seen.counts[place]), "row"),
        happened=percent(float(seen.happened[place]), 0),
        met=met,
        dots=counted(len(seen.counts), "dot"),
        seen=seen.words,
    )


def _roc_curves(classes: Sequence[str], judged: Judgement) -> list[RocCurve]:
    """A curve for each class that has rows and is not alone; for two, that of the second."""
    from sklearn.metrics import auc, roc_curve

    curves = []
    for k in [1] if len(classes) == 2 else range(len(classes)):
        positive = judged.y == k
        if positive.any() and not positive.all():
            false_positives, true_positives, _ = roc_curve(positive, judged.outputs[:, k])
            area = float(auc(false_positives, true_positives))
            x, y = _thinned(false_positives, true_positives)
            curves.append(RocCurve(classes[k], x, y, area, int(positive.sum())))
    return curves


def _thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Points evenly spaced along a curve, where there are too many."""
    if len(x) <= _MOST_POINTS:
        return x, y
    length = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    wanted = np.linspace(0, length[-1], _MOST_POINTS)
    chosen = np.unique(np.append(np.searchsorted(length, wanted[:-1]), len(x) - 1))
    return x[chosen], y[chosen]


def _roc(model: TableClassifier, judged: Judgement, curves: list[RocCurve]) -> Html:
    curves = sorted(curves, key=lambda curve: curve.area)
    words, threshold = _roc_words(curves), None
    if len(model.classes_) == 2:
        called, true = model.decide(judged.outputs) == 1, judged.y == 1
        wrongly, rightly = float(np.mean(called[~true])), float(np.mean(called[true]))
        threshold = (model.threshold_, wrongly, rightly)
        words += tr(
            " A row is called “{name}” where its probability is above {threshold} ({why}): this "
            "finds {rightly} of the rows that are, and wrongly calls {wrongly} of the others so.",
            name=clip(str(model.classes_[1]), 40),
            threshold=number(model.threshold_, 3),
            why=threshold_reason(model),
            rightly=percent(rightly),
            wrongly=percent(wrongly),
        )
    lines = [
        [curve.name, f"{curve.n_rows:,}", number(curve.area)] for curve in curves[:_MOST_LISTED]
    ]
    return figure(
        picture(lambda: draw_roc(curves[:_MOST_CURVES], threshold, theme="page"), "ROC. " + words),
        words,
        heading=tr("ROC: how well are classes told apart?"),
        numbers=table(
            [tr("class"), tr("rows"), "AUC"], lines, caption=tr("AUC by class"), numeric=[1, 2]
        ),
    )


def _roc_words(curves: list[RocCurve]) -> str:
    hardest = curves[0]
    if len(curves) == 1:
        name = clip(hardest.name, 40)
        return tr(
            "AUC {area}: of two rows, one that is “{name}” and one that is not, the network gives "
            "the first the higher probability in {share} of cases; guessing would in 50 %.",
            area=number(hardest.area),
            name=name,
            share=percent(hardest.area),
        )
    mean = float(np.mean([curve.area for curve in curves]))
    left_out = len(curves) - _MOST_CURVES
    words = tr(
        "Each class against all others, mean AUC {mean}; the nearer a curve comes to the upper "
        "left corner, the better. “{name}” is the hardest, with AUC {area}.",
        mean=number(mean),
        name=clip(hardest.name, 40),
        area=number(hardest.area),
    )
    if left_out > 0:
        words += tr(" Drawn are the {n} hardest classes.", n=_MOST_CURVES)
    return words
