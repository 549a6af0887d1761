"""Charts as plain data: curves with intervals, in panels that share their axes."""

import math
from dataclasses import dataclass

import numpy as np

from layerwise.language import retold, said
from layerwise.texts import number

NOT_PURSUED = said("not pursued")  # what hollow marks are
_MOST_ROOM = 10  # times what the others need, for one that is far from them
_FEW = 0.1  # of the points


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
        Which marks are hollow, and joined to no full ones; empty: none.
    is_dashed : bool
    strength : float
        Above 0, up to 1: how strong its colour is.
    behind : tuple of tuple of float
        The values behind each point, where it is their mean; empty: they are not shown.
    has_marks : bool
        Whether its points are marked, and named; False: they are but places of a line.
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
    behind: tuple[tuple[float, ...], ...] = ()
    has_marks: bool = True

    @property
    def hollow(self) -> tuple[bool, ...]:
        """Whether each mark is hollow."""
        return self.is_hollow or (False,) * len(self.x)


@dataclass(frozen=True)
class Panel:
    """Curves on one pair of axes, under a title.

    Attributes
    ----------
    title : str
    curves : tuple of Curve
    marked : tuple of (float, float, int) or None
        One point that is marked, (x, y), and its curve's colour.
    missing : tuple of (float, int)
        Places along x at which a curve has nothing to show, and its colour: marked on the axis.
    """

    title: str
    curves: tuple[Curve, ...]
    marked: tuple[float, float, int] | None = None
    missing: tuple[tuple[float, int], ...] = ()


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
    ticks : tuple of (float, str)
        The places named along x; empty: they are found.
    missing : str
        What places without anything to show are: "did not train".
    is_joined : bool
        Whether lines join a curve's points; words along x are no scale.
    bounds : tuple of (float, float)
        What values can be at least and at most: nothing beyond is shown.
    hollow : str
        What hollow marks are.
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
    ticks: tuple[tuple[float, str], ...] = ()
    missing: str = ""
    is_joined: bool = True
    bounds: tuple[float, float] = (-math.inf, math.inf)
    hollow: str = NOT_PURSUED

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

    def missing_in(self, panel: Panel) -> list[str]:
        """What is said of each place of a panel at which a curve has nothing to show."""
        names = {curve.color: curve.label for curve in panel.curves}
        return [
            f"{names.get(color, '')}, {self.x_name} {self.place(x)}: {self.missing}".lstrip(", ")
            for x, color in panel.missing
        ]

    def place(self, x: float) -> str:
        """What a place along x is called."""
        return dict(self.ticks).get(x) or number(x)

    def values(self, curve: Curve) -> list[str]:
        """The numbers of a curve in words."""
        return [
            number(y) + f" ({retold(self.hollow)})" * is_hollow
            for y, is_hollow in zip(curve.y, curve.hollow, strict=True)
        ]

    @property
    def description(self) -> str:
        """All its numbers, for who cannot see it."""
        said = [
            f"{self.title}{f' ({panel.title})' if panel.title else ''}. "
            + "; ".join(
                f"{c.label}: {', '.join(self.values(c))}" for c in panel.curves if c.has_marks
            )
            for panel in self.panels
        ]
        said += [words for panel in self.panels for words in self.missing_in(panel)]
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

    Values beyond three interquartile ranges of the middle half (Tukey 1977's far outliers) lie
    outside where all would need more than ten times the room of the others; towards an end that
    values have, as a share does, only where these are few, and never the one that is marked. So do
    ends of intervals much longer than all the values are apart. They are marked at the edge. What
    no value can be is not shown.

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
    ends = [
        end
        for curve in chart.curves
        for end in (*curve.low, *curve.high, *(y for of_one in curve.behind for y in of_one))
    ]
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
        below, above = values < first - fence, values > third + fence
        out = np.zeros(len(values), np.bool_)
        for is_there, bound in zip((below, above), chart.bounds, strict=True):
            if math.isinf(bound) or is_there.sum() <= _FEW * len(values):
                out |= is_there
        marked = [panel.marked[1] for panel in chart.panels if panel.marked is not None]
        inside = np.append(values[~out], np.clip(marked, *chart.bounds))
        least, most = float(inside.min()), float(inside.max())
        if high - low > _MOST_ROOM * _span(least, most):
            low, high = least, most
    finite = [end for end in ends if np.isfinite(end)]
    span = _span(low, high)
    low = max(min([low, *finite]), low - 1.2 * span)
    high = min(max([high, *finite]), high + 1.2 * span)
    room = 0.05 * ((high - low) or span)
    least, most = chart.bounds
    if not chart.log_y and least < high and low < most:
        return max(low - room, least), min(high + room, most)
    low, high = low - room, high + room
    return (10**low, 10**high) if chart.log_y else (low, high)


def _span(low: float, high: float) -> float:
    return high - low or max(abs(high) * 0.02, 1e-9)
