"""ONNX graphs, run by onnxruntime, give what the models give."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from layerwise import Network, TableClassifier, TableRegressor
from layerwise import __version__ as version
from layerwise.architecture import ACTIVATIONS, Architecture
from layerwise.store import ModelFileError
from layerwise.store.onnx import export_onnx
from layerwise.store.onnx_example import feeding_example
from layerwise.tables.errors import TableError
from layerwise.tables.parsing import parse_numbers
from tests.helpers.strategies import architectures
from tests.store.small_models import (
    QUICK,
    inputs_of,
    mixed_table,
    mlp,
    networks,
    new_rows,
    table_model,
    targets,
)

CLASSIFIERS = {
    "two": {"target": "two"},
    "two, threshold": {"target": "two", "metric": "f1"},
    "two, weights": {"target": "two", "class_weight": (("yes", 9.0),)},
    "three": {"target": "three"},
    "three, weights": {"target": "three", "class_weight": (("a", 4.0), ("b", 0.0))},
    "numbered": {"target": "numbered"},
    "truth": {"target": "truth"},
    "times": {"target": "three", "times": True, "drop": ("first let",)},
    "vectors": {"target": "three", "hidden": (8, 4), "activation": "gelu", "epochs": 6},
}
REGRESSORS = {
    "one": {"target": "price"},
    "several": {"target": "price,width"},
    "intervals": {"target": "price,width", "intervals": 0.8},
}


def session_of(model, folder):
    export_onnx(model, folder / "model.onnx")
    return onnxruntime.InferenceSession(folder / "model.onnx")


def cells_for(session, model, rows):
    """The inputs of a graph from a table's cells, as its documentation has them."""
    prepared = {
        column.name: encoder
        for column, encoder in zip(
            model.preparation_.used, model.preparation_.encoders, strict=True
        )
    }
    columns = {column.name: column for column in model.columns_}
    feed = {}
    for node in session.get_inputs():
        cells, column = rows[node.name], columns[node.name]
        if node.type == "tensor(string)":
            feed[node.name] = np.array([[cell or ""] for cell in cells], object)
            continue
        assert node.type == "tensor(double)"
        numbers = []
        for cell in cells:
            if cell is None:
                numbers.append(np.nan)
            elif column.reading is not None and column.reading.formats:
                numbers.append(parse_numbers(pa.array([cell]), column.reading)[0][0])
            elif isinstance(cell, str):
                numbers.append(float(cell.replace(",", "").removesuffix(" €")))
            else:
                numbers.append(float(cell))
        feed[node.name] = np.array(numbers)[:, None]
    assert feed.keys() == prepared.keys()
    return feed


def run(model, rows, folder):
    session = session_of(model, folder)
    names = [node.name for node in session.get_outputs()]
    results = session.run(names, cells_for(session, model, rows))
    return dict(zip(names, results, strict=True))


def assert_near(found, wanted):
    """Within 1e-5, of 1 or of the largest number."""
    assert found.shape == wanted.shape
    assert np.isfinite(wanted).all()
    assert np.abs(found - wanted).max() <= 1e-5 * max(1.0, np.abs(wanted).max())


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classes_and_probabilities(name, tmp_path):
    model, rows = table_model(**CLASSIFIERS[name]), new_rows(times=name == "times")
    results = run(model, rows, tmp_path)
    assert_near(results["probabilities"], model.predict_proba(rows))
    assert results["class"].tolist() == model.predict(rows).tolist()


@pytest.mark.parametrize("name", REGRESSORS)
def test_numbers(name, tmp_path):
    model, rows = table_model(**REGRESSORS[name]), new_rows()
    results = run(model, rows, tmp_path)
    assert_near(results["prediction"], model.predict(rows).reshape(len(rows["도시"]), -1))
    if name == "intervals":
        low, high = model.predict_interval(rows)
        assert_near(results["low"], low)
        assert_near(results["high"], high)
    else:
        assert results.keys() == {"prediction"}


