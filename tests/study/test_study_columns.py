"""Columns that tell nothing are left out of a study as `fit` leaves them out, fold by fold."""

import json
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest

from layerwise import TableRegressor
from layerwise.study import worker
from layerwise.study.answers import answers, is_better_than_guessing
from layerwise.study.paired import PairedScores
from layerwise.study.plan import Plan, make_plan
from layerwise.study.results import StudyError, StudyResults
from layerwise.tables.preparation import Preparation

TELLING = ["a", "b", "c"]


@pytest.fixture(scope="module")
def wide():
    """(X, y): three columns of 21 tell, two of them only together."""
    random = np.random.default_rng(0)
    X = {f"noise_{i}": random.normal(size=240) for i in range(18)}
    X |= {name: random.normal(size=240) for name in TELLING}
    return X, X["a"] + X["b"] * np.sign(X["c"]) + 0.2 * random.normal(size=240)


QUICK = {"depth": [1], "epochs": 2, "trees": False}


def names_of(table, fold):
    return [column.name for column in table.columns if column.name not in fold.left_out]


def test_a_fold_leaves_out_what_its_own_training_rows_tell_nothing_by(small, wide):
    X, y = wide
    table = small().rows(X, y)
    held_out = table.splits(3, 1, 0)[0, 0]
    fold = table.fold(held_out, 0)
    assert names_of(table, fold) == TELLING
    assert fold.problem.x.shape[1] == fold.x_test.shape[1] == 3
    assert table.inputs.n_inputs == 3
    # A column that says everything of the rows held out, and nothing of the others.
    told = np.array(X["noise_0"])
    told[held_out] = 100 * y[held_out]
    elsewhere = small().rows(X | {"noise_0": told}, y).fold(held_out, 0)
    assert elsewhere.left_out == fold.left_out
    assert (elsewhere.problem.x == fold.problem.x).all()


def test_it_leaves_out_what_fit_does(small, wide):
    X, y = wide
    table = small().rows(X, y)
    held_out = table.splits(3, 1, 0)[0, 1]
    train = np.setdiff1d(np.arange(len(y)), held_out)
    rows = {name: column[train] for name, column in X.items()}
    model = TableRegressor(hidden=[2], epochs=1, n_folds=2, random_state=0).fit(rows, y[train])
    left_out = [column.name for column in model.columns_ if not column.is_used]
    plain, like_fit = table.fold(held_out, 0), table.fold(held_out, 0, like_fit=True)
    assert list(plain.left_out) == list(like_fit.left_out) == left_out
    # Several networks, each stopped by rows of its own, choose by their own rows too, as fit does.
    assert like_fit.problem.selection is not None
    assert plain.problem.selection is None


def test_samples_choose_by_their_own_rows(small, wide):
    X, y = wide
    table = small().rows(X, y)
    held_out = table.splits(3, 1, 0)[0, 0]
    others = np.setdiff1d(np.arange(len(y)), table.training_rows(held_out, 0, 0.5))
    told = np.array(X["noise_0"])
    told[others] = 100 * y[others]
    changed = small().rows(X | {"noise_0": told}, y)
    assert "noise_0" in changed.fold(held_out, 0, share=0.5).left_out
    assert "noise_0" not in changed.fold(held_out, 0).left_out


def test_of_noise_alone_nothing_is_better_than_guessing(small):
    """Chosen by all rows, the columns that happen to go with the target reach an R² of 0.2."""
    random = np.random.default_rng(3)
    X = {f"c{i}": random.normal(size=90) for i in range(400)}
    study = small(depth=[1], seeds=2, epochs=None).fit(X, random.normal(size=90))
    assert not is_better_than_guessing(study.study_, study.recommendation_)
    paired = PairedScores(study.study_)
    assert paired.score(study.recommendation_.number).mean < 0.05
    assert paired.score("trees").mean < 0.05
    assert min(map(len, study.study_.left_out.values())) > 380


