"""What an architecture says of its layers, its errors, and how it is shown."""

import copy
import itertools
import pickle

import pytest
from hypothesis import given

from layerwise.architecture import Architecture, Embedding, OneHot, Periodic
from tests.helpers.strategies import architectures


class TestCounts:
    def test_the_network_of_the_first_page(self):
        architecture = Architecture([3, 4, 4, 1])
        assert architecture.weight_counts == (12, 16, 4)
        assert architecture.bias_counts == (4, 4, 1)
        assert architecture.n_parameters == 41
        assert architecture.depth == 2

    def test_no_hidden_layer(self):
        architecture = Architecture([20, 5], output="softmax")
        assert architecture.depth == 0
        assert architecture.n_parameters == 105

    def test_a_learned_slope_for_each_node(self):
        assert Architecture([3, 4, 1], "prelu").n_parameters == 12 + 4 + 4 + 4 + 1

    def test_gain_and_shift_for_each_normalised_input(self):
        # From the second layer on: 4 gains and 4 shifts before the output layer.
        assert Architecture([3, 4, 1], normalization="layer").n_parameters == 21 + 8

    def test_inputs_of_every_kind(self):
        architecture = Architecture(
            [2, 4, 1],
            embeddings=[Embedding(7, 3), Embedding(2, 1)],
            periodic=Periodic(5),
            input_scale=True,
        )
        width = 2 * 2 * 5 + 3 + 1
        assert architecture.input_width == width
        assert architecture.n_codes == 2
        tables, frequencies, scales = 7 * 3 + 2 * 1, 2 * 5, width
        assert architecture.n_parameters == tables + frequencies + scales + width * 4 + 4 + 4 + 1

    @given(architectures())
    def test_layers_add_up(self, architecture):
        layers = architecture.layers
        assert len(layers) == architecture.depth + 1
        assert layers[0].fan_in == architecture.input_width
        assert layers[-1].fan_out == architecture.n_outputs
        for layer, following in itertools.pairwise(layers):
            assert layer.fan_out == following.fan_in
        assert architecture.weight_counts == tuple(layer.n_weights for layer in layers)


class TestLayers:
    def test_each_layer_may_have_its_own(self):
        layers = Architecture(
            [3, 3, 3, 4, 1],
            normalization=["layer", None, "batch", None],
            residual=[False, True, True],
        ).layers
        assert [layer.normalization for layer in layers] == ["layer", None, "batch", None]
        assert [layer.residual for layer in layers] == [False, True, False, False]

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"residual": [True]}, "one for each of the 2 hidden layers; got 1"),
            ({"residual": [True, "yes"]}, "residual must be True or False; got 'yes'"),
            ({"normalization": ["layer"] * 2}, "each of the 3 layers, the output layer among"),
            ({"normalization": ["layer", "bath", None]}, "did you mean 'batch'"),
        ],
    )
    def test_or_is_told_how_many_there_are(self, options, words):
        with pytest.raises(ValueError, match=words):
            Architecture([3, 4, 4, 1], **options)

    def test_a_residual_connection_needs_equal_widths(self):
        layers = Architecture([3, 4, 4, 4], residual=True).layers
        assert [layer.residual for layer in layers] == [False, True, False]

    def test_normalisation_starts_at_the_second_layer(self):
        layers = Architecture([3, 4, 4, 1], normalization="batch").layers
        assert [layer.normalization for layer in layers] == [None, "batch", "batch"]

    def test_or_at_the_first_where_that_one_is_residual(self):
        layers = Architecture([4, 4, 1], normalization="batch", residual=True).layers
        assert [layer.normalization for layer in layers] == ["batch", "batch"]

    def test_the_output_layer_has_no_activation_and_no_dropout(self):
        layers = Architecture([3, 4, 1], "tanh", dropout=0.5).layers
        assert [layer.activation for layer in layers] == ["tanh", "identity"]
        assert [layer.dropout for layer in layers] == [0.5, 0.0]

    @pytest.mark.parametrize(
        ("options", "formula"),
        [
            ({}, "relu(x W + b)"),
            ({"activation": "identity"}, "x W + b"),
            ({"normalization": "layer"}, "relu(norm(x) W + b)"),
            ({"residual": True}, "x + relu(x W + b)"),
            ({"dropout": 0.1}, "dropout(relu(x W + b))"),
            (
                {"residual": True, "normalization": "batch", "dropout": 0.1},
                "x + dropout(relu(norm(x) W + b))",
            ),
        ],
    )
    def test_formula(self, options, formula):
        assert Architecture([3, 4, 4, 1], **options).layers[1].formula == formula

    def test_formula_of_one_of_many_residual_layers(self):
        architecture = Architecture([3, *[4] * 1201, 1], residual=True, dropout=0.1)
        assert architecture.layers[7].formula == "x + dropout(relu(x W + b)) / 1,200^0.75"
        assert architecture.layers[0].formula == "dropout(relu(x W + b))"

    def test_scaling_is_by_depth_where_layers_are_residual(self):
        sizes = [3, 4, 4, 4, 1]
        by_depth, plain = Architecture(sizes, residual=True), Architecture(sizes)
        assert (by_depth.scaling, plain.scaling) == ("depth", "standard")
        assert [layer.divisor for layer in by_depth.layers] == [1, 2**0.75, 2**0.75, 1]
        assert repr(by_depth) == "Architecture([3, 4, 4, 4, 1], activation='relu', residual=True)"
        asked = Architecture(sizes, residual=True, scaling="standard")
        assert {layer.divisor for layer in asked.layers} == {1}
        assert "scaling='standard'" in repr(asked)

    def test_aliases_become_the_one_name(self):
        assert Architecture([3, 4, 1], "logistic") == Architecture([3, 4, 1], "sigmoid")