def test_the_tables_own_rows_and_a_single_one(tmp_path):
    model, rows = table_model("three"), mixed_table()
    assert_near(run(model, rows, tmp_path)["probabilities"], model.predict_proba(rows))
    one = {name: cells[:1] for name, cells in rows.items()}
    assert_near(run(model, one, tmp_path)["probabilities"], model.predict_proba(one))


def test_what_is_missing_everywhere_and_what_is_known_nowhere(tmp_path):
    model = table_model("three")
    for text, number in ((None, None), ("새 값", 123456.75)):
        rows = {name: [number] for name in mixed_table()}
        rows |= {"도시": [text], "street": [text], "rent": [None], "lift": [None], "new": [None]}
        assert_near(run(model, rows, tmp_path)["probabilities"], model.predict_proba(rows))


def test_each_kind_of_column_is_an_input_of_its_type(tmp_path):
    session = session_of(table_model("two"), tmp_path)
    assert {node.name: node.type for node in session.get_inputs()} == {
        "도시": "tensor(string)",
        "street": "tensor(string)",
        "zip": "tensor(double)",
        "floor": "tensor(double)",
        "area": "tensor(double)",
        "rent": "tensor(double)",
        "built": "tensor(double)",
        "lift": "tensor(string)",
        "new": "tensor(double)",
    }
    described = {
        node.name: node.doc_string for node in onnx.load(tmp_path / "model.onnx").graph.input
    }
    assert described["lift"] == "'yes' or its contrary; \"\": missing"
    assert described["zip"] == "a number that is a category; NaN: missing"


def test_categories_alone(tmp_path):
    table = {"city": ["Ulm", "Bonn", None, "Ulm"] * 10, "size": ["s", "m"] * 20}
    model = TableClassifier(**QUICK).fit(table | {"y": ["no", "no", "yes", "yes"] * 10}, target="y")
    rows = {"city": ["Ulm", "Rom", None], "size": ["m", None, "l"]}
    assert_near(run(model, rows, tmp_path)["probabilities"], model.predict_proba(rows))


@given(cells=st.lists(st.none() | st.floats(allow_nan=False), min_size=1, max_size=8))
def test_any_number_is_as_good_as_in_the_model(cells, number_model):
    # Among many that are 0 or 1, the model takes any number in the column "d".
    cells = [*cells, *[0.0, 1.0] * 8]
    rows = {"a": cells, "b": cells[::-1], "c": cells, "d": cells}
    session = onnxruntime.InferenceSession(number_model[1])
    found = session.run(["prediction"], cells_for(session, number_model[0], rows))[0]
    assert_near(found[:, 0], number_model[0].predict(rows))


@pytest.fixture(scope="module")
def number_model(tmp_path_factory):
    random = np.random.default_rng(0)
    table = {
        "a": random.normal(size=60).tolist(),
        "b": [None, 1e6, 2e6, 3e6] * 15,
        "c": random.choice([3.0, 4.0, 0.1, -7.0], 60).tolist(),
        "d": random.choice([0, 1], 60).tolist(),
        "y": random.normal(size=60).tolist(),
    }
    model = TableRegressor(**QUICK, categorical=["c"]).fit(table, target="y")
    path = tmp_path_factory.mktemp("numbers") / "model.onnx"
    export_onnx(model, path)
    return model, path


def test_numbers_that_no_double_tells_apart_are_texts(tmp_path):
    large = [2**53, 2**53 + 1, 2**53 + 2]
    table = {"key": large * 20, "a": [4, 7] * 30, "y": [0.5, 1.5, 2.5] * 20}
    model = TableRegressor(**QUICK, categorical=["key"]).fit(table, target="y")
    session = session_of(model, tmp_path)
    keys = np.array([[str(key)] for key in large], object)
    feed = {"key": keys, "a": np.array([[4.0], [7.0], [4.0]])}
    found = session.run(["prediction"], feed)[0]
    assert_near(found[:, 0], model.predict({"key": large, "a": [4, 7, 4]}))


