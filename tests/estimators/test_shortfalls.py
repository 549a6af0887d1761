"""What goes wrong once networks are trained loses none of them: it is left out, named and kept."""

import math
import re
import warnings

import numpy as np
import pyarrow as pa
import pytest

from layerwise import TableClassifier, TableRegressor, load
from layerwise.ensemble import ensemble_training
from layerwise.ensemble.baselines import boosted_trees
from layerwise.ensemble.importance import permutation_importance
from layerwise.language import retold, speaking
from layerwise.report.trial import Trial
from layerwise.training import TrainingDiverged
from layerwise.training.time_limit import Deadline

SMALL = {"epochs": 3, "hidden": (4,), "n_folds": 4, "n_repeats": 1, "random_state": 0}
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 2))
Y = X[:, 0] + 0.1 * RANDOM.normal(size=60)


@pytest.fixture
def diverging(monkeypatch):
    """diverging(1, 3): the second and the fourth network begin with numbers far too large."""
    real = ensemble_training.network_for
    begun = []

    def make(*numbers, loss=""):
        def network_for(problem, rows, recipe, number, seed):
            begun.append(number)
            network = real(problem, rows, recipe, number, seed)
            if number in numbers and loss in problem.loss.name:
                network.vector[:] = 1e30
            return network

        monkeypatch.setattr(ensemble_training, "network_for", network_for)
        return begun

    return make


def predictions_of(model):
    return getattr(model, "predict_proba", model.predict)(X)


@pytest.mark.parametrize(
    ("estimator", "y"), [(TableClassifier, Y > 0), (TableRegressor, Y)], ids=["classes", "numbers"]
)
def test_a_network_that_diverges_is_left_out_named_and_counted(estimator, y, diverging, tmp_path):
    diverging(2)
    models = []
    for n_threads in (1, 2):
        with pytest.warns(UserWarning, match="^1 of 4 networks diverged and was left out"):
            models.append(estimator(**SMALL, n_threads=n_threads).fit(X, y))
    model = models[0]
    assert len(model.networks_) == 3
    assert list(model.ensemble_.diverged) == [3]
    assert "network 3: the loss became" in model.notes_[0]
    with speaking("ko"):
        note = retold(model.notes_[0])
        assert re.search("신경망 3: 1번째 에포크의 [1-9]번째 걸음에서 손실이 ", note)
    assert np.array_equal(predictions_of(model), predictions_of(models[1]))
    model.save(tmp_path / "m.layerwise")
    loaded = load(tmp_path / "m.layerwise")
    assert (loaded.notes_, loaded.ensemble_.diverged) == (model.notes_, model.ensemble_.diverged)
    assert np.array_equal(predictions_of(loaded), predictions_of(model))
    loaded.partial_fit(X, y)
    assert (len(loaded.networks_), loaded.notes_) == (3, ())


def test_where_no_network_diverges_nothing_is_said():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = TableRegressor(**SMALL).fit(X, Y)
    assert (model.notes_, model.ensemble_.diverged) == ((), {})


def test_where_most_diverge_it_ends_as_soon_as_that_is_certain(diverging):
    begun = diverging(0, 1, 2)
    model = TableRegressor(**{**SMALL, "n_folds": 5}, n_threads=1)
    with pytest.raises(TrainingDiverged, match="3 of 5 networks diverged, too many"):
        model.fit(X, Y)
    assert begun == [0, 1, 2]
    assert not hasattr(model, "ensemble_")


def test_a_training_that_was_cut_off_goes_on_without_what_diverged(diverging, tmp_path):
    diverging(1)
    kept = tmp_path / "kept"
    expected = TableRegressor(**SMALL)
    with pytest.warns(UserWarning, match="network 2"):
        expected.fit(X, Y)

    def end(number, n_networks, epoch, most):
        if number == 3:
            raise KeyboardInterrupt

    settings = {**SMALL, "checkpoint": kept, "n_threads": 1}
    with pytest.raises(KeyboardInterrupt):
        TableRegressor(**settings, on_epoch=end).fit(X, Y)
    assert kept.exists()
    with pytest.warns(UserWarning, match="network 2"):
        model = TableRegressor(**settings).fit(X, Y)
    assert np.array_equal(model.predict(X), expected.predict(X))


def test_one_end_of_an_interval_that_diverges_is_named(diverging):
    diverging(1, loss="quantile")
    with pytest.warns(UserWarning, match="1 of 4 networks for the (lower|upper) ends"):
        model = TableRegressor(**SMALL, intervals=0.8, n_threads=1).fit(X, Y)
    low, high = model.predict_interval(X)
    assert np.isfinite(low).all()
    assert (low <= high).all()


