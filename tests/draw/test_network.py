"""Pictures of networks: words that stay apart, numbers that are the network's, bad input."""

import re
import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import layerwise
from layerwise import Architecture, MLPClassifier, Network, TableClassifier, TableRegressor
from layerwise.architecture import Embedding, OneHot, Periodic, get_loss
from layerwise.draw import draw_network
from layerwise.draw.drawn_model import describe_model
from layerwise.draw.network_inputs import each_feature, feature_places
from layerwise.draw.network_numbers import flow_of, gradients_of, weights_of
from layerwise.draw.network_words import node_number
from layerwise.draw.saving import figure_bytes, save_figure
from layerwise.report import notebook
from layerwise.report.network_section import network_section
from tests.helpers.pictures import SEEN_IN, assert_texts_apart

COLUMNS = {
    "city": ["Ulm", "Bonn", None, "Ulm"] * 15,
    "rooms": [2.0, 3.0, 4.0, None, 5.0] * 12,
    "let": ["yes", "no"] * 30,
}
ROW = {name: [cells[0]] for name, cells in COLUMNS.items()}
check_apart = partial(assert_texts_apart, beyond=0, over=(0.5, 0.5))


@pytest.fixture(scope="module")
def classifier():
    model = TableClassifier(hidden=[5, 4], n_folds=2, n_repeats=1, epochs=3, random_state=0)
    return model.fit(COLUMNS, target="let")


@pytest.fixture(scope="module")
def regressor():
    columns = COLUMNS | {"rent": [400.0 + 7 * i for i in range(60)]}
    model = TableRegressor(hidden=[4], n_folds=2, n_repeats=1, epochs=3, random_state=0)
    return model.fit(columns, target="rent"), columns


def boxes(figure):
    """The texts' boxes in pixels, by text."""
    renderer = figure.canvas.get_renderer()
    texts = [text for text in figure.axes[0].texts if text.get_text()]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts]


@pytest.mark.slow
@settings(max_examples=15)
@given(
    n_inputs=st.integers(1, 100),
    hidden=st.lists(st.integers(1, 300), max_size=9),
    n_outputs=st.integers(1, 30),
    nodes=st.integers(2, 40),
    letters=st.integers(1, 90),
    has_numbers=st.booleans(),
)
def test_no_two_texts_overlap(n_inputs, hidden, n_outputs, nodes, letters, has_numbers):
    architecture = Architecture([n_inputs, *hidden, n_outputs], "leaky_relu", "softmax")
    names = [f"{i} {'ab가 $_^'[i % 7] * letters} {i}" for i in range(n_inputs)]
    model = Network(architecture, seed=0) if has_numbers else architecture
    outputs = [f"{'class ' * (letters // 6)}{i}" for i in range(n_outputs)]
    check_apart(draw_network(model, nodes=nodes, input_names=names, output_names=outputs))


@pytest.mark.parametrize("n_columns", [4, 13, 30, 100])
@pytest.mark.parametrize("all_of_them", [False, True])
def test_labels_of_many_columns_stay_apart(n_columns, all_of_them):
    names = [f"average yearly precipitation, station {i}" for i in range(n_columns)]
    net = Network(f"{n_columns}-64-64-3:softmax", seed=0)
    figure = draw_network(net, nodes=n_columns if all_of_them else 10, input_names=names)
    check_apart(figure)
    shown = [text for text, _ in boxes(figure) if "station" in text]
    assert len(shown) == (n_columns if all_of_them or n_columns <= 21 else 20)
    assert len(set(shown)) == len(shown)  # shortened names still differ


def test_a_rows_long_names_and_cells_share_their_labels():
    days = [f"20{n:02}-03-05" for n in range(30)]
    columns = {f"the day on which station {i} was built": days for i in range(3)}
    columns["the type of the station"] = ["a value of very many letters, 1", "the other"] * 15
    columns["let"] = ["yes", "no"] * 15
    settings = {"hidden": [4], "n_folds": 2, "n_repeats": 1, "epochs": 2, "random_state": 0}
    model = TableClassifier(**settings).fit(columns, target="let")
    row = {name: [cells[2]] for name, cells in columns.items()}
    figure = draw_network(model, row)
    check_apart(figure)
    shown = [text for text, _ in boxes(figure) if " = " in text][:4]
    assert all(text.startswith("the ") for text in shown)
    assert [text.rpartition(" = ")[2] for text in shown[:3]] == ["2002-03-05"] * 3
    assert shown[3].endswith("rs, 1")


