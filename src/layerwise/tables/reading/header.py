"""Where a table's rows begin: titles above the columns' names, the names, a second line of them.

The first lines are compared with those below, column by column. For each cell two chances are
weighed: that a name is such a cell, and that one more row of this column has it. Names that are
numbers are rare, but a number above words, or a word above numbers, is rarer still in a row. The
logarithms of the two's ratio are added up: above zero, a line is no row.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from layerwise.language import said
from layerwise.tables.reading.columns_below import DIGITS, ColumnBelow, kind_of_cell

_MOST_TITLES = 20
_MOST_NAMES = 3  # lines of them
_MOST_AGAIN = 0.2  # of the lines below that are a header again
_ROWS, _COLUMNS = 100, 200  # that the first lines are compared in
_MOST_ABOVE = _MOST_TITLES + _MOST_NAMES
MOST_LINES = _MOST_ABOVE + _ROWS + 1  # that are looked at
# Before any cell is looked at: how likely a first line is one of names, and a second one.
_FIRST_IS_LIKELY, _SECOND_IS_UNLIKELY = 3.0, -5.0
_FEWEST_BELOW = 3  # lines below a header with remarks above it
_CERTAIN = 8.0  # that a line is no row, by the kinds of its cells alone
_MOST, _MOST_OF_NUMBER, _MOST_OF_SECOND = 4.0, 7.0, 3.0  # that one column counts for
# The chance that a name, and that a cell of the second line of names, is of a kind.
_NAMES = {"text": 0.88, "mixed": 0.08, "number": 0.01, "empty": 0.1, "missing": 0.01}
_SECOND = {"text": 0.5, "mixed": 0.1, "number": 0.05, "empty": 0.35, "missing": 0.01}
_DECIMAL_NAME, _YEAR_NAME, _COUNTED_NAMES = 0.001, 0.05, 0.05
_ANOTHER_NUMBER, _ANOTHER_EMPTY = 0.2, 0.3
_YEARS = range(1700, 2201)
_COMMON_NAMES = re.compile(
    "id|names?|date|year|month|day|week|time|age|sex|gender|country|state|county|city|region|"
    "district|area|product|item|category|type|class|group|code|number|no|rank|title|label|text|"
    "value|price|amount|total|count|score|quality|quantity|status|source|url|description|address|"
    "lat|lon|latitude|longitude|population|이름|성명|번호|순번|날짜|일자|연도|년도|월|일|시간|나이|"
    "연령|성별|국가|지역|시도|시군구|구분|분류|종류|항목|제품|상품|가격|금액|수량|점수|등급|상태|"
    "주소|비고",
    re.IGNORECASE,
)
_RESPONSE = re.compile(r"(Open-Ended )?Response", re.IGNORECASE)
_UNIT = re.compile(
    r"[\[({].*[\])}]|.*[°%€$£¥₩²³µ/].*|[kmcµn]?[mglsJWVAN]|[kmc]?m\^?[23]|(Open-Ended )?Response|"
    r"units?|days?|hours?|years?|min|sec|hr|kph|mph|mi|ft|in|lbs?|oz|USD|EUR|GBP|JPY|KRW|k?cal|"
    r"hPa|ppm|원|천원|만원|억원|명|개|건|세|회|시간|분|초|년|월|일|단위",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Head:
    """The lines above the rows; lines are counted from 0 among those that are not empty.

    Attributes
    ----------
    titles : tuple of int
        Lines above the header.
    names : tuple of str or None
        The columns' names; None if the first line below the titles is a row.
    n_lines : int
        How many lines stand above the rows.
    notes : tuple of str
        What became of a second line of names.
    """

    titles: tuple[int, ...]
    names: tuple[str, ...] | None
    n_lines: int
    notes: tuple[str, ...] = ()


def find_head(records: Sequence[Sequence[str]], width: int) -> Head:
    """What the lines above the rows are.

    Parameters
    ----------
    records : sequence of sequences of str
        The first lines' cells, without lines that are empty.
    width : int
        How many cells most lines have.

    Examples
    --------
    >>> find_head([["Sales", ""], ["shop", "2023"], ["Ulm", "5.5"], ["Bonn", "7.5"]], 2)
    Head(titles=(0,), names=('shop', '2023'), n_lines=2, notes=())
    >>> find_head([["1", "5.5"], ["2", "7.5"]], 2).names is None
    True
    """
    top, rest = records[:_MOST_ABOVE], records[_MOST_ABOVE:MOST_LINES]
    # In a title, but seldom in a row, a space follows a comma.
    are_spaced = [len(row) > 1 and all(cell[:1] == " " for cell in row[1:]) for row in top]
    records = [*(list(map(str.strip, record)) for record in top), *rest]
    n_titles = _n_titles(records, width, are_spaced)
    n_titles, n_names = _below_remarks(records, n_titles, width)
    titles = tuple(range(n_titles))
    first = records[n_titles]
    below = _below(records, n_titles, len(first))
    if _likeness_to_names(first, below, _FIRST_IS_LIKELY) < 0:
        return Head(titles, None, n_titles)
    n_lines = n_titles + n_names
    while n_lines - n_titles < _MOST_NAMES and _is_second(records, n_lines, first, below):
        n_lines += 1
    names, notes = (first, ()) if n_lines == n_titles + 1 else _joined(first, records[n_titles + 1])
    return Head(titles, tuple(names), n_lines, notes)


def without_header(n_columns: int) -> tuple[list[str], str]:
    """The names of columns that have none, and why they have none."""
    names = [f"column_{number}" for number in range(1, n_columns + 1)]
    called: str = names[0]
    if len(names) > 1:
        called = said("{low} to {high}", low=names[0], high=names[-1])
    return names, said(
        "The first line holds values as the lines below it do, so it is a row; the columns are "
        "called {names}.",
        names=called,
    )


def title_problem(text: str) -> str:
    """Why a line above the header is not read.

    Examples
    --------
    >>> title_problem("Prices of 2024")
    'it stands above the header: "Prices of 2024"'
    """
    return said('it stands above the header: "{text}"', text=text[:60])


def _n_titles(records: Sequence[Sequence[str]], width: int, are_spaced: Sequence[bool]) -> int:
    """How many lines above the header are titles.

    They have another number of cells than the rows, or no cell but the first one or two is filled;
    and the line below them is a header.
    """
    most = 2 if width > 2 else 1
    if width == 1 or (
        len(records[0]) == width and not are_spaced[0] and sum(map(bool, records[0])) > most
    ):
        return 0
    n_filled = [sum(map(bool, map(str.strip, record))) for record in records]
    if not any(n_filled):
        return 0
    usual = sorted(filled for filled in n_filled if filled)[sum(map(bool, n_filled)) // 2]
    n = 0
    for record, filled, is_spaced in zip(
        records[:_MOST_TITLES], n_filled, are_spaced, strict=False
    ):
        is_padded = filled <= most and filled < usual and all(record[:filled])
        if len(record) == width and not is_padded and not is_spaced:
            break
        n += 1
    for last in range(min(n, len(records) - 1) - 1, -1, -1):
        above, below = records[last], records[last + 1]
        if len(below) != width or not any(below):
            continue
        if len(above) == 1 or not any(above):
            return last + 1
        # A line that has another number of cells, or few, may be the header all the same.
        is_over_names = all(name for name, cell in zip(below, above, strict=False) if cell)
        is_text = are_spaced[last] and not are_spaced[last + 1]
        if not is_over_names or n_filled[last + 1] + is_text <= n_filled[last]:
            continue
        if _likeness_to_names(below, _below(records, last + 1, width), 0.0) > 0:
            return last + 1
    return 0


def _below_remarks(records: Sequence[Sequence[str]], n_titles: int, width: int) -> tuple[int, int]:
    """How many lines are titles, and the header's least, where what seems to be it is remarks.

    These are words with gaps among them. The first line without a gap is the header, if it is
    no row; and so is the one above it, where names occur twice, which it tells apart. Where no
    column below is of numbers, words with gaps may as well be rows.
    """
    for k in range(n_titles + 2, min(_MOST_ABOVE, len(records) - _FEWEST_BELOW)):
        above, line = records[n_titles:k], records[k]
        if len(line) != width or any(
            kind_of_cell(cell) == "number" for one in above for cell in one
        ):
            break
        below = _below(records, k, width)
        used = [i for i, column in enumerate(below) if column.kinds["empty"] < column.n]
        if not all(line[i] for i in used):
            continue
        if any(all(i < len(one) and one[i] for i in used) for one in above):
            break
        if not any(2 * column.kinds["number"] > column.n for column in below):
            break
        if _likeness_to_names(line, below, 0.0) <= 0:
            break
        differ = len(set(filter(None, line))) == sum(map(bool, line))
        return (k, 1) if differ else (k - 1, 2)
    return n_titles, 1


def _below(records: Sequence[Sequence[str]], index: int, width: int) -> list[ColumnBelow]:
    """The columns below a line, without the next ones, which may be names too, if rows are left.

    Without the line itself, where it stands there again, but seldom, and none of its cells in
    another line: files with a header each.
    """
    line = records[index]
    rows = [
        record
        for record in records[index + 1 :]
        if len(record) == width and (record[0].strip() or any(map(str.strip, record)))
    ]
    if 0 < rows.count(line) <= _MOST_AGAIN * len(rows):
        others = [row for row in rows if row != line]
        if not any(
            cell and cell == name for row in others for cell, name in zip(row, line, strict=True)
        ):
            rows = others
    n_names = next(n for n in range(_MOST_NAMES - 1, -1, -1) if not n or len(rows) > 2 * n)
    return _columns(rows[n_names:], width)


def _columns(rows: Sequence[Sequence[str]], width: int) -> list[ColumnBelow]:
    cells = islice(zip(*rows[:_ROWS], strict=True), _COLUMNS)
    return [ColumnBelow(column) for column in cells] or [ColumnBelow(())] * min(width, _COLUMNS)


def _likeness_to_names(line: Sequence[str], below: Sequence[ColumnBelow], prior: float) -> float:
    """How much better a line is explained as names than as one more row; below 0 it is a row."""
    line = line[:_COLUMNS]
    kinds = [kind_of_cell(cell) for cell in line]
    chances = _chances_as_names(line, kinds)
    of_repeated = [
        min(-1.0, math.log(0.03 * column.n / column.counts[cell]))
        if kind in ("text", "mixed") and column.holds(cell)
        else 0.0
        for cell, kind, column in zip(line, kinds, below, strict=True)
    ]
    lowest = _lowest(prior + sum(of_repeated), kinds, chances, below)
    if lowest > 0:
        return lowest
    weights = [
        0.0
        if kind == "empty" and column.kinds[kind] == column.n
        else math.log(chance / column.chance(kind))
        for kind, chance, column in zip(kinds, chances, below, strict=True)
    ]
    total = prior + sum(max(-_MOST, min(_MOST, weight)) for weight in weights)
    if total > _CERTAIN:
        return total
    total = prior
    for i, (cell, kind, column) in enumerate(zip(line, kinds, below, strict=True)):
        of_cell = of_repeated[i]
        if not of_cell and kind in ("text", "mixed", "number"):
            of_cell = column.strangeness(cell) + 2.5 * bool(_COMMON_NAMES.fullmatch(cell))
        least = -_MOST_OF_NUMBER if kind == "number" else -_MOST
        total += max(least, min(_MOST, weights[i] + of_cell))
    return total


def _lowest(
    total: float, kinds: Sequence[str], chances: Sequence[float], below: Sequence[ColumnBelow]
) -> float:
    """The least that a total and the names come to: of kinds that all cells are, and not strange.

    Columns of figures, which have no words, are looked at too until it is above 0.
    """
    total += sum(map(math.log, chances))
    for kind, chance, column in zip(kinds, chances, below, strict=True):
        if total > 0:
            break
        if column.are_figures:
            weight = math.log(chance / column.chance(kind))
            total += min(_MOST, weight) - math.log(chance)
    return total


def _chances_as_names(line: Sequence[str], kinds: Sequence[str]) -> list[float]:
    """For each cell the chance that a name is of its kind, given those before it."""
    whole = _once([int(cell) for cell in line if cell.isdecimal() and len(cell) < 10])
    steps = {b - a for a, b in pairwise(whole)}
    are_years = all(number in _YEARS for number in whole)
    are_counted = len(whole) >= (2 if are_years else 3) and len(steps) == 1 and 0 not in steps
    chances = []
    before: Counter[str] = Counter()
    for place, (cell, kind) in enumerate(zip(line, kinds, strict=True)):
        chance = _NAMES[kind]
        shape = DIGITS.sub("0", cell) if kind == "number" else kind
        if shape == "0" and are_counted:
            chance = 1.0 if before[shape] else _COUNTED_NAMES
        elif kind == "number" and before[shape]:
            chance = _NAMES[kind] if cell in line[:place] else _ANOTHER_NUMBER
        elif shape == "0" and are_years:
            chance = _YEAR_NAME
        elif kind == "number" and "." in cell:
            chance = _DECIMAL_NAME
        elif kind == "empty" and before[shape]:
            chance = _ANOTHER_EMPTY
        before[shape] += 1
        chances.append(chance)
    return chances


def _once(numbers: Sequence[int]) -> Sequence[int]:
    """Numbers that come again and again, as years below several groups do, but once."""
    for n in range(2, len(numbers) // 2 + 1):
        if list(numbers[:n]) * (len(numbers) // n) == numbers:
            return numbers[:n]
    return numbers


def _is_second(
    records: Sequence[Sequence[str]],
    index: int,
    names: Sequence[str],
    below: Sequence[ColumnBelow],
) -> bool:
    """Whether a line below the header belongs to it: units, or answers below their questions."""
    if index >= len(records) - 1 or len(records[index]) != len(names):
        return False
    cells = records[index][:_COLUMNS]
    kinds = [kind_of_cell(cell) for cell in cells]
    if not _may_be_second(cells, kinds, names, below):
        return False
    columns = list(zip(kinds, cells, names, below, strict=False))
    most = [_most_as_second(*column) for column in columns]
    left = _MOST_OF_SECOND + sum(most)
    total, emptiness, n_words = _SECOND_IS_UNLIKELY, 0.0, 0
    for (kind, cell, name, column), most_of_it in zip(columns, most, strict=True):
        if total + left <= 0:
            return False
        left -= most_of_it
        weight = math.log(_SECOND[kind] / column.chance(kind))
        if kind == "empty":
            emptiness += weight if column.kinds[kind] < column.n else 0.0
            continue
        is_like_others = column.counts[cell] and len(column.counts) > 1 + ("" in column.counts)
        if is_like_others:
            weight += min(-1.0, math.log(0.1 * column.n / column.counts[cell]))
        elif not column.counts[cell]:
            if column.has_number_like(cell, kind):
                return False
            weight += min(1.0, column.strangeness(cell) - 1.0) + 2.0 * bool(_UNIT.fullmatch(cell))
        weight += 0.0 if name else 1.5
        n_words += kind in ("text", "mixed") and weight > 0
        total += max(-_MOST_OF_SECOND, min(_MOST_OF_SECOND, weight))
    # Cells are missing together: many say no more than one.
    total += max(-_MOST_OF_SECOND, min(_MOST_OF_SECOND, emptiness))
    return n_words > 0 and total > 0


def _may_be_second(
    cells: Sequence[str], kinds: Sequence[str], names: Sequence[str], below: Sequence[ColumnBelow]
) -> bool:
    """Whether `_is_second` may be so: a quick no for most.

    It is likely enough were all cells that no row has as strange as can be; numbers tell it first.
    """
    if "text" not in kinds and "mixed" not in kinds:
        return False
    columns = list(zip(kinds, cells, names, below, strict=False))
    total = _SECOND_IS_UNLIKELY + _MOST_OF_SECOND * (1 + len(columns))
    for column in sorted(columns, key=lambda column: column[0] != "number"):
        total += _most_as_second(*column) - _MOST_OF_SECOND
        if total <= 0:
            return False
    return True


def _most_as_second(kind: str, cell: str, name: str, column: ColumnBelow) -> float:
    """What a cell counts for, at most, for a second line of names; empty ones count together."""
    if kind == "empty":
        return 0.0
    weight = math.log(_SECOND[kind] / column.chance(kind)) + (0.0 if name else 1.5)
    weight += 0.0 if column.holds(cell) else 1.0 + 2.0 * bool(_UNIT.fullmatch(cell))
    return max(-_MOST_OF_SECOND, min(_MOST_OF_SECOND, weight))


def _joined(first: Sequence[str], second: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that two lines give, and what is to be said of the second one."""
    if all(first) and len(set(first)) == len(first):
        shown = ", ".join(f'"{cell}"' for cell in dict.fromkeys(second) if cell)
        told = said(
            "The line below the header holds no values ({cells}); it is left out.",
            cells=shown[:60],
        )
        return tuple(first), (told,)
    names, group = [], ""
    for j, (name, part) in enumerate(zip(first, second, strict=True)):
        group = name or group
        is_of_several = not name or not all(first[j : j + 2]) or first.count(name) > 1
        says_more = part not in ("", name) and not _RESPONSE.fullmatch(part)
        names.append(f"{group}: {part}" if is_of_several and group and says_more else name or part)
    example = next((name for name in names if ": " in name), names[0])
    told = said(
        'The header has two lines; they are joined, as in "{example}".', example=example[:60]
    )
    return tuple(names), (told,)
