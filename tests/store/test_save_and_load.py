"""A model that was saved is loaded as it was."""

import json
import os
import pickle
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier as ScikitLearnsMLPClassifier

import layerwise
from layerwise import MLPClassifier, Network, TableClassifier, TableRegressor
from layerwise.estimators.fitted_state import model_of, state_of
from layerwise.store import load, save
from tests.helpers.compare import assert_same_bits
from tests.helpers.other_python import run_python
from tests.helpers.strategies import architectures
from tests.store.small_models import (
    QUICK,
    inputs_of,
    matrix,
    mixed_table,
    mlp,
    networks,
    new_rows,
    table_model,
    targets,
)

EVERY_KIND = {"dates": True, "text": True, "times": True}
TABLE_MODELS = {
    "two classes": {"target": "two", **EVERY_KIND},
    "three classes": {"target": "three", "metric": "accuracy"},
    "numbered classes": {"target": "numbered", "metric": "f1", "class_weight": "balanced"},
    "truth values": {"target": "truth"},
    "regression": {"target": "price", **EVERY_KIND},
    "several targets": {"target": "price,width"},
    "intervals": {"target": "price", "intervals": 0.8, "metric": "mae"},
}


def assert_same(found, wanted):
    """The same numbers to the last bit, or the same labels."""
    if wanted.dtype != object:
        assert_same_bits(found, wanted)
    assert found.dtype == wanted.dtype
    assert found.tolist() == wanted.tolist()


def saved_and_loaded(model, tmp_path):
    path = tmp_path / "a model.layerwise"
    save(model, path)
    return load(path)


@pytest.fixture(params=TABLE_MODELS)
def options(request):
    return TABLE_MODELS[request.param]


def test_predictions_are_the_same_to_the_last_bit(options, tmp_path):
    model = table_model(**options)
    back = saved_and_loaded(model, tmp_path)
    rows = new_rows(**{kind: True for kind in EVERY_KIND if kind in options})
    assert type(back) is type(model)
    assert_same(back.predict(rows), model.predict(rows))
    if hasattr(model, "predict_proba"):
        assert_same_bits(back.predict_proba(rows), model.predict_proba(rows))
    if options.get("intervals"):
        for end in (0, 1):
            assert_same_bits(back.predict_interval(rows)[end], model.predict_interval(rows)[end])


def test_every_fitted_attribute_comes_back(options, tmp_path):
    model = table_model(**options)
    back = saved_and_loaded(model, tmp_path)
    rows_held_out = {"_held_out", "_importances"}  # no part of a file
    assert vars(back).keys() == vars(model).keys() - rows_held_out
    assert back.get_params() == model.get_params()
    for name in ("task_", "columns_", "recipe_", "fit_seconds_", "seed_", "n_features_in_"):
        assert getattr(back, name) == getattr(model, name)
    assert back.preparation_.to_json() == model.preparation_.to_json()
    for name in (*model._fitted_numbers, "feature_names_in_"):
        one, other = getattr(back, name), getattr(model, name)
        assert type(one) is type(other)
        np.testing.assert_array_equal(one, other)
    if hasattr(model, "classes_"):
        assert_same(back.classes_, model.classes_)
        assert [type(label) for label in back.task_.classes] == [
            type(label) for label in model.task_.classes
        ]


def test_every_networks_history_comes_back(tmp_path):
    model = table_model("price", intervals=0.8, metric="mae")
    back = saved_and_loaded(model, tmp_path)
    for kept, was in [
        (back.ensemble_, model.ensemble_),
        (back.intervals_.low, model.intervals_.low),
        (back.intervals_.high, model.intervals_.high),
    ]:
        assert kept.stopped == was.stopped
        assert [asdict(member.history) for member in kept.members] == [
            asdict(member.history) for member in was.members
        ]
        assert [member.network.architecture for member in kept.members] == [
            member.network.architecture for member in was.members
        ]


