"""What goes to a terminal through Rich: no text from a table is markup, and none controls it."""

from collections.abc import Iterable
from typing import Any

from rich import text as rich_text
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from layerwise.harmless_text import visible


class Text(rich_text.Text):
    """Rich's text, of whatever characters; see `layerwise.harmless_text.visible`."""

    def __init__(self, text: str = "", *arguments: Any, **options: Any) -> None:
        super().__init__(visible(text), *arguments, **options)


class Screen(Console):
    """Rich's console, which sends no control character but its own.

    Parameters
    ----------
    **options
        Of `rich.console.Console`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> rich_text.Text:
        """A plain text as Rich's."""
        return super().render_str(visible(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Whatever came past `Text`, too."""
        for part in super().render(renderable, options):
            yield part if part.control else Segment(visible(part.text), part.style)
