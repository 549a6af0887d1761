"""Whole trainings in the compiled engine and in the one in NumPy."""

import numpy as np
import pytest

from layerwise import SGD, Adam, AdamW, Network, RMSprop, Trainer
from layerwise.architecture import Architecture, Embedding, Periodic, get_loss
from tests.helpers.compare import assert_close
from tests.training.training import class_table, number_table

X, Y = class_table(90, 3)
NUMBERS = number_table(90, 3, 2)
CODES = np.arange(90)[:, None] % 4
EMBEDDED = {"embeddings": [Embedding(4, 2)], "input_scale": True}
ROBUST = get_loss("huber", delta=0.4)

# Architecture, whether the targets are numbers, settings.
CASES = {
    "plain": (Architecture([3, 8, 3], output="softmax"), False, {}),
    "linear": (Architecture([3, 2]), True, {"optimizer": SGD(nesterov=True), "l1": 0.1}),
    "decay": (
        Architecture([3, 8, 8, 3], "tanh", "softmax"),
        False,
        {"optimizer": AdamW(weight_decay=0.3), "decay_schedule": "cosine", "schedule": "one_cycle"},
    ),
    "dropout": (
        Architecture([3, 16, 16, 3], "mish", "softmax", dropout=[0.2, 0.4]),
        False,
        {"dropout_schedule": "flat_cosine"},
    ),
    "batch norm": (
        Architecture([3, 8, 8, 3], "gelu", "softmax", normalization="batch", residual=True),
        False,
        {"validation_fraction": 0.2},
    ),
    "layer norm": (
        Architecture([3, 8, 8, 2], "silu", normalization="layer", residual=True),
        True,
        {"loss": ROBUST, "ema": 0.8, "validation_fraction": 0.2},
    ),
    "embeddings": (
        Architecture([3, 8, 3], "prelu", "softmax", **EMBEDDED),
        False,
        {"optimizer": RMSprop(rate_factors={"embeddings": 3.0, "scales": 6.0}, epsilon=1e-4)},
    ),
    "pieces": (
        Architecture([3, 8, 2], "selu", pieces=[4, 0, 2]),
        True,
        {"ema": 0.8, "l2": 0.1},
    ),
    "periodic": (
        Architecture([3, 8, 2], "selu", periodic=Periodic(3, 0.2)),
        True,
        {"gradient_clipping": 0.3, "l2": 0.1},
    ),
    "neural tangent": (
        Architecture([3, 16, 3], output="softmax", scaling="neural_tangent"),
        False,
        {"optimizer": Adam(learning_rate=0.04, beta2=0.95), "schedule": "multi_cycle_cosine"},
    ),
    "patience": (
        Architecture([3, 20, 3], output="softmax"),
        False,
        {
            "optimizer": Adam(learning_rate=0.02),
            "epochs": 60,
            "validation_fraction": 0.4,
            "patience": 2,
        },
    ),
    "lbfgs": (
        Architecture([3, 4, 2], "tanh"),
        True,
        {"optimizer": "lbfgs", "batch_size": None, "epochs": 8},
    ),
}


def trained(engine, architecture, of_numbers, settings, weight=None):
    net = Network(architecture, seed=0, dtype="float64")
    x, y = NUMBERS if of_numbers else (X, Y)
    codes = CODES if architecture.embeddings else None
    trainer = Trainer(**{"epochs": 4, "batch_size": 20, "seed": 3} | settings, engine=engine)
    return net, trainer.fit(net, x, y, codes=codes, sample_weight=weight)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_the_same_training_to_ten_digits(case, weighted):
    weight = np.random.default_rng(0).random(90) if weighted else None
    (net, history), (slow, slow_history) = (
        trained(engine, *CASES[case], weight) for engine in ("compiled", "numpy")
    )
    assert_close(net.vector, slow.vector, 1e-10, "vector")
    assert_close(net.state, slow.state, 1e-10, "state")
    assert_close(history["loss"], slow_history["loss"], 1e-10, "loss")
    assert np.array_equal(history["learning_rate"], slow_history["learning_rate"])
    for name in ("validation_loss", "validation_score"):
        assert np.allclose(history[name], slow_history[name], rtol=1e-10, equal_nan=True)
    assert (history.stopped, history.best_epoch) == (slow_history.stopped, slow_history.best_epoch)
    for name in ("gradient_norm", "weight_spread", "dead_share"):
        assert_close(history.layers(name)[1][0], slow_history.layers(name)[1][0], 1e-9, name)


def test_patience_ends_the_case_of_that_name():
    _, history = trained("compiled", *CASES["patience"])
    assert history.stopped == "patience"
    assert 3 < len(history) < 60
