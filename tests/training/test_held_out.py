"""Held-out rows: which they are, what is measured on them, and the best epoch kept."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, r2_score

from layerwise import SGD, Adam, Network, Trainer
from layerwise.architecture import Architecture, Embedding
from tests.training.rows_seen import places_of_rows, rows_trained_on
from tests.training.training import class_table, number_table, series, train

# Few rows, many nodes and a large step: a network that soon learns them by heart.
OVERFITTING = {"optimizer": Adam(learning_rate=0.02), "batch_size": 10, "epochs": 40}
SIZES = "8-30-3:softmax"
TABLE = class_table(160, 8)
X, Y = (part[:60] for part in TABLE)
HELD_OUT = tuple(part[60:] for part in TABLE)


def overfit(**settings):
    return train(SIZES, X, Y, validation_data=HELD_OUT, **OVERFITTING | settings)


def epochs_until_patience_ends(values, patience, min_improvement=0.0):
    """After how many epochs, by the definition: so many in a row that improved by less."""
    best, without = math.inf, 0
    for number, value in enumerate(values, start=1):
        without = without + 1 if best - value < min_improvement or value >= best else 0
        best = min(best, value)
        if without == patience:
            return number
    return len(values)


def test_the_network_ends_with_the_numbers_of_the_best_epoch():
    seen = []
    net, history = overfit(callbacks=[lambda n, e: seen.append((n.loss(*HELD_OUT), n.copy()))])
    losses = [loss for loss, _ in seen]
    best = int(np.argmin(losses))
    assert 0 < best < len(history) - 1
    assert history["validation_loss"] == pytest.approx(losses, rel=1e-12)
    assert history.best_epoch == best + 1
    assert history.best.number == best + 1
    assert np.array_equal(net.vector, seen[best][1].vector)


def test_so_does_the_state_of_batch_normalisation():
    architecture = Architecture([8, 30, 30, 3], output="softmax", normalization="batch")
    seen = []
    net, history = train(
        architecture,
        X,
        Y,
        validation_data=HELD_OUT,
        **OVERFITTING,
        callbacks=[lambda n, e: seen.append((n.vector.copy(), n.state.copy()))],
    )
    vector, state = seen[history.best_epoch - 1]
    assert history.best_epoch < len(history)
    assert np.array_equal(net.vector, vector)
    assert np.array_equal(net.state, state)
    assert net.loss(*HELD_OUT) == pytest.approx(history["validation_loss"].min(), rel=1e-12)


def test_without_held_out_rows_it_ends_with_its_latest():
    seen = []
    net, history = train(
        SIZES, X, Y, **OVERFITTING, callbacks=[lambda n, e: seen.append(n.vector.copy())]
    )
    assert np.array_equal(net.vector, seen[-1])
    assert history.best_epoch is None
    assert history.best.number == len(history)
    assert np.isnan(history["validation_loss"]).all()


@pytest.mark.parametrize("patience", [1, 2, 5, 9])
def test_patience_ends_training_after_so_many_epochs_without_improvement(patience):
    _, endless = overfit()
    _, history = overfit(patience=patience)
    wanted = epochs_until_patience_ends(endless["validation_loss"], patience)
    assert history.stopped == "patience"
    assert len(history) == wanted < OVERFITTING["epochs"]
    assert history.best_epoch == history["validation_loss"].argmin() + 1
    assert series(history)["loss"] == series(endless)["loss"][:wanted]


def test_an_improvement_of_less_than_asked_for_is_none():
    slowly = Adam(learning_rate=0.004)
    losses = overfit(optimizer=slowly)[1]["validation_loss"]
    ends = []
    for least in (0.0, 0.01, 0.03, 0.1):
        _, history = overfit(optimizer=slowly, patience=3, min_improvement=least)
        ends.append(len(history))
        assert len(history) == epochs_until_patience_ends(losses, 3, least)
    assert ends == sorted(set(ends), reverse=True)


def test_a_small_improvement_is_kept_all_the_same():
    net, history = overfit(patience=3, min_improvement=9.0)
    assert 1 < history.best_epoch <= len(history) == 4
    assert net.loss(*HELD_OUT) == pytest.approx(history["validation_loss"].min(), rel=1e-12)


def test_without_held_out_rows_patience_looks_at_the_training_loss():
    settings = {"optimizer": Adam(learning_rate=0.3), "batch_size": 10, "epochs": 60}
    _, endless = train(SIZES, X, Y, **settings)
    _, history = train(SIZES, X, Y, **settings, patience=2)
    assert history.stopped == "patience"
    assert len(history) == epochs_until_patience_ends(endless["loss"], 2) < 60


@pytest.mark.parametrize("monitor", ["loss", "score"])
def test_as_good_as_before_is_no_improvement(monitor):
    _, history = overfit(optimizer=SGD(learning_rate=0.0), patience=4, monitor=monitor)
    assert history.stopped == "patience"
    assert len(history) == 5


def test_the_score_may_be_what_must_improve():
    seen = []
    net, history = overfit(
        monitor="score", callbacks=[lambda n, e: seen.append(n(HELD_OUT[0]).argmax(axis=1))]
    )
    scores = [accuracy_score(HELD_OUT[1], labels) for labels in seen]
    assert history["validation_score"] == pytest.approx(scores)
    assert history.best_epoch == int(np.argmax(scores)) + 1
    assert history.best_epoch != history["validation_loss"].argmin() + 1
    assert accuracy_score(HELD_OUT[1], net(HELD_OUT[0]).argmax(axis=1)) == max(scores)


def test_the_score_of_numbers_is_r2():
    x, y = number_table(80, 4, 2)
    net, history = train("4-5-2", x[:50], y[:50], validation_data=(x[50:], y[50:]), epochs=1)
    assert history["validation_score"][0] == pytest.approx(r2_score(y[50:], net(x[50:])))


def test_the_score_of_counts_is_r2_of_the_rates():
    x, y = class_table(80, 4, 6)
    net, history = train("4-5-1:exp", x[:50], y[:50], validation_data=(x[50:], y[50:]), epochs=1)
    assert history["validation_score"][0] == pytest.approx(r2_score(y[50:], net(x[50:])))


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_the_score_of_counts_is_of_rates_no_larger_than_the_outputs(engine):
    x, y = np.linspace(-1, 1, 20)[:, None], np.arange(20.0)
    net = Network("1-1:exp", seed=0)
    net.weights[0] = [[300.0]]
    history = Trainer(epochs=1, seed=0, engine=engine).fit(net, x, y, validation_data=(x, y))
    assert history["validation_score"][0] == pytest.approx(r2_score(y, net(x)), rel=1e-6)


def test_the_score_of_sigmoids_is_the_share_of_rows_whose_labels_are_all_right():
    x, labels = class_table(80, 4, 4)
    y = np.stack([labels % 2, labels // 2], axis=1)
    net, history = train(
        "4-5-2:sigmoid", x[:50], y[:50], validation_data=(x[50:], y[50:]), epochs=3
    )
    right = (net(x[50:]) > 0.5) == y[50:]
    assert history.best_epoch == 3
    assert history["validation_score"][-1] == pytest.approx(right.all(axis=1).mean())


def test_many_held_out_rows_are_measured_in_parts():
    held_out = class_table(30_000, 8, seed=1)
    net, history = train(SIZES, X, Y, validation_data=held_out, epochs=1)
    assert history["validation_loss"][0] == pytest.approx(net.loss(*held_out), rel=1e-10)


def test_validation_data_may_have_codes():
    architecture = Architecture([8, 5, 3], output="softmax", embeddings=[Embedding(4, 2)])
    random = np.random.default_rng(0)
    codes, other = random.integers(0, 4, (60, 1)), random.integers(0, 4, (100, 1))
    net = Network(architecture, seed=0, dtype="float64")
    history = Trainer(epochs=1).fit(net, X, Y, codes=codes, validation_data=(*HELD_OUT, other))
    wanted = net.loss(*HELD_OUT, codes=other)
    assert history["validation_loss"][0] == pytest.approx(wanted, rel=1e-12)
    with pytest.raises(ValueError, match="give codes="):
        Trainer(epochs=1).fit(net, X, Y, codes=codes, validation_data=HELD_OUT)


@settings(max_examples=25)
@given(st.integers(2, 60), st.floats(0.05, 0.6), st.integers(0, 2**32))
def test_a_fraction_of_the_rows_is_held_out_and_never_trained_on(n_rows, fraction, seed):
    n_held_out = math.ceil(fraction * n_rows)
    if n_held_out == n_rows:
        return
    epochs = places_of_rows(n_rows, epochs=3, validation_fraction=fraction, seed=seed)
    left_out = [set(np.flatnonzero(np.isnan(places))) for places in epochs]
    assert left_out[0] == left_out[1] == left_out[2]
    assert len(left_out[0]) == n_held_out


@pytest.mark.parametrize("weight", [np.ones(60), np.random.default_rng(0).random(60)])
def test_what_is_measured_is_measured_on_the_rows_held_out_by_their_weights(weight):
    taken = rows_trained_on(Y, 3, "softmax", validation_fraction=0.25)
    left = np.setdiff1d(np.arange(60), taken)
    net, history = train(SIZES, X, Y, sample_weight=weight, epochs=1, validation_fraction=0.25)
    assert len(left) == 15
    wanted = net.loss(X[left], Y[left], sample_weight=weight[left])
    assert history["validation_loss"][0] == pytest.approx(wanted, rel=1e-12)


def test_the_seed_determines_which_rows_are_held_out():
    first, again, other = (
        rows_trained_on(Y, 3, "softmax", validation_fraction=0.25, seed=seed) for seed in (1, 1, 2)
    )
    assert first.tolist() == again.tolist() != other.tolist()


@settings(max_examples=20)
@given(st.lists(st.integers(2, 30), min_size=2, max_size=4), st.sampled_from([0.2, 0.3, 0.5]))
def test_classes_keep_their_shares_where_there_are_rows_enough(counts, fraction):
    y = np.repeat(np.arange(len(counts)), counts)
    n_held_out = math.ceil(fraction * len(y))
    if min(n_held_out, len(y) - n_held_out) < len(counts):
        return
    taken = rows_trained_on(y, len(counts), "softmax", validation_fraction=fraction)
    held_out = np.array(counts) - np.bincount(y[taken], minlength=len(counts))
    assert held_out.sum() == n_held_out
    assert np.abs(held_out - n_held_out * np.array(counts) / len(y)).max() <= 1


def test_a_class_of_a_single_row_is_no_obstacle():
    y = np.array([0] * 20 + [1] * 19 + [2])
    taken = rows_trained_on(y, 3, "softmax", validation_fraction=0.25)
    assert len(taken) == 30


def test_the_two_classes_of_a_sigmoid_keep_their_shares():
    y = np.repeat([0, 1], [190, 10])
    for seed in range(5):
        taken = rows_trained_on(y, 1, "sigmoid", validation_fraction=0.2, seed=seed)
        assert y[taken].sum() == 8


def test_validation_data_go_before_a_fraction():
    _, history = overfit(epochs=2, validation_fraction=0.5)
    _, without = overfit(epochs=2)
    assert series(history) == series(without)
