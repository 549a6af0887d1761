"""Probabilities that keep what they promise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar
from sklearn.metrics import log_loss

from layerwise import TableClassifier
from layerwise.ensemble.calibration import (
    log_loss_of,
    temper,
    temperature_and_share,
    temperature_of,
    temperature_of_average,
)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def drawn(z, seed=0):
    """A class for each row, by the probabilities that the scores give."""
    p = softmax(z)
    u = np.random.default_rng(seed).random((len(z), 1))
    return np.minimum((u > p.cumsum(axis=1)).sum(axis=1), z.shape[1] - 1)


@pytest.mark.parametrize("n_classes", [2, 3, 7])
@pytest.mark.parametrize("sureness", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_temperature_is_the_one_that_a_minimiser_finds(n_classes, sureness, weighted):
    random = np.random.default_rng(n_classes)
    z = random.normal(size=(300, n_classes))
    y, p = drawn(z), softmax(sureness * z)
    weight = random.random(300) if weighted else None

    def loss(u):
        return log_loss(y, temper(p, math.exp(u)), sample_weight=weight, labels=range(n_classes))

    slow = minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-8})
    assert temperature_of(p, y, weight) == pytest.approx(math.exp(slow.x), rel=1e-3)


def test_the_temperature_undoes_what_made_probabilities_too_sure():
    z = np.random.default_rng(0).normal(size=(20_000, 3))
    assert temperature_of(softmax(2.5 * z), drawn(z)) == pytest.approx(2.5, rel=0.06)


def test_temperatures_of_rows_that_are_all_right_or_all_wrong_stay_within_bounds():
    p = np.tile([0.9, 0.1], (10, 1))
    assert temperature_of(p, np.zeros(10, int)) == pytest.approx(math.exp(-3), rel=1e-3)
    assert temperature_of(p, np.ones(10, int)) == pytest.approx(math.exp(3), rel=1e-3)


class TestShare:
    """What is mixed in for rows that are like no others."""

    @staticmethod
    def rows(n_odd, n=2_000, n_classes=3, seed=0):
        """Probabilities that are half too sure, and classes; of some rows drawn by lot."""
        random = np.random.default_rng(seed)
        z = 3 * random.normal(size=(n, n_classes))
        y = drawn(z, seed)
        y[:n_odd] = random.integers(0, n_classes, n_odd)
        return softmax(1.5 * z), y

    @pytest.mark.parametrize("n_classes", [2, 5])
    @pytest.mark.parametrize("weighting", ["none", "rows", "classes"])
    def test_both_are_what_a_minimiser_finds(self, n_classes, weighting):
        p, y = self.rows(200, n_classes=n_classes)
        weight = np.random.default_rng(1).random(len(y)) if weighting == "rows" else None
        class_weights = np.linspace(1, 2, n_classes) if weighting == "classes" else None

        def loss(found):
            t, share = math.exp(found[0]), 1 / (1 + math.exp(-found[1]))
            return log_loss_of(temper(p, t, share, class_weights), y, weight)

        slow = minimize(loss, [0.0, -2.0], method="Nelder-Mead", options={"xatol": 1e-6})
        temperature, share = temperature_and_share(p, y, weight, class_weights)
        assert temperature == pytest.approx(math.exp(slow.x[0]), rel=0.01)
        assert share == pytest.approx(1 / (1 + math.exp(-slow.x[1])), rel=0.02)

    @pytest.mark.parametrize("seed", range(5))
    def test_without_such_rows_it_is_as_if_one_had_been_seen(self, seed):
        p, y = self.rows(0, seed=seed)
        temperature, share = temperature_and_share(p, y)
        assert share == 1 / (len(y) + 1)
        assert temperature == temperature_of(p, y)

    def test_a_few_rows_that_chance_may_have_made_are_not_enough(self):
        p, y = np.tile([0.95, 0.05], (40, 1)), np.array([0] * 37 + [1] * 3)
        p[0], y[0] = [0.002, 0.998], 0
        assert temperature_and_share(p, y) == (temperature_of(p, y), 1 / 41)

    @given(st.integers(0, 30), st.integers(0, 60), st.integers(0, 99))
    def test_rows_are_never_less_likely_by_it(self, n, n_odd, seed):
        p, y = self.rows(n_odd, n + n_odd + 1, seed=seed)
        temperature, share = temperature_and_share(p, y)
        plain = temper(p, temperature_of(p, y), 1 / (len(y) + 1))
        assert log_loss_of(temper(p, temperature, share), y) <= log_loss_of(plain, y)
        assert 1 / (len(y) + 1) <= share <= 0.5

    def test_a_model_of_a_table_with_wrong_labels_is_less_sure_of_all(self):
        random = np.random.default_rng(2)
        x, wrong = random.normal(size=(1_200, 2)), random.random(1_200) < 0.05
        y = (x[:, 0] > 0) ^ wrong
        settings = {"epochs": 30, "n_folds": 3, "n_repeats": 1, "random_state": 0}
        model = TableClassifier(**settings).fit(x, y)
        right = TableClassifier(**settings).fit(x, x[:, 0] > 0)
        assert right.share_ == 1 / 1_201
        assert 0.01 < model.share_ < 0.15  # 5 % of wrong labels are 10 % of labels by lot
        assert model.predict_proba(x).min() > 0.005


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=8),
    st.floats(0.05, 20),
    st.floats(0, 1),
)
def test_tempered_rows_sum_to_1(rows, temperature, share):
    p = np.array(rows) + 1e-12
    p /= p.sum(axis=1, keepdims=True)
    tempered = temper(p, temperature, share)
    assert tempered.sum(axis=1) == pytest.approx(1.0)
    assert (tempered >= share / 3 - 1e-15).all()


def test_extreme_probabilities_can_be_tempered():
    p = np.array([[1.0, 0.0], [0.0, 1.0], [1 - 1e-16, 1e-300]])
    for temperature in (0.05, 1.0, 20.0):
        assert np.isfinite(temper(p, temperature)).all()
    assert temper(p, 1.0) == pytest.approx(p)
    assert (temper(p, 2.0, 0.1).min(axis=1) >= 0.05).all()


def test_log_loss_is_scikit_learns():
    random = np.random.default_rng(0)
    p, y, w = softmax(random.normal(size=(50, 3))), random.integers(0, 3, 50), random.random(50)
    assert log_loss_of(p, y) == pytest.approx(log_loss(y, p))
    assert log_loss_of(p, y, w) == pytest.approx(log_loss(y, p, sample_weight=w))
    assert np.isfinite(log_loss_of(np.array([[1.0, 0.0]]), np.array([1])))


@given(st.floats(0.3, 3), st.floats(0.3, 3), st.integers(2, 5), st.integers(1, 5))
def test_an_average_of_more_networks_needs_no_higher_temperature(one, some, n_some, more):
    n_all = n_some * more
    found = temperature_of_average(one, some, n_some, n_all, 10**9)
    assert found <= some * (1 + 1e-6)
    assert found == pytest.approx(some) or one > some
    if n_all == n_some:
        assert found == pytest.approx(some, rel=1e-6)


@given(st.floats(0.3, 3), st.integers(1, 10_000))
def test_few_rows_change_a_temperature_little(temperature, n_rows):
    few = temperature_of_average(temperature, temperature, 2, 10, n_rows)
    many = temperature_of_average(temperature, temperature, 2, 10, 10 * n_rows)
    assert abs(math.log(few)) <= abs(math.log(many)) + 1e-12
    assert abs(math.log(many)) <= abs(math.log(temperature)) + 1e-12
    assert temperature_of_average(temperature, temperature, 1, 1, 10**9) == pytest.approx(
        temperature, rel=1e-6
    )


def test_a_models_probabilities_are_those_of_the_simulation():
    random = np.random.default_rng(0)
    x = random.normal(size=(4_000, 3))
    p = 1 / (1 + np.exp(-(1.5 * x[:, 0] - x[:, 1])))
    y = random.random(4_000) < p
    model = TableClassifier(
        effort="low", epochs=8, hidden=(16,), n_folds=3, n_repeats=1, random_state=0
    ).fit(x[:2_000], y[:2_000])
    found, y, p = model.predict_proba(x[2_000:])[:, 1], y[2_000:], p[2_000:]
    bins = np.digitize(found, np.quantile(found, np.linspace(0.1, 0.9, 9)))
    gaps = [abs(found[bins == b].mean() - y[bins == b].mean()) for b in range(10)]
    assert np.mean(gaps) < 0.05  # of the ten gaps expected by chance, the mean is about 0.02
    assert np.abs(found - p).mean() < 0.06
