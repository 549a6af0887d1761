"""The compiled engine's gradients against central differences of its loss, in float64.

Every activation with every loss in every kind of network; whatever backpropagation does wrong
shows here, whichever twin agrees with it.
"""

import numpy as np
import pytest

from layerwise.architecture import (
    ACTIVATIONS,
    LOSSES,
    Architecture,
    Embedding,
    OneHot,
    Periodic,
    get_loss,
)
from layerwise.engine.layout import layout_of
from tests.helpers.compare import central_gradient, relative_error
from tests.helpers.problems import Problem, Slope, problem_of

KEY = 12345
TOLERANCE = 1e-6
# Differences move a number by 1e-6: nothing may stand nearer to a kink than this.
MARGIN = 1e-4
PARAMETERS = {
    "softmax": {"label_smoothing": 0.1},
    "sigmoid": {"label_smoothing": 0.1},
    "huber": {"delta": 0.7},
    "quantile": {"q": 0.8},
}
TABLES = [Embedding(3, 2), Embedding(2, 1)]
KINDS = {
    "plain": ([3, 4, 4], {}),
    "dropout": ([3, 4, 4], {"dropout": 0.4}),
    "batch norm": ([3, 4, 4], {"normalization": "batch"}),
    "layer norm": ([3, 4, 4], {"normalization": "layer"}),
    "residual": ([3, 3, 4, 4], {"residual": True}),
    "three residual": ([3, 3, 3, 3], {"residual": True, "dropout": 0.2}),
    "residual batch norm": ([3, 3, 4, 4], {"residual": True, "normalization": "batch"}),
    "residual layer norm": ([3, 3, 4, 4], {"residual": True, "normalization": "layer"}),
    "input scale": ([3, 4], {"input_scale": True}),
    "embeddings": ([2, 4], {"embeddings": TABLES}),
    "periodic": ([2, 4], {"periodic": Periodic(2, 0.3)}),
    "pieces": ([3, 4], {"pieces": [3, 0, 2], "input_scale": True}),
    "one-hot": ([1, 4], {"embeddings": [OneHot(4), Embedding(3, 2)], "pieces": [2]}),
    "neural tangent": ([3, 4, 4], {"scaling": "neural_tangent"}),
    "no hidden layer": ([3], {}),
    "all of it": (
        [2, 7, 7, 4],
        {
            "embeddings": TABLES,
            "periodic": Periodic(1, 0.3),
            "input_scale": True,
            "residual": True,
            "normalization": "layer",
            "dropout": 0.3,
            "scaling": "neural_tangent",
        },
    ),
}
LOSS_ENTRIES = [get_loss(name, **PARAMETERS.get(name, {})) for name in LOSSES]


def is_smooth(problem: Problem) -> bool:
    """Whether differences meet no kink, and no normalised row or column is all but constant."""
    trace = problem.trace(dropout=1.0, key=KEY)
    if any(np.max(layer.root) > 10.0 for layer in trace.layers):
        return False
    hidden = np.concatenate([z.ravel() for z in trace.pre_activations[:-1]] or [np.ones(1)])
    distances = [np.abs(hidden), np.abs(np.abs(hidden) - 3.0)]
    if problem.loss.output == "identity":
        error = np.abs(trace.scores - problem.data.y)
        distances += [error, np.abs(error - problem.loss.parameter)]
    return min(d.min() for d in distances) > MARGIN


def smooth_problem(architecture: Architecture, loss: object, **options: object) -> Problem:
    """The first problem, by its seed, whose loss central differences can follow."""
    tries = (
        problem_of(architecture, loss, n_rows=5, seed=seed, spread=0.3, **options)
        for seed in range(200)
    )
    return next(problem for problem in tries if is_smooth(problem))


def error_of_gradient(problem: Problem) -> float:
    slope = Slope(problem, dropout=1.0, key=KEY)
    found = slope.gradient()
    return relative_error(found, central_gradient(slope.loss, slope.vector))


# Of every kind with every activation, the short run takes those with the first kind or these.
FEW = ("tanh", "prelu", "gelu")
PAIRS = [
    pytest.param(
        activation, kind, marks=[] if kind == "plain" or activation in FEW else pytest.mark.slow
    )
    for activation in ACTIVATIONS
    for kind in KINDS
]


@pytest.mark.parametrize(("activation", "kind"), PAIRS)
def test_every_activation_with_every_loss(activation, kind):
    sizes, options = KINDS[kind]
    errors = {}
    for loss in LOSS_ENTRIES:
        architecture = Architecture([*sizes, 3], activation, loss.output, **options)
        errors[loss.name] = error_of_gradient(smooth_problem(architecture, loss))
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("loss", LOSSES.values(), ids=str)
def test_losses_with_their_first_parameters(loss):
    architecture = Architecture([3, 4, 2], "tanh", loss.output)
    assert error_of_gradient(smooth_problem(architecture, loss)) < TOLERANCE


@pytest.mark.parametrize("loss", LOSSES.values(), ids=str)
def test_sample_weights(loss):
    architecture = Architecture([3, 4, 2], "tanh", loss.output, normalization="batch")
    assert error_of_gradient(smooth_problem(architecture, loss, weighted=True)) < TOLERANCE


def test_different_activations_in_one_network():
    architecture = Architecture([3, *[4] * len(ACTIVATIONS), 2], list(ACTIVATIONS), residual=True)
    assert error_of_gradient(smooth_problem(architecture, None)) < TOLERANCE


def test_penalties_are_part_of_the_gradient_of_weights_and_embeddings_alone():
    architecture = Architecture(
        [2, 4, 2], "prelu", embeddings=TABLES, input_scale=True, normalization="layer"
    )
    problem, l1, l2 = problem_of(architecture), 0.3, 0.7
    penalised = np.zeros(problem.vector.size)
    for block in layout_of(architecture).blocks:
        penalised[block.start : block.stop] = block.kind in {"weights", "embedding"}
    found = Slope(problem, settings={"l1": l1, "l2": l2}).gradient()
    penalty = penalised * (l1 * np.sign(problem.vector) + l2 * problem.vector)
    assert relative_error(found, Slope(problem).gradient() + penalty) < 1e-14


def test_the_gradient_alone_changes_nothing_else():
    problem = problem_of(Architecture([3, 4, 2], normalization="layer"))
    slope = Slope(problem)
    slope.gradient()
    np.testing.assert_array_equal(slope.vector, problem.vector)
    assert not slope.vectors.moments.any()
    np.testing.assert_array_equal(slope.vectors.average, problem.vector)
