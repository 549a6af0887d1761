"""How charts are drawn: curves with intervals, in panels."""

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.arrays import Floats
from layerwise.draw.chart import Chart, Curve, Panel, view_of
from layerwise.draw.fonts import font_families
from layerwise.draw.inline import tell
from layerwise.draw.theme import Theme, dress, figure_of, find_theme, new_figure
from layerwise.language import message, retold, tr
from layerwise.texts import number, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKS = "os^Dv<>"
_DASHES = (0, (4, 1.5))
_DOTS = (0, (1, 1.5))
_MOST_ACROSS = 3
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Curves at the same place stand beside each other, by this share of the distance of two places.
_APART = 0.07
# Where there is nothing to show: how that is marked, and how high above the axis.
_MISSING: dict[str, Any] = {"ls": "", "marker": "x", "ms": 6, "mew": 1.5}
_FOOT = 0.03
_BEHIND: dict[str, Any] = {"ls": "", "marker": "_", "ms": 7, "mew": 1.2, "alpha": 0.6}
# What lies beyond an edge: how long its arrow is, how far from others its words, in points.
_ARROW, _LINE, _WORDS = 13, 9, 56
_LETTERS = 10  # of the names below an axis, in an inch
_MOST_NAMED = 3  # points of one curve beyond one edge; of more one speaks for all


def draw_chart(chart: Chart, *, theme: str = "light") -> "Figure":
    """Draw a chart, its panels side by side on the same axes.

    Parameters
    ----------
    chart : Chart
    theme : {"light", "dark"}

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For an unknown theme, or a chart without panels.

    Examples
    --------
    >>> curve = Curve(
    ...     "relu", 0, (1, 2, 3), (0.90, 0.92, 0.91), (0.89, 0.91, 0.90), (0.91, 0.93, 0.92)
    ... )
    >>> chart = Chart("Score against depth", "hidden layers", "accuracy", (Panel("", (curve,)),))
    >>> draw_chart(chart).axes[0].get_xlabel()
    'hidden layers'
    """
    colors = find_theme(theme)
    if not chart.panels:
        raise ValueError("the chart has no panel; there is nothing to draw")
    n = len(chart.panels)
    across = min(n, _MOST_ACROSS)
    down = -(-n // across)
    figure = new_figure(_width_of(chart) * across + 0.6, 3.2 * down + 1.0)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    axes = list(grid.flat)
    for ax, panel in zip(axes, chart.panels, strict=False):
        _draw_panel(chart, panel, ax, colors)
    for ax in axes[n:]:
        ax.set_visible(False)
    for ax in axes[max(n - across, 0) : n]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel(chart.x_label)
    for ax in axes[:n:across]:
        ax.set_ylabel(chart.y_label)
    _add_legend(chart, figure, colors)
    for ax in axes[:n]:
        dress(ax, colors)
        ax.grid(axis="y", color=colors.faint, lw=0.6)
        ax.set_axisbelow(True)
    for ax, panel in zip(axes, chart.panels, strict=False):
        _mark_beyond(chart, panel, ax, colors)
    figure.suptitle(
        chart.title, x=0.02, ha="left", fontsize="medium", color=colors.text,
        family=font_families(chart.title),
    )  # fmt: skip
    return figure


def _width_of(chart: Chart) -> float:
    """How wide a panel is, in inches."""
    return 5.0 if len(chart.panels) == 1 else 3.1


def _draw_panel(chart: Chart, panel: Panel, ax: "Axes", colors: Theme) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

    if panel.title:
        ax.set_title(panel.title, loc="left", fontsize="small")
    if chart.line is not None:
        level = ax.axhline(chart.line[1], color=colors.text, lw=1.2, ls=_DOTS)
        tell(level, f"{chart.line[0]}: {number(chart.line[1])}")
    for curve in panel.curves:
        x = _beside(curve.x, _APART * chart.aside(panel, curve.color), chart)
        _draw_curve(curve, ax, colors, x, chart)
    if panel.marked is not None:
        place, y, color = panel.marked
        x = _beside((place,), _APART * chart.aside(panel, color), chart)
        ring: dict[str, Any] = {"mfc": "none", "mec": colors.text, "mew": 1.5, "ms": 13}
        [marked] = ax.plot(x, np.clip([y], *view_of(chart)), "o", zorder=4, clip_on=False, **ring)
        tell(marked, chart.mark)
    for (place, color), words in zip(panel.missing, chart.missing_in(panel), strict=True):
        x = _beside((place,), _APART * chart.aside(panel, color), chart)
        [none] = ax.plot(
            *(x, [_FOOT]), color=_color(color, colors), transform=ax.get_xaxis_transform(),
            clip_on=False, **_MISSING,
        )  # fmt: skip
        tell(none, [words])
    if chart.log_x:
        ax.set_xscale("log")
        ax.xaxis.set_minor_formatter(NullFormatter())
        places = [x for curve in chart.curves for x in curve.x]
        if max(places) < 10 * min(places):  # too few powers of ten to be named
            ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    elif chart.whole_x:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, min_n_ticks=1))
    plain = FuncFormatter(lambda value, _: f"{value:,.6g}")
    if chart.log_x:
        ax.xaxis.set_major_formatter(plain)
    if chart.ticks:
        room = round(_LETTERS * _width_of(chart) / len(chart.ticks))
        names = ["\n".join(wrapped(name, max(room, 6))) for _, name in chart.ticks]
        ax.set_xticks([x for x, _ in chart.ticks], names)
        ax.xaxis.set_minor_locator(NullLocator())
    if chart.log_y:
        ax.set_yscale("log")
        low, high = view_of(chart)
        subs = (1.0, 2.0, 5.0) if high < 100 * low else (1.0,)
        ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=9))
        ax.yaxis.set_minor_locator(NullLocator())
        plain = FuncFormatter(lambda value, _: f"{value:g}" if value >= 0.001 else _power(value))
    ax.yaxis.set_major_formatter(plain)
    ax.set_ylim(*view_of(chart))


