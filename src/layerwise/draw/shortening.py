"""Names that are too long for where they stand: cut, and still told apart."""

from collections.abc import Sequence
from unicodedata import east_asian_width

__all__ = ["apart_when_cut", "letters", "shortened"]


def letters(text: str) -> int:
    """How many letters a text is wide; a Korean one counts as two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def shortened(name: object, most: int = 24) -> str:
    """A name on one line, of at most so many letters as `letters` counts them.

    Beginning and end stay, so that names that differ at either do so still.

    Examples
    --------
    >>> shortened("average yearly precipitation, station 7", 16)
    'average…ation 7'
    """
    text = " ".join(str(name).split())
    if letters(text) <= most:
        return text
    head, tail, room = 0, 0, most - 1
    while True:
        is_heads = letters(text[:head]) <= letters(text[len(text) - tail :])
        room -= letters(text[head] if is_heads else text[-1 - tail])
        if room < 0:
            return f"{text[:head].rstrip()}…{text[len(text) - tail :].lstrip()}"
        head, tail = head + is_heads, tail + (not is_heads)


def apart_when_cut(names: Sequence[str], most: int) -> list[str]:
    """Names as they are, but those that `shortened` would make the same by where they differ.

    Examples
    --------
    >>> apart_when_cut(["number 1 of the sensor", "number 2 of the sensor", "age"], 14)
    ['number…1…ensor', 'number…2…ensor', 'age']
    """
    alike: dict[str, set[str]] = {}
    for name in names:
        alike.setdefault(shortened(name, most), set()).add(name)
    return [
        _where_it_differs(name, alike[shortened(name, most)], most)
        if len(alike[shortened(name, most)]) > 1
        else name
        for name in names
    ]


def _where_it_differs(name: str, others: set[str], most: int) -> str:
    n_head = _n_shared(others)
    n_tail = _n_shared({other[n_head:][::-1] for other in others})
    end = len(name) - n_tail
    middle = shortened(name[n_head:end], max(2, most - 4))
    room = max(0, most - letters(middle) - 2)
    head = _beginning(name[:n_head], room - room // 2)
    tail = _beginning(name[end:][::-1], room // 2)[::-1]
    return f"{head.rstrip()}…{middle.strip()}…{tail.lstrip()}"


def _beginning(text: str, room: int) -> str:
    n = 0
    while n < len(text) and letters(text[: n + 1]) <= room:
        n += 1
    return text[:n]


def _n_shared(names: set[str]) -> int:
    """How many letters all names begin with alike."""
    n = 0
    for together in zip(*names, strict=False):
        if len(set(together)) > 1:
            break
        n += 1
    return n
