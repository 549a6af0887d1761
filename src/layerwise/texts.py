"""Numbers, counts and names as people read them, in sentences, pictures and on pages."""

import datetime as dt
import math
import re
import textwrap
import warnings
from collections.abc import Sequence
from functools import reduce
from inspect import currentframe
from typing import Any
from unicodedata import combining, east_asian_width

from layerwise.harmless_text import on_one_line, visible
from layerwise.language import Said, message, retold, said, tr

_FILL = "\uffff"  # which no text that is shown holds
_NOT_SURELY_ONE = re.compile("[^\u0000-\u02ff]")  # the other way round takes 5 ms to compile


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, thousands set apart; a dash where there is none.

    Examples
    --------
    >>> number(0.283456), number(48842), number(-1234567.8), number(1e-7), number(None)
    ('0.2835', '48,842', '−1,234,568', '1.000e−07', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    value = float(value)
    size = abs(value)
    if value == int(value) and size < 1e15:
        text = f"{int(value):,}"
    elif size >= 1e15 or size < 1e-4:
        text = f"{value:.{digits - 1}e}"
    elif size >= 10 ** (digits - 1):
        text = f"{value:,.0f}"
    else:
        text = f"{value:,.{digits - 1 - math.floor(math.log10(size))}f}"
    return text.replace("-", "−")


def percent(share: float, digits: int = 1) -> str:
    """A share in percent; never 0 % or 100 % for what is not exactly that.

    Its space is one at which no line is broken.

    Examples
    --------
    >>> [" ".join(percent(share).split()) for share in (0.2393, 1.0, 0.99999, 1e-6)]
    ['23.9 %', '100 %', 'over 99.9 %', 'under 0.1 %']
    """
    return retold(said_percent(share, digits))


def said_percent(share: float, digits: int = 1) -> str:
    """The same as `said` gives it."""
    if math.isnan(share):
        return "–"
    if share in (0.0, 1.0):
        return said("{number}\N{NO-BREAK SPACE}%", number=f"{100 * share:.0f}")
    step = 10.0**-digits
    if 0 < share < 1 and 100 * share < step / 2:
        return said("under {number}\N{NO-BREAK SPACE}%", number=f"{step:.{digits}f}")
    if 0 < share < 1 and 100 * share >= 100 - step / 2:
        return said("over {number}\N{NO-BREAK SPACE}%", number=f"{100 - step:.{digits}f}")
    return said("{number}\N{NO-BREAK SPACE}%", number=f"{100 * share:.{digits}f}")


def plural(count: int, noun: str, many: str | None = None) -> str:
    """A count with its noun.

    Examples
    --------
    >>> plural(1, "row"), plural(1200, "row"), plural(2, "class", "classes")
    ('1 row', '1,200 rows', '2 classes')
    """
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def first_up(text: str) -> str:
    """A text with its first letter as a capital.

    Examples
    --------
    >>> first_up("the L2 penalty")
    'The L2 penalty'
    """
    return text[0].upper() + text[1:]


def of_many(shown: int, n: int, noun: str) -> str:
    """Say that not all are shown.

    Examples
    --------
    >>> of_many(6, 256, "nodes")
    '6 of 256 nodes are shown'
    """
    values = {"shown": shown, "n": n, "noun": tr(noun)}
    if shown == 1:
        return tr("{shown:,} of {n:,} {noun} is shown", **values)
    return tr("{shown:,} of {n:,} {noun} are shown", **values)


def seconds(value: float) -> str:
    """A duration.

    Examples
    --------
    >>> seconds(0.0123), seconds(4.56), seconds(83.4), seconds(7500)
    ('0.012 s', '4.6 s', '1 min 23 s', '2 h 5 min')
    """
    return tr(said_seconds(value))


def said_seconds(value: float) -> Said:
    """The same as `said` gives it."""
    if value < 1:
        return said("{seconds} s", seconds=f"{value:.3f}")
    if value < 59.95:
        return said("{seconds} s", seconds=f"{value:.1f}")
    whole = round(value)
    if whole < 3600:
        return said("{minutes} min {seconds} s", minutes=whole // 60, seconds=whole % 60)
    return said("{hours} h {minutes} min", hours=whole // 3600, minutes=whole % 3600 // 60)


def times(n: int) -> str:
    """How often: "once", "twice", "3 times"."""
    return {1: tr("once"), 2: tr("twice")}.get(n) or how_often(n)


def how_often(n: int) -> str:
    """A number of times: "1 time", "1,200 times"."""
    return tr("1 time") if n == 1 else tr("{n:,} times", n=n)


def clauses(parts: Sequence[str], between: str = message("{clause}; {next}")) -> str:
    """Clauses of one sentence, which in other languages may be sentences of their own.

    Parameters
    ----------
    parts : sequence of str
        In the language spoken, without an end.
    between : str
        How two are put together; a text of the catalogue.

    Examples
    --------
    >>> clauses(["relu is a good choice here", "worse: sigmoid"])
    'relu is a good choice here; worse: sigmoid'
    """
    return reduce(lambda text, part: tr(between, clause=text, next=part), parts)


def listed(names: Sequence[object]) -> str:
    """Names one after the other.

    Examples
    --------
    >>> listed([8, 32, 128]), listed(["relu"])
    ('8, 32 and 128', 'relu')
    """
    *first, last = map(str, names)
    return tr("{names} and {last}", names=", ".join(first), last=last) if first else last


def clip(text: str, most: int) -> str:
    """A text, its end left out where it is longer.

    Examples
    --------
    >>> clip("longitude", 6), clip("age", 6)
    ('longi…', 'age')
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def letters(text: str) -> int:
    """How many letters, or columns, a text is wide; those of Korean and its neighbours take two.

    Examples
    --------
    >>> letters("Ulm"), letters("서울")
    (3, 4)
    """
    others = [] if text.isascii() else _NOT_SURELY_ONE.findall(text)
    if not others:
        return len(text)
    return len(text) + sum(-1 if combining(c) else east_asian_width(c) in "WF" for c in others)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """A text with spaces to a width.

    Examples
    --------
    >>> padded("서울", 6), padded("1", 3, right=True)
    ('서울  ', '  1')
    """
    space = " " * (width - letters(text))
    return space + text if right else text + space


def wrapped(text: str, width: int, **options: Any) -> list[str]:
    """A text in lines of at most so many letters as `letters` counts them; see `textwrap.wrap`.

    Examples
    --------
    >>> wrapped("서울에서 부산까지", 10)
    ['서울에서', '부산까지']
    """
    if letters(text) == len(text):
        return textwrap.wrap(text, width, **options)
    spread = _NOT_SURELY_ONE.sub(lambda c: c[0] + _FILL * (letters(c[0]) - 1), text)
    return [line.replace(_FILL, "") for line in textwrap.wrap(spread, width, **options)]


def shortened(name: object, most: int = 24) -> str:
    """A name on one line, of at most so many letters as `letters` counts them.

    Beginning and end stay, so that names that differ at either do so still.

    Examples
    --------
    >>> shortened("average yearly precipitation, station 7", 16)
    'average…ation 7'
    """
    text = on_one_line(str(name))
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


def cell_text(cell: object) -> str:
    """Write a cell on one line; a day without the midnight that comes with its type.

    Examples
    --------
    >>> cell_text(dt.datetime(2024, 3, 5)), cell_text(dt.datetime(2024, 3, 5, 18, 30))
    ('2024-03-05', '2024-03-05 18:30:00')
    """
    if isinstance(cell, dt.datetime) and cell.tzinfo is None and cell.time() == dt.time.min:
        cell = cell.date()
    return on_one_line(str(cell))


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn whoever called this package: the warning names the line outside of it."""
    frame, level = currentframe(), 0
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == "layerwise":
        frame, level = frame.f_back, level + 1
    warnings.warn(visible(message), category, stacklevel=level + 1)
