"""Models of tables with settings by name: what they reach, and what is refused."""

import numpy as np
import pytest

import layerwise
from layerwise import TableClassifier, TableRegressor
from layerwise.training import SGD

QUICK = {"effort": "low", "epochs": 2, "hidden": (4, 4), "n_repeats": 1, "random_state": 0}


@pytest.fixture(scope="module")
def rows():
    x = np.random.default_rng(0).normal(size=(60, 2))
    return {"a": x[:, 0], "b": x[:, 1]}, x[:, 0] + x[:, 1] ** 2


def test_settings_reach_the_networks_and_the_file(rows, tmp_path):
    X, y = rows
    settings = {"normalization": "layer", "residual": True, "loss": "huber", "delta": 0.5}
    model = TableRegressor(settings=settings, dropout=0.0, **QUICK).fit(X, y)
    architecture = model.networks_[0].architecture
    assert architecture.normalization == "layer"
    assert architecture.layers[1].residual
    assert str(model.loss_entry) == "huber(delta=0.5)"
    model.save(tmp_path / "m.layerwise")
    again = layerwise.load(tmp_path / "m.layerwise")
    assert again.settings == settings
    assert again.recipe_ == model.recipe_
    assert (again.predict(X) == model.predict(X)).all()


def test_intervals_keep_their_own_loss(rows):
    X, y = rows
    quick = QUICK | {"settings": {"loss": "absolute"}, "intervals": 0.8}
    model = TableRegressor(**quick).fit(X, y)
    low, high = model.predict_interval(X)
    assert (low < high).all()
    assert model.loss_entry.name == "absolute"


def test_an_optimiser_is_trained_with(rows, monkeypatch):
    X, y = rows
    seen = []
    real = layerwise.ensemble.ensemble_training.trainer_for

    def trainer_for(*given):
        seen.append(real(*given))
        return seen[-1]

    monkeypatch.setattr("layerwise.ensemble.ensemble_training.trainer_for", trainer_for)
    settings = {"optimizer": "sgd", "momentum": 0.5, "schedule": "cosine", "label_smoothing": 0.1}
    model = TableClassifier(settings=settings, **QUICK).fit(X, y > 0)
    assert isinstance(seen[0].optimizer, SGD)
    assert (seen[0].optimizer.momentum, seen[0].optimizer.learning_rate) == (0.5, 0.01)
    assert seen[0].schedule == "cosine"
    assert str(seen[0].loss) == "softmax(label_smoothing=0.1)"
    TableClassifier(learning_rate=0.3, settings=settings, **QUICK).fit(X, y > 0)
    assert seen[-1].optimizer.learning_rate == 0.3
    assert model.recipe_.learning_rate == 0.01


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"settings": {"optimiser": "sgd"}}, "did you mean 'optimizer'"),
        ({"settings": {"optimizer": "sdg"}}, "did you mean 'sgd'"),
        ({"settings": {"l2": -1}}, "l2 must be finite and not negative"),
        ({"settings": {"momentum": 0.9}}, "the setting momentum is of no use here"),
        ({"settings": {"residual": True}, "hidden": ()}, "the setting residual is of no use here"),
        ({"settings": {"dropout": 0.1}, "dropout": 0.2}, "dropout is given twice"),
        ({"settings": {"loss": "squared"}}, "the loss 'squared' goes with the output 'identity'"),
    ],
)
def test_settings_that_are_refused(rows, given, said):
    X, y = rows
    with pytest.raises(ValueError, match=said):
        TableClassifier(**QUICK | given).fit(X, y > 0)
