"""In notebooks, networks and models show themselves as pictures.

A network knows nothing of pictures, which are made by functions above it. IPython has a registry
for that: what to show for a type, named by its module, so that nothing is imported until such an
object is to be shown. `import layerwise` fills it in where IPython is running.
"""

from typing import TYPE_CHECKING

from layerwise.draw.network_picture import draw_network
from layerwise.draw.saving import figure_bytes

if TYPE_CHECKING:
    from layerwise.architecture import Architecture
    from layerwise.store.model_files import Model

__all__ = ["shown_in_notebooks", "svg_of"]

_LEAST = 0.7  # of its size


def svg_of(model: "Model | Architecture") -> str | None:
    """The SVG picture of a network or a model; None where there is none to draw.

    Examples
    --------
    >>> from layerwise import Architecture
    >>> svg_of(Architecture([3, 4, 4, 1])).startswith("<?xml")
    True
    """
    from sklearn.exceptions import NotFittedError

    try:
        return figure_bytes(draw_network(model), "svg").decode()
    except (NotFittedError, ValueError):  # not fitted, or diverged: the text says enough
        return None


def shown_in_notebooks(model: "Model | Architecture") -> object:
    """What IPython shows of a model: its picture, and its text where no picture can be shown.

    An estimator that is not fitted shows its parameters, as scikit-learn's do.

    Examples
    --------
    >>> from layerwise import Network
    >>> sorted(shown_in_notebooks(Network("3-4-4-1", seed=0)))
    ['text/html', 'text/plain']
    """
    svg = svg_of(model)
    if svg is None:
        own = getattr(model, "_repr_mimebundle_", None)
        return own() if own is not None else {"text/plain": repr(model)}
    width = float(svg.split('width="', 1)[1].split("pt", 1)[0])
    # It shrinks with the page as far as its words can be read, then scrolls.
    style = f"max-width: 100%; min-width: {_LEAST * width:.0f}pt; height: auto"
    picture = svg[svg.index("<svg") :].replace("<svg ", f'<svg style="{style}" ', 1)
    shown = f'<div style="overflow-x: auto">{picture}</div>'
    return {"text/html": shown, "text/plain": repr(model)}
