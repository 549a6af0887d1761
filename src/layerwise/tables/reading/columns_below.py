"""The columns below a line that may be one of names: what their cells are, and how rare others.

Most columns are of figures or of words, which is told of all their cells at once.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from layerwise.tables.parsing.missing import MISSING_WORDS
from layerwise.tables.parsing.typed import is_value

KINDS = ("text", "mixed", "number", "empty", "missing")
DIGITS, _LETTER = re.compile(r"\d+"), re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*")
_NUMBERS = re.compile(r"(?:(?:-?\d+(?:\.\d*)?)?(?:\n|$))*")
_FEW = 8  # cells, among which one that comes but once says something
_AS_ZERO = str.maketrans("123456789", "000000000")
# What may stand in a cell of figures; and a line of them that is none.
_FIGURES = dict.fromkeys(b"0123456789.,:/$%+-\n")
_NO_FIGURE = re.compile(r"^[^\d\n]+$", re.MULTILINE)


class ColumnBelow:
    """The cells of a column, and how rare another one would be.

    Parameters
    ----------
    cells : sequence of str

    Examples
    --------
    >>> column = ColumnBelow(["5.5", "7.25", "", "12"])
    >>> column.kinds["number"], column.chance("text"), column.has_number_like("8.5", "number")
    (3, 0.08333333333333333, True)
    """

    def __init__(self, cells: Sequence[str]) -> None:
        self.n = len(cells)
        self._written = cells

    @cached_property
    def _lines(self) -> str:
        return "\n".join(self._written)

    @cached_property
    def are_figures(self) -> bool:
        """Whether all but empty cells are surely of the kind "number", and no space is around."""
        if next(filter(None, self._written), "").translate(_FIGURES):
            return False
        lines = self._lines
        are_lines = lines.count("\n") < max(1, self.n)
        return are_lines and not lines.translate(_FIGURES) and not _NO_FIGURE.search(lines)

    @cached_property
    def are_words(self) -> bool:
        """Whether all but empty cells are surely of the kind "text" and begin with a letter."""
        return not self.are_figures and _are_words(set(self.cells))

    @cached_property
    def cells(self) -> Sequence[str]:
        """Without the space around them."""
        return self._written if self.are_figures else list(map(str.strip, self._written))

    @cached_property
    def counts(self) -> Counter[str]:
        """How many cells hold the same."""
        return Counter(self.cells)

    @cached_property
    def kinds(self) -> dict[str, int]:
        """How many cells are of each kind."""
        kinds = dict.fromkeys(KINDS, 0)
        if self.are_figures or self.are_words:
            kinds["empty"] = self.cells.count("")
            kinds["number" if self.are_figures else "text"] = self.n - kinds["empty"]
            return kinds
        for cell, count in self.counts.items():
            kinds[kind_of_cell(cell)] += count
        return kinds

    def holds(self, cell: str) -> bool:
        """Whether it has such a cell."""
        return cell in self._lines and cell in self.cells

    @cached_property
    def _features(self) -> list[Counter[object]]:
        if self.are_figures:  # which have a shape alone
            shapes = Counter(_shapes("\n".join(filter(None, self.cells))).split("\n"))
            plain = _features("0")[:-1]
            return [*(Counter({one: shapes.total()}) for one in plain), Counter(shapes)]
        if self.are_words:
            words = list(filter(None, self.cells))
            letters: Counter[object] = Counter()
            for initial, count in Counter([word[0] for word in words]).items():
                letters[_letter(initial)] += count
            are_upper: Counter[object] = Counter(
                [len(word) > 1 and word.isupper() for word in words]
            )
            signs = [Counter[object]([sign in word for word in words]) for sign in (" ", "_")]
            return [letters, are_upper, *signs, Counter({None: len(words)})]
        found: list[Counter[object]] = [Counter() for _ in _features("")]
        for cell, count in self.counts.items():
            for feature, counts in zip(_features(cell) if cell else (), found, strict=False):
                counts[feature] += count
        return found

    @cached_property
    def _numbers(self) -> list[float]:
        if self.are_figures and _NUMBERS.fullmatch(self._lines):
            return list(map(float, filter(None, self.counts)))
        return [number for cell in self.counts if (number := _number(cell)) is not None]

    def chance(self, kind: str) -> float:
        """That a row's cell is of this kind."""
        return (self.kinds[kind] + 0.5) / (self.n + 2)

    def has_number_like(self, cell: str, kind: str) -> bool:
        """Whether a cell is one more of its numbers."""
        is_new = kind == "number" and not self.holds(cell)
        return is_new and self.kinds[kind] > self.n / 2 and self.strangeness(cell) < 1

    def strangeness(self, cell: str) -> float:
        """How much more often a name is like this cell than a cell of the column is, at least 0."""
        n = self.n - self.counts[""]
        if not n:
            return 0.0
        if self.are_figures and n > _FEW and _LETTER.search(cell):
            return math.log(n + 1)  # as no cell has a letter, than which nothing is stranger
        found = [
            0.5 * (n + 1) / (counts[feature] + 0.5)
            for counts, feature in zip(self._features, _features(cell), strict=True)
        ]
        number = _number(cell)
        if number is None:
            # Good (1953): a value never seen before is as likely as those seen once are many.
            n_single = list(self.counts.values()).count(1)
            found.append(0.9 * (n + 2) / (n_single + 1))
            lengths = set(map(len, filter(None, self.counts)))
            if not min(lengths) <= len(cell) <= max(lengths):
                found.append(0.2 * (n + 1))
        elif self._numbers:
            # The first of numbers in order lies outside too, but not far.
            least, most = min(self._numbers), max(self._numbers)
            if abs(2 * number - least - most) > 3 * (most - least):
                found.append(0.25 * (n + 1))
        return max(0.0, math.log(max(found)))


