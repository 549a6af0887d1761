"""Why a page's training has no step left: said in words, and only where it is so."""

from dataclasses import replace

import pytest

from layerwise.engine.optimizers import LBFGS
from layerwise.language import spoken
from layerwise.playground.choices import Choices
from tests.playground.pages import Talk, opened


@pytest.fixture
def talk():
    talk = Talk()
    yield talk
    talk.page.close()


def shown(talk, messages):
    """The last frame among messages, of which none is a text; all that came are seen."""
    assert not [one for one in messages if isinstance(one, dict)]
    talk.seen({"frame": 1_000_000})
    return opened(messages[-1])[0] if messages else None


def play_to_the_end(talk):
    talk.seen({"frame": 1_000_000})
    header = shown(talk, talk.say("play", speed=0))
    for _ in range(3_000):
        header = shown(talk, talk.turn()) or header
        if header["stopped"]:
            break
    assert header["playing"] is False
    return header


def converging(talk):
    talk.hello(data="plane", layers="", noise="0", optimizer="lbfgs")
    return play_to_the_end(talk)


def test_a_search_that_has_converged_says_so(talk):
    header = converging(talk)
    assert header["stopped"] == "converged"
    assert header["epoch"] < 1_000
    for asked in ({"kind": "play", "speed": 30}, *({"kind": "step", "unit": unit}
                  for unit in ("step", "epoch", "phase"))):  # fmt: skip
        assert "L-BFGS has converged" in talk.ask(**asked)["text"]
    talk.say("hello", choices={}, language="ko")
    assert "수렴했습니다" in talk.ask("play", speed=30)["text"]
    assert spoken() == "en"


def test_a_weight_set_by_hand_lets_it_go_on(talk):
    converging(talk)
    header = shown(talk, talk.say("weight", layer=0, **{"from": 0}, to=0, value=3.0))
    assert header["stopped"] == ""
    shown(talk, talk.say("step", unit="step"))
    assert talk.page.learner.network.vector[0] != 3.0


def test_a_search_that_computes_too_often(talk, monkeypatch):
    ordinary = Choices.trainer

    def hasty(*given):
        return replace(ordinary(*given), optimizer=LBFGS(max_evaluations=5))

    monkeypatch.setattr(Choices, "trainer", hasty)
    talk.hello(data="spirals", layers="8:tanh", optimizer="lbfgs")
    assert play_to_the_end(talk)["stopped"] == "evaluations"
    assert "as often as it may" in talk.ask("play", speed=0)["text"]


def test_a_search_that_cannot_begin_says_so_each_time(talk):
    talk.hello(data="plane", layers=",".join(["3:identity"] * 12), optimizer="lbfgs")
    for layer in range(12):
        talk.say("weight", layer=layer, **{"from": 0}, to=0, value=1e6)
    assert "the loss is" in talk.ask("step", unit="step")["text"]
    talk.seen({"frame": 1_000_000})
    assert shown(talk, talk.turn())["stopped"] == "diverged"
    assert "the loss is not finite" in talk.ask("play", speed=0)["text"]


def test_a_schedule_that_ends_it_is_named(talk):
    talk.hello(data="plane", layers="", noise="0", optimizer="sgd", schedule="adaptive", rate="0.1")
    assert play_to_the_end(talk)["stopped"] == "learning rate"
    assert "the schedule has ended" in talk.ask("play", speed=0)["text"]


def test_epochs_that_are_over_are_over(talk):
    talk.hello(epochs="2")
    assert play_to_the_end(talk)["stopped"] == "epochs"
    talk.say("weight", layer=0, **{"from": 0}, to=0, value=3.0)
    assert "epochs that were chosen are over" in talk.ask("play", speed=0)["text"]
    assert talk.ask("choose", choices={"epochs": 5})["kept"]
    assert play_to_the_end(talk)["epoch"] == 5