class TestErrors:
    @pytest.mark.parametrize(
        ("sizes", "message"),
        [
            ([3], "at least the inputs and the outputs"),
            ([], "at least the inputs and the outputs"),
            ([0, 1], "number of inputs must be an integer of at least 1; got 0"),
            ([3, 0, 1], "nodes of hidden layer 1 must be an integer of at least 1; got 0"),
            ([3, 4, -4, 1], "nodes of hidden layer 2 must be an integer of at least 1; got -4"),
            ([3, 4, 0], "number of outputs must be an integer of at least 1; got 0"),
            ([3, 4.0, 1], "hidden layer 1 must be an integer of at least 1; got 4.0"),
            ([3, True, 1], "hidden layer 1 must be an integer of at least 1; got True"),
            ("3-4-1", "number of inputs must be an integer"),
        ],
    )
    def test_sizes(self, sizes, message):
        with pytest.raises(ValueError, match=message):
            Architecture(sizes)

    def test_a_table_of_categories_alone_has_no_numeric_input(self):
        assert Architecture([0, 1], embeddings=[Embedding(3, 2)]).input_width == 2

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"activation": "rleu"}, "unknown activation 'rleu'; did you mean 'relu'"),
            ({"activation": 3}, "unknown activation 3"),
            ({"output": "sofmax"}, "unknown output 'sofmax'; did you mean 'softmax'"),
            ({"normalization": "bath"}, "unknown normalization 'bath'; did you mean 'batch'"),
            ({"initialization": "he"}, "unknown initialization 'he'"),
            ({"initialization": "he_norml"}, "did you mean 'he_normal'"),
            ({"scaling": "neural"}, "unknown scaling 'neural'; did you mean 'neural_tangent'"),
        ],
    )
    def test_unknown_names(self, options, message):
        with pytest.raises(ValueError, match=message):
            Architecture([3, 4, 1], **options)

    def test_an_unknown_activation_where_no_layer_would_use_it(self):
        with pytest.raises(ValueError, match="did you mean 'relu'"):
            Architecture([3, 1], "rleu")

    @pytest.mark.parametrize("rate", [-0.1, 1.0, 2.0, float("nan")])
    def test_dropout_out_of_range(self, rate):
        with pytest.raises(ValueError, match=r"dropout must lie in \[0, 1\)"):
            Architecture([3, 4, 1], dropout=rate)
        with pytest.raises(ValueError, match=r"dropout must lie in \[0, 1\)"):
            Architecture([3, 4, 4, 1], dropout=[0.0, rate])

    def test_dropout_out_of_range_where_no_layer_would_use_it(self):
        with pytest.raises(ValueError, match=r"dropout must lie in \[0, 1\)"):
            Architecture([3, 1], dropout=2.0)

    @pytest.mark.parametrize("name", ["activation", "dropout"])
    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_one_for_all_or_one_for_each(self, name, count):
        value = {"activation": "tanh", "dropout": 0.5}[name]
        with pytest.raises(ValueError, match=rf"{name} needs one value .* 2 hidden layers; got"):
            Architecture([3, 4, 4, 1], **{name: [value] * count})

    @pytest.mark.parametrize("n", [0, -1, 1.5, "2", True])
    def test_embeddings_and_periodic_features(self, n):
        with pytest.raises(ValueError, match="n_values must be an integer"):
            Embedding(n, 2)
        with pytest.raises(ValueError, match="size must be an integer"):
            Embedding(2, n)
        with pytest.raises(ValueError, match="n_frequencies must be an integer"):
            Periodic(n)

    @pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan"), float("inf")])
    def test_the_spread_of_frequencies(self, sigma):
        with pytest.raises(ValueError, match="sigma must be a positive number"):
            Periodic(3, sigma)


