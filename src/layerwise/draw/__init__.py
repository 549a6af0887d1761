"""Pictures of networks, of a training, and of what a network got right.

Matplotlib is imported when one is drawn.

Functions return Matplotlib's own `Figure`, made without `pyplot`: nothing is kept open and no
screen is needed. `draw_learning` alone returns an `Animation`.

Examples
--------
>>> from layerwise.draw import draw_confusion
>>> figure = draw_confusion([0, 1, 1], [0, 1, 0], ["cat", "dog"])
>>> figure.axes[0].get_title(loc="left")
'2 of 3 right (66.7 %)'
"""

from layerwise.draw.activation_curves import draw_activations
from layerwise.draw.boundary import draw_boundary
from layerwise.draw.confusion import draw_confusion
from layerwise.draw.landscape import draw_landscape
from layerwise.draw.learning import Animation, draw_learning
from layerwise.draw.loss_picture import draw_loss
from layerwise.draw.network_picture import draw_network
from layerwise.draw.nodes import draw_nodes
from layerwise.draw.softmax_picture import draw_softmax
from layerwise.draw.training_curves import draw_history
from layerwise.draw.training_panels import draw_training
from layerwise.draw.weight_panels import WeightRecorder, draw_weights
from layerwise.files.cache_folders import find_matplotlib_folder

find_matplotlib_folder()

__all__ = [
    "Animation",
    "WeightRecorder",
    "draw_activations",
    "draw_boundary",
    "draw_confusion",
    "draw_history",
    "draw_landscape",
    "draw_learning",
    "draw_loss",
    "draw_network",
    "draw_nodes",
    "draw_softmax",
    "draw_training",
    "draw_weights",
]
