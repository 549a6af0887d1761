"""Scores of ten thousand, means of a thousand, rows without weight: finite and exact."""

import numpy as np
import pytest

from layerwise import SGD, Network, Trainer
from layerwise.architecture import LOSSES, Architecture, get_loss
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.optimizers import Adam, RMSprop
from layerwise.engine.reference import ReferenceSession
from tests.helpers.compare import assert_close, assert_same_bits
from tests.helpers.problems import PLAIN, Slope, Steps, problem_of

SMOOTHED = [get_loss("softmax", label_smoothing=0.1), get_loss("sigmoid", label_smoothing=0.1)]
EVERY_LOSS = pytest.mark.parametrize("loss", [*LOSSES.values(), *SMOOTHED], ids=str)


def far_problem(loss, target):
    """Scores of 10^4 and -10^4 in every combination, through weights, in float32."""
    problem = problem_of(Architecture([2, 2], output=loss.output), loss, n_rows=4, dtype="float32")
    net = problem.network
    net.weights[0][:] = 1e4 * np.eye(2)
    net.biases[0][:] = 0.0
    problem.vector[:] = net.vector
    x = np.array([[1, -1], [-1, 1], [1, 1], [-1, -1]], np.float32)
    return problem.with_data(x=x, y=np.full_like(problem.data.y, target))


@EVERY_LOSS
@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("engine", [CompiledSession, ReferenceSession])
def test_scores_of_ten_thousand(engine, target, loss):
    problem = far_problem(loss, target)
    slope, truth = Slope(problem, engine), Slope(problem.as_float64(), ReferenceSession)
    assert slope.loss() == pytest.approx(truth.loss(), rel=1e-5)
    assert np.isfinite(slope.vectors.gradient).all()
    assert_close(slope.vectors.gradient, truth.vectors.gradient, 1e-5)


@pytest.mark.parametrize("output", ["softmax", "sigmoid", "exp"])
def test_outputs_at_scores_of_ten_thousand(output):
    problem = far_problem(next(e for e in LOSSES.values() if e.output == output), 1.0)
    net, x = problem.network, problem.data.x
    outputs = net(x)
    assert np.isfinite(outputs).all()
    assert (outputs >= 0).all()
    assert_close(outputs, net.forward(x).outputs, 1e-5)
    assert_close(net(x[0]), outputs[0], 1e-6)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=str)
def test_a_step_from_there_is_finite(loss):
    for optimizer in (PLAIN, Adam(epsilon=1e-6), RMSprop(epsilon=1e-6)):
        steps = Steps(optimizer, n_steps=2, rate=0.001)
        result = steps.take(CompiledSession, far_problem(loss, 1.0))
        assert np.isfinite(result.vectors.parameters).all()


def random_problem(loss, **options):
    architecture = Architecture([4, 8, 8, 3], "tanh", loss.output, normalization="layer")
    return problem_of(architecture, loss, **options)


@EVERY_LOSS
def test_rows_of_weight_0_have_no_influence_at_all(loss):
    problem = random_problem(loss, weighted=True)
    idle = np.arange(problem.n_rows) % 3 == 0
    weight = np.where(idle, 0.0, problem.data.weight)
    x, y = problem.data.x.copy(), problem.data.y.copy()
    x[idle] = 1e3 * x[idle] + 5
    y[idle] = 1 - np.clip(y[idle], 0, 1)
    assert (x != problem.data.x).any()
    steps = Steps(n_steps=5)
    first = steps.take(CompiledSession, problem.with_data(weight=weight))
    second = steps.take(CompiledSession, problem.with_data(weight=weight, x=x, y=y))
    assert_same_bits(first.losses, second.losses)
    assert_same_bits(first.vectors.parameters, second.vectors.parameters)


@EVERY_LOSS
def test_rows_of_weight_0_might_as_well_be_missing(loss):
    problem = random_problem(loss, weighted=True)
    keep = np.arange(problem.n_rows) % 3 > 0
    found = Slope(problem.with_data(weight=np.where(keep, problem.data.weight, 0.0)))
    data = {name: getattr(problem.data, name)[keep] for name in ("x", "y", "codes", "weight")}
    wanted = Slope(problem.with_data(**data))
    assert found.loss() == pytest.approx(wanted.loss(), rel=1e-12)
    assert_close(found.gradient(), wanted.gradient(), 1e-12)


@EVERY_LOSS
def test_rows_of_weight_0_may_hold_what_overflows(loss):
    # Numbers whose squares float32 does not hold: a mark for "missing", say.
    problem = random_problem(loss, weighted=True, dtype="float32")
    weight, x, y = (getattr(problem.data, name).copy() for name in ("weight", "x", "y"))
    weight[3] = 0.0
    without = Slope(problem.with_data(weight=weight))
    x[3] = 1e15
    y[3] = 1e25 if loss.output in {"identity", "exp"} else y[3]
    found = Slope(problem.with_data(weight=weight, x=x, y=y))
    assert found.loss() == pytest.approx(without.loss(), rel=1e-6)
    assert_close(found.gradient(), without.gradient(), 1e-6)


@EVERY_LOSS
def test_weights_of_1_are_no_weights(loss):
    problem = random_problem(loss)
    found, wanted = Slope(problem.with_data(weight=np.ones(problem.n_rows))), Slope(problem)
    assert found.loss() == pytest.approx(wanted.loss(), rel=1e-14)
    assert_close(found.gradient(), wanted.gradient(), 1e-14)


def test_a_weight_of_2_is_a_row_given_twice():
    problem = random_problem(LOSSES["squared"])
    weight = np.ones(problem.n_rows)
    weight[:5] = 2.0
    twice = np.r_[np.arange(problem.n_rows), np.arange(5)]
    data = {name: getattr(problem.data, name)[twice] for name in ("x", "y", "codes")}
    found, wanted = Slope(problem.with_data(weight=weight)), Slope(problem.with_data(**data))
    assert found.loss() == pytest.approx(wanted.loss(), rel=1e-12)
    assert_close(found.gradient(), wanted.gradient(), 1e-12)


@pytest.mark.parametrize("n_threads", [1, 3])
def test_running_statistics_of_columns_far_from_zero_are_those_of_the_batch(n_threads):
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
