"""A study asked for again with a larger grid: what is done stays, and nothing else differs."""

import pytest

from layerwise.study import worker
from layerwise.study.database import Database
from layerwise.study.leases import Leases
from layerwise.study.pruning import advance
from layerwise.study.recommendation import recommend
from layerwise.study.results import StudyError
from tests.study.test_pruning import bumpy, do

SMALL = {"depth": [2], "trees": False}
WIDE = {"depth": [1, 2], "seeds": 2, "trees": False}


def scores_of(results):
    return [(fit.configuration, *fit.split, fit.score, fit.gradients) for fit in results.fits]


def test_widened_is_what_it_would_have_been_from_the_start(small, rows, tmp_path, monkeypatch):
    fitted = []

    def fit_one(fold, configuration, plan, split, stop):
        fitted.append((configuration.without_number, split))
        return of_worker(fold, configuration, plan, split, stop)

    of_worker = worker.fit_one
    monkeypatch.setattr(worker, "fit_one", fit_one)
    database = tmp_path / "a.study.db"
    begun = small(**SMALL, database=database).fit(*rows)
    assert len(begun.study_.fits) == len(fitted) == 6  # the linear model's, and the other's
    widened = small(**WIDE, database=database, resume=True).fit(*rows)
    assert len(fitted) == len(set(fitted))  # what was done was not done again
    whole = small(**WIDE).fit(*rows)
    assert scores_of(widened.study_) == scores_of(whole.study_)
    assert widened.study_.pruned == whole.study_.pruned
    assert widened.recommendation_ == whole.recommendation_
    again = small(**WIDE, database=database, resume=True).fit(*rows)
    assert scores_of(again.study_) == scores_of(whole.study_)


def by_name(kept, behind):
    """Made-up scores that stay a network's own when its number is another."""
    names = [configuration.name for configuration in kept.plan.configurations]

    def score(number, repeat, fold):
        return bumpy(len(names[number]), repeat, fold) - behind.get(names[number], 0.0)

    return score


def test_what_is_given_up_is_judged_again_in_the_larger_grid(database, begun):
    """The best of a small grid may be hopeless in a larger one, and has all its fits already."""
    behind = {"linear": 0.5, "1 x 4 tanh": 0.3, "2 x 4 tanh": 0.25}
    narrow = {"depth": [1, 2], "folds": 5, "seeds": 2, "trees": False}
    wide = narrow | {"depth": [1, 2, 3, 4], "trees": True}
    kept = begun(database, **narrow)
    n_narrow = do(kept, by_name(kept, behind))
    assert kept.results().is_complete(2)
    widened = begun(database, resume=True, **wide)
    assert widened.widening == "trees False there, True here; depths 1, 2 there, 1, 2, 3, 4 here"
    assert widened.progress().done == n_narrow
    n_more = do(widened, by_name(widened, behind))
    whole = begun(database, name="whole", **wide)
    n_whole = do(whole, by_name(whole, behind))
    assert widened.results() == whole.results()
    assert whole.results().pruned[2].after_fits < 10
    assert n_narrow + n_more > n_whole  # some of what was done is no longer wanted
    assert recommend(widened.results()).is_final
    assert begun(database, resume=True, **wide).results() == whole.results()


def test_what_others_work_on_is_not_widened(database, begun):
    kept = begun(database)
    kept.begin_run("theirs", 60.0)
    with pytest.raises(
        StudyError, match=r"another command works on the study 'study'.*or was kill"
    ):
        begun(database, resume=True, depth=[1, 2, 3])
    assert begun(database, resume=True).number == kept.number  # but joined
    kept.keep_run("theirs", -1.0)  # killed, and not seen since
    assert begun(database, resume=True, depth=[1, 2, 3]).number != kept.number


def test_who_wakes_in_a_study_that_was_widened_is_told(database, begun):
    kept = begun(database)
    leases = Leases(database, kept.number, "run/a", 60.0)
    claim = leases.claim()
    kept.begin_run("run", -1.0)  # as after the machine has slept
    widened = begun(database, resume=True, depth=[1, 2, 3])
    assert not leases.finish(claim, 0.9)
    assert leases.is_to_stop("run")
    assert leases.claim() is None
    for ask in (lambda: advance(kept), kept.is_finished):
        with pytest.raises(StudyError, match="was widened by another command meanwhile"):
            ask()
    assert widened.progress().done == 0


def test_without_resume_it_says_what_would_be_kept(tmp_path, begun):
    begun(Database(tmp_path / "a.db"))
    with pytest.raises(StudyError, match=r"add --resume to widen it \(seeds 1 there, 2 here\)"):
        begun(Database(tmp_path / "a.db"), seeds=2)


def test_nothing_given_up_any_more(database, begun):
    """A study that pruned goes on without: what it gave up is taken up again."""
    grid = {"depth": range(5), "folds": 5, "seeds": 2}
    kept = begun(database, **grid)
    behind = {"3 x 4 tanh": 0.5}
    do(kept, by_name(kept, behind))
    assert kept.results().pruned
    whole = begun(database, resume=True, pruning=False, **grid)
    do(whole, by_name(whole, behind))
    assert len(whole.results().fits) == 50
    with pytest.raises(StudyError, match="pruning False there, True here"):
        begun(database, resume=True, **grid)
