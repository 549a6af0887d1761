"""The loss -ln(p) of a class's probability, and where a model's own predictions lie on it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from layerwise.arrays import Floats, Mask
from layerwise.draw.model_rows import class_places
from layerwise.draw.theme import dress, figure_of, find_theme, new_figure
from layerwise.language import counted, message, speaks, tr
from layerwise.network.inputs import as_array, as_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEAST_HEIGHT = 5.0


@speaks
def draw_loss(
    y_true: ArrayLike | None = None,
    probabilities: ArrayLike | None = None,
    classes: Sequence[object] | None = None,
    ax: "Axes | None" = None,
    *,
    marks: Sequence[float] = (),
    theme: str = "light",
    language: str | None = None,
) -> "Figure":
    """Draw the loss -ln(p), natural logarithm, against the true class's probability p.

    It is 0 where the true class was certain, p = 1, and grows without bound towards p = 0. With
    predictions, each row is a dot on the curve.

    Parameters
    ----------
    y_true : array-like, shape (n,), or None
        The true classes, each one of `classes`.
    probabilities : array-like, shape (n, n_classes), or None
        What a model predicted: ``model.predict_proba(rows)``.
    classes : sequence or None
        The class of each column of `probabilities`, as ``model.classes_``; None: 0, 1, 2, ...
    ax : Axes or None
        Where to draw; None: in a new figure.
    marks : sequence of float
        Probabilities to mark with their losses.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For probabilities outside 0 and 1, classes that are none, shapes that differ.

    Examples
    --------
    >>> figure = draw_loss(["cat", "dog"], [[0.9, 0.1], [0.6, 0.4]], ["cat", "dog"], marks=[0.13])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['p = 0.13: loss 2.04']
    >>> figure.axes[0].get_title(loc="left")
    'Mean loss of 2 rows: 0.511'
    """
    colors = find_theme(theme)
    if (y_true is None) != (probabilities is None):
        raise ValueError("give y_true and probabilities, or neither of them")
    ax = new_figure(6.4, 4.2).subplots() if ax is None else ax
    highest, title = _LEAST_HEIGHT, tr("The loss of a probability")
    if y_true is not None and probabilities is not None:
        p, right = _of_true_class(y_true, probabilities, classes)
        with np.errstate(divide="ignore"):
            losses = -np.log(p)
        finite = np.isfinite(losses)
        highest = max(highest, 1.1 * float(losses[finite].max(initial=0.0)))
        for is_right, color, marker, name in (
            (True, colors.first, "o", message("predicted class right: {n:,}")),
            (False, colors.second, "^", message("predicted class wrong: {n:,}")),
        ):
            chosen = finite & (right == is_right)
            if chosen.any():
                ax.plot(
                    p[chosen], losses[chosen], marker, color=color, ms=6, mec=colors.background,
                    mew=0.4, alpha=max(0.4, min(1.0, 60 / chosen.sum())),
                    label=tr(name, n=chosen.sum()), zorder=3,
                )  # fmt: skip
        n_zero = int((~finite).sum())
        mean = f"{losses.mean():.3g}" if not n_zero else tr("infinite")
        title = tr("Mean loss of {rows}: {mean}", rows=counted(len(p), "row"), mean=mean)
        if n_zero:
            title += tr(" ({n:,} with p = 0)", n=n_zero)
    curve = np.concatenate([np.geomspace(np.exp(-highest), 0.01, 200), np.linspace(0.01, 1, 400)])
    ax.plot(curve, -np.log(curve), color=colors.text, lw=1.5, label="-ln(p)")
    for p_marked in marks:
        if not 0 < p_marked <= 1:
            raise ValueError(f"marks must be probabilities above 0, up to 1; got {p_marked!r}")
        loss = float(-np.log(p_marked))
        ax.plot([0, p_marked, p_marked], [loss, loss, 0], color=colors.third, lw=0.9, ls=":")
        ax.plot([p_marked], [loss], "D", color=colors.third, ms=5, zorder=4)
        ax.annotate(
            tr("p = {p:g}: loss {loss:.2f}", p=p_marked, loss=abs(loss)), (p_marked, loss), (8, 6),
            textcoords="offset points", fontsize=9, color=colors.text,
        )  # fmt: skip
    ax.set(xlim=(0, 1.02), ylim=(0, highest))
    ax.set_xlabel(tr("p, the probability given to the true class"))
    ax.set_ylabel(tr("loss = -ln(p)"))
    ax.set_title(title, loc="left", fontsize=11)
    ax.legend(loc="upper right", fontsize="small")
    dress(ax, colors)
    return figure_of(ax)


def _of_true_class(
    y_true: ArrayLike, probabilities: ArrayLike, classes: Sequence[object] | None
) -> tuple[Floats, Mask]:
    """(each row's probability of its true class, whether that was the largest)."""
    p = as_numbers(probabilities, "probabilities").astype(np.float64)
    labels = as_array(y_true, "y_true")
    if p.ndim != 2 or labels.shape != p.shape[:1] or not len(p):
        raise ValueError(
            "probabilities must be of shape (n, n_classes) and y_true of (n,), n at least 1; got "
            f"{p.shape} and {labels.shape}"
        )
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("probabilities must lie between 0 and 1")
    known = list(range(p.shape[1])) if classes is None else [*classes]
    if len(known) != p.shape[1]:
        raise ValueError(
            f"classes must name each of the {p.shape[1]} columns of probabilities; got {len(known)}"
        )
    columns = class_places(labels, known, "y_true")
    return p[np.arange(len(p)), columns], p.argmax(axis=1) == columns
