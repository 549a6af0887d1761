"""Sparse rows: what dense rows give, bit for bit, and never more than a batch of them dense."""

import numpy as np
import pytest
import scipy.sparse as sp

from layerwise import MLPClassifier, MLPRegressor, Network, Trainer

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 15)) * (RNG.random((120, 15)) < 0.2)
Y = (X.sum(axis=1) > 0).astype(int)
FORMS = [sp.csr_array, sp.csr_matrix, sp.csc_array, sp.csc_matrix]
SETTINGS = {
    "adam": {"batch_size": 32, "max_iter": 4},
    "sgd": {"solver": "sgd", "batch_size": 32, "max_iter": 4},
    "lbfgs": {"solver": "lbfgs", "max_iter": 5},
    "early stopping": {"early_stopping": True, "max_iter": 6, "batch_size": 32},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_sparse_rows_give_the_bits_of_dense_ones(estimator, name, form):
    settings = {"hidden_layer_sizes": (9, 8), "random_state": 0} | SETTINGS[name]
    dense = estimator(**settings).fit(X, Y)
    sparse = estimator(**settings).fit(form(X), Y)
    assert (dense.network_.vector == sparse.network_.vector).all()
    assert (dense.predict(X) == sparse.predict(form(X))).all()


def test_no_more_than_a_batch_is_made_dense(monkeypatch):
    seen = []
    for kind in (sp.csr_array, sp.csr_matrix):
        original = kind.toarray

        def toarray(self, *args, original=original, **kwargs):
            seen.append(self.shape[0])
            return original(self, *args, **kwargs)

        monkeypatch.setattr(kind, "toarray", toarray)
        monkeypatch.setattr(kind, "todense", None)
    rows = sp.random_array((3000, 40), density=0.05, rng=np.random.default_rng(0), format="csr")
    labels = RNG.integers(0, 3, 3000)
    model = MLPClassifier((5,), batch_size=256, max_iter=2, early_stopping=True).fit(rows, labels)
    model.predict_proba(rows)
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
