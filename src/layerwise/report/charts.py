"""Charts of a study as SVG: the same that `layerwise.draw` draws, in the page's colours."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerwise.draw.chart import Chart, Curve, Panel, view_of
from layerwise.report.html import Html, element, legend
from layerwise.report.plot import Plot, Scale, scale_of
from layerwise.report.wording import number

__all__ = ["chart_figure"]

_N_COLORS = 7
# Curves at the same place stand beside each other, by this share of the distance of two places.
_APART = 0.07


def chart_figure(chart: Chart, caption: str) -> Html:
    """A chart's panels side by side, with its heading, legend and what to see in it.

    Examples
    --------
    >>> curve = Curve("relu", 0, (1, 2, 3), (0.90, 0.92, 0.91))
    >>> chart = Chart("Score", "hidden layers", "accuracy", (Panel("", (curve,)),))
    >>> 'class="line c0"' in chart_figure(chart, "Two layers do best.")
    True
    """
    panels = [_panel(chart, panel) for panel in chart.panels]
    return element(
        "figure",
        element("div", *panels, class_="charts"),
        legend(*_keys(chart)),
        element("figcaption", caption),
    )


def _panel(chart: Chart, panel: Panel) -> Html:
    low, high = view_of(chart)
    y = Scale(low, high, log=chart.log_y)
    plot = Plot(_x_scale(chart), y, x_label=chart.x_label, y_label=chart.y_label)
    if chart.line is not None:
        level = np.full(2, np.clip(chart.line[1], low, high))
        plot.line([plot.x.low, plot.x.high], level, "ink dotted", _said(*chart.line))
    for curve in panel.curves:
        _draw(plot, curve, chart.aside(panel, curve.color) * _APART, chart)
    if panel.marked is not None:
        x, value, color = panel.marked
        [place] = _beside([x], chart.aside(panel, color) * _APART, chart)
        plot.ring(float(place), value, chart.mark)
    picture = plot.picture(_described(chart, panel))
    heading = element("h4", panel.title) if panel.title else None
    return element("div", heading, picture)


def _draw(plot: Plot, curve: Curve, aside: float, chart: Chart) -> None:
    x = _beside(curve.x, aside, chart)
    # What lies outside the picture ends at its edge.
    y = np.clip(np.asarray(curve.y, float), plot.y.low, plot.y.high)
    color = _class(curve)
    if curve.low:
        known = np.isfinite(curve.low) & np.isfinite(curve.high)
        low, high = np.asarray(curve.low)[known], np.asarray(curve.high)[known]
        plot.segments(x[known], low, high, f"{color} interval")
    if len(x) > 1:
        dashed = " dashed" if curve.is_dashed else ""
        plot.line(x, y, color + dashed, curve.label)
    shape = " square" if curve.color % 2 else ""
    hollow = curve.is_hollow or (False,) * len(x)
    for a, b, value, place, is_hollow in zip(x, y, curve.y, curve.x, hollow, strict=True):
        title = f"{curve.label}, {_x_word(chart)} {number(place)}: {number(value)}"
        plot.dots([a], [b], color + shape, title=title)
        if is_hollow:
            plot.dots([a], [b], f"hollow{shape}", radius=1.9)


def _class(curve: Curve) -> str:
    color = "ink" if curve.color < 0 else f"c{curve.color % _N_COLORS}"
    return color if curve.strength == 1 else f"{color} strength-{round(10 * curve.strength)}"


def _beside(places: Sequence[float], aside: float, chart: Chart) -> NDArray[np.float64]:
    x = np.asarray(places, np.float64)
    return x * (1 + aside) if chart.log_x else x + aside


def _x_scale(chart: Chart) -> Scale:
    values = [x for curve in chart.curves for x in curve.x]
    if chart.log_x:
        return scale_of(values, log=True)
    low, high = min(values), max(values)
    room = 0.35 if high - low < 10 else 0.04 * (high - low)
    return Scale(low - room, high + room, whole=True)


def _x_word(chart: Chart) -> str:
    return chart.x_label.split(" (")[0].split(",")[0]


def _keys(chart: Chart) -> list[tuple[str, str]]:
    keys = []
    for curve in chart.keys:
        if len(curve.x) == 1:
            keys.append((f"dot {_class(curve)}", curve.label))
        else:
            keys.append((_class(curve), curve.label))
    if chart.dashed:
        keys += [("ink", chart.solid), ("ink dashed", chart.dashed)]
    if any(any(curve.is_hollow) for curve in chart.curves):
        keys.append(("dot open", "given up early"))
    if chart.line is not None:
        keys.append(("ink dotted", chart.line[0]))
    if chart.mark and any(panel.marked for panel in chart.panels):
        keys.append(("dot ring", chart.mark))
    return keys


def _said(name: str, value: float) -> str:
    return f"{name}: {number(value)}"


def _described(chart: Chart, panel: Panel) -> str:
    """The picture in words, for who cannot see it."""
    where = f" ({panel.title})" if panel.title else ""
    told = [
        f"{curve.label}: {', '.join(number(value) for value in curve.y)}" for curve in panel.curves
    ]
    line = [_said(*chart.line)] if chart.line is not None else []
    return f"{chart.title}{where}. {'; '.join([*told, *line])}."
