"""Charts as plain data, curves with intervals in panels, and how they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerwise.draw.fonts import font_families
from layerwise.draw.inline import tell
from layerwise.draw.theme import Theme, dress, find_theme, new_figure
from layerwise.texts import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Chart", "Curve", "Panel", "draw_chart", "view_of"]

_MARKS = "os^Dv<>"
_DASHES = (0, (4, 1.5))
_DOTS = (0, (1, 1.5))
_MOST_ACROSS = 3
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Curves at the same place stand beside each other, by this share of the distance of two places.
_APART = 0.07


@dataclass(frozen=True)
class Curve:
    """Points that belong together, joined by a line.

    Attributes
    ----------
    label : str
        Its name in the legend; curves of one name share an entry.
    color : int
        Which colour and mark, from 0; -1: that of text.
    x, y : tuple of float
    low, high : tuple of float
        Ends of each point's interval; empty: none are drawn.
    is_hollow : tuple of bool
        Which marks are hollow; empty: none.
    is_dashed : bool
    strength : float
        Above 0, up to 1: how strong its colour is.
    """

    label: str
    color: int
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    is_hollow: tuple[bool, ...] = ()
    is_dashed: bool = False
    strength: float = 1.0


@dataclass(frozen=True)
class Panel:
    """Curves on one pair of axes, under a title.

    Attributes
    ----------
    title : str
    curves : tuple of Curve
    marked : tuple of (float, float, int) or None
        One point that is marked, (x, y), and its curve's colour.
    """

    title: str
    curves: tuple[Curve, ...]
    marked: tuple[float, float, int] | None = None


@dataclass(frozen=True)
class Chart:
    """Panels beside each other that share their axes.

    Attributes
    ----------
    title, x_label, y_label : str
    panels : tuple of Panel
    mark : str
        What the marked points are: "recommended".
    line : tuple of (str, float) or None
        A level drawn across all panels, and its name.
    log_x, log_y, whole_x : bool
        Logarithmic axes; an axis of whole numbers.
    dashed : str
        What dashed curves are: "rows trained on"; "" without any.
    solid : str
        What the others are, where there are dashed ones.
    """

    title: str
    x_label: str
    y_label: str
    panels: tuple[Panel, ...]
    mark: str = ""
    line: tuple[str, float] | None = None
    log_x: bool = False
    log_y: bool = False
    whole_x: bool = False
    dashed: str = ""
    solid: str = ""

    @property
    def curves(self) -> list[Curve]:
        """Of all panels."""
        return [curve for panel in self.panels for curve in panel.curves]

    def aside(self, panel: Panel, color: int) -> float:
        """How far beside their place a curve's points stand, in colours: intervals hide nothing."""
        colored = {curve.color for curve in panel.curves if curve.low and curve.color >= 0}
        return color - (len(colored) - 1) / 2 if color in colored else 0.0

    @property
    def x_name(self) -> str:
        """What x is, without how it is drawn or measured."""
        return self.x_label.split(" (")[0].split(",")[0]

    @property
    def description(self) -> str:
        """All its numbers, for who cannot see it."""
        said = [
            f"{self.title}{f' ({panel.title})' if panel.title else ''}. "
            + "; ".join(f"{c.label}: {', '.join(map(number, c.y))}" for c in panel.curves)
            for panel in self.panels
        ]
        if self.line is not None:
            said.append(f"{self.line[0]}: {number(self.line[1])}")
        return "; ".join(said)

    @property
    def keys(self) -> list[Curve]:
        """The first curve of each name, in order: what the legend names."""
        found: dict[str, Curve] = {}
        for curve in self.curves:
            found.setdefault(curve.label, curve)
        return list(found.values())


