"""Networks of a study trained as `fit` does: all of them, or the recommended one at the end."""

import numpy as np
import pytest

from layerwise.study import fit_scores, one_fit
from layerwise.study.answers import answers
from layerwise.study.plan import make_plan
from layerwise.study.recommendation import recommend
from layerwise.study.results import StudyError, StudyResults
from layerwise.study.words_on_fit import fit_score
from tests.study.made_up import study_of


@pytest.fixture
def recommended(small, rows, tmp_path):
    """recommended(...) -> a done study of a file, whose recommended has a hidden layer."""

    def make(**settings):
        given = {"depth": [1], "width": [8], "epochs": 20, "learning_rate": 0.05, "fit_score": True}
        study = small(**given | {"database": tmp_path / "a.study.db"} | settings)
        return study.fit(*rows)

    return make


def words_of(results):
    return {a.key: a.text for a in answers(results, recommend(results))}


def test_the_recommended_is_scored_as_fit_trains_it_and_once(recommended, monkeypatch):
    study = recommended()
    number, results = study.recommended_.number, study.study_
    assert study.recommended_.hidden
    assert list(results.like_fit) == [number]
    assert sorted(results.like_fit[number]) == [(0, 0), (0, 1), (0, 2)]
    assert "scores" in words_of(results)["fit"]
    assert "on 3 of the same folds" in words_of(results)["fit"]
    assert StudyResults.from_json(results.to_json()).like_fit == results.like_fit

    def refuse(*args):
        raise AssertionError("trained again")

    monkeypatch.setattr(fit_scores, "fit_one", refuse)
    assert recommended(resume=True).study_.like_fit == results.like_fit


def test_not_where_it_is_not_asked_for_or_there_is_no_time(recommended, monkeypatch):
    assert recommended(fit_score=False).study_.like_fit == {}
    monkeypatch.setattr(fit_scores._Stop, "__bool__", lambda stop: True)
    late = recommended(resume=True)
    assert late.study_.like_fit == {}
    assert "scores" not in words_of(late.study_)["fit"]
    assert "--like-fit" in words_of(late.study_)["fit"]


def test_each_fold_is_told_of_before_it_begins(recommended):
    told = []
    recommended(on_progress=told.append)
    assert [one.like_fit for one in told if one.like_fit] == [(1, 3), (2, 3), (3, 3)]


def test_it_is_cut_within_its_first_epoch(small, rows, monkeypatch):
    study = small(like_fit=True, depth=[1])
    table = study.rows(*rows)
    plan = make_plan(study, table)
    fold = table.fold(table.splits(3, 1, 0)[0, 0], 0, like_fit=True)
    with pytest.raises(one_fit.Interrupted):
        one_fit.fit_one(fold, plan.configurations[1], plan, (0, 0), stop=True)


def test_a_linear_model_is_one_either_way(small, rows):
    study = small(depth=[0], fit_score=True).fit(*rows)
    assert study.recommended_.hidden == ()
    assert study.study_.like_fit == {}


def test_a_study_like_fit_averages_networks_with_pieces_and_dropout(small, rows, monkeypatch):
    seen = []
    train = one_fit.train_ensemble

    def watched(problem, recipe, **settings):
        seen.append((recipe, train(problem, recipe, **settings)))
        return seen[-1][1]

    monkeypatch.setattr(one_fit, "train_ensemble", watched)
    study = small(like_fit=True, depth=[1])
    table = study.rows(*rows)
    plan = make_plan(study, table)
    fold = table.fold(table.splits(3, 1, 0)[0, 0], 0, like_fit=True)
    linear, deep = (one_fit.fit_one(fold, c, plan, (0, 0)) for c in plan.configurations)
    again = one_fit.fit_one(fold, plan.configurations[1], plan, (0, 0), n_threads=2)
    assert {**vars(again), "seconds": 0} == {**vars(deep), "seconds": 0}
    (of_linear, _), (recipe, ensemble), _ = seen
    assert (of_linear.n_pieces, of_linear.dropout) == (0, 0.0)
    assert recipe.n_pieces
    assert recipe.dropout
    assert len(ensemble.members) == 8
    outputs = ensemble(fold.x_test, fold.codes_test)
    assert deep.score == np.mean(outputs.argmax(axis=1) == fold.y_test)
    assert (len(linear.gradients), len(deep.gradients)) == (1, 2)
    study.fit(*rows)
    assert "averaged" in words_of(study.study_)["fit"]
    study.recommended_ = plan.configurations[1]
    assert study.best_model().n_pieces is None
    study.recommended_ = plan.configurations[0]
    assert study.best_model().n_pieces == 0


def test_like_fit_stops_early(small, rows):
    with pytest.raises(StudyError, match="stopped early"):
        small(like_fit=True, early_stopping=False).fit(*rows)


def test_the_mean_of_its_scores():
    results = study_of([[0.5, 0.6, 0.5], [0.9, 0.8, 0.9]], like_fit={1: {(0, 0): 0.8, (0, 1): 1.0}})
    answer = recommend(results)
    assert fit_score(results, answer) == (pytest.approx(0.9), 2)
    assert (
        "90.0 % on 2 of the same folds, where the single network has 85.0 %"
        in (words_of(results)["fit"])
    )
    assert fit_score(study_of([[0.5, 0.6, 0.5], [0.9, 0.8, 0.9]]), answer) is None
