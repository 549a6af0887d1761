"""Activation functions, each with its derivative."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerwise.architecture import ACTIVATIONS, get_activation
from layerwise.draw.panels import DASHES, finish, panels
from layerwise.draw.theme import find_theme
from layerwise.language import speaks, tr
from layerwise.texts import wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_REACH = 4.0


@speaks
def draw_activations(
    names: str | Sequence[str] | None = None, *, theme: str = "light", language: str | None = None
) -> "Figure":
    """Draw activation functions f(z) with their derivatives f'(z).

    What a node passes back is multiplied by the derivative: where that is near 0, nothing is
    learned.

    Parameters
    ----------
    names : str, sequence of str or None
        Names of `layerwise.architecture.ACTIVATIONS`; None: all. One with a learned parameter is
        drawn with the parameter's first value.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For no name, or one that is none.

    Examples
    --------
    >>> figure = draw_activations(["sigmoid", "relu"])
    >>> [ax.get_title(loc="left").split()[0] for ax in figure.axes]
    ['sigmoid', 'relu']
    """
    colors = find_theme(theme)
    chosen = [names] if isinstance(names, str) else list(ACTIVATIONS if names is None else names)
    if not chosen:
        raise ValueError("names holds no activation; give at least one, or None for all")
    entries = [get_activation(name) for name in chosen]
    figure, axes = panels(len(entries), 5 if len(entries) > 4 else 4, 2.9, 2.5)
    # 0 twice, so that a step in a derivative is drawn as one.
    z = np.concatenate([np.linspace(-_REACH, -1e-9, 400), np.linspace(1e-9, _REACH, 400)])
    for ax, entry in zip(axes, entries, strict=True):
        extra = (entry.parameter_start,) if entry.has_parameter else ()
        ax.axhline(0, color=colors.faint, lw=0.8)
        ax.axvline(0, color=colors.faint, lw=0.8)
        ax.plot(z, entry.function(z, *extra), color=colors.first, lw=2, label="f(z)")
        ax.plot(z, entry.slope(z, *extra), color=colors.second, ls=DASHES[1], lw=1.5, label="f'(z)")
        low, high = ax.get_ylim()
        ax.set(xlim=(-_REACH, _REACH), ylim=(max(low, -2.2), min(high, 3.2)))
        formula = f"f(z) = {tr(entry.formula)}"
        if extra:
            formula = tr("{formula}; here p = {p:g}", formula=formula, p=extra[0])
        title = "\n".join([entry.name, *wrapped(formula, 38)])
        if ax is axes[0]:
            ax.legend(loc="upper left", fontsize=8)
        finish(ax, colors, title, size=8.5)
    return figure
