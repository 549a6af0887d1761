"""Numbers, counts and names as people read them, in pictures and on pages."""

import math

__all__ = ["clip", "number", "percent", "plural", "seconds"]

_NO_BREAK = "\u00a0"


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
    if math.isnan(share):
        return "–"
    if share in (0.0, 1.0):
        return f"{100 * share:.0f}{_NO_BREAK}%"
    step = 10.0**-digits
    if 0 < share < 1 and 100 * share < step / 2:
        return f"under {step:.{digits}f}{_NO_BREAK}%"
    if 0 < share < 1 and 100 * share >= 100 - step / 2:
        return f"over {100 - step:.{digits}f}{_NO_BREAK}%"
    return f"{100 * share:.{digits}f}{_NO_BREAK}%"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """A count with its noun.

    Examples
    --------
    >>> plural(1, "row"), plural(1200, "row"), plural(2, "class", "classes")
    ('1 row', '1,200 rows', '2 classes')
    """
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def seconds(value: float) -> str:
    """A duration.

    Examples
    --------
    >>> seconds(0.0123), seconds(4.56), seconds(83.4), seconds(7500)
    ('0.012 s', '4.6 s', '1 min 23 s', '2 h 5 min')
    """
    if value < 1:
        return f"{value:.3f} s"
    if value < 59.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def clip(text: str, most: int) -> str:
    """A text, its end left out where it is longer.

    Examples
    --------
    >>> clip("longitude", 6), clip("age", 6)
    ('longi…', 'age')
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