@pytest.mark.parametrize("phase", [1, 2])
def test_one_that_diverges_when_it_is_trained_again_is_what_it_was_before(phase, monkeypatch):
    """In the order of time each network is trained three times."""
    real = ensemble_training.network_for
    settings = {**SMALL, "n_threads": 1}
    expected = TableRegressor(**settings).fit(X, Y, times=np.arange(60))
    begun = []

    def network_for(problem, rows, recipe, number, seed):
        network = real(problem, rows, recipe, number, seed)
        begun.append(number)
        if number == 1 and begun.count(1) == phase + 1:
            network.vector[:] = 1e30
        return network

    monkeypatch.setattr(ensemble_training, "network_for", network_for)
    said = "1 of 4 networks diverged when trained again, on later rows too, and is what it was"
    with pytest.warns(UserWarning, match=f"^{said} before .network 2: "):
        model = TableRegressor(**settings).fit(X, Y, times=np.arange(60))
    assert begun == [0, 1, 2, 3] * 2 + ([0, 2, 3] if phase == 1 else [0, 1, 2, 3])
    assert (len(model.networks_), model.ensemble_.diverged, expected.notes_) == (4, {}, ())
    found, usual = model.ensemble_.members[1], expected.ensemble_.members[1]
    if phase == 1:
        assert found.measured is None
        assert not np.array_equal(found.network.vector, usual.network.vector)
    else:
        assert np.array_equal(found.measured.vector, usual.measured.vector)
        assert np.array_equal(found.network.vector, usual.measured.vector)
    assert np.isfinite(model.predict(X)).all()


def test_in_the_order_of_time_most_is_counted_by_networks(diverging):
    diverging(0, 1, 2)
    with pytest.raises(TrainingDiverged, match="3 of 4 networks diverged"):
        TableRegressor(**SMALL, n_threads=1).fit(X, Y, times=np.arange(60))


def test_in_the_order_of_time_no_time_leaves_networks_of_the_first_rows():
    model = TableRegressor(**SMALL, n_threads=1)
    model._deadline = Deadline(0.0, lambda: 1.0)
    model.fit(X, Y, times=np.arange(60))
    (member,) = model.ensemble_.members
    assert (model.ensemble_.stopped, member.measured) == ("time limit", None)
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.parametrize("times", [None, np.arange(60)], ids=["any order", "in time"])
def test_going_on_that_is_cut_short_keeps_the_networks_whose_turn_did_not_come(times):
    model = TableRegressor(**SMALL, n_threads=1).fit(X, Y, times=times)
    before = [network.vector.copy() for network in model.networks_]
    model._deadline = Deadline(0.0, lambda: 1.0)
    model.partial_fit(X, Y + 1, times=times)
    assert model.ensemble_.stopped == "time limit"
    after = [network.vector for network in model.networks_]
    assert list(map(np.array_equal, before, after)) == [False, True, True, True]
    assert np.isfinite(model.validation_loss_)


# Intervals of few rows


def test_intervals_of_too_few_rows_are_infinite_and_it_is_said(tmp_path):
    model = TableRegressor(**SMALL, intervals=0.9)
    with pytest.warns(UserWarning, match="intervals are infinite: .* the same 8 rows, and 9"):
        model.fit(X[:8], Y[:8])
    low, high = model.predict_interval(X)
    assert np.isneginf(low).all()
    assert np.isposinf(high).all()
    model.save(tmp_path / "m.layerwise")
    loaded = load(tmp_path / "m.layerwise")
    assert loaded.notes_ == model.notes_
    assert np.isposinf(loaded.predict_interval(X)[1]).all()
    loaded.partial_fit(X, Y)
    assert (loaded.notes_, np.isfinite(loaded.predict_interval(X)).all()) == ((), True)


@pytest.mark.parametrize("n_threads", [1, 2, 4])
def test_however_short_the_time_both_ends_held_out_the_same_rows(n_threads):
    model = TableRegressor(**SMALL, intervals=0.8, n_threads=n_threads)
    model._deadline = Deadline(0.0, lambda: 1.0)  # over before it began
    model.fit(X, Y)
    ensembles = (model.ensemble_, model.intervals_.low, model.intervals_.high)
    assert [ensemble.stopped for ensemble in ensembles] == ["time limit"] * 3
    # How far other threads come before the first network's first epoch ends, is the machine's.
    assert n_threads > 1 or [len(ensemble.members) for ensemble in ensembles] == [1] * 3
    first, low, high = (ensemble.members[0].held_out for ensemble in ensembles)
    np.testing.assert_array_equal(low, high)
    np.testing.assert_array_equal(low, first)
    assert np.isfinite(model.predict_interval(X)).all()
    assert math.isfinite(model.validation_loss_)


