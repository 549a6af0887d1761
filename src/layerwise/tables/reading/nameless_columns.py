"""A header that lacks a name, or ends with delimiters: rows with a cell more, or with fewer.

Where a cell is more, it is the first, as R writes rows' names, or the last.

An unquoted comma within a cell ("Smith, John", 1,000) gives rows a cell more as well. Where it may
be one, the header stays as it is and the file is refused: a wrong reading is worse.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from layerwise.language import said
from layerwise.tables.parsing.typed import is_value
from layerwise.tables.reading.header import Head, find_head
from layerwise.tables.reading.record_splits import NEARLY_ALL, Split
from layerwise.tables.row_names import is_named_like_a_count, is_named_like_an_id, words_of

# What may be called so is a name of its row, or counts: a first column of such a name needs none
# before it.
_OF_ROWS = frozenset([
    "address", "author", "brand", "car", "city", "company", "country", "county", "customer", "day",
    "district", "employee", "epoch", "hour", "item", "label", "location", "model", "month", "name",
    "names", "number", "order", "patient", "period", "person", "place", "player", "product", "rank",
    "region", "round", "school", "state", "step", "store", "street", "student", "subject", "team",
    "title", "town", "trial", "user", "week",
    "가게", "고객", "교수", "국가", "나라", "도시", "매장", "모델", "상품", "상호", "선수", "성명",
    "순위", "순번", "시군구", "시도", "연번", "월", "이름", "일", "작가", "저자", "제목", "제품",
    "종목", "주소", "지역", "직원", "차수", "팀", "품명", "품목", "학교", "학생", "회사", "회차",
])  # fmt: skip
_OF_ROWS_ENDS = ("명", "이름", "주소", "제목")
_WHOLE, _FIGURES, _FRACTION = re.compile(r"-?\d+"), re.compile(r"\d+"), re.compile(r"0\d+")
_MOST_BEFORE_THOUSANDS, _THOUSANDS = 3, 3  # digits


def with_nameless(split: Split, head: Head, lines: Sequence[str]) -> Head:
    r"""The header where rows have a cell more than it has names, or not those at its empty end.

    It stays as it is where it is not sure which column has no name.

    Parameters
    ----------
    split : Split
    head : Head
        As `find_head` finds it in the split's records.
    lines : sequence of str
        Those that were split.

    Examples
    --------
    >>> from layerwise.tables.reading.record_splits import find_splits
    >>> def names(text):
    ...     (split,) = find_splits(text, ",")
    ...     head = find_head(split.records, split.width)
    ...     return with_nameless(split, head, text.split("\n")).names
    >>> names("mpg,cyl\nMazda,21.0,6\nFiat,32.4,4\n")
    ('', 'mpg', 'cyl')
    >>> names("name,price\nMazda,21,000\nFiat,32,400\n")
    ('name', 'price')
    >>> names("mpg,cyl,,\n21.0,6\n32.4,4\n")
    ('mpg', 'cyl')
    """
    first, below = split.records[len(head.titles)], split.records[head.n_lines :]
    if (narrow := _without_its_end(first, below)) is not None:
        rows = [row for row in below if len(row) == len(narrow)]
        return _with_names(head, narrow, rows) or head
    places = [place for place, row in enumerate(below) if len(row) == len(first) + 1]
    rows = [below[place] for place in places]
    numbers = (split.first_lines[head.n_lines :][places] - 1).tolist()
    are_quoted = all(number < len(lines) and lines[number][:1] == '"' for number in numbers)
    is_title = len(first) == 1 or all(cell[:1] == " " for cell in first[1:])
    if is_title or len(rows) < NEARLY_ALL * len(below):
        return head
    notes = head.notes
    if not any(row[-1].strip() for row in rows):
        padded = [*first, ""]
    elif not _names_rows(first[0]) and _begin_with_names(rows, are_quoted):
        padded = ["", *first]
        note = said(
            "The header has one name fewer than the rows have cells; it is taken to lack that of "
            "the first column, which names the rows."
        )
        notes = (*notes, note)
    else:
        return head
    return _with_names(replace(head, notes=notes), padded, rows) or head


def _without_its_end(first: Sequence[str], below: Sequence[Sequence[str]]) -> list[str] | None:
    """A header without the empty cells at its end, if nearly all rows have as many cells fewer."""
    names = [cell.strip() for cell in first]
    while names and not names[-1]:
        names.pop()
    n_alike = sum(len(row) == len(names) for row in below)
    is_shorter = 1 < len(names) < len(first) and n_alike >= NEARLY_ALL * len(below)
    return names if is_shorter and below else None


def _with_names(head: Head, names: Sequence[str], rows: Sequence[Sequence[str]]) -> Head | None:
    """The head with other names, None if these are a row's cells."""
    found = find_head([names, *rows], len(names))
    is_whole = found.names is not None and not found.titles and found.n_lines == 1
    return replace(head, names=found.names) if is_whole else None


def _names_rows(name: str) -> bool:
    """Whether a header's first name may be that of the rows' names or numbers."""
    name = name.strip()
    return (
        not _OF_ROWS.isdisjoint(words_of(name))
        or name.endswith(_OF_ROWS_ENDS)
        or is_named_like_a_count(name)
        or is_named_like_an_id(name)
    )


def _begin_with_names(rows: Sequence[Sequence[str]], are_quoted: bool) -> bool:
    """Whether the rows' first cells are surely names of them, and no part of a torn cell.

    Who quotes the rows' numbers, as R does, quotes a cell with a comma too.
    """
    if any(cell[:1] == " " for row in rows for cell in row[1:]):
        return False  # as in "Smith, John"
    columns = [[cell.strip() for cell in column] for column in zip(*rows, strict=True)]
    cells = columns[0]
    if are_quoted and cells == [str(1 + i) for i in range(len(cells))]:
        return True
    if any(_are_torn(left, right) for left, right in pairwise(columns)):
        return False
    if any(cells == [str(start + i) for i in range(len(cells))] for start in (0, 1)):
        return True
    # A word beside a word may be the other half of it: "0 Main St,Springfield".
    is_name_alone = sum(map(is_value, columns[1])) >= NEARLY_ALL * len(cells)
    return is_name_alone and len(set(cells)) == len(cells) and not any(map(is_value, cells))


def _are_torn(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two columns may be one of numbers, torn before thousands or before the fraction."""
    if not all(map(_WHOLE.fullmatch, left)) or not all(map(_FIGURES.fullmatch, right)):
        return False
    are_thousands = all(len(cell) == _THOUSANDS for cell in right)
    are_before = all(len(cell.lstrip("-")) <= _MOST_BEFORE_THOUSANDS for cell in left)
    return (are_thousands and are_before) or any(map(_FRACTION.fullmatch, right))
