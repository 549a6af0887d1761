"""Pictures of training: every measurement, weights, the landscape, the animation."""

import io
import itertools
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from layerwise import SGD, Architecture, History, Network, TableRegressor, Trainer
from layerwise.draw import (
    WeightRecorder,
    draw_landscape,
    draw_learning,
    draw_training,
    draw_weights,
)
from layerwise.draw.landscape import normalized_direction
from layerwise.draw.theme import THEMES
from layerwise.training import Epoch
from tests.helpers.pictures import SEEN_IN, assert_drawn, assert_texts_apart, trained, xor


@pytest.fixture(scope="module")
def shallow():
    return trained()


def deep_history(depth=12):
    x, y = xor()
    architecture = Architecture([2, *[4] * depth, 1], output="sigmoid", residual=True)
    return Trainer(epochs=4, seed=0).fit(Network(architecture, seed=0), x, y)


@pytest.mark.parametrize("theme", SEEN_IN)
def test_a_training_is_drawn(shallow, theme):
    x, y = xor()
    history = Trainer(epochs=20, validation_fraction=0.25, seed=0).fit(shallow[0].copy(), x, y)
    figure = draw_training(history, theme=theme)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "loss",
        "score on held-out rows",
        "learning rate",
        "gradient's length, by layer",
        "spread of the weights, by layer",
        "share of dead nodes, by layer",
    ]
    assert_drawn(figure, theme)


def test_lines_hold_what_was_measured(shallow):
    history = shallow[1]
    ax = draw_training(history).axes[2]
    epochs, norms = history.layers("gradient_norm")
    assert epochs[8] > epochs[7] + 1
    for layer, (line, joint) in enumerate(zip(ax.lines[::2], ax.lines[1::2], strict=True)):
        x, y = line.get_data()
        between = np.isnan(x)
        np.testing.assert_array_equal(x[~between], epochs)
        np.testing.assert_allclose(y[~between], norms[:, layer])
        # What joins epochs with others between them looks like no measurement.
        assert between.sum() == (np.diff(epochs) > 1).sum()
        np.testing.assert_array_equal(joint.get_xdata(), epochs)
        assert joint.get_linestyle() == ":"
        assert joint.get_marker() == "None"
    assert ax.get_xlabel() == "epoch (measured: the marks)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["hidden 1", "output"]


def test_many_layers_are_an_image():
    history = deep_history()
    history.epochs[3] = replace(history.epochs[3], number=340)
    figure = draw_training(history, theme="dark")
    image = figure.axes[2].collections[0]
    np.testing.assert_allclose(image.get_array(), history.layers("gradient_norm")[1].T)
    # The fourth column is of one epoch, as all are.
    np.testing.assert_allclose(np.diff(image.get_coordinates()[0, :, 0]), 1)
    assert [tick.get_text() for tick in figure.axes[2].get_xticklabels()] == ["1", "2", "3", "340"]
    assert_drawn(figure, "dark")
    assert_texts_apart(figure)


def test_a_history_without_layers_or_held_out_rows():
    history = History(stopped="epochs")
    history.append(Epoch(1, 0.5, 0.1, 1.0))
    assert [ax.get_title(loc="left") for ax in draw_training(history).axes] == [
        "loss",
        "learning rate",
    ]
    with pytest.raises(ValueError, match="holds no epoch yet"):
        draw_training(History())


@pytest.mark.parametrize("theme", SEEN_IN)
def test_weights_now(shallow, theme):
    figure = draw_weights(shallow[0], theme=theme)
    counts = [sum(bar.get_height() for bar in ax.patches) for ax in figure.axes]
    assert counts == [12, 6]
    assert_drawn(figure, theme)
    assert_texts_apart(figure)


def test_weights_by_epoch():
    x, y = xor()
    net = Network("2-5-1:sigmoid", seed=0)
    recorder = WeightRecorder(net)
    kept = [net.weights[0].copy()]
    watch = [recorder, lambda net, epoch: kept.append(net.weights[0].copy()) and None]
    Trainer(epochs=6, seed=0, callbacks=watch).fit(net, x, y)
    assert recorder.epochs == [0, 1, 2, 3, 4, 5, 6]
    figure = draw_weights(recorder)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["hidden 1", "output"]
    np.testing.assert_allclose(
        figure.axes[0].lines[0].get_ydata(), [np.median(weights) for weights in kept], atol=1e-7
    )
    assert_drawn(figure, "light")


def test_weights_of_many_layers_and_mistakes():
    net = Network(Architecture([2, *[3] * 20, 1]), seed=0)
    figure = draw_weights(net, theme="dark")
    assert len(figure.axes) == 8
    assert "8 of 21 layers" in figure._suptitle.get_text().replace("\n", " ")
    assert_texts_apart(figure)
    with pytest.raises(ValueError, match="has recorded no epoch"):
        draw_weights(WeightRecorder())
    with pytest.raises(TypeError, match="a Network or a WeightRecorder is wanted; got str"):
        draw_weights("3-4-1")


def test_directions_are_normalized_by_filter():
    net = Network(Architecture([4, 6, 3], normalization="layer"), seed=0, dtype="float64")
    moved = Network.of(net.architecture, normalized_direction(net, np.random.default_rng(1)))
    for own, drawn in zip(net.weights, moved.weights, strict=True):
        np.testing.assert_allclose(np.linalg.norm(drawn, axis=0), np.linalg.norm(own, axis=0))
    n_weights = sum(weights.size for weights in net.weights)
    assert np.count_nonzero(moved.vector) == n_weights  # biases and gains stay as they are


