"""How good a model is on rows it has not seen: probabilities, numbers, and what they rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.arrays import Floats
from layerwise.draw.inline import tell
from layerwise.draw.panels import legend_below
from layerwise.draw.theme import Theme, find_theme, new_figure
from layerwise.language import tr
from layerwise.texts import number, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 5.6, 4.6  # inches
_DASHED, _DOTTED = (0, (5, 1.5)), (0, (1, 1.5))
_LONGEST = 40  # letters of a name


@dataclass(frozen=True)
class RocCurve:
    """One class against the rest.

    Attributes
    ----------
    name : str
    false_positives, true_positives : ndarray, shape (n,)
        Rates at each threshold.
    area : float
        Below the curve.
    n_rows : int
        Of the class.
    """

    name: str
    false_positives: Floats
    true_positives: Floats
    area: float
    n_rows: int


def draw_calibration(
    promised: Floats, happened: Floats, low: Floats, high: Floats, name: str | None = None,
    *, theme: str = "light",
) -> "Figure":  # fmt: skip
    """Draw how often what probabilities promise came true, bin by bin.

    Parameters
    ----------
    promised, happened : ndarray, shape (n_bins,)
        Mean probability of each bin's rows, and the share for which it came true.
    low, high : ndarray, shape (n_bins,)
        Interval of that share.
    name : str or None
        The class whose probability it is; None: the likeliest one's.
    theme : {"light", "dark", "page"}
    """
    colors = find_theme(theme)
    figure, ax = _shares(colors)
    ax.vlines(promised, low, high, color=colors.first, lw=1.5)
    ax.plot(
        promised,
        happened,
        "o",
        color=colors.first,
        ms=5.5,
        label=tr("test rows, with {level} interval", level=tr("95 %")),
    )
    of = f"“{shortened(name or '', _LONGEST)}”"
    ax.set_xlabel(
        tr("probability of the likeliest class")
        if name is None
        else tr("probability of {name}", name=of)
    )
    ax.set_ylabel(
        tr("share that is this class") if name is None else tr("share that is {name}", name=of)
    )
    _diagonal(ax, tr("perfect calibration"), colors)
    legend_below(figure, ax, colors)
    return figure


def draw_roc(
    curves: Sequence[RocCurve],
    threshold: tuple[float, float, float] | None = None,
    *,
    theme: str = "light",
) -> "Figure":
    """Draw the rate of true positives against that of false ones, each class against the rest.

    Parameters
    ----------
    curves : sequence of RocCurve
        The first of several stands out.
    threshold : tuple of (float, float, float) or None
        The one in use, with its rates of false and of true positives.
    theme : {"light", "dark", "page"}
    """
    colors = find_theme(theme)
    figure, ax = _shares(colors)
    several = len(curves) > 1
    for i, curve in enumerate(curves):
        style: dict[str, Any] = {"color": colors.first, "lw": 2.2, "zorder": 3}
        label = shortened(curve.name, _LONGEST)
        if several and i == 0:
            style |= {"color": colors.second, "ls": _DASHED}
            label = tr("the hardest: {name}", name=label)
        elif several:
            style |= {"lw": 0.9, "alpha": 0.5}
            label = tr("each class against the rest") if i == 1 else ""
        [line] = ax.plot(curve.false_positives, curve.true_positives, label=label, **style)
        tell(line, f"{curve.name}: AUC {number(curve.area)}")
    if threshold is not None:
        value, false, true = threshold
        label = tr("threshold {value}", value=number(value, 3))
        [mark] = ax.plot([false], [true], "D", color=colors.third, ms=7, zorder=4, label=label)
        tell(mark, label)
    ax.set_xlabel(tr("false positive rate"))
    ax.set_ylabel(tr("true positive rate"))
    _diagonal(ax, tr("guessing"), colors)
    legend_below(figure, ax, colors)
    return figure


def draw_predicted(predicted: Floats, true: Floats, name: str, *, theme: str = "light") -> "Figure":
    """Draw a dot for each row: what is true against what was predicted."""
    colors = find_theme(theme)
    figure, ax = _axes()
    n = len(true)
    ax.plot(
        predicted, true, "o", color=colors.first, ms=4 if n < 500 else 2.6, mew=0,
        alpha=1.0 if n < 200 else 0.5, label=tr("test row"),
    )  # fmt: skip
    ends = [min(predicted.min(), true.min()), max(predicted.max(), true.max())]
    ax.plot(ends, ends, color=colors.second, ls=_DASHED, label=tr("predicted = true"))
    shown = shortened(name, _LONGEST)
    _numbers(ax.xaxis)
    _numbers(ax.yaxis)
    ax.set_xlabel(tr("predicted {name}", name=shown))
    ax.set_ylabel(tr("true {name}", name=shown))
    legend_below(figure, ax, colors)
    return figure


def draw_residuals(edges: Floats, counts: Floats, name: str, *, theme: str = "light") -> "Figure":
    """Draw how many rows are how far off, as bars between edges."""
    colors = find_theme(theme)
    figure, ax = _axes()
    ax.bar(
        edges[:-1], counts, np.diff(edges), align="edge", color=colors.first, ec=colors.background,
        lw=0.8, label=tr("test rows"),
    )  # fmt: skip
    ax.axvline(0.0, color=colors.second, ls=_DASHED, label=tr("no error"))
    _numbers(ax.xaxis)
    _numbers(ax.yaxis, whole=True)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(tr("true − predicted {name}", name=shortened(name, _LONGEST)))
    ax.set_ylabel(tr("test rows"))
    legend_below(figure, ax, colors)
    return figure


def draw_intervals(
    true: Floats, lower: Floats, upper: Floats, name: str, *, theme: str = "light"
) -> "Figure":
    """Draw an interval for each row, and whether it holds what is true.

    What has no end reaches to the picture's edge.
    """
    colors = find_theme(theme)
    figure, ax = _axes()
    places = np.arange(1, len(true) + 1)
    seen = np.concatenate([true, lower, upper])
    seen = seen[np.isfinite(seen)]
    room = 0.05 * float(np.ptp(seen)) or 1.0
    low, high = seen.min() - room, seen.max() + room
    ax.vlines(
        places, np.clip(lower, low, high), np.clip(upper, low, high), color=colors.text, lw=1.3,
        alpha=0.6, label=tr("interval"),
    )  # fmt: skip
    met = (lower <= true) & (true <= upper)
    ax.plot(places[met], true[met], "o", color=colors.first, ms=4.5, label=tr("truth inside"))
    if not met.all():
        [marks] = ax.plot(
            places[~met], true[~met], "D", color=colors.second, ms=6, label=tr("outside")
        )
        tell(marks, [tr("outside: {value}", value=number(float(value))) for value in true[~met]])
    ax.set_ylim(low, high)
    _numbers(ax.xaxis, whole=True)
    _numbers(ax.yaxis)
    ax.set_xlabel(tr("test rows, by their prediction"))
    ax.set_ylabel(shortened(name, _LONGEST))
    legend_below(figure, ax, colors)
    return figure


def draw_importances(
    importances: Mapping[str, tuple[float, float]],
    texts: Sequence[str],
    score: str,
    *,
    theme: str = "light",
) -> "Figure":
    """Draw a bar for each column, with its spread, and its numbers beside it.

    Parameters
    ----------
    importances : dict of str to (float, float)
        How much worse the score is with a column's cells shuffled: mean and spread.
    texts : sequence of str
        The same as written.
    score : str
        Such as "log loss".
    theme : {"light", "dark", "page"}
    """
    colors = find_theme(theme)
    figure = new_figure(7.2, 1.1 + 0.27 * len(importances))
    ax = figure.subplots()
    places = np.arange(len(importances))
    means, spreads = np.array([*importances.values()]).T
    shades = [colors.first if mean >= 0 else (colors.text, 0.35) for mean in means]
    ax.barh(places, means, color=shades, height=0.66)
    for place, text in zip(places, texts, strict=True):
        ax.annotate(
            text, (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=9,
            color=colors.text, annotation_clip=False,
        )  # fmt: skip
    ax.errorbar(
        means, places, xerr=spreads, fmt="none", color=colors.text, elinewidth=1.1, capsize=2
    )
    ax.axvline(0.0, color=colors.text, lw=0.8)
    ax.set_yticks(places, [shortened(name, 34) for name in importances])
    ax.set_ylim(len(importances) - 0.5, -0.5)
    ax.set_xlabel(tr("{score} worse by", score=score))
    _numbers(ax.xaxis)
    legend_below(figure, ax, colors, grid="x")
    ax.tick_params(axis="y", length=0)
    return figure


def _axes() -> "tuple[Figure, Axes]":
    figure = new_figure(_WIDTH, _HEIGHT)
    return figure, figure.subplots()


def _shares(colors: Theme) -> "tuple[Figure, Axes]":
    """Axes whose values are shares, from 0 to 100 %."""
    from matplotlib.ticker import PercentFormatter

    figure, ax = _axes()
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, 0, tr(" %")))
    return figure, ax


def _diagonal(ax: "Axes", label: str, colors: Theme) -> None:
    ax.plot([0, 1], [0, 1], color=colors.text, ls=_DOTTED, lw=1.3, alpha=0.7, label=label)


def _numbers(axis: "Axis", *, whole: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, integer=whole, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))


def _tick(value: float) -> str:
    return number(value, 6) if 1000 <= abs(value) < 1e9 else f"{value:.6g}".replace("-", "−")
