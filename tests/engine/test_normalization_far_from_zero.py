"""Batch normalisation of columns whose mean is large beside their spread, in float32."""

import numpy as np
import pytest

from layerwise import SGD, Architecture, Network, Trainer


@pytest.mark.parametrize("n_threads", [1, 3])
def test_running_statistics_are_those_of_the_batch(n_threads):
    rng = np.random.default_rng(0)
    x = (1000 + rng.standard_normal((600, 80))).astype(np.float32)
    net = Network(Architecture([80, 400, 400, 1], "identity", normalization="batch"), seed=0)
    net.biases[0][:] = 5000.0
    before = x.astype(np.float64) @ net.weights[0].astype(np.float64) + 5000.0
    # One batch, cut into shards, and no step: the statistics alone move, by a tenth.
    Trainer(optimizer=SGD(learning_rate=0.0), epochs=1, batch_size=600, n_threads=n_threads).fit(
        net, x, np.zeros(600)
    )
    mean, variance = net.state[:400], net.state[400:800]
    np.testing.assert_allclose(mean, 0.1 * before.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(variance, 0.9 + 0.1 * before.var(axis=0, ddof=1), rtol=1e-3)
