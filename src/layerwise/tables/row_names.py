"""Columns that only name the row: counts of the rows, and identifiers."""

import re

import numpy as np
from numpy.typing import NDArray

from layerwise.language import message, said

# In the reason of a column of which nothing but the rows' places can be learned.
COUNTS_ROWS = message("counts the rows")
# Fewer rows than this may be counted from 1 by chance.
_FEW_ROWS = 20
_LEAST_LONG, _MOMENTS, _MOST_ROUNDED = 1e9, (6e8, 2.5e9), 0.3
_LEAST_KEY, _MOST_AS_LONG = 1_000, 0.8
_NEARLY_ALL = 0.95  # of the cells of an identifier differ
_MOST_GAPS = 0.1  # that rows left out tear into a count
# Tables below each other are few, or differ in length by more than months do; the hours of a day
# begin anew more often, and after as many rows.
_FEW_TABLES, _ALIKE = 5, 0.9
_UNNAMED = re.compile(r"(unnamed[:_ ]*\d+(_level_\d+)?|\.\.\.\d+|#|)")
_COUNTS = frozenset(["index", "rowname", "rownames", "rownumber", "rowno", "rownum", "rownr"])
# What has a meaning where it counts, and what has one where it does not follow the rows' order.
_AMOUNTS = frozenset([
    "age", "day", "days", "week", "month", "year", "hour", "time", "t", "date", "period", "dose",
    "distance", "나이", "연도", "시간",
])  # fmt: skip
_RANKS = frozenset(
    ["rank", "ranking", "rating", "place", "position", "order", "score", "순위", "등수"]
)
# What may have many figures without being a key.
_LARGE = frozenset([
    "amount", "area", "assets", "balance", "budget", "bytes", "cap", "capacity", "capital", "cash",
    "consumption", "cost", "costs", "count", "debt", "deposits", "distance", "earnings",
    "emissions", "energy", "equity", "expenditure", "exports", "flops", "frequency", "funding",
    "gdp", "gross", "hits", "hz", "imports", "income", "investment", "liabilities", "loans", "loss",
    "market", "mass", "net", "output", "pop", "population", "power", "price", "production",
    "profit", "revenue", "revenues", "sales", "savings", "size", "spending", "tax", "taxes",
    "total", "trade", "turnover", "value", "views", "volume", "wealth", "worth",
])  # fmt: skip
_LARGE_ENDS = (
    "액", "금", "비용", "매출", "이익", "자산", "예산", "가격", "인구", "수입", "지출", "부채",
    "자본", "수출", "면적", "거리", "세", "량", "수",
)  # fmt: skip
_ID_WORDS = frozenset([
    "id", "ids", "uuid", "guid", "key", "rowid", "no", "nr", "idx",
])  # fmt: skip
_OF_GOODS = frozenset(["isbn", "issn", "ean", "upc"])  # books, periodicals and other goods
_OF_A_CODE = frozenset(["code", "id", "key", "no", "nr", "num", "number", "번호", "코드"])
_NUMBER_OF = frozenset(["no", "nr"])  # before other words: "NoRooms"
_ID_ENDS = ("번호", "아이디", "식별자")
_ID_GLUED = re.compile(r"id(no|nr|num)|[a-z]+id|[a-z]+idno")
_NUMBER_OF_ONE = re.compile(  # "CLIENTNUM", "order number"
    r"(?:account|acct|case|client|customer|cust|employee|emp|invoice|member|order|patient|policy|"
    r"serial|student|transaction)(?:no|nr|num|number)"
)
_NO_ID = frozenset([
    "acid", "aid", "amid", "android", "arid", "avid", "avoid", "bid", "centroid", "covid", "did",
    "fluid", "grid", "hybrid", "kid", "laid", "lid", "lipid", "liquid", "mid", "paid", "plaid",
    "raid", "rapid", "rid", "rigid", "said", "solid", "steroid", "thyroid", "unpaid", "valid",
])  # fmt: skip


def why_it_names_rows(name: str, numbers: NDArray[np.number], n: int) -> str:
    """Why whole numbers only name their rows, "" if they do not.

    Parameters
    ----------
    name : str
    numbers : ndarray
        Those of n cells that have one, in the order of the rows.
    n : int

    Examples
    --------
    >>> why_it_names_rows("x", np.random.default_rng(0).permutation(50), 50)
    'counts the rows, though in another order: it holds 0 to 49, each once'
    >>> why_it_names_rows("schid", np.arange(900, 0, -3), 300)
    'named like an identifier, and all 300 values differ'
    >>> why_it_names_rows("year", np.arange(1950, 2020), 70)
    ''
    """
    ordered = np.sort(numbers)
    first, last = float(ordered[0]), float(ordered[-1])
    n_distinct = 1 + int((ordered[1:] != ordered[:-1]).sum())
    differ = n_distinct == n
    steps = np.diff(numbers.astype(np.float64))
    span = last - first + 1
    is_in_order = (steps > 0).all() or span <= 2 * n
    if differ and is_named_like_a_count(name) and (is_in_order or "row" in name.lower()):
        return said(
            "counts the rows by its name, {first:.0f} to {last:.0f}", first=first, last=last
        )
    is_count = differ and n >= _FEW_ROWS and first <= max(1, n / _FEW_ROWS) and first >= 0
    words = words_of(name)
    if is_count and _AMOUNTS.isdisjoint(words):
        if (steps == 1).all() and first <= 1:
            return said("counts the rows, {first:.0f} to {last:.0f}", first=first, last=last)
        if span <= (1 + _MOST_GAPS) * n and _RANKS.isdisjoint(words):
            is_mixed = bool((steps < 0).any())
            return said(
                "counts the rows, though {how}: it holds {first:.0f} to {last:.0f}, {each}",
                how=said("in another order") if is_mixed else said("some are left out"),
                first=first,
                last=last,
                each=said("each once") if span == n else said("{n:,} of them", n=n),
            )
    is_amount = not _LARGE.isdisjoint(words) or name.strip().endswith(_LARGE_ENDS)
    if differ and n >= _FEW_ROWS and not is_amount and _are_long_keys(ordered):
        return said(
            "numbers of {k} figures, all {n:,} of them different", k=len(f"{last:.0f}"), n=n
        )
    if n_distinct < len(numbers) and (n_distinct < _NEARLY_ALL * len(numbers) or n < _FEW_ROWS):
        return ""
    if not is_named_like_an_id(name):
        return ""
    is_dense = n >= _FEW_ROWS and span <= 2 * n
    are_keys = _are_of_many_figures(ordered) or (differ and ((steps > 0).all() or is_dense))
    if not are_keys and _is_number_of_one(words) and words[-1].endswith(("num", "number")):
        return ""
    if n_distinct < len(numbers):
        return said(
            "named like an identifier, and {k:,} of {n:,} values differ",
            k=n_distinct,
            n=len(numbers),
        )
    return said("named like an identifier, and all {n:,} values differ", n=n_distinct)


