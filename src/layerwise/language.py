"""The language of what is read: English as the sources have it, others from a catalogue of gettext.

The language is what `speaking` set, or the environment's. Help and errors stay English.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from string import Formatter

from layerwise.particles import with_particles

__all__ = [
    "LANGUAGES",
    "Said",
    "counted",
    "message",
    "retold",
    "said",
    "said_count",
    "speaking",
    "spoken",
    "tr",
]

LANGUAGES = {"en": "English", "ko": "한국어"}
_CHOSEN: ContextVar[str | None] = ContextVar("language", default=None)
_ENVIRONMENT = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts


def spoken() -> str:
    """The language spoken now: "en" or "ko".

    Examples
    --------
    >>> with speaking("ko"):
    ...     spoken()
    'ko'
    """
    chosen = _CHOSEN.get()
    if chosen is not None:
        return chosen
    locale = next(filter(None, map(os.environ.get, _ENVIRONMENT)), "")
    code = re.split("[-_.@]", locale.lower())[0]
    return code if code in LANGUAGES else "en"


@contextmanager
def speaking(code: str | None) -> Iterator[None]:
    """Speak a language for a while; None: the one spoken anyway.

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
    token = _CHOSEN.set(code or _CHOSEN.get())
    try:
        yield
    finally:
        _CHOSEN.reset(token)


class Said(str):
    """An English text that can be said in other languages too; `said` makes it.

    What a room says before it is known who reads it, and what is kept as data, is English.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]


def said(template: str, /, **values: object) -> Said:
    """Fill an English template, and keep of it what `tr` needs.

    Examples
    --------
    >>> text = said("{name} is the baseline", name="age")
    >>> text, tr(text)
    ('age is the baseline', 'age is the baseline')
    """
    text = Said(template.format(**values))
    text.template, text.values = template, values
    return text


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
        return tr(template.template, **template.values)
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
    text = Said(f"{n:,} {noun if n == 1 else many or noun + 's'}")
    text.template, text.values = message("{n:,} {noun}"), {"n": n, "noun": said(noun)}
    return text


@cache
def _catalogue(code: str) -> GNUTranslations:
    folder = Path(__file__).parent / "locale" / code / "LC_MESSAGES"
    with (folder / "layerwise.mo").open("rb") as file:
        return GNUTranslations(file)


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