def test_a_model_saved_again_is_the_same_file(tmp_path):
    model = table_model("two", dates=True, text=True)
    save(model, tmp_path / "a")
    save(load(tmp_path / "a"), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_does_not_grow_with_the_table(tmp_path):
    small = {"a": [1.5, 2.5] * 20, "y": ["no", "yes"] * 20}
    large = {name: cells * 50 for name, cells in small.items()}
    for name, table in (("small", small), ("large", large)):
        save(TableClassifier(**QUICK, batch_size=20).fit(table, target="y"), tmp_path / name)
    sizes = [(tmp_path / name).stat().st_size for name in ("small", "large")]
    assert sizes[1] < sizes[0] + 2_000


def test_a_loaded_model_can_be_trained_again(tmp_path):
    back = saved_and_loaded(table_model("three"), tmp_path)
    table = mixed_table() | {"three": targets()["three"]}
    again = back.fit(table, target="three").predict_proba(new_rows())
    expected = TableClassifier(**back.get_params()).fit(table, target="three")
    assert_same_bits(again, expected.predict_proba(new_rows()))


def test_what_is_no_plain_parameter_comes_back_as_its_default(tmp_path):
    table = {"a": [1.5, 2.5] * 20, "y": ["no", "yes"] * 20}
    model = TableClassifier(
        **QUICK | {"random_state": np.random.RandomState(0)},
        on_epoch=lambda *told: None,
        class_weight={"no": 2.0, "yes": np.float64(1)},
        n_threads=np.int64(1),
    ).fit(table, target="y")
    back = saved_and_loaded(model, tmp_path)
    assert back.on_epoch is None
    assert back.random_state is None
    assert back.seed_ == model.seed_
    assert back.class_weight == {"no": 2.0, "yes": 1.0}
    assert back.n_threads == 1


# Models of matrices, and networks


@pytest.mark.parametrize("name", ["three", "two", "labels", "regressor"])
def test_models_of_matrices_come_back(name, tmp_path):
    model, x = mlp(name), matrix()
    back = saved_and_loaded(model, tmp_path)
    assert vars(back).keys() == vars(model).keys()
    assert back.get_params() == model.get_params()
    assert_same(back.predict(x), model.predict(x))
    assert_same_bits(back.network_.vector, model.network_.vector)
    assert asdict(back.history_) == asdict(model.history_)
    if name != "regressor":
        assert_same_bits(back.predict_proba(x), model.predict_proba(x))
        assert_same(back.classes_, model.classes_)
        assert back.loss_curve_ == model.loss_curve_


def test_a_loaded_model_of_a_matrix_goes_on_learning(tmp_path):
    back = saved_and_loaded(mlp("three"), tmp_path)
    before = back.network_.vector.copy()
    labels = np.array(["c", "a", "b"])[np.arange(60) % 3]
    back.partial_fit(matrix(), labels)
    assert not np.array_equal(back.network_.vector, before)
    with pytest.raises(ValueError, match="classes not in"):
        back.partial_fit(matrix(), np.full(60, "d"))


@given(architectures(), st.sampled_from(["float32", "float64"]))
def test_every_network_comes_back(architecture, dtype):
    net = Network(architecture, seed=0, dtype=dtype)
    net.state[:] = np.sort(np.random.default_rng(0).random(net.state.size))
    back = model_of(Network, *state_of(net))
    assert back.architecture == architecture
    assert_same_bits(back.vector, net.vector)
    assert_same_bits(back.state, net.state)


@pytest.mark.parametrize("name", networks())
def test_networks_come_back_from_files(name, tmp_path):
    net = networks()[name]
    back = saved_and_loaded(net, tmp_path)
    assert back.architecture == net.architecture
    assert_same_bits(back.vector, net.vector)
    assert_same_bits(back.state, net.state)
    x, codes = inputs_of(net)
    assert_same_bits(back(x, codes), net(x, codes))


def test_a_network_of_doubles_stays_one(tmp_path):
    net = Network("3-2-1", seed=0, dtype="float64")
    assert_same_bits(saved_and_loaded(net, tmp_path).vector, net.vector)


# What stands in the file


def test_the_numbers_can_be_read_by_name_with_safetensors_alone(tmp_path):
    model = table_model("two")
    save(model, tmp_path / "a")
    with safe_open(tmp_path / "a", framework="numpy") as file:
        weights = file.get_tensor("network 2/hidden 1.weights")
        content = json.loads(file.metadata()["layerwise"])
    assert_same_bits(weights, model.networks_[1].weights[0])
    assert content["layerwise_model"] == 2
    assert content["facts"]["kind"] == "TableClassifier"
    assert content["versions"].keys() == {"layerwise", "numpy", "python"}


def test_loading_unpickles_nothing(tmp_path, monkeypatch):
    save(table_model("two", dates=True, text=True), tmp_path / "a")

    def fail(*args, **kwargs):
        raise AssertionError("pickle was used")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, fail)
    load(tmp_path / "a")


@pytest.mark.slow
def test_a_model_is_loaded_in_another_process(tmp_path):
    save(table_model("three"), tmp_path / "a")
    script = (
        "import sys; from layerwise.store import load; "
        "row = {name: [None] for name in sys.argv[2:]}; "
        "print(load(sys.argv[1]).predict_proba(row)[0].tolist())"
    )
    done = run_python("-c", script, tmp_path / "a", *mixed_table(), PYTHONIOENCODING="utf-8")
    row = {name: [None] for name in mixed_table()}
    assert json.loads(done.stdout) == table_model("three").predict_proba(row)[0].tolist()


# What cannot be saved


@pytest.mark.parametrize(
    ("thing", "came"),
    [
        ("a text", "builtins.str"),
        (ScikitLearnsMLPClassifier(), "sklearn.neural_network"),
        (TableClassifier, "abc.ABCMeta"),
    ],
)
def test_something_else_is_refused(thing, came, tmp_path):
    with pytest.raises(TypeError, match=f"TableClassifier, .* is wanted; got {came}"):
        save(thing, tmp_path / "a")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("model", [TableClassifier(), MLPClassifier()])
def test_a_model_that_is_not_fitted_is_refused(model, tmp_path):
    with pytest.raises(NotFittedError):
        save(model, tmp_path / "a")
    assert not os.listdir(tmp_path)


def test_skops_needs_no_other_types_than_those_named():
    skops = pytest.importorskip("skops.io")
    for model in (
        table_model("two", dates=True, text=True),
        TableRegressor(**QUICK, intervals=0.9).fit(mixed_table(times=True), targets()["price"]),
        MLPClassifier(max_iter=2).partial_fit([[0.0], [1.0]], [0, 1], classes=[0, 1]),
    ):
        content = skops.dumps(model)
        assert set(skops.get_untrusted_types(data=content)) <= set(layerwise.trusted_types())
        again = skops.loads(content, trusted=layerwise.trusted_types())
        assert repr(again) == repr(model)
