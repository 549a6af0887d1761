"""Every optimiser against its published formulas, written out step by step in NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise import SGD, Adam, AdamW, Network, RMSprop, Trainer
from layerwise.architecture import Architecture, Embedding
from tests.helpers.compare import assert_close, assert_same_bits

# Numbers of every group, each of its kinds: gain, shift, slope, input scale; two embeddings.
ARCHITECTURE = Architecture(
    [2, 5, 3],
    "prelu",
    "softmax",
    normalization="layer",
    input_scale=True,
    embeddings=[Embedding(4, 2), Embedding(2, 1)],
)
GROUPS = {
    "weights": "weights",
    "biases": "biases",
    "gain": "scales",
    "shift": "scales",
    "slope": "scales",
    "scale": "scales",
    "embedding": "embeddings",
}
N_ROWS, BATCH_SIZE, EPOCHS = 20, 8, 2  # batches of 8, 8 and 4 rows, twice

random = np.random.default_rng(0)
X = random.standard_normal((N_ROWS, 2))
Y = random.integers(0, 3, N_ROWS)
CODES = random.integers(0, [4, 2], (N_ROWS, 2))


class SlowSGD:
    """v = momentum v + g; θ -= rate v (Sutskever et al. 2013, the sign of v turned)."""

    def __init__(self, momentum=0.9):
        self.momentum, self.v = momentum, 0.0

    def move(self, theta, g, rate, t):
        self.v = self.momentum * self.v + g
        return theta - rate * self.v


class SlowNesterov:
    """Sutskever et al. 2013, equations 3 and 4: the gradient is taken ahead, at φ + momentum v.

    What a network holds is that place ahead.
    """

    def __init__(self, momentum=0.9):
        self.momentum, self.v = momentum, 0.0

    def move(self, theta, g, rate, t):
        phi = theta - self.momentum * self.v
        self.v = self.momentum * self.v - rate * g
        phi = phi + self.v
        return phi + self.momentum * self.v


class SlowAdam:
    """Kingma and Ba 2015, algorithm 1."""

    def __init__(self, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.m = self.v = 0.0

    def move(self, theta, g, rate, t):
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g**2
        m_hat = self.m / (1 - self.beta1**t)
        v_hat = self.v / (1 - self.beta2**t)
        return theta - rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


class SlowRMSprop:
    """Tieleman and Hinton 2012, lecture 6.5."""

    def __init__(self, beta2=0.99, epsilon=1e-8):
        self.beta2, self.epsilon = beta2, epsilon
        self.mean_square = 0.0

    def move(self, theta, g, rate, t):
        self.mean_square = self.beta2 * self.mean_square + (1 - self.beta2) * g**2
        return theta - rate * g / (np.sqrt(self.mean_square) + self.epsilon)


def of_each_number(net: Network, values: dict[str, float]) -> np.ndarray:
    """Spread one value for each group over the network's vector."""
    spread = Network.of(net.architecture, np.zeros(net.n_parameters))
    for name, block in spread.parameters.items():
        block[...] = values[GROUPS[name.rpartition(".")[2]]]
    return spread.vector


def slow_training(net: Network, slow, rate, decay=0.0, rate_factors=None) -> np.ndarray:
    """The vector after the epochs; `decay` takes rate decay θ off weights and embeddings first."""
    net = net.copy()
    ones = dict.fromkeys(("weights", "biases", "scales", "embeddings"), 1.0)
    rates = rate * of_each_number(net, ones | (rate_factors or {}))
    decays = decay * of_each_number(net, ones | {"biases": 0.0, "scales": 0.0})
    t = 0
    for _ in range(EPOCHS):
        for start in range(0, N_ROWS, BATCH_SIZE):
            t += 1
            rows = slice(start, start + BATCH_SIZE)
            gradient = net.backward(net.forward(X[rows], CODES[rows]), Y[rows]).vector
            decayed = net.vector - rates * decays * net.vector
            net.vector[:] = slow.move(decayed, gradient, rates, t)
    return net.vector


def fast_training(net: Network, optimizer, **settings) -> np.ndarray:
    net = net.copy()
    trainer = Trainer(
        optimizer=optimizer, batch_size=BATCH_SIZE, epochs=EPOCHS, shuffle=False, **settings
    )
    trainer.fit(net, X, Y, codes=CODES)
    return net.vector


def a_network(dtype="float64") -> Network:
    """A network whose gains and biases are not the 1 and 0 that would hide a mistake."""
    net = Network(ARCHITECTURE, seed=1, dtype=dtype)
    net.vector[:] += 0.1 * np.random.default_rng(2).standard_normal(net.n_parameters)
    return net


