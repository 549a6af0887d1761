"""Pictures that only this guide needs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from layerwise.draw.theme import dress, find_theme, new_figure

__all__ = ["draw_descent"]

_REACH = 2.7


def draw_descent(
    loss: Callable[[Any], Any],
    slope: Callable[[float], float],
    start: float,
    rates: Sequence[float],
    steps: int = 12,
    names: Sequence[str] = (),
    theme: str = "light",
) -> Any:
    """Gradient descent on a curve: one panel for each learning rate, a dot for each step."""
    colors = find_theme(theme)
    figure = new_figure(2.6 * len(rates), 3.0)
    axes = figure.subplots(1, len(rates), sharex=True, sharey=True, squeeze=False)[0]
    w = np.linspace(-_REACH, _REACH, 200)
    for i, (ax, rate) in enumerate(zip(axes, rates, strict=True)):
        path = [start]
        while len(path) <= steps and abs(path[-1]) < _REACH:  # one that leaves is not followed
            path.append(path[-1] - rate * slope(path[-1]))
        seen = np.clip(path, -_REACH, _REACH)
        ax.plot(w, loss(w), color=colors.text, lw=1)
        ax.plot(seen, loss(seen), color=colors.second, marker="o", markersize=4, lw=1)
        name = f"{names[i]}: {rate:g}" if names else f"{rate:g}"
        ax.set_title(name, fontsize=9)
        ax.set_xlabel("w")
        dress(ax, colors)
    axes[0].set_ylabel("loss")
    dress(axes[0], colors)
    return figure
