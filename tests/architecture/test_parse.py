"""Architectures from text: "3-4:tanh-1:sigmoid"."""

import pytest

from layerwise.architecture import Architecture, Embedding


def test_sizes():
    assert Architecture.parse("3-4-4-1") == Architecture([3, 4, 4, 1])
    assert Architecture.parse("3-1") == Architecture([3, 1])


def test_spaces_are_welcome():
    assert Architecture.parse("  3 - 4 -1 ") == Architecture([3, 4, 1])


def test_activations_and_the_output():
    assert Architecture.parse("20-64-32:tanh-5:softmax") == Architecture(
        [20, 64, 32, 5], ["relu", "tanh"], "softmax"
    )


def test_repeated_sizes():
    assert Architecture.parse("4-8x3-1") == Architecture([4, 8, 8, 8, 1])
    assert Architecture.parse("4-8x2:tanh-8-1:exp") == (
        Architecture([4, 8, 8, 8, 1], ["tanh", "tanh", "relu"], "exp")
    )


@pytest.mark.parametrize("sizes", [[5, *[3] * 9, 1], [3] * 9, [1, *[3] * 9], [3] * 5, [3] * 4])
def test_a_title_is_read_back(sizes):
    assert Architecture.parse(Architecture(sizes).title) == Architecture(sizes)


def test_options_stand_behind_the_text():
    embeddings = [Embedding(3, 2)]
    assert Architecture.parse("2-4:elu-4-1", activation="tanh", embeddings=embeddings) == (
        Architecture([2, 4, 4, 1], ["elu", "tanh"], embeddings=embeddings)
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "3-",
        "-3-4",
        "3-4.5-1",
        "3--4-1",
        "3:relu-4-1",
        "3-4:-1",
        "a-b",
        "3 4 1",
        "3x4",
        "3x2-4-1",
        "3-4x-1",
    ],
)
def test_what_cannot_be_read(text):
    with pytest.raises(ValueError, match=r"write sizes joined by '-', as in '3-4-4-1'"):
        Architecture.parse(text)


@pytest.mark.parametrize("text", ["3-4x2", "3-4x0-1", "3-4-1x2"])
def test_what_cannot_be_repeated(text):
    with pytest.raises(ValueError, match="repeat"):
        Architecture.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3-4:tanb-1", "unknown activation 'tanb'; did you mean 'tanh'"),
        ("3-4-1:sigmod", "unknown output 'sigmod'; did you mean 'sigmoid'"),
        ("3-0-1", "hidden layer 1 must be an integer of at least 1"),
    ],
)
def test_names_and_sizes_are_checked(text, message):
    with pytest.raises(ValueError, match=message):
        Architecture.parse(text)
