"""What notebooks show: each thing as a picture or a table, short as text, in all their themes."""

import importlib
import re
import sys
from base64 import b64decode
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import config_context

import layerwise
from layerwise import Architecture, DepthStudy, MLPClassifier, Network, TableClassifier
from layerwise.draw import draw_network, draw_nodes
from layerwise.draw.saving import figure_bytes
from layerwise.explanation import html
from layerwise.report.notebook import _STYLE, shown, shown_parameters
from layerwise.report.study_in_notebook import shown_study
from layerwise.study.recommendation import recommend
from layerwise.study.words_on_fit import fit_words
from layerwise.study.written_scores import Units
from layerwise.training import Epoch, History
from tests.report.test_study_page import study as made_up_study

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)), np.array(["yes", "no"] * 30)


@pytest.fixture(scope="module")
def model():
    small = {"hidden": [5, 4], "n_folds": 2, "n_repeats": 1, "epochs": 3, "random_state": 0}
    return TableClassifier(**small).fit(X, Y)


@pytest.fixture(scope="module")
def done():
    """A study that is done."""
    study = DepthStudy(depth=[0, 1, 2, 4], database="postgresql://ada:secret@host/studies")
    study.study_ = made_up_study()
    study.recommendation_ = recommend(study.study_)
    study.recommended_ = study.study_.configurations[study.recommendation_.number]
    return study


@pytest.fixture(scope="module")
def history():
    epochs = [Epoch(n, 1.0 / n, 0.001, 0.01 * n, validation_loss=0.6) for n in range(1, 400)]
    return History(epochs, best_epoch=7, stopped="patience")


@pytest.fixture
def ipython(monkeypatch):
    """A notebook's IPython: what it was told to show, by type, and what it was shown."""
    displayed, told = [], {}
    mimebundle = SimpleNamespace(
        for_type_by_name=lambda home, name, show: told.update({(home, name): show})
    )
    formatter = SimpleNamespace(
        mimebundle_formatter=mimebundle, active_types=["text/plain", "text/html", "image/svg+xml"]
    )
    shell = SimpleNamespace(display_formatter=formatter)
    module = SimpleNamespace(get_ipython=lambda: shell, version_info=(9, 0))
    module.display = SimpleNamespace(
        display=lambda data, **options: displayed.append((data, options))
    )
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", module.display)
    return SimpleNamespace(told=told, displayed=displayed, formatter=formatter)


def test_ipython_is_told_what_to_show(ipython, history, done):
    layerwise._show_in_notebooks()
    for home, name in ipython.told:
        assert hasattr(importlib.import_module(home), name)
    for thing in (Network("2-1", seed=0), history, done):
        show = ipython.told[type(thing).__module__, type(thing).__name__]
        assert "<svg" in show(thing, include=None, exclude=None)["text/html"]


def test_in_a_terminal_nothing_is_drawn(ipython):
    ipython.formatter.active_types = ["text/plain"]
    layerwise._show_in_notebooks()
    assert not ipython.told
    draw_network("3-4-1")._ipython_display_()
    ((data, _),) = ipython.displayed
    assert list(data) == ["text/plain"]


def test_a_figure_shows_itself_alone(ipython):
    figure = draw_network("3-4-1")
    figure._ipython_display_()
    ((data, options),) = ipython.displayed
    assert options == {"metadata": {}, "raw": True}
    assert data["image/svg+xml"].encode() == figure_bytes(figure, "svg")
    assert set(data) == {"image/svg+xml", "text/plain"}
    assert figure.dpi == 150  # of a file that is saved later


def test_a_figure_of_many_lines_is_a_sharp_image(monkeypatch):
    monkeypatch.setattr("layerwise.draw.shown_figure._MOST_SVG", 100)
    figure = draw_nodes(Network("2-3-1", seed=0), X[:, :2])
    data, metadata = figure._repr_mimebundle_()
    png = b64decode(data["image/png"])
    width, height = np.frombuffer(png[16:24], ">u4")
    inches = figure.get_size_inches()
    assert set(data) == {"image/png", "text/plain"}
    assert (width, height) == pytest.approx(192 * inches, abs=1)
    assert (metadata["image/png"]["width"], metadata["image/png"]["height"]) == pytest.approx(
        96 * inches, abs=1
    )
    assert png[25] == 3  # a palette: few colours, few bytes
    assert len(png) < len(figure_bytes(figure, "png", 192)) / 1.8


