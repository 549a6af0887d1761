"""Names of columns: each has one of its own, and those asked for must be there.

A letter such as é or 가 can be written as one character or as several (Unicode's forms NFC and NFD;
a Mac's names of files are of the second). They are the same name here.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from layerwise.harmless_text import on_one_line
from layerwise.language import said
from layerwise.tables.errors import TableError

if TYPE_CHECKING:
    import pyarrow as pa


# What takes no room and is no letter: a place where a line may break or may not, a byte order mark.
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))


def composed(text: str) -> str:
    """A text by which it is compared: the same for all ways to compose its letters.

    What nobody sees is none of it.

    Examples
    --------
    >>> composed("e\u0301") == composed("é") == composed("é\u200b")
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_UNSEEN)


def bare(text: str) -> str:
    """A text as it is compared where nothing is the same letter for letter: without blanks around.

    Examples
    --------
    >>> bare(" Ulm") == bare("Ulm ")
    True
    """
    return composed(text.strip())


def spelled(asked: Iterable[str], names: Sequence[str]) -> list[str]:
    """Names in the table's own spelling; those that it lacks as they are."""
    own = {composed(name): name for name in names}
    there = set(names)
    return [name if name in there else own.get(composed(str(name)), name) for name in asked]


def spelled_as(table: "pa.Table", names: Iterable[str]) -> "pa.Table":
    """The table, its columns called as these names spell them."""
    there = set(table.column_names)
    others = {composed(name): name for name in names if name not in there}
    if not others:
        return table
    return table.rename_columns([others.get(composed(name), name) for name in table.column_names])


def unique_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names without a gap or a repetition, and notes on those that were changed.

    Spaces around a name are not part of it.

    Examples
    --------
    >>> unique_names(["a", "a", " b ", ""])
    (['a', 'a_2', 'b', 'column_4'],
     ['Column 2 is the second one named "a"; it is called "a_2".',
      'Column 4 has no name; it is called "column_4".'])
    """
    stripped = [name.strip() for name in names]
    taken = set(stripped)
    used: set[str] = set()
    counts: dict[str, int] = {}
    unnamed: list[tuple[str, str]] = []
    repeated: list[tuple[str, str]] = []
    result = []
    for number, name in enumerate(stripped, start=1):
        chosen = name
        if not name:
            chosen = _free(f"column_{number}", taken)
            unnamed.append(
                (
                    chosen,
                    said('Column {i} has no name; it is called "{name}".', i=number, name=chosen),
                )
            )
        elif name in used:
            counts[name] = counts.get(name, 1) + 1
            chosen = _free(f"{name}_{counts[name]}", taken)
            which = said("the second one") if counts[name] == 2 else said("another one")
            note = said(
                'Column {i} is {which} named "{name}"; it is called "{chosen}".',
                i=number,
                which=which,
                name=name,
                chosen=chosen,
            )
            repeated.append((chosen, note))
        taken.add(chosen)
        used.add(chosen)
        result.append(chosen)
    return result, [
        *_few_or_one(repeated, said("columns have the name of another")),
        *_few_or_one(unnamed, said("columns have no name")),
    ]


def _few_or_one(changed: Sequence[tuple[str, str]], what: str) -> list[str]:
    """The notes on some names, or one on all of them if there are many."""
    if len(changed) <= 2:
        return [note for _, note in changed]
    called = ", ".join(f'"{name}"' for name, _ in changed[:2])
    more = ", ..." if len(changed) > 3 else ""
    note = said(
        '{n:,} {what}; they are called {names} and "{last}".',
        n=len(changed),
        what=what,
        names=called + more,
        last=changed[-1][0],
    )
    return [note]


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def check_names(asked: Iterable[str], names: Sequence[str], what: str) -> list[str]:
    """Refuse, with a TableError, names that the table lacks, and tables that have a name twice.

    Returns those asked for in the table's own spelling.

    Parameters
    ----------
    asked : iterable of str
    names : sequence of str
        The table's columns.
    what : str
        What the columns asked for are, for the error: "target".

    Examples
    --------
    >>> check_names(["pirce"], ["rooms", "price"], "target")
    Traceback (most recent call last):
    ...
    layerwise.tables.errors.TableError: the table has no column 'pirce' (target); did you mean
    'price'? Its columns: rooms, price
    """
    double = [name for name, count in Counter(names).items() if count > 1]
    if double:
        raise TableError(
            f"{Counter(names)[double[0]]} columns of the table are called {double[0]!r}; "
            "give each a name of its own"
        )
    known = set(names)
    found = spelled(asked, names)
    for name in found:
        if name in known:
            continue
        lower = {other.lower(): other for other in names}
        near = get_close_matches(str(name).lower(), lower, n=1, cutoff=0.5)
        hint = f"did you mean {lower[near[0]]!r}? Its" if near else "its"
        raise TableError(
            f"the table has no column {name!r} ({what}); {hint} columns: {some_names(names)}"
        )
    return found


def some_names(names: Sequence[str], most: int = 12) -> str:
    """Names with commas between them; of many, the first and how many more there are.

    Examples
    --------
    >>> some_names(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = ", ".join(map(on_one_line, names[:most]))
    if len(names) <= most:
        return shown
    return shown + said(" and {n:,} more", n=len(names) - most)
