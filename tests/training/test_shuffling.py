"""The order in which rows are taken."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise import SGD, Network, Trainer
from layerwise.architecture import Architecture
from tests.training.rows_seen import places_of_rows
from tests.training.training import number_table


@settings(max_examples=25)
@given(st.integers(1, 40), st.integers(0, 2**64 - 1 - 2**63))
def test_every_epoch_takes_every_row_once(n_rows, seed):
    for places in places_of_rows(n_rows, epochs=3, seed=seed):
        assert sorted(places) == list(range(n_rows))


def test_the_order_differs_from_epoch_to_epoch():
    epochs = places_of_rows(30, epochs=4)
    orders = {tuple(places) for places in [np.arange(30), *epochs]}
    assert len(orders) == 5


def test_the_seed_determines_the_order():
    first, again, other = (places_of_rows(30, epochs=2, seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1])


def test_seeds_that_differ_only_in_their_last_bit():
    first, other = (places_of_rows(30, epochs=1, seed=seed) for seed in (2**63, 2**63 + 1))
    assert not np.array_equal(first, other)


def test_an_order_says_nothing_about_another_tables_order():
    # The first 30 places of a permutation of 60 rows are not those of 30 rows.
    small, large = places_of_rows(30, epochs=1)[0], places_of_rows(60, epochs=1)[0]
    assert not np.array_equal(np.argsort(large[:30]), np.argsort(small))


def test_every_row_is_as_likely_to_be_first_as_any_other():
    firsts = [int(places.argmin()) for places in places_of_rows(5, epochs=1000)]
    counts = np.bincount(firsts, minlength=5)
    assert abs(counts - 200).max() < 5 * np.sqrt(1000 * 0.2 * 0.8)


def test_without_shuffling_rows_are_taken_as_they_stand():
    for places in places_of_rows(17, epochs=3, shuffle=False):
        assert places.tolist() == list(range(17))


@pytest.mark.parametrize("batch_size", [1, 4, 8, 16])
def test_an_epoch_is_cut_into_batches(batch_size):
    for places in places_of_rows(32, batch_size=batch_size, epochs=2):
        batches, sizes = np.unique(places, return_counts=True)
        assert batches.tolist() == list(range(32 // batch_size))
        assert set(sizes) == {batch_size}


def test_batches_are_of_200_rows_where_no_size_is_asked_for():
    x, y = number_table(450)
    net, slow = (Network("4-1", seed=0, dtype="float64") for _ in range(2))
    optimizer = SGD(learning_rate=0.1, momentum=0)
    history = Trainer(optimizer=optimizer, epochs=1, shuffle=False).fit(net, x, y)
    losses = []
    for rows in (slice(200), slice(200, 400), slice(400, 450)):
        gradients = slow.backward(slow.forward(x[rows]), y[rows])
        losses.append(gradients.loss)
        slow.vector[:] -= 0.1 * gradients.vector
    assert net.vector == pytest.approx(slow.vector, rel=1e-12)
    assert history["loss"][0] == pytest.approx(np.average(losses, weights=[200, 200, 50]))


@pytest.mark.parametrize("batch_size", [121, 10**6])
def test_a_batch_larger_than_the_table_is_the_table(batch_size):
    x, y = number_table(120)
    nets = []
    for size in (batch_size, 120):
        nets.append(Network("4-5-1", seed=0))
        Trainer(batch_size=size, epochs=3, seed=0).fit(nets[-1], x, y)
    assert np.array_equal(nets[0].vector, nets[1].vector)


def test_batch_normalisation_leaves_out_a_last_batch_of_one_row():
    # Statistics of a single row say nothing; with shuffling it is another row each time.
    x, y = number_table(41)
    architecture = Architecture([4, 5, 1], normalization="batch")
    nets = [Network(architecture, seed=0, dtype="float64") for _ in range(2)]
    settings = {"batch_size": 20, "epochs": 1, "shuffle": False}
    Trainer(**settings).fit(nets[0], x, y)
    Trainer(**settings).fit(nets[1], x[:40], y[:40])
    assert np.array_equal(nets[0].vector, nets[1].vector)
    assert np.array_equal(nets[0].state, nets[1].state)