@pytest.mark.parametrize("theme", SEEN_IN)
def test_the_landscape_has_the_networks_loss_at_its_centre(shallow, theme):
    x, y = xor()
    net = shallow[0]
    before = net.vector.copy()
    figure = draw_landscape(net, x, y, steps=7, theme=theme)
    np.testing.assert_array_equal(net.vector, before)
    slices = figure.axes[1]
    loss = net.loss(x, y)
    for line in slices.lines[:2]:
        assert line.get_ydata()[3] == pytest.approx(loss)
    assert slices.lines[2].get_ydata()[0] == pytest.approx(loss)
    random = np.random.default_rng(0)
    moved = net.copy()
    moved.vector[:] = net.vector + normalized_direction(net, random)
    assert slices.lines[0].get_ydata()[-1] == pytest.approx(moved.loss(x, y), rel=1e-5)
    assert_drawn(figure, theme)
    assert_texts_apart(figure)


def test_the_landscape_of_a_tables_network():
    random = np.random.default_rng(0)
    frame = {"a": random.normal(size=60), "b": random.choice(["x", "y"], 60)}
    frame["y"] = frame["a"] * 100 + 5
    model = TableRegressor(
        hidden=[5], n_folds=2, n_repeats=1, epochs=10, metric="mae", random_state=0
    ).fit(frame, target="y")
    figure = draw_landscape(model, frame, steps=3, member=1)
    prepared = model.prepare(frame)
    scaled = (frame["y"] - model.target_mean_[0]) / model.target_scale_[0]
    loss = model.networks_[1].loss(prepared.x, scaled, "absolute", codes=prepared.codes)
    assert figure.axes[1].lines[2].get_ydata()[0] == pytest.approx(loss, rel=1e-5)
    assert_texts_apart(figure)


def test_a_landscape_that_explodes_is_drawn():
    net = Network(Architecture([2, *[8] * 20, 1]), seed=0)
    x, y = xor()
    assert_drawn(draw_landscape(net, 1e6 * x, y, reach=1e4, steps=5), "light")


def test_bad_landscapes(shallow):
    x, y = xor()
    with pytest.raises(ValueError, match="needs the rows' answers"):
        draw_landscape(shallow[0], x)
    with pytest.raises(ValueError, match="reach must be a positive number"):
        draw_landscape(shallow[0], x, y, reach=0)
    with pytest.raises(ValueError, match="steps must be an integer of at least 3"):
        draw_landscape(shallow[0], x, y, steps=2)


def frames(animation):
    image = Image.open(io.BytesIO(animation.data))
    for number in range(image.n_frames):
        image.seek(number)
        yield np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("theme", SEEN_IN)
def test_learning_is_a_gif(theme, tmp_path):
    x, y = xor()
    net = Network("2-8-1:sigmoid", seed=0)
    animation = draw_learning(net, x, y, Trainer(epochs=20, seed=0), frames=5, theme=theme)
    assert animation.epochs == (0, 1, 5, 11, 20)
    animation.save(tmp_path / "learning.gif")
    assert (tmp_path / "learning.gif").read_bytes() == animation.data
    images = list(frames(animation))
    assert len(images) == 5
    ground = [int(THEMES[theme].background[i : i + 2], 16) for i in (1, 3, 5)]
    for image in images:
        np.testing.assert_array_equal(image[0, 0], ground)
    changed = [np.abs(a - b).max() for a, b in itertools.pairwise(images)]
    assert min(changed) > 50
    shown = animation._repr_html_()
    assert "data:image/gif;base64," in shown
    assert "max-width: 100%" in shown  # on a phone too
    again = draw_learning(
        Network("2-8-1:sigmoid", seed=0), x, y, Trainer(epochs=20, seed=0), frames=5, theme=theme
    )
    assert again.data == animation.data


def test_the_network_is_trained_as_without_pictures():
    x, y = xor()
    seen = []
    trainer = Trainer(
        epochs=30, seed=0, validation_fraction=0.3, patience=3, optimizer=SGD(learning_rate=0.5),
        callbacks=[lambda net, epoch: seen.append(epoch.number) and None],
    )  # fmt: skip
    drawn, plain = (Network("2-4-1:sigmoid", seed=0) for _ in range(2))
    animation = draw_learning(drawn, x, y, trainer, frames=4)
    n_seen = len(seen)
    history = trainer.fit(plain, x, y)
    np.testing.assert_array_equal(drawn.vector, plain.vector)
    assert n_seen == len(history)
    assert animation.epochs[-1] == history.best.number  # what the network ends with


def test_a_curve_and_mistakes():
    x = np.linspace(-1, 1, 20)[:, None]
    net = Network("1-4:tanh-1", seed=0)
    assert len(draw_learning(net, x, x[:, 0] ** 2, Trainer(epochs=3), frames=2).epochs) == 2
    yes_no = draw_learning(
        Network("1-4-1:sigmoid", seed=0), x, x[:, 0] > 0, Trainer(epochs=3), frames=2
    )
    assert yes_no.epochs == (0, 3)
    with pytest.raises(ValueError, match="frames must be an integer of at least 2"):
        draw_learning(net, x, x[:, 0], frames=1)
    with pytest.raises(ValueError, match="'lbfgs' shows nothing on its way"):
        draw_learning(net, x, x[:, 0], Trainer(optimizer="lbfgs"))
    with pytest.raises(ValueError, match="more than two classes there is no curve"):
        draw_learning(Network("1-4-3:softmax", seed=0), x, np.arange(20) % 3)
