"""Networks count for more in the average that predict rows they did not train on better."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise import Network, TableClassifier, TableRegressor, load
from layerwise.architecture import get_loss
from layerwise.ensemble.calibration import temper
from layerwise.ensemble.ensemble import Ensemble, Member, weigh
from layerwise.ensemble.folds import Problem
from layerwise.training import Epoch, History


def weights_of(losses, n=200):
    """Weights of networks with these losses on n rows each."""
    network = Network("2-3-1", seed=0)
    epochs = [
        Epoch(1, loss=1.0, learning_rate=0.1, seconds=0.1, validation_loss=loss) for loss in losses
    ]
    ensemble = Ensemble([Member(network, History([epoch]), np.arange(n)) for epoch in epochs])
    nothing = np.zeros((0, 2), np.float32), np.zeros((0, 0), np.int32)
    weigh(ensemble, Problem(*nothing, (), np.zeros((0, 1)), 1, get_loss("squared")))
    return ensemble.weights.tolist()


losses = st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=8)


@given(losses, st.integers(1, 100_000))
def test_weights_are_as_their_formula_says(losses, n):
    found = weights_of(losses, n)
    strength = 4 / (1 + (200 / n) ** 2)
    mean = sum(losses) / len(losses)
    wanted = [math.exp(-strength * (loss / mean - 1)) for loss in losses]
    assert found == pytest.approx([w * len(wanted) / sum(wanted) for w in wanted])


def test_few_rows_say_little():
    ratios = []
    for n in (1, 20, 200, 20_000):
        better, worse = weights_of([0.5, 1.5], n)
        ratios.append(better / worse)
    assert ratios == sorted(ratios)
    assert ratios[0] == pytest.approx(1.0, abs=1e-3)
    assert ratios[1] < 1.05 < 7 < ratios[2] < 50 < ratios[3] < math.exp(4)


@pytest.mark.parametrize("loss", [None, 0.0, -1.0, np.inf, np.nan])
def test_networks_that_cannot_be_compared_count_alike(loss):
    assert weights_of([0.5, loss]) == [1.0, 1.0]


def test_the_average_and_held_out_predictions_are_weighted():
    random = np.random.default_rng(0)
    x, codes = random.normal(size=(6, 2)).astype(np.float32), np.zeros((6, 0), np.int32)
    held_out = [np.array([0, 1]), np.array([1, 2]), np.array([2, 3, 1])]
    weights = 0.5, 2.0, 0.25
    members = [
        Member(Network("2-3-1", seed=i), History(), rows, weight=weights[i])
        for i, rows in enumerate(held_out)
    ]
    ensemble = Ensemble(members)
    outputs = [each.network(x, codes) for each in members]
    assert ensemble(x, codes) == pytest.approx(np.average(outputs, axis=0, weights=weights))

    class Rows:
        def __init__(self):
            self.x, self.codes = x, codes

        def __len__(self):
            return len(x)

    average, first, counts = ensemble.out_of_fold(Rows())
    assert counts.tolist() == [1, 3, 2, 1, 0, 0]
    for row in range(4):
        own = [i for i in range(3) if row in held_out[i]]
        wanted = np.average(
            [outputs[i][row] for i in own], axis=0, weights=[weights[i] for i in own]
        )
        assert average[row] == pytest.approx(wanted, rel=1e-5)
        assert first[row] == outputs[own[0]][row]
    assert not average[4:].any()


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    x = random.normal(size=(1200, 3))
    y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * random.normal(size=1200)
    return {f"x{i}": x[:, i] for i in range(3)} | {"y": y, "day": np.arange(1200) // 3}


SETTINGS = {"epochs": 5, "n_folds": 3, "n_repeats": 1, "hidden": (8,), "random_state": 0}


def test_a_fit_weighs_its_networks_and_keeps_it(table, tmp_path):
    x = {name: table[name] for name in ("x0", "x1", "x2")}
    for kind, y in (
        (TableRegressor, table["y"]),
        (TableClassifier, np.where(table["y"] > 0, "up", "down")),
    ):
        model = kind(**SETTINGS).fit(x, y)
        weights = model.ensemble_.weights
        assert weights.mean() == pytest.approx(1.0)
        losses = [each.history.best.validation_loss for each in model.ensemble_.members]
        assert np.argsort(losses).tolist() == np.argsort(-weights).tolist()
        assert weights.max() / weights.min() > 1.02
        prepared = model.prepare(x)
        outputs = [net(prepared.x, prepared.codes) for net in model.networks_]
        average = np.average(outputs, axis=0, weights=weights)
        assert model.outputs(prepared.x, prepared.codes) == pytest.approx(
            model.outputs_of(average), rel=1e-5
        )
        if kind is TableClassifier:
            proba = temper(average, model.temperature_, model.share_)
            assert model.predict_proba(x) == pytest.approx(proba, rel=1e-5)
        model.save(tmp_path / "one.layerwise")
        again = load(tmp_path / "one.layerwise")
        assert (
            again.outputs(prepared.x, prepared.codes) == model.outputs(prepared.x, prepared.codes)
        ).all()
        assert again.ensemble_.weights.tolist() == weights.tolist()


def test_in_the_order_of_time_networks_count_alike(table):
    x = {name: table[name] for name in ("x0", "x1", "x2")}
    model = TableRegressor(**SETTINGS).fit(x, table["y"], times=table["day"])
    assert (model.ensemble_.weights == 1.0).all()


def test_networks_that_were_not_trained_again_count_alike(table):
    x = {name: table[name] for name in ("x0", "x1", "x2")}
    model = TableRegressor(**SETTINGS).fit(x, table["y"])
    model.set_params(time_limit=1e-6, n_threads=1).partial_fit(x, table["y"])
    assert model.ensemble_.stopped == "time limit"
    assert (model.ensemble_.weights == 1.0).all()
