"""What is added to the loss or done to the gradient: L1, L2, clipping; and sample weights."""

import numpy as np
import pytest

from layerwise import SGD, Network, Trainer
from layerwise.architecture import Architecture, Embedding
from tests.helpers.compare import assert_close
from tests.training.training import number_table, train

ARCHITECTURE = Architecture([3, 4, 2], "tanh", embeddings=[Embedding(3, 2)], input_scale=True)
X, Y = number_table(24, 3, 2)
CODES = np.arange(24)[:, None] % 3
RATE = 0.1


def step_taken(**settings) -> tuple[Network, np.ndarray]:
    """(the network at the start, what one step of gradient descent took for the gradient)."""
    net = Network(ARCHITECTURE, seed=1, dtype="float64")
    net.vector[:] += 0.1
    start = net.copy()
    optimizer = SGD(learning_rate=RATE, momentum=0)
    weight = settings.pop("sample_weight", None)
    trainer = Trainer(optimizer=optimizer, epochs=1, shuffle=False, **settings)
    trainer.fit(net, X, Y, codes=CODES, sample_weight=weight)
    return start, (start.vector - net.vector) / RATE


def gradient_of(net: Network, **options) -> Network:
    """The loss's gradient, its blocks to be had by name."""
    gradients = net.backward(net.forward(X, CODES), Y, **options)
    return Network.of(net.architecture, gradients.vector)


@pytest.mark.parametrize(("penalty", "slope"), [("l1", np.sign), ("l2", np.copy)])
def test_a_penalty_adds_its_slope_at_weights_and_embeddings(penalty, slope):
    net, taken = step_taken(**{penalty: 0.3})
    wanted = gradient_of(net)
    for name in ("hidden 1.weights", "output.weights", "codes 1.embedding"):
        wanted.parameters[name] += 0.3 * slope(net.parameters[name])
    assert_close(taken, wanted.vector, 1e-10)


@pytest.mark.parametrize("longest", [1e-3, 0.1, 1e3])
def test_clipping_shortens_a_gradient_that_is_too_long_and_no_other(longest):
    net, taken = step_taken(gradient_clipping=longest)
    gradient = gradient_of(net).vector
    length = np.linalg.norm(gradient)
    assert_close(taken, gradient * min(1.0, longest / length), 1e-9)


def test_clipping_counts_the_penalty_in():
    net, taken = step_taken(gradient_clipping=0.1, l2=5.0)
    assert np.linalg.norm(taken) == pytest.approx(0.1)
    assert not np.allclose(taken, 0.1 * gradient_of(net).vector)


def test_sample_weights_weigh_the_gradient():
    weight = np.random.default_rng(3).random(len(X))
    net, taken = step_taken(sample_weight=weight)
    assert_close(taken, gradient_of(net, sample_weight=weight).vector, 1e-10)


def test_rows_that_weigh_nothing_might_as_well_not_be_there():
    weight = np.repeat([1.0, 0.0], 60)
    x, y = number_table(120)
    found, _ = train("4-5-1", x, y, sample_weight=weight, epochs=5, batch_size=120)
    wanted, _ = train("4-5-1", x[:60], y[:60], epochs=5, batch_size=60)
    assert_close(found.vector, wanted.vector, 1e-10)