def _are_long_keys(ordered: NDArray[np.number]) -> bool:
    """Whether whole numbers are of as many figures each, too many for amounts, and are no moments.

    Amounts of ten figures and more are often rounded; moments are seconds of these years, or
    thousandths of them.
    """
    first, last = float(ordered[0]), float(ordered[-1])
    if first < _LEAST_LONG or len(f"{first:.0f}") != len(f"{last:.0f}"):
        return False
    low, high = _MOMENTS
    if any(low * unit <= first and last < high * unit for unit in (1, 1e3, 1e6, 1e9)):
        return False
    return bool((ordered % 10 == 0).mean() < _MOST_ROUNDED)


def why_it_counts_anew(numbers: NDArray[np.number]) -> str:
    """Why whole numbers count the rows of tables that were put below each other, "" if not.

    Examples
    --------
    >>> why_it_counts_anew(np.tile(np.arange(40), 3))
    'counts the rows, 3 times from 0 on'
    >>> why_it_counts_anew(np.tile(np.arange(24), 10))
    ''
    >>> why_it_counts_anew(np.arange(120) % 2)
    ''
    """
    starts = np.flatnonzero(np.diff(numbers) != 1) + 1
    n_counts = len(starts) + 1
    if numbers[0] not in (0, 1) or (numbers[starts] != numbers[0]).any():
        return ""
    if n_counts == 1 or len(numbers) < _FEW_ROWS * n_counts:
        return ""
    lengths = np.diff(starts, prepend=0)  # without the last, which may be cut off
    if n_counts > _FEW_TABLES and lengths.min() >= _ALIKE * lengths.max():
        return ""
    return said("counts the rows, {k:,} times from {first:.0f} on", k=n_counts, first=numbers[0])


def is_unnamed(name: str) -> bool:
    """Whether a name is none, as pandas and R say it: "Unnamed: 0", "...1".

    Examples
    --------
    >>> is_unnamed("Unnamed: 0"), is_unnamed("#")
    (True, False)
    """
    return bool(_UNNAMED.fullmatch(name.strip().lower())) and name.strip() != "#"


def is_named_like_a_count(name: str) -> bool:
    """Whether a name is none, or what programs call the rows' numbers: "Unnamed: 0", "index"."""
    name = name.strip().lower()
    return bool(_UNNAMED.fullmatch(name)) or re.sub(r"[\W_]", "", name) in _COUNTS


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: of "PassengerId" passenger and id."""
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[가-힣]+", name)
    return [word.lower() for word in found]


def is_named_like_an_id(name: str) -> bool:
    """Whether a name's first or last word says that it is a key.

    Examples
    --------
    >>> is_named_like_an_id("PassengerId"), is_named_like_an_id("idle")
    (True, False)
    >>> is_named_like_an_id("case no."), is_named_like_an_id("NoRooms")
    (True, False)
    >>> is_named_like_an_id("CLIENTNUM"), is_named_like_an_id("number of clients")
    (True, False)
    """
    words = words_of(name)
    if len(words) > 1 and words[0] in _NUMBER_OF:
        words = words[1:]
    ends = {*words[:1], *words[-1:]}
    if ends & _ID_WORDS or is_named_like_goods(name) or name.strip().endswith(_ID_ENDS):
        return True
    return _is_number_of_one(words) or any(
        _ID_GLUED.fullmatch(word) and word not in _NO_ID for word in ends
    )


def _is_number_of_one(words: list[str]) -> bool:
    return any(_NUMBER_OF_ONE.fullmatch("".join(words[-n:])) for n in (1, 2))


def _are_of_many_figures(ordered: NDArray[np.number]) -> bool:
    """Whether most of some numbers have as many figures as the last, four or more.

    An `Emp Num` may also be how many employees there are; such numbers are small, or of several
    sizes.
    """
    size = 10.0 ** (len(f"{ordered[-1]:.0f}") - 1)
    return bool(size >= _LEAST_KEY and (ordered >= size).mean() >= _MOST_AS_LONG)


def is_named_like_goods(name: str) -> bool:
    """Whether a name says that it holds numbers of books or goods, and nothing about these.

    Examples
    --------
    >>> is_named_like_goods("isbn13"), is_named_like_goods("EAN code")
    (True, True)
    >>> is_named_like_goods("isbn_price")
    False
    """
    words = words_of(name)
    while words and words[-1] in _OF_A_CODE:
        words.pop()
    return bool(words) and words[-1] in _OF_GOODS
