"""One page: what it asks, what it is told, and its network in between.

A page belongs to whichever thread has its turn (`layerwise.playground.turns`); messages come into
its inbox from others.
"""

from __future__ import annotations

import logging
import secrets
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.engine.layout import layout_of
from layerwise.language import LANGUAGES, speaking
from layerwise.literal import on_one_line, visible
from layerwise.playground.catalogue import catalogue
from layerwise.playground.choices import TABLE, Choices, WrongChoice
from layerwise.playground.chosen_material import chosen_material, with_plane_of
from layerwise.playground.explained import node_formula, output_formula, weight_formula
from layerwise.playground.exported import python_code
from layerwise.playground.input_plane import Plane
from layerwise.playground.learner import Learner
from layerwise.playground.made_message import made_message
from layerwise.playground.material import Material
from layerwise.playground.messages import Message
from layerwise.playground.pace import BITE_SECONDS, Pace
from layerwise.playground.page_frames import Point, drawn_rows, packed, picture
from layerwise.playground.phases import Phases
from layerwise.playground.trained import TrainedModel
from layerwise.playground.uploads import PageTable
from layerwise.tables.errors import TableError
from layerwise.training.history import TrainingDiverged
from layerwise.version import __version__

__all__ = ["Page"]

_log = logging.getLogger(__name__)

FRAMES_A_SECOND = 30.0
_SHARE = 3.0  # of the time, the reciprocal, that frames of large networks may take
_LARGEST = 1e6  # that a weight, or the place of a point, may be
_MOST_LETTERS = 60  # of a name


