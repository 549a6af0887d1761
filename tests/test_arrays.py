"""Arrays of any class, order and memory, wherever an array can come in."""

from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise import (
    DepthStudy,
    MLPClassifier,
    MLPRegressor,
    Network,
    TableClassifier,
    TableRegressor,
    Trainer,
    explain,
)
from layerwise.architecture import Architecture, Embedding
from layerwise.draw import draw_boundary, draw_confusion, draw_loss, draw_network, draw_softmax
from tests.helpers.arrays import forms, in_form
from tests.helpers.compare import assert_same_bits
from tests.helpers.pictures import pixels

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RANDOM = np.random.default_rng(0)
N = 40
X = RANDOM.standard_normal((N, 3))
Y, YES = X[:, 0] + 0.5 * X[:, 1], (X[:, 0] > 0).astype(np.int64)
BOTH = np.column_stack([Y, X[:, 2]])
WEIGHT = RANDOM.uniform(0.5, 2.0, N)
CODES = RANDOM.integers(0, 3, (N, 2))
GROUPS = np.repeat(np.arange(10), 4)
SHORT = {
    "effort": "low", "epochs": 2, "n_folds": 2, "n_repeats": 1, "hidden": [4], "random_state": 0,
    "n_threads": 1,
}  # fmt: skip
MLP = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}


def numbers():
    return Network("3-4:tanh-1", seed=0, dtype="float64")


def classes():
    return Network("3-4:tanh-2:softmax", seed=0)


def coded():
    tables = [Embedding(3, 2), Embedding(3, 1)]
    return Network(Architecture([3, 4, 2], "tanh", "softmax", embeddings=tables), seed=0)


@cache
def fitted(kind):
    if kind in {TableClassifier, TableRegressor}:
        return kind(**SHORT).fit(X, YES if kind is TableClassifier else Y)
    return kind(**MLP).fit(X, YES if kind is MLPClassifier else Y)


def trained(x, y, weight=None, codes=None, network=numbers, **settings):
    net, rows = network(), settings.pop("rows", None)
    given = {"codes": codes, "sample_weight": weight, "validation_rows": rows}
    Trainer(epochs=2, seed=0, **settings).fit(net, x, y, **given)
    return net.vector


def held_out(x, y):
    net = numbers()
    history = Trainer(epochs=2, seed=0).fit(net, X, Y, validation_data=(x, y))
    return history["validation_loss"]


def with_weights(weights, biases):
    net = numbers()
    net.weights[0], net.biases[0] = weights, biases
    return net.vector


def sparse(data):
    rows = sp.csr_array(X)
    rows.data = data
    return MLPRegressor(**MLP).fit(rows, Y).predict(rows)


def studied(x, y, groups):
    study = DepthStudy(
        depth=[0, 1], width=[4], activation=["relu"], folds=2, seeds=1, epochs=2, workers=1,
        trees=False, early_stopping=False,
    )  # fmt: skip
    return study.fit(x, y, groups=groups).results_["score"].to_numpy()


def backward(x, y, weight):
    net = numbers()
    return net.backward(net.forward(x), y, sample_weight=weight).vector


def mlp(kind, x, y, weight, step="fit"):
    return getattr(kind(**MLP), step)(x, y, weight).coefs_[0]


def steps(x, y, weight, labels):
    return MLPClassifier(**MLP).partial_fit(x, y, weight, classes=labels).coefs_[0]


def scored(kind, x, y):
    return (
        kind(**MLP)
        .fit(X, Y if kind is MLPRegressor else YES, validation_data=(x, y))
        .history_["validation_loss"]
    )


