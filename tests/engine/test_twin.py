"""The compiled engine against its NumPy twin: the same steps on random architectures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layerwise.architecture import LOSSES, Architecture, Embedding, OneHot, Periodic, get_loss
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.layout import layout_of
from layerwise.engine.optimizers import SGD, Adam, RMSprop
from layerwise.engine.reference import ReferenceSession
from tests.helpers.compare import assert_close, relative_error
from tests.helpers.problems import PLAIN, Problem, Result, Steps, problem_of
from tests.helpers.strategies import architectures

# An optimiser divides by a gradient's size: rounding in one that is 0 but for rounding must not
# be blown up to a whole step.
EPSILON = 0.01
OPTIMIZERS = {
    "plain gradient descent": PLAIN,
    "momentum": SGD(),
    "Nesterov": SGD(nesterov=True),
    "Adam": Adam(epsilon=EPSILON),
    "RMSprop": RMSprop(beta2=0.9, epsilon=EPSILON),
}
EVERYTHING = {"l1": 0.01, "l2": 0.1, "clip_norm": 0.3}


def assert_twins_agree(problem: Problem, steps: Steps) -> None:
    assert_agree(steps, *(steps.take(e, problem) for e in (CompiledSession, ReferenceSession)))


def assert_agree(steps: Steps, compiled: Result, twin: Result, times: float = 1.0) -> None:
    """Compare all that steps change: to ten digits in float64, to four in float32.

    `times` is a factor on what is allowed.
    """
    tolerance = times * {8: 1e-10, 4: 1e-4}[twin.vectors.parameters.itemsize]
    names = ["parameters", "gradient", "moments", "average", "state", "alive"]
    if steps.optimizer.rule.moments is None:
        names.remove("moments")  # plain gradient descent has none
    assert np.isfinite(twin.losses).all()
    assert_close(compiled.losses, twin.losses, tolerance, "losses")
    for name in names:
        found, wanted = getattr(compiled.vectors, name), getattr(twin.vectors, name)
        assert_close(found, wanted, tolerance, name, floor=0.01)


def steps_with(name: str, constants: dict, factors: dict, **options: float) -> Steps:
    optimizer = replace(OPTIMIZERS[name], rate_factors=factors)
    return Steps(optimizer, settings=constants, **options)


@given(
    architecture=architectures(),
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    seed=st.integers(0, 1000),
    weighted=st.booleans(),
    constants=st.fixed_dictionaries(
        {},
        optional={
            "l1": st.just(0.01),
            "l2": st.just(0.1),
            "clip_norm": st.sampled_from([0.1, 100.0]),
            "norm_momentum": st.just(0.5),
            "normalizer": st.just(100.0),
        },
    ),
    factors=st.fixed_dictionaries(
        {},
        optional={"biases": st.just(2.0), "scales": st.just(0.5), "embeddings": st.just(0.0)},
    ),
    options=st.fixed_dictionaries(
        {}, optional={"decay": st.just(0.1), "average": st.just(0.9), "dropout": st.just(0.5)}
    ),
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_random_networks(
    dtype, architecture, optimizer, seed, weighted, constants, factors, options
):
    # A column that is nearly the same in each row has no variance that float32 could hold.
    assume(dtype == "float64" or architecture.normalization != "batch")
    problem = problem_of(architecture, seed=seed, weighted=weighted, dtype=dtype)
    steps = steps_with(optimizer, constants, factors, **options)
    with np.errstate(all="ignore"):
        twin = steps.take(ReferenceSession, problem)
        exact = steps.take(ReferenceSession, problem.as_float64())
    assume(twin.losses.max() < 1e3)  # not one that explodes
    # Some of these networks lose two digits: those whose normalised rows are all but constant.
    # Where float32 itself loses that much, as the twin tells, the two say nothing of each other.
    names = ("parameters", "gradient", "moments")
    pairs = ((getattr(twin.vectors, name), getattr(exact.vectors, name)) for name in names)
    assume(max(relative_error(found, wanted, floor=0.01) for found, wanted in pairs) < 1e-3)
    assert_agree(steps, steps.take(CompiledSession, problem), twin, times=100.0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("constants", [{}, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimiser(optimizer, constants, dtype):
    architecture = Architecture([4, 8, 8, 3], "prelu", normalization="batch", dropout=0.2)
    problem = problem_of(architecture, dtype=dtype, weighted=bool(constants))
    options = {"decay": 0.1, "average": 0.9} if constants else {}
    factors = {"biases": 2.0} if constants else {}
    assert_twins_agree(problem, steps_with(optimizer, constants, factors, n_steps=10, **options))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss(loss, dtype):
    entry = get_loss(loss)
    problem = problem_of(Architecture([4, 8, 3], "tanh", entry.output), entry, dtype=dtype)
    assert_twins_agree(problem, steps_with("Adam", {}, {}))


@pytest.mark.parametrize("batch_size", [1, 2, 7, 24, 100])
@pytest.mark.parametrize("normalization", [None, "layer", "batch"])
def test_batches_of_every_size(batch_size, normalization):
    architecture = Architecture([4, 8, 8, 2], "tanh", normalization=normalization, residual=True)
    steps = Steps(PLAIN, batch_size=batch_size, n_steps=6)
    assert_twins_agree(problem_of(architecture), steps)


SEVERAL_SHARDS = {
    "plain": ([20, 150, 300, 150, 3], {}),
    "batch norm": ([20, 150, 300, 150, 3], {"normalization": "batch", "dropout": 0.1}),
    "layer norm": ([20, 150, 300, 150, 3], {"normalization": "layer", "activation": "prelu"}),
    "residual": ([150, 150, 150, 40, 40, 300, 3], {"residual": True}),
    "residual batch norm": (
        [150, 150, 150, 40, 40, 300, 3],
        {"residual": True, "normalization": "batch"},
    ),
    "residual layer norm": (
        [150, 150, 150, 40, 40, 300, 3],
        {"residual": True, "normalization": "layer", "scaling": "neural_tangent"},
    ),
    "embeddings": ([20, 150, 300, 3], {"embeddings": [Embedding(9, 4), Embedding(30, 7)]}),
    "pieces": ([5, 150, 300, 3], {"pieces": [16, 0, 4, 8, 1], "embeddings": [OneHot(9)]}),
    "periodic": ([5, 150, 300, 3], {"periodic": Periodic(4, 0.3), "input_scale": True}),
    "many scaled inputs": ([20, 150, 3], {"pieces": [32] * 20, "input_scale": True}),
    "many scaled inputs, neural tangent": (
        [600, 150, 3],
        {"input_scale": True, "scaling": "neural_tangent", "embeddings": [OneHot(9)]},
    ),
    "many scaled inputs, some learned": (
        [600, 150, 3],
        {"input_scale": True, "embeddings": [Embedding(9, 4)]},
    ),
    "many scaled inputs, layer norm": (
        [600, 150, 3],
        {"input_scale": True, "normalization": "layer"},
    ),
    "many scaled inputs, residual": ([400, 400, 3], {"input_scale": True, "residual": True}),
}


@pytest.mark.parametrize("name", SEVERAL_SHARDS)
def test_several_shards_the_last_batch_of_which_is_short(name):
    sizes, options = SEVERAL_SHARDS[name]
    problem = problem_of(Architecture(sizes, **options), n_rows=500, weighted=True)
    steps = Steps(SGD(), batch_size=400, n_steps=2, settings={"clip_norm": 1.0})
    assert steps.take(CompiledSession, problem).n_shards >= 4
    assert_twins_agree(problem, steps)


@pytest.mark.parametrize("settings", [{"l1": 0.01, "l2": 0.02}, {"clip_norm": 0.01}], ids=str)
def test_factors_of_0_among_many_are_learned_too(settings):
    problem = problem_of(Architecture([600, 20, 3], input_scale=True), n_rows=60)
    net = problem.network
    net.parameters["inputs.scale"][::7] = 0.0
    problem.vector[:] = net.vector
    steps = steps_with("Adam", settings, {"scales": 6.0})
    assert_twins_agree(problem, steps)
    found = steps.take(CompiledSession, problem).vectors.parameters
    block = layout_of(problem.architecture).blocks[0]
    assert block.kind == "scale"
    assert (found != problem.vector)[block.start : block.stop].all()


def test_a_batch_whose_rows_weigh_nothing():
    problem = problem_of(Architecture([3, 4, 2]))
    weight = np.zeros(problem.n_rows)
    weight[-1] = 1.0
    problem = problem.with_data(weight=weight)
    assert_twins_agree(problem, Steps(batch_size=4, n_steps=8))


def test_nodes_that_are_dead():
    problem = problem_of(Architecture([3, 6, 2]))
    net = problem.network
    net.biases[0][:3] = -100.0
    problem.vector[:] = net.vector
    result = Steps(PLAIN, n_steps=1).take(CompiledSession, problem)
    start = problem.architecture.weight_counts[0]
    assert result.vectors.alive[start : start + 6].tolist() == [0, 0, 0, 1, 1, 1]
    assert_twins_agree(problem, Steps())