@pytest.mark.parametrize("theme", SEEN_IN)
@pytest.mark.parametrize(
    "sizes", ["3-4-4-1", "13-64-64-3:softmax", "784-512-512-10:softmax", "2-1", "64-32x40-10"]
)
def test_usual_networks(sizes, theme):
    net = Network(sizes, seed=0)
    check_apart(draw_network(sizes, theme=theme))
    check_apart(draw_network(net, theme=theme))
    row = np.linspace(-1, 1, net.architecture.n_inputs)
    check_apart(draw_network(net, row, theme=theme))
    target = 0 if net.architecture.output == "softmax" else np.ones(net.architecture.n_outputs)
    check_apart(draw_network(net, row, target=target, gradients=True, theme=theme))


def test_every_line_of_a_small_network_is_there():
    lines = [c for c in draw_network("3-4-4-1").axes[0].collections if hasattr(c, "get_segments")]
    assert [len(each.get_segments()) for each in lines] == [12, 16, 4]
    texts = [text for text, _ in boxes(draw_network("3-4-4-1"))]
    assert {"12 weights", "16 weights", "4 weights", "4 biases", "1 bias"} <= set(texts)


def test_thickness_and_colour_are_the_weights():
    net = Network("3-4-2", seed=0)
    figure = draw_network(net, theme="light")
    lines = [c for c in figure.axes[0].collections if hasattr(c, "get_segments")]
    for each, weights in zip(lines, net.weights, strict=True):
        order = np.argsort(np.abs(weights).ravel(), kind="stable")
        widths = np.asarray(each.get_linewidths())
        expected = np.abs(weights).ravel()[order] / np.abs(weights).max()
        assert np.allclose(
            (widths - widths.min()) / np.ptp(widths),
            (expected - expected.min()) / np.ptp(expected),
            atol=1e-5,
        )
        red_over_blue = each.get_colors()[:, 0] > each.get_colors()[:, 2]
        assert (red_over_blue == (weights.ravel()[order] < 0)).all()


def in_nodes(figure):
    return {t.get_gid(): t.get_text() for t in figure.axes[0].texts if t.get_gid()}


def test_nodes_show_biases_values_and_gradients():
    net = Network("3-4:tanh-4-2", seed=3, dtype="float64")
    for biases in net.biases:
        biases[...] = np.random.default_rng(0).normal(size=biases.shape)
    row, target = [0.5, -1.0, 2.0], [1.0, 0.0]
    trace = net.forward([row])
    gradients = net.backward(trace, [target])
    expected = {
        "weights": (in_nodes(draw_network(net)), [None, *net.biases]),
        "row": (
            in_nodes(draw_network(net, row)),
            [trace.x[0], *[a[0] for a in trace.activations[:-1]], trace.outputs[0]],
        ),
        "gradients": (
            in_nodes(draw_network(net, row, target=target, gradients=True)),
            [gradients.x[0], *[a[0] for a in gradients.activations]],
        ),
    }
    for shown, columns in expected.values():
        wanted = {
            f"node-{layer}-{node + 1}": node_number(value)
            for layer, values in enumerate(columns)
            if values is not None
            for node, value in enumerate(values)
        }
        assert shown == wanted


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"residual": True, "normalization": "layer"},
        {"input_scale": True, "embeddings": [OneHot(3), Embedding(4, 2)], "pieces": [2, 0, 3]},
        {"periodic": Periodic(2), "scaling": "neural_tangent", "activation": "prelu"},
    ],
)
def test_lines_into_a_node_add_up_to_its_pre_activation(options):
    net = Network(Architecture([3, 5, 5, 2], **options), seed=1, dtype="float64")
    for i, n in enumerate(net.architecture.pieces):
        if n:
            net.edges[i] = np.linspace(-1, 1, n + 1)
    row = np.r_[0.3, -0.7, 1.1, np.arange(1, net.architecture.n_codes + 1)]
    for each_input in (False, True):
        drawn = describe_model(net, each_input=each_input)
        flow = flow_of(drawn, drawn.row(row))
        trace = net.forward(row[None, :3], row[None, 3:].astype(int))
        for lines, biases, z in zip(flow.lines, net.biases, trace.pre_activations, strict=True):
            np.testing.assert_allclose((lines.size * lines.sign).sum(axis=0) + biases, z[0])


