"""Rows of a table are prepared beside the turns, once for all pages that choose the same."""

import numpy as np
import pyarrow as pa
import pytest

from layerwise.playground.held import Held
from layerwise.playground.material import Material
from layerwise.playground.messages import read
from layerwise.playground.uploads import example_table
from tests.playground.pages import Talk, opened, page_table


def table(n=40, names=("x", "kind")):
    return pa.table({names[0]: np.arange(float(n)), names[1]: ["a", "b"] * (n // 2)})


class Beside:
    """Keeps work until it is asked to be done."""

    def __init__(self):
        self.waiting = []

    def __call__(self, work):
        self.waiting.append(work)

    def do(self):
        self.waiting.pop(0)()


@pytest.fixture
def beside():
    return Beside()


@pytest.fixture
def talk(beside):
    talk = Talk(table=page_table("t.csv", table(), "kind"), beside=beside)
    talk.say("hello", choices={})
    beside.do()
    (_, frame) = talk.turn()
    talk.seen(opened(frame)[0])
    yield talk
    talk.page.close()


def kinds(messages):
    return ["frame" if isinstance(one, bytes) else one["type"] for one in messages]


def test_a_page_that_opens_with_a_table_says_that_it_waits(beside):
    talk = Talk(table=page_table("t.csv", table(), "kind"), beside=beside)
    assert kinds(talk.say("hello", choices={})) == ["welcome", "preparing"]
    assert talk.turn() == []
    assert talk.due is None  # until it is woken
    beside.do()
    made, _ = talk.turn()
    assert made["task"]["classes"] == ["a", "b"]
    talk.page.close()


def test_what_is_asked_meanwhile_is_answered_in_its_order(talk, beside):
    assert kinds(talk.say("choose", choices={"test": 0.5})) == ["preparing"]
    assert talk.say("step", unit="step") == []
    assert talk.say("code") == []
    beside.do()
    made, code, frame = talk.turn()
    assert made["n_test"] == 20
    assert "test=0.5" in code["text"]
    assert opened(frame)[0]["step"] == 1


def test_a_network_on_the_same_rows_waits_for_nothing(talk, beside):
    assert kinds(talk.say("choose", choices={"layers": "2:relu"})) == ["made", "frame"]
    assert kinds(talk.say("choose", choices={"rate": 0.5})) == ["made"]
    assert beside.waiting == []


def test_what_is_refused_leaves_the_page_as_it_was(talk, beside):
    talk.say("play", speed=60)
    before = talk.page.learner
    assert kinds(talk.say("choose", choices={"target": "nothing"})) == ["preparing"]
    beside.do()
    trouble = talk.turn()[0]
    assert "nothing" in trouble["text"]
    assert talk.page.learner is before
    assert talk.due is not None  # it plays on


def test_what_the_address_holds_in_vain_is_said_after_the_page_is_made(beside):
    talk = Talk(table=page_table("t.csv", table(), "kind"), beside=beside)
    talk.say("hello", choices={"target": "nothing"})
    beside.do()
    assert kinds(talk.turn()) == ["preparing"]
    beside.do()
    made, trouble, _ = talk.turn()
    assert made["choices"]["target"] == "kind"
    assert "what the address holds cannot be shown" in trouble["text"]
    talk.page.close()


def test_a_fault_while_rows_are_prepared_is_raised_in_the_turn(talk, beside, monkeypatch):
    def fault(*given, **options):
        raise RuntimeError("a fault")

    monkeypatch.setattr(Material, "of_table", fault)
    talk.say("choose", choices={"test": 0.5})
    beside.do()
    with pytest.raises(RuntimeError, match="a fault"):
        talk.turn()


def test_a_page_that_is_closed_while_it_waits(talk, beside):
    talk.say("choose", choices={"test": 0.5})
    talk.page.close()
    beside.do()
    assert talk.turn() == []


def test_pages_share_a_tables_rows():
    shared = page_table("t.csv", table(), "kind")
    talks = [Talk(table=shared) for _ in range(3)]
    for talk in talks:
        talk.hello()
    materials = {id(talk.page.learner.material) for talk in talks}
    assert len(materials) == 1
    talks[0].say("choose", choices={"seed": 1})
    assert talks[0].page.learner.material is not talks[1].page.learner.material
    for talk in talks:
        talk.page.close()


def test_what_pages_hold_is_counted():
    held, shared = Held(), page_table("t.csv", table(4_000), "kind")
    first, second = (Talk(table=shared, held=held) for _ in range(2))
    first.hello()
    of_one = held.total
    rows, material = shared.nbytes, first.page.learner.material.nbytes
    assert material >= 4_000 * (4 + 4 + 8)  # its number, its class, its place in the training
    assert of_one == rows + material + first.page.learner.nbytes
    second.hello()
    assert held.total == of_one + second.page.learner.nbytes
    second.say("choose", choices={"seed": 1})
    assert held.total == of_one + second.page.learner.nbytes + material
    second.page.close()
    assert held.total == of_one
    first.page.take_table(example_table())  # in the place of the first
    assert held.total == of_one - rows + example_table().nbytes
    first.page.close()
    assert held.total == 0


def test_all_pages_together_have_a_limit():
    mine, other = (page_table("t.csv", table(4_000), "kind") for _ in range(2))
    held = Held(most=200_000)  # one such table, its rows and some networks
    first, second = Talk(held=held), Talk(held=held)
    first.hello()
    second.hello()
    first.page.take_table(mine)
    assert first.ask("choose", choices={"data": "table"})["type"] == "made"
    before = held.total
    with pytest.raises(ValueError, match="close another page"):
        second.page.take_table(other)
    assert (held.total, second.page.table) == (before, None)
    wide = ",".join(["200:tanh"] * 10)
    assert "close another page" in second.ask("choose", choices={"layers": wide})["text"]
    assert held.total == before
    assert second.page.learner.network.n_parameters < 1_000  # it goes on with what it had
    first.page.close()
    second.page.take_table(other)
    assert second.ask("choose", choices={"data": "table"})["type"] == "made"
    second.page.close()


def test_tables_that_are_gone_are_not_kept():
    shared = page_table("t.csv", table(), "kind")
    talk = Talk(table=shared)
    talk.hello()
    for seed in range(1, 6):
        talk.page.inbox.append(read(f'{{"type": "choose", "choices": {{"seed": {seed}}}}}'))
        talk.turn()
    assert len(shared._materials) == 1
    talk.page.close()
