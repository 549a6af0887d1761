"""The history: what is measured, what it means, and reading it back from JSON."""

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise import SGD, Adam, History, Network, Trainer
from layerwise.architecture import Architecture
from layerwise.training import Epoch, LayerStatistics
from layerwise.training.history import next_measured_epoch
from tests.helpers.compare import assert_close, assert_same_bits
from tests.training.training import class_table, number_table, train

X, Y = class_table()
SIZES = "4-6-5-3:softmax"
STILL = SGD(learning_rate=0.0)

floats = st.floats(allow_nan=False)
lists = st.lists(floats, min_size=1, max_size=3)
histories = st.builds(
    History,
    epochs=st.lists(
        st.builds(
            Epoch,
            number=st.integers(1, 1000),
            loss=floats,
            learning_rate=floats,
            seconds=floats,
            validation_loss=st.none() | floats,
            validation_score=st.none() | floats,
            layers=st.none() | st.builds(LayerStatistics, lists, lists, lists),
        ),
        max_size=4,
    ),
    best_epoch=st.none() | st.integers(1, 1000),
    stopped=st.sampled_from(["", "epochs", "patience"]),
    seed=st.integers(0, 2**64 - 1),
)


# What is measured


def test_an_epoch_is_numbered_and_timed():
    _, history = train(SIZES, X, Y, epochs=5)
    assert len(history) == len(list(history)) == 5
    assert history["number"].tolist() == [1, 2, 3, 4, 5]
    assert (np.diff(history["seconds"]) > 0).all()
    assert 0 < history["seconds"][-1] < 60
    assert history.stopped == "epochs"


def test_the_loss_of_a_full_batch_is_that_before_its_step():
    after = []
    net = Network(SIZES, seed=0, dtype="float64")
    first = net.loss(X, Y)
    trainer = Trainer(
        batch_size=len(X), epochs=4, callbacks=[lambda net, e: after.append(net.loss(X, Y))]
    )
    history = trainer.fit(net, X, Y)
    assert_close(history["loss"], [first, *after[:-1]], 1e-12)


@pytest.mark.parametrize("batch_size", [7, 50, 120])
def test_the_loss_of_an_epoch_is_the_mean_over_its_rows_whatever_the_batches(batch_size):
    net, history = train(SIZES, X, Y, optimizer=STILL, batch_size=batch_size, epochs=1)
    assert history["loss"][0] == pytest.approx(net.loss(X, Y), rel=1e-12)


def test_penalties_are_no_part_of_the_loss():
    net, history = train(SIZES, X, Y, optimizer=STILL, l1=3.0, l2=5.0, epochs=1)
    assert history["loss"][0] == pytest.approx(net.loss(X, Y), rel=1e-12)


def test_sample_weights_weigh_the_loss_of_a_batch():
    weight = np.random.default_rng(0).random(len(X))
    net, history = train(SIZES, X, Y, optimizer=STILL, sample_weight=weight, epochs=1)
    assert history["loss"][0] == pytest.approx(net.loss(X, Y, sample_weight=weight), rel=1e-12)


def test_sample_weights_weigh_the_batches_of_an_epoch():
    weight = np.repeat([1.0, 100.0], 60)
    net, history = train(
        SIZES, X, Y, optimizer=STILL, sample_weight=weight, epochs=1, batch_size=60, shuffle=False
    )
    assert history["loss"][0] == pytest.approx(net.loss(X, Y, sample_weight=weight), rel=1e-6)


def test_the_learning_rate_is_the_one_the_epoch_ended_with():
    _, history = train(SIZES, X, Y, optimizer=Adam(learning_rate=0.25), epochs=2)
    assert history["learning_rate"].tolist() == [0.25, 0.25]


# Layers


def test_the_gradients_norms_are_those_of_the_last_batch():
    net = Network(SIZES, seed=0, dtype="float64")
    gradients = net.backward(net.forward(X), Y)
    history = Trainer(batch_size=len(X), epochs=1, shuffle=False).fit(net, X, Y)
    epochs, norms = history.layers("gradient_norm")
    assert epochs.tolist() == [1]
    assert norms.shape == (1, 3)
    assert_close(norms[0], [np.linalg.norm(g) for g in gradients.weights], 1e-10)


def test_of_several_batches_the_last_one_is_measured():
    settings = {"optimizer": STILL, "batch_size": 50, "epochs": 1, "shuffle": False}
    net, history = train(SIZES, X, Y, **settings)
    gradients = net.backward(net.forward(X[100:]), Y[100:])
    wanted = [np.linalg.norm(g) for g in gradients.weights]
    assert_close(history.layers("gradient_norm")[1][0], wanted, 1e-10)


def test_a_batch_in_several_shards_is_measured_as_one():
    x, y = class_table(256, 20)
    net, history = train("20-200-200-3:softmax", x, y, optimizer=STILL, batch_size=256, epochs=1)
    wanted = [np.linalg.norm(g) for g in net.backward(net.forward(x), y).weights]
    assert_close(history.layers("gradient_norm")[1][0], wanted, 1e-10)


def test_the_weights_spreads_are_their_standard_deviations():
    net, history = train(SIZES, X, Y, epochs=1)
    epochs, spreads = history.layers("weight_spread")
    assert epochs.tolist() == [1]
    assert_close(spreads[0], [w.std() for w in net.weights], 1e-10)


@pytest.mark.parametrize("optimizer", [STILL, "lbfgs"])
def test_a_node_that_is_off_for_every_row_is_dead(optimizer):
    net = Network(SIZES, seed=0, dtype="float64")
    net.biases[0][[1, 4]] = -1e6
    net.biases[1][:] = 5.0
    net.biases[1][0] = -1e6
    history = Trainer(optimizer=optimizer, epochs=1, n_threads=2).fit(net, X, Y)
    assert history.layers("dead_share")[1][0] == pytest.approx([2 / 6, 1 / 5, 0])