def test_gradients_are_slopes_of_the_loss():
    net = Network("2-3:tanh-1", seed=0, dtype="float64")
    drawn = describe_model(net)
    row = drawn.row([0.4, -0.8], [1.0])
    found = gradients_of(drawn, row)
    for layer in range(2):
        for place in np.ndindex(net.weights[layer].shape):
            kept, losses = net.weights[layer][place], []
            for step in (1e-6, -1e-6):
                net.weights[layer][place] = kept + step
                losses.append(net.loss(row.x, [[1.0]]))
            net.weights[layer][place] = kept
            slope = (losses[0] - losses[1]) / 2e-6
            shown = found.lines[layer].size[place] * found.lines[layer].sign[place]
            assert shown == pytest.approx(slope, abs=1e-7)


def test_gradients_that_are_rounding_alone_are_0_and_no_node_is_empty():
    net = Network("1-2:identity-3:softmax", seed=0)
    net.weights[0][:] = [[1.0, 0.0]]
    net.weights[1][:] = [[40.0, 10.0, -10.0], [-3e-5, 0.0, 0.0]]
    by_loss = {0: ("0", "0", "0", "0", "0"), 2: ("50.0", "−3e-5", "1.00", "0", "−1.00")}
    for target, wanted in by_loss.items():  # of scores 40, 10 and -10
        figure = draw_network(net, [1.0], target=target, gradients=True)
        shown = in_nodes(figure)
        assert tuple(shown[f"node-{k}"] for k in ("1-1", "1-2", "2-1", "2-2", "2-3")) == wanted
        words = [text.get_text() for text in figure.axes[0].texts]
        assert ("thickest: 0" in words) == (target == 0)
    with_more_digits = Network(net.architecture, seed=0, dtype="float64")
    with_more_digits.weights[0][:] = [[1.0, 0.0]]
    with_more_digits.weights[1][:] = [[40.0, 10.0, -10.0], [-3e-10, 0.0, 0.0]]
    shown = draw_network(with_more_digits, [1.0], target=2, gradients=True)
    assert in_nodes(shown)["node-1-2"] == "−3e-10"  # in smaller letters


def test_a_network_has_one_name(classifier):
    width = classifier.networks_[0].architecture.input_width
    assert width > 2  # of two columns
    name = f"{width}-5-4-2"
    assert draw_network(classifier).axes[0].texts[0].get_text() == name
    assert f"{name}: {width * 5 + 5 * 4 + 4 * 2:,} weights" in re.sub(
        r"[\d,]+ parameters: ", "", layerwise.explain(classifier, ROW).to_text()
    )
    assert f"The network {name} has" in network_section(classifier)
    assert str(classifier.networks_[0]).startswith(f"{name}\n")


def test_a_tables_columns_are_the_inputs(classifier):
    figure = draw_network(classifier)
    texts = [text for text, _ in boxes(figure)]
    assert {"city", "rooms", "yes", "no", "2 columns"} <= set(texts)
    assert any(text.startswith("network 1 of 2") for text in texts)
    drawn = describe_model(classifier)
    shown, network = weights_of(drawn), classifier.networks_[0]
    factor = network.parameters["inputs.scale"][:, None]
    for i, column in enumerate(drawn.columns):
        own = (network.weights[0] * factor)[list(column.features)]
        np.testing.assert_allclose(shown.lines[0].size[i], np.sqrt((own**2).sum(axis=0)), rtol=1e-5)
    features = [place for column in drawn.columns for place in column.features]
    assert sorted(features) == list(range(network.architecture.input_width))


def test_a_row_of_a_table(classifier, regressor):
    texts = [text for text, _ in boxes(draw_network(classifier, ROW, member=1))]
    p = classifier.networks_[1](*_prepared(classifier, ROW))[0]
    assert {"city = Ulm", "rooms = 2", f"yes = {p[1]:.4g}"} <= set(texts)
    model, columns = regressor
    row = {name: [cells[3]] for name, cells in columns.items()}
    texts = [text for text, _ in boxes(draw_network(model, row))]
    assert "rooms = missing" in texts
    y = model.networks_[0](*_prepared(model, row))[0, 0]
    y = float(y * model.target_scale_[0] + model.target_mean_[0])
    assert f"rent = {y:.4g}" in texts
    assert any("loss" in text for text, _ in boxes(draw_network(model, row, gradients=True)))