rates = st.floats(1e-4, 0.1)
decays = st.sampled_from([0.0, 0.02, 0.5])
betas = st.floats(0.0, 0.999)
epsilons = st.floats(1e-8, 1e-2)
factors = st.dictionaries(
    st.sampled_from(["weights", "biases", "scales", "embeddings"]), st.floats(0, 6)
)


@pytest.mark.parametrize(
    ("optimizer", "slow", "rate", "decay"),
    [
        ("sgd", SlowSGD, 0.01, 0.0),
        ("adam", SlowAdam, 0.001, 0.0),
        ("adamw", SlowAdam, 0.001, 0.01),
        ("rmsprop", SlowRMSprop, 0.001, 0.0),
    ],
)
def test_the_defaults_are_the_published_ones(optimizer, slow, rate, decay):
    net = a_network()
    wanted = slow_training(net, slow(), rate, decay)
    assert_close(fast_training(net, optimizer) - net.vector, wanted - net.vector, 1e-8)


# Each optimiser beside its slow twin: the numbers that both are given, the others, how close.
MOMENTS = {"beta1": betas, "beta2": betas, "epsilon": epsilons}
TWINS = {
    "sgd": (SGD, SlowSGD, {"momentum": st.sampled_from([0.0, 0.5, 0.99])}, {}, 1e-10),
    "nesterov": (
        SGD, SlowNesterov, {"momentum": st.sampled_from([0.5, 0.9, 0.99])}, {"nesterov": True},
        1e-10,
    ),
    "adam": (Adam, SlowAdam, MOMENTS, {}, 1e-8),
    "adamw": (AdamW, SlowAdam, MOMENTS, {}, 1e-8),
    "rmsprop": (RMSprop, SlowRMSprop, {"beta2": betas, "epsilon": epsilons}, {}, 1e-8),
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
@settings(max_examples=12)
@given(rates, decays, factors, st.data())
def test_any_numbers(name, rate, decay, factors, data):
    kind, slow, strategies, others, tolerance = TWINS[name]
    numbers = data.draw(st.fixed_dictionaries(strategies))
    optimizer = kind(
        learning_rate=rate, weight_decay=decay, rate_factors=factors, **numbers, **others
    )
    net = a_network()
    wanted = slow_training(net, slow(**numbers), rate, decay, factors)
    assert_close(fast_training(net, optimizer), wanted, tolerance)


@pytest.mark.parametrize("optimizer", [SGD, Adam, RMSprop])
def test_in_float32(optimizer):
    slow = {SGD: SlowSGD(), Adam: SlowAdam(), RMSprop: SlowRMSprop()}[optimizer]
    wanted = slow_training(a_network(), slow, 0.01, 0.1)
    found = fast_training(a_network("float32"), optimizer(learning_rate=0.01, weight_decay=0.1))
    assert_close(found, wanted, 1e-4)


@pytest.mark.parametrize("group", ["weights", "biases", "scales", "embeddings"])
@pytest.mark.parametrize("kind", [SGD, Adam, AdamW, RMSprop])
def test_a_factor_of_zero_freezes_a_group_and_no_other(kind, group):
    net = a_network("float32")
    optimizer = kind(learning_rate=0.01, weight_decay=0.1, rate_factors={group: 0.0})
    after = Network.of(ARCHITECTURE, fast_training(net, optimizer))
    for name, block in after.parameters.items():
        if GROUPS[name.rpartition(".")[2]] == group:
            assert_same_bits(block, net.parameters[name], name)
        else:
            assert (block != net.parameters[name]).all(), name


def test_weight_decay_alone_shrinks_weights_and_embeddings_alone():
    # Every output is met exactly, so that no gradient moves anything.
    architecture = Architecture([1, 1], input_scale=True, embeddings=[Embedding(2, 1)])
    net = Network(architecture, dtype="float64")
    net.vector[:] = 3.0
    x, codes = np.array([[0.5], [1.0]]), np.array([[0], [1]])
    optimizer = SGD(learning_rate=0.1, weight_decay=0.5)
    y = net(x, codes)
    Trainer(optimizer=optimizer, epochs=1).fit(net, x, y, codes=codes)
    left = {name: set(block.ravel()) for name, block in net.parameters.items()}
    assert left == {
        "codes 1.embedding": {3.0 * (1 - 0.05)},
        "inputs.scale": {3.0},
        "output.weights": {3.0 * (1 - 0.05)},
        "output.biases": {3.0},
    }
