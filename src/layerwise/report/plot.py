"""Axes and marks as SVG, coloured by the page's style so that one picture serves light and dark."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from layerwise.report.html import Html, element, join
from layerwise.report.wording import number

__all__ = ["Plot", "Scale", "scale_of"]

# A line of more points than this is thinned out: no screen shows more.
_MOST_POINTS = 400


@dataclass(frozen=True)
class Scale:
    """From values to places along an axis: a range, cut into equal steps or into decades."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def place(self, values: ArrayLike) -> NDArray[np.float64]:
        """Values as shares of the axis, 0 at its low end and 1 at its high end."""
        low, high = np.float64(self.low), np.float64(self.high)
        numbers = np.asarray(values, np.float64)
        if self.log:
            low, high, numbers = np.log10(low), np.log10(high), np.log10(numbers)
        return np.asarray((numbers - low) / (high - low), np.float64)

    def ticks(self, wanted: int = 5) -> list[float]:
        """Round values within the range: 1, 2 or 5 times a power of ten apart.

        Examples
        --------
        >>> Scale(0, 1).ticks()
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        >>> Scale(0.02, 4, log=True).ticks()
        [0.03, 0.1, 0.3, 1.0, 3.0]
        """
        if self.log:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 3) if len(decades) <= 4 else (1,)
            values = [float(f"{step}e{decade}") for decade in decades for step in steps]
            inside = [value for value in values if self.low <= value <= self.high]
            if len(inside) >= 2:
                return inside
        raw = (self.high - self.low) / wanted
        power = 10.0 ** math.floor(math.log10(raw))
        step = min((m * power for m in (1, 2, 5, 10)), key=lambda s: abs(math.log(s / raw)))
        if self.whole:
            step = max(1.0, round(step))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def scale_of(*values: ArrayLike, log: bool = False, whole: bool = False) -> Scale:
    """A scale that holds all finite values, with a little room at both ends.

    Examples
    --------
    >>> scale_of([1.0, 2.0], [5.0, float("nan")], whole=True)
    Scale(low=0.8, high=5.2, log=False, whole=True)
    """
    numbers = np.concatenate([np.ravel(np.asarray(value, np.float64)) for value in values])
    numbers = numbers[np.isfinite(numbers)]
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 1.0)
    if log:
        room = (high / low) ** 0.04 if high > low else 1.5
        return Scale(low / room, high * room, log=True)
    # Beyond what float64 tells apart there is nothing to draw but one place.
    apart = high - low > 1e-12 * max(abs(low), abs(high))
    room = 0.05 * (high - low) if apart else max(abs(low) * 0.05, 0.5)
    return Scale(low - room, high + room, whole=whole)