def test_each_ensemble_gets_the_time_of_its_networks():
    now = 0.0
    trained = []

    def told(number, n_networks, epoch, most):
        nonlocal now
        if epoch.number == 1:
            trained.append(number)
        now += 1.0

    settings = {**SMALL, "epochs": 5, "n_folds": 2, "n_threads": 1}
    model = TableRegressor(**settings, intervals=0.8, on_epoch=told)
    model._deadline = Deadline(20.0, lambda: now)  # 30 epochs in all; 18 of them have time
    model.fit(X, Y)
    assert trained == [0, 1] * 3
    assert now == 18


# What fails after training


def fail(*_, **__):
    raise ZeroDivisionError("by chance")


def test_probabilities_that_cannot_be_calibrated_are_what_they_are(monkeypatch):
    monkeypatch.setattr("layerwise.ensemble.calibration.temperature_of", fail)
    with pytest.warns(UserWarning, match="not calibrated.*ZeroDivisionError: by chance"):
        model = TableClassifier(**SMALL).fit(X, Y > 0)
    assert (model.temperature_, model.threshold_) == (1.0, 0.5)
    assert model.predict_proba(X).sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("place", "said"),
    [("margin_of", "No prediction intervals"), ("train_ensemble", "No prediction intervals")],
)
def test_intervals_that_fail_leave_a_model_without(place, said, monkeypatch):
    monkeypatch.setattr(f"layerwise.ensemble.intervals.{place}", fail)
    with pytest.warns(UserWarning, match=f"{said}: ZeroDivisionError: by chance"):
        model = TableRegressor(**SMALL, intervals=0.8).fit(X, Y)
    assert model.predict(X).shape == Y.shape
    with pytest.raises(AttributeError, match="no prediction intervals"):
        model.predict_interval(X)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("trial.judge", "The model could not be tested"),
        ("comparison.boosted_trees", "Gradient-boosted trees were left out"),
        ("trial.permutation_importance", "Which columns matter was not measured"),
    ],
)
def test_judging_that_fails_leaves_the_rest(place, said, monkeypatch):
    monkeypatch.setattr(f"layerwise.report.{place}", fail)
    table = pa.table({"a": X[:, 0], "b": X[:, 1], "y": Y})
    trial = Trial(["y"], settings=SMALL).run(table)
    assert trial.notes == [f"{said}: ZeroDivisionError: by chance"]
    assert trial.is_judged == (place != "trial.judge")
    assert trial.model.predict(table).shape == Y.shape


# The time that is left


class Clock:
    """A clock that an estimator of trees moves on, by a second for each tree and two for a fit."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("left", "is_done"), [(150.0, True), (100.0, False), (0.0, False)])
def test_trees_are_grown_where_all_of_them_will_be_done_in_time(left, is_done, monkeypatch):
    from sklearn.ensemble import HistGradientBoostingRegressor

    clock, fit = Clock(), HistGradientBoostingRegressor.fit

    def timed(self, *arguments, **rest):
        clock.now += 2.0 + self.max_iter
        return fit(self.set_params(max_iter=2), *arguments, **rest)

    monkeypatch.setattr(HistGradientBoostingRegressor, "fit", timed)
    codes = np.zeros((len(X), 0), np.int32)

    def grow():
        return boosted_trees(X, codes, Y, X, codes, n_classes=0, deadline=Deadline(left, clock))

    if is_done:
        assert grow().shape == Y.shape
        assert clock.now == 3.0 + 6.0 + 102.0
        return
    with pytest.raises(TimeoutError, match=r"no time is left|s are wanted, and"):
        grow()
    assert clock.now <= 9.0


@pytest.mark.parametrize(("left", "is_done"), [(11.5, True), (10.5, False), (0.0, False)])
def test_columns_are_shuffled_where_all_will_be_in_time(left, is_done):
    clock = Clock()
    model = TableRegressor(**SMALL).fit(X, Y)
    outputs = model.outputs

    def timed(x, codes):
        clock.now += len(x) / len(X)
        return outputs(x, codes)

    model.outputs = timed
    prepared = model.prepare(X)
    deadline = Deadline(left, clock)
    if is_done:  # two columns, five times each, and once as they are
        found = permutation_importance(model, prepared, Y, deadline=deadline)
        assert (found.values.shape, clock.now) == ((2, 5), 11.0)
        return
    with pytest.raises(TimeoutError):
        permutation_importance(model, prepared, Y, deadline=deadline)
    assert clock.now <= 1.0
