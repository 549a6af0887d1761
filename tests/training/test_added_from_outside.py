"""An optimiser and a schedule that are added from another file train like those of the package."""

import os
import subprocess
import sys

import pytest

from layerwise.files.cache_bases import CACHE_VARIABLE

SCRIPT = """
from dataclasses import dataclass

import numpy as np

from layerwise import Network, Trainer
from layerwise.architecture.elementary import where
from layerwise.training import OPTIMIZERS, SCHEDULES, Optimizer, Rule, Schedule


def moments(g, m, v, slow, rest):
    return slow * m + rest * g, v


def change(m, rate, nothing):
    return rate * where(m > nothing, 1.0, where(m < nothing, -1.0, 0.0))


@dataclass(frozen=True, kw_only=True)
class Signum(Optimizer):
    formula = "m = beta m + (1 - beta) g, θ -= rate sign(m)"
    source = "Bernstein et al. 2018"
    rules = (Rule(change, moments),)

    beta: float = 0.75

    def constants(self):
        return {"slow": self.beta, "rest": 1 - self.beta}

    def step_numbers(self, rates, steps):
        return {"rate": rates, "nothing": np.zeros(len(steps))}


OPTIMIZERS["signum"] = Signum
SCHEDULES["halves"] = Schedule("halves", "1 / 2^(4 t)", lambda t, n: 0.5 ** (4 * t), "a test")

x = np.linspace(-1, 1, 8)[:, None]
for engine in ("compiled", "numpy"):
    net = Network("1-3:tanh-1", seed=0, dtype="float64")
    vector, m = net.vector.copy(), 0.0
    for epoch in range(4):
        other = Network.of(net.architecture, vector)
        gradient = other.backward(other.forward(x), x[:, 0] ** 2).vector
        m = 0.75 * m + 0.25 * gradient
        vector = vector - 0.01 * 0.5 ** epoch * np.sign(m)
    trainer = Trainer(optimizer=Signum(learning_rate=0.01), schedule="halves", epochs=4,
                      engine=engine)
    trainer.fit(net, x, x[:, 0] ** 2)
    assert np.allclose(net.vector, vector, rtol=1e-12), engine

from layerwise import MLPRegressor

settings = {"hidden_layer_sizes": (4,), "learning_rate_init": 0.03, "random_state": 0}
model = MLPRegressor(**settings, solver="signum", schedule="halves", max_iter=300)
assert model.fit(x, x[:, 0]).score(x, x[:, 0]) > 0.5
"""


@pytest.mark.parametrize(
    "uncompiled", ["1", pytest.param("0", marks=pytest.mark.slow)], ids=["uncompiled", "compiled"]
)
def test_an_optimiser_and_a_schedule(uncompiled, tmp_path):
    file = tmp_path / "outside.py"
    file.write_text(SCRIPT)
    variables = {"NUMBA_DISABLE_JIT": uncompiled, CACHE_VARIABLE: str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(file)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_one_that_comes_too_late_is_refused_in_words():
    import numpy as np

    from layerwise import Network, Trainer
    from layerwise.training import Optimizer, Rule

    class Late(Optimizer):
        rules = (Rule(lambda g, rate: rate * g),)

    with pytest.raises(ValueError, match=r"add the optimiser to .*OPTIMIZERS before the first"):
        Trainer(optimizer=Late()).fit(Network("1-1"), np.zeros((2, 1)), np.zeros(2))
