"""Bare weights: every number of every network, by name."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from layerwise import Network, TableClassifier
from layerwise.architecture import Architecture
from layerwise.store.weights import export_weights
from tests.helpers.compare import assert_same_bits
from tests.store.small_models import mlp, networks, table_model


@pytest.mark.parametrize("name", networks())
def test_a_networks_numbers(name, tmp_path):
    net = networks()[name]
    export_weights(net, tmp_path / "a")
    arrays = load_file(tmp_path / "a")
    for own, array in net.parameters.items():
        assert_same_bits(arrays.pop(own), array)
    assert sum(array.size for array in arrays.values()) == net.state.size


def test_a_table_models_networks_are_numbered(tmp_path):
    model = table_model("price,width")
    export_weights(model, tmp_path / "a")
    arrays = load_file(tmp_path / "a")
    for number, net in enumerate(model.networks_, 1):
        for own, array in net.parameters.items():
            assert_same_bits(arrays[f"network {number}/{own}"], array)
        edges = np.concatenate([own for own in net.edges if len(own)])
        assert_same_bits(arrays[f"network {number}/inputs.edges"], edges)
    assert f"network {len(model.networks_) + 1}/output.weights" not in arrays


def test_the_architectures_stand_beside_them(tmp_path):
    model = mlp("three")
    export_weights(model, tmp_path / "a")
    with safe_open(tmp_path / "a", framework="numpy") as file:
        about = json.loads(file.metadata()["layerwise"])
    architecture = Architecture.from_json(json.dumps(about["networks"][""]))
    assert architecture == model.network_.architecture
    net = Network(architecture, dtype=model.network_.dtype)
    for own, array in load_file(tmp_path / "a").items():
        net.parameters[own][...] = array
    x = np.ones((2, 3))
    assert_same_bits(net(x), model.network_(x))


def test_something_else_is_refused(tmp_path):
    with pytest.raises(TypeError, match="a model of Layerwise or a Network is wanted; got dict"):
        export_weights({}, tmp_path / "a")
    with pytest.raises(ValueError, match="not fitted"):
        export_weights(TableClassifier(), tmp_path / "a")
