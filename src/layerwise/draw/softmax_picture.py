"""Softmax, step by step: scores, their exponentials, probabilities."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from layerwise.draw.panels import finish
from layerwise.draw.theme import find_theme, new_figure
from layerwise.language import speaks, tr
from layerwise.network.inputs import as_numbers
from layerwise.texts import shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_CLASSES = 20
_LARGE = 20.0  # exponentials of larger scores would be unreadable


@speaks
def draw_softmax(
    scores: ArrayLike,
    class_names: Sequence[object] | None = None,
    *,
    theme: str = "light",
    language: str | None = None,
) -> "Figure":
    """Draw how the scores of one row become probabilities: e to the score, over their sum.

    Parameters
    ----------
    scores : array-like, shape (n_classes,)
        The last layer's values before softmax: ``network.scores(row)``.
    class_names : sequence or None
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.
        Of many classes the 20 with the largest scores are drawn.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For fewer than two scores, scores that are no finite numbers, names that do not fit.

    Examples
    --------
    >>> figure = draw_softmax([2.0, 1.0, -1.0], ["cat", "dog", "owl"])
    >>> [text.get_text() for text in figure.axes[2].texts]
    ['70.5 %', '25.9 %', '3.5 %']
    """
    colors = find_theme(theme)
    z = as_numbers(scores, "scores").astype(np.float64)
    if z.ndim == 2 and len(z) == 1:
        z = z[0]
    if z.ndim != 1 or len(z) < 2 or not np.isfinite(z).all():
        raise ValueError(f"scores must be two or more finite numbers; got {np.asarray(scores)}")
    names = [tr("class {i}", i=i) for i in range(len(z))] if class_names is None else [*class_names]
    if len(names) != len(z):
        raise ValueError(f"class_names must hold {len(z)} names; got {len(names)}")
    largest = z.max()
    shift = largest if abs(z).max() > _LARGE else 0.0
    e = np.exp(z - shift)
    p = e / e.sum()
    shown = np.arange(len(z))
    if len(z) > _MOST_CLASSES:
        shown = np.sort(np.argsort(-z, kind="stable")[:_MOST_CLASSES])
    figure = new_figure(9.5, 1.4 + 0.34 * len(shown))
    axes = figure.subplots(1, 3, sharey=True)
    minus = f" - {shift:.4g}" if shift > 0 else f" + {-shift:.4g}" if shift else ""
    steps = (
        (tr("scores z"), z, colors.text, "{:.2f}"),
        (
            tr("exp(z{minus}); their sum is {sum:.4g}", minus=minus, sum=e.sum()),
            e,
            colors.second,
            "{:.3g}",
        ),
        (f"p = exp(z{minus}) / {e.sum():.4g}", 100 * p, colors.first, tr("{:.1f} %")),
    )
    places = np.arange(len(shown))
    axes[0].set_yticks(places, [shortened(names[i]) for i in shown])
    axes[0].invert_yaxis()
    for ax, (title, values, color, form) in zip(axes, steps, strict=True):
        ax.barh(places, values[shown], color=color, height=0.62)
        ax.axvline(0, color=colors.text, lw=0.8)
        for place, value in zip(places, values[shown], strict=True):
            ax.annotate(
                form.format(value), (value, place), (4 if value >= 0 else -4, 0),
                textcoords="offset points", va="center", ha="left" if value >= 0 else "right",
                fontsize=8.5, color=colors.text,
            )  # fmt: skip
        ax.margins(x=0.3)
        low, high = ax.get_xlim()
        ax.set_xlim(min(low, 0) if values.min() < 0 else 0, max(high, 0) or 0.3 * -low)
        ax.set_xticks([])
        finish(ax, colors, title)
        ax.spines[["bottom", "left"]].set_visible(False)
        ax.tick_params(axis="y", length=0)
    if len(shown) < len(z):
        finish(
            axes[0], colors, tr("scores z"), tr("the {k} largest of {n:,}", k=len(shown), n=len(z))
        )
    return figure
