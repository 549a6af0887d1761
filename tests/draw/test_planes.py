"""Pictures over two columns: the model's own predictions, what is held and said, bad input."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb

from layerwise import MLPClassifier, MLPRegressor, Network, TableClassifier, TableRegressor
from layerwise.draw import draw_boundary, draw_nodes
from layerwise.draw.boundary import shade
from layerwise.draw.model_rows import rows_of
from layerwise.draw.panels import class_colors
from layerwise.draw.plane import plane_of
from layerwise.draw.theme import find_theme, new_figure
from layerwise.ensemble.decision import Decision
from tests.helpers.pictures import KOREAN, SEEN_IN, assert_drawn, assert_texts_apart, trained, xor


def table(n=90):
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            KOREAN: random.normal(40, 5, n),
            "price": [f"{1000 + 10 * i:,} €" for i in range(n)],
            "city": random.choice(["Ulm", "Bonn", "서울"], n),
            "since": pd.date_range("2020-01-01", periods=n, freq="D"),
            "member": random.choice([True, False], n),
        }
    )
    frame.loc[::9, KOREAN] = None
    frame.loc[::7, "city"] = None
    frame["kind"] = np.where(frame[KOREAN].fillna(40) > 40, "high", "low")
    frame.loc[frame["city"] == "서울", "kind"] = "서울 것"
    frame["rent"] = 3 * frame[KOREAN].fillna(40) + np.arange(n)
    return frame


SMALL = {"hidden": [6], "n_folds": 2, "n_repeats": 1, "epochs": 4, "random_state": 0}


@pytest.fixture(scope="module")
def classifier():
    return TableClassifier(**SMALL).fit(table().drop(columns="rent"), target="kind")


@pytest.fixture(scope="module")
def regressor():
    return TableRegressor(**SMALL).fit(table().drop(columns="kind"), target="rent")


@pytest.mark.parametrize(
    ("columns", "theme"),
    [
        (None, "light"),
        ([KOREAN, "price"], "dark"),
        ([KOREAN, "city"], "light"),
        (["city", "member"], "dark"),
        (["since", KOREAN], "light"),
        ([0, 2], "light"),
    ],
)
def test_a_tables_model(classifier, columns, theme):
    figure = draw_boundary(classifier, table(), columns=columns, theme=theme)
    assert_drawn(figure, theme)
    assert_texts_apart(figure)


@pytest.mark.parametrize("theme", SEEN_IN)
def test_numbers_have_a_surface_and_a_bar(regressor, theme):
    figure = draw_boundary(regressor, table(), columns=[KOREAN, "price"], theme=theme)
    assert [ax.get_ylabel() for ax in figure.axes] == ["price", "rent"]
    assert_drawn(figure, theme)
    assert_texts_apart(figure)


def test_the_plane_is_what_the_model_predicts_of_such_rows(classifier):
    rows = rows_of(classifier, table())
    plane = plane_of(rows, [KOREAN, "city"])
    found = rows.outputs(plane.x, plane.codes).reshape(*plane.shape, -1)
    held = {"price": table()["price"].iloc[45], "since": table()["since"].iloc[45], "member": True}
    held["member"] = bool(table()["member"].mode()[0])
    for i, j in ((0, 0), (1, 60), (2, 119)):
        row = {KOREAN: plane.across.cells[j], "city": plane.up.labels[i], **held}
        same = classifier.predict_proba(pd.DataFrame([row]))
        np.testing.assert_allclose(found[i, j], same[0], atol=1e-6)


def test_what_the_others_are_held_at_is_said(classifier):
    figure = draw_boundary(classifier, table(), columns=[KOREAN, "city"])
    said = figure._supxlabel.get_text().replace("\n", " ")
    assert "held at typical values" in said
    assert "price = 1,450 €" in said
    assert "since = 2020-02-15" in said
    assert "00:00" not in said  # days without their midnight


def test_rows_lie_at_their_cells(classifier):
    rows = rows_of(classifier, table())
    plane = plane_of(rows, [KOREAN, "price"])
    np.testing.assert_allclose(plane.across.rows, table()[KOREAN].to_numpy())
    np.testing.assert_allclose(plane.up.rows, 1000 + 10.0 * np.arange(90))


def test_the_most_telling_columns_are_chosen():
    random = np.random.default_rng(0)
    x = random.normal(size=(80, 5))
    net = Network("5-1", seed=0)
    net.weights[0] = [[0.0], [3.0], [0.1], [-2.0], [0.0]]
    figure = draw_boundary(net, x)
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("x2", "x4")


def test_classes_are_divided_where_the_model_changes_its_mind():
    net = Network("2-1:sigmoid", seed=0)
    net.weights[0], net.biases[0] = [[1.0], [0.0]], [-0.25]
    x, y = xor()
    ax = draw_boundary(net, x, y).axes[0]
    (line,) = [path for path in ax.collections[1].get_paths() if len(path.vertices)]
    np.testing.assert_allclose(line.vertices[:, 0], 0.25, atol=1e-6)


def test_weights_of_classes_move_the_boundary():
    frame = table().drop(columns="rent")
    model = TableClassifier(class_weight="balanced", **SMALL).fit(frame, target="kind")
    rows = rows_of(model, frame)
    plane = plane_of(rows, [KOREAN, "city"])
    outputs = rows.outputs(plane.x, plane.codes)
    model.class_weights_ = np.where(np.arange(outputs.shape[1]) == 0, 50.0, 1.0)
    colors = find_theme("light")
    axes = [new_figure(3, 3).subplots() for _ in range(2)]
    for ax, decision in zip(axes, (model.decision, Decision()), strict=True):
        shade(ax, plane, outputs, rows, colors, decision)
    first = to_rgb(class_colors(colors, outputs.shape[1])[0])
    ground = to_rgb(colors.background)

    def is_first(ax):
        pixels = ax.collections[0].get_array().reshape(-1, 3) - ground
        along = np.subtract(first, ground) / np.linalg.norm(np.subtract(first, ground))
        return np.linalg.norm(pixels - (pixels @ along)[:, None] * along, axis=1) < 1e-6

    np.testing.assert_array_equal(is_first(axes[0]), model.decide(outputs) == 0)
    assert is_first(axes[0]).sum() > is_first(axes[1]).sum()


def test_a_threshold_moves_the_boundary():
    frame = table().drop(columns="rent")
    frame["rare"] = np.where(frame[KOREAN].fillna(40) > 46, "yes", "no")
    frame = frame.drop(columns="kind")
    model = TableClassifier(metric="f1", **SMALL).fit(frame, target="rare")
    rows = rows_of(model, frame)
    plane = plane_of(rows, [KOREAN, "city"])
    sides = rows.outputs(plane.x, plane.codes)[:, 1] > model.threshold_
    ax = draw_boundary(model, frame, columns=[KOREAN, "city"]).axes[0]
    shown = ax.collections[0].get_array().ravel() > 0
    np.testing.assert_array_equal(shown, sides)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("n_classes", [2, 3, 8])
def test_estimators_of_matrices(n_classes):
    random = np.random.default_rng(1)
    x = pd.DataFrame(random.normal(size=(80, 3)), columns=[KOREAN, "b", "c"])
    y = np.array([f"class {'x' * 40} {i}" for i in range(n_classes)])[np.arange(80) % n_classes]
    model = MLPClassifier((5,), max_iter=3, random_state=0)
    model.fit(x, y)
    figure = draw_boundary(model, x, y)
    assert_drawn(figure, "light")
    assert_texts_apart(figure)
    numbers = MLPRegressor(hidden_layer_sizes=(5,), max_iter=3, random_state=0).fit(x, x["b"])
    assert_drawn(draw_boundary(numbers, x, columns=["c", KOREAN]), "light")


def test_one_value_alone_and_columns_that_never_vary():
    net = Network("2-3-1", seed=0)
    assert_drawn(draw_boundary(net, [[1.0, 2.0]]), "light")
    assert_drawn(draw_boundary(net, [[1.0, 2.0], [1.0, 5.0]], [0.0, 1.0]), "light")


def test_long_names_that_end_differently_are_told_apart():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"yearly precipitation at station {i}": [1.0, 2.0] * 20 for i in (1, 2)})
    frame += random.normal(size=frame.shape)
    frame["kind"] = [f"a class with a rather long name {i % 3}" for i in range(40)]
    model = TableClassifier(**SMALL).fit(frame, target="kind")
    ax = draw_boundary(model, frame).axes[0]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [text[-1] for text in legend] == ["0", "1", "2"]
    assert [ax.get_xlabel()[-1], ax.get_ylabel()[-1]] == ["1", "2"]


@pytest.mark.slow
def test_names_longer_than_the_picture():
    names = [f"{'a long name ' * 9}{i}" for i in range(2)] + ["아주 긴 이름 " * 12]
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=names)
    net = Network("3-7-6-1:sigmoid", seed=0)
    for columns in ([0, 1], [2, 0]):
        assert_texts_apart(draw_boundary(net, x, columns=columns))
        assert_texts_apart(draw_nodes(net, x, columns=columns))


@pytest.mark.parametrize("theme", SEEN_IN)
def test_every_node_is_drawn(theme):
    net, _ = trained("2-6-4-1:sigmoid")
    figure = draw_nodes(net, *xor(), theme=theme)
    assert len(figure.axes) == 10
    assert_drawn(figure, theme)
    assert_texts_apart(figure)


def test_a_node_shows_its_activation():
    net, _ = trained("2-3-1:sigmoid")
    x, y = xor()
    ax = draw_nodes(net, x, y).axes[1]
    plane = plane_of(rows_of(net, x, y), None)
    expected = net.forward(plane.x).activations[0][:, 1]
    np.testing.assert_allclose(ax.collections[0].get_array().ravel(), expected, atol=1e-6)


@pytest.mark.slow
def test_wide_and_deep_networks_are_shortened_and_say_so():
    net = Network("2-" + "12x8" + "-1", seed=0)
    figure = draw_nodes(net, xor()[0], nodes=3)
    assert len(figure.axes) == 18
    said = figure._supxlabel.get_text().replace("\n", " ")
    assert "Nodes left out: 9 of layer 1" in said
    assert "Layers drawn: 6 of 8" in said
    assert_texts_apart(figure)


def test_nodes_of_one_of_a_tables_networks(classifier):
    figure = draw_nodes(classifier, table(), columns=[KOREAN, "city"], member=1, theme="dark")
    assert "network 2 of 2" in figure._suptitle.get_text().replace("\n", " ")
    assert_texts_apart(figure)


def test_dates_are_days_of_the_calendar(classifier):
    rows = rows_of(classifier, table())
    plane = plane_of(rows, ["since", "city"])
    assert plane.across.rows[0] == pytest.approx(np.datetime64("2020-01-01").astype(int))
    x, codes = rows.prepare(rows.table.slice(50, 1))
    nearest = np.argmin(np.abs(plane.across.values - plane.across.rows[50]))
    place = classifier.preparation_.inputs_of("since")[0][0]
    assert plane.x[nearest, place] == pytest.approx(x[0, place], abs=0.02)
    ax = draw_boundary(classifier, table(), columns=["since", "city"]).axes[0]
    ax.figure.draw_without_rendering()
    assert "Feb" in " ".join(label.get_text() for label in ax.get_xticklabels())


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "days",
    [0.01, 2.5, 80, 900, 90_000]
    + [pytest.param(days, marks=pytest.mark.slow) for days in (0.2, 1, 20, 200, 700, 1_400, 5_000)],
)
def test_dates_of_any_reach_have_labels_that_fit(days):
    moments = pd.Timestamp("1970-06-01") + pd.to_timedelta(np.linspace(0, days, 40), unit="D")
    frame = pd.DataFrame({"since": moments, "size": np.arange(40.0) % 7, "kind": ["a", "b"] * 20})
    model = TableClassifier(**SMALL).fit(frame, target="kind")
    figure = draw_boundary(model, frame, columns=["since", "size"])
    assert_texts_apart(figure)
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert 2 <= len(labels) <= 10


@pytest.mark.parametrize("theme", SEEN_IN)
def test_many_classes_are_named_where_they_are_predicted(theme):
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    x = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    names = [f"부류 {i}" for i in range(9)]
    y = np.array(names)[(angles / (2 * np.pi) * 9).astype(int)]
    model = MLPClassifier((32,), max_iter=200, random_state=0).fit(x, y)
    figure = draw_boundary(model, x, y, theme=theme)
    assert_texts_apart(figure)
    ax = figure.axes[0]
    assert sorted(text.get_text() for text in ax.texts) == names
    for text in ax.texts:
        box = ax.transData.inverted().transform(text.get_window_extent())
        middle = [text.get_position()]
        assert model.predict(np.array([*middle, *box])).tolist() == [text.get_text()] * 3
    assert not draw_boundary(MLPClassifier((4,)).fit(x, y < "부류 4"), x).axes[0].texts


def cities():
    random = np.random.default_rng(0)
    names = ["부산광역시", "서울특별시", "제주특별자치도"]
    frame = pd.DataFrame({f"{i}": random.choice(names, 60) for i in range(2)})
    frame["kind"] = np.where(frame["0"] == frame["1"], "same", "other")
    return frame


def test_categories_with_korean_names_stay_apart():
    model = TableClassifier(**SMALL).fit(cities(), target="kind")
    assert_texts_apart(draw_boundary(model, cities()))
    for nodes in (1, 2, 3, 6):
        figure = draw_nodes(model, cities(), nodes=nodes)
        figure.draw_without_rendering()
        labels = figure.axes[-1].get_xticklabels()
        if not labels[0].get_rotation():  # slanted ones have a line of their own each
            boxes = [label.get_window_extent() for label in labels]
            assert not any(a.overlaps(b) for a, b in pairwise(boxes))


def test_rows_of_two_categories_are_spread_over_their_square():
    model = TableClassifier(**SMALL).fit(cities(), target="kind")
    drawn = draw_boundary(model, cities()).axes[0].collections
    dots = np.vstack([c.get_offsets() for c in drawn if isinstance(c, PathCollection)])
    aside = dots - dots.round()
    assert abs(np.corrcoef(aside.T)[0, 1]) < 0.5


def test_free_text_is_no_axis():
    random = np.random.default_rng(0)
    story = "a long story of words that never come twice in the same order"
    frame = pd.DataFrame(
        {
            "story": [" ".join(random.permutation(story.split())) for _ in range(60)],
            "a": random.normal(size=60),
            "b": random.normal(size=60),
        }
    )
    frame["y"] = np.where(frame["a"] > 0, "yes", "no")
    model = TableClassifier(text=["story"], **SMALL).fit(frame, target="y")
    with pytest.raises(ValueError, match="'story' is free text"):
        draw_boundary(model, frame, columns=["story", "a"])
    ax = draw_boundary(model, frame).axes[0]
    assert {ax.get_xlabel(), ax.get_ylabel()} == {"a", "b"}


def test_mistakes(classifier, regressor):
    frame = table()
    with pytest.raises(ValueError, match="does not use a column 'rent'; it uses"):
        draw_boundary(classifier, frame, columns=["rent", "city"])
    with pytest.raises(ValueError, match="name two columns"):
        draw_boundary(classifier, frame, columns=["city"])
    with pytest.raises(ValueError, match="two different columns"):
        draw_boundary(classifier, frame, columns=["city", "city"])
    with pytest.raises(ValueError, match="no column 9"):
        draw_boundary(classifier, frame, columns=[0, 9])
    with pytest.raises(ValueError, match="lacks the column 'city'"):
        draw_boundary(classifier, frame.drop(columns="city"))
    with pytest.raises(ValueError, match="an answer for each of the 90 rows; got 2"):
        draw_boundary(classifier, frame.drop(columns="kind"), ["high", "low"])
    with pytest.raises(ValueError, match="member=5: the model averages 2 networks"):
        draw_nodes(classifier, frame, member=5)
    with pytest.raises(TypeError, match="a fitted model of this package is wanted; got str"):
        draw_boundary("2-1", frame)
    x, y = xor()
    with pytest.raises(ValueError, match="has no hidden layer"):
        draw_nodes(Network("2-1", seed=0), x)
    with pytest.raises(ValueError, match="needs two columns"):
        draw_boundary(Network("1-2-1", seed=0), x[:, :1])
    with pytest.raises(ValueError, match="nodes must be an integer of at least 1"):
        draw_nodes(Network("2-2-1", seed=0), x, nodes=0)
    with pytest.raises(ValueError, match="this model has 2 outputs"):
        draw_boundary(Network("2-2-2", seed=0), x)
    with pytest.raises(ValueError, match="holds 7, which is none of the classes"):
        draw_boundary(Network("2-2-1:sigmoid", seed=0), x, np.full(len(x), 7))
