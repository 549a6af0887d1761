"""Tables that cannot be trained on, or nearly: one clear error, or it works."""

import re

import numpy as np
import pytest

from layerwise import Network, Trainer
from layerwise.architecture import Architecture, Embedding
from layerwise.training import TrainingDiverged
from tests.training.training import class_table, number_table

X, Y = class_table(20)
CODES = np.arange(20)[:, None] % 3
CLASSES = "4-5-3:softmax"
WITH_CODES = Architecture([4, 5, 3], output="softmax", embeddings=[Embedding(3, 2)])
BATCH_NORM = Architecture([4, 5, 3], output="softmax", normalization="batch")


def fit(architecture=CLASSES, x=X, y=Y, *, dtype="float32", validation_data=None, **others):
    """(network, history); `others` are codes, sample_weight and settings."""
    net = Network(architecture, seed=0, dtype=dtype)
    table = {name: others.pop(name) for name in ("codes", "sample_weight") if name in others}
    trainer = Trainer(**{"epochs": 3, "seed": 0} | others)
    return net, trainer.fit(net, x, y, validation_data=validation_data, **table)


def changed(array, place, value, dtype=float):
    array = array.astype(dtype)
    array[place] = value
    return array


# More of what a network refuses: tests/network/test_inputs.py and test_targets.py.
REFUSED = {
    # x
    "nan": ({"x": changed(X, (7, 2), np.nan)}, "x holds NaN or infinity, first in row 7, column 2"),
    "infinity": ({"x": changed(X, (0, 3), -np.inf)}, "first in row 0, column 3"),
    "too few columns": ({"x": X[:, :3]}, "x must have the shape (n, 4)*got (20, 3)"),
    "words": ({"x": [["a"] * 4] * 20}, "x must hold numbers"),
    "complex": ({"x": X + 1j}, "Complex data not supported: x holds complex numbers"),
    "no rows": ({"x": X[:0], "y": Y[:0]}, "x holds no rows; training needs at least one"),
    # y
    "y too short": ({"y": Y[:-1]}, "y must have the shape (20,); got (19,)"),
    "y words": ({"y": ["a"] * 20}, "y must hold numbers (classes as 0, 1, 2, ...)"),
    "y nan": ({"y": changed(Y, 4, np.nan)}, "y holds NaN or infinity in 1 rows*row 4"),
    "a class too many": ({"y": changed(Y, 4, 3)}, "y must hold class numbers 0..2*from 0.0 to 3.0"),
    # codes
    "no codes": ({"architecture": WITH_CODES}, "embeddings for 1 columns of codes; give codes="),
    # sample weights
    "weights too short": (
        {"sample_weight": np.ones(19)},
        "sample_weight must have the shape (20,); got (19,)",
    ),
    # held-out rows
    "held-out x alone": (
        {"validation_data": (X,)},
        "validation_data must be (x, y) or (x, y, codes)",
    ),
    "held-out nan": (
        {"validation_data": (changed(X, (3, 1), np.nan), Y)},
        "x holds NaN or infinity, first in row 3, column 1",
    ),
    "held-out x of another width": (
        {"validation_data": (X[:, 1:], Y)},
        "x must have the shape (n, 4)",
    ),
    "held-out y too short": ({"validation_data": (X, Y[1:])}, "y must have the shape (20,)"),
    "one row to split": (
        {"x": X[:1], "y": Y[:1], "validation_fraction": 0.5},
        "validation_fraction needs at least 2 rows; got 1",
    ),
    "no row left to train on": (
        {"x": X[:2], "y": Y[:2], "validation_fraction": 0.9},
        "the resulting train set will be empty",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_table_is_refused_and_the_error_says_what_came_and_what_was_wanted(case):
    options, message = REFUSED[case]
    pattern = ".*".join(re.escape(part) for part in message.split("*"))
    with pytest.raises(ValueError, match=pattern):
        fit(**options)


def test_a_refusal_leaves_the_network_as_it_was():
    net = Network(CLASSES, seed=0)
    before = net.vector.copy()
    with pytest.raises(ValueError, match="NaN"):
        Trainer().fit(net, changed(X, (19, 3), np.nan), Y)
    assert np.array_equal(net.vector, before)


def test_a_nan_is_found_in_a_long_table():
    x = np.zeros((200_000, 4))
    x[150_000, 3] = np.nan
    with pytest.raises(ValueError, match="first in row 150000, column 3"):
        fit(x=x, y=np.zeros(200_000))


def test_no_held_out_rows_are_refused():
    with pytest.raises(ValueError, match=r"validation_data hold.* no rows"):
        fit(validation_data=(X[:0], Y[:0]))


def test_what_is_no_network_is_refused():
    with pytest.raises(TypeError, match="Network"):
        Trainer().fit(CLASSES, X, Y)


@pytest.mark.parametrize(
    "table",
    [
        {"x": X * 1e39},
        {"architecture": "4-5-1", "y": 1e39 * X[:, 0]},
        {"sample_weight": np.full(20, 1e39)},
    ],
)
def test_numbers_too_large_for_float32_are_refused_in_such_words(table):
    with pytest.raises(ValueError, match="float32"):
        fit(**table)


# What works


def test_one_row_will_do():
    net, history = fit(CLASSES, X[:1], Y[:1])
    assert np.isfinite(history["loss"]).all()
    assert np.isfinite(net.vector).all()


def test_one_row_may_come_without_its_axis():
    net, _ = fit(x=X[0], y=Y[0])
    assert np.array_equal(net.vector, fit(x=X[:1], y=Y[:1])[0].vector)


@pytest.mark.parametrize(("n_rows", "batch_size"), [(1, 200), (20, 1)])
def test_batch_normalisation_of_single_rows_works_or_is_refused_clearly(n_rows, batch_size):
    try:
        net, history = fit(BATCH_NORM, X[:n_rows], Y[:n_rows], batch_size=batch_size)
    except ValueError as error:
        assert "batch normalisation needs batches of at least 2 rows" in str(error)
    else:
        assert np.isfinite(history["loss"]).all()
        assert np.isfinite(net.vector).all()


@pytest.mark.parametrize("normalization", [None, "layer", "batch"])
def test_columns_that_are_constant(normalization):
    x = X.copy()
    x[:, 0], x[:, 1] = 0.0, 5.0
    net, history = fit(Architecture([4, 5, 5, 3], output="softmax", normalization=normalization), x)
    assert np.isfinite(net.vector).all()
    assert history["loss"][-1] < history["loss"][0]


def test_a_target_that_is_constant():
    net, history = fit("4-5-1", y=np.full(20, 3.0), validation_fraction=0.2, epochs=200)
    assert history["loss"][-1] < history["loss"][0]
    assert np.isfinite(history["validation_score"]).all()


def test_classes_that_do_not_occur():
    _, history = fit(y=np.zeros(20), validation_fraction=0.2)
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_tiny_and_huge_numbers_train_or_are_divergence(size, dtype):
    x, y = number_table(20)
    net = Network("4-5-1", seed=0, dtype=dtype)
    try:
        history = Trainer(epochs=5, seed=0).fit(net, size * x, y)
    except TrainingDiverged:
        assert size == 1e30
    else:
        assert np.isfinite(history["loss"]).all()
    assert np.isfinite(net.vector).all()


def test_huge_inputs_of_classes_are_no_obstacle_to_layer_normalisation():
    architecture = Architecture([4, 5, 3], output="softmax", normalization="layer")
    net, history = fit(architecture, 1e15 * X, dtype="float64", epochs=20)
    assert np.isfinite(net.vector).all()
    assert np.isfinite(history["loss"]).all()


def test_rows_all_of_whose_batch_weighs_nothing():
    weight = np.repeat([0.0, 1.0], 10)
    net, history = fit(sample_weight=weight, batch_size=5, shuffle=False)
    assert np.isfinite(net.vector).all()
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize(
    "x", [X.astype("float16"), (10 * X).astype("int8"), X > 0, X.astype(">f8"), X.tolist()]
)
def test_numbers_of_any_kind(x):
    found, _ = fit(x=x)
    wanted, _ = fit(x=np.array(x, dtype="float32"))
    assert np.array_equal(found.vector, wanted.vector)