def view_of(chart: Chart) -> tuple[float, float]:
    """Lowest and highest value to show: one wild network, or wide interval, must not hide the rest.

    Values beyond three interquartile ranges of the middle half (Tukey 1977's far outliers) are
    left to run out of the picture, and so are intervals much longer than all the values are apart.

    Examples
    --------
    >>> curve = Curve("relu", 0, (1, 2, 3, 4, 5), (0.90, 0.91, 0.92, 0.91, -50.0))
    >>> low, high = view_of(Chart("", "depth", "R²", (Panel("", (curve,)),)))
    >>> low > 0.8, high < 1
    (True, True)
    """
    values = np.array([value for curve in chart.curves for value in curve.y])
    if chart.line is not None:
        values = np.append(values, chart.line[1])
    ends = [end for curve in chart.curves for end in (*curve.low, *curve.high)]
    if chart.log_y:
        values = np.log10(values[values > 0])
        ends = [float(np.log10(end)) for end in ends if end > 0]
    values = values[np.isfinite(values)]
    if not len(values):
        return (0.1, 1.0) if chart.log_y else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if not chart.log_y:
        first, third = np.quantile(values, [0.25, 0.75])
        fence = 3 * (third - first)
        inside = values[(values >= first - fence) & (values <= third + fence)]
        low, high = float(inside.min()), float(inside.max())
    finite = [end for end in ends if np.isfinite(end)]
    span = high - low or max(abs(high) * 0.02, 1e-9)
    low = max(min([low, *finite]), low - 1.2 * span)
    high = min(max([high, *finite]), high + 1.2 * span)
    room = 0.05 * ((high - low) or span)
    low, high = low - room, high + room
    return (10**low, 10**high) if chart.log_y else (low, high)


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
    figure = new_figure(max(3.1 * across, 5.6) + 0.6, 3.2 * down + 1.0)
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
    figure.suptitle(
        chart.title, x=0.02, ha="left", fontsize="medium", color=colors.text,
        family=font_families(chart.title),
    )  # fmt: skip
    return figure


def _draw_panel(chart: Chart, panel: Panel, ax: "Axes", colors: Theme) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

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
        [marked] = ax.plot(x, [y], "o", zorder=4, clip_on=False, **ring)
        tell(marked, chart.mark)
    if chart.log_x:
        ax.set_xscale("log")
    elif chart.whole_x:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, min_n_ticks=1))
    plain = FuncFormatter(lambda value, _: f"{value:,.6g}")
    if chart.log_x:
        ax.xaxis.set_major_formatter(plain)
    if chart.log_y:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(numticks=9))
        ax.yaxis.set_minor_locator(NullLocator())
        plain = FuncFormatter(lambda value, _: f"{value:g}" if value >= 0.001 else _power(value))
    ax.yaxis.set_major_formatter(plain)
    ax.set_ylim(*view_of(chart))


def _beside(places: Sequence[float], aside: float, chart: Chart) -> NDArray[np.float64]:
    """Where points stand along the axis, a little beside their places."""
    x = np.asarray(places, np.float64)
    return x * (1 + aside) if chart.log_x else x + aside


def _power(value: float) -> str:
    return "10" + str(round(np.log10(value))).translate(_SUPERSCRIPTS)


def _draw_curve(
    curve: Curve, ax: "Axes", colors: Theme, x: NDArray[np.float64], chart: Chart
) -> None:
    color, mark = _look(curve, colors)
    y = np.asarray(curve.y, float)
    bottom, top = view_of(chart)
    hollow = np.asarray(curve.is_hollow or (curve.is_dashed,) * len(x), bool)
    shared: dict[str, Any] = {"color": color, "alpha": curve.strength, "zorder": 3}
    [line] = ax.plot(x, y, lw=1.4, ls=_DASHES if curve.is_dashed else "-", **shared)
    tell(line, curve.label)
    points = np.array(
        [
            f"{curve.label}, {chart.x_name} {number(place)}: {number(value)}"
            for place, value in zip(curve.x, curve.y, strict=True)
        ]
    )
    for is_hollow in (False, True):
        some = (hollow == is_hollow) & (y >= bottom) & (y <= top)
        face = colors.background if is_hollow else color
        size = 7 if mark == "X" else 4.5  # which needs more to be seen as one
        [dots] = ax.plot(
            x[some], y[some], ls="", marker=mark, ms=size, mfc=face, mec=color, **shared
        )
        tell(dots, points[some].tolist())
    if curve.low:
        low, high = np.asarray(curve.low, float), np.asarray(curve.high, float)
        known = np.isfinite(low) & np.isfinite(high)
        shared["zorder"] = 2
        ax.vlines(x[known], low[known], high[known], lw=1.1, **shared)


def _look(curve: Curve, colors: Theme) -> tuple[str, str]:
    """A curve's colour and mark."""
    if curve.color < 0:
        return colors.text, "X"
    again, which = divmod(curve.color, len(colors.palette))
    return colors.palette[which], _MARKS[(which + again) % len(_MARKS)]


def _add_legend(chart: Chart, figure: "Figure", colors: Theme) -> None:
    from matplotlib.lines import Line2D

    text = colors.text

    def key(label: str, color: str = text, **style: Any) -> Line2D:
        return Line2D([], [], color=color, mec=color, label=label, **style)

    handles = []
    for curve in chart.keys:
        color, mark = _look(curve, colors)
        ls = "" if len(curve.x) == 1 else "-"
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
        handles.append(key("not pursued", ls="", marker="o", ms=4.5, mfc=colors.background))
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
