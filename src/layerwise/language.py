"""The language of what is read: English as the sources have it, others from a catalogue of gettext.

Within `speaking` it is what was asked for, or the environment's; outside English, as help, errors
and all that has no catalogue yet.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from gettext import GNUTranslations
from pathlib import Path
from string import Formatter
from typing import ParamSpec, TypeVar

from layerwise.korean_particles import with_particles

LANGUAGES = {"en": "English", "ko": "한국어"}
_P = ParamSpec("_P")
_T = TypeVar("_T")
_SPOKEN: ContextVar[str | None] = ContextVar("language", default=None)
_ENVIRONMENT = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts


def spoken() -> str:
    """The language spoken now: "en" or "ko".

    Examples
    --------
    >>> with speaking("ko"):
    ...     spoken()
    'ko'
    """
    return _SPOKEN.get() or "en"


def _of_environment() -> str:
    locale = next(filter(None, map(os.environ.get, _ENVIRONMENT)), "")
    code = re.split("[-_.@]", locale.lower())[0]
    return code if code in LANGUAGES else "en"


@contextmanager
def speaking(code: str | None) -> Iterator[None]:
    """Speak a language for a while; None: the one spoken already, else the environment's.

    Raises
    ------
    ValueError
        If there is no catalogue of it.

    Examples
    --------
    >>> with speaking("ko"):
    ...     print(tr("one row"), counted(3, "node"), sep=", ")
    한 행, 노드 3개
    """
    if code is not None and code not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}; got {code!r}")
    token = _SPOKEN.set(code or _SPOKEN.get() or _of_environment())
    try:
        yield
    finally:
        _SPOKEN.reset(token)


class Said(str):
    """An English text that can be said in other languages too; `said` makes it.

    What a room says before it is known who reads it, and what is kept as data, is English.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __add__(self, other: str) -> "Said":
        return _joined(self, other)

    def __radd__(self, other: str) -> "Said":
        return _joined(other, self)


def _joined(first: str, second: str) -> Said:
    return _as_said(str.__add__(first, second), "{first}{second}", first=first, second=second)


def _as_said(english: str, template: str, **values: object) -> Said:
    text = Said(english)
    text.template, text.values = template, values
    return text


def said(template: str, /, **values: object) -> Said:
    """Fill an English template, and keep of it what `tr` needs.

    Examples
    --------
    >>> text = said("{name} is the baseline", name="age")
    >>> text, tr(text)
    ('age is the baseline', 'age is the baseline')
    """
    return _as_said(template.format(**values), template, **values)


def said_again(text: str, template: str, values: Mapping[str, object]) -> Said:
    """A text that `said` gave, of what a file holds of it.

    Raises
    ------
    ValueError
        If a value is not there that the template names.

    Examples
    --------
    >>> kept = said("always {name}", name="yes")
    >>> with speaking("ko"):
    ...     tr(said_again(str(kept), kept.template, kept.values))
    '항상 yes'
    """
    names = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    if missing := names - values.keys():
        raise ValueError(f"{', '.join(sorted(missing))} is wanted in {template!r}")
    return _as_said(text, template, **values)


def said_list(separator: str, parts: Sequence[str]) -> str:
    """Parts with something between them, each of which may be `Said`.

    Examples
    --------
    >>> with speaking("ko"):
    ...     retold(said_list(", ", [said("missing"), "missing"]))
    '빈칸, missing'
    """
    text = parts[0] if parts else ""
    for part in parts[1:]:
        text = text + separator + part
    return text


def part_from(text: str, start: str) -> str:
    """The end of a text that was added up, from the part on that begins so.

    Examples
    --------
    >>> part_from(said("all inputs 0") + "; " + said("missing") + "!", "missing")
    'missing!'
    """
    if text.startswith(start) or not (isinstance(text, Said) and "second" in text.values):
        return text if text.startswith(start) else text[text.index(start) :]
    first, second = (text.values[name] for name in ("first", "second"))
    assert isinstance(first, str)
    assert isinstance(second, str)
    return part_from(first, start) + second if start in first else part_from(second, start)


