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
from layerwise.training import History


class Told:
    """A network whose outputs are what it is told, for each row."""

    def __init__(self, outputs):
        self.outputs = np.asarray(outputs, np.float64)

    def __call__(self, x, codes):
        return self.outputs[x[:, 0].astype(int)]


class Some:
    """A network of which the first output is asked, some times."""

    def __init__(self, network, n):
        self.network, self.n = network, n

    def __call__(self, x, codes):
        return np.repeat(self.network(x, codes)[:, :1], self.n, axis=1)


def weights_of(errors, held_out, kinds=None, weight=None, times=None):
    """Weights of networks with these errors, shape (n_networks, n), of rows whose targets are 0."""
    errors = np.asarray(errors, float)
    n = errors.shape[1]
    members = [
        Member(Told(own[:, None]), History(), np.asarray(rows), kind=kind)
        for own, rows, kind in zip(errors, held_out, kinds or [0] * len(errors), strict=True)
    ]
    x, y = np.arange(n, dtype=np.float32)[:, None], np.zeros((n, 1), np.float32)
    codes, loss = np.zeros((n, 0), np.int32), get_loss("squared")
    problem = Problem(x, codes, (), y, 1, loss, weight, None, times)
    ensemble = Ensemble(members)
    weigh(ensemble, problem)
    return ensemble.weights


def slow_weights(errors, held_out, kinds, weight):
    """As the formula says, one number after the other."""
    n_networks, n = len(errors), len(errors[0])
    squares = [{r: weight[r] * errors[i][r] ** 2 for r in held_out[i]} for i in range(n_networks)]
    of_row = {}
    for r in range(n):
        there = [squares[i][r] for i in range(n_networks) if r in squares[i]]
        if there:
            of_row[r] = sum(there) / len(there)
    own = [sum(s.values()) / sum(weight[r] for r in s) for s in squares]
    mean = sum(own) / n_networks
    rows = sum(map(len, squares)) / n_networks
    found = []
    for i in range(n_networks):
        like = [j for j in range(n_networks) if kinds[j] == kinds[i]]
        lost = sum(sum(squares[j].values()) for j in like)
        usual = sum(of_row[r] for j in like for r in squares[j])
        of_kind, of_one = min(max(lost / usual, 0.75), 1.25), min(own[i] / mean, 2)
        k, one = 1 / (1 + (1000 / len(of_row)) ** 2), 1 / (1 + (400 / rows) ** 2)
        found.append(math.exp(-8 * k * of_kind - 3 * one * of_one))
    return [w * n_networks / sum(found) for w in found]


@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([12, 300, 5000]))
def test_weights_are_as_their_formula_says(seed, n_networks, n):
    random = np.random.default_rng(seed)
    errors = random.lognormal(0, 0.3, (n_networks, n))
    held_out = [random.permutation(n)[: random.integers(1, n + 1)] for _ in range(n_networks)]
    kinds = random.integers(0, 3, n_networks).tolist()
    weight = random.uniform(0.1, 2.0, n)
    found = weights_of(errors, held_out, kinds, weight)
    assert found == pytest.approx(slow_weights(errors, held_out, kinds, weight))
    assert found.mean() == pytest.approx(1.0)


def test_few_rows_say_little():
    ratios = []
    for n in (1, 20, 400, 20_000):
        better, worse = weights_of([[0.7] * n, [1.2] * n], [range(n)] * 2)
        ratios.append(better / worse)
    assert ratios == sorted(ratios)
    assert 1 < ratios[0] < 1.001
    assert ratios[1] < 1.02 < 3 < ratios[2] < 5 < ratios[3]


def test_a_kind_that_had_the_easier_rows_is_no_better():
    """Of two kinds each was measured by rows of its own, and nothing says which is better."""
    n = 4000
    errors = [[0.5] * n, [2.0] * n]
    apart = weights_of(errors, [range(2000), range(2000, n)], kinds=[0, 1])
    alike = weights_of(errors, [range(2000), range(2000, n)], kinds=[0, 0])
    assert apart == pytest.approx(alike)
    together = weights_of(errors, [range(n)] * 2, kinds=[0, 1])
    assert together[0] / together[1] > 40 * apart[0] / apart[1]


