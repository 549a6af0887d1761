"""A figure that shows itself in notebooks, whatever these know of Matplotlib."""

import base64
import io
from typing import Any

from matplotlib import rc_context
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from layerwise.draw.saving import figure_bytes
from layerwise.harmless_text import visible

_MOST_SVG = 200_000  # bytes; what is longer becomes an image of pixels
_SCREEN_DPI = 96.0
_SHARP = 2  # pixels to a screen's, for those that have more


class ShownFigure(Figure):
    """Matplotlib's figure, made without pyplot, with a picture of its own for notebooks.

    IPython knows how to show a figure only once pyplot was imported, and then as pixels. A text
    from a table is that text in it, whoever shows or saves it: no formula between two "$", and no
    character that acts.
    """

    def __init__(self, width: float, height: float, **options: Any) -> None:
        """Make one of a size in inches."""
        super().__init__(figsize=(width, height), dpi=150, **options)
        FigureCanvasAgg(self)

    def draw(self, renderer: RendererBase) -> None:
        """Draw it, whatever has been written in it since it was made."""
        for text in self.findobj(Text):
            assert isinstance(text, Text)
            text.set_parse_math(False)
            text.set_text(visible(text.get_text()))
        with rc_context({"text.parse_math": False}):  # for ticks that are made on the way
            super().draw(renderer)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """Lines and letters where they are few, else pixels: (data, metadata) by their type."""
        svg = figure_bytes(self, "svg")
        if len(svg) < _MOST_SVG:
            return {"image/svg+xml": svg.decode(), "text/plain": repr(self)}, {}
        width, height = (round(_SCREEN_DPI * inches) for inches in self.get_size_inches())
        png = base64.b64encode(self._few_colors()).decode()
        data = {"image/png": png, "text/plain": repr(self)}
        return data, {"image/png": {"width": width, "height": height}}

    def _few_colors(self) -> bytes:
        """A PNG of 256 colours, a third as long as one of all."""
        from PIL import Image

        png = figure_bytes(self, "png", _SHARP * _SCREEN_DPI)
        file = io.BytesIO()
        image = Image.open(io.BytesIO(png)).convert("RGB").quantize(dither=Image.Dither.NONE)
        image.save(file, "PNG", optimize=True)
        return file.getvalue()

    def _ipython_display_(self) -> None:
        """Show that alone, to which IPython would add pixels, once pyplot is there."""
        from IPython import get_ipython
        from IPython.display import display

        data, metadata = {"text/plain": repr(self)}, {}
        if "image/svg+xml" in get_ipython().display_formatter.active_types:  # not in a terminal
            data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)
