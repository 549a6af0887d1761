"""What is done to a gradient and to the weights beside the optimisers' formulas.

The formulas: tests/training/test_optimizers.py, and test_twin.py for both engines.
"""

import numpy as np
import pytest

from layerwise.architecture import Architecture, Embedding
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.optimizers import SGD, Adam
from layerwise.engine.protocol import Setup
from layerwise.engine.reference import ReferenceSession
from tests.helpers.compare import assert_close, assert_same_bits
from tests.helpers.problems import PLAIN, Problem, Slope, Steps, problem_of

RATE = 0.05
ENGINES = pytest.mark.parametrize("engine", [CompiledSession, ReferenceSession])
OPTIMIZERS = {"plain": PLAIN, "momentum": SGD(momentum=0.8), "Adam": Adam(beta2=0.99, epsilon=1e-4)}


@pytest.fixture(scope="module")
def problem() -> Problem:
    """A network that has every kind of parameter."""
    tables = [Embedding(3, 2), Embedding(2, 2)]
    return problem_of(
        Architecture(
            [3, 6, 6, 2], "prelu", normalization="layer", embeddings=tables, input_scale=True
        )
    )


def steps_of(name: str, settings: dict | None = None, **options: float) -> Steps:
    return Steps(OPTIMIZERS[name], batch_size=24, rate=RATE, settings=settings or {}, **options)


@ENGINES
def test_clipping_scales_the_whole_gradient(problem, engine):
    gradient = Slope(problem).gradient()
    norm = np.linalg.norm(gradient)
    for limit, factor in [(norm / 3, 1 / 3), (norm * 3, 1.0)]:
        result = steps_of("plain", {"clip_norm": limit}, n_steps=1).take(engine, problem)
        wanted = problem.vector - RATE * factor * gradient
        assert_close(result.vectors.parameters, wanted, 1e-12, f"limit {limit}")


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