@pytest.mark.parametrize("error", [np.inf, np.nan])
def test_networks_that_cannot_be_compared_count_alike(error):
    rows = [range(900)] * 2
    assert weights_of([[0.5] * 900, [error] * 900], rows).tolist() == [1.0, 1.0]
    assert weights_of(np.zeros((2, 900)), rows).tolist() == [1.0, 1.0]
    apart = [range(450), range(450, 900)]
    easy = weights_of(
        [[0.0] * 900, [1.0] * 900], apart, kinds=[0, 1]
    )  # nothing is lost by one kind
    assert np.isfinite(easy).all()
    assert easy[0] > easy[1]
    assert weights_of([[0.5] * 900, [1.5] * 900], rows, times=np.arange(900)).tolist() == [1.0, 1.0]


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
    for kind, y, kinds in (
        (TableRegressor, table["y"], [0, 1, 2]),
        (TableClassifier, np.where(table["y"] > 0, "up", "down"), [0, 1, 0]),
    ):
        model = kind(**SETTINGS).fit(x, y)
        weights = model.ensemble_.weights
        assert weights.mean() == pytest.approx(1.0)
        assert [each.kind for each in model.ensemble_.members] == kinds
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


def test_one_row_that_nobody_can_foresee_decides_little():
    wild = np.full((4, 4000), 0.1)
    wild[2, 2500] = 1e6
    held_out = [range(i * 1000, (i + 1) * 1000) for i in range(4)]
    weights = weights_of(wild, held_out, kinds=[0, 1, 0, 1])
    assert weights[[0, 1, 3]] == pytest.approx(weights[0])
    assert weights[2] > 0.005


def test_the_same_target_twice_weighs_as_once(table):
    x = {name: table[name] for name in ("x0", "x1", "x2")}
    wild = table["y"] + np.where(np.arange(1200) == 7, 30.0, 0.0)  # folds of another spread
    model = TableRegressor(**SETTINGS)
    model.fit(x, np.c_[wild, wild])
    ensemble, prepared = model.ensemble_, model.prepare(x)
    y = (np.c_[wild, wild] - model.target_mean_) / model.target_scale_
    found = []
    for n_targets in (1, 2):
        members = [
            Member(Some(member.network, n_targets), History(), member.held_out, kind=member.kind)
            for member in ensemble.members
        ]
        problem = Problem(
            prepared.x, prepared.codes, (), y[:, :n_targets], n_targets, get_loss("squared")
        )
        alike = Ensemble(members)
        weigh(alike, problem)
        found.append(alike.weights)
    assert found[0] == pytest.approx(found[1])


@pytest.mark.parametrize("saved", [False, True])
def test_networks_that_go_on_keep_what_is_known_of_them(table, saved, tmp_path):
    x = {name: table[name] for name in ("x0", "x1", "x2")}
    model = TableRegressor(**SETTINGS).fit(x, table["y"])
    for member, weight in zip(model.ensemble_.members, (0.2, 0.3, 2.5), strict=True):
        member.weight = weight
    kinds = [member.kind for member in model.ensemble_.members]
    if saved:
        model.save(tmp_path / "one.layerwise")
        model = load(tmp_path / "one.layerwise")
    few = {name: cells[:30] for name, cells in x.items()}
    model.partial_fit(few, table["y"][:30])
    assert model.ensemble_.weights == pytest.approx([0.2, 0.3, 2.5], rel=0.05)
    assert [member.kind for member in model.ensemble_.members] == kinds
    model.set_params(time_limit=1e-6, n_threads=1).partial_fit(few, table["y"][:30])
    assert model.ensemble_.stopped == "time limit"
    assert model.ensemble_.weights == pytest.approx([0.2, 0.3, 2.5], rel=0.1)
