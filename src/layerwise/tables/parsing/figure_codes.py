"""Figures that are codes and no numbers: 00123, 98121-3032, rs9697358."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from layerwise.tables.parsing.distinct import Cells, as_array
from layerwise.tables.row_names import is_named_like_goods, words_of

CODE = r"^(?:[+-]?0\d+|\d{5}-\d{4})$"
_BELOW_ZERO = r"^-\d\d+$"
_NO_CODE = re.compile(r"-(?:(\d)\1*|9+\d)$")
_VARIANT = r"^rs\d+$"  # of a gene; rupees are written so too
_LONG_VARIANT = r"^rs\d{6,}$"
_OF_VARIANTS = re.compile(r"snp|rs_?id|variant|marker|(?<![a-z])genes?(?![a-z])")
_OF_MONEY = re.compile(
    r"(?<![a-z])(?:fee|pay|rent|bill|inr|mrp|total)|price|cost|amount|salar|wage|income|revenue|"
    r"sales|budget|value|charge|rupee|가격|금액|비용|요금|급여|매출"
)
# Amounts of money, as the last word of a name; long figures of some, alone, may be a number of one.
_AMOUNTS = frozenset([
    "amount", "amounts", "bill", "bills", "budget", "cost", "costs", "fee", "fees", "income",
    "insurance", "pay", "payment", "payments", "price", "prices", "rent", "revenue", "salary",
    "sales", "total", "wage", "wages",
])  # fmt: skip
_NUMBERED = (["bill"], ["bills"], ["budget"], ["insurance"], ["payment"])
_AMOUNT_ENDS = ("금액", "가격", "비용", "매출", "급여")
_LONG = 6  # figures
# The last of what a name counts.
_LAST = {"month": 12, "day": 31, "hour": 24, "minute": 60, "월": 12, "일": 31}
_FEW, _NEARLY_ALL, _MOSTLY = 20, 0.95, 0.9
_FEWEST_PADDED = 10


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
    if is_named_like_goods(name):
        return True
    has_zeros = bool(as_array(pc.match_substring_regex(cells.texts, CODE)).any())
    if has_zeros and not (
        _are_below_zero(cells) or _are_padded_times(cells, name) or _are_padded_money(cells, name)
    ):
        return True
    return _are_variants(cells, name.lower())


def _are_padded_money(cells: Cells, name: str) -> bool:
    """Whether figures with zeros before them are amounts: an income of 000042000, a bill of 090.

    The last word of the name must be one of amounts, as that of `sales_rep` and `price_zone` is
    not; and the figures be long and of one width, or nearly all be tens, as those of codes seldom
    are.
    """
    words = words_of(name)
    if _AMOUNTS.isdisjoint(words[-1:]) and not name.strip().endswith(_AMOUNT_ENDS):
        return False
    texts = cells.texts
    are_figures = as_array(pc.match_substring_regex(texts, r"^\d+$"))
    if len(texts) < _FEWEST_PADDED or not are_figures.all():
        return False
    widths = as_array(pc.binary_length(texts))
    are_tens = as_array(pc.match_substring_regex(texts, "0$"))
    is_long = widths.min() == widths.max() >= _LONG and words not in _NUMBERED
    return bool(is_long or cells.counts[are_tens].sum() >= _NEARLY_ALL * cells.counts.sum())


def _are_padded_times(cells: Cells, name: str) -> bool:
    """Whether zeros stand before some of the months or hours that a name tells of: 7 and 08."""
    words = words_of(name)
    last = _LAST.get(words[-1], 0) if words else 0
    if not last or len(cells.texts) < _FEWEST_PADDED:
        return False
    is_one = as_array(pc.match_substring_regex(cells.texts, r"^\d{1,2}$"))
    numbers = as_array(pc.if_else(pa.array(is_one), cells.texts, "0").cast(pa.int64()))
    is_short = as_array(pc.match_substring_regex(cells.texts, r"^\d$"))
    return bool(is_one.all() and is_short.any() and numbers.max() <= last)


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
