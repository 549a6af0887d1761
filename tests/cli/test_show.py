"""`layerwise show`: counts, options, JSON, and names that do not exist."""

import json

import pytest
import typer.testing

from layerwise import Architecture
from layerwise.architecture import ACTIVATIONS, OUTPUTS
from layerwise.cli.command import app
from tests.helpers.other_python import run_python


def show(*arguments):
    return typer.testing.CliRunner().invoke(app, ["show", *arguments])


def cells(text):
    """The table's rows as lists of words."""
    return [line.split() for line in text.splitlines()]


def test_the_table_of_3_4_4_1():
    rows = cells(show("3-4-4-1").output)
    assert ["hidden", "1", "relu(x", "W", "+", "b)", "3", "4", "12", "4"] in rows
    assert ["hidden", "2", "relu(x", "W", "+", "b)", "4", "4", "16", "4"] in rows
    assert ["output", "x", "W", "+", "b", "4", "1", "4", "1"] in rows
    assert ["all", "32", "9"] in rows
    assert "41 parameters: 32 weights + 9 biases" in show("3-4-4-1").output


def test_equal_layers_share_a_row():
    text = show("64-" + "64-" * 50 + "10").output
    assert "hidden 1-50" in text
    assert "50 x 4,096" in text


def test_a_network_of_many_different_layers_is_shortened():
    text = show("-".join(str(3 + i % 2) for i in range(100)) + "-1").output
    assert "76 more rows" in text
    assert len(text.splitlines()) < 35


def test_options_reach_the_architecture():
    done = show(
        "8-8-8-3", "--activation", "tanh", "--output", "softmax", "--normalization", "layer",
        "--residual", "--dropout", "0.25", "--json",
    )  # fmt: skip
    wanted = Architecture(
        [8, 8, 8, 3], "tanh", "softmax", normalization="layer", residual=True, dropout=0.25
    )
    values = json.loads(done.output)
    assert Architecture.from_json(json.dumps(values["architecture"])) == wanted
    assert values["weight_counts"] == list(wanted.weight_counts)
    assert values["bias_counts"] == list(wanted.bias_counts)
    assert values["n_parameters"] == wanted.n_parameters
    assert [layer["computes"] for layer in values["layers"]] == [
        layer.formula for layer in wanted.layers
    ]
    counted = sum(
        layer["n_weights"] + layer["n_biases"] + layer["n_other"] for layer in values["layers"]
    )
    assert counted == wanted.n_parameters


def test_activations_may_stand_in_the_text():
    values = json.loads(show("20-64-32:tanh-5:softmax", "--json").output)
    assert values["architecture"]["activation"] == ["relu", "tanh"]
    assert values["architecture"]["output"] == "softmax"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("3-0-1",), "hidden layer 1 must be an integer of at least 1; got 0"),
        (("3",), "cannot read '3'"),
        (("3--1",), "cannot read '3--1'"),
        (("three-one",), "cannot read 'three-one'"),
        (("3-4-1", "--activation", "rleu"), "did you mean 'relu'?"),
        (("3-1", "--activation", "rleu"), "did you mean 'relu'?"),
        (("3-4:rleu-1",), "did you mean 'relu'?"),
        (("3-4-1", "--output", "sotfmax"), "did you mean 'softmax'?"),
        (("3-4-1:softmax", "--output", "sigmoid"), "leave out one"),
        (("3-4-1", "--normalization", "bacth"), "did you mean 'batch'?"),
        (("3-4-1", "--dropout", "1"), "dropout must lie in [0, 1)"),
        (("3-4-1", "--dropout", "nan"), "dropout must lie in [0, 1)"),
    ],
)
def test_what_is_no_architecture_is_one_line_and_exit_code_2(arguments, said):
    done = show(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_help_names_every_activation_and_output():
    done = run_python("-c", "from layerwise.cli import main; main()", "show", "--help")
    words = set(done.stdout.replace(",", " ").replace(".", " ").split())
    assert words >= ACTIVATIONS.keys()
    assert words >= OUTPUTS.keys()
