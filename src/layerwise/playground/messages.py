"""What a page may say, checked: each kind of message, its fields and their types.

A page sends JSON. What it is sent back is made in `page_session.py` (texts) and `page_frames.py`
(numbers).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 200_000


class Malformed(ValueError):  # noqa: N818  what it is
    """A message that no page of ours sends. It ends the page's session, with a word."""


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes
    ----------
    kind : str
    fields : dict
        Checked; those that are not needed and were not given are None.
    """

    kind: str
    fields: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def _number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and abs(value) < 1e300


def _text(value: Any) -> bool:
    """A text that can be sent on: JSON can hold halves of characters, and no socket takes them."""
    return isinstance(value, str) and value.encode(errors="replace").decode() == value


def _texts(value: Any) -> bool:
    """Names to texts or numbers."""
    return isinstance(value, dict) and all(
        _text(name) and (_text(one) or _number(one)) for name, one in value.items()
    )


def _optional(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _one_of(*known: str) -> Callable[[Any], bool]:
    return lambda value: _text(value) and value in known


# The fields of each kind of message.
_KINDS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "hello": {"choices": _texts, "language": _optional(_text), "name": _optional(_text)},
    "choose": {"choices": _texts},
    "play": {"speed": _number},
    "pause": {},
    "reset": {},
    "step": {"unit": _one_of("phase", "step", "epoch")},
    "weight": {"layer": _whole, "from": _optional(_whole), "to": _whole, "value": _number},
    "point": {"row": _optional(_whole), "x": _optional(_number), "y": _optional(_number)},
    "explain": {
        "what": _one_of("node", "weight", "output"),
        "layer": _optional(_whole),
        "node": _optional(_whole),
        "from": _optional(_whole),
        "to": _optional(_whole),
    },
    "code": {},
    "cells": {"cells": _texts},
    "seen": {"frame": _whole},
    "lesson": {"lesson": _text},
    "address": {"choices": _texts},
}


def read(text: str | bytes) -> Message:
    """Read one message.

    Raises
    ------
    Malformed
        If it is too long, no JSON, of an unknown kind, or a field is not there, unknown or wrong.

    Examples
    --------
    >>> read('{"type": "play", "speed": 60}')["speed"]
    60
    >>> read('{"type": "play", "speed": "fast"}')
    Traceback (most recent call last):
    ...
    layerwise.playground.messages.Malformed: the field 'speed' of the message 'play' is wrong
    """
    if len(text) > MOST_BYTES:
        raise Malformed(f"a message of {len(text):,} bytes; {MOST_BYTES:,} are allowed")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("a message that is no JSON") from None
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise Malformed("a message of an unknown kind")
    wanted = _KINDS[kind]
    if given.keys() - wanted.keys() - {"type"}:
        raise Malformed(f"a field that the message {kind!r} does not have")
    for name, check in wanted.items():
        if not check(given.get(name)):
            raise Malformed(f"the field {name!r} of the message {kind!r} is wrong")
    return Message(kind, {name: given.get(name) for name in wanted})
