"""What people get wrong, further: frames, targets, weights and lists that hold odd things."""

import re

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn.neural_network as theirs

from layerwise import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((30, 4))
Y = np.arange(30) % 3
BOTH = pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])


def refusal(estimator, *table, partial=False, classes=None, **others):
    """The message of the ValueError that fit ends with."""
    given = {n: others.pop(n) for n in ("sample_weight", "validation_data") if n in others}
    model = estimator(max_iter=2, random_state=0, **others)
    more = {"classes": classes} if classes else {}
    train = model.partial_fit if partial else model.fit
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the caller looks at the message
        train(*table, **given, **more)
    return str(caught.value)


@BOTH
def test_a_missing_cell_of_a_nullable_column_is_found(estimator):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": pd.array([1, None, 3], dtype="Int64")})
    message = refusal(estimator, frame, [0, 1, 1])
    assert message.startswith("Input X contains NaN.")
    assert "1 cell, the first in row 1, column 'b'" in message


def test_a_missing_label_among_words_is_found():
    y = np.array(["a", "b", np.nan] * 10, dtype=object)
    message = refusal(MLPClassifier, X, y)
    assert re.match("Input (y )?contains NaN", message)
    assert "row 2" in message


@BOTH
def test_a_missing_cell_of_a_nullable_target_is_found(estimator):
    y = pd.Series(Y, dtype="Float64")
    y[4] = pd.NA
    message = refusal(estimator, X, y)
    assert message.startswith("Input y contains NaN")
    assert "row 4" in message


def test_cells_in_one_column_are_said_to_be_in_one_column():
    table = X.copy()
    table[[3, 5], 1] = np.nan
    assert "2 cells in 1 column, the first in row 3" in refusal(MLPClassifier, table, Y)


@pytest.mark.parametrize("form", [sp.csr_array, sp.csc_array, sp.coo_array, sp.csr_matrix])
def test_the_first_bad_cell_of_sparse_rows_is_that_of_dense_ones(form):
    table = X.copy()
    table[7, 0] = table[2, 3] = np.nan
    assert "2 cells in 2 columns, the first in row 2, column 3" in refusal(
        MLPClassifier, form(table), Y
    )


@BOTH
@pytest.mark.parametrize("sizes", [(5, None), ((5, 5),), ([5],), ("a",), (5.5,), "10", None])
def test_sizes_that_are_no_whole_numbers_are_refused(estimator, sizes):
    assert "hidden" in refusal(estimator, X, Y, hidden_layer_sizes=sizes)


@BOTH
@pytest.mark.parametrize("callbacks", [[3], ["print"], [None]])
def test_callbacks_that_cannot_be_called_are_refused_before_training(estimator, callbacks):
    assert "callbacks" in refusal(estimator, X, Y, callbacks=callbacks)


def test_the_nearest_schedule_is_offered_at_partial_fit_too():
    message = refusal(MLPClassifier, X, Y, partial=True, classes=[0, 1, 2], schedule="constan")
    assert "did you mean 'constant'" in message


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_a_schedule_given_as_learning_rate_is_told_where_it_belongs(schedule):
    message = refusal(MLPClassifier, X, Y, learning_rate=schedule)
    assert message.startswith("The 'learning_rate' parameter of MLPClassifier must be")
    assert f"schedule={schedule!r}" in message


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf, "a", None])
def test_a_class_weight_that_is_no_weight_is_called_by_its_name(weight):
    assert "class_weight" in refusal(MLPClassifier, X, Y, class_weight={1: weight})


def test_class_weights_that_are_all_zero_are_refused():
    assert "weight" in refusal(MLPClassifier, X, Y, class_weight=dict.fromkeys(range(3), 0.0))


@BOTH
def test_held_out_targets_of_another_length_are_refused_as_those_of_fit(estimator):
    message = refusal(estimator, X, Y, validation_data=(X, Y[:-1]))
    assert message.startswith("Found input variables with inconsistent numbers of samples")


@BOTH
@pytest.mark.parametrize("which", [0, 1])
def test_held_out_tables_that_are_not_finite_are_refused_with_the_place(estimator, which):
    held_out = [X.copy(), Y.astype(float)]
    held_out[which][4] = np.nan
    message = refusal(estimator, X, Y, validation_data=tuple(held_out))
    assert message.startswith(f"Input {'Xy'[which]} contains NaN")
    assert "row 4" in message


@BOTH
@pytest.mark.parametrize("held_out", [X, (X,), (X, Y, Y), "ab", 0.1, {"X": X, "y": Y}])
def test_held_out_rows_come_as_a_pair(estimator, held_out):
    assert "validation_data must be a pair" in refusal(estimator, X, Y, validation_data=held_out)


@BOTH
def test_held_out_rows_need_to_be_some(estimator):
    message = refusal(estimator, X, Y, validation_data=(X[:0], Y[:0]))
    assert "0 sample(s)" in message


def test_a_split_that_leaves_too_little_is_refused_as_theirs_is():
    for n in (1, 5):
        message = refusal(MLPClassifier, X[:n], Y[:n], early_stopping=True)
        with pytest.raises(ValueError, match=re.escape(message)):
            theirs.MLPClassifier(early_stopping=True).fit(X[:n], Y[:n])


def test_targets_that_are_words_are_refused_by_the_regressor():
    message = refusal(MLPRegressor, X, np.array(list("abc") * 10))
    assert "y must hold numbers" in message
    assert "classes as 0" not in message


@pytest.mark.parametrize("others", [{"dropout": [0.1, 0.2]}, {"dropout": [1.2]}])
def test_dropout_for_layers_that_are_not_there_is_refused(others):
    assert "dropout" in refusal(MLPClassifier, X, Y, **others)


@pytest.mark.parametrize(
    "others", [{"ema": 0.9}, {"gradient_clipping": 1.0}, {"normalization": "batch"}]
)
def test_what_lbfgs_cannot_do_is_refused(others):
    assert "lbfgs" in refusal(MLPClassifier, X, Y, solver="lbfgs", **others)


@pytest.mark.parametrize("first", ["lbfgs", "adam"])
def test_a_warm_start_may_change_the_solver(first):
    model = MLPClassifier(max_iter=2, random_state=0, warm_start=True, solver=first).fit(X, Y)
    model.set_params(solver="adam" if first == "lbfgs" else "lbfgs").fit(X, Y)
    assert np.isfinite(model.loss_)
    assert len(model.loss_curve_) == 2
