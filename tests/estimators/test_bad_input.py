"""What people get wrong: one clear error of scikit-learn's type, which begins as scikit-learn's."""

import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn.neural_network as theirs
from sklearn.exceptions import ConvergenceWarning

from layerwise import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))
Y = (X[:, 0] > 0).astype(int)
BOTH = pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])


def changed(row, column, value):
    table = X.copy()
    table[row, column] = value
    return table


def error_of(call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call()
        except (ValueError, TypeError) as error:
            return error
    raise AssertionError("no error")


def assert_same_beginning(mine, other, at_least=15):
    """Our message begins as theirs, but for the class's name and what may come after."""
    standard = next(kind for kind in type(other).__mro__ if kind.__module__ == "builtins")
    assert isinstance(mine, standard)
    first = re.split(r"\n|\. ", str(other))[0]
    assert len(first) >= at_least
    assert str(mine).startswith(first)


SAME_AS_THEIRS = {
    "one dimension": (X[:, 0], Y),
    "three dimensions": (X[:, :, None], Y),
    "no rows": (X[:0], Y[:0]),
    "no columns": (X[:, :0], Y),
    "a shorter target": (X, Y[:-1]),
    "NaN": (changed(3, 1, np.nan), Y),
    "infinity": (changed(3, 1, np.inf), Y),
    "text in an array": (changed(3, 1, 0).astype(object).tolist()[:1] * 39 + [["a", 1, 2]], Y),
    "complex numbers": (X + 1j, Y),
    "no target": (X, None),
}


@BOTH
@pytest.mark.parametrize("name", SAME_AS_THEIRS)
def test_tables_are_refused_as_scikit_learn_refuses_them(estimator, name):
    x, y = SAME_AS_THEIRS[name]
    mine = error_of(lambda: estimator().fit(x, y))
    other = error_of(lambda: getattr(theirs, estimator.__name__)().fit(x, y))
    assert_same_beginning(mine, other)


@BOTH
@pytest.mark.parametrize("sizes", [0, -3, (10, 0), (5, -1)])
def test_sizes_below_one_are_refused(estimator, sizes):
    mine = (
        error_of(lambda: estimator(sizes).fit(X, Y))
        if estimator is MLPClassifier
        else error_of(lambda: estimator(hidden_layer_sizes=sizes).fit(X, Y))
    )
    other = error_of(
        lambda: getattr(theirs, estimator.__name__)(hidden_layer_sizes=sizes).fit(X, Y)
    )
    assert_same_beginning(mine, other)


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [(np.nan, 1, "row 3, column 1"), (np.inf, 2, "row 3, column 2"), (-np.inf, 0, "row 3")],
)
def test_it_is_said_where_a_cell_is_not_finite(value, column, text):
    for table in (changed(3, column, value), changed(3, column, value).astype(np.float32)):
        with pytest.raises(ValueError, match=f"1 cell, the first in {text}"):
            MLPClassifier().fit(table, Y)
    with pytest.raises(ValueError, match="1 cell, the first in row 3"):
        MLPClassifier(max_iter=2).fit(X, Y).predict(changed(3, column, value))


def test_it_is_said_how_many_cells_are_not_finite_and_in_which_columns():
    table = pd.DataFrame(X.copy(), columns=["age", "income", "height"])
    table.loc[[5, 9], "income"] = np.nan
    table.loc[11, "height"] = np.nan
    with pytest.raises(ValueError, match="3 cells in 2 columns, the first in row 5, column 'inco"):
        MLPClassifier().fit(table, Y)


@BOTH
def test_a_target_that_is_not_finite_is_refused_with_its_place(estimator):
    y = Y.astype(float)
    y[7] = np.nan
    with pytest.raises(ValueError, match=r"Input y contains NaN(.|\n)*row 7"):
        MLPRegressor().fit(X, y)
    assert_same_beginning(
        error_of(lambda: estimator().fit(X, y)),
        error_of(lambda: getattr(theirs, estimator.__name__)().fit(X, y)),
        at_least=15,
    )


def test_text_in_a_column_is_named():
    table = pd.DataFrame(X.copy(), columns=["age", "city", "height"]).astype({"city": object})
    table["city"] = ["Seoul", "Busan"] * 20
    with pytest.raises(ValueError, match="could not convert string to float: 'Seoul'") as caught:
        MLPClassifier().fit(table, Y)
    assert "row 0, column 'city'" in str(caught.value)
    assert "OneHotEncoder" in str(caught.value)


@BOTH
def test_constant_columns_are_no_obstacle(estimator):
    table = X.copy()
    table[:, 1] = 5.0
    model = estimator(max_iter=5, random_state=0).fit(table, Y)
    assert np.isfinite(model.network_(table)).all()


