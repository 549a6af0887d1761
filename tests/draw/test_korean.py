"""Pictures in Korean: no English word, every letter drawn, no text over another."""

import re
import warnings

import numpy as np
import pytest
from matplotlib.text import Text

from layerwise import Architecture, Network, Trainer, draw
from layerwise.draw.learning import _Stage
from layerwise.draw.saving import save_figure
from layerwise.language import speaking
from tests.helpers.pictures import assert_texts_apart
from tests.store.small_models import mixed_table, table_model, targets

# Names of functions and formulas, and of columns and cells of the tables; AUC and so on.
NAMES = (
    r"identity|sigmoid|tanh|relu|leaky_relu|prelu|elu|selu|gelu|silu|mish|softplus|hard_sigmoid|softmax|"
    r"exp|max|yes|no|Ulm|street|zip|floor|area|rent|built|lift|new|one|price|width|norm|et al|Li|"
    r"two|True|False|age|income|vector|piece|is missing|missing"
)


@pytest.fixture(scope="module")
def trained():
    network = Network(
        Architecture([3, 6, 4, 2], output="softmax", normalization="layer", residual=True), seed=0
    )
    random = np.random.default_rng(0)
    x = random.normal(size=(80, 3))
    y = (x[:, 0] > 0).astype(int)
    recorder = draw.WeightRecorder(network)
    trainer = Trainer(epochs=4, validation_fraction=0.25, seed=0, callbacks=(recorder,))
    history = trainer.fit(network, x, y)
    return network, x, y, recorder, history


def pictures(trained, **given):
    network, x, y, recorder, history = trained
    row = {name: cells[3] for name, cells in mixed_table().items()}
    table = mixed_table() | {"two": targets()["two"]}
    model = table_model("two")
    yield "activations", draw.draw_activations(**given)
    yield "architecture", draw.draw_network("3-4-4-1", **given)
    yield "shortened", draw.draw_network("30-64x12-3:softmax", nodes=6, **given)
    yield "network", draw.draw_network(network, **given)
    yield "row", draw.draw_network(network, x[0], input_names=["age", "income", "rent"], **given)
    yield "gradients", draw.draw_network(network, x[0], target=1, gradients=True, **given)
    yield "model", draw.draw_network(model, row, **given)
    yield "every input", draw.draw_network(model, each_input=True, **given)
    yield "history", draw.draw_history(history, learning_rate=True, **given)
    yield "training", draw.draw_training(history, **given)
    yield "weights", draw.draw_weights(network, **given)
    yield "recorded", draw.draw_weights(recorder, **given)
    yield "boundary", draw.draw_boundary(model, table, **given)
    yield "nodes", draw.draw_nodes(model, table, **given)
    yield "landscape", draw.draw_landscape(network, x, y, **given)
    yield "softmax", draw.draw_softmax(np.arange(14.0), **given)
    yield "loss", draw.draw_loss(marks=[0.13], **given)
    p = network(x)
    yield "losses", draw.draw_loss(y, p, **given)
    yield "confusion", draw.draw_confusion(y, p.argmax(axis=1), ["yes", "no"], **given)


def texts(figure):
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible()]


@pytest.fixture(scope="module")
def drawn(trained):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return dict(pictures(trained, language="ko"))


def test_no_english_is_left(drawn):
    for kind, figure in drawn.items():
        shown = texts(figure)
        for text in shown:
            left = re.sub(rf"(?<![A-Za-z])(?:{NAMES})(?![A-Za-z])", " ", text)
            assert not re.search("[A-Za-z]{3,}", left.replace("gradient", "")), (kind, text)
        assert any(re.search("[가-힣]", text) for text in shown), kind


def test_no_text_covers_another(drawn):
    for figure in drawn.values():
        assert_texts_apart(figure)


def test_every_letter_is_in_a_font(drawn, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # as Matplotlib warns of letters without a glyph
        for figure in drawn.values():
            save_figure(figure, tmp_path / "picture.png")


def test_learning_names_its_epochs(trained, monkeypatch):
    network, x, y, *_ = trained
    titles = []
    pixels = _Stage.pixels
    monkeypatch.setattr(
        _Stage, "pixels", lambda self, title: titles.append(title) or pixels(self, title)
    )
    trainer = Trainer(epochs=2, seed=0)
    draw.draw_learning(network, x, y, trainer=trainer, frames=2, language="ko")
    assert titles[0] == "학습 전"
    assert titles[1].startswith("에포크 2, 학습 손실 ")


def test_without_the_argument_the_environment_chooses(monkeypatch):
    english = texts(draw.draw_network("3-4-1"))
    assert "3 numbers" in english
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "수 3개" in texts(draw.draw_network("3-4-1"))
    assert texts(draw.draw_network("3-4-1", language="en")) == english
    with speaking("en"):  # as within a report in English
        assert texts(draw.draw_network("3-4-1")) == english


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="language must be one of en, ko; got 'de'"):
        draw.draw_softmax([1, 2], language="de")
