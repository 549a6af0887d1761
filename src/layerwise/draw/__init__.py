"""Pictures of networks, of a training, and of what a network got right.

Matplotlib is imported when one is drawn.

Every function returns Matplotlib's own `Figure`, made without `pyplot`: nothing is kept open and
no screen is needed.

Examples
--------
>>> from layerwise.draw import draw_confusion
>>> figure = draw_confusion([0, 1, 1], [0, 1, 0], ["cat", "dog"])
>>> figure.axes[0].get_title(loc="left")
'2 of 3 right (66.7 %)'
"""

from layerwise.draw.confusion import draw_confusion
from layerwise.draw.history import draw_history
from layerwise.draw.network import draw_network

__all__ = ["draw_confusion", "draw_history", "draw_network"]