@BOTH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_enormous_values_give_an_error_or_numbers(estimator, dtype):
    table = changed(3, 1, 1e30).astype(dtype)
    model = estimator(max_iter=20, random_state=0)
    try:
        model.fit(table, Y)
    except ValueError as error:
        assert str(error).startswith("Solver produced non-finite parameter weights.")
        assert "learning rate" in str(error)
    else:
        assert np.isfinite(model.network_(table)).all()


@BOTH
@pytest.mark.parametrize(
    ("parameters", "offered"),
    [
        ({"activation": "rleu"}, "relu"),
        ({"activation": "Tanh"}, "tanh"),
        ({"solver": "adma"}, "adam"),
        ({"learning_rate": "constnat"}, "constant"),
        ({"normalization": "bacth"}, "batch"),
        ({"schedule": "cosnie"}, "cosine"),
        ({"hidden_layer_sizes": (4, 4), "activation": ("relu", "tahn")}, "tanh"),
    ],
)
def test_the_nearest_known_name_is_offered(estimator, parameters, offered):
    with pytest.raises(ValueError, match=rf"(D|d)id you mean '{offered}'\?"):
        estimator(**parameters).fit(X, Y)


@BOTH
@pytest.mark.parametrize(
    "parameters",
    [
        {"activation": "rleu"}, {"solver": "adma"}, {"alpha": -1}, {"max_iter": 0},
        {"learning_rate_init": 0}, {"momentum": 1.1}, {"batch_size": 0}, {"tol": -1.0},
        {"validation_fraction": 1.0}, {"beta_1": 1.0}, {"n_iter_no_change": 0},
    ],
)  # fmt: skip
def test_parameters_are_refused_as_scikit_learn_refuses_them(estimator, parameters):
    mine = error_of(lambda: estimator(**parameters).fit(X, Y))
    other = error_of(lambda: getattr(theirs, estimator.__name__)(**parameters).fit(X, Y))
    (name,) = parameters
    assert type(mine).__bases__ == type(other).__bases__
    assert str(mine).startswith(f"The {name!r} parameter of {estimator.__name__} must be")


