"""A training's history as a picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.arrays import Floats
from layerwise.draw.inline import tell
from layerwise.draw.panels import legend_below, log_scale
from layerwise.draw.theme import Theme, dress, figure_of, find_theme, new_figure
from layerwise.language import speaks, tr

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from layerwise.training import History

# Losses that differ by more than this factor are drawn on a logarithmic axis.
_LOG_FROM = 30.0
# Up to so many epochs each is a dot: a line of one epoch would show nothing.
_DOTS_UP_TO = 12
_MOST_POINTS = 600  # of a line; no more can be seen


@speaks
def draw_history(
    history: "History",
    ax: "Axes | None" = None,
    *,
    learning_rate: bool = False,
    theme: str = "light",
    language: str | None = None,
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
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

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
    if ax is not None and learning_rate:
        raise ValueError("learning_rate=True draws a second panel: leave out ax for it")
    if not learning_rate:
        ax = new_figure(6.4, 4.0).subplots() if ax is None else ax
        _draw_losses(history, ax, colors)
        return figure_of(ax)
    figure = new_figure(6.4, 5.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    _draw_losses(history, above, colors)
    above.set_xlabel("")
    _draw_learning_rate(history, below, colors)
    return figure


def draw_histories(
    histories: Sequence["History"], measure: str, name: str, *, theme: str = "light"
) -> "Figure":
    """Draw the loss, or the score on held-out rows, of networks that are averaged, and its mean.

    Parameters
    ----------
    histories : sequence of History
    measure : {"loss", "score"}
    name : str
        What was measured: "log loss".
    theme : {"light", "dark", "page"}
    """
    colors = find_theme(theme)
    figure = new_figure(5.6, 4.0)
    ax = figure.subplots()
    names = ["loss", "validation_loss"] if measure == "loss" else ["validation_score"]
    draw_measure(histories, names, name, ax, colors)
    ax.set_xlabel(tr("epoch"))
    legend_below(figure, ax, colors)
    return figure


def draw_measure(
    histories: Sequence["History"], names: Sequence[str], what: str, ax: "Axes", colors: Theme
) -> None:
    """Draw what was measured after each epoch, and mark the epochs that were kept."""
    from matplotlib.collections import LineCollection

    several = len(histories) > 1
    for name in names:
        if not any(np.isfinite(history[name]).any() for history in histories):
            continue
        is_training = name == "loss"
        label = tr("training") if is_training else tr("held out")
        color = colors.first if is_training else colors.second
        dashes: Any = "-" if is_training else (0, (5, 1.5))
        lines = [_thinned(history["number"], history[name]) for history in histories]
        if several:
            each = LineCollection(
                [np.column_stack(line) for line in lines], colors=color, linewidths=0.9, alpha=0.5
            )
            ax.add_collection(each)
            tell(
                each,
                [tr("{label}, network {i}", label=label, i=i + 1) for i in range(len(lines))],
            )
            shared = min(map(len, histories))
            mean = np.mean([history[name][:shared] for history in histories], axis=0)
            lines = [_thinned(histories[0]["number"][:shared], mean)]
            label += tr(", mean of {n} networks", n=len(histories))
        dot = "o" if len(lines[0][0]) <= _DOTS_UP_TO else None
        [line] = ax.plot(
            *lines[0], color=color, ls=dashes, marker=dot, markersize=4, label=label,
            lw=2.2 if several else None,
        )  # fmt: skip
        tell(line, label)
    _mark_best(histories, names, what, ax, colors)
    values = np.concatenate([history[name] for history in histories for name in names])
    values = values[np.isfinite(values)]
    logarithmic = bool(
        "loss" in names and len(values) and values.min() > 0
        and values.max() > _LOG_FROM * values.min()
    )  # fmt: skip
    _number_axes(ax, logarithmic)
    ax.set_ylabel(tr("{what} (log scale)", what=what) if logarithmic else what)


def _mark_best(
    histories: Sequence["History"], names: Sequence[str], what: str, ax: "Axes", colors: Theme
) -> None:
    """A diamond at each epoch that was kept."""
    several = len(histories) > 1
    epochs, heights, labels = [], [], []
    for i, history in enumerate(histories):
        if history.best_epoch is None:
            continue
        best = history.best
        height = getattr(best, names[-1])
        label = tr("network {i}, ", i=i + 1) if several else ""
        label += tr("kept: epoch {i}", i=best.number)
        if height is not None:
            label += tr(", held-out {what} {value:.3g}", what=what, value=height)
        elif names[-1] == "validation_loss":
            height = best.loss
        if height is not None:
            epochs.append(best.number)
            heights.append(height)
            labels.append(label)
    if not epochs:
        return
    if not several:
        ax.axvline(epochs[0], color=colors.third, lw=1, ls=":")
    [marks] = ax.plot(
        epochs, heights, color=colors.third, marker="D", ls="" if several else ":", lw=1, zorder=3,
        ms=4.5 if several else None, label=tr("epochs that were kept") if several else labels[0],
    )  # fmt: skip
    tell(marks, labels)


def _thinned(epochs: Floats, values: Floats) -> tuple[Floats, Floats]:
    chosen = np.unique(np.linspace(0, len(epochs) - 1, min(len(epochs), _MOST_POINTS)).round())
    return epochs[chosen.astype(int)], values[chosen.astype(int)]


def _draw_losses(history: "History", ax: "Axes", colors: Theme) -> None:
    draw_measure([history], ["loss", "validation_loss"], tr("loss"), ax, colors)
    ax.set_xlabel(tr("epoch"))
    ax.legend(loc="best", fontsize="small")
    _finish(ax, colors)


def _draw_learning_rate(history: "History", ax: "Axes", colors: Theme) -> None:
    epochs = history["number"]
    dot = "o" if len(epochs) <= _DOTS_UP_TO else None
    ax.plot(epochs, history["learning_rate"], color=colors.text, marker=dot, markersize=3)
    _number_axes(ax, logarithmic=False)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(tr("epoch"))
    ax.set_ylabel(tr("learning rate"))
    _finish(ax, colors)


def _finish(ax: "Axes", colors: Theme) -> None:
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