def _are_words(cells: set[str]) -> bool:
    """Whether all cells but an empty one are surely of the kind "text"."""
    return (
        "".join([cell[:1] for cell in cells]).isalpha()
        and not _has_digit("\n".join(cells))
        and MISSING_WORDS.isdisjoint(map(str.lower, cells))
    )


def _has_digit(text: str) -> bool:
    if not text.isascii():
        return DIGITS.search(text) is not None
    return len(text.encode().translate(None, b"0123456789")) < len(text)


def kind_of_cell(cell: str) -> str:
    """What a cell looks like: "empty", "missing", "number", "mixed" or "text"."""
    if not cell:
        return "empty"
    if cell.isalpha():
        return "missing" if cell.lower() in MISSING_WORDS else "text"
    if cell.isdecimal():
        return "number"
    begins = cell[0].isalpha()
    has_letter = begins or _LETTER.search(cell)
    if DIGITS.search(cell):
        return "mixed" if begins or (has_letter and not is_value(cell)) else "number"
    return "text" if has_letter and cell.lower() not in MISSING_WORDS else "missing"


def _shapes(figures: str) -> str:
    """Figures with a zero for each number of digits."""
    shapes = figures.translate(_AS_ZERO)
    while "00" in shapes:
        shapes = shapes.replace("00", "0")
    return shapes


def _features(cell: str) -> tuple[object, ...]:
    if cell.isdecimal():
        return None, False, False, False, "0"
    letter = _LETTER.search(cell)
    return (
        letter and _letter(letter[0]),
        len(cell) > 1 and cell.isupper(),
        " " in cell,
        "_" in cell,
        None if letter else DIGITS.sub("0", cell),
    )


def _letter(letter: str) -> tuple[bool, bool, bool]:
    return letter.islower(), letter.isupper(), letter.isascii()


def _number(cell: str) -> float | None:
    if cell.isdecimal():
        return float(cell)
    return float(cell.replace(",", "")) if _NUMBER.fullmatch(cell) else None