ENTRIES = {
    "Network()": (classes(), X),
    "Network(), codes": (coded(), X, CODES),
    "Network.scores": (lambda row: classes().scores(row), X[0]),
    "Network.forward": (lambda x, codes: coded().forward(x, codes).outputs, X, CODES),
    "Network.backward": (backward, X, Y, WEIGHT),
    "Network.loss": (lambda x, y, w: numbers().loss(x, y, sample_weight=w), X, Y, WEIGHT),
    "Network.of": (lambda v: Network.of(numbers().architecture, v).vector, numbers().vector),
    "Network.weights": (with_weights, X[:3].repeat(2, 1)[:, :4].copy(), X[:4, 0].copy()),
    "Trainer.fit": (trained, X, Y, WEIGHT),
    "Trainer.fit, codes": (lambda x, y, w, c: trained(x, y, w, c, coded), X, YES, WEIGHT, CODES),
    "Trainer.fit, NumPy": (lambda x, y, w: trained(x, y, w, engine="numpy"), X, Y, WEIGHT),
    "Trainer.fit, L-BFGS": (lambda x, y: trained(x, y, optimizer="lbfgs"), X, Y),
    "Trainer.fit, held out": (held_out, X, Y),
    "Trainer.fit, rows": (lambda rows: trained(X, Y, rows=rows), np.arange(0, N, 5)),
    "MLPClassifier.fit": (lambda *rows: mlp(MLPClassifier, *rows), X, YES, WEIGHT),
    "MLPClassifier.partial_fit": (steps, X, YES, WEIGHT, np.array([0, 1])),
    "MLPClassifier.fit, held out": (lambda x, y: scored(MLPClassifier, x, y), X, YES),
    "MLPClassifier.predict": (lambda x: fitted(MLPClassifier).predict(x), X),
    "MLPClassifier.predict_proba": (lambda x: fitted(MLPClassifier).predict_proba(x), X),
    "MLPClassifier.score": (lambda *rows: fitted(MLPClassifier).score(*rows), X, YES, WEIGHT),
    "MLPRegressor.fit": (lambda x, y, w: mlp(MLPRegressor, x, y, w), X, BOTH, WEIGHT),
    "MLPRegressor.partial_fit": (
        lambda x, y, w: mlp(MLPRegressor, x, y, w, "partial_fit"), X, Y, WEIGHT,
    ),
    "MLPRegressor.fit, held out": (lambda x, y: scored(MLPRegressor, x, y), X, Y),
    "MLPRegressor.score": (lambda *rows: fitted(MLPRegressor).score(*rows), X, Y, WEIGHT),
    "explain, Network": (lambda row, y: explain(numbers(), row, answer=y).results, X[0], Y[:1]),
    "explain, codes": (lambda row, c: explain(coded(), row, codes=c).results, X[0], CODES[0]),
    "explain, baseline": (
        lambda row, other: explain(fitted(MLPRegressor), row, baseline=other).attribution.baseline,
        X[0], X[1],
    ),
}  # fmt: skip
SPARSE = {"sparse rows": (sparse, sp.csr_array(X).data)}
PICTURES = {
    "draw_confusion": (
        lambda true, seen: pixels(draw_confusion(true, seen, ["u", "v"])), YES, YES[::-1].copy(),
    ),
    "draw_network": (lambda row: pixels(draw_network(classes(), row=row)), X[0]),
    "draw_boundary": (
        lambda x, y: pixels(draw_boundary(Network("2-4:tanh-2:softmax", seed=0), x, y)),
        X[:, :2].copy(), YES,
    ),
    "draw_loss": (lambda y, p: pixels(draw_loss(y, p)), YES[:2], np.full((2, 2), 0.5)),
    "draw_softmax": (lambda scores: pixels(draw_softmax(scores)), X[0]),
}  # fmt: skip


def table(kind, step, x, y, weight, groups):
    model = kind(**SHORT)
    if step == "partial_fit":
        model.fit(X, y)
    getattr(model, step)(x, y, sample_weight=weight, groups=groups)
    return model.predict_proba(X) if kind is TableClassifier else model.predict(X)


TABLES = {
    "TableClassifier.fit": (
        lambda *rows: table(TableClassifier, "fit", *rows), X, YES, WEIGHT, GROUPS,
    ),
    "TableRegressor.partial_fit": (
        lambda *rows: table(TableRegressor, "partial_fit", *rows), X, BOTH, WEIGHT, GROUPS,
    ),
    "TableClassifier.predict_proba": (lambda x: fitted(TableClassifier).predict_proba(x), X),
    "TableClassifier.score": (lambda *rows: fitted(TableClassifier).score(*rows), X, YES, WEIGHT),
    "TableRegressor.score": (lambda *rows: fitted(TableRegressor).score(*rows), X, Y, WEIGHT),
    "TableRegressor.predict, dict": (
        lambda a, b, c: fitted(TableRegressor).predict({"x0": a, "x1": b, "x2": c}),
        *(column.copy() for column in X.T),
    ),
    "TableRegressor.predict, pandas": (
        lambda x: fitted(TableRegressor).predict(pd.DataFrame(x, columns=["x0", "x1", "x2"])), X,
    ),
    "explain, table": (lambda row: explain(fitted(TableClassifier), row).results, X[0]),
    "DepthStudy.fit": (studied, X, Y, GROUPS),
}  # fmt: skip


ALL = ENTRIES | SPARSE | TABLES | PICTURES


@cache
def of_plain_arrays(name):
    entry, *arrays = ALL[name]
    return np.atleast_1d(np.asarray(entry(*(array.copy() for array in arrays))))


def assert_as_plain(name, data):
    entry, *arrays = ALL[name]
    names = [data.draw(forms()) for _ in arrays]
    found = entry(*(in_form(array, n) for array, n in zip(arrays, names, strict=True)))
    assert_same_bits(np.atleast_1d(found), of_plain_arrays(name), str(names))


@pytest.mark.parametrize("name", ENTRIES | SPARSE)
@given(data=st.data())
@settings(max_examples=5)
def test_any_memory_gives_the_same_bits(name, data):
    assert_as_plain(name, data)


