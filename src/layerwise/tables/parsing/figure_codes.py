"""Figures that are codes and no numbers: 00123, 98121-3032, rs9697358."""

import re

import pyarrow.compute as pc

from layerwise.tables.parsing.distinct import Cells, as_array
from layerwise.tables.row_names import words_of

CODE = r"^(?:[+-]?0\d+|\d{5}-\d{4})$"
_OF_CODES = re.compile(r"(?<![a-z])(?:isbn|issn|ean|upc)(?![a-z])")  # which may end with X
_BELOW_ZERO = r"^-\d\d+$"
_NO_CODE = re.compile(r"-(?:(\d)\1*|9+\d)$")
_VARIANT = r"^rs\d+$"  # of a gene; rupees are written so too
_LONG_VARIANT = r"^rs\d{6,}$"
_OF_VARIANTS = re.compile(r"snp|rs_?id|variant|marker|(?<![a-z])genes?(?![a-z])")
_OF_MONEY = re.compile(
    r"(?<![a-z])(?:fee|pay|rent|bill|inr|mrp|total)|price|cost|amount|salar|wage|income|revenue|"
    r"sales|budget|value|charge|rupee|가격|금액|비용|요금|급여|매출"
)
_NO_AMOUNTS = frozenset([
    "class", "code", "codes", "date", "day", "group", "id", "key", "month", "no", "nr", "num",
    "number", "time", "type", "year",
])  # fmt: skip
_NO_AMOUNT_ENDS = ("코드", "번호", "일", "일자", "월", "구분")
_FEW, _NEARLY_ALL, _MOSTLY = 20, 0.95, 0.9
_FEWEST_PADDED, _OFTEN = 10, 0.05


def has_codes(cells: Cells, name: str = "") -> bool:
    """Whether a column's texts are codes: 00123, 98121-3032 as of places in the US, or rs9697358.

    The last is a variant of a gene where the column's name says so; or where it says nothing of
    money, hardly any text occurs twice, and all have six digits or more. Else it is rupees. Codes
    are also what a name says are numbers of books or goods.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> has_codes(find_cells(pa.array(["12", "007"]))), has_codes(find_cells(pa.array(["rs 12"])))
    (True, False)
    >>> variants = find_cells(pa.array(["rs7412", "rs7412"]))
    >>> has_codes(variants, "SNP"), has_codes(variants, "price")
    (True, False)
    """
    if _OF_CODES.search(name.lower()):
        return True
    has_zeros = bool(as_array(pc.match_substring_regex(cells.texts, CODE)).any())
    if has_zeros and not (
        _are_below_zero(cells) or _are_padded_at_times(cells) or _are_padded_money(cells, name)
    ):
        return True
    return _are_variants(cells, name.lower())


def _are_padded_money(cells: Cells, name: str) -> bool:
    """Whether figures with zeros before them are amounts, as the name says: an income of 000042000.

    A name that says that they are codes (`sales_code`) says more.
    """
    words = words_of(name)
    is_other = not _NO_AMOUNTS.isdisjoint(words) or name.strip().endswith(_NO_AMOUNT_ENDS)
    if is_other or not _OF_MONEY.search(" ".join(words)):
        return False
    are_figures = as_array(pc.match_substring_regex(cells.texts, r"^\d+$"))
    return bool(are_figures.all() and len(cells.texts) >= _FEWEST_PADDED)


def _are_padded_at_times(cells: Cells) -> bool:
    """Whether zeros stand before some numbers and not before single figures, as in no code.

    Such are 7 and 08 among months, 0 and 0250 among amounts of up to four figures.
    """
    texts, n = cells.texts, cells.counts.sum()
    if len(texts) < _FEWEST_PADDED:
        return False
    is_padded = as_array(pc.match_substring_regex(texts, r"^0\d{1,3}$"))
    is_bare = as_array(pc.match_substring_regex(texts, r"^(?:0|[1-9]\d{0,3})$"))
    if not is_padded.any() or cells.counts[is_padded | is_bare].sum() < _NEARLY_ALL * n:
        return False
    is_short = as_array(pc.match_substring_regex(texts, r"^\d$"))
    return bool(min(cells.counts[each].sum() for each in (is_padded, is_short)) >= _OFTEN * n)


def _are_below_zero(cells: Cells) -> bool:
    """Whether a number is below zero, as no code is: -034 beside 233, both without their point.

    One of a single figure, of the same again, or of nines before another may mean that a code is
    missing, and why: -9, -77, -98.
    """
    below = cells.texts.filter(pc.match_substring_regex(cells.texts, _BELOW_ZERO))
    return any(not _NO_CODE.match(text) for text in below.to_pylist())


def _are_variants(cells: Cells, name: str) -> bool:
    texts, n = cells.texts, cells.counts.sum()
    if _OF_MONEY.search(name):
        return False
    if not any(text.startswith("rs") for text in texts[:_FEW].to_pylist()):
        return False
    fits = as_array(pc.match_substring_regex(texts, _VARIANT))
    if cells.counts[fits].sum() < _MOSTLY * n:
        return False
    if _OF_VARIANTS.search(name):
        return True
    are_long = as_array(pc.match_substring_regex(texts, _LONG_VARIANT))[fits].all()
    return bool(are_long and _FEW <= len(texts) >= _NEARLY_ALL * n)
