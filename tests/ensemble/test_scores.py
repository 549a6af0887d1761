"""Scores, the predictions to compare them with, and what each column is worth."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import metrics
from sklearn.ensemble import HistGradientBoostingClassifier

from layerwise import TableClassifier, TableRegressor
from layerwise.ensemble.baselines import ALL_ROUNDS, boosted_trees, rounds_for, trivial
from layerwise.ensemble.importance import permutation_importance
from layerwise.ensemble.scores import HIGHER_IS_BETTER, class_scores, number_scores, row_losses
from layerwise.tables.prepared import Prepared

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_scores_of_classes_are_scikit_learns(n_classes):
    p = RNG.dirichlet(np.ones(n_classes), 80)
    y = RNG.integers(0, n_classes, 80)
    decided = p.argmax(axis=1)
    scores = class_scores(y, p)
    two = n_classes == 2
    expected = {
        "log_loss": metrics.log_loss(y, p),
        "accuracy": metrics.accuracy_score(y, decided),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, decided),
        "f1": metrics.f1_score(y, decided, average="binary" if two else "macro"),
        "matthews_corrcoef": metrics.matthews_corrcoef(y, decided),
        "roc_auc": metrics.roc_auc_score(y, p[:, 1] if two else p, multi_class="ovr"),
    }
    assert scores == pytest.approx(expected)
    assert set(scores) <= set(HIGHER_IS_BETTER)


def test_scores_follow_the_classes_decided_on():
    y, p = np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]])
    assert class_scores(y, p)["accuracy"] == pytest.approx(1 / 3)
    assert class_scores(y, p, np.array([0, 1, 1]))["accuracy"] == 1


def test_rows_of_one_class_alone_have_no_area_under_a_curve():
    scores = class_scores(np.array([1, 1]), np.array([[0.2, 0.8], [0.4, 0.6]]))
    assert scores["roc_auc"] is None
    assert scores["accuracy"] == 1


def test_a_class_that_does_not_occur_is_left_out_of_the_area():
    p = RNG.dirichlet(np.ones(3), 30)
    y = np.arange(30) % 2
    expected = np.mean([metrics.roc_auc_score(y == k, p[:, k]) for k in (0, 1)])
    assert class_scores(y, p)["roc_auc"] == pytest.approx(expected)


@pytest.mark.parametrize("decimals", [0, 1, 16])
@pytest.mark.parametrize("weight", [None, np.arange(60) % 4 / 3])
def test_areas_under_curves_count_ties_and_weights_as_scikit_learn_does(decimals, weight):
    p = RNG.dirichlet(np.ones(3), 60).round(decimals)
    y = RNG.integers(0, 3, 60)
    areas = [metrics.roc_auc_score(y == k, p[:, k], sample_weight=weight) for k in range(3)]
    assert class_scores(y, p, weight=weight)["roc_auc"] == pytest.approx(np.mean(areas), abs=1e-12)


@pytest.mark.parametrize("shape", [(50,), (50, 3)])
def test_scores_of_numbers_are_scikit_learns(shape):
    y = RNG.normal(size=shape)
    predicted = y + RNG.normal(size=shape)
    assert number_scores(y, predicted) == pytest.approx(
        {
            "r2": metrics.r2_score(y, predicted),
            # Of targets in units of their own no mean says anything.
            "rmse": metrics.root_mean_squared_error(y, predicted) if y.ndim == 1 else None,
            "mae": metrics.mean_absolute_error(y, predicted) if y.ndim == 1 else None,
        }
    )


def test_losses_of_several_targets_do_not_depend_on_their_units():
    y = RNG.normal(size=(50, 2))
    predicted = y + RNG.normal(size=(50, 2))
    units = np.array([1.0, 1e6])
    for name in ("rmse", "mae"):
        losses = row_losses(y * units, predicted * units, name)
        assert losses == pytest.approx(row_losses(y, predicted, name))
    assert row_losses(y, predicted, "r2").mean() == pytest.approx(
        1 - metrics.r2_score(y, predicted)
    )


def test_a_constant_has_no_r2():
    assert number_scores(np.ones(4), np.zeros(4)) == {"r2": None, "rmse": 1.0, "mae": 1.0}


def test_the_trivial_prediction_is_the_shares_or_the_mean():
    assert trivial(np.array([0, 2, 2, 2]), 4, 2).tolist() == [[0.25, 0, 0.75, 0]] * 2
    assert trivial(np.array([1.0, 2.0]), 0, 3).tolist() == [1.5] * 3
    assert trivial(np.array([[1.0, 5.0], [2.0, 5.0]]), 0, 1).tolist() == [[1.5, 5.0]]


def test_boosted_trees_know_numbers_categories_and_classes_that_are_not_there():
    x = RNG.normal(size=(200, 1)).astype(np.float32)
    codes = RNG.integers(0, 300, (200, 1)).astype(np.int32)
    few = RNG.integers(0, 3, (200, 1)).astype(np.int32)
    codes = np.concatenate([codes, few], axis=1)
    y = np.where(x[:, 0] > 0, 2, 0)
    p = boosted_trees(x, codes, y, x, codes, n_classes=4)
    assert p.shape == (200, 4)
    assert (p[:, [1, 3]] == 0).all()
    assert (p.argmax(axis=1) == y).mean() > 0.95
    numbers = np.column_stack([x[:, 0], few[:, 0]]).astype(float)
    found = boosted_trees(x, codes, numbers, x, codes, n_classes=0)
    assert found.shape == (200, 2)
    assert metrics.r2_score(numbers, found) > 0.9


def test_trees_grow_where_a_class_has_one_row_of_very_many():
    n = 10_001
    x, y = np.zeros((n, 1), np.float32), np.arange(n) % 2
    y[0] = 2
    codes, weight = np.zeros((n, 0), np.int32), RNG.uniform(0.5, 1.5, n)
    p = boosted_trees(x, codes, y, x[:5], codes[:5], n_classes=3, weight=weight)
    assert p.sum(axis=1) == pytest.approx(1)


def test_rounds_are_fewer_where_classes_are_many():
    assert rounds_for(2, 1) == rounds_for(50, 10**12) == ALL_ROUNDS
    assert rounds_for(51, 1_000) == 98
    assert rounds_for(200, 1_000) == 25
    assert rounds_for(200, 800_000) == 12  # of more cells
    assert rounds_for(5_000, 1_000) == 20
    assert rounds_for(5_000, 10**6) == rounds_for(51, 10**12) == 8
    x, y = RNG.normal(size=(90, 2)).astype(np.float32), np.arange(90) % 3
    codes = np.zeros((90, 0), np.int32)
    few = HistGradientBoostingClassifier(max_iter=2, l2_regularization=0.1, random_state=0)
    few.fit(x, y)
    p = boosted_trees(x, codes, y, x, codes, n_classes=3, n_rounds=2)
    assert np.array_equal(p, few.predict_proba(x))


def test_trees_get_no_copies_of_an_input_and_none_that_is_one_for_all(monkeypatch):
    n, widths, fit = 60, [], HistGradientBoostingClassifier.fit

    def measured(self, x, *arguments, **rest):
        widths.append((x.shape[1], self.categorical_features))
        return fit(self, x, *arguments, **rest)

    monkeypatch.setattr(HistGradientBoostingClassifier, "fit", measured)
    x, codes = RNG.normal(size=(n, 2)).astype(np.float32), RNG.integers(0, 3, (n, 2), np.int32)
    y = (x[:, 0] + codes[:, 1] > 1).astype(np.int64)
    more = np.column_stack([np.ones(n, np.float32), x, x[:, 0]])
    more_codes = np.column_stack([codes[:, :1], np.zeros(n, np.int32), codes])
    few, many = (
        boosted_trees(numbers, integers, y, numbers[:9], integers[:9], n_classes=2)
        for numbers, integers in ((x, codes), (more, more_codes))
    )
    assert widths == [(4, [2, 3])] * 2
    assert np.array_equal(few, many)
    alike = np.ones((n, 1), np.float32)
    p = boosted_trees(alike, codes[:, :0], y, alike, codes[:, :0], n_classes=2)
    assert p == pytest.approx(trivial(y, 2, n), abs=1e-6)


@pytest.mark.parametrize(("n_columns", "n_repeats"), [(20, 5), (25, 4), (60, 2)])
def test_many_columns_are_shuffled_fewer_times_each(n_columns, n_repeats):
    names = [f"x{i}" for i in range(n_columns)]
    places = SimpleNamespace(
        used=[SimpleNamespace(name=name) for name in names],
        inputs_of=lambda name: ([names.index(name)], []),
    )
    model = SimpleNamespace(
        preparation_=places, loss_name="", loss_of=lambda p, y, weight: float(((p - y) ** 2).mean())
    )
    x = RNG.normal(size=(30, n_columns))
    rows = Prepared(x, np.zeros((30, 0), np.int32), names, [])
    found = permutation_importance(model, rows, x[:, 1], outputs=lambda x, codes: x[:, 1])
    assert found.values.shape == (n_columns, n_repeats)
    assert found.names[0] == "x1"


@pytest.mark.parametrize("kind", [TableClassifier, TableRegressor])
def test_noise_does_not_matter_and_what_tells_matters_most(kind):
    n = 800
    table = {
        "noise": RNG.normal(size=n),
        "telling": RNG.normal(size=n),
        "city": RNG.choice(["Ulm", "Bonn"], n),
    }
    value = 3 * table["telling"] + (table["city"] == "Ulm")
    y = value if kind is TableRegressor else value > 0
    model = kind(effort="low", epochs=8, hidden=(8,), n_folds=2, n_repeats=1, random_state=0)
    model.fit({name: cells[:600] for name, cells in table.items()}, y[:600])
    prepared = model.prepare({name: cells[600:] for name, cells in table.items()})
    importance = permutation_importance(model, prepared, y[600:] * 1, n_repeats=4)
    assert importance.names[0] == "telling"
    assert importance.values.shape == (3, 4)
    means = dict(zip(importance.names, importance.values.mean(axis=1), strict=True))
    assert means["telling"] > 0.2
    assert abs(means["noise"]) < 0.03
    again = permutation_importance(model, prepared, y[600:] * 1, n_repeats=4)
    assert np.array_equal(again.values, importance.values)
    other = permutation_importance(model, prepared, y[600:] * 1, n_repeats=4, seed=1)
    assert not np.array_equal(other.values, importance.values)


def test_rows_of_one_class_have_scores_and_no_warning(recwarn):
    y = np.array([1, 1, 1])
    scores = class_scores(y, np.array([[0.1, 0.9]] * 3))
    assert scores["accuracy"] == 1.0
    assert scores["matthews_corrcoef"] == 0.0
    assert scores["roc_auc"] is None
    assert not recwarn.list
