"""Seeds, threads, weights, groups, time limits and Ctrl-C; numbers as targets."""

import os
import re
import signal
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

import layerwise.signals
import layerwise.training.epochs
from layerwise import TableClassifier, TableRegressor
from layerwise.engine import threads
from layerwise.engine.compiled import CompiledSession, team
from layerwise.ensemble.calibration import calibrate
from layerwise.signals import Interrupt
from layerwise.training.progress import LINES, NOTEBOOK
from layerwise.training.trainer import load_engine
from tests.store.small_models import QUICK

N = 120
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 3))
Y = np.where(X[:, 0] + 0.5 * RNG.normal(size=N) > 0.5, "yes", "no")
PRICE = 100 + 20 * X[:, 0] + RNG.normal(size=N)


def probabilities(options=None, **settings):
    return TableClassifier(**{**QUICK, **settings}).fit(X, Y, **(options or {})).predict_proba(X)


EXPECTED = probabilities()


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(n_threads):
    assert np.array_equal(probabilities(n_threads=n_threads), EXPECTED)


def test_fewer_networks_than_threads_share_these_out_and_are_the_same_bits(monkeypatch):
    for module in (threads, team):
        monkeypatch.setattr(module, "available_cores", lambda: 4)
    random = np.random.default_rng(3)
    x = random.normal(size=(600, 60))
    y = x[:, 0] * x[:, 1] + x.sum(axis=1)
    counts, run = [], team.Team._run

    def counted(own, function, n_threads):
        if threading.current_thread() is not threading.main_thread():  # a network's training
            counts.append(n_threads)
        run(own, function, n_threads)

    monkeypatch.setattr(team.Team, "_run", counted)
    options = {**QUICK, "hidden": (64,), "batch_size": 256}
    alone = TableRegressor(**options, n_threads=1).fit(x, y)
    assert set(counts) == {1}
    counts.clear()
    model = TableRegressor(**options, n_threads=4).fit(x, y)
    assert len(model.ensemble_.members) == 2
    assert set(counts) <= {2, 4}
    assert np.array_equal(model.predict(x), alone.predict(x))


def test_another_seed_gives_another_model():
    assert not np.array_equal(probabilities(random_state=1), EXPECTED)
    made = [probabilities(random_state=np.random.RandomState(3)) for _ in range(2)]
    assert np.array_equal(*made)


def test_a_regression_with_intervals_repeats_on_any_number_of_threads():
    ends = [
        TableRegressor(**QUICK, intervals=0.8, n_threads=n).fit(X, PRICE).predict_interval(X)
        for n in (1, 2)
    ]
    assert np.array_equal(ends[0], ends[1])


def test_a_time_limit_ends_training_and_keeps_a_model():
    model = TableClassifier(time_limit=1e-3, epochs=1_000_000, random_state=0).fit(X, Y)
    assert model.ensemble_.stopped == "time limit"
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals need it"
)
def test_ctrl_c_keeps_what_there_is():
    seen = []

    def press(network, n_networks, epoch, most):
        seen.append(network)
        if len(seen) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    model = TableClassifier(**{**QUICK, "epochs": 5_000, "n_folds": 5}, on_epoch=press)
    with pytest.warns(UserWarning, match="Training interrupted by user: ") as warned:
        model.fit(X, Y)
    assert model.ensemble_.stopped == "interrupted"
    n = len(model.ensemble_.members)
    assert 1 <= n < 5
    assert f": {n} of 5 networks are there, not all trained to" in str(warned.pop().message)
    assert len(seen) < 500
    assert np.isfinite(model.predict_proba(X)).all()
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_once_networks_are_trained_is_told_too(monkeypatch):
    def pressed(*arguments):
        signal.raise_signal(signal.SIGINT)
        return calibrate(*arguments)

    monkeypatch.setattr("layerwise.estimators.table_classifier.calibrate", pressed)
    model = TableClassifier(**QUICK)
    with pytest.warns(UserWarning, match="user, once the networks that predict were trained"):
        model.fit(X, Y)
    assert np.array_equal(model.predict_proba(X), EXPECTED)