def test_a_node_that_is_on_for_one_row_is_alive():
    x = np.zeros((64, 1))
    x[37] = 1.0
    net = Network("1-2-1", dtype="float64")
    net.vector[:] = 0
    net.weights[0] = [[1.0, 0.0]]
    net.biases[0] = [-0.5, -0.5]
    history = Trainer(optimizer=STILL, epochs=1).fit(net, x, x)
    assert history.layers("dead_share")[1].tolist() == [[0.5, 0.0]]


@pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "identity"])
def test_without_a_flat_part_no_node_can_die(activation):
    _, history = train(Architecture([4, 6, 3], activation), *number_table(50, 4, 3), epochs=1)
    assert history.layers("dead_share")[1].tolist() == [[0.0, 0.0]]


def test_a_look_at_the_nodes_is_of_the_same_epoch():
    # The first three nodes of six are off in every other epoch.
    def switch(net, epoch):
        net.biases[0][:3] = -1e6 if epoch.number % 2 else 1e6

    _, history = train(SIZES, X, Y, optimizer=STILL, epochs=40, callbacks=[switch])
    epochs, shares = history.layers("dead_share")
    even = (epochs % 2 == 0) & (epochs > 1)
    assert 5 < even.sum() < len(epochs) - 5
    assert (shares[even, 0] >= 0.5).all()
    assert (shares[~even, 0] < 0.5).all()


MEASURED = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 23, 27, 32, 39, 46, 54, 64, 77, 91]


@pytest.mark.parametrize("network", [SIZES, "-".join(["4", *["5"] * 22, "3:softmax"])])
@pytest.mark.parametrize("callbacks", [[], [lambda net, epoch: None]], ids=["at once", "by ones"])
def test_which_epochs_layers_are_measured_is_counted_and_not_timed(network, callbacks):
    _, history = train(network, X, Y, epochs=100, callbacks=callbacks)
    assert history.layers("weight_spread")[0].tolist() == MEASURED


def test_what_is_measured_of_an_epoch_does_not_depend_on_how_many_run_at_once():
    (_, alone), (_, at_once) = (
        train(SIZES, X, Y, epochs=100, batch_size=10, callbacks=callbacks)
        for callbacks in ([lambda net, epoch: None], [])
    )
    for name in ("gradient_norm", "weight_spread", "dead_share"):
        assert_same_bits(alone.layers(name)[1], at_once.layers(name)[1])


def test_few_of_many_epochs_are_measured():
    numbers = [n for n in range(1, 100_001) if next_measured_epoch(n) == n]
    assert [sum(n <= last for n in numbers) for last in (100, 1_000, 100_000)] == [22, 35, 62]
    assert all(next_measured_epoch(n) == min(m for m in numbers if m >= n) for n in range(1, 99))


def test_input_layers_of_no_weights_are_left_out():
    from layerwise.architecture import Embedding, Periodic

    architecture = Architecture(
        [2, 4, 1], embeddings=[Embedding(3, 2)], periodic=Periodic(2, 0.1), normalization="layer"
    )
    x, y = number_table(30, 2)
    net, history = train(architecture, x, y, codes=np.arange(30)[:, None] % 3, epochs=1)
    assert history.layers("weight_spread")[1][0] == pytest.approx([w.std() for w in net.weights])


# Reading it


def test_a_measurement_is_read_by_its_name():
    history = History([Epoch(1, 0.5, 0.1, 1.0), Epoch(2, 0.25, 0.1, 2.0, 0.75, 0.5)])
    assert history["loss"].tolist() == [0.5, 0.25]
    assert np.array_equal(history["validation_loss"], [math.nan, 0.75], equal_nan=True)
    assert history["number"].dtype == float


@pytest.mark.parametrize("name", ["losses", "layers", "stopped"])
def test_an_unknown_measurement_is_refused_with_the_known_ones(name):
    with pytest.raises(KeyError, match=f"'{name}'; measured were: number, loss, learning_rate"):
        History()[name]


def test_the_best_epoch_is_the_kept_one_or_the_last():
    epochs = [Epoch(1, 0.5, 0.1, 1.0), Epoch(2, 0.25, 0.1, 2.0)]
    assert History(epochs, best_epoch=1).best is epochs[0]
    assert History(epochs).best is epochs[1]


def test_it_sums_itself_up():
    _, history = train(SIZES, X, Y, epochs=3, validation_fraction=0.2)
    text = str(history)
    assert text.startswith("3 epochs in ")
    assert f"held-out loss {history.best.validation_loss:.4g}" in text
    assert text.endswith("ended by: epochs")
    assert str(History()) == "no epoch yet"


# JSON


def test_a_trainings_history_comes_back_from_json():
    _, history = train(SIZES, X, Y, epochs=3, validation_fraction=0.2)
    back = History.from_json(history.to_json())
    assert back == history
    assert back.epochs[0].layers == history.epochs[0].layers
    assert isinstance(back.epochs[0], Epoch)
    assert isinstance(back.epochs[0].layers, LayerStatistics)


@settings(max_examples=40)
@given(histories)
def test_any_history_comes_back_from_json(history):
    assert History.from_json(history.to_json()) == history


def test_its_json_is_plain_data_named_as_its_fields():
    _, history = train(SIZES, X, Y, epochs=1, validation_fraction=0.2)
    values = json.loads(history.to_json())
    assert list(values) == [field.name for field in dataclasses.fields(History)]
    assert list(values["epochs"][0]) == [field.name for field in dataclasses.fields(Epoch)]