TEXTS = [
    "Ulm", " Ulm", "Ulm  ", "New  York", "  New  York ", "New York", " a", "a", "a ", " ", "", "?",
]  # fmt: skip


def test_blanks_around_texts_are_as_good_as_in_predict(tmp_path):
    """Of " a" and "a" both are known, of "Ulm" and "New  York" one."""
    table = {
        "city": ["Ulm", "New  York", " a", "a", None] * 8,
        "let": ["yes", "no", "Yes", "NO"] * 10,
        "y": ["no", "no", "yes", "yes", "no"] * 8,
    }
    model = TableClassifier(**QUICK).fit(table, target="y")
    words = ["yes", " YES ", "nO", "no ", "Yes", "", "NO", "yEs", "no", "no", " ", "yes"]
    rows = {"city": TEXTS, "let": words}
    session = session_of(model, tmp_path)
    assert [node.type for node in session.get_inputs()] == ["tensor(string)"] * 2
    for at in (slice(None), slice(9, 11), slice(0, 0)):  # of blanks alone, and of none
        some = {name: np.array(cells[at], object) for name, cells in rows.items()}
        feed = {name: cells[:, None] for name, cells in some.items()}
        found = session.run(["probabilities"], feed)[0]
        if len(found):
            wanted = {name: [cell or None for cell in cells] for name, cells in some.items()}
            assert_near(found, model.predict_proba(wanted))


def test_columns_are_taken_as_those_of_a_table(tmp_path):
    n = 40
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "rooms": random.integers(1, 9, n),
            "age": random.integers(0, 200, n).astype("uint8"),
            "size": random.normal(size=n).astype("float32"),
            "let": random.random(n) > 0.5,
            "ward": random.choice([101, 102, 103], n),
            "city": random.choice(["Ulm", "Bonn"], n),
            "y": random.choice(["no", "yes"], n),
        }
    )
    model = TableClassifier(**QUICK, categorical=["ward"]).fit(frame, target="y")
    export_onnx(model, tmp_path / "m.onnx", like=frame)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    assert {node.name: (node.type, node.shape) for node in session.get_inputs()} == {
        name: (f"tensor({kind})", ["n"])
        for name, kind in zip(
            frame, ["int64", "uint8", "float", "bool", "int64", "string"], strict=False
        )
    }
    columns = {name: frame[name].to_numpy() for name in frame if name != "y"}
    columns["city"] = columns["city"].astype(object)
    probabilities = model.predict_proba(frame.drop(columns="y"))
    assert_near(session.run(["probabilities"], columns)[0], probabilities)
    made: dict[str, Any] = {}
    exec(feeding_example(tmp_path / "m.onnx"), made)
    assert made["feed"]["rooms"].dtype == np.int64
    assert made["feed"]["size"].shape == (1,)
    with pytest.raises(ModelFileError, match=r"'size' holds text in the table .* make numbers"):
        export_onnx(model, tmp_path / "n.onnx", like=frame.astype({"size": str}))
    with pytest.raises(TableError, match="the table has no column 'size'"):
        export_onnx(model, tmp_path / "n.onnx", like=frame.drop(columns="size"))
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


@pytest.mark.parametrize(
    ("target", "output", "asked"),
    [("two", "probabilities", "predict_proba"), ("price", "prediction", "predict")],
)
def test_the_example_runs_and_gives_what_the_model_gives(target, output, asked, tmp_path, capsys):
    model, path = table_model(target), tmp_path / "it's.onnx"
    export_onnx(model, path)
    made: dict[str, Any] = {}
    exec(feeding_example(path), made)
    assert f"{output} [" in capsys.readouterr().out
    found = made["session"].run([output], made["feed"])[0]
    assert_near(found.ravel(), getattr(model, asked)(made["rows"]).ravel())


def test_whole_numbers_beyond_int64_are_classes_as_they_are(tmp_path):
    classes = np.array([2**63 + 5, 7], np.uint64)
    model = TableClassifier(**QUICK).fit({"a": [1.5, 2.5, 3.5, 4.5] * 10}, np.tile(classes, 20))
    session = session_of(model, tmp_path)
    assert session.get_outputs()[1].type == "tensor(uint64)"
    found = session.run(["class"], {"a": np.array([[1.5], [2.5]])})[0]
    assert found.tolist() == model.predict({"a": [1.5, 2.5]}).tolist()
    assert set(found.tolist()) <= set(classes.tolist())