def test_each_epoch_is_told():
    told = []
    TableClassifier(**QUICK, on_epoch=lambda *args: told.append(args)).fit(X, Y)
    assert {(network, n, most) for network, n, _, most in told} == {(0, 2, 3), (1, 2, 3)}
    assert sorted(epoch.number for _, _, epoch, _ in told) == [1, 1, 2, 2, 3, 3]


def test_of_networks_that_are_trained_three_times_each_is_told_by_its_number():
    told = []
    settings = {**QUICK, "n_folds": 4, "on_epoch": lambda *args: told.append(args[:2])}
    TableClassifier(**settings).fit(X, Y, times=np.arange(len(X)))
    assert set(told) == {(number, 4) for number in range(4)}


def test_what_on_epoch_raises_is_heard():
    def fail(*_):
        raise RuntimeError("the screen is gone")

    with pytest.raises(RuntimeError, match="the screen is gone"):
        TableClassifier(**QUICK, on_epoch=fail).fit(X, Y)


WEIGHTS = {"yes": 5.0, "no": 0.5}


def networks_of(sample_weight=None, **settings):
    model = TableClassifier(**QUICK, **settings).fit(X, Y, sample_weight=sample_weight)
    return [network.vector.tolist() for network in model.networks_]


@pytest.mark.parametrize("own", [None, RNG.random(N)])
def test_networks_are_trained_with_the_weights_of_the_classes(own):
    """As if each row's own weight were multiplied by its class's."""
    by_row = np.where(Y == "yes", 5.0, 0.5).astype(np.float32)
    weight = by_row if own is None else by_row * own.astype(np.float32)
    assert networks_of(own, class_weight=WEIGHTS) == networks_of(weight)


def test_balanced_classes_weigh_the_same_in_all():
    model = TableClassifier(**QUICK, class_weight="balanced").fit(X, Y)
    no, yes = model.class_weights_
    assert no * (Y == "no").sum() == pytest.approx(yes * (Y == "yes").sum()) == N / 2
    again = TableClassifier(**QUICK, class_weight="balanced").fit(X[::2], Y[::2])
    expected = again.class_weights_
    model.fit(X[::2], Y[::2])  # a new fit finds a new balance, one that goes on keeps it
    assert np.array_equal(model.class_weights_, expected)
    model.partial_fit(X[1::2], Y[1::2])
    assert np.array_equal(model.class_weights_, expected)


@pytest.mark.parametrize("given", ["balanced", {"yes": 20.0, "no": 1.0}, {"yes": 0.05}])
def test_probabilities_of_weighted_classes_are_at_the_rows_own_rates(given):
    """Their mean is the share of the class, as without weights; the decisions differ."""
    random = np.random.default_rng(1)
    x = random.normal(size=(600, 2))
    y = np.where(random.random(600) < 1 / (1 + np.exp(2 - 2 * x[:, 0])), "yes", "no")
    settings = {**QUICK, "epochs": 30}
    plain = TableClassifier(**settings).fit(x, y)
    model = TableClassifier(**settings, class_weight=given).fit(x, y)
    share = (y == "yes").mean()
    assert model.predict_proba(x)[:, 1].mean() == pytest.approx(share, abs=0.05)
    weighted = model.ensemble_(*_inputs(model, x))[:, 1].mean()
    assert abs(weighted - share) > 0.1  # what the networks themselves say
    no, yes = model.class_weights_
    assert model.threshold_ == no / (no + yes)
    more = (model.predict(x) == "yes").mean() - (plain.predict(x) == "yes").mean()
    assert (more > 0) == (yes > no)
    assert model.validation_loss_ == pytest.approx(plain.validation_loss_, rel=0.2)


def _inputs(model, x):
    prepared = model.prepare(x)
    return prepared.x, prepared.codes


