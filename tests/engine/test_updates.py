"""The optimisers' steps against their papers' formulas, written here once more."""

from dataclasses import replace

import numpy as np
import pytest

from layerwise.architecture import Architecture, Embedding
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.layout import GROUPS, layout_of
from layerwise.engine.optimizers import SGD, Adam, RMSprop
from layerwise.engine.protocol import Setup
from layerwise.engine.reference import ReferenceSession
from tests.helpers.compare import assert_close, assert_same_bits
from tests.helpers.problems import PLAIN, Problem, Slope, Steps, problem_of

RATE, MOMENTUM, BETA_1, BETA_2, EPSILON = 0.05, 0.8, 0.9, 0.99, 1e-4
ENGINES = pytest.mark.parametrize("engine", [CompiledSession, ReferenceSession])


def plain(memory, gradient, t):
    return RATE * gradient


def momentum(memory, gradient, t):
    memory["m"] = MOMENTUM * memory.get("m", 0.0) + gradient
    return RATE * memory["m"]


def nesterov(memory, gradient, t):
    # Sutskever et al. 2013, in the form that evaluates the gradient where the weights are.
    memory["m"] = MOMENTUM * memory.get("m", 0.0) + gradient
    return RATE * (gradient + MOMENTUM * memory["m"])


def adam(memory, gradient, t):
    # Kingma and Ba 2015, algorithm 1.
    memory["m"] = BETA_1 * memory.get("m", 0.0) + (1 - BETA_1) * gradient
    memory["v"] = BETA_2 * memory.get("v", 0.0) + (1 - BETA_2) * gradient**2
    m, v = memory["m"] / (1 - BETA_1**t), memory["v"] / (1 - BETA_2**t)
    return RATE * m / (np.sqrt(v) + EPSILON)


def rmsprop(memory, gradient, t):
    memory["v"] = BETA_2 * memory.get("v", 0.0) + (1 - BETA_2) * gradient**2
    return RATE * gradient / (np.sqrt(memory["v"]) + EPSILON)


FORMULAS = {
    "plain": (PLAIN, plain),
    "momentum": (SGD(momentum=MOMENTUM), momentum),
    "Nesterov": (SGD(momentum=MOMENTUM, nesterov=True), nesterov),
    "Adam": (Adam(beta1=BETA_1, beta2=BETA_2, epsilon=EPSILON), adam),
    "RMSprop": (RMSprop(beta2=BETA_2, epsilon=EPSILON), rmsprop),
}


@pytest.fixture(scope="module")
def problem() -> Problem:
    """A network that has every kind of parameter."""
    tables = [Embedding(3, 2), Embedding(2, 2)]
    return problem_of(
        Architecture(
            [3, 6, 6, 2], "prelu", normalization="layer", embeddings=tables, input_scale=True
        )
    )


def steps_of(name: str, settings: dict | None = None, factors=None, **options: float) -> Steps:
    optimizer = replace(FORMULAS[name][0], rate_factors=factors or {})
    return Steps(optimizer, batch_size=24, rate=RATE, settings=settings or {}, **options)


def group_of(problem: Problem) -> np.ndarray:
    """Each parameter's place in GROUPS."""
    groups = np.zeros(problem.vector.size, int)
    for block in layout_of(problem.architecture).blocks:
        groups[block.start : block.stop] = block.group
    return groups


@ENGINES
@pytest.mark.parametrize("name", FORMULAS)
def test_five_steps(problem, engine, name):
    slope, memory, formula = Slope(problem), {}, FORMULAS[name][1]
    for t in range(1, 6):
        slope.vector -= formula(memory, slope.gradient(), t)
    result = steps_of(name, n_steps=5).take(engine, problem)
    assert_close(result.vectors.parameters, slope.vector, 1e-10, name)


@ENGINES
def test_clipping_scales_the_whole_gradient(problem, engine):
    gradient = Slope(problem).gradient()
    norm = np.linalg.norm(gradient)
    for limit, factor in [(norm / 3, 1 / 3), (norm * 3, 1.0)]:
        result = steps_of("plain", {"clip_norm": limit}, n_steps=1).take(engine, problem)
        wanted = problem.vector - RATE * factor * gradient
        assert_close(result.vectors.parameters, wanted, 1e-12, f"limit {limit}")


@ENGINES
@pytest.mark.parametrize("group", range(len(GROUPS)), ids=GROUPS)
def test_a_group_has_a_learning_rate_of_its_own(problem, engine, group):
    gradient, mine = Slope(problem).gradient(), group_of(problem) == group
    assert mine.any()
    result = steps_of("plain", factors={GROUPS[group]: 0.25}, n_steps=1).take(engine, problem)
    wanted = problem.vector - RATE * np.where(mine, 0.25, 1.0) * gradient
    assert_close(result.vectors.parameters, wanted, 1e-12)


@ENGINES
def test_decay_shrinks_weights_and_embeddings_alone(problem, engine):
    # Loshchilov and Hutter 2019: beside the gradient's step, not in it.
    result = steps_of("Adam", decay=0.4, n_steps=1).take(engine, problem)
    without = steps_of("Adam", n_steps=1).take(engine, problem)
    decays = np.isin(group_of(problem), [GROUPS.index("weights"), GROUPS.index("embeddings")])
    wanted = without.vectors.parameters - RATE * 0.4 * problem.vector * decays
    assert_close(result.vectors.parameters, wanted, 1e-12)


@ENGINES
def test_the_moving_average_of_the_weights(problem, engine):
    wanted = problem.vector.copy()
    for n in range(1, 5):
        weights = steps_of("Adam", n_steps=n).take(engine, problem).vectors.parameters
        wanted = 0.9 * wanted + 0.1 * weights
    result = steps_of("Adam", n_steps=4, average=0.9).take(engine, problem)
    assert_close(result.vectors.average, wanted, 1e-12)
    assert_close(result.vectors.parameters, weights, 1e-12)


@ENGINES
def test_a_normaliser_of_ones_own(problem, engine):
    gradient = Slope(problem).gradient()
    settings = {"normalizer": 100.0}
    result = steps_of("plain", settings, n_steps=1).take(engine, problem)
    assert_close(result.vectors.gradient, gradient * problem.n_rows / 100.0, 1e-12)


@ENGINES
def test_steps_in_one_call_are_steps_in_many(problem, engine):
    at_once = steps_of("momentum", n_steps=4).take(engine, problem).vectors
    vectors, steps = problem.fresh_vectors(), steps_of("momentum", n_steps=4)
    objective, batches = steps.objective(problem), steps.batches(problem.n_rows)
    for i in range(4):
        session = engine(Setup(problem.architecture, objective, problem.data, vectors, 24, 1))
        session.run(batches[i : i + 1])
        session.close()
    assert_same_bits(vectors.parameters, at_once.parameters)


def test_a_gradient_with_nan_stays_visible(problem):
    data = problem.data.x.copy()
    data[3, 1] = np.nan
    result = steps_of("Adam", {"clip_norm": 1.0}, n_steps=1).take(
        CompiledSession, problem.with_data(x=data)
    )
    assert np.isnan(result.losses).all()
    assert np.isnan(result.vectors.parameters).any()