class Plot:
    """Axes with a grid; marks are added one after the other, and carry classes of the page's style.

    Parameters
    ----------
    x, y : Scale
    x_label, y_label : str
    width, height : int
        In the picture's own units; the page shows some 1.1 pixels for one.
    percent : str
        Axes whose values are shares, written in percent: "", "x", "y" or "xy".

    Examples
    --------
    >>> plot = Plot(Scale(0, 1), Scale(0, 1), x_label="x", y_label="y")
    >>> plot.line([0, 1], [0, 1], "first")
    >>> plot.picture("A line upwards.").startswith('<svg class="plot"')
    True
    """

    def __init__(
        self,
        x: Scale,
        y: Scale,
        *,
        x_label: str,
        y_label: str,
        width: int = 460,
        height: int = 320,
        percent: str = "",
    ) -> None:
        self.x, self.y, self.width, self.height = x, y, width, height
        self._marks: list[Html] = []
        y_ticks = y.ticks(5 if height > 150 else 2)
        y_texts = [_tick(value, "y" in percent) for value in y_ticks]
        self.left = 30 + 7.4 * max(map(len, y_texts), default=1)
        self.right, self.top, self.bottom = width - 20.0, 12.0, height - 42.0
        self._draw_axes(y_ticks, y_texts, x_label, y_label, percent)

    def _draw_axes(
        self, y_ticks: list[float], y_texts: list[str], x_label: str, y_label: str, percent: str
    ) -> None:
        left, right, top, bottom = self.left, self.right, self.top, self.bottom
        for value, text in zip(y_ticks, y_texts, strict=True):
            y = self.y_of([value])[0]
            self._add("path", d=f"M{left:.1f} {y:.1f}H{right:.1f}", class_="grid")
            self.write(left - 6, y + 4, text, anchor="end", class_="tick")
        for value in self.x.ticks(6):
            x = self.x_of([value])[0]
            self._add("path", d=f"M{x:.1f} {bottom:.1f}v4", class_="axis")
            self.write(x, bottom + 17, _tick(value, "x" in percent), class_="tick")
        self._add("path", d=f"M{left:.1f} {top:.1f}V{bottom:.1f}H{right:.1f}", class_="axis")
        self.write((left + right) / 2, self.height - 6, x_label, class_="label")
        middle = (top + bottom) / 2
        turned = element(
            "text", y_label, transform=f"translate(14 {middle:.1f}) rotate(-90)",
            class_="label", text_anchor="middle",
        )  # fmt: skip
        self._marks.append(turned)

    def x_of(self, values: ArrayLike) -> NDArray[np.float64]:
        """Where values stand in the picture, from the left."""
        return self.left + (self.right - self.left) * self.x.place(values)

    def y_of(self, values: ArrayLike) -> NDArray[np.float64]:
        """Where values stand in the picture, from above."""
        return self.bottom - (self.bottom - self.top) * self.y.place(values)

    def line(self, xs: ArrayLike, ys: ArrayLike, class_: str, title: str | None = None) -> None:
        """Join points by a line, leaving out those that are not finite."""
        x, y = self._places(xs, ys)
        if len(x) > _MOST_POINTS:
            chosen = np.unique(np.linspace(0, len(x) - 1, _MOST_POINTS).round().astype(int))
            x, y = x[chosen], y[chosen]
        if len(x) == 1:
            self.dots(xs, ys, class_, title=title)
        elif len(x):
            path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
            self._add("path", _title(title), d=path, class_=f"line {class_}")

    def dots(
        self,
        xs: ArrayLike,
        ys: ArrayLike,
        class_: str,
        *,
        radius: float = 3.5,
        title: str | None = None,
    ) -> None:
        """A dot at each point: round, or square for the class of that name."""
        x, y = self._places(xs, ys)
        # All in one path, of lines without length and with round ends: half the size of circles.
        path = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x, y, strict=True))
        if path:
            style = f"stroke-width:{2 * radius:g}"
            self._add("path", _title(title), d=path, class_=f"dots {class_}", style=style)

    def ring(self, x: float, y: float, title: str | None = None) -> None:
        """A ring around one point, which is marked."""
        for a, b in zip(*self._places([x], [y]), strict=True):
            self._add("circle", _title(title), cx=f"{a:.1f}", cy=f"{b:.1f}", r=8, class_="ring")

    def diamond(self, x: float, y: float, class_: str, title: str | None = None) -> None:
        """One diamond, for a point that is marked."""
        for a, b in zip(*self._places([x], [y]), strict=True):
            path = f"M{a:.1f} {b - 6:.1f}l6 6l-6 6l-6 -6z"
            self._add("path", _title(title), d=path, class_=f"diamond {class_}")

    def segments(
        self, xs: ArrayLike, lows: ArrayLike, highs: ArrayLike, class_: str, *, cap: float = 0
    ) -> None:
        """Upright lines from one value to another, such as intervals; `cap` is half an end's width.

        What reaches beyond the axis ends at its edge.
        """
        x = self.x_of(xs)
        a, b = (self.y_of(np.clip(v, self.y.low, self.y.high)) for v in (lows, highs))
        ends = "" if not cap else f"m{-cap:g} 0h{2 * cap:g}"
        start = "" if not cap else f"h{cap:g}h{-2 * cap:g}h{cap:g}"
        path = "".join(
            f"M{i:.1f} {j:.1f}{start}V{k:.1f}{ends}" for i, j, k in zip(x, a, b, strict=True)
        )
        if path:
            self._add("path", d=path, class_=f"line {class_}")

    def columns(self, edges: ArrayLike, heights: Sequence[float], class_: str) -> None:
        """Bars that stand on the axis between edges."""
        x, y = self.x_of(edges), self.y_of(np.asarray(heights, np.float64))
        gap = 1.0 if len(y) < 60 else 0.0
        path = "".join(
            f"M{x[i] + gap / 2:.1f} {self.bottom:.1f}V{y[i]:.1f}H{x[i + 1] - gap / 2:.1f}"
            f"V{self.bottom:.1f}z"
            for i in range(len(y))
            if y[i] < self.bottom
        )
        if path:
            self._add("path", d=path, class_=f"box {class_}")

    def upright(self, value: float, class_: str) -> None:
        """A line across the whole height."""
        x = self.x_of([value])[0]
        self._add("path", d=f"M{x:.1f} {self.top:.1f}V{self.bottom:.1f}", class_=f"line {class_}")

    def write(
        self, x: float, y: float, text: str, *, anchor: str = "middle", class_: str = "note"
    ) -> None:
        """Write text at a place of the picture."""
        self._add("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)

    def picture(self, description: str) -> Html:
        """The SVG element, described for who cannot see it."""
        return element(
            "svg", join(self._marks), class_="plot", viewBox=f"0 0 {self.width} {self.height}",
            role="img", aria_label=description,
        )  # fmt: skip

    def _places(
        self, xs: ArrayLike, ys: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x, y = np.asarray(xs, np.float64), np.asarray(ys, np.float64)
        seen = np.isfinite(x) & np.isfinite(y)
        return self.x_of(x[seen]), self.y_of(y[seen])

    def _add(self, tag: str, *children: str | None, **attributes: str | float | None) -> None:
        self._marks.append(element(tag, *children, **attributes))


def _title(text: str | None) -> Html | None:
    return None if text is None else element("title", text)


def _tick(value: float, percent: bool) -> str:
    if percent:
        return f"{100 * value:g} %"
    size = abs(value)
    if size >= 1e6 or 0 < size < 1e-3:
        return f"{value:.3g}".replace("e+0", "e").replace("e-0", "e-").replace("-", "−")
    return f"{value:,.6g}".replace("-", "−") if size < 1000 else number(value, 6)
