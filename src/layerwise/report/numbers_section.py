"""The section on predicted numbers: against the true ones, residuals, prediction intervals."""

import numpy as np

from layerwise.arrays import Floats, Integers
from layerwise.draw.judged import draw_intervals, draw_predicted, draw_residuals
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.language import counted, tr
from layerwise.report.elements import Html, element, figure, join, picture, section, table
from layerwise.report.judging import Judgement
from layerwise.report.reliability import beyond_chance, wilson
from layerwise.texts import clip, number, percent

_MOST_DOTS = 2000
_INTERVALS_SHOWN = 50


def numbers_section(model: TableRegressor, judged: Judgement) -> Html:
    """Two pictures for each target, and one of prediction intervals where there are any."""
    parts: list[Html] = []
    names, n = model.task_.names, len(judged.y)
    ends = () if judged.interval is None else judged.interval
    columns = (values.reshape(n, -1).T for values in (judged.y, judged.outputs, *ends))
    for name, true, predicted, *interval in zip(names, *columns, strict=True):
        if len(names) > 1:
            parts.append(element("h3", name))
        figures = [_scatter(name, true, predicted), _residuals(name, true - predicted)]
        if interval and model.intervals_ is not None:
            lower, upper = interval
            figures.append(_intervals(name, true, predicted, lower, upper, model.intervals_.level))
        parts.append(element("div", *figures, class_="pair"))
    return section("predictions", tr("Predicted and true"), join(parts))


def _scatter(target: str, true: Floats, predicted: Floats) -> Html:
    shown = _some(len(true), _MOST_DOTS)
    name = clip(target, 40)
    errors = np.abs(true - predicted)
    half = number(float(np.median(errors)), 3)
    words = tr(
        "A dot is a test row; on the dashed line predicted and true are the same. Half of the rows "
        "lie within {half} of it, nine of ten within {most}.",
        half=half,
        most=number(float(np.quantile(errors, 0.9)), 3),
    )
    if len(shown) < len(true):
        words += tr(" Drawn are {k:,} of {n:,} rows, chosen at random.", k=len(shown), n=len(true))
    return figure(
        picture(
            lambda: draw_predicted(predicted[shown], true[shown], name, theme="page"),
            tr("Predicted against true {name}. {words}", name=name, words=words),
        ),
        words,
        heading=tr("Predicted against true"),
        numbers=_quantiles(true, predicted),
    )


def _some(n: int, most: int) -> Integers:
    """All row numbers, or some of them chosen at random, the same ones every time."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def _quantiles(true: Floats, predicted: Floats) -> Html:
    shares = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
    columns = [true, predicted, true - predicted]
    lines = [
        [
            {0.0: tr("smallest"), 0.5: tr("middle"), 1.0: tr("largest")}.get(
                share, percent(share, 0)
            ),
            *(number(float(np.quantile(column, share))) for column in columns),
        ]
        for share in shares
    ]
    return table(
        [tr("quantile"), tr("true"), tr("predicted"), tr("true − predicted")], lines,
        caption=tr("Quantiles of the true and the predicted values"), numeric=range(1, 4),
    )  # fmt: skip


def _residuals(name: str, residuals: Floats) -> Html:
    # Some rows far out would press all others into one bar: the two outer bars hold them.
    low, high = (float(q) for q in np.quantile(residuals, [0.005, 0.995]))
    reach = max(abs(low), abs(high)) or 0.5
    n_bars = int(np.clip(np.sqrt(len(residuals)), 6, 40)) // 2 * 2 + 1  # odd: one bar around 0
    edges = np.linspace(-reach, reach, n_bars + 1)
    counts, _ = np.histogram(np.clip(residuals, -reach, reach), edges)
    mean, spread = float(residuals.mean()), float(residuals.std())
    bias = abs(mean) > 2 * spread / np.sqrt(len(residuals))
    distance = number(abs(mean), 3)
    words = (
        tr(
            "How far off the predictions are. On average the truth is {distance} above the "
            "prediction",
            distance=distance,
        )
        if mean > 0
        else tr(
            "How far off the predictions are. On average the truth is {distance} below the "
            "prediction",
            distance=distance,
        )
    )
    words += (
        tr(", more than chance explains in {rows}.", rows=counted(len(residuals), "row"))
        if bias
        else tr(", no more than chance explains.")
    )
    beyond = int(np.sum(np.abs(residuals) > reach))
    if beyond:
        words += tr(
            " The outermost bars also hold {rows} further out.", rows=counted(beyond, "row")
        )
    return figure(
        picture(
            lambda: draw_residuals(edges, counts, name, theme="page"),
            tr("Residuals of {name}. {words}", name=clip(name, 40), words=words),
        ),
        words,
        heading=tr("Residuals"),
    )


def _intervals(
    name: str, true: Floats, predicted: Floats, lower: Floats, upper: Floats, level: float
) -> Html:
    inside = (lower <= true) & (true <= upper)
    n, held = len(true), int(inside.sum())
    low, high = wilson(np.array([held / n]), np.array([n]))
    width = float(np.median(upper - lower))
    compared = beyond_chance(held / n, n, level) if np.isfinite(width) else ""
    shown = _some(n, _INTERVALS_SHOWN)
    shown = shown[np.argsort(predicted[shown], kind="stable")]
    words = tr(
        "The intervals were made to hold {level} of the rows; on the test rows they hold {share} "
        "({held:,} of {n:,}; {wilson} interval {low} to {high}){compared}. ",
        wilson=tr("95 %"),
        level=percent(level, 0),
        share=percent(held / n),
        held=held,
        n=n,
        low=percent(float(low[0])),
        high=percent(float(high[0])),
        compared=compared,
    )
    words += (
        tr("Half of them are narrower than {width}.", width=number(width, 3))
        if np.isfinite(width)
        else tr(
            "Half of them or more have no end: too few rows were held out to promise this share."
        )
    )
    if len(shown) < n:
        words += tr(" Drawn are {k} rows, chosen at random.", k=len(shown))
    return figure(
        picture(
            lambda: draw_intervals(true[shown], lower[shown], upper[shown], name, theme="page"),
            tr("Prediction intervals of {name}. {words}", name=clip(name, 40), words=words),
        ),
        words,
        heading=tr("Prediction intervals"),
    )
