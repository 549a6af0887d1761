"""Turns: nothing that one page does ends the threads that serve all."""

import threading

import pytest

from layerwise.playground.turns import Turns


class Served:
    """Counts its turns; each does what it is told."""

    def __init__(self, act, *, closes_badly=False):
        self.act, self.had_turn, self.closed = act, threading.Event(), threading.Event()
        self.closes_badly = closes_badly

    def turn(self):
        self.had_turn.set()
        return self.act()

    def fail(self, error):
        raise error

    def close(self):
        self.closed.set()
        if self.closes_badly:
            raise RuntimeError("cannot be closed")


@pytest.fixture
def turns():
    turns = Turns(1)
    yield turns
    turns.close()


def fault():
    raise RuntimeError("a fault")


def assert_others_are_served(turns):
    other = Served(lambda: None)
    turns.add(other)
    assert other.had_turn.wait(20)


def test_a_turn_that_is_due_in_centuries(turns):
    late = Served(lambda: 1e299)
    turns.add(late)
    assert late.had_turn.wait(20)
    assert_others_are_served(turns)
    turns._threads[0].join(0.2)
    assert turns._threads[0].is_alive()


def test_faults_while_a_fault_is_said_and_while_it_is_closed(turns):
    broken = Served(fault)
    turns.add(broken)
    assert broken.had_turn.wait(20)
    assert_others_are_served(turns)

    def leave():
        turns.remove(leaving)

    leaving = Served(leave, closes_badly=True)
    turns.add(leaving)
    assert leaving.closed.wait(20)
    assert_others_are_served(turns)
