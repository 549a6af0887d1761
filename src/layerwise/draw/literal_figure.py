"""A figure in which a text from a table is that text: no formula, and no character that acts."""

from matplotlib import rc_context
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text

from layerwise.literal import visible

__all__ = ["LiteralFigure"]


class LiteralFigure(Figure):
    """Matplotlib's figure, which takes no "$" for mathematics, whoever shows or saves it."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw it, whatever has been written in it since it was made."""
        for text in self.findobj(Text):
            assert isinstance(text, Text)
            text.set_parse_math(False)
            text.set_text(visible(text.get_text()))
        with rc_context({"text.parse_math": False}):  # for ticks that are made on the way
            super().draw(renderer)