@pytest.mark.parametrize("name", TABLES | PICTURES)
@given(data=st.data())
@settings(max_examples=2)
def test_any_memory_gives_the_same_model_or_picture(name, data):
    assert_as_plain(name, data)


@pytest.mark.parametrize("name", ENTRIES | PICTURES | TABLES)
def test_complex_numbers_are_refused(name):
    entry, *arrays = (ENTRIES | PICTURES | TABLES)[name]
    for i, array in enumerate(arrays):
        for odd in (array.astype(complex), array.astype(complex).astype(object)):
            with pytest.raises(ValueError, match="Complex data not supported"):
                entry(*arrays[:i], odd, *arrays[i + 1 :])


@pytest.mark.parametrize("name", ENTRIES | PICTURES)
def test_masked_cells_are_refused_and_never_taken_for_numbers(name):
    entry, *arrays = (ENTRIES | PICTURES)[name]
    for i, array in enumerate(arrays):
        odd = np.ma.MaskedArray(array, np.arange(array.size).reshape(array.shape) == array.size - 1)
        with pytest.raises(ValueError, match="holds 1 masked cell: fill them first"):
            entry(*arrays[:i], odd, *arrays[i + 1 :])


def test_masked_cells_of_a_table_are_missing():
    mask = np.zeros(X.shape, bool)
    mask[3, 1] = mask[7, 2] = True
    masked, with_nan = np.ma.MaskedArray(X, mask), np.where(mask, np.nan, X)
    y_masked = np.ma.MaskedArray(Y, mask[:, 2])
    y_nan = np.where(mask[:, 2], np.nan, Y)
    found = TableRegressor(**SHORT).fit(masked, y_masked).predict(masked)
    assert_same_bits(found, TableRegressor(**SHORT).fit(with_nan, y_nan).predict(with_nan))
    with pytest.raises(ValueError, match="sample_weight holds 1 masked cell"):
        TableRegressor(**SHORT).fit(X, Y, sample_weight=np.ma.MaskedArray(WEIGHT, mask[:, 2]))


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(np.array(["2024-01", "2024-02"] * 20, "M8[M]"), id="months"),
        pytest.param(X[:, 0].astype("f2"), id="16 bits"),
        pytest.param(X[:, 0].astype("g").astype(object), id="objects of 80 bits"),
        pytest.param(np.array([b"yes", b"no"] * 20), id="bytes"),
        pytest.param(np.arange(N).astype("m8[h]"), id="hours"),
    ],
)
def test_columns_of_types_that_arrow_lacks(column):
    rows = {"a": column, "b": X[:, 1]}
    model = TableRegressor(**SHORT).fit(rows, Y)
    assert np.isfinite(model.predict(rows)).all()
    assert model.columns_[0].kind != "empty"


def test_records_are_refused():
    records = np.zeros(N, [("a", float)])
    for refused in (lambda: classes()(records), lambda: MLPClassifier(**MLP).fit(X, records)):
        with pytest.raises(ValueError, match="array of records"):
            refused()
    with pytest.raises(ValueError, match="array of records"):
        TableRegressor(**SHORT).fit({"a": records}, Y)


class TestModelsInMappedFiles:
    """Of a file that joblib maps into memory, which nobody may write to."""

    @pytest.fixture
    def mapped(self, tmp_path):
        def load(model):
            joblib.dump(model, tmp_path / "model")
            return joblib.load(tmp_path / "model", mmap_mode="r")

        return load

    @pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
    def test_an_estimator_goes_on_learning(self, mapped, solver):
        model = MLPRegressor(**MLP, solver=solver, warm_start=True, normalization="layer")
        model.fit(X, Y)
        other = mapped(model)
        assert not other.network_.vector.flags.writeable
        assert_same_bits(other.predict(X), model.predict(X))
        assert_same_bits(other.predict(X[:1]), model.predict(X[:1]))
        step = "fit" if solver == "lbfgs" else "partial_fit"
        for _ in range(2):
            getattr(model, step)(X, Y)
            getattr(other, step)(X, Y)
        assert_same_bits(other.network_.vector, model.network_.vector)

    def test_a_network_of_a_plain_fit(self, mapped):
        net = Network("3-6:tanh-1", seed=0)
        other = mapped(net)
        for each in (net, other):
            Trainer(epochs=2, seed=0, ema=0.9).fit(each, X, Y, validation_data=(X, Y))
        assert_same_bits(other.vector, net.vector)
        assert_same_bits(other.weights[0], net.weights[0])

    def test_a_tables_model(self, mapped):
        model = TableClassifier(**SHORT).fit(X, YES)
        other = mapped(model)
        assert_same_bits(other.predict_proba(X), model.predict_proba(X))
        model.partial_fit(X, YES)
        assert_same_bits(other.partial_fit(X, YES).predict_proba(X), model.predict_proba(X))