class TestShown:
    @given(architectures())
    def test_repr_evaluates_back(self, architecture):
        names = {"Architecture": Architecture, "Embedding": Embedding}
        names |= {"OneHot": OneHot, "Periodic": Periodic}
        assert eval(repr(architecture), names) == architecture

    def test_repr_is_short(self):
        assert repr(Architecture([3, 1])) == "Architecture([3, 1])"
        assert (
            repr(Architecture([3, 4, 5, 1], ["relu", "tanh"], "sigmoid", dropout=[0.0, 0.5]))
            == "Architecture([3, 4, 5, 1], activation=['relu', 'tanh'], output='sigmoid', "
            "dropout=[0.0, 0.5])"
        )

    def test_str_is_a_table(self):
        assert str(Architecture([30, 4000, 4, 1], normalization="layer")).splitlines() == [
            "30-4000-4-1",
            "layer     computes             fan_in  nodes  weights  biases  other",
            "hidden 1  relu(x W + b)            30  4,000  120,000   4,000",
            "hidden 2  relu(norm(x) W + b)   4,000      4   16,000       4  8,000",
            "output    norm(x) W + b             4      1        4       1      8",
            "148,017 parameters: 136,004 weights + 4,005 biases + 8,008 other",
        ]

    def test_a_column_with_nothing_in_it_is_left_out(self):
        assert str(Architecture([3, 4, 1])).splitlines() == [
            "3-4-1",
            "layer     computes       fan_in  nodes  weights  biases",
            "hidden 1  relu(x W + b)       3      4       12       4",
            "output    x W + b             4      1        4       1",
            "21 parameters: 16 weights + 5 biases",
        ]

    def test_a_deep_network_is_shortened(self):
        architecture = Architecture([20, *[8] * 1000, 3])
        lines = str(architecture).splitlines()
        assert lines[0] == "20-8x1000-3"
        assert len(lines) < 30
        assert "978 more layers" in str(architecture)
        assert any(line.startswith("hidden 1 ") for line in lines)
        assert any(line.startswith("output") for line in lines)


class TestIsAValue:
    @given(architectures())
    def test_copies_are_equal(self, architecture):
        for twin in (
            pickle.loads(pickle.dumps(architecture)),
            copy.deepcopy(architecture),
            copy.copy(architecture),
        ):
            assert twin == architecture
            assert hash(twin) == hash(architecture)

    def test_it_cannot_be_changed(self):
        with pytest.raises(AttributeError):
            Architecture([3, 1]).sizes = (4, 1)
        with pytest.raises(AttributeError):
            Embedding(3, 1).size = 4

    def test_other_sizes_are_another_architecture(self):
        assert Architecture([3, 4, 1]) != Architecture([3, 5, 1])
        assert Architecture([3, 4, 1]) != Architecture([3, 4, 1], residual=True)
