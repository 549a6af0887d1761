"""Choices: read from an address by anyone, checked, and said again the same."""

import json
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.architecture import ACTIVATIONS
from layerwise.playground.choices import (
    MOST_LAYERS,
    MOST_POINTS,
    Choices,
    WrongChoice,
    joined,
    named_values,
    split,
)
from layerwise.playground.learner import Learner
from layerwise.playground.material import Material
from layerwise.playground.messages import Malformed, read

NAMES = [entry.name for entry in fields(Choices)]
LAYER = st.builds(
    "{}:{}:{}".format,
    st.integers(1, 20),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(["0", "0.1", "0.5", "0:layer", "0.2:batch+residual", "0:residual"]),
)
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=3), st.integers()),
)  # fmt: skip


@given(
    layers=st.lists(LAYER, max_size=5).map(",".join),
    rate=st.floats(1e-6, 10),
    rows=st.integers(10, 5000),
    noise=st.floats(0, 1),
)
def test_what_was_read_is_written_and_read_again(layers, rate, rows, noise):
    chosen = Choices.of({"layers": layers, "rate": rate, "rows": rows, "noise": noise})
    texts = {name: str(value) for name, value in chosen.as_dict().items()}
    assert Choices.of(texts) == chosen
    assert Choices.of(json.loads(json.dumps(chosen.as_dict()))) == chosen


@given(st.dictionaries(st.sampled_from([*NAMES, "other"]), ANYTHING, max_size=4))
def test_anything_else_is_one_clear_sentence(given_):
    try:
        Choices.of(given_)
    except WrongChoice as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"rows": "many"}, "rows must be a number from 10 to 5000; got 'many'"),
        ({"rows": 12.5}, "rows must be a whole number; got 12.5"),
        ({"rate": float("nan")}, "rate must be a number"),
        ({"layers": "8:rlu"}, "did you mean 'relu'"),
        ({"layers": "8:relu:2"}, "dropout must be a number from 0 to 0.95; got '2'"),
        ({"layers": ",".join(["2"] * (MOST_LAYERS + 1))}, "up to 100 hidden layers; got 101"),
        ({"layers": ",".join(["256"] * 20)}, "more than 1,000,000 weights"),
        ({"layers": "8:relu:0:layer+batch"}, "a layer can have one of"),
        ({"layers": "8:relu:0:layer:1"}, "a layer is written nodes:activation:dropout:more"),
        ({"data": "circels"}, "did you mean 'circles'"),
        ({"points": "1,2"}, "a point is written as x,y,class"),
        ({"points": "1,2,9"}, "class of a point must be a number from 0 to 5; got '9'"),
        ({"points": "0,0,0;" * (MOST_POINTS + 1)}, "1,000 points can be drawn; got 1,001"),
        ({"optimizer": "lbfgs", "layers": "4:tanh:0.5"}, "take out dropout"),
        ({"optimizer": "lbfgs", "schedule": "cosine"}, "take no schedule"),
        ({"colour": "red"}, "there is no choice 'colour'"),
    ],
)
def test_errors_say_what_came_and_what_was_wanted(given_, words):
    with pytest.raises(WrongChoice, match=words.replace("(", r"\(")):
        Choices.of(given_)


def test_a_plus_that_an_address_took_for_a_space():
    assert Choices.of({"layers": "4:tanh:0:batch residual"}).layers == "4:tanh:0:batch+residual"


def test_a_wrong_choice_changes_nothing():
    chosen = Choices.of({"data": "xor"})
    with pytest.raises(WrongChoice):
        chosen.changed({"rows": 50, "noise": 7})
    assert chosen == Choices.of({"data": "xor"})


@given(st.lists(st.text(min_size=1, max_size=8), max_size=4))
def test_names_of_any_letters_survive_the_address(names):
    assert list(split(joined(names))) == names


def test_values_by_name():
    assert named_values("a%2Cb=1.5,c=x%3Dy") == {"a,b": "1.5", "c": "x=y"}


@pytest.mark.parametrize(
    ("loss", "data", "words"),
    [("squared", "xor", "not for classes"), ("softmax", "plane", "not for numbers")],
)
def test_a_loss_that_does_not_fit_is_refused(loss, data, words):
    with pytest.raises(WrongChoice, match=words):
        Learner(Choices.of({"data": data, "loss": loss}), Material.of_toy(data, 40))


@given(st.one_of(st.text(max_size=200), st.binary(max_size=50), ANYTHING.map(json.dumps)))
def test_no_message_breaks_the_reader(text):
    try:
        read(text)
    except Malformed as error:
        assert len(str(error)) < 200


@given(
    st.sampled_from(["play", "step", "weight", "point", "explain", "cells", "hello", "lesson"]),
    st.dictionaries(
        st.sampled_from(["speed", "unit", "layer", "from", "to", "x", "cells"]), ANYTHING
    ),
)
def test_no_field_breaks_the_reader(kind, fields_):
    try:
        message = read(json.dumps({"type": kind, **fields_}))
    except Malformed:
        return
    assert message.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"type": "fly"}',
        '{"type": ["play"]}',
        '{"type": "play", "speed": 1e999}',
        '{"type": "play", "speed": NaN}',
        '{"type": "play", "speed": 1, "more": 2}',
        '{"type": "point", "row": true}',
        "[" * 100_000,
        '{"type": "lesson", "lesson": "' + "x" * 200_000 + '"}',
    ],
)
def test_what_no_page_says_is_refused(text):
    with pytest.raises(Malformed):
        read(text)


def test_hand_drawn_points_are_numbers():
    points = Choices.of({"points": "1,2,0;-1.5,0,1;"}).hand_drawn()
    assert np.array_equal(points, [[1, 2, 0], [-1.5, 0, 1]])