def test_weights_of_three_classes_are_costs():
    y = np.digitize(X[:, 0], [-0.3, 0.6])
    model = TableClassifier(**QUICK, class_weight={0: 1.0, 1: 8.0, 2: 1.0}).fit(X, y)
    p = model.predict_proba(X)
    assert np.array_equal(model.predict(X), (p * [1.0, 8.0, 1.0]).argmax(axis=1))
    assert (model.predict(X) == 1).mean() > (p.argmax(axis=1) == 1).mean()


def test_a_metric_that_needs_a_threshold_goes_before_the_costs():
    model = TableClassifier(**QUICK, class_weight=WEIGHTS, metric="f1").fit(X, Y)
    assert model.threshold_ != 0.5 / 5.5
    assert TableClassifier(**QUICK, class_weight=WEIGHTS, metric="accuracy").fit(
        X, Y
    ).threshold_ == 0.5  # fmt: skip


def test_a_class_without_weight_is_neither_trained_on_nor_predicted():
    y = np.digitize(X[:, 0], [-0.3, 0.6])
    model = TableClassifier(**QUICK, class_weight={1: 0.0}).fit(X, y)
    p = model.predict_proba(X)
    assert np.isfinite(p).all()
    assert p.sum(axis=1) == pytest.approx(1)
    assert 1 not in model.predict(X)


def test_rows_of_weight_0_are_as_if_they_were_not_there():
    weight = (np.arange(N) % 3 > 0).astype(float)
    model = TableClassifier(**QUICK).fit(X, Y, sample_weight=weight)
    kept = weight > 0
    again = TableClassifier(**QUICK).fit(X[kept], Y[kept], sample_weight=weight[kept])
    assert np.array_equal(model.predict_proba(X), again.predict_proba(X))


def test_groups_are_never_parted():
    groups = RNG.choice(["a", "b", "c", "d", "e", "f", "g"], N)
    model = TableClassifier(**{**QUICK, "n_folds": 3}).fit(X, Y, groups=groups)
    for member in model.ensemble_.members:
        held_out = set(groups[member.held_out])
        assert held_out
        assert not held_out & set(np.delete(groups, member.held_out))


def test_two_groups_give_two_networks():
    model = TableClassifier(**{**QUICK, "n_folds": 5}).fit(X, Y, groups=np.arange(N) % 2)
    assert len(model.networks_) == 2


@pytest.mark.parametrize("metric", ["balanced_accuracy", "f1", "matthews_corrcoef"])
def test_the_threshold_decides(metric):
    model = TableClassifier(**QUICK, metric=metric).fit(X, Y)
    p = model.predict_proba(X)
    assert np.array_equal(p, EXPECTED)
    assert 0 < model.threshold_ < 1
    assert (model.predict(X) == np.where(p[:, 1] > model.threshold_, "yes", "no")).all()


@pytest.mark.parametrize("metric", ["r2", "rmse", "mae"])
def test_numbers_stay_within_the_range_trained_on(metric):
    model = TableRegressor(**{**QUICK, "epochs": 30}, metric=metric).fit(X, PRICE)
    predicted = model.predict(np.concatenate([X, 100 * X, -1e300 * np.ones((1, 3))]))
    assert np.isfinite(predicted).all()
    assert PRICE.min() <= predicted.min()
    assert predicted.max() <= PRICE.max()
    assert model.score(X, PRICE) > 0.3
    assert model.validation_loss_ < 1


def test_the_mean_absolute_error_wants_the_median():
    price = np.where(RNG.random(400) < 0.3, 100.0, 0.0) + 0.01 * RNG.random(400)
    noise = {"x": RNG.normal(size=400)}
    settings = {**QUICK, "epochs": 40}
    by_mean = TableRegressor(**settings, metric="r2").fit(noise, price).predict(noise)
    by_median = TableRegressor(**settings, metric="mae").fit(noise, price).predict(noise)
    assert by_median.mean() < 15 < 20 < by_mean.mean()


