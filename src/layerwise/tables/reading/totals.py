"""Rows at the end that add up the rows above them: Total, 합계, an average."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.parsing import find_number_reading, parse_numbers

__all__ = ["TAIL", "find_totals", "n_possible", "total_problem"]

TAIL = 8  # of the last rows, in which totals are looked for
_MOST = 3
_LEAST_WITHOUT_WORD = 3  # rows
_WORD = re.compile(
    r"(?P<sum>(?:grand |sub[- ]?)?totals?(?: (?:général|general))?|sums?|all|overall|합계|총계|계|"
    r"합|총합|총합계|소계|누계|전체|(?:gesamt|end)?summe|(?:ins)?gesamt|somme|suma|totale|totaal|"
    r"итого|всего|сумма|合计|总计|小计|合計|総計|小計|計)|"
    r"(?P<mean>averages?|avg\.?|means?|평균|durchschnitt|mittelwert|mittel|moyenne|promedio|media|"
    r"médias?|gemiddelde|среднее|平均|平均值)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Numbers:
    """A column's numbers above a row, which are not missing, and the row's own."""

    above: NDArray[np.float64]
    total: float
    half_digit: float

    @property
    def is_sum(self) -> bool:
        """Whether it is the sum, and the column has more than one number that it is made of."""
        off = self.half_digit * (1.01 + np.sqrt(len(self.above)))
        return bool(
            np.count_nonzero(self.above) > 1
            and abs(self.total - self.above.sum()) <= off + 1e-9 * np.abs(self.above).sum()
        )

    @property
    def is_mean(self) -> bool:
        """Whether it is the mean of numbers that differ."""
        return bool(
            np.ptp(self.above) > 0 and abs(self.total - self.above.mean()) <= 2.02 * self.half_digit
        )

    @property
    def is_about_sum(self) -> bool:
        """Whether it is as large as a sum of which some parts are missing or rounded."""
        largest, added = self.above.max(), self.above.sum()
        return bool(len(self.above) > 1 and self.total > largest > 0
                    and added / 2 <= self.total <= 2 * added)  # fmt: skip


def n_possible(tail: Sequence[Sequence[str]]) -> int:
    """How many of a table's last rows have to be looked at; 0 where none can be a total.

    Examples
    --------
    >>> n_possible([["Ulm", "5"], ["Bonn", "7"], ["Total", "12"], ["", ""]])
    2
    >>> n_possible([["Ulm", "5"], ["Bonn", "7"]])
    0
    """
    end = len(tail)
    while end and not any(cell.strip() for cell in tail[end - 1]):
        end -= 1
    start = end
    while start and end - start < _MOST and _may_be_total(tail[start - 1]):
        start -= 1
    return len(tail) - start if start < end else 0


def _may_be_total(row: Sequence[str]) -> bool:
    has_number = any(map(str.isdigit, "".join(row)))
    return has_number and (not row[0].strip() or _word(row) is not None)


def _word(row: Sequence[str]) -> re.Match[str] | None:
    """The word for a total, where a cell before the first number is one."""
    for cell in row:
        label = cell.strip(" \t*:.-=()[]")
        if found := _WORD.fullmatch(label):
            return found
        if any(map(str.isdigit, label)):
            return None
    return None


def find_totals(above: Sequence[pa.Array | pa.ChunkedArray], tail: Sequence[Sequence[str]]) -> int:
    """How many of the last rows are totals, or empty ones below them.

    A row is one if it has a word for it that stands in no row above and its numbers are, or may be,
    the sum or the mean of those above; or else if nothing but sums stands in it.

    Parameters
    ----------
    above : sequence of pyarrow arrays of text
        The columns, without these rows.
    tail : sequence of sequences of str
        The last rows, as many as `n_possible` says.

    Examples
    --------
    >>> find_totals([pa.array(["Ulm", "Bonn"]), pa.array(["5.5", "7"])], [["Total", "12.5"]])
    1
    """
    for start in range(len(tail)):
        rows = [row for row in tail[start:] if any(cell.strip() for cell in row)]
        between = [pa.array(cells, pa.string()) for cells in zip(*tail[:start], strict=True)]
        columns = [
            pa.chunked_array([*_chunks(column), *between[i : i + 1]], pa.string())
            for i, column in enumerate(above)
        ]
        if rows and all(_is_total(columns, row) for row in rows):
            return len(tail) - start
    return 0


def total_problem(row: Sequence[str]) -> str:
    """Why a row is not read, with some of its cells."""
    shown = ", ".join(f'"{cell.strip()}"' for cell in row if cell.strip())
    return f"it is a total of the rows above it ({shown[:60]}); --keep-total keeps it"


def _chunks(column: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return [chunk.cast(pa.string()) for chunk in chunks]


def _is_total(above: Sequence[pa.ChunkedArray], row: Sequence[str]) -> bool:
    word = _word(row)
    numbers = [
        found
        for column, cell in zip(above, row, strict=True)
        if any(map(str.isdigit, cell)) and (found := _numbers(column, cell)) is not None
    ]
    if not numbers:
        return False
    if word is None:
        n_rows = len(above[0])
        return n_rows >= _LEAST_WITHOUT_WORD and all(
            one.is_sum and one.total > one.above.max() for one in numbers
        )
    place = next(i for i, cell in enumerate(row) if cell and word[0] in cell)
    if any(_WORD.fullmatch(str(cell).strip()) for cell in above[place].unique().to_pylist()):
        return False
    if any(one.is_sum or one.is_mean for one in numbers):
        return True
    return word["sum"] is not None and all(one.is_about_sum for one in numbers)


def _numbers(column: pa.ChunkedArray, cell: str) -> _Numbers | None:
    reading = find_number_reading(column)
    if reading is None:
        return None
    above, _ = parse_numbers(column, reading)
    above = above[np.isfinite(above)]
    total = parse_numbers(pa.array([cell]), reading)[0][0]
    if not len(above) or not np.isfinite(total):
        return None
    fraction = re.search(rf"{re.escape(reading.decimal)}(\d+)\D*$", cell)
    return _Numbers(above, float(total), 0.5 * 10.0 ** -(len(fraction[1]) if fraction else 0))
