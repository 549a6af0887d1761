"""What the lessons share: options, the digits, pictures on a light and on a dark ground."""

import argparse
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from layerwise.draw.fonts import font_families
from layerwise.draw.theme import THEMES, dress, find_theme, new_figure

OUTPUT = Path(__file__).parent / "output"
# A line's look beside its colour, so that lines can be told apart without colours.
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)))


def options(about: str | None) -> argparse.Namespace:
    """Read the command line of a lesson."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder for the pictures")
    return parser.parse_args()


def in_parallel(function: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    """Call a function with each value, as many at once as there are cores.

    Threads do, since training does not hold Python's lock.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, values))


def best_rate(error: Callable[[float], float], rates: Iterable[float]) -> float:
    """The learning rate with the lowest error."""
    rates = list(rates)
    errors = in_parallel(error, rates)
    return rates[int(np.argmin(errors))]


def digits(seed: int | None = None) -> list[np.ndarray]:
    """Handwritten digits, 1,797 rows of 64 numbers from 0 to 1.

    Parameters
    ----------
    seed : int or None
        What a quarter of the rows is held out with; None: none is.

    Returns
    -------
    list of ndarray
        x, y; or x, x of the rows held out, y, y of the rows held out.
    """
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    return [x, y] if seed is None else train_test_split(x, y, stratify=y, random_state=seed)


def colors(theme: str) -> list[str]:
    """Four colours that stand out from a theme's ground and from each other."""
    found = find_theme(theme)
    return [found.first, found.second, found.third, found.text]


def finish(ax: Axes, theme: str, title: str, x_label: str = "", y_label: str = "") -> None:
    """Name axes and give them a theme's colours."""
    ax.set_title(title, loc="left", fontsize=10)
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    dress(ax, find_theme(theme))


def entitle(figure: Figure, theme: str, title: str) -> None:
    """Write a line above all panels."""
    figure.suptitle(
        title, x=0.02, ha="left", fontsize=12, family=font_families(title), color=colors(theme)[3]
    )


def save(draw: Callable[..., Figure], *what: Any, name: str, output: Path) -> None:
    """Draw once for each theme: NAME-light.png and NAME-dark.png."""
    output.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        draw(*what, theme=theme).savefig(output / f"{name}-{theme}.png")
    print(f"\npictures: {output / name}-light.png and -dark.png")


__all__ = [
    "DASHES",
    "OUTPUT",
    "best_rate",
    "colors",
    "digits",
    "entitle",
    "finish",
    "in_parallel",
    "new_figure",
    "options",
    "save",
]
