"""What is raised when a table, or a file that should hold one, cannot be used."""

from layerwise.harmless_text import visible


class TableError(ValueError):
    """A table cannot be used as it is; the message says what came, what was wanted, what to do."""

    def __init__(self, message: str = "") -> None:
        super().__init__(visible(message))
