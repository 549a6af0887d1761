"""Each initialisation's spread against its formula, written here once more."""

import math

import pytest

from layerwise.architecture import INITIALIZATIONS, get_activation, get_initialization

FAN_IN, FAN_OUT = 30, 12
FORMULAS = {
    "he_normal": lambda gain: gain / math.sqrt(FAN_IN),
    "he_uniform": lambda gain: gain * math.sqrt(3 / FAN_IN),
    "glorot_normal": lambda gain: math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "glorot_uniform": lambda gain: math.sqrt(6 / (FAN_IN + FAN_OUT)),
    "lecun_normal": lambda gain: 1 / math.sqrt(FAN_IN),
    "lecun_uniform": lambda gain: math.sqrt(3 / FAN_IN),
    "orthogonal": lambda gain: gain,
    "zeros": lambda gain: 0.0,
    "scikit_learn": lambda gain: math.sqrt(6 / (FAN_IN + FAN_OUT)),
}


def test_each_entry_is_here():
    assert FORMULAS.keys() == INITIALIZATIONS.keys()


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_the_spread(name, activation):
    entry = get_activation(activation)
    found = get_initialization(name).spread(FAN_IN, FAN_OUT, entry)
    assert found == pytest.approx(FORMULAS[name](entry.gain))


def test_scikit_learn_halves_it_for_the_logistic_function():
    found = get_initialization("scikit_learn").spread(FAN_IN, FAN_OUT, get_activation("logistic"))
    assert found == pytest.approx(math.sqrt(2 / (FAN_IN + FAN_OUT)))


def test_a_uniform_entry_has_its_normal_twins_standard_deviation():
    tanh = get_activation("tanh")
    for name in ("he", "glorot", "lecun"):
        limit = get_initialization(f"{name}_uniform").spread(FAN_IN, FAN_OUT, tanh)
        deviation = get_initialization(f"{name}_normal").spread(FAN_IN, FAN_OUT, tanh)
        assert limit / math.sqrt(3) == pytest.approx(deviation)
