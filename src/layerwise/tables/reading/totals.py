"""Rows at a table's ends that are none of it: totals such as Total, 합계, an average; footnotes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layerwise.arrays import Floats
from layerwise.language import message, said
from layerwise.tables.parsing import (
    Reading,
    find_number_reading,
    find_plain_numbers,
    may_be_number,
    parse_numbers,
)
from layerwise.tables.parsing.amounts import take_apart

TAIL = 20  # of the last rows, in which totals and footnotes are looked for
_MOST = 3
_LEAST_WITHOUT_WORD = 3  # rows
_WORD = re.compile(
    r"(?P<sum>(?:grand |sub[- ]?)?totals?(?: (?:général|general))?|sums?|all|overall|합계|총계|계|"
    r"합|총합|총합계|소계|누계|전체|(?:gesamt|end)?summe|(?:ins)?gesamt|somme|suma|totale|totaal|"
    r"итого|всего|сумма|合计|总计|小计|合計|総計|小計|計)|"
    r"(?P<mean>annual|yearly|연간|연평균|averages?|avg\.?|means?|평균|durchschnitt|mittelwert|mittel|moyenne|promedio|media|"
    r"médias?|gemiddelde|среднее|平均|平均值)",
    re.IGNORECASE,
)
_SHARE = re.compile(r"(\d+(?:\.\d+)?) ?%")
_NOTE = re.compile(
    r"(?:(?:data )?sources?|(?:foot)?notes?|n\.?b\.?|remarks?|(?:last )?updated|quellen?|hinweise?|"
    r"anmerkung(?:en)?|fuentes?|notas?|주|주석|자료|출처|비고|참고|注|注記|資料|出典|来源|备注)\b.{0,20}?[:：]|"
    r"[*†‡§※©¹²³]|\[\w{1,3}\] ?\w|\(\w{1,2}\) \w|\d{1,2}\) \w",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Numbers:
    """A column's numbers above a row, which are not missing, and the row's own."""

    above: Floats
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


def may_have_outsiders(
    first: Sequence[str], tail: Sequence[Sequence[str]], *, keep_total: bool = False
) -> bool:
    """Whether a table whose first and last rows these are has to be looked at whole.

    Examples
    --------
    >>> may_have_outsiders(["Ulm", "5"], [["Ulm", "5"], ["Bonn", "7"]])
    False
    >>> may_have_outsiders(["Ulm", "5"], [["Ulm", "5"], ["Bonn", "7"], ["Source: the city", ""]])
    True
    """
    n_notes = _n_notes(tail)
    if n_notes or keep_total:
        return n_notes > 0
    return n_possible(tail) > 0 or (_word(first) is not None and _may_be_total(first))


def find_outsiders(
    columns: Sequence[pa.Array | pa.ChunkedArray], *, keep_total: bool = False
) -> dict[int, str]:
    """The rows at both ends of a table that are none of it, by their places, and why they are not.

    These are totals, in the first row or at the end; footnotes, of which the first cell alone holds
    something, where that begins as notes do, or an empty row parts them from the others; and
    empty rows among them, which nothing is said of.

    Parameters
    ----------
    columns : sequence of pyarrow arrays of text, each of shape (n,)
    keep_total : bool
        Whether totals are rows.

    Examples
    --------
    >>> names = ["Total", "Ulm", "Bonn", "Source: the city"]
    >>> for place, why in find_outsiders([pa.array(names), pa.array(["12", "5", "7", ""])]).items():
    ...     print(place, why)
    3 it stands below the rows: "Source: the city"
    0 it is a total of the rows below it ("Total", "12"); --keep-total keeps it
    """
    n = len(columns[0])
    tail = _rows(columns, max(0, n - TAIL), n)
    n_notes = _n_notes(tail)
    if n_notes and not _NOTE.match(next(row[0] for row in tail[len(tail) - n_notes :] if row[0])):
        above = [column.slice(0, n - n_notes) for column in columns]
        n_notes = 0 if _has_rows_of_one_cell(above) else n_notes
    notes = [row[0].strip() for row in tail[len(tail) - n_notes :]]
    told = [
        said('it stands below the rows: "{text}"', text=note[:60]) if note else "" for note in notes
    ]
    why = dict(enumerate(told, n - n_notes))
    if keep_total:
        return why
    end = n - n_notes
    tail = tail[: len(tail) - n_notes]
    n_last = n_possible(tail)
    first = _rows(columns, 0, 1)[0]
    has_first = end > 2 and _word(first) is not None and _may_be_total(first)
    if 0 < n_last < end:
        above = [column.slice(0, end - n_last) for column in columns]
        n_totals = find_totals(above, tail[len(tail) - n_last :])
        if not n_totals and has_first:  # which may be one too
            n_totals = find_totals([column.slice(1) for column in above], tail[-n_last:])
        for i, row in enumerate(tail[len(tail) - n_totals :], end - n_totals):
            why[i] = _total_problem(row, "above") if any(row) else ""
        end -= n_totals
    if has_first and find_totals([column.slice(1, end - 1) for column in columns], [first]):
        why[0] = _total_problem(first, "below")
    return why


def last_rows(columns: Sequence[pa.Array | pa.ChunkedArray]) -> list[tuple[str, ...]]:
    """The last rows, by which `may_have_outsiders` tells: of most tables the last one is enough.

    Examples
    --------
    >>> last_rows([pa.array(["Ulm", "Bonn"]), pa.array(["5", "7"])])
    [('Bonn', '7')]
    >>> last_rows([pa.array(["Ulm", "Source: the city"]), pa.array(["5", None])])
    [('Ulm', '5'), ('Source: the city', '')]
    """
    n = len(columns[0])
    last = tuple(column[n - 1].as_py() or "" for column in columns)
    return [last] if any(map(str.strip, last[1:])) else _rows(columns, max(0, n - TAIL), n)


def _rows(
    columns: Sequence[pa.Array | pa.ChunkedArray], start: int, end: int
) -> list[tuple[str, ...]]:
    cells = (column.slice(start, end - start).to_pylist() for column in columns)
    return list(zip(*([cell or "" for cell in column] for column in cells), strict=True))


def _n_notes(tail: Sequence[Sequence[str]]) -> int:
    """How many of the last rows may be footnotes, with empty ones above, among and below them."""
    start = len(tail)
    while start and len(tail[0]) > 1 and not any(map(str.strip, tail[start - 1][1:])):
        start -= 1
    last = tail[start:]
    texts = [row[0].strip() for row in last]
    is_parted = bool(texts) and not texts[0]
    first = next(filter(None, texts), "")
    return len(last) if first and (is_parted or _NOTE.match(first)) else 0


def _has_rows_of_one_cell(columns: Sequence[pa.Array | pa.ChunkedArray]) -> bool:
    """Whether there are rows of which the first cell alone holds something, or nothing at all."""
    is_alone = pa.chunked_array([pa.array(np.ones(len(columns[0]), bool))])
    for column in columns[1:]:
        text = column.cast(pa.string())
        is_empty = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text), ""), True)
        is_alone = pc.and_(is_alone, is_empty)
        if not pc.any(is_alone).as_py():
            return False
    return True


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


def _total_problem(row: Sequence[str], where: str) -> str:
    """Why a row is not read, with some of its cells."""
    shown = ", ".join(f'"{cell.strip()}"' for cell in row if cell.strip())
    template = {
        "above": message("it is a total of the rows above it ({cells}); --keep-total keeps it"),
        "below": message("it is a total of the rows below it ({cells}); --keep-total keeps it"),
    }
    return said(template[where], cells=shown[:60])


def _chunks(column: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return [chunk.cast(pa.string()) for chunk in chunks]


def _is_total(above: Sequence[pa.ChunkedArray], row: Sequence[str]) -> bool:
    word = _word(row)
    if word is None:
        # Columns are read until a number is no sum; a share below another one is none at once.
        if any(_is_lower_share(column, cell) for column, cell in zip(above, row, strict=True)):
            return False
        n_sums, n_filled = 0, sum(bool(cell.strip()) for cell in row)
        for one in _numbers(above, row) if len(above[0]) >= _LEAST_WITHOUT_WORD else ():
            if not (one.is_sum and one.total > one.above.max()):
                return False
            n_sums += 1
        return 0 < n_sums == n_filled
    place = next(i for i, cell in enumerate(row) if cell and word[0] in cell)
    if any(_WORD.fullmatch(str(cell).strip()) for cell in above[place].unique().to_pylist()):
        return False
    are_about = word["sum"] is not None
    n_numbers = 0
    for one in _numbers(above, row):
        if one.is_sum or one.is_mean:
            return True
        are_about &= one.is_about_sum
        n_numbers += 1
    return n_numbers > 0 and are_about


def _is_lower_share(above: pa.ChunkedArray, cell: str) -> bool:
    """Whether a cell is a percentage, and no more than one of the last above it."""
    share = _SHARE.fullmatch(cell)
    last = above.slice(max(0, len(above) - TAIL)).to_pylist() if share else []
    others = (_SHARE.fullmatch(one) for one in last if one)
    return any(share and other and float(share[1]) <= float(other[1]) for other in others)


def _numbers(above: Sequence[pa.ChunkedArray], row: Sequence[str]) -> Iterator[_Numbers]:
    """The numbers of a row and of the columns above it; first those that are quickly told."""
    others = []
    for column, cell in zip(above, row, strict=True):
        if not any(map(str.isdigit, cell)):
            continue
        if (plain := find_plain_numbers(column)) is None:
            others.append((column, cell))
        elif found := _beside(plain, Reading(), cell):
            yield found
    for column, cell in sorted(others, key=lambda other: take_apart(other[1]) is None):
        if not may_be_number(cell) or (reading := find_number_reading(column)) is None:
            continue
        if found := _beside(parse_numbers(column, reading)[0], reading, cell):
            yield found


def _beside(above: Floats, reading: Reading, cell: str) -> _Numbers | None:
    above = above[np.isfinite(above)]
    total = parse_numbers(pa.array([cell]), reading)[0][0]
    if not len(above) or not np.isfinite(total):
        return None
    fraction = re.search(rf"{re.escape(reading.decimal)}(\d+)\D*$", cell)
    return _Numbers(above, float(total), 0.5 * 10.0 ** -(len(fraction[1]) if fraction else 0))
