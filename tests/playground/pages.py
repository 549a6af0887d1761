"""A page's side of the talk, without a browser: its messages, and frames as it reads them."""

import json
import struct

import numpy as np

from layerwise.playground.exported import TableSource
from layerwise.playground.messages import read
from layerwise.playground.page_session import Page
from layerwise.playground.page_table import PageTable


def page_table(name, table, target=""):
    """A table as a page has it that was read from a file."""
    return PageTable.of(name, table, TableSource.of_file(name), target=target)


def opened(frame):
    """(header, arrays) of a frame, by what the protocol says and nothing of ours."""
    (length,) = struct.unpack("<I", frame[:4])
    assert (4 + length) % 8 == 0
    header = json.loads(frame[4 : 4 + length])
    at, arrays = 4 + length, {}
    for name, kind, shape in header["arrays"]:
        n = int(np.prod(shape))
        arrays[name] = np.frombuffer(frame, f"<{kind}", n, at).reshape(shape)
        at += -(-n * int(kind[1]) // 8) * 8
    assert at == len(frame)
    return header, arrays


def is_kind(message, kind):
    return isinstance(message, dict) and message["type"] == kind


class Talk:
    """A page that is served in this thread, by a clock that stands still unless it is moved."""

    def __init__(self, **options):
        self.now = 100.0
        self.said = []
        self.page = Page(self.said.append, clock=lambda: self.now, **options)

    def say(self, kind, **fields):
        """Say something, have a turn, and take what came back."""
        self.page.inbox.append(read(json.dumps({"type": kind, **fields})))
        return self.turn()

    def turn(self, seconds=0.1):
        self.now += seconds
        before = len(self.said)
        self.due = self.page.turn()
        return self.said[before:]

    def hello(self, **choices):
        """Begin; (welcome, made, first frame)."""
        said = self.say("hello", choices=choices)
        welcome, made, frame = [one for one in said if not is_kind(one, "preparing")]
        header, arrays = opened(frame)
        self.seen(header)
        return welcome, made, (header, arrays)

    def seen(self, header):
        """Say, before the next turn, that a frame is drawn."""
        text = json.dumps({"type": "seen", "frame": header["frame"]})
        self.page.inbox.append(read(text))

    def frame(self, messages):
        """The one frame among messages; it is seen."""
        (found,) = [opened(one) for one in messages if isinstance(one, bytes)]
        self.seen(found[0])
        return found

    def ask(self, kind, **fields):
        """The one text that answers."""
        said = [one for one in self.say(kind, **fields) if isinstance(one, dict)]
        (found,) = [one for one in said if not is_kind(one, "preparing")]
        return found
