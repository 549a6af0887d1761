"""All that was measured while a network trained, a panel for each."""

from typing import TYPE_CHECKING

import numpy as np

from layerwise.arrays import Floats, Integers
from layerwise.draw.panels import SEQUENTIAL, entitle, finish, layer_colors, log_scale, panels
from layerwise.draw.theme import Theme, find_theme
from layerwise.draw.training_curves import draw_history
from layerwise.language import message, speaks, tr

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from layerwise.training import History

Measured = tuple[Integers, Floats]  # epochs, and a row for each
_LINES_UP_TO = 8  # more layers are an image instead
_LAYERS = (
    ("gradient_norm", message("gradient's length, by layer"), True),
    ("weight_spread", message("spread of the weights, by layer"), False),
    ("dead_share", message("share of dead nodes, by layer"), False),
)


@speaks
def draw_training(
    history: "History", *, theme: str = "light", language: str | None = None
) -> "Figure":
    """Draw a training's losses, score, learning rate, and what was measured in each layer.

    The length of the gradient of a layer's weights says whether the layer is taught at all: lines
    that lie decades apart are a gradient that vanishes or explodes on its way back. A dead node's
    activation had the slope 0 for every row looked at, so that nothing can teach it.

    Parameters
    ----------
    history : History
        What `Trainer.fit` returned, or that of an estimator: ``model.history_``.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure
        Of more than 8 layers, measurements are an image, a line of it for each layer.

    Raises
    ------
    ValueError
        If the history holds no epoch.

    Examples
    --------
    >>> from layerwise import Network, Trainer
    >>> x = np.random.default_rng(0).normal(size=(40, 2))
    >>> net = Network("2-3-1", seed=0)
    >>> history = Trainer(epochs=3, validation_fraction=0.25, seed=0).fit(net, x, x[:, 0])
    >>> [ax.get_title(loc="left") for ax in draw_training(history).axes][:3]
    ['loss', 'score on held-out rows', 'learning rate']
    """
    colors = find_theme(theme)
    if not len(history):
        raise ValueError("the history holds no epoch yet; there is nothing to draw")
    scores = history["validation_score"]
    has_score = bool(np.isfinite(scores).any())
    measured = [entry for entry in _LAYERS if len(history.layers(entry[0])[0])]
    figure, axes = panels(2 + has_score + len(measured), 3, 3.6, 2.9)
    left = iter(axes)
    ax = next(left)
    draw_history(history, ax, theme=theme)
    label = ax.get_ylabel()
    legend = ax.get_legend()
    assert legend is not None
    for text in legend.get_texts():
        text.set_fontsize(7)
    finish(ax, colors, tr("loss"), tr("epoch"), label)
    if has_score:
        ax = next(left)
        ax.plot(history["number"], scores, color=colors.second, marker=_dot(history), ms=3)
        if history.best_epoch is not None:
            ax.axvline(history.best_epoch, color=colors.third, lw=1, ls=":")
        _whole_epochs(ax)
        finish(ax, colors, tr("score on held-out rows"), tr("epoch"), tr("score"))
    ax = next(left)
    ax.plot(
        history["number"], history["learning_rate"], color=colors.text, marker=_dot(history), ms=3
    )
    ax.set_ylim(bottom=0)
    _whole_epochs(ax)
    finish(ax, colors, tr("learning rate"), tr("epoch"))
    for (name, title, is_logarithmic), ax in zip(measured, left, strict=True):
        _draw_layers(ax, history.layers(name), title, colors, is_logarithmic=is_logarithmic)
    entitle(figure, colors, str(history))
    return figure


def _dot(history: "History") -> str | None:
    return "o" if len(history) <= 12 else None


def _whole_epochs(ax: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def _draw_layers(
    ax: "Axes", measured: Measured, title: str, colors: Theme, *, is_logarithmic: bool
) -> None:
    """One measurement of every layer: a line for each, or, of many, an image."""
    epochs, values = measured
    n = values.shape[1]
    is_logarithmic = is_logarithmic and bool((values > 0).any())
    if n > _LINES_UP_TO:
        _draw_image(ax, measured, title, colors, is_logarithmic=is_logarithmic)
        return
    gaps = np.flatnonzero(np.diff(epochs) > 1) + 1  # epochs between that were not measured
    names = [tr("hidden {i}", i=i + 1) for i in range(n - 1)] + [tr("output")]
    marks = "os^vDP*X"
    for layer, (name, color) in enumerate(zip(names, layer_colors(colors, n), strict=True)):
        y = values[:, layer]
        if is_logarithmic:
            y = np.where(y > 0, y, np.nan)
        ax.plot(
            np.insert(epochs.astype(float), gaps, np.nan), np.insert(y, gaps, np.nan), label=name,
            color=color, lw=1.3, marker=marks[layer], ms=3.5,
            markevery=None if len(gaps) else max(1, len(epochs) // 30),
        )  # fmt: skip
        if len(gaps):
            ax.plot(epochs, y, color=color, lw=0.7, ls=":", alpha=0.7)
    if is_logarithmic:
        log_scale(ax)
    if "share" in title:
        ax.set_ylim(-0.03, 1.03)
    _whole_epochs(ax)
    ax.legend(loc="best", fontsize=6.5, ncols=2 if n > 4 else 1)
    x = tr("epoch (measured: the marks)") if len(gaps) else tr("epoch")
    finish(ax, colors, tr(title), x)


def _draw_image(
    ax: "Axes", measured: Measured, title: str, colors: Theme, *, is_logarithmic: bool
) -> None:
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    epochs, values = measured
    norm = None
    if is_logarithmic:
        norm = LogNorm(values[values > 0].min(), values.max())
    # A column for each epoch that was measured, however far it lies from the next.
    edges = np.arange(len(epochs) + 1) - 0.5
    layers = np.arange(values.shape[1] + 1) + 0.5
    low, high = (0.0, 1.0) if "share" in title else (None, None)
    mesh = ax.pcolormesh(
        edges, layers, values.T, cmap=SEQUENTIAL, norm=norm, vmin=low, vmax=high,
        rasterized=True,
    )  # fmt: skip
    # Matplotlib's names of powers are formulas, which a `ShownFigure` shows as they are typed.
    names = FuncFormatter(lambda value, _: f"{value:.0e}") if is_logarithmic else None
    bar = ax.figure.colorbar(mesh, ax=ax, format=names)
    finish(bar.ax, colors, "")
    bar.outline.set_edgecolor(colors.faint)
    shown = np.unique(np.linspace(0, len(epochs) - 1, 6).round().astype(int))
    ax.set_xticks(shown, [str(epoch) for epoch in epochs[shown]])
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    finish(ax, colors, tr(title), tr("epoch (those measured)"), tr("layer (the last: output)"))