def _beside(places: Sequence[float], aside: float, chart: Chart) -> Floats:
    """Where points stand along the axis, a little beside their places."""
    x = np.asarray(places, np.float64)
    if len(chart.ticks) > 1:
        named = np.array([place for place, _ in chart.ticks])
        gap = np.diff(np.sort(np.log(named) if chart.log_x else named)).min()
        return x * math.exp(aside * gap) if chart.log_x else x + aside * float(gap)
    return x * (1 + aside) if chart.log_x else x + aside


def _power(value: float) -> str:
    return "10" + str(round(np.log10(value))).translate(_SUPERSCRIPTS)


def _draw_curve(curve: Curve, ax: "Axes", colors: Theme, x: Floats, chart: Chart) -> None:
    color, mark = _look(curve, colors)
    y = np.asarray(curve.y, float)
    bottom, top = view_of(chart)
    hollow = np.asarray(curve.hollow, bool)
    shared: dict[str, Any] = {"color": color, "alpha": curve.strength, "zorder": 3}
    if chart.is_joined:
        full = np.where(hollow, math.nan, y)  # those not pursued are no points of the line
        [line] = ax.plot(
            x, full, lw=0.6 + 0.8 * curve.strength, ls=_DASHES if curve.is_dashed else "-", **shared
        )
        tell(line, curve.label)
        if chart.dashed:  # which of two means a mark is, lines alone tell
            ax.plot(
                x, np.where(hollow, y, math.nan), lw=0.8, ls=_DASHES if curve.is_dashed else "-",
                **shared | {"alpha": 0.6 * curve.strength},
            )  # fmt: skip
    points = np.array(
        [
            f"{curve.label}, {chart.x_name} {chart.place(place)}: {value}"
            for place, value in zip(curve.x, chart.values(curve), strict=True)
        ]
    )
    is_inside = (y >= bottom) & (y <= top)
    for is_hollow in (False, True):
        some = (hollow == is_hollow) & is_inside
        if not (some.any() and curve.has_marks):
            continue
        face = colors.background if is_hollow else color
        size = 7 if mark == "X" else 4.5  # which needs more to be seen as one
        [dots] = ax.plot(
            x[some], y[some], ls="", marker=mark, ms=size, mfc=face, mec=color, clip_on=False,
            **shared,
        )  # fmt: skip
        tell(dots, points[some].tolist())
    around: list[tuple[float, float]] = []  # what belongs to a point that can be seen
    if curve.low:
        low, high = np.asarray(curve.low, float), np.asarray(curve.high, float)
        known = np.isfinite(low) & np.isfinite(high)
        shared["zorder"] = 2
        ax.vlines(x[known], low[known], high[known], lw=1.1, **shared)
        ends = np.concatenate([low, high])
        around += zip(np.tile(x, 2), np.where(np.tile(is_inside, 2), ends, math.nan), strict=True)
    behind = [(at, one) for at, ones in zip(x, curve.behind, strict=False) for one in ones]
    if behind:
        ax.plot(*zip(*behind, strict=True), color=color, zorder=2, **_BEHIND)
    around += behind
    _mark_edge(ax, sorted({at for at, one in around if one < bottom}), 0, color)
    _mark_edge(ax, sorted({at for at, one in around if one > top}), 1, color)


def _mark_edge(ax: "Axes", x: Sequence[float] | Floats, edge: int, color: str) -> None:
    """Carets at the lower edge, 0, or the upper one, 1: something there lies beyond."""
    from matplotlib.markers import CARETDOWN, CARETUP

    if len(x):
        ax.plot(
            x, [edge] * len(x), ls="", marker=(CARETDOWN, CARETUP)[edge], ms=4, color=color,
            clip_on=False, transform=ax.get_xaxis_transform(),
        )  # fmt: skip