def test_models_stand_beside_their_parameters(model):
    for fitted in (model, MLPClassifier((4,), max_iter=9, tol=1e9, n_iter_no_change=1).fit(X, Y)):
        bundle = shown(fitted)
        assert bundle["text/plain"] == repr(fitted)
        assert bundle["text/html"].count("<svg") == 1
        for name in fitted.get_params():
            assert f"<th>{name}</th>" in bundle["text/html"]
    page = shown(model)["text/html"]
    assert "<tr><th>hidden</th><td>[5, 4]</td></tr>" in page
    assert '<tr class="muted"><th>effort</th><td>&#x27;high&#x27;</td></tr>' in page


def test_what_is_not_fitted_shows_its_parameters_and_no_password():
    assert "sk-" in shown(TableClassifier())["text/html"]
    study = DepthStudy(database="postgresql://ada:secret@host/studies")
    bundle = shown_parameters(study)
    assert "host/studies" in bundle["text/html"]
    assert "secret" not in str(bundle)


def test_networks_and_architectures(model):
    for network in (model.networks_[0], Architecture([2, 1])):
        bundle = shown(network)
        assert bundle["text/plain"] == repr(network)
        assert bundle["text/html"].count("<svg") == 1


def test_a_training_is_its_curves_and_a_line(history):
    bundle = shown(history)
    assert bundle["text/plain"] == repr(history) == f"<History: {history}>"
    assert len(repr(history)) < 150
    assert "<svg" in bundle["text/html"]
    assert str(history) in bundle["text/html"]
    assert shown(History()) == {"text/plain": "<History: no epoch yet>"}


def test_a_study_is_its_answer_its_picture_and_its_table(done, monkeypatch):
    monkeypatch.setattr("layerwise.report.study_in_notebook._MOST_ROWS", 13)
    page = shown_study(done)["text/html"].replace("\u00a0", " ")
    assert done.summary().splitlines()[0] in page
    assert fit_words(done.study_, done.recommendation_, Units("accuracy")) in page
    assert "<svg" in page
    for configuration in done.study_.configurations:
        assert configuration.name in page
    monkeypatch.setattr("layerwise.report.study_in_notebook._MOST_ROWS", 2)
    assert "... and 11 more" in shown_study(done)["text/html"]


def test_texts_where_scikit_learn_is_asked_for_them(model, history, done):
    with config_context(display="text"):
        for thing in (model, TableClassifier(), Network("2-1", seed=0), history):
            assert shown(thing) == {"text/plain": repr(thing)}
        assert shown_study(done) == {"text/plain": repr(done)}


def test_what_people_print_is_short(model, done):
    fitted = (model.ensemble_, model.preparation_, model.compare(X[:9]), done.study_)
    for thing in fitted:
        assert len(repr(thing)) < 150, repr(thing)
    assert repr(model.compare(X[:9])) == "<Comparison of 9 rows in 3 columns>"


def test_on_a_phone_scrolls_what_would_be_too_small_to_read():
    bundle = shown(Network("784-512-512-10:softmax", seed=0))["text/html"]
    _, _, width, _ = re.search(r'viewBox="(.*?)"', bundle)[1].split()
    least = float(re.search(r"min-width:([0-9.]+)px", bundle)[1])
    assert 9 * least / float(width) > 7  # pixels of a label of 9 points
    assert 'class="scroll"' in bundle
    assert ".layerwise .scroll { overflow-x: auto; }" in bundle


@pytest.mark.parametrize(
    ("style", "of"), [(_STYLE, ".layerwise"), (html._STYLE, ".lw-explanation")]
)
def test_words_and_their_ground_change_together(style, of):
    """As the screen is set, or as a notebook says that it is: never light words on a light page."""
    rules = re.findall(rf"{re.escape(of)} {{ (--[^}}]*)}}", style)
    light, dark, *told = [dict(re.findall(r"--(\w+): (#\w+)", rule)) for rule in rules]
    assert told == [light, dark]
    ground = "ground" if "ground" in light else "background"
    assert {light["text"], light[ground]}.isdisjoint({dark["text"], dark[ground]})
    assert f"background: var(--{ground})" in style
