"""The section on predicted numbers: against the true ones, residuals, prediction intervals."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerwise.draw.judged import draw_intervals, draw_predicted, draw_residuals
from layerwise.report.elements import Html, element, figure, join, picture, section, table
from layerwise.report.predicted_rows import NumberResult
from layerwise.report.reliability import beyond_chance, wilson
from layerwise.texts import clip, number, percent, plural

__all__ = ["numbers_section"]

_MOST_DOTS = 2000
_INTERVALS_SHOWN = 50


def numbers_section(results: Sequence[NumberResult]) -> Html | None:
    """Three pictures for each target; None without any."""
    if not results:
        return None
    parts: list[Html] = []
    for result in results:
        if len(results) > 1:
            parts.append(element("h3", result.name))
        figures = [_scatter(result), _residuals(result)]
        if result.lower is not None and result.upper is not None and result.level is not None:
            figures.append(_intervals(result, result.lower, result.upper, result.level))
        parts.append(element("div", *figures, class_="pair"))
    return section("predictions", "Predicted and true", join(parts))


def _scatter(result: NumberResult) -> Html:
    true, predicted = np.asarray(result.true, float), np.asarray(result.predicted, float)
    shown = _some(len(true), _MOST_DOTS)
    name = clip(result.name, 40)
    errors = np.abs(result.residuals)
    half = number(float(np.median(errors)), 3)
    words = (
        f"A dot is a test row; on the dashed line predicted and true are the same. Half of the "
        f"rows lie within {half} of it, nine of ten within "
        f"{number(float(np.quantile(errors, 0.9)), 3)}."
    )
    if len(shown) < len(true):
        words += f" Drawn are {len(shown):,} of {len(true):,} rows, chosen at random."
    return figure(
        picture(
            lambda: draw_predicted(predicted[shown], true[shown], name, theme="page"),
            f"Predicted against true {name}. {words}",
        ),
        words,
        heading="Predicted against true",
        numbers=_quantiles(result),
    )


def _some(n: int, most: int) -> NDArray[np.int64]:
    """All row numbers, or some of them chosen at random, the same ones every time."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def _quantiles(result: NumberResult) -> Html:
    shares = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
    columns = [result.true, result.predicted, result.residuals]
    lines = [
        [
            {0.0: "smallest", 0.5: "middle", 1.0: "largest"}.get(share, percent(share, 0)),
            *(number(float(np.quantile(np.asarray(c, float), share))) for c in columns),
        ]
        for share in shares
    ]
    return table(
        ["quantile", "true", "predicted", "true − predicted"], lines,
        caption="Quantiles of the true and the predicted values", numeric=range(1, 4),
    )  # fmt: skip


def _residuals(result: NumberResult) -> Html:
    residuals = result.residuals
    # Some rows far out would press all others into one bar: the two outer bars hold them.
    low, high = (float(q) for q in np.quantile(residuals, [0.005, 0.995]))
    reach = max(abs(low), abs(high)) or 0.5
    n_bars = int(np.clip(np.sqrt(len(residuals)), 6, 40)) // 2 * 2 + 1  # odd: one bar around 0
    edges = np.linspace(-reach, reach, n_bars + 1)
    counts, _ = np.histogram(np.clip(residuals, -reach, reach), edges)
    mean, spread = float(residuals.mean()), float(residuals.std())
    bias = abs(mean) > 2 * spread / np.sqrt(len(residuals))
    words = (
        f"How far off the predictions are. On average the truth is {number(abs(mean), 3)} "
        f"{'above' if mean > 0 else 'below'} the prediction"
    )
    words += (
        f", more than chance explains in {plural(len(residuals), 'row')}."
        if bias
        else ", no more than chance explains."
    )
    beyond = int(np.sum(np.abs(residuals) > reach))
    if beyond:
        words += f" The outermost bars also hold {plural(beyond, 'row')} further out."
    return figure(
        picture(
            lambda: draw_residuals(edges, counts, result.name, theme="page"),
            f"Residuals of {clip(result.name, 40)}. {words}",
        ),
        words,
        heading="Residuals",
    )


def _intervals(
    result: NumberResult, lower: NDArray[np.floating], upper: NDArray[np.floating], level: float
) -> Html:
    low_ends, high_ends = np.asarray(lower, np.float64), np.asarray(upper, np.float64)
    true, predicted = np.asarray(result.true, float), np.asarray(result.predicted, float)
    inside = (lower <= true) & (true <= upper)
    n, held = len(true), int(inside.sum())
    low, high = wilson(np.array([held / n]), np.array([n]))
    width = float(np.median(high_ends - low_ends))
    compared = beyond_chance(held / n, n, level) if np.isfinite(width) else ""
    shown = _some(n, _INTERVALS_SHOWN)
    shown = shown[np.argsort(predicted[shown], kind="stable")]
    words = (
        f"The intervals were made to hold {percent(level, 0)} of the rows; on the test rows they "
        f"hold {percent(held / n)} ({held:,} of {n:,}; 95 % interval {percent(float(low[0]))} to "
        f"{percent(float(high[0]))}){f', {compared} than chance explains' if compared else ''}. "
    )
    words += (
        f"Half of them are narrower than {number(width, 3)}."
        if np.isfinite(width)
        else "Half of them or more have no end: too few rows were held out to promise this share."
    )
    if len(shown) < n:
        words += f" Drawn are {len(shown)} rows, chosen at random."
    return figure(
        picture(
            lambda: draw_intervals(
                true[shown], low_ends[shown], high_ends[shown], result.name, theme="page"
            ),
            f"Prediction intervals of {clip(result.name, 40)}. {words}",
        ),
        words,
        heading="Prediction intervals",
    )