class Page:
    """One page's session.

    Parameters
    ----------
    send : callable
        send(dict or bytes): hands a message over, and returns at once.
    table : PageTable or None
        That was named in the command.
    model : TrainedModel or None
    role : str
        "page", "teacher" or "student".
    broadcast : callable
        broadcast(dict): tells all students.
    n_at_once : callable
        How many pages are served for each thread.
    clock : callable
    """

    def __init__(
        self,
        send: Callable[[dict[str, Any] | bytes], None],
        *,
        table: PageTable | None = None,
        model: TrainedModel | None = None,
        role: str = "page",
        broadcast: Callable[[dict[str, Any]], None] = lambda message: None,
        n_at_once: Callable[[], float] = lambda: 1.0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.inbox: deque[Message | Callable[[], None]] = deque()
        self.role, self.name, self.lesson = role, "", ""
        self.table, self.model = table, model
        self.learner: Learner | None = None
        self.is_closed = False
        self._send, self._broadcast, self._clock = send, broadcast, clock
        self._last_loss: float | None = None
        self._choices = Choices()
        self._material: Material | None = None
        self._table_of_material: PageTable | None = None
        self._plane: Plane | None = None
        self._point: Point | None = None
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self._pace = Pace(clock, n_at_once)
        self._phases: Phases | None = None
        self._n_frames = self._n_seen = 0
        self._last_frame, self._frame_seconds = -1.0, 0.0
        self._due: float | None = None  # when to learn on
        self._n_owed = 0  # steps of an epoch that was asked for
        self._is_new = False  # something is to be shown
        self._language, self._has_begun = "en", False
        self._wants_reasons: dict[str, Any] | None = None

    def turn(self) -> float | None:
        """Answer what was asked, learn for some milliseconds, show what is new.

        Returns
        -------
        float or None
            When the next turn is due, by the clock; None: when a message comes.
        """
        began = self._clock()
        was_playing, was_asked = self._pace.is_playing, False
        while self.inbox and not self.is_closed:
            if self._clock() - began > BITE_SECONDS:
                return self._clock()  # the rest of what is asked, when all others had their turn
            asked = self.inbox.popleft()
            if isinstance(asked, Message):
                was_asked = was_asked or asked.kind != "seen"
                self._answer(asked)
            else:
                asked()
        if self.is_closed or self.learner is None:
            return self._reasons()
        if self._pace.is_playing and not (was_playing and was_asked):
            self._due = self._learn()  # who only asks gets an answer, and keeps the place it had
        due = self._due if self._pace.is_playing else None
        if self._n_owed:
            self._take_owed()
            due = self._clock() if self._n_owed else None
        if not self._is_new:
            return due
        shows_at = self._last_frame + max(1.0 / FRAMES_A_SECOND, _SHARE * self._frame_seconds)
        if self._n_seen < self._n_frames:
            return due  # the page is slower: it says when it has drawn the last one
        if self._clock() >= shows_at:
            self._show()
            return due
        return shows_at if due is None else min(due, shows_at)

    def fail(self, error: Exception) -> None:
        """Say that a fault of ours came up, and end."""
        _log.error("%s", visible("".join(traceback.format_exception(error))))
        what = f"{type(error).__name__}: {error}"
        text = on_one_line(f"the playground has a fault, and this page ends ({what}): load it anew")
        self._send({"type": "trouble", "text": text, "closes": True})
        self.close()

    def close(self) -> None:
        """Let go of the network."""
        self.is_closed = True
        if self.learner is not None:
            self.learner.close()
            self.learner = None

    def summary(self) -> dict[str, Any]:
        """What a teacher sees of it: as much as was last shown, and nothing of a table."""
        learner = self.learner
        return {
            "name": self.name,
            "epoch": 0 if learner is None else learner.epoch,
            "loss": self._last_loss,
            "layers": self._choices.layers,
            "data": self._choices.data,
            "lesson": self.lesson,
        }

    def tell(self, message: dict[str, Any]) -> None:
        """Send the page a message."""
        self._send(message)

    # What is asked.

    def _answer(self, message: Message) -> None:
        try:
            getattr(self, f"_on_{message.kind}")(message)
        except (WrongChoice, TableError) as error:
            self._trouble(str(error))
        except TrainingDiverged as error:
            self._pace.pause()
            self._trouble(str(error))
            self._is_new = True

    def _trouble(self, text: str) -> None:
        self._send({"type": "trouble", "text": on_one_line(text), "closes": False})

    def _on_hello(self, message: Message) -> None:
        self.name = (message["name"] or "")[:_MOST_LETTERS]
        self._language = message["language"] if message["language"] in LANGUAGES else "en"
        if self._has_begun:
            return  # a name or a language was chosen since
        self._has_begun = True
        described = None if self.table is None else self.table.described()
        self._send(
            {
                "type": "welcome",
                "page": self.id,
                "version": __version__,
                "role": self.role,
                "table": described,
                "model": None if self.model is None else self.model.described(),
                **catalogue(),
            }
        )
        if self.model is not None:
            self._predict({})
            return
        start = Choices()
        if self.table is not None:
            start = start.changed({"data": TABLE, "target": self.table.target})
        try:
            wanted = start.changed(message["choices"])
            self._make(wanted)
        except (WrongChoice, TableError) as error:
            self._make(start)
            self._trouble(f"what the address holds cannot be shown: {error}")

    def _on_choose(self, message: Message) -> None:
        given = dict(message["choices"])
        if given.get("data") == TABLE and self.table is not None and not given.get("target"):
            given["target"] = self.table.target
        new, old = self._choices.changed(given), self._choices
        learner = self.learner
        if learner is None or not new.same_network(old) or self._has_new_table(new):
            self._make(new)
            return
        plane = Plane.of(new, learner.material)
        if (
            new.trainer(learner.loss, 1) != old.trainer(learner.loss, 1)
            or new.epochs != old.epochs
            or new.smoothing != old.smoothing
        ):
            self._n_owed = 0
            learner.change_learning(new)
        self._plane, self._choices = plane, new
        self._phases = None
        self._say_made(kept=True)

    def _on_play(self, message: Message) -> None:
        self._phases, self._n_owed = None, 0
        if self._learning().is_done:
            self._trouble("all epochs that were chosen are over: choose more, or reset")
            return
        self._pace.play(float(message["speed"]))
        self._is_new = True

    def _on_pause(self, message: Message) -> None:
        self._pace.pause()
        self._is_new, self._n_owed = True, 0

    def _on_reset(self, message: Message) -> None:
        self._make(self._choices)

    def _on_step(self, message: Message) -> None:
        self._pace.pause()
        learner = self._learning()
        if learner.is_done:
            raise WrongChoice("all epochs that were chosen are over: choose more, or reset")
        self._is_new = True
        if message["unit"] != "phase":
            self._phases = None
            if message["unit"] == "step":
                learner.take(1)
                self._n_owed = max(0, self._n_owed - 1)
            elif self._n_owed:
                self._n_owed += learner.training.steps_per_epoch
            else:
                self._n_owed = learner.steps_left_of_epoch
            return
        self._n_owed = 0
        if self._phases is None or self._phases.is_over:
            if self._point is None:
                self._follow(int(learner.next_rows()[0]))
            self._phases = Phases(len(learner.network.architecture.layers))
        else:
            self._phases.go_on()
        if self._phases.is_over:
            learner.take(1)

    def _on_weight(self, message: Message) -> None:
        learner = self._learning()
        layer, source, to = message["layer"], message["from"], message["to"]
        layers = learner.network.architecture.layers
        if not 0 <= layer < len(layers):
            raise WrongChoice(f"there is no layer {layer}: there are {len(layers)}, from 0")
        kind = "biases" if source is None else "weights"
        name = f"{layers[layer].name}.{kind}"
        block = next(one for one in layout_of(learner.network.architecture).blocks
                     if one.name == name)  # fmt: skip
        place = (to,) if source is None else (source, to)
        if not all(0 <= i < n for i, n in zip(place, block.shape, strict=True)):
            raise WrongChoice(f"there is no such number among the {kind} of layer {layer}")
        value = float(message["value"])
        if abs(value) > _LARGEST:
            raise WrongChoice(f"a weight is set to a number up to {_LARGEST:,.0f}; got {value:g}")
        learner.set_number(block.start + int(np.ravel_multi_index(place, block.shape)), value)
        self._is_new = True

    def _on_point(self, message: Message) -> None:
        learner = self._learning()
        self._is_new = True
        if message["row"] is not None:
            if not 0 <= message["row"] < len(learner.material):
                raise WrongChoice(f"there is no row {message['row']}")
            self._follow(message["row"])
            return
        self._point = None
        if message["x"] is not None and message["y"] is not None:
            assert self._plane is not None
            place = np.array([[message["x"], message["y"]]], np.float64)
            if np.abs(place).max() > _LARGEST:
                raise WrongChoice("the point lies too far outside")
            self._point = Point(*self._plane.rows(place))

    def _on_explain(self, message: Message) -> None:
        learner = self._learning()
        if self._point is None:
            self._follow(int(learner.material.train[0]))
            self._is_new = True
        assert self._point is not None
        with speaking(self._language):
            html = self._formula(learner, self._point, message)
        asked = {name: value for name, value in message.fields.items() if value is not None}
        self._send({"type": "formula", "asked": asked, "html": html, "step": learner.step})

    @staticmethod
    def _formula(learner: Learner, point: Point, message: Message) -> str:
        what, layer = message["what"], message["layer"]
        if what == "output":
            return output_formula(learner, point)
        if layer is None:
            raise WrongChoice("which layer is to be explained?")
        if what == "node":
            return node_formula(learner, point, layer, message["node"] or 0)
        return weight_formula(learner, point, layer, message["from"], message["to"] or 0)

    def _on_code(self, message: Message) -> None:
        self._send({"type": "code", "text": self.code()})

    def _on_cells(self, message: Message) -> None:
        if self.model is None:
            raise WrongChoice("there is no trained model on this page")
        self._predict(message["cells"])

    def _on_lesson(self, message: Message) -> None:
        self.lesson = message["lesson"][:_MOST_LETTERS]
        if self.role == "teacher":
            self._broadcast({"type": "lesson", "lesson": self.lesson})

    def _on_address(self, message: Message) -> None:
        if self.role != "teacher":
            raise WrongChoice("a teacher's page alone sends all others something")
        self._broadcast({"type": "address", "choices": message["choices"]})

    def _on_seen(self, message: Message) -> None:
        self._n_seen = max(self._n_seen, min(message["frame"], self._n_frames))

    def code(self) -> str:
        """The program that trains this page's network."""
        return python_code(self._learning(), self.table.in_code if self.table else "")

    # What comes of it.

    def _learning(self) -> Learner:
        if self.learner is None:
            raise WrongChoice("there is no network on this page yet")
        return self.learner

    def _make(self, choices: Choices) -> None:
        """Begin with data and a network made anew."""
        material, old = self._material, self._choices
        if material is None or self._has_new_table(choices) or not choices.same_material(old):
            material = chosen_material(choices, self.table)
        choices = with_plane_of(choices, material, old)
        plane = Plane.of(choices, material)
        learner = Learner(choices, material)
        if self.learner is not None:
            self.learner.close()
        if material is not self._material:
            self._point = None
        self.learner, self._material, self._plane = learner, material, plane
        self._table_of_material = self.table
        self._choices = choices
        self._rows = drawn_rows(learner)
        self._phases, self._n_owed = None, 0
        self._pace.pause()
        self._say_made(kept=False)

    def _has_new_table(self, choices: Choices) -> bool:
        """Whether another table came since the network's, be its columns called the same."""
        return choices.data == TABLE and self._table_of_material is not self.table

    def _follow(self, row: int) -> None:
        material = self._learning().material
        part = slice(row, row + 1)
        y = float(material.y[row, 0])
        self._point = Point(material.x[part], material.codes[part], y, row)

    def _say_made(self, *, kept: bool) -> None:
        self._is_new = True
        assert self._plane is not None
        learner = self._learning()
        self._send(made_message(learner, self._choices, self._plane, self._rows, kept=kept))

    def _learn(self) -> float | None:
        """Learn for a bite; when the next one is due."""
        learner = self._learning()
        steps = self._pace.steps_due(learner.training.steps_per_epoch)
        if steps:
            started = self._clock()
            try:
                learner.take(steps)
            except TrainingDiverged as error:
                self._pace.pause()
                self._trouble(str(error))
            self._pace.took(steps, self._clock() - started)
            self._is_new = True
        if learner.is_done:
            self._pace.pause()
        return self._pace.due(learner.training.steps_per_epoch)

    def _take_owed(self) -> None:
        """Take steps of an epoch that was asked for, for a bite: there may be 200,000."""
        learner, began, n = self._learning(), self._clock(), 1
        self._is_new = True
        try:
            while self._n_owed and self._clock() - began < BITE_SECONDS:
                n = min(n, self._n_owed)
                learner.take(n)
                self._n_owed = 0 if learner.is_done else self._n_owed - n
                n *= 2  # so that the last of them take as long as all before
        except TrainingDiverged as error:
            self._n_owed = 0
            self._trouble(str(error))

    def _show(self) -> None:
        """Send a frame."""
        learner, plane = self._learning(), self._plane
        assert plane is not None
        began = self._clock()
        header, arrays = picture(learner, plane, self._point, self._rows)
        self._n_frames += 1
        self._last_loss = header["loss"][0]
        header |= {
            "frame": self._n_frames,
            "playing": self._pace.is_playing,
            "steps_per_second": self._pace.steps_a_second(),
            "phase": None if self._phases is None else self._phases.as_dict(),
        }
        self._is_new = False
        self._last_frame = self._clock()
        self._frame_seconds = self._last_frame - began
        self._send(packed(header, arrays))

    def _predict(self, cells: Mapping[str, object]) -> None:
        assert self.model is not None
        row = {**self.model.typical, **cells}
        results = self.model.results(row)
        self._send({"type": "prediction", "results": results, "cells": row})
        self._wants_reasons = row

    def _reasons(self) -> float | None:
        """Contributions come when nothing else is asked: they take longer than a prediction."""
        if self._wants_reasons is None or self.model is None or self.is_closed:
            return None
        row, self._wants_reasons = self._wants_reasons, None
        try:
            found = self.model.contributions(row)
        except (WrongChoice, TableError) as error:
            self._trouble(str(error))
        else:
            self._send({"type": "reasons", "cells": row, **found})
        return None
