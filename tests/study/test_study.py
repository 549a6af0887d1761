"""`DepthStudy`: what it finds, what it takes, what it refuses."""

import dataclasses
import json
import re
import signal
import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa
from sklearn.base import clone

import layerwise
from layerwise import DepthStudy, TableClassifier, TableRegressor
from layerwise.study import worker
from layerwise.study.database import FITS, Database
from layerwise.study.results import StudyError, StudyResults
from layerwise.tables.errors import TableError
from layerwise.training.time_limit import Deadline
from tests.study.circles import N_BEFORE_GATE, found_by_study, gated_fit, let_time_be_up


def same(one, other):
    def without_time(fits):
        return [{**vars(fit), "seconds": 0} for fit in fits]

    return (
        without_time(one.fits) == without_time(other.fits)
        and one.pruned == other.pruned
        and one.failed == other.failed
        and one.trees == other.trees
    )


@pytest.fixture(scope="module")
def done(rows):
    """A study of circles: a line cannot tell them apart, one hidden layer can."""
    study = DepthStudy(
        depth=[1, 2],
        width=[8],
        activation=["relu"],
        folds=4,
        seeds=2,
        workers=1,
        epochs=50,
        learning_rate=0.03,
    )
    return study.fit(*rows)


def test_depth_is_found_to_matter(done):
    assert done.recommended_.depth >= 1
    assert done.recommendation_.choice.layers_help
    assert done.study_.stopped == ""
    assert len(done.study_.trees) == 8


def test_the_tidy_table(done, rows):
    table = done.results_
    assert table.num_rows == len(done.study_.fits)
    assert set(table["depth"].to_pylist()) == {0, 1, 2}
    X, y = rows
    quick = {"depth": [0], "folds": 2, "seeds": 1, "epochs": 1, "workers": 1}
    assert isinstance(DepthStudy(**quick).fit(pd.DataFrame(X), y).results_, pd.DataFrame)
    assert isinstance(DepthStudy(**quick).fit(pl.DataFrame(X), y).results_, pl.DataFrame)
    assert isinstance(DepthStudy(**quick).fit(pa.table(X), y).results_, pa.Table)


def test_words_and_pictures(done):
    lines = done.summary().splitlines()
    assert lines[0].startswith(f"Recommended: {done.recommended_.name}, with ")
    assert any("linear model is worse" in line for line in lines)
    for picture in ("depth", "size", "training", "time", "gradients"):
        assert done.draw(picture, theme="dark").axes


def test_the_winner_as_a_model(done, rows, tmp_path):
    model = done.best_model(effort="low")
    assert isinstance(model, TableClassifier)
    model.fit(*rows)
    hidden = [n.architecture.layers[:-1] for n in model.networks_]
    assert {len(layers) for layers in hidden} == {done.recommended_.depth}
    assert model.score(*rows) > 0.8
    model.save(tmp_path / "m.layerwise")
    same_model = layerwise.load(tmp_path / "m.layerwise")
    assert (same_model.predict(rows[0]) == model.predict(rows[0])).all()


@pytest.mark.slow
def test_workers_do_not_change_what_is_found(small, rows):
    settings = {"depth": [0, 2], "seeds": 2, "epochs": 5}
    one = small(workers=1, **settings).fit(*rows).study_
    two = small(workers=2, **settings).fit(*rows).study_
    assert same(one, two)
    other = small(workers=1, random_state=1, **settings).fit(*rows).study_
    assert not same(one, other)


@pytest.mark.slow
def test_workers_of_an_earlier_study_find_the_database_of_a_later_one(tmp_path, monkeypatch):
    found = []
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        found.append(found_by_study(database="a.study.db", workers=2, epochs=5))
    # Nor does it matter how many they are.
    assert found[0] == found[1] == found_by_study(epochs=5)
    assert len(found[1]["scores"]) == 3 * 6


def test_a_regression_of_several_numbers(small, rows):
    X, _ = rows
    table = dict(X, p=X["a"] + X["b"], q=X["a"] - X["b"])
    study = small(epochs=60, learning_rate=0.05, depth=[0, 1]).fit(table, target=["p", "q"])
    assert study.study_.task == "regression"
    assert study.study_.metric == "r2"
    assert study.study_.target == "p, q"
    assert study.recommendation_.standing.score.mean > 0.5
    assert isinstance(study.best_model(), TableRegressor)


def test_equal_sizes(small, rows):
    study = small(width=None, depth=[1, 2, 4], parameters=500).fit(*rows)
    counts = [c.n_parameters for c in study.study_.configurations if c.depth]
    assert len(counts) == 3
    assert all(abs(n - 500) <= 10 for n in counts)