def test_without_selection_and_with_columns_that_are_kept(small, wide):
    X, y = wide
    whole, keeping = small(selection=False), small(keep=["noise_4"])
    table = whole.rows(X, y)
    held_out = table.splits(3, 1, 0)[0, 0]
    train = np.setdiff1d(np.arange(len(y)), held_out)
    fold = table.fold(held_out, 0, like_fit=True)
    assert fold.left_out == ()
    rows = pa.table(X).take(train)
    expected = Preparation.fit(rows, table.columns).transform(rows).x
    assert (fold.problem.x == expected).all()
    kept = keeping.rows(X, y)
    assert names_of(kept, kept.fold(held_out, 0)) == ["noise_4", *TELLING]
    model = small(selection=False, **QUICK).fit(X, y).best_model()
    assert model.selection is False


def test_a_study_that_goes_on_has_the_same_columns_and_scores(small, wide, tmp_path, monkeypatch):
    def results(study):
        fits = [asdict(fit) | {"seconds": 0.0} for fit in study.study_.fits]
        return fits, study.study_.left_out, study.recommendation_

    whole = small(seeds=2, **QUICK).fit(*wide)
    assert set(whole.study_.left_out) == set(whole.study_.splits)
    of_worker, n_fits = worker.fit_one, iter(range(100))

    def fit_one(*arguments):
        if next(n_fits) == 3:
            raise StudyError("the end of it")
        return of_worker(*arguments)

    monkeypatch.setattr(worker, "fit_one", fit_one)
    database = tmp_path / "a.study.db"
    with pytest.raises(StudyError, match="the end of it"):
        small(**QUICK, database=database).fit(*wide)
    monkeypatch.setattr(worker, "fit_one", of_worker)
    small(**QUICK, database=database, resume=True).fit(*wide)
    widened = small(seeds=2, **QUICK, database=database, resume=True).fit(*wide)
    assert results(widened) == results(whole)
    again = small(seeds=2, **QUICK, database=database, resume=True).fit(*wide)
    assert results(again) == results(whole)
    assert StudyResults.from_json(again.study_.to_json()).left_out == whole.study_.left_out


def test_rows_of_one_group_choose_nothing(small):
    random = np.random.default_rng(0)
    X = {f"c{i}": random.normal(size=60) for i in range(20)}
    of_two = {"folds": 2, "early_stopping": False}
    study = small(**QUICK | of_two).fit(X, random.normal(size=60), groups=np.arange(60) % 2)
    assert study.study_.left_out == {(0, 0): (), (0, 1): ()}
    assert not study.study_.failed_fits
    stopping = small(**QUICK, folds=2)
    with pytest.raises(StudyError, match=r"trains on the rows of one group.*--no-early-stopping"):
        stopping.fit(X, random.normal(size=60), groups=np.arange(60) % 2)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"selection": False}, "selection True there, False here. Fits of other columns are"),
        ({"keep": ["noise_1"]}, "the rows, or what was decided about the columns"),
    ],
)
def test_a_study_of_other_columns_is_another(small, wide, tmp_path, settings, said):
    database = tmp_path / "a.study.db"
    small(**QUICK, database=database).fit(*wide)
    with pytest.raises(StudyError, match=said):
        small(**QUICK, database=database, resume=True, **settings).fit(*wide)


def test_a_study_of_before_chose_nothing(small, wide):
    study = small(selection=False)
    plan = make_plan(study, study.rows(*wide))
    stored = json.loads(plan.to_json())
    del stored["selection"]
    assert Plan.from_json(json.dumps(stored)) == plan
    assert (
        study.rows(*wide).fingerprint == small(keep=["a"], selection=False).rows(*wide).fingerprint
    )


def test_what_was_left_out_is_an_answer(small, wide):
    study = small(**QUICK).fit(*wide)
    told = {answer.key: answer.text for answer in answers(study.study_, study.recommendation_)}
    assert told["columns"].startswith("16 columns are left out on every split: noise_1, noise_2")
    assert "On some of the 3 splits also noise_0 (" in told["columns"]
    assert "trees" not in told["columns"]
    off = small(selection=False, **QUICK).fit(*wide)
    assert "columns" not in {a.key for a in answers(off.study_, off.recommendation_)}
