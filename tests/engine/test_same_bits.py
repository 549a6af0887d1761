"""Same seed, same numbers: any number of threads gives the same bits.

The networks are large enough that a batch is cut into several shards and a weight matrix's
gradient into several tasks; threads that read what another has not written yet, or has written
over, show here.
"""

from dataclasses import replace

import numpy as np
import pytest

from layerwise.architecture import Architecture, Embedding, OneHot, Periodic
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.compiled.compiled_session import shards_of
from layerwise.engine.compiled.step_table import plan_of
from tests.helpers.compare import assert_same_bits
from tests.helpers.problems import PLAIN, Steps, problem_of

N_ROWS = 520
TABLES = [Embedding(40, 30), Embedding(3, 2)]
NETWORKS = {
    "one width": ([200, 200, 200, 200], {}, {}),
    "many widths": ([60, 300, 20, 400, 10, 300, 1], {}, {}),
    "updated as a whole by one thread": ([60, 150, 100, 2], {}, {}),
    "batch norm": ([60, 300, 20, 300, 150, 2], {"normalization": "batch"}, {}),
    "layer norm": ([60, 300, 20, 300, 150, 2], {"normalization": "layer"}, {}),
    "residual": ([60, 250, 250, 40, 40, 250, 2], {"residual": True}, {}),
    "residual batch norm": (
        [250, 250, 250, 40, 40, 2],
        {"residual": True, "normalization": "batch"},
        {},
    ),
    "residual layer norm": (
        [250, 250, 250, 40, 40, 2],
        {"residual": True, "normalization": "layer"},
        {},
    ),
    "dropout": ([60, 300, 150, 2], {"dropout": 0.3}, {}),
    "clipping": ([60, 300, 150, 2], {"normalization": "layer"}, {"clip_norm": 0.1}),
    "penalties": ([60, 300, 150, 2], {}, {"l1": 0.01, "l2": 0.01}),
    "embeddings": ([60, 300, 150, 2], {"embeddings": TABLES}, {}),
    "pieces": ([20, 300, 150, 2], {"pieces": [16] * 20, "embeddings": [OneHot(9)]}, {}),
    "periodic": ([20, 300, 150, 2], {"periodic": Periodic(3), "input_scale": True}, {}),
    "many scaled inputs": ([20, 300, 150, 2], {"pieces": [32] * 20, "input_scale": True}, {}),
    "learned slopes": ([60, 300, 150, 2], {"activation": "prelu"}, {}),
}


STEPS = {
    "Adam": Steps(batch_size=400, n_steps=6, average=0.9),
    "Adam with decay": Steps(batch_size=400, n_steps=6, decay=0.1),
    "gradient descent": Steps(PLAIN, batch_size=400, n_steps=6, rate=0.001),
}


# What an optimizer does with a gradient depends on how the weights are shared out, and no more.
SHARED_OUT = {"one width", "many widths", "updated as a whole by one thread", "embeddings"}


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        pytest.param(
            name,
            optimizer,
            marks=[] if optimizer == "Adam" or name in SHARED_OUT else pytest.mark.slow,
        )
        for name in NETWORKS
        for optimizer in STEPS
    ],
)
def test_training(name, optimizer):
    sizes, options, settings = NETWORKS[name]
    problem = problem_of(Architecture(sizes, **options), n_rows=N_ROWS, dtype="float32")
    steps = replace(STEPS[optimizer], settings=settings)
    alone = steps.take(CompiledSession, problem, n_threads=1)
    assert alone.n_shards >= 4
    for n_threads in (2, 5):
        for _ in range(2):
            together = steps.take(CompiledSession, problem, n_threads)
            assert_same_bits(together.losses, alone.losses, f"losses, {n_threads} threads")
            for part in ("parameters", "moments", "average", "state", "alive"):
                found, wanted = getattr(together.vectors, part), getattr(alone.vectors, part)
                assert_same_bits(found, wanted, f"{part}, {n_threads} threads")


def test_some_of_these_networks_have_several_tasks_for_a_layer():
    counts = {
        name: len(plan_of(Architecture(sizes, **options), True).tasks) - len(sizes) + 1
        for name, (sizes, options, _) in NETWORKS.items()
    }
    assert sum(count > 0 for count in counts.values()) > len(NETWORKS) / 2, counts


@pytest.mark.slow
def test_nodes_that_one_row_alone_keeps_alive_are_counted():
    problem = problem_of(Architecture([1, 4000, 25, 1]), n_rows=400, dtype="float32")
    net = problem.network
    net.weights[0][:], net.biases[0][:] = 1.0, 0.0
    problem.vector[:] = net.vector
    problem.data.x[:] = -1.0
    problem.data.x[0] = 1.0
    steps = Steps(PLAIN, batch_size=400, n_steps=1)
    alone = steps.take(CompiledSession, problem, n_threads=1)
    assert alone.n_shards >= 4
    assert alone.vectors.alive[4000:8000].all()
    for _ in range(150):
        together = steps.take(CompiledSession, problem, n_threads=2)
        assert_same_bits(together.vectors.alive, alone.vectors.alive)


@pytest.mark.parametrize("options", [{}, {"normalization": "layer", "residual": True}], ids=str)
def test_predictions(options):
    net = problem_of(Architecture([60, 200, 200, 20, 3], **options), dtype="float32").network
    x = np.random.default_rng(0).standard_normal((1500, 60)).astype("float32")
    alone = net(x, n_threads=1)
    for n_threads in (2, 5, None):
        assert_same_bits(net(x, n_threads=n_threads), alone, f"{n_threads} threads")


class TestShards:
    """The rule that cuts a batch."""

    @pytest.mark.parametrize("batch_size", [1, 7, 96, 97, 400, 1000, 4096])
    @pytest.mark.parametrize("weights", [1, 700, 20_000, 1_000_000])
    def test_shards_hold_every_row(self, batch_size, weights):
        n_shards, rows = shards_of(batch_size, weights)
        assert (n_shards - 1) * rows < batch_size <= n_shards * rows
        assert n_shards == 1 or batch_size / n_shards >= 48

    def test_small_work_is_not_cut(self):
        assert shards_of(10_000, 1) == (1, 10_000)
        assert shards_of(32, 10_000_000) == (1, 32)

    def test_large_work_is(self):
        assert shards_of(400, 100_000)[0] == 4
        assert shards_of(2048, 100_000)[0] == 8
