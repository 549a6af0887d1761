"""Lines of an output, found by how they begin in English, whatever language it is in."""

import re
from functools import cache
from pathlib import Path

__all__ = ["beginnings", "line_that_begins"]


def beginnings(english: str, language: str) -> tuple[str, ...]:
    """What begins so in English, and how the package's catalogue begins it in a language.

    Examples
    --------
    >>> beginnings("compiled (", "ko")
    ('compiled (', '컴파일했습니다(')
    """
    if language == "en":
        return (english,)
    return english, *(own for said, own in _catalogue(language) if said.startswith(english))


def line_that_begins(text: str, english: str, language: str) -> int:
    r"""The number of the first line that begins so, or as the package's catalogue says it.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> line_that_begins("One row\n\nNotes", "Notes", "ko")
    2
    """
    wanted = beginnings(english, language)
    for i, line in enumerate(text.splitlines()):
        # A sentence may be broken before its own beginning, up to the first field, is over.
        if line.startswith(wanted) or (
            len(line) > len(english) and any(own.startswith(line) for own in wanted)
        ):
            return i
    raise ValueError(f"no line begins with any of {wanted}")


@cache
def _catalogue(language: str) -> list[tuple[str, str]]:
    """Messages, and what they begin with in a language: up to their first field."""
    from babel.messages.pofile import read_po

    import layerwise

    folder = Path(layerwise.__file__).parent / "locale" / language / "LC_MESSAGES"
    with (folder / "layerwise.po").open("rb") as file:
        messages = read_po(file)
    starts = [(str(m.id), re.split(r"\{", str(m.string))[0].rstrip()) for m in messages if m.id]
    return [(said, own) for said, own in starts if own]