def test_columns_called_as_the_outputs_are(tmp_path):
    table = {"class": [1.5, 2.5] * 20, "probabilities": [1, 2, 3, 4] * 10, "Add 9": [4.5, 3] * 20}
    model = TableClassifier(**QUICK).fit(table | {"y": ["no", "yes"] * 20}, target="y")
    results = run(model, table, tmp_path)
    assert results.keys() == {"predicted probabilities", "predicted class"}
    assert_near(results["predicted probabilities"], model.predict_proba(table))


def test_classes_target_and_version_stand_in_the_file(tmp_path):
    for target, classes in (("three", ["a", "b", "c"]), ("numbered", [10, 20])):
        properties = session_of(table_model(target), tmp_path).get_modelmeta().custom_metadata_map
        facts = {name: json.loads(value) for name, value in properties.items()}
        assert facts["classes"] == classes
        assert facts["target"] == [target]
        assert facts["layerwise"] == version


# Bare networks


def assert_same_outputs(net, folder):
    session = session_of(net, folder)
    x, codes = inputs_of(net)
    feed = {"x": x.astype("float32")} if net.architecture.n_inputs else {}
    if net.architecture.n_codes:
        feed["codes"] = codes
    outputs = session.run(["outputs"], feed)[0]
    assert_near(outputs, net(x, codes))


@pytest.mark.parametrize("name", networks())
def test_networks(name, tmp_path):
    assert_same_outputs(networks()[name], tmp_path)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation, tmp_path):
    net = Network(Architecture([1, 7, 7], activation, "identity"), seed=0)
    net.weights[0][:], net.biases[0][:] = 1.0, 0.0
    net.weights[1][:] = np.eye(7)
    session = session_of(net, tmp_path)
    z = np.array([[-200.0, -30, -3.5, -3, -1, -0.1, 0, 1e-4, 0.5, 2, 3, 20, 200]], "float32").T
    np.testing.assert_allclose(session.run(None, {"x": z})[0], net(z), rtol=1e-5, atol=1e-6)


@given(architectures())
def test_every_architecture(architecture):
    net = Network(architecture, seed=0)
    net.state[:] = np.sort(np.random.default_rng(0).random(net.state.size)) + 0.1
    with tempfile.TemporaryDirectory() as folder:
        assert_same_outputs(net, Path(folder))


# What cannot be exported


def test_dates_and_free_text_are_named(tmp_path):
    model = table_model("two", dates=True, text=True)
    with pytest.raises(
        ModelFileError,
        match=r"also has dates in 'sold'; free text in 'remarks'\. .*--drop, in Python drop=",
    ):
        export_onnx(model, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_column_without_a_name_is_told(tmp_path):
    table = {"": [1.5, 2.5] * 20, "a": [4, 3] * 20, "y": ["no", "yes"] * 20}
    model = TableClassifier(**QUICK).fit(table, target="y")
    with pytest.raises(ModelFileError, match="has the name ''"):
        export_onnx(model, tmp_path / "a")


def test_without_the_library_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "layerwise.store.onnx_graph", raising=False)
    with pytest.raises(ModelFileError, match=r"not installed: pip install 'layerwise\[onnx\]'"):
        export_onnx(Network("2-1", seed=0), tmp_path / "a")


def test_something_else_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"wanted; got MLPClassifier .* give its network_"):
        export_onnx(mlp("two"), tmp_path / "a")
    with pytest.raises(NotFittedError):
        export_onnx(TableClassifier(), tmp_path / "a")


def test_targets_of_the_table_are_no_inputs(tmp_path):
    names = {node.name for node in session_of(table_model("price,width"), tmp_path).get_inputs()}
    assert names.isdisjoint(targets())
