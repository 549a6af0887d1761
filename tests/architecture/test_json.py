"""Architectures as JSON: read back equal, and clear about what cannot be read."""

import json

import pytest
from hypothesis import given

from layerwise.architecture import Architecture, Embedding, OneHot, Periodic
from tests.helpers.strategies import architectures


@given(architectures())
def test_what_is_written_is_read_back(architecture):
    assert Architecture.from_json(architecture.to_json()) == architecture


def test_sizes_from_numpy_can_be_written():
    import numpy as np

    architecture = Architecture(
        np.array([3, 4, 1]),
        dropout=np.float32(0.5),
        embeddings=[Embedding(np.int64(4), np.int32(2)), OneHot(np.int64(3))],
        pieces=np.array([0, 2, 3]),
        periodic=Periodic(np.int64(3), np.float32(0.5)),
    )
    assert Architecture.from_json(architecture.to_json()) == architecture


def changed(**values: object) -> str:
    """The JSON of a small architecture, with some values of it replaced."""
    return json.dumps({**json.loads(Architecture([3, 4, 1]).to_json()), **values})


def test_residual_networks_of_before_they_were_scaled_stay_as_they_were():
    """Their files say "standard": what a layer adds is not divided."""
    old = Architecture.from_json(changed(sizes=[4, 4, 4, 1], activation=["relu"] * 2,
                                         dropout=[0.0] * 2, residual=True))  # fmt: skip
    assert [layer.divisor for layer in old.layers] == [1, 1, 1]
    assert Architecture.from_json(old.to_json()) == old


def test_a_newer_version():
    with pytest.raises(ValueError, match=r"written by a newer Layerwise \(format 99"):
        Architecture.from_json(changed(layerwise_architecture=99))


@pytest.mark.parametrize("text", ["", "{", "3-4-1"])
def test_what_is_no_json(text):
    with pytest.raises(ValueError, match="not an architecture"):
        Architecture.from_json(text)


@pytest.mark.parametrize("text", ["{}", "[]", "3", "null", '"3-4-1"', '{"sizes": [3, 4, 1]}'])
def test_json_of_something_else(text):
    with pytest.raises(ValueError, match="the key 'layerwise_architecture' is missing"):
        Architecture.from_json(text)


def test_missing_and_unknown_keys_are_named():
    values = json.loads(changed(colour="red"))
    del values["sizes"]
    with pytest.raises(ValueError, match="missing or unknown keys: colour, sizes"):
        Architecture.from_json(json.dumps(values))


@pytest.mark.parametrize(
    "values",
    [
        {"sizes": 3},
        {"sizes": [3]},
        {"sizes": ["a", 1]},
        {"sizes": [3, None, 1]},
        {"activation": ["nonsense"]},
        {"activation": 3},
        {"activation": ["relu", "relu"]},
        {"dropout": ["high"]},
        {"dropout": [float("nan")]},
        {"embeddings": None},
        {"embeddings": [3]},
        {"embeddings": [{"n_values": 3}]},
        {"embeddings": [{"n_values": 3, "size": 0}]},
        {"periodic": {"n_frequencies": 3, "sigma": "wide"}},
        {"periodic": [1, 2]},
        {"scaling": None},
    ],
    ids=str,
)
def test_values_are_checked(values):
    with pytest.raises(ValueError, match=r"\w"):
        Architecture.from_json(changed(**values))
