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
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from layerwise.arrays import Integers
from layerwise.harmless_text import on_one_line, visible
from layerwise.language import LANGUAGES, speaking
from layerwise.playground.beside import Beside
from layerwise.playground.catalogue import catalogue
from layerwise.playground.choices import TABLE, Choices, WrongChoice
from layerwise.playground.chosen_material import ChosenMaterial
from layerwise.playground.explained import formula
from layerwise.playground.exported import python_code
from layerwise.playground.held import Held
from layerwise.playground.input_plane import Plane
from layerwise.playground.learner import Learner
from layerwise.playground.made_message import made_message
from layerwise.playground.messages import Message
from layerwise.playground.pace import BITE_SECONDS
from layerwise.playground.page_frames import Point, drawn_rows, packed, picture
from layerwise.playground.page_model import PageModel
from layerwise.playground.page_table import PageTable
from layerwise.playground.page_training import PageTraining
from layerwise.playground.trained import TrainedModel
from layerwise.tables.errors import TableError
from layerwise.training.history import TrainingDiverged
from layerwise.version import __version__

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
    beside : callable
        beside(work): does work that may take seconds in another thread, and then wakes the page.
    held : Held or None
        Counts what all pages hold; None: this one is alone.
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
        beside: Callable[[Callable[[], None]], None] = lambda work: work(),
        held: Held | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.inbox: deque[Message | Callable[[], None]] = deque()
        self.role, self.name, self.lesson = role, "", ""
        self.table = table
        self.model = None if model is None else PageModel(model, self.tell)
        self.training: PageTraining | None = None
        self.is_closed = False
        self._send, self._broadcast, self._clock = send, broadcast, clock
        self._last_loss: float | None = None
        self._chosen: ChosenMaterial | None = None
        self._beside, self._held = Beside(beside), held or Held()
        self._point: Point | None = None
        self._rows: Integers = np.zeros(0, np.int64)
        self._n_at_once = n_at_once
        self._n_frames = self._n_seen = 0
        self._last_frame, self._frame_seconds = -1.0, 0.0
        self._is_new = False  # something is to be shown
        self._language, self._has_begun = "en", False

    def turn(self) -> float | None:
        """Answer what was asked, learn for some milliseconds, show what is new.

        Returns
        -------
        float or None
            When the next turn is due, by the clock; None: when a message comes.
        """
        began = self._clock()
        was_playing, was_asked = self._is_playing, False
        while (line := self._line()) and not self.is_closed:
            if self._clock() - began > BITE_SECONDS:
                return self._clock()  # the rest of what is asked, when all others had their turn
            asked = line.popleft()
            was_asked |= isinstance(asked, Message) and asked.kind != "seen"
            self._answer(asked)
        if self.model is not None and not self.is_closed:
            self._answer(self.model.say_reasons)
        if self.is_closed or self.training is None or self._beside.is_busy:
            return None
        due = self.training.due
        if not (was_playing and was_asked):  # who only asks gets an answer, and keeps its place
            due = self._learn(self.training)
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
        self._held.forget(self.id)
        if self.training is not None:
            self.training.learner.close()
            self.training = None

    def summary(self) -> dict[str, Any]:
        """What a teacher sees of it: as much as was last shown, and nothing of a table."""
        training, choices = self.training, self._choices
        return {
            "name": self.name,
            "epoch": 0 if training is None else training.learner.epoch,
            "loss": self._last_loss,
            "layers": choices.layers,
            "data": choices.data,
            "lesson": self.lesson,
        }

    @property
    def learner(self) -> Learner | None:
        """The network that learns on it, if there is one."""
        return None if self.training is None else self.training.learner

    def tell(self, message: dict[str, Any]) -> None:
        """Send the page a message."""
        self._send(message)

    def take_table(self, table: PageTable) -> None:
        """Have another table from now on, of which nothing is chosen yet.

        Raises
        ------
        WrongChoice
            If all pages would hold too much.
        """
        self._held.hold(self.id, table=table)
        self.table = table

    # What is asked.

    def _line(self) -> deque[Message | Callable[[], None]]:
        """What is to be answered; while rows are prepared, what is asked waits for their end."""
        return self._beside.ends if self._beside.is_busy else self.inbox

    def _answer(self, asked: Message | Callable[[], None]) -> None:
        try:
            if isinstance(asked, Message):
                getattr(self, f"_on_{asked.kind}")(asked)
            else:
                asked()
        except (WrongChoice, TableError) as error:
            self._trouble(str(error))
        except TrainingDiverged as error:
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
        described = None if self.table is None else self.table.described
        self._send(
            {
                "type": "welcome",
                "page": self.id,
                "version": __version__,
                "role": self.role,
                "table": described,
                "model": None if self.model is None else self.model.described,
                **catalogue(),
            }
        )
        if self.model is not None:
            self.model.predict({})
            return
        start = Choices()
        if self.table is not None:
            start = start.changed({"data": TABLE, "target": self.table.target})
        try:
            wanted = start.changed(message["choices"])
        except WrongChoice as error:
            self._make(start, excuse=_of_address(error))
        else:
            self._make(wanted, instead=start)

    def _on_choose(self, message: Message) -> None:
        given = dict(message["choices"])
        if given.get("data") == TABLE and self.table is not None and not given.get("target"):
            given["target"] = self.table.target
        new = self._choices.changed(given)
        training, chosen = self.training, self._chosen
        if training is None or chosen is None or not chosen.keeps_network(new, self.table):
            self._make(new)
            return
        plane = Plane.of(new, chosen.material)
        training.change(new)
        self._chosen = replace(chosen, choices=new, plane=plane)
        self._say_made(kept=True)

    def _on_play(self, message: Message) -> None:
        with speaking(self._language):
            self._trained().play(float(message["speed"]))
        self._is_new = True

    def _on_pause(self, message: Message) -> None:
        self._trained().pause()
        self._is_new = True

    def _on_reset(self, message: Message) -> None:
        self._make(self._choices)

    def _on_step(self, message: Message) -> None:
        training, unit = self._trained(), message["unit"]
        with speaking(self._language):
            if unit == "step":
                training.take_step()
            elif unit == "epoch":
                training.take_epoch()
            else:
                learner = training.learner
                if self._point is None and not learner.stopped:
                    self._point = Point.of_row(learner.material, int(learner.next_rows()[0]))
                training.take_part()
        self._is_new = True

    def _on_weight(self, message: Message) -> None:
        learner = self._trained().learner
        place = learner.place_of(message["layer"], message["from"], message["to"])
        value = float(message["value"])
        if abs(value) > _LARGEST:
            raise WrongChoice(f"a weight is set to a number up to {_LARGEST:,.0f}; got {value:g}")
        learner.set_number(place, value)
        self._is_new = True

    def _on_point(self, message: Message) -> None:
        material = self._trained().learner.material
        row, x, y = message["row"], message["x"], message["y"]
        if row is not None:
            self._point = Point.of_row(material, row)
        elif x is None or y is None:
            self._point = None
        else:
            assert self._chosen is not None
            self._point = Point.of_place(self._chosen.plane, x, y)
        self._is_new = True

    def _on_explain(self, message: Message) -> None:
        learner = self._trained().learner
        if self._point is None:
            self._point = Point.of_row(learner.material, int(learner.material.train[0]))
            self._is_new = True
        with speaking(self._language):
            html = formula(learner, self._point, message.fields)
        asked = {name: value for name, value in message.fields.items() if value is not None}
        self._send({"type": "formula", "asked": asked, "html": html, "step": learner.step})

    def _on_code(self, message: Message) -> None:
        self._send({"type": "code", "text": self.code()})

    def _on_cells(self, message: Message) -> None:
        if self.model is None:
            raise WrongChoice("there is no trained model on this page")
        self.model.predict(message["cells"])

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
        table = None if self._chosen is None else self._chosen.table
        return python_code(self._trained().learner, None if table is None else table.source)

    # What comes of it.

    def _trained(self) -> PageTraining:
        if self.training is None:
            raise WrongChoice("there is no network on this page yet")
        return self.training

    @property
    def _is_playing(self) -> bool:
        return self.training is not None and self.training.is_playing

    @property
    def _choices(self) -> Choices:
        return Choices() if self._chosen is None else self._chosen.choices

    def _make(self, choices: Choices, *, instead: Choices | None = None, excuse: str = "") -> None:
        """Begin with data and a network made anew; of a table they are prepared beside the turns.

        `instead`: what to begin with where these are refused; `excuse`: what is to be said then.
        """
        table, before = self.table, self._chosen

        def begin(prepare: Callable[[], ChosenMaterial]) -> None:
            try:
                self._begin(prepare())
            except (WrongChoice, TableError) as error:
                if instead is None:
                    raise
                self._make(instead, excuse=_of_address(error))
            else:
                if excuse:
                    self._trouble(excuse)

        prepare = partial(ChosenMaterial.of, choices, table, before)
        if choices.data == TABLE and not (before and before.serves(choices, table)):
            self._send({"type": "preparing"})
            self._beside.do(prepare, begin)
        else:
            begin(prepare)

    def _begin(self, chosen: ChosenMaterial) -> None:
        learner = Learner(chosen.choices, chosen.material)
        try:
            things: dict[str, Any] = {"material": chosen.material, "learner": learner}
            if self.table is not None:
                things["table"] = self.table
            self._held.hold(self.id, **things)
        except WrongChoice:
            learner.close()
            raise
        if self.training is not None:
            self.training.learner.close()
        if self._chosen is None or chosen.material is not self._chosen.material:
            self._point = None
        self.training = PageTraining(learner, self._clock, self._n_at_once)
        self._chosen, self._rows = chosen, drawn_rows(learner)
        self._say_made(kept=False)

    def _say_made(self, *, kept: bool) -> None:
        self._is_new = True
        assert self._chosen is not None
        plane = self._chosen.plane
        self._send(
            made_message(self._trained().learner, self._choices, plane, self._rows, kept=kept)
        )

    def _learn(self, training: PageTraining) -> float | None:
        """Learn for a bite; when the next one is due."""
        before = training.learner.step, training.is_playing
        try:
            due = training.go_on()
        except TrainingDiverged as error:
            due = None
            self._trouble(str(error))
            self._is_new = True
        self._is_new |= (training.learner.step, training.is_playing) != before
        return due

    def _show(self) -> None:
        """Send a frame."""
        training, chosen = self._trained(), self._chosen
        assert chosen is not None
        began = self._clock()
        header, arrays = picture(training.learner, chosen.plane, self._point, self._rows)
        self._n_frames += 1
        self._last_loss = header["loss"][0]
        header |= {
            "frame": self._n_frames,
            "playing": training.is_playing,
            "steps_per_second": training.steps_a_second(),
            "phase": None if training.phases is None else training.phases.as_dict(),
        }
        self._is_new = False
        self._last_frame = self._clock()
        self._frame_seconds = self._last_frame - began
        self._send(packed(header, arrays))


def _of_address(error: Exception) -> str:
    return f"what the address holds cannot be shown: {error}"
