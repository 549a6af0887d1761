"""A page's side of the talk, without a browser: its messages, and frames as it reads them."""

import json
import struct

import numpy as np

from layerwise.playground.messages import read
from layerwise.playground.page_session import Page

__all__ = ["Talk", "opened"]


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
        welcome, made, frame = self.say("hello", choices=choices)
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
        (found,) = [one for one in self.say(kind, **fields) if isinstance(one, dict)]
        return found
