"""How the weights of each layer are distributed, now and epoch by epoch."""

from typing import TYPE_CHECKING

import numpy as np

from layerwise.architecture.layer import shown_name
from layerwise.arrays import Floats, Reals
from layerwise.draw.panels import entitle, finish, panels
from layerwise.draw.theme import Theme, find_theme
from layerwise.language import speaks, tr

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from layerwise.network import Network
    from layerwise.training import Epoch

_QUANTILES = np.array([0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0])
_MOST_LAYERS = 8


class WeightRecorder:
    """A trainer's callback that keeps how each layer's weights are distributed at every epoch.

    Parameters
    ----------
    network : Network or None
        Recorded at once, as epoch 0.

    Attributes
    ----------
    epochs : list of int
    quantiles : list of ndarray, each of shape (n_layers, 7)
        Smallest, 5 %, 25 %, median, 75 %, 95 %, largest weight of each layer.

    Examples
    --------
    >>> from layerwise import Network, Trainer
    >>> net = Network("2-3-1", seed=0)
    >>> recorder = WeightRecorder(net)
    >>> x = np.random.default_rng(0).normal(size=(20, 2))
    >>> _ = Trainer(epochs=3, callbacks=[recorder]).fit(net, x, x[:, 0])
    >>> recorder.epochs, recorder.quantiles[0].shape
    ([0, 1, 2, 3], (2, 7))
    """

    def __init__(self, network: "Network | None" = None) -> None:
        self.epochs: list[int] = []
        self.quantiles: list[Floats] = []
        self.names: list[str] = []
        if network is not None:
            self._record(network, 0)

    def __call__(self, network: "Network", epoch: "Epoch") -> None:
        """Keep an epoch."""
        self._record(network, epoch.number)

    def _record(self, network: "Network", number: int) -> None:
        self.epochs.append(number)
        self.names = [layer.name for layer in network.architecture.layers]
        self.quantiles.append(np.array([np.quantile(w, _QUANTILES) for w in network.weights]))


@speaks
def draw_weights(
    what: "Network | WeightRecorder", *, theme: str = "light", language: str | None = None
) -> "Figure":
    """Draw how the weights of each layer are distributed.

    Of a network, a histogram for each layer. Of a recorder, bands over the epochs: half of a
    layer's weights lie in the dark one, nine tenths in the light one, all between the thin lines.

    Parameters
    ----------
    what : Network or WeightRecorder
        Of more than 8 layers, 8 are drawn from the first to the last.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        For a recorder that has recorded nothing.

    Examples
    --------
    >>> from layerwise import Network
    >>> figure = draw_weights(Network("3-4-4-1", seed=0))
    >>> [ax.get_title(loc="left") for ax in figure.axes]
    ['hidden 1, 12 weights', 'hidden 2, 16 weights', 'output, 4 weights']
    """
    from layerwise.network import Network

    colors = find_theme(theme)
    if isinstance(what, Network):
        names = [layer.name_shown for layer in what.architecture.layers]
    elif isinstance(what, WeightRecorder):
        if not what.epochs:
            raise ValueError("the recorder has recorded no epoch yet; there is nothing to draw")
        names = list(map(shown_name, what.names))
    else:
        raise TypeError(f"a Network or a WeightRecorder is wanted; got {type(what).__name__}")
    layers = np.unique(np.linspace(0, len(names) - 1, min(_MOST_LAYERS, len(names))).round())
    figure, axes = panels(len(layers), 4, 2.9, 2.6)
    for ax, layer in zip(axes, layers.astype(int), strict=True):
        if isinstance(what, Network):
            _draw_histogram(ax, what.weights[layer].ravel(), colors)
            size = tr("{n:,} weights", n=what.weights[layer].size)
            title = f"{names[layer]}, {size}"
            finish(ax, colors, title, tr("weight"), tr("how many") if ax is axes[0] else "")
        else:
            bands = np.array([quantiles[layer] for quantiles in what.quantiles])
            _draw_bands(ax, np.array(what.epochs, float), bands, colors)
            finish(ax, colors, names[layer], tr("epoch"), tr("weight") if ax is axes[0] else "")
    title = tr("Weights of each layer")
    if not isinstance(what, Network):
        title = tr(
            "Weights of each layer: half of them in the dark band, nine tenths in the light one"
        )
    if len(layers) < len(names):
        title += tr(" ({k} of {n} layers)", k=len(layers), n=len(names))
    entitle(figure, colors, title)
    return figure


def _draw_histogram(ax: "Axes", weights: Reals, colors: Theme) -> None:
    ax.hist(weights.astype(float), bins="auto" if len(weights) < 2_000 else 60, color=colors.first)
    ax.axvline(0, color=colors.text, lw=0.8)


def _draw_bands(ax: "Axes", epochs: Floats, bands: Floats, colors: Theme) -> None:
    from matplotlib.ticker import MaxNLocator

    if len(epochs) == 1:  # a band of one epoch would have no width
        epochs, bands = np.array([epochs[0] - 0.5, epochs[0] + 0.5]), np.repeat(bands, 2, axis=0)
    for low, high, alpha in ((1, 5, 0.3), (2, 4, 0.5)):
        ax.fill_between(
            epochs, bands[:, low], bands[:, high], color=colors.first, alpha=alpha, lw=0
        )
    ax.plot(epochs, bands[:, 3], color=colors.first, lw=1.5)
    for end in (0, 6):
        ax.plot(epochs, bands[:, end], color=colors.text, lw=0.6)
    ax.axhline(0, color=colors.faint, lw=0.8, zorder=0)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