def test_it_goes_on_where_it_was(small, rows, tmp_path):
    path = tmp_path / "a.study.db"
    whole = small(seeds=2).fit(*rows)
    limited = small(seeds=2, database=path, on_progress=_Stopper(after=5))
    with pytest.raises(RuntimeError, match="enough"):
        limited.fit(*rows)
    with pytest.raises(StudyError, match="holds this study already"):
        small(seeds=2, database=path).fit(*rows)
    rest = small(seeds=2, database=path, resume=True).fit(*rows)
    assert same(whole.study_, rest.study_)
    again = small(seeds=2, database=path, resume=True).fit(*rows)  # nothing is left to do
    assert again.study_.fits == rest.study_.fits


class _Stopper:
    def __init__(self, after):
        self.after = after

    def __call__(self, progress):
        if progress.done >= self.after:
            raise RuntimeError("enough")


def test_time_is_up(small, rows, tmp_path, monkeypatch):
    path = tmp_path / "a.study.db"
    study = small(database=path, time_limit=2.0, seeds=2, pruning=False)
    with monkeypatch.context() as patch:
        let_time_be_up(patch)
        study.fit(*rows)
    assert study.study_.stopped == "time limit"
    assert len(study.study_.fits) == 3 * 3
    assert not study.recommendation_.is_final
    study.set_params(resume=True, time_limit=3_600.0).fit(*rows)
    assert study.study_.stopped == ""
    assert len(study.study_.fits) == 2 * 3 * 3


def test_a_fit_that_does_not_end_in_time_is_left_behind(small, rows, tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.study.running._SECONDS_TO_END", 0.0)
    begun, may_end = threading.Event(), threading.Event()
    monkeypatch.setattr(Deadline, "is_over", property(lambda self: begun.is_set()))
    of_worker = worker.fit_one

    def fit_one(fold, configuration, plan, split, stop):
        if split != (0, 0):  # and then it hears nothing
            begun.set()
            may_end.wait()
        return of_worker(fold, configuration, plan, split, stop)

    monkeypatch.setattr(worker, "fit_one", fit_one)
    database = tmp_path / "a.study.db"
    study = small(trees=False, time_limit=60, database=database).fit(*rows)
    assert study.study_.stopped == "time limit"
    assert {fit.split for fit in study.study_.fits} == {(0, 0)}
    opened = Database(database)
    states = opened.transact(lambda c: c.execute(sa.select(FITS.c.state)).scalars().all())
    opened.close()
    assert sorted(states) == ["done"] * 3 + ["waiting"] * 6
    may_end.set()


def test_ctrl_c_is_warned_of_and_verbose_says_how_far_it_came(small, rows, monkeypatch, capsys):
    shut = SimpleNamespace(exists=lambda: False)
    monkeypatch.setattr("layerwise.study.worker.fit_one", gated_fit(shut))
    pressed = []

    def press(progress):
        if progress.done >= N_BEFORE_GATE and not pressed:
            pressed.append(progress)
            signal.raise_signal(signal.SIGINT)

    study = small(seeds=2, pruning=False, verbose=1, on_progress=press)
    with pytest.warns(UserWarning, match="by user: the answer so far rests on 9 fits. Pressed"):
        study.fit(*rows)
    assert study.study_.stopped == "interrupted"
    (line,) = capsys.readouterr().err.splitlines()
    assert re.match(r"layerwise: studying: \d+ of 24 fits, 0 networks not pursued.*; took \d", line)


def test_too_little_time_for_anything(small, rows, monkeypatch):
    let_time_be_up(monkeypatch, first_repeat=0)
    with pytest.raises(StudyError, match=r"ended \(time limit\) before any"):
        small(time_limit=1e-9).fit(*rows)


def test_a_worker_that_fails_says_why(small, rows, monkeypatch):
    def broken(*arguments):
        raise MemoryError("no room")

    monkeypatch.setattr("layerwise.study.worker.fit_one", broken)
    with pytest.raises(StudyError, match="no configuration could be trained: MemoryError: no room"):
        small().fit(*rows)


def test_networks_that_diverge(small, rows):
    with pytest.raises(StudyError, match="no configuration could be trained: the loss"):
        small(learning_rate=1e30, depth=[2], epochs=50).fit(*rows)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"depth": []}, "no depth to try"),
        ({"depth": [-1]}, "depth must be from 0"),
        ({"activation": ["rleu"]}, "did you mean 'relu'"),
        ({"parameters": 100}, "leave out the widths"),
        ({"parameters": 5, "width": None}, "depth 1 has at least"),
        ({"metric": "r2"}, "the target is of classes"),
        ({"seeds": 0}, "seeds must be a whole number of at least 1; got 0"),
        ({"epochs": 1.5}, "epochs must be a whole number of at least 1; got 1.5"),
        ({"learning_rate": 0}, "learning_rate must be a number above 0"),
        ({"workers": 0}, "workers must be a whole number of at least 1"),
        ({"backend": "spark"}, "unknown backend 'spark'; known: loky, dask, ray"),
        ({"address": "tcp://x"}, "is of no use to the backend 'loky'"),
        ({"random_state": None}, "random_state must be a whole number"),
        ({"time_limit": 0}, "time_limit must be seconds, above 0"),
    ],
)
def test_settings_that_are_refused(small, rows, settings, said):
    with pytest.raises(StudyError, match=said):
        small(**settings).fit(*rows)


