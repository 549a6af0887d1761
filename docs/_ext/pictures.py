"""Pictures that only this guide needs; its pages show them without their code."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.draw.panels import DASHES, finish, log_scale, panels
from layerwise.draw.theme import dress, find_theme, new_figure

__all__ = [
    "draw_canyon",
    "draw_compute",
    "draw_descent",
    "draw_line",
    "draw_lines",
    "draw_neuron",
    "draw_node",
    "draw_paths",
    "draw_walks",
]


def draw_compute(systems: Sequence[tuple[int, str, float]], *, theme: str = "light") -> Any:
    """Operations that trainings took, by year: (year, name, power of ten)."""
    colors = find_theme(theme)
    ax = new_figure(5.8, 3.8).subplots()
    for year, name, power in systems:
        ax.plot(year, power, "o", color=colors.first, ms=6)
        ax.annotate(
            name, (year, power), (-7, 3), textcoords="offset points", ha="right", fontsize=9,
            color=colors.text,
        )  # fmt: skip
    ax.axvspan(1974, 1980, color=colors.faint, alpha=0.6, lw=0)
    ax.axvspan(1987, 1993, color=colors.faint, alpha=0.6, lw=0)
    ax.set(xlim=(1940, 2028), ylim=(3, 29))
    ax.set_yticks(range(5, 30, 5), [f"1e{power}" for power in range(5, 30, 5)])
    finish(ax, colors, "Operations that one training took", "year (shaded: the winters)", "")
    return ax.figure


def draw_neuron(*, theme: str = "light") -> Any:
    """A nerve cell above, a perceptron below, what answers to what at the same place."""
    from matplotlib.patches import Circle

    colors = find_theme(theme)
    figure = new_figure(5.8, 4.4)
    cell, node = figure.subplots(2, 1)
    for ax in (cell, node):
        ax.set(xlim=(-4.6, 6.4), ylim=(-1.75, 2.0), aspect="equal")
        ax.set_axis_off()

    def say(ax: Any, x: float, y: float, text: str, **more: Any) -> None:
        ax.text(x, y, text, **({"ha": "center", "va": "center", "fontsize": 9} | more))

    t = np.linspace(0, 1, 40)
    for y in (1.2, 0.1, -1.0):  # dendrites, each with two twigs
        bend = y * (1 - t) + 0.35 * y * t
        cell.plot(-3 + 2.4 * t, bend, color=colors.first, lw=2.4)
        for fork in (0.28, -0.28):
            cell.plot([-3.7, -3], [y + fork, y], color=colors.first, lw=1.5)
        cell.plot([-3.85], [y + 0.28], "o", color=colors.second, ms=5)
        cell.plot([-3.85], [y - 0.28], "o", color=colors.second, ms=5)
    cell.add_patch(Circle((0, 0), 0.8, facecolor=colors.first, alpha=0.35, lw=0))
    cell.add_patch(Circle((0, 0), 0.26, facecolor=colors.first, lw=0))
    cell.plot([0.75, 4], [0, 0], color=colors.first, lw=3)
    for x in (1.4, 2.1, 2.8, 3.5):
        cell.plot([x - 0.25, x + 0.25], [0, 0], color=colors.faint, lw=9, solid_capstyle="round")
    for y in (0.9, 0.0, -0.9):
        cell.plot([4, 4.9], [0, y], color=colors.first, lw=1.8)
        cell.plot([4.95], [y], "o", color=colors.second, ms=5)
    say(cell, -2.5, 1.8, "synapses and dendrites", color=colors.text)
    say(cell, 0, 1.05, "cell body", color=colors.text)
    say(cell, 2.4, 0.5, "axon", color=colors.text)
    say(cell, 5.05, 1.3, "to other cells", color=colors.text)

    for i, y in enumerate((1.2, 0.0, -1.2), 1):
        node.plot([-3, -0.75], [y, 0.25 * y], color=colors.first, lw=1.6)
        node.add_patch(Circle((-3.2, y), 0.3, fill=False, edgecolor=colors.text))
        say(node, -3.2, y, f"x{i}", color=colors.text)
        say(node, -1.75, 0.62 * y + 0.22, f"w{i}", color=colors.text)
    node.add_patch(Circle((0, 0), 0.8, fill=False, edgecolor=colors.text))
    say(node, 0, 0, "sum + b", color=colors.text)
    node.plot([0.8, 1.9], [0, 0], color=colors.first, lw=1.6)
    node.plot([1.9, 3.5, 3.5, 1.9, 1.9], [-0.6, -0.6, 0.6, 0.6, -0.6], color=colors.text, lw=1)
    node.plot([2.1, 2.7, 2.7, 3.3], [-0.35, -0.35, 0.35, 0.35], color=colors.second, lw=2)
    node.plot([3.5, 4.9], [0, 0], color=colors.first, lw=1.6)
    say(node, -2.8, 1.8, "inputs and weights", color=colors.text)
    say(node, 0, 1.05, "weighted sum", color=colors.text)
    say(node, 2.7, 0.85, "step", color=colors.text)
    say(node, 5.55, 0, "0 or 1", color=colors.text)
    for ax, title in ((cell, "a nerve cell"), (node, "a perceptron")):
        ax.set_title(title, loc="left", fontsize=10)
        dress(ax, colors)
    return figure


def draw_walks(
    loss: Callable[[Any], Any],
    slope: Callable[[float], float],
    walks: Sequence[tuple[str, float, float, float]],
    *,
    steps: int = 12,
    theme: str = "light",
) -> Any:
    """Gradient descent on a curve, a panel for each walk: (title, start, rate, momentum).

    A step that leaves the picture is drawn to its edge, and ends the walk.
    """
    reach = 2.7
    colors = find_theme(theme)
    figure, axes = panels(len(walks), 3, 2.7, 2.9)
    w = np.linspace(-reach, reach, 240)
    top = float(np.max(loss(w)))
    for ax, (title, start, rate, momentum) in zip(axes, walks, strict=True):
        path, velocity = [start], 0.0
        while len(path) <= steps and abs(path[-1]) < reach:
            velocity = momentum * velocity - rate * slope(path[-1])
            path.append(path[-1] + velocity)
        heights = [float(loss(place)) for place in path]
        if abs(path[-1]) >= reach:
            path[-1], heights[-1] = float(np.sign(path[-1])) * reach, top
            ax.text(0, 0.9 * top, "out of the picture", fontsize=8, color=colors.text, ha="center")
        ax.plot(w, loss(w), color=colors.text, lw=1)
        ax.plot(path, heights, color=colors.second, marker="o", ms=4, lw=1)
        finish(ax, colors, title, "w", "loss" if ax is axes[0] else "")
        ax.set_ylim(top=1.05 * top)
    return figure


def draw_canyon(
    walks: Sequence[tuple[str, float, float]], *, steps: int = 20, theme: str = "light"
) -> Any:
    """Descent from above where one direction is steeper: (title, how many times, rate)."""
    colors = find_theme(theme)
    figure, axes = panels(len(walks), 3, 2.9, 2.9)
    w = np.linspace(-1.2, 1.2, 121)
    for ax, (title, steep, rate) in zip(axes, walks, strict=True):
        place = np.array([-1.0, 0.35])
        path = [place]
        for _ in range(steps):
            place = place - rate * np.array([1.0, steep]) * place
            path.append(place)
        height = (w**2 + steep * w[:, None] ** 2) / 2
        ax.contour(w, w, np.sqrt(height), 10, colors=[colors.text], linewidths=0.5)
        ax.plot(*np.array(path).T, color=colors.second, marker="o", ms=4, lw=1.2)
        ax.set(xlim=(-1.2, 1.2), ylim=(-0.8, 0.8))
        finish(ax, colors, title, "first weight", "second weight" if ax is axes[0] else "")
    return figure


def draw_lines(
    named: Mapping[str, tuple[Any, Any]],
    labels: tuple[str, str],
    *,
    dots: tuple[Any, Any] | None = None,
    is_logarithmic: bool = False,
    theme: str = "light",
) -> Any:
    """Lines by name, each (x, y), and dots among them."""
    colors = find_theme(theme)
    ax = new_figure(5.8, 3.5).subplots()
    looks = zip(colors.palette, (DASHES * 2)[: len(colors.palette)], strict=True)
    for (name, (x, y)), (color, dash) in zip(named.items(), looks, strict=False):
        ax.plot(x, y, color=color, ls=dash, lw=1.6, label=name)
    if dots is not None:
        ax.plot(*dots, "o", color=colors.text, ms=3)
    if is_logarithmic:
        log_scale(ax)
    if len(named) > 1:
        ax.legend(fontsize="small")
    finish(ax, colors, "", *labels)
    return ax.figure


def draw_paths(*, theme: str = "light") -> Any:
    """The network of the worked example: what goes there above each line, what comes back below."""
    colors = find_theme(theme)
    ax = new_figure(5.8, 3.3).subplots()
    ax.set_axis_off()
    ax.set(xlim=(-0.5, 6.6), ylim=(-0.75, 2.8))
    places = {"x1": (0, 2), "x2": (0, 0), "h1": (2.6, 2), "h2": (2.6, 0), "p": (5.2, 1)}
    values = {"x1": "x1 = 1", "x2": "x2 = 2", "h1": "3", "h2": "1", "p": "p = 5"}
    back = {"x1": "-2", "x2": "6", "h1": "4", "h2": "-2", "p": "2"}
    lines = [
        ("x1", "h1", "1", 0.5), ("x1", "h2", "3", 0.22), ("x2", "h1", "1", 0.22),
        ("x2", "h2", "-1", 0.5), ("h1", "p", "2", 0.5), ("h2", "p", "-1", 0.5),
    ]  # fmt: skip
    for start, end, weight, along in lines:
        (x0, y0), (x1, y1) = places[start], places[end]
        ax.plot([x0, x1], [y0, y1], color=colors.first, lw=1.3, zorder=1)
        ax.text(
            x0 + along * (x1 - x0), y0 + along * (y1 - y0), weight, fontsize=10, ha="center",
            va="center", color=colors.first, bbox={"facecolor": colors.background, "lw": 0},
        )  # fmt: skip
    for name, (x, y) in places.items():
        ax.plot([x], [y], "o", ms=34, mfc=colors.background, mec=colors.text, zorder=2)
        words = {"ha": "center", "va": "center", "zorder": 3}
        ax.text(x, y, values[name], fontsize=8.5, color=colors.text, **words)
        ax.text(x, y - 0.52, back[name], fontsize=10, color=colors.second, weight="bold", **words)
    ax.text(6.15, 1, "y = 3\nL = 2", fontsize=9.5, color=colors.text, ha="center", va="center")
    title = "in a node: its value; on a line: its weight; below a node: dL / d(node)"
    ax.set_title(title, loc="left", fontsize=9)
    dress(ax, colors)
    return ax.figure


def draw_node(*, theme: str = "light") -> Any:
    """One node of one input, a panel each for other weights and for other biases."""
    colors = find_theme(theme)
    figure, axes = panels(2, 2, 3.4, 2.6)
    x = np.linspace(-6, 6, 201)
    for ax, name, pairs in (
        (axes[0], "other weights, bias 0", [(0.5, 0), (1, 0), (4, 0), (-1, 0)]),
        (axes[1], "other biases, weight 1", [(1, -3), (1, 0), (1, 3)]),
    ):
        looks = zip(colors.palette, DASHES, strict=False)
        for (w, b), (color, dash) in zip(pairs, looks, strict=False):
            label = f"w = {w:g}, b = {b:g}"
            ax.plot(x, 1 / (1 + np.exp(-(w * x + b))), color=color, ls=dash, label=label)
        ax.legend(fontsize="x-small")
        finish(ax, colors, name, "x", "a")
    return figure


def draw_line(*, theme: str = "light") -> Any:
    """Four points, a line that misses them, and the squares of what it misses them by."""
    from matplotlib.patches import Rectangle

    colors = find_theme(theme)
    ax = new_figure(4.2, 3.4).subplots()
    points = np.array([[0.5, 0.8], [1.5, 2.6], [2.6, 2.2], [3.6, 3.4]])
    for x, y in points:
        error = 0.2 * x + 1 - y
        corner = (x, min(y, y + error))
        ax.add_patch(Rectangle(corner, abs(error), abs(error), fc=colors.second, alpha=0.3))
    ax.plot([0, 4.5], [1, 1.9], color=colors.first, lw=2)
    ax.plot(*points.T, "o", color=colors.second)
    ax.set(xlim=(-0.2, 5.6), ylim=(-0.2, 4.2), aspect="equal")
    finish(ax, colors, "p = 0.2 x + 1, and its errors squared", "x", "y")
    return ax.figure


def draw_descent(*, theme: str = "light") -> Any:
    """What some choices of start and learning rate lead to."""

    def loss(w: Any) -> Any:
        return (w**2 - 1) ** 2 / 4 + w / 5

    def slope(w: float) -> float:
        return w * (w**2 - 1) + 1 / 5

    walks = [("from -2.4, rate 0.05", -2.4, 0.05, 0.0), ("from 2.4, rate 0.05", 2.4, 0.05, 0.0)]
    return draw_walks(loss, slope, [*walks, ("from 2.4, rate 0.3", 2.4, 0.3, 0.0)], theme=theme)
