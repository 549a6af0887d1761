"""Same seed, same bits: whatever the number of threads, and however often."""

import numpy as np
import pytest

from layerwise import LBFGS, SGD, Adam, Network, Trainer
from layerwise.architecture import Architecture, Embedding
from tests.helpers.compare import assert_same_bits
from tests.training.training import assert_same_training, class_table

# 27,000 weights and batches of 256 rows: several shards, so that threads have something to share.
SIZES = [20, 150, 150, 3]
X, Y = class_table(700, 20)
CODES = np.random.default_rng(0).integers(0, 5, (700, 1))
PLAIN = Architecture(SIZES, output="softmax")
RICH = Architecture(
    SIZES,
    "mish",
    "softmax",
    normalization="batch",
    residual=True,
    dropout=0.2,
    embeddings=[Embedding(5, 3)],
    input_scale=True,
)
CASES = {
    "adam": (PLAIN, {}),
    "nesterov": (PLAIN, {"optimizer": SGD(nesterov=True)}),
    "everything": (
        RICH,
        {
            "optimizer": Adam(weight_decay=0.1, rate_factors={"scales": 6.0}),
            "schedule": "one_cycle",
            "dropout_schedule": "flat_cosine",
            "gradient_clipping": 0.5,
            "l1": 1e-4,
            "l2": 1e-3,
            "ema": 0.9,
            "validation_fraction": 0.2,
        },
    ),
    "lbfgs": (PLAIN, {"optimizer": LBFGS(), "batch_size": None}),
}


def trained(architecture, settings, dtype="float32", **others):
    net = Network(architecture, seed=0, dtype=dtype)
    codes = CODES if architecture.embeddings else None
    settings = {"batch_size": 256, "epochs": 2, "seed": 7} | settings | others
    return net, Trainer(**settings).fit(net, X, Y, codes=codes)


@pytest.mark.parametrize("case", CASES)
def test_neither_the_number_of_threads_nor_training_again_changes_a_bit(case):
    alone = trained(*CASES[case], n_threads=1)
    for n_threads in (2, 5, None, None):
        assert_same_training(trained(*CASES[case], n_threads=n_threads), alone)


def test_nor_do_they_in_float64():
    alone = trained(*CASES["everything"], dtype="float64", n_threads=1)
    assert_same_training(trained(*CASES["everything"], dtype="float64", n_threads=3), alone)


def test_another_seed_gives_other_numbers():
    first, _ = trained(*CASES["adam"])
    other, _ = trained(*CASES["adam"], seed=8)
    assert not np.array_equal(first.vector, other.vector)


def test_the_seed_also_determines_dropout():
    architecture = Architecture(SIZES, output="softmax", dropout=0.5)
    first, again, other = (
        trained(architecture, {"shuffle": False}, seed=seed)[0].vector for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_dropout_differs_from_step_to_step_and_from_epoch_to_epoch():
    # Without learning, equal batches have equal losses unless other nodes are dropped out.
    architecture = Architecture([20, 50, 3], output="softmax", dropout=0.5)
    settings = {"optimizer": SGD(learning_rate=0.0), "shuffle": False, "batch_size": 700}
    _, history = trained(architecture, settings, epochs=5)
    assert len(set(history["loss"])) == 5


def test_a_table_may_be_stored_in_any_way():
    net, _ = trained(PLAIN, {})
    for x, y in [
        (np.asfortranarray(X), list(Y)),
        (np.repeat(X, 2, axis=0)[::2], Y.astype("int8")),
        (X.astype("float32"), Y.astype("float64")[:, None]),
        (X.tolist(), Y),
    ]:
        other = Network(PLAIN, seed=0)
        Trainer(batch_size=256, epochs=2, seed=7).fit(other, x, y)
        assert_same_bits(other.vector, net.vector)


def test_the_table_is_left_as_it_is():
    x, y = X.astype("float32"), Y.astype("float32")[:, None]
    for array in (x, y):
        array.flags.writeable = False
    net = Network(PLAIN, seed=0)
    Trainer(batch_size=256, epochs=1, seed=7, validation_fraction=0.2).fit(net, x, y)
    assert np.array_equal(x, X.astype("float32"))
    assert np.array_equal(y[:, 0], Y)
