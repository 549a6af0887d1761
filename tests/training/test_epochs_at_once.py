"""Where nothing is to be looked at between epochs, several run at once: with the same bits."""

import numpy as np
import pytest

from layerwise import SGD, Network, Trainer
from layerwise.training import TrainerState, TrainingDiverged
from layerwise.training.epochs import EpochRunner

RNG = np.random.default_rng(0)
X = RNG.standard_normal((90, 4))
Y = np.tanh(X[:, 0]) + 0.1 * RNG.standard_normal(90)


def one_at_a_time(network, epoch):
    """A callback looks at each epoch."""


@pytest.fixture
def counts(monkeypatch):
    """How many epochs each call ran."""
    seen = []
    run = EpochRunner.run

    def recorded(self, number, count, **rest):
        seen.append(count)
        return run(self, number, count, **rest)

    monkeypatch.setattr(EpochRunner, "run", recorded)
    return seen


def both_ways(error=None, network="4-8-1", **settings):
    """(network, history) of a training whose epochs run one at a time, and in their own way."""
    results = []
    for callbacks in ([one_at_a_time], []):
        net, state = Network(network, seed=0, dtype="float64"), TrainerState()
        trainer = Trainer(**({"seed": 0, "batch_size": 16} | settings), callbacks=callbacks)
        if error is None:
            history = trainer.fit(net, X, Y, state=state)
        else:
            with pytest.raises(error) as caught:
                trainer.fit(net, X, Y, state=state)
            history = caught.value.history
        results.append((net, history, state))
    return results


SETTINGS = {
    "adam": {},
    "penalties": {"l1": 0.01, "l2": 0.1},
    "penalties of sums": {"l2": 0.1, "penalize": "sum"},
    "moving average": {"ema": 0.95},
    "schedule": {"schedule": "cosine"},
    "numpy": {"engine": "numpy"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_bits_are_the_same(name, counts):
    (a, first, s), (b, second, t) = both_ways(epochs=60, **SETTINGS[name])
    assert max(counts[60:]) > 1 == max(counts[:60])
    assert (a.vector == b.vector).all()
    for measured in ("loss", "penalty", "learning_rate"):
        assert (first[measured] == second[measured]).all()
    assert (s.moments == t.moments).all()
    assert (s.n_steps, s.n_rows, s.n_epochs) == (t.n_steps, t.n_rows, t.n_epochs)
    assert (np.diff(second["seconds"]) >= 0).all()


@pytest.mark.parametrize("schedule", ["constant", "adaptive"])
def test_training_ends_at_the_same_epoch(schedule):
    (a, first, _), (b, second, _) = both_ways(
        epochs=400, patience=4, min_improvement=1e-3, optimizer=SGD(), schedule=schedule
    )
    assert first.stopped == second.stopped != "epochs"
    assert len(first) == len(second)
    assert (a.vector == b.vector).all()


def test_what_diverges_is_taken_back_to_the_last_good_epoch(counts):
    settings = {"network": "4-8:identity-1", "epochs": 300, "optimizer": SGD(learning_rate=0.35)}
    (a, first, _), (b, second, _) = both_ways(TrainingDiverged, **settings)
    assert len(first) == len(second) >= 3
    assert max(counts) > 1
    assert np.isfinite(b.vector).all()
    assert (a.vector == b.vector).all()


def test_the_penalty_is_that_of_the_weights():
    net = Network("4-8-1", seed=0, dtype="float64")
    history = Trainer(epochs=20, seed=0, l1=0.3, l2=0.7).fit(net, X, Y)
    weights = np.concatenate([w.ravel() for w in net.weights])
    expected = 0.3 * np.abs(weights).sum() + 0.35 * (weights @ weights)
    assert history["penalty"][-1] == pytest.approx(expected, rel=1e-12)
