"""What a user's type checkers are to see: read by mypy and pyright in `make lint`, never run."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import layerwise
from layerwise import (
    DepthStudy,
    History,
    MLPClassifier,
    MLPRegressor,
    Network,
    TableClassifier,
    TableRegressor,
    Trainer,
    explain,
)
from layerwise.explanation import Explanation
from layerwise.tables.drift import Comparison

Array = NDArray[Any]


def matrices(x: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    model = MLPClassifier((8,), activation="silu", max_iter=5)
    assert_type(model.fit(x, y).predict(x), Array)
    assert_type(model.partial_fit(x, y, classes=[0, 1]), MLPClassifier)
    assert_type(model.predict_proba(x), Array)
    assert_type(model.predict_log_proba(x), Array)
    assert_type(model.score(x, y), float)
    assert_type(model.coefs_, list[Array])
    assert_type(model.loss_curve_, list[float])
    assert_type(model.classes_, Array)
    assert_type(model.network_, Network)
    assert_type(MLPRegressor().fit(x, y).partial_fit(x, y), MLPRegressor)
    model.fit(x)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def tables(table: dict[str, list[float]]) -> None:
    model = TableClassifier(hidden=(8,), random_state=0).fit(table, target="price")
    assert_type(model, TableClassifier)
    assert_type(model.partial_fit(table, [1, 2], classes=[1, 2]), TableClassifier)
    assert_type(model.predict(table), Array)
    assert_type(model.predict_proba(table), Array)
    assert_type(model.networks_, list[Network])
    assert_type(model.temperature_, float)
    assert_type(model.compare(table), Comparison)
    regressor = TableRegressor(intervals=0.9).fit(table, [1.0, 2.0])
    assert_type(regressor.partial_fit(table, [1.0, 2.0]), TableRegressor)
    assert_type(regressor.predict_interval(table), tuple[Array, Array])


def networks(x: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    network = Network("2-3-1", seed=0)
    assert_type(network(x), Array)
    assert_type(Trainer(epochs=2).fit(network, x, y), History)
    assert_type(explain(network, x[0]), Explanation)
    assert_type(DepthStudy(depth=[0, 1]).fit(x, y), DepthStudy)


def files(table: dict[str, list[float]]) -> None:
    model = layerwise.load("houses.layerwise", TableRegressor)
    assert_type(model, TableRegressor)
    anything = layerwise.load("houses.layerwise")
    assert_type(anything, TableClassifier | TableRegressor | MLPClassifier | MLPRegressor | Network)
    if isinstance(anything, TableClassifier):
        assert_type(anything.predict_proba(table), Array)
    layerwise.save(model, "again.layerwise")
