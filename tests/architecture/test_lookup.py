"""Entries by name: aliases, and the nearest name where there is none."""

import pytest

from layerwise.architecture import (
    ACTIVATIONS,
    INITIALIZATIONS,
    LOSSES,
    OUTPUTS,
    default_loss,
    get_activation,
    get_initialization,
    get_loss,
)


@pytest.mark.parametrize(
    ("get", "entries"),
    [(get_activation, ACTIVATIONS), (get_loss, LOSSES), (get_initialization, INITIALIZATIONS)],
)
def test_each_entry_is_found_by_its_name(get, entries):
    for name, entry in entries.items():
        assert get(name) is entry
        assert entry.name == name
        assert entry.formula
        assert entry.source


@pytest.mark.parametrize(("alias", "name"), [("logistic", "sigmoid"), ("swish", "silu")])
def test_activations_have_aliases(alias, name):
    assert get_activation(alias) is ACTIVATIONS[name]


@pytest.mark.parametrize(
    ("get", "name", "message"),
    [
        (get_activation, "rleu", "unknown activation 'rleu'; did you mean 'relu'"),
        (get_activation, "swisch", "did you mean 'swish'"),
        (get_activation, "zzzz", "unknown activation 'zzzz'; Known: elu, gelu"),
        (get_activation, None, "unknown activation None"),
        (get_loss, "sqared", "unknown loss 'sqared'; did you mean 'squared'"),
        (get_loss, ["squared"], "unknown loss"),
        (get_initialization, "glorot", "unknown initialization 'glorot'; did you mean 'glorot_"),
    ],
)
def test_an_unknown_name_offers_the_nearest(get, name, message):
    with pytest.raises(ValueError, match=message):
        get(name)


def test_what_entries_name_exists():
    for activation in ACTIVATIONS.values():
        assert activation.initialization in INITIALIZATIONS
    for loss in LOSSES.values():
        assert loss.output in OUTPUTS


@pytest.mark.parametrize(
    ("output", "loss"),
    [("softmax", "softmax"), ("sigmoid", "sigmoid"), ("identity", "squared"), ("exp", "poisson")],
)
def test_each_output_has_its_loss(output, loss):
    assert default_loss(output).name == loss
    assert default_loss(output, "r2").name == loss


def test_a_metric_has_the_loss_that_is_least_where_it_is_best():
    found = {loss.name: default_loss(loss.output, loss.metric) for loss in LOSSES.values()}
    assert all(found[loss.name] == loss for loss in LOSSES.values() if loss.metric)
    assert found["absolute"].metric == "mae"