def recognised(text: str, *templates: str) -> str:
    """A text that one of these templates made, as `said` gave it before it was written down.

    Examples
    --------
    >>> text = recognised("loss nan at epoch 3", "loss {value} at epoch {i}")
    >>> text.values, recognised("no room", "loss {value} at epoch {i}")
    ({'value': 'nan', 'i': '3'}, 'no room')
    """
    for template in templates:
        parts = [
            re.escape(literal) + (f"(?P<{name}>.+?)" if name else "")
            for literal, name, _, _ in Formatter().parse(template)
        ]
        if found := re.fullmatch("".join(parts), text):
            return said(template, **found.groupdict())
    return text


def exchanged(text: str, old: str, new: str) -> str:
    """A text with another one in the place of one that was filled in."""
    if text == old:
        return new
    english = str.replace(text, old, new)
    if not isinstance(text, Said):
        return english
    values = {
        k: exchanged(v, old, new) if isinstance(v, str) else v for k, v in text.values.items()
    }
    return _as_said(english, text.template, **values)


def message(text: str, /) -> str:
    """Mark a text of the catalogue that is not said here but by `tr`, elsewhere."""
    return text


def tr(template: str, /, **values: object) -> str:
    """Say a text in the language spoken.

    Parameters
    ----------
    template : str or Said
        As `str.format` takes it, where there are values.
    **values
        What stands in its fields; what is `Said` is said in the same language.
    """
    code = spoken()
    if code == "en":
        return template.format(**values) if values else str(template)
    if isinstance(template, Said):
        own = template.template
        if _has_words(own) and _catalogue(code).gettext(own) == own:
            return str(template)  # of a file that another version wrote: whole, in English
        return tr(own, **template.values)
    found = _catalogue(code).gettext(template) if template else ""
    return _filled(found, values) if values else found


def retold(text: str) -> str:
    """What a lower room said, in the language spoken; a text of the user's as it is.

    Examples
    --------
    >>> with speaking("ko"):
    ...     retold(said("missing")), retold("missing")
    ('빈칸', 'missing')
    """
    return tr(text) if isinstance(text, Said) else text


def speaks(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Make a function speak the language that its argument `language` names."""

    @wraps(function)
    def spoken_function(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        given = kwargs.get("language")
        with speaking(None if given is None else str(given)):
            return function(*args, **kwargs)

    return spoken_function


def counted(n: int, noun: str, many: str | None = None) -> str:
    """A count with its noun, as `tr` says it.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row"), counted(2, "class", "classes")
    ('1 row', '1,200 rows', '2 classes')
    """
    return tr(said_count(n, noun, many))


def said_count(n: int, noun: str, many: str | None = None) -> Said:
    """The same as `said` gives it."""
    english = f"{n:,} {noun if n == 1 else many or noun + 's'}"
    return _as_said(english, message("{n:,} {noun}"), n=n, noun=said(noun))


@cache
def _catalogue(code: str) -> GNUTranslations:
    folder = Path(__file__).parent / "locale" / code / "LC_MESSAGES"
    with (folder / "layerwise.mo").open("rb") as file:
        return GNUTranslations(file)


def _has_words(template: str) -> bool:
    """Whether there is more to a template than fields and what stands between them."""
    return any(re.search(r"\w", literal) for literal, *_ in Formatter().parse(template))


def _filled(template: str, values: dict[str, object]) -> str:
    """Fill fields in, and choose each particle by what stands before it."""
    text = ""
    for literal, name, spec, conversion in Formatter().parse(template):
        text = with_particles(text, literal)
        if name is not None:
            value = values[name]
            value = retold(value) if isinstance(value, str) else value
            text += format(repr(value) if conversion == "r" else value, spec or "")
    return text
