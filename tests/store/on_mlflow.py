"""Models in MLflow: `make test-mlflow` runs this, where MLflow is installed."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV

from layerwise import TableClassifier, trusted_types
from tests.store.small_models import QUICK, mixed_table, targets

TABLE = {
    name: cells
    for name, cells in mixed_table().items()
    if not any(cell is None for cell in cells)  # MLflow takes no lists with holes
}
Y = np.array(targets()["two"])


@pytest.fixture
def mlflow(tmp_path, monkeypatch):
    import mlflow

    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'runs.db'}")
    yield mlflow
    mlflow.sklearn.autolog(disable=True)


def test_a_model_is_logged_and_loaded_in_the_default_format(mlflow):
    model = TableClassifier(**QUICK).fit(TABLE, Y)
    with mlflow.start_run():
        logged = mlflow.sklearn.log_model(
            model, name="model", skops_trusted_types=trusted_types(), pip_requirements=["layerwise"]
        )
    again = mlflow.sklearn.load_model(logged.model_uri)
    assert np.array_equal(again.predict_proba(TABLE), model.predict_proba(TABLE))


def test_autologging_logs_a_search_and_none_of_the_trees_within(mlflow):
    def runs():
        return mlflow.search_runs(output_format="list")

    mlflow.sklearn.autolog(log_models=False)
    TableClassifier(**QUICK, n_pieces=4).fit(TABLE, Y)
    assert runs() == []
    frame = pd.DataFrame(TABLE)
    search = GridSearchCV(TableClassifier(**QUICK), {"hidden": [(4,), (8,)]}, cv=2).fit(frame, Y)
    (parent,) = [run for run in runs() if "mlflow.parentRunId" not in run.data.tags]
    assert parent.data.params["best_hidden"] == str(search.best_params_["hidden"])
    assert parent.data.metrics["best_cv_score"] == pytest.approx(search.best_score_)