def _prepared(model, row):
    prepared = model.prepare(row)
    return prepared.x, prepared.codes


def test_each_input_has_a_name(classifier):
    names = [column.name for column in describe_model(classifier, each_input=True).columns]
    assert len(set(names)) == len(names) == classifier.networks_[0].architecture.input_width
    assert "city: Ulm" in names
    check_apart(draw_network(classifier, ROW, each_input=True, nodes=40))


def test_places_of_periodic_features():
    architecture = Architecture(
        [2, 1], periodic=Periodic(2), pieces=[0, 2], embeddings=[Embedding(3, 2)]
    )
    numbers, codes = feature_places(architecture)
    assert numbers == [(0, 1, 2, 3), (4, 5, 6, 7, 8, 9)]
    assert codes == [(10, 11)]
    names = [c.name for c in each_feature(architecture, ["a", "b"], ["c"], [()])]
    assert names[:2] == ["a, sine 1", "a, sine 2"]
    assert names[8:] == ["b, piece 1", "b, piece 2", "c [1]", "c [2]"]


def test_a_matrix_estimator_shows_its_classes():
    x = np.random.default_rng(0).normal(size=(40, 2))
    model = MLPClassifier((3,), max_iter=3, random_state=0, label_smoothing=0.2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, np.where(x[:, 0] > 0, "up", "down"))
    texts = [text for text, _ in boxes(draw_network(model, x[0], target="up", gradients=True))]
    loss = model.network_.loss(x[:1], [1], get_loss("sigmoid", label_smoothing=0.2))
    assert any(f"answer up, loss {loss:.4g}" in text for text in texts)
    assert any(text.startswith("up = ") for text in texts)
    with pytest.raises(ValueError, match="'left' is none of the classes"):
        draw_network(model, x[0], target="left", gradients=True)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (["3-4-1"], {"member": 1}, "only 0 is there"),
        (["3-4-1"], {"gradients": True}, "give the row too"),
        (["3-4-1", [1, 2, 3]], {}, "without numbers"),
        (["3-4-1"], {"nodes": 1}, "at least 2"),
        (["3-4-1"], {"theme": "pink"}, "pink"),
        (["3-4-1"], {"input_names": ["a"]}, "input_names must hold 3 names; got 1"),
        (["3-4-1"], {"output_names": ["a", "b"]}, "output_names must hold 1 names; got 2"),
        ([Network("3-4-1", seed=0), [1, 2]], {}, r"a row of 3 numbers is wanted; got \(2,\)"),
        ([Network("3-4-1", seed=0), [1, 2, 3]], {"gradients": True}, "a known answer"),
        (["3-x"], {}, "cannot read '3-x'"),
    ],
)
def test_bad_input(arguments, options, said):
    with pytest.raises(ValueError, match=said):
        draw_network(*arguments, **options)


def test_bad_models(classifier):
    with pytest.raises(TypeError, match="got int"):
        draw_network(3)
    with pytest.raises(ValueError, match="averages 2 networks, 0 to 1"):
        draw_network(classifier, member=2)
    with pytest.raises(ValueError, match="got 60 rows"):
        draw_network(classifier, COLUMNS)
    with pytest.raises(ValueError, match="maybe"):
        draw_network(classifier, ROW, target="maybe", gradients=True)
    net = Network("3-4-1", seed=0)
    net.weights[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="diverged"):
        draw_network(net)
    assert notebook.shown(net) == {"text/plain": repr(net)}


def test_files(tmp_path):
    figure = draw_network("3-4-1")
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        path = tmp_path / f"net.{kind}"
        save_figure(figure, path)
        written = path.read_bytes()
        assert written.startswith(start)
        assert written == figure_bytes(draw_network("3-4-1"), kind)
    with pytest.raises(ValueError, match=r"ends in \.svg, \.png or \.pdf"):
        save_figure(figure, tmp_path / "net.jpg")
