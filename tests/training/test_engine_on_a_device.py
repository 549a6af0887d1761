"""An engine whose vectors live elsewhere trains the same: they are fetched when asked for."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from layerwise import SGD, Network, Trainer
from layerwise.architecture import Architecture
from layerwise.engine.engines import ENGINES, Engine
from layerwise.engine.reference import ReferencePredictor, ReferenceSession
from layerwise.training import TrainerState, TrainingDiverged

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = np.tanh(X[:, 0]) + 0.1 * RNG.standard_normal(60)


BATCH_NORM = Architecture([4, 6, 1], normalization="batch")


class Fetched:
    """Vectors on a device: what is read is a copy."""

    def __init__(self, there):
        self._there = there

    def __getattr__(self, name):
        return getattr(self._there, name).copy()

    def put(self, **values):
        self._there.put(**values)

    def snapshot(self):
        return self._there.snapshot()

    def restore(self, snapshot):
        self._there.restore(snapshot)


class DeviceSession(ReferenceSession):
    """The NumPy engine's steps, on copies that only `vectors` gives away."""

    def __init__(self, setup):
        super().__init__(replace(setup, vectors=deepcopy(setup.vectors)))
        self.there, self.vectors = self.vectors, Fetched(self.vectors)

    def run(self, batches):
        fetched, self.vectors = self.vectors, self.there
        try:
            return super().run(batches)
        finally:
            self.vectors = fetched


@pytest.fixture(autouse=True)
def device(monkeypatch):
    monkeypatch.setitem(ENGINES, "device", lambda: Engine(DeviceSession, ReferencePredictor))


def both(network="4-6-1", error=None, **settings):
    """(network, history, state, what a callback saw) in the NumPy engine and on the device."""
    results = []
    for engine in ("numpy", "device"):
        net, state, seen = Network(network, seed=0, dtype="float64"), TrainerState(), []
        looks = [lambda net, epoch, seen=seen: seen.append(net.vector.copy())]
        known = {"epochs": 8, "seed": 0, "batch_size": 16, "callbacks": looks, "engine": engine}
        trainer = Trainer(**known | settings)
        options = {} if "lbfgs" in settings.values() else {"state": state}
        if error is None:
            history = trainer.fit(net, X, Y, **options)
        else:
            with pytest.raises(error) as caught, np.errstate(all="ignore"):
                trainer.fit(net, X, Y, **options)
            history = caught.value.history
        results.append((net, history, state, seen))
    return results


CASES = {
    "plain": {},
    "no looks": {"callbacks": (), "epochs": 40},
    "held out": {"validation_fraction": 0.3, "patience": 3, "epochs": 40},
    "moving average": {"ema": 0.9},
    "both": {"ema": 0.9, "validation_fraction": 0.3},
    "batch norm": {"network": BATCH_NORM, "validation_fraction": 0.3},
    "adaptive": {"schedule": "adaptive", "patience": 2, "min_improvement": 0.01, "epochs": 30},
    "lbfgs": {"optimizer": "lbfgs", "batch_size": None, "l2": 0.01},
    "lbfgs, held out": {"optimizer": "lbfgs", "batch_size": None, "validation_fraction": 0.3},
    "diverged": {
        "network": "4-8:identity-1",
        "error": TrainingDiverged,
        "epochs": 300,
        "optimizer": SGD(learning_rate=0.35),
        "callbacks": (),
    },
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_bits(case):
    (net, history, state, seen), (other, its_history, its_state, its_seen) = both(**CASES[case])
    assert np.array_equal(other.vector, net.vector)
    assert np.array_equal(other.state, net.state)
    assert np.array_equal(its_seen, seen)
    for name in ("loss", "validation_loss", "penalty"):
        assert np.array_equal(its_history[name], history[name], equal_nan=True)
    assert np.array_equal(its_history.layers("dead_share")[1], history.layers("dead_share")[1])
    assert (its_history.stopped, its_history.best_epoch) == (history.stopped, history.best_epoch)
    if state.moments is not None:
        assert np.array_equal(its_state.moments, state.moments)
        assert np.array_equal(its_state.average, state.average)


def test_a_checkpoint_is_gone_on_from(tmp_path):
    nets = []
    for epochs in (8, 4, 8):
        net = Network("4-6-1", seed=0, dtype="float64")
        file = tmp_path / ("whole" if not nets else "cut")
        trainer = Trainer(epochs=8, seed=0, batch_size=16, engine="device", checkpoint=file)
        stop = [lambda net, epoch, last=epochs: epoch.number == last]
        Trainer(**vars(trainer) | {"callbacks": stop}).fit(net, X, Y, resume=len(nets) == 2)
        nets.append(net)
    assert np.array_equal(nets[2].vector, nets[0].vector)
    assert not np.array_equal(nets[1].vector, nets[0].vector)