def _mark_beyond(chart: Chart, panel: Panel, ax: "Axes", colors: Theme) -> None:
    """An arrow at the edge for each point and level beyond it, with its name and its value.

    Of more than a few points of one curve beyond one edge the middle one speaks for all.
    """
    bottom, top = view_of(chart)
    beyond: list[tuple[float, int, str, str, bool]] = []  # x, edge, words, colour, hollow
    for curve in panel.curves:
        color = _color(curve.color, colors)
        x = _beside(curve.x, _APART * chart.aside(panel, curve.color), chart)
        y = np.asarray(curve.y, float)
        hollow = np.asarray(curve.hollow, bool)
        for edge, is_hollow in product((0, 1), (False, True)):
            is_out = (y > top if edge else y < bottom) & (hollow == is_hollow)
            out = np.flatnonzero(is_out & curve.has_marks)
            if len(out) <= _MOST_NAMED:
                texts = [f"{curve.label} {number(y[i])}" for i in out]
            else:
                _mark_edge(ax, x[out], edge, color)
                low, high = y[out].min(), y[out].max()
                values = number(low)
                if low < high:
                    values = tr("{low} to {high}", low=number(low), high=number(high))
                told = message("{name}: {values} ({n:,} points)")
                texts = [tr(told, name=curve.label, values=values, n=len(out))]
                out = out[[len(out) // 2]]
            beyond += [
                (x[i], edge, text, color, is_hollow) for i, text in zip(out, texts, strict=True)
            ]
    if chart.line is not None and not bottom <= chart.line[1] <= top:
        text = f"{chart.line[0]} {number(chart.line[1])}"
        beyond.append((ax.get_xlim()[1], int(chart.line[1] > top), text, colors.text, False))
    words: list[tuple[float, int, int]] = []  # where there are some: along x in points, edge, line
    place = ax.get_xaxis_transform()
    width = figure_of(ax).get_size_inches()[0] * 72 / min(len(chart.panels), _MOST_ACROSS)
    shares = ax.transScale + ax.transLimits
    for at, edge, text, color, is_hollow in sorted(beyond, key=lambda one: one[0]):
        share = float(shares.transform((at, bottom))[0])
        along, line = share * width, 0
        while any(abs(along - a) < _WORDS and (edge, line) == (e, n) for a, e, n in words):
            line += 1
        words.append((along, edge, line))
        away = (_ARROW + _LINE * line) * (1 - 2 * edge)
        side, start = "center", 0.5
        if not 0.15 < share < 0.85:
            side, start = ("left", 0.0) if share < 0.5 else ("right", 1.0)
        arrow = ax.annotate(
            text, (at, edge), (0, away), xycoords=place, ha=side,
            textcoords="offset points", va="top" if edge else "bottom", fontsize="x-small",
            color=colors.text, zorder=6 - 0.1 * line, fontfamily=font_families(text),
            bbox={"fc": colors.background, "ec": "none", "pad": 0.3},
            arrowprops={
                "arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "relpos": (start, edge),
                "ec": color, "fc": colors.background if is_hollow else color,
            },
        )  # fmt: skip
        tell(arrow, text + f" ({retold(chart.hollow)})" * is_hollow)


def _look(curve: Curve, colors: Theme) -> tuple[str, str]:
    """A curve's colour and mark."""
    again, which = divmod(curve.color, len(colors.palette))
    mark = "X" if curve.color < 0 else _MARKS[(which + again) % len(_MARKS)]
    return _color(curve.color, colors), mark


def _color(color: int, colors: Theme) -> str:
    return colors.text if color < 0 else colors.palette[color % len(colors.palette)]


def _add_legend(chart: Chart, figure: "Figure", colors: Theme) -> None:
    from matplotlib.lines import Line2D

    text = colors.text

    def key(label: str, color: str = text, **style: Any) -> Line2D:
        return Line2D([], [], color=color, mec=color, label=label, **style)

    handles = []
    for curve in chart.keys:
        color, mark = _look(curve, colors)
        ls = "-" if chart.is_joined and len(curve.x) > 1 else ""
        style = {
            "marker": mark,
            "ms": 7 if mark == "X" else 4.5,
            "lw": 1.4,
            "ls": ls,
            "alpha": curve.strength,
        }
        handles.append(key(curve.label, color, **style))
    if chart.dashed:
        handles += [key(chart.solid, lw=1.4), key(chart.dashed, lw=1.4, ls=_DASHES)]
    if any(any(curve.is_hollow) for curve in chart.curves):
        handles.append(key(retold(chart.hollow), ls="", marker="o", ms=4.5, mfc=colors.background))
    if any(curve.behind for curve in chart.curves):
        handles.append(key(tr("one fold"), **_BEHIND))
    if any(panel.missing for panel in chart.panels):
        handles.append(key(chart.missing, **_MISSING))
    if chart.line is not None:
        handles.append(key(chart.line[0], lw=1.2, ls=_DOTS))
    if chart.mark and any(panel.marked for panel in chart.panels):
        handles.append(key(chart.mark, ls="", marker="o", ms=9, mfc="none"))
    across = 6 if len(chart.panels) > 2 else 4 if len(chart.panels) == 2 else 3
    legend = figure.legend(
        handles=handles, loc="outside lower left", ncols=across, fontsize="small", frameon=False
    )
    for label in legend.get_texts():
        label.set(color=text, fontfamily=font_families(label.get_text()))
