"""A training's history as a picture."""

from typing import TYPE_CHECKING

import numpy as np

from layerwise.draw.panels import log_scale
from layerwise.draw.theme import Theme, dress, find_theme, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from layerwise.training import History

__all__ = ["draw_history"]

# Losses that differ by more than this factor are drawn on a logarithmic axis.
_LOG_FROM = 30.0
# Up to so many epochs each is a dot: a line of one epoch would show nothing.
_DOTS_UP_TO = 12


def draw_history(
    history: "History",
    ax: "Axes | None" = None,
    *,
    learning_rate: bool = False,
    theme: str = "light",
) -> "Figure":
    """Draw training and held-out loss against epoch, the epoch whose numbers were kept marked.

    An epoch's training loss is the mean over its batches, measured while the network learned
    from them (and with dropout); its held-out loss is measured at its end. So the first can lie
    above the second.

    Parameters
    ----------
    history : History
        What `Trainer.fit` returned.
    ax : Axes or None
        Where to draw; None: in a new figure. The figure around the axes takes on the theme too.
    learning_rate : bool
        Whether to draw the learning rate in a second panel below; needs a new figure.
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        Save it with ``figure.savefig("history.png")``.

    Raises
    ------
    ValueError
        If the history holds no epoch, for an unknown theme, or for `learning_rate` with `ax`.

    Examples
    --------
    >>> from layerwise.training import Epoch, History
    >>> history = History(best_epoch=2, stopped="patience")
    >>> for number, loss, held_out in [(1, 0.9, 0.8), (2, 0.5, 0.6), (3, 0.3, 0.7)]:
    ...     epoch = Epoch(number, loss, 0.001, 0.1 * number, validation_loss=held_out)
    ...     history.append(epoch)
    >>> figure = draw_history(history, learning_rate=True)
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['training', 'held out', 'kept: epoch 2, held-out loss 0.6']
    """
    colors = find_theme(theme)
    if not len(history):
        raise ValueError("the history holds no epoch yet; there is nothing to draw")
    if ax is not None:
        if learning_rate:
            raise ValueError("learning_rate=True draws a second panel: leave out ax for it")
        _draw_losses(history, ax, colors)
        figure: Figure = ax.get_figure(root=True)  # type: ignore[assignment]
        return figure
    figure = new_figure(6.4, 5.2 if learning_rate else 4.0)
    if not learning_rate:
        _draw_losses(history, figure.subplots(), colors)
        return figure
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    _draw_losses(history, above, colors)
    above.set_xlabel("")
    _draw_learning_rate(history, below, colors)
    return figure


def _draw_losses(history: "History", ax: "Axes", colors: Theme) -> None:
    epochs, training = history["number"], history["loss"]
    held_out = history["validation_loss"]
    has_held_out = bool(np.isfinite(held_out).any())
    dot = "o" if len(epochs) <= _DOTS_UP_TO else None
    ax.plot(epochs, training, color=colors.first, marker=dot, markersize=4, label="training")
    if has_held_out:
        ax.plot(
            epochs, held_out, color=colors.second, marker=dot, markersize=4, ls=(0, (5, 1.5)),
            label="held out",
        )  # fmt: skip
    if history.best_epoch is not None:
        best = history.best
        label = f"kept: epoch {best.number}"
        ax.axvline(best.number, color=colors.third, lw=1, ls=":")
        if best.validation_loss is not None:
            label += f", held-out loss {best.validation_loss:.3g}"
        height = best.loss if best.validation_loss is None else best.validation_loss
        ax.plot(
            [best.number], [height], color=colors.third, marker="D", ls=":", lw=1, zorder=3,
            label=label,
        )  # fmt: skip
    losses = np.concatenate([training, held_out[np.isfinite(held_out)]])
    logarithmic = losses.min() > 0 and losses.max() > _LOG_FROM * losses.min()
    _number_axes(ax, logarithmic)
    ax.set_xlabel("epoch")
    ax.set_ylabel("loss (log scale)" if logarithmic else "loss")
    ax.legend(loc="best", fontsize="small")
    dress(ax, colors)
    ax.grid(axis="y", color=colors.faint, lw=0.6)
    ax.set_axisbelow(True)


def _draw_learning_rate(history: "History", ax: "Axes", colors: Theme) -> None:
    epochs = history["number"]
    dot = "o" if len(epochs) <= _DOTS_UP_TO else None
    ax.plot(epochs, history["learning_rate"], color=colors.text, marker=dot, markersize=3)
    _number_axes(ax, logarithmic=False)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("epoch")
    ax.set_ylabel("learning rate")
    dress(ax, colors)
    ax.grid(axis="y", color=colors.faint, lw=0.6)
    ax.set_axisbelow(True)


def _number_axes(ax: "Axes", logarithmic: bool) -> None:
    """Whole epochs below; plain numbers at the side, 1 and 3 of each decade where logarithmic."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    if logarithmic:
        log_scale(ax)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