@pytest.mark.parametrize(
    "parameters",
    [
        {"dropout": 1.0}, {"dropout": -0.1}, {"residual": "yes"}, {"label_smoothing": 1.0},
        {"gradient_clipping": 0.0}, {"ema": 1.0}, {"n_threads": 0}, {"class_weight": "evenly"},
        {"progress": "yes"}, {"callbacks": 3},
    ],
)  # fmt: skip
def test_parameters_of_ours_are_refused_alike(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The {name!r} parameter of MLPClassifier must be"):
        MLPClassifier(**parameters).fit(X, Y)


def test_a_wrong_number_of_activations_is_refused():
    with pytest.raises(ValueError, match="activation"):
        MLPClassifier((4, 4), activation=("relu",) * 3).fit(X, Y)


def test_another_table_at_prediction_is_refused_as_scikit_learn_does():
    mine = MLPClassifier(max_iter=2).fit(X, Y)
    other = theirs.MLPClassifier(max_iter=2).fit(X, Y)
    for table in (X[:, :2], np.hstack([X, X]), X[0], X[:0]):
        error = error_of(lambda t=table: mine.predict(t))
        assert_same_beginning(error, error_of(lambda t=table: other.predict(t)))


def test_labels_that_were_not_announced_are_refused():
    model = MLPClassifier().partial_fit(X, Y, classes=[0, 1])
    vector = model.network_.vector.copy()
    with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`") as caught:
        model.partial_fit(X, Y + 1)
    assert "[0 1]" in str(caught.value)
    assert (model.network_.vector == vector).all()
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(X, Y)


def test_weights_for_classes_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match=r"class_weight has weights for \['cat'\].*\[0, 1\]"):
        MLPClassifier(class_weight={"cat": 2.0, 0: 1.0}).fit(X, Y)
    with pytest.raises(ValueError, match="use sample_weight"):
        MLPClassifier(class_weight="balanced").fit(X, np.stack([Y, 1 - Y], axis=1))
    with pytest.raises(ValueError, match="not supported for partial_fit"):
        MLPClassifier(class_weight="balanced").partial_fit(X, Y, classes=[0, 1])


@BOTH
@pytest.mark.parametrize(
    "weight", [np.ones(39), np.ones((40, 2)), np.full(40, np.nan), -np.ones(40), np.zeros(40)]
)
def test_bad_sample_weights_are_refused(estimator, weight):
    assert "weight" in str(error_of(lambda: estimator().fit(X, Y, sample_weight=weight)))


def test_bad_validation_data_are_refused():
    with pytest.raises(ValueError, match="classes not in"):
        MLPClassifier().fit(X, Y, validation_data=(X, Y + 5))
    with pytest.raises(ValueError, match="features"):
        MLPClassifier().fit(X, Y, validation_data=(X[:, :2], Y))


def test_what_does_not_go_together_is_refused():
    with pytest.raises(ValueError, match=r"lbfgs.*dropout"):
        MLPClassifier(solver="lbfgs", dropout=0.5).fit(X, Y)
    for parameters, text in (
        ({"early_stopping": True}, "partial_fit does not support early_stopping=True"),
        ({"ema": 0.9}, "partial_fit does not support ema"),
        ({"schedule": "cosine"}, "partial_fit does not support schedule='cosine'"),
    ):
        with pytest.raises(ValueError, match=text):
            MLPClassifier(**parameters).partial_fit(X, Y, classes=[0, 1])
    with pytest.raises(AttributeError, match="partial_fit"):
        MLPClassifier(solver="lbfgs").partial_fit(X, Y, classes=[0, 1])


def test_a_fit_that_is_refused_leaves_the_model_as_it_was():
    model = MLPClassifier(max_iter=3, random_state=0).fit(X, Y)
    expected = model.predict_proba(X)
    for x, y, parameters in (
        (changed(0, 0, np.nan), Y, {}),
        (X, Y, {"schedule": "cosnie"}),
        (X, Y, {"hidden_layer_sizes": -1}),
        (X, Y[:-1], {}),
        (X[:, :2], Y % 1, {"schedule": "cosin"}),  # other columns and labels
    ):
        model.set_params(**parameters)
        error_of(lambda x=x, y=y: model.fit(x, y))
        assert (model.predict_proba(X) == expected).all()
        assert model.classes_.tolist() == [0, 1]
        model.set_params(schedule=None, hidden_layer_sizes=(100,))


def test_float32_networks_refuse_values_beyond_float32():
    model = MLPClassifier(max_iter=2).fit(X.astype(np.float32), Y)
    with pytest.raises(ValueError, match="float32"):
        model.predict(changed(0, 0, 1e300))


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="must not be negative for the loss 'poisson'"):
        MLPRegressor(loss="poisson").fit(X, X[:, 0])


def test_a_fit_that_diverges_leaves_the_model_as_it_was():
    model = MLPRegressor(solver="sgd", max_iter=5, random_state=0).fit(X, X[:, 0])
    expected = model.predict(X)
    model.set_params(learning_rate_init=1e3)
    with pytest.raises(ValueError, match="Solver produced non-finite parameter weights"):
        model.fit(100 * X, 1e3 * X[:, 0])
    assert (model.predict(X) == expected).all()


def pickled(model):
    """All that a model knows, without the parameters that its next fit is given."""
    parameters = model.get_params(deep=False)
    state = {k: v for k, v in vars(model).items() if k not in parameters}
    return pickle.dumps(state)


def diverge_from_a_warm_start(model):
    model.set_params(warm_start=True, max_iter=200, learning_rate_init=0.015).fit(4 * X, X[:, 0])


def end_from_a_warm_start(model):
    def press(net, epoch):
        raise KeyboardInterrupt

    model.set_params(warm_start=True, callbacks=[press]).fit(X, X[:, 0])


def end_a_partial_fit(model):
    def press(net, epoch):
        raise KeyboardInterrupt

    model.set_params(callbacks=[press]).partial_fit(X, X[:, 0])


@pytest.mark.parametrize(
    ("again", "error"),
    [
        (diverge_from_a_warm_start, ValueError),
        (end_from_a_warm_start, KeyboardInterrupt),
        (end_a_partial_fit, KeyboardInterrupt),
    ],
)
def test_going_on_that_diverges_or_is_ended_leaves_the_model_as_it_was(again, error):
    settings = {"activation": "identity", "batch_size": 5, "max_iter": 5, "random_state": 0}
    model = MLPRegressor(solver="sgd", **settings).fit(X, X[:, 0])
    before = pickled(model)
    weights = model.coefs_[0].copy()
    with pytest.raises(error):
        again(model)
    assert pickled(model) == before
    assert (model.coefs_[0] == weights).all()


def test_where_warnings_are_errors_the_model_is_there_all_the_same():
    model = MLPClassifier(max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning, match="Maximum iterations"):
            model.fit(X, Y)
    assert len(model.loss_curve_) == 2
    assert model.predict(X).shape == Y.shape


# Frames, targets, weights and lists that hold odd things


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
    y = np.array(["a", "b", np.nan, "c"] * 10, dtype=object)
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
    table[7, 0] = table[2, 2] = np.nan
    assert "2 cells in 2 columns, the first in row 2, column 2" in refusal(
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
    message = refusal(MLPClassifier, X, Y, partial=True, classes=[0, 1], schedule="constan")
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
    assert "weight" in refusal(MLPClassifier, X, Y, class_weight={0: 0.0, 1: 0.0})


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
    message = refusal(MLPRegressor, X, np.array(["a", "b"] * 20))
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
