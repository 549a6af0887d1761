"""Lines of an output, found by how they begin in English, whatever language it is in."""

import re
from functools import cache
from pathlib import Path

__all__ = ["line_that_begins", "said_in"]

_FIELD = re.compile(r"\{[^}]*\}")
_SHORTEST = 10  # letters of a line that is taken for the beginning of a sentence


def said_in(language: str, english: str) -> tuple[str, ...]:
    """What begins so in English, as the package's catalogue says it; its first field a number.

    Examples
    --------
    >>> said_in("ko", "compiled (")
    ('컴파일했습니다({program}, {seconds:.0f}초)',)
    >>> said_in("ko", "Hidden layer 2: relu")
    ()
    """
    number = re.search(r"\d+", english)
    texts: list[tuple[str, ...]] = [*_catalogue(language)] if language != "en" else []
    if number:
        texts = [tuple(_FIELD.sub(number[0], text, count=1) for text in pair) for pair in texts]
    return tuple(own for said, own in texts if said.startswith(english))


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
    lines, said = text.splitlines(), said_in(language, english)
    whole = [".+".join(map(re.escape, _FIELD.split(own))) for own in said]
    for i, line in enumerate(lines):
        if any(re.match(pattern, line) for pattern in (re.escape(english), *whole)):
            return i
    starts = tuple(start for own in said if (start := _FIELD.split(own)[0].rstrip()))
    for i, line in enumerate(lines):  # a sentence that is broken into lines before it is over
        if line.startswith(starts) or (
            len(line) >= _SHORTEST and any(start.startswith(line) for start in starts)
        ):
            return i
    raise ValueError(f"no line begins with {english!r} or as one of {said}")


@cache
def _catalogue(language: str) -> list[tuple[str, str]]:
    """English messages, and what they are in a language."""
    from babel.messages.pofile import read_po

    import layerwise

    folder = Path(layerwise.__file__).parent / "locale" / language / "LC_MESSAGES"
    with (folder / "layerwise.po").open("rb") as file:
        return [(str(each.id), str(each.string)) for each in read_po(file) if each.string]