def test_several_targets():
    y = np.column_stack([PRICE, -1e6 * X[:, 1]])
    model = TableRegressor(**{**QUICK, "epochs": 30}).fit(X, y)
    predicted = model.predict(X)
    assert predicted.shape == (N, 2)
    assert (np.corrcoef(predicted.T, y.T)[[0, 1], [2, 3]] > 0.7).all()
    assert model.score(X, y) > 0.2
    names = [f"x{i}" for i in range(3)]
    table = dict(zip(names, X.T, strict=True)) | {"price": y[:, 0], "cost": y[:, 1]}
    again = TableRegressor(**{**QUICK, "epochs": 30}).fit(table, target=["price", "cost"])
    assert np.array_equal(again.predict(dict(zip(names, X.T, strict=True))), predicted)


def test_each_network_is_open():
    model = TableClassifier(**QUICK).fit(X, Y)
    prepared = model.prepare(X)
    outputs = [network(prepared.x, prepared.codes) for network in model.networks_]
    average = np.average(outputs, axis=0, weights=model.ensemble_.weights)
    assert average == pytest.approx(model.ensemble_(prepared.x, prepared.codes), abs=1e-6)
    assert prepared.input_names == ("x0", "x1", "x2")
    assert np.array_equal(model.outputs(prepared.x, prepared.codes), EXPECTED)


def test_ctrl_c_is_acted_on_in_the_midst_of_a_long_epoch(monkeypatch):
    monkeypatch.setattr(layerwise.training.epochs, "BITE_SECONDS", 0.0)  # one batch at once
    epochs, steps, noted, run = [], [], threading.Event(), CompiledSession.run

    class Noted(Interrupt):
        def __setattr__(self, name, value):
            super().__setattr__(name, value)
            if name == "pressed" and value:
                noted.set()

    def run_and_press(*arguments):
        steps.extend(arguments[1].steps)
        if epochs and not noted.is_set():
            os.kill(os.getpid(), signal.SIGINT)
            assert noted.wait(100)
        return run(*arguments)

    load_engine()  # once for all fits
    monkeypatch.setattr(layerwise.signals, "Interrupt", Noted)
    monkeypatch.setattr(CompiledSession, "run", run_and_press)
    n_rows = len(X)
    model = TableClassifier(
        hidden=(4,), batch_size=1, n_folds=2, n_threads=1, on_epoch=lambda *_: epochs.append(1)
    )
    with pytest.warns(UserWarning, match="interrupted by user: 1 of "):
        model.fit(X, Y)
    assert model.ensemble_.stopped == "interrupted"
    assert len(model.ensemble_.members) == len(epochs) == 1
    assert len(steps) == n_rows - len(model.ensemble_.members[0].held_out) + 1


@pytest.mark.parametrize("place", [LINES, NOTEBOOK])
def test_verbose_shows_how_far_it_is_and_changes_nothing(place, monkeypatch, capsys):
    told, shown = [], []
    monkeypatch.setattr("layerwise.ensemble.live_training.find_place", lambda: place)
    display = SimpleNamespace(update=lambda data, **_: shown.append(data["text/plain"]))
    monkeypatch.setitem(
        sys.modules, "IPython.display", SimpleNamespace(display=lambda *_, **__: display)
    )
    settings = {"verbose": 1, "on_epoch": lambda *epoch: told.append(epoch)}
    assert np.array_equal(probabilities(**settings), EXPECTED)
    assert len(told) == 6
    if place == LINES:
        shown = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"(layerwise: )?training: 2 networks; took [\d.]+ s", shown[-1])


def test_by_itself_it_is_silent(capsys):
    probabilities()
    assert capsys.readouterr() == ("", "")


def test_biases_learn_as_fast_as_weights_where_numbers_are_not_cut_into_pieces():
    whole = TableRegressor(**QUICK, n_pieces=0).fit(X, PRICE).recipe_
    assert (whole.bias_rate, whole.scale_rate, whole.initialization) == (1.0, 1.0, "scikit_learn")
    cut = TableRegressor(**QUICK).fit(X, PRICE).recipe_
    assert (cut.bias_rate, cut.scale_rate, cut.initialization) == (0.1, 6.0, None)
