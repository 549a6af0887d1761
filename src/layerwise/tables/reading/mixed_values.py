"""Columns of a database without types of its own, whose cells came as several: SQLite's."""

import math
import struct
from collections.abc import Sequence
from itertools import islice

from layerwise.language import said, said_count
from layerwise.tables.parsing.missing import MISSING_WORDS
from layerwise.tables.parsing.typed import is_value

# How NumPy writes numbers, and between which sizes they are told from those of another form.
_FORMS = {"<q": (0, 2**53), "<d": (1e-100, 1e100), "<i": (0, 2**24), "<f": (1e-30, 1e30)}


class Mixture:
    """What the cells of a column came as, and what they are read as.

    Bytes (a BLOB) are the text that they spell, or the number that NumPy wrote: 8 bytes of an
    integer, 8 or 4 of a fraction. Text among numbers is a number, or missing, where it says so.

    Examples
    --------
    >>> column = Mixture()
    >>> column.decoded([(3).to_bytes(8, "little"), 2.5, "4", "n/a", None])
    [3, 2.5, 4, None, None]
    >>> column.notes("n")
    ['Column "n" holds 1 number as bytes (a BLOB), as NumPy writes them; they are read as numbers.']
    >>> column.decoded([1, "dear"])
    [1, 'dear']
    >>> column.notes("n")[1]
    'Column "n" holds 1 cell of text among numbers, such as "dear"; it is read as text.'
    """

    def __init__(self) -> None:
        self._n_numbers = self._n_numbers_as_bytes = self._n_texts = self._n_bytes = 0
        self._texts: dict[str, None] = {}

    def decoded(self, values: Sequence[object]) -> Sequence[object]:
        """Some cells of the column as what they are."""
        types = set(map(type, values)) - {type(None)}
        if len(types) < 2 and bytes not in types:
            self._count(values)
            return values
        found = list(values)
        if bytes in types:
            found = self._without_bytes(found)
        if {str, int} <= (types := set(map(type, found))) or {str, float} <= types:
            texts = [one for one in found if isinstance(one, str)]
            answers = [text for text in texts if text.strip().lower() not in MISSING_WORDS | {""}]
            if all(is_value(text) and _is_number(text) for text in answers):
                found = [_number(one) if isinstance(one, str) else one for one in found]
        self._count(found)
        return found

    def notes(self, name: str) -> list[str]:
        """What a user of the column may not expect."""
        found: list[str] = []
        if self._n_numbers_as_bytes:
            found.append(
                said(
                    'Column "{name}" holds {numbers} as bytes (a BLOB), as NumPy writes them; they '
                    "are read as numbers.",
                    name=name,
                    numbers=said_count(self._n_numbers_as_bytes, "number"),
                )
            )
        if self._n_bytes:
            found.append(
                said(
                    'Column "{name}" holds {cells} of bytes (a BLOB) that are no text and no '
                    "number; they are read as their digits in base 16.",
                    name=name,
                    cells=said_count(self._n_bytes, "cell"),
                )
            )
        if self._n_texts and self._n_numbers:
            shown = ", ".join(f'"{text}"' for text in islice(self._texts, 3))
            found.append(
                said(
                    'Column "{name}" holds {cells} of text among numbers, such as {examples}; it '
                    "is read as text.",
                    name=name,
                    cells=said_count(self._n_texts, "cell"),
                    examples=shown,
                )
            )
        return found

    def _count(self, values: Sequence[object]) -> None:
        texts = [one for one in values if isinstance(one, str)]
        self._n_texts += len(texts)
        self._n_numbers += sum(type(one) in (int, float) for one in values)
        for text in islice(texts, 3 if len(self._texts) < 3 else 0):
            self._texts[text[:30]] = None

    def _without_bytes(self, values: Sequence[object]) -> list[object]:
        """Texts, or the numbers that all bytes of these cells can be, or what came."""
        cells = [one for one in values if isinstance(one, bytes)]
        texts = [_text(cell) for cell in cells]
        if all(text is not None for text in texts):
            are_numbers = all(is_value(text or "") and _is_number(text or "") for text in texts)
            as_texts = iter([_number(text or "") for text in texts] if are_numbers else texts)
            return [next(as_texts) if isinstance(one, bytes) else one for one in values]
        numbers = next(filter(None, (_numbers(form, cells) for form in _FORMS)), None)
        if numbers is None:
            self._n_bytes += len(cells)
            return list(values)
        self._n_numbers_as_bytes += len(cells)
        read = iter(numbers)
        return [next(read) if isinstance(one, bytes) else one for one in values]


def _text(cell: bytes) -> str | None:
    try:
        text = cell.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() and text else None


def _numbers(form: str, cells: Sequence[bytes]) -> list[int | float] | None:
    """The numbers of one form that all cells can be: of this length, and of a usual size."""
    if any(len(cell) != struct.calcsize(form) for cell in cells):
        return None
    numbers = [struct.unpack(form, cell)[0] for cell in cells]
    least, most = _FORMS[form]
    return numbers if all(not one or least <= abs(one) <= most for one in numbers) else None


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _number(text: str) -> float | int | None:
    if not _is_number(text):
        return None
    number = float(text)
    return int(text) if text.strip().lstrip("-").isdecimal() else number


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