def test_input_that_is_refused(small, rows):
    X, y = rows
    with pytest.raises(TableError, match="give y, or the name of the target column"):
        small().fit(X)
    with pytest.raises(TableError, match="X has 120 rows and y 119"):
        small().fit(X, y[1:])
    with pytest.raises(TableError, match="groups must name one for each of the 120 rows"):
        small().fit(X, y, groups=[1])
    with pytest.raises(ValueError, match="target"):
        small().fit(X, target="nowhere")


def test_it_is_an_estimator(small):
    study = small(depth=(1, 2))
    assert clone(study).get_params() == study.get_params()
    assert study.set_params(folds=7).folds == 7


def test_arrays(small):
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3)).astype("float32")
    study = small(depth=[0, 1]).fit(x, x[:, 0] > 0)
    assert study.task_.kind == "binary"
    assert study.study_.configurations[0].n_parameters == 3 * 2 + 2 + 3


def test_without_trees(small, rows):
    study = small(trees=False).fit(*rows)
    assert not study.study_.trees
    assert len(study.study_.fits) == 9


def test_one_fit_that_fails_does_not_end_the_study(small, rows, monkeypatch):
    from layerwise.study import worker

    fit_one = worker.fit_one

    def fit(fold, configuration, *rest):
        if configuration.depth == 2:
            raise MemoryError("no room")
        return fit_one(fold, configuration, *rest)

    monkeypatch.setattr(worker, "fit_one", fit)
    study = small(depth=[1, 2], workers=1).fit(*rows)
    failed = [c.number for c in study.study_.configurations if c.depth == 2]
    assert study.study_.failed == dict.fromkeys(failed, "MemoryError: no room")
    assert study.recommended_.depth < 2


def test_a_score_that_is_no_number_is_a_fit_that_failed(small, rows, monkeypatch):
    from layerwise.study import one_fit

    judged = one_fit._judged

    def judge(network, *rest):
        score, error, loss = judged(network, *rest)
        return (float("nan") if len(network.weights) == 3 else score), error, loss

    monkeypatch.setattr(one_fit, "_judged", judge)
    study = small(trees=False).fit(*rows)
    why = "predictions of the rows held out are so far off that their accuracy is not finite"
    assert study.study_.failed == {2: f"diverged: {why}"}
    assert all(np.isfinite(fit.score) for fit in study.study_.fits)
    assert "1 network could not be trained: 2 x 4 tanh." in study.summary()


def test_what_is_found_is_json_without_nan(done):
    fits = [
        dataclasses.replace(done.study_.fits[0], training_score=np.nan, gradients=(1.0, np.inf))
    ]
    results = dataclasses.replace(done.study_, fits=fits, trees={(0, 0): np.nan})

    def refuse(name):
        raise AssertionError(name)

    json.loads(results.to_json(), parse_constant=refuse)
    [back] = StudyResults.from_json(results.to_json()).fits
    assert np.isnan(back.training_score)
    assert back.gradients[0] == 1.0
    assert StudyResults.from_json(done.study_.to_json()).fits == done.study_.fits


def test_without_workers_nothing_is_left_in_the_database(small, rows, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("layerwise.study.backends._CONNECT_SECONDS", 0.5)
    path = tmp_path / "a.study.db"
    nowhere = small(database=path, backend="dask", address="tcp://127.0.0.1:1")
    with pytest.raises(StudyError, match="cannot be reached"):
        nowhere.fit(*rows)
    assert small(database=path).fit(*rows).study_.stopped == ""
