"""Sparse rows: what dense rows give, bit for bit, and never more than a batch of them dense."""

import numpy as np
import pytest
import scipy.sparse as sp

from layerwise import MLPClassifier, MLPRegressor, Network, Trainer
from layerwise.training import OPTIMIZERS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 15)) * (RNG.random((120, 15)) < 0.2)
Y = (X.sum(axis=1) > 0).astype(int)
FORMS = [sp.csr_array, sp.csr_matrix, sp.csc_array, sp.csc_matrix]
SMALL = {"hidden_layer_sizes": (9, 8), "random_state": 0, "max_iter": 4, "batch_size": 32}


def fit(x, y=Y, estimator=MLPClassifier, more=None, **parameters):
    return estimator(**(SMALL | parameters)).fit(x, y, **(more or {}))


def same(a, b):
    return np.array_equal(a.network_.vector, b.network_.vector) and np.array_equal(
        a.network_.state, b.network_.state
    )


@pytest.mark.parametrize("solver", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_sparse_rows_give_the_bits_of_dense_ones(estimator, form, dtype, solver):
    x = X.astype(dtype)
    dense, sparse = (fit(rows, Y, estimator, solver=solver) for rows in (x, form(x)))
    assert same(dense, sparse)
    assert sparse.network_.dtype == dtype
    assert dense.loss_ == sparse.loss_
    assert np.array_equal(dense.network_(x), sparse.network_(form(x)))
    assert (dense.predict(x) == sparse.predict(form(x))).all()


@pytest.mark.parametrize(
    "options",
    [
        {"normalization": "batch"}, {"normalization": "layer", "residual": True}, {"dropout": 0.3},
        {"early_stopping": True, "max_iter": 8}, {"ema": 0.9}, {"class_weight": "balanced"},
        {"shuffle": False}, {"n_threads": 5}, {"schedule": "one_cycle"}, {"batch_size": 500},
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Got `batch_size`")
def test_sparse_rows_with_all_the_rest(options):
    assert same(fit(X, **options), fit(sp.csr_array(X), **options))


def test_held_out_rows_may_be_sparse_and_those_of_training_dense():
    found = [
        fit(a(X[:90]), Y[:90], more={"validation_data": (b(X[90:]), Y[90:])})
        for a in (np.asarray, sp.csr_array)
        for b in (np.asarray, sp.csc_matrix)
    ]
    assert all(same(each, found[0]) for each in found)
    assert all(each.validation_scores_ == found[0].validation_scores_ for each in found)


def test_no_form_of_sparse_rows_is_made_dense_at_once(monkeypatch):
    seen = []
    for kind in FORMS:
        for name in ("toarray", "todense"):
            original = getattr(kind, name)

            def dense(self, *args, original=original, **others):
                seen.append(self.shape[0])
                return original(self, *args, **others)

            monkeypatch.setattr(kind, name, dense)
    x = sp.random_array((2000, 20), density=0.1, rng=np.random.default_rng(0))
    for form in FORMS:
        rows = form(x)
        y = np.arange(2000) % 3
        fit(rows, y, early_stopping=True, max_iter=2)
        model = fit(rows, y, more={"validation_data": (rows, y)}, max_iter=2)
        model.predict_proba(rows)
        model.partial_fit(rows, y)
    assert 0 < max(seen) <= 256


def test_weights_and_partial_fits_of_sparse_rows():
    weight = RNG.uniform(0.5, 2.0, len(X))
    both = []
    for rows in (X, sp.csr_array(X)):
        model = MLPClassifier((6,), random_state=0, batch_size=32)
        for start in (0, 60):
            part = slice(start, start + 60)
            model.partial_fit(rows[part], Y[part], weight[part], classes=[0, 1])
        both.append(model.network_.vector)
    assert (both[0] == both[1]).all()


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_a_trainer_takes_sparse_rows_too(engine):
    vectors = []
    for rows in (X, sp.csr_array(X)):
        net = Network("15-6-1:sigmoid", seed=0, dtype="float64")
        Trainer(epochs=3, seed=0, batch_size=32, validation_fraction=0.2, engine=engine).fit(
            net, rows, Y
        )
        vectors.append(net.vector)
    assert (vectors[0] == vectors[1]).all()


def test_a_sparse_cell_that_is_not_finite_is_found():
    rows = sp.csr_array(X)
    rows.data[3] = np.nan
    row, column = (int(place[3]) for place in rows.nonzero())
    with pytest.raises(ValueError, match="Input X contains NaN") as caught:
        MLPClassifier().fit(rows, Y)
    assert f"1 cell, the first in row {row}, column {column}" in str(caught.value)
    with pytest.raises(ValueError, match=f"row {row}, column {column}"):
        Trainer(epochs=1).fit(Network("15-3-1", dtype="float64"), rows, Y)


def test_sparse_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"x must have the shape \(n, 4\)"):
        Network("4-3-1")(sp.csr_array(X))
