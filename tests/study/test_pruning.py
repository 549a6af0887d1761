"""From rung to rung, on made-up scores."""

import pytest
import sqlalchemy as sa

from layerwise.study import pruning
from layerwise.study.database import FITS, PRUNED
from layerwise.study.leases import Leases
from layerwise.study.pruning import advance
from layerwise.study.recommendation import recommend
from layerwise.study.results import FailedFit, FitResult

GRID = {"depth": range(5), "folds": 5, "seeds": 2}


def do(kept, score_of, most=10**9, name="a"):
    """Do what there is to do, by made-up scores; how many fits that were."""
    leases, n = Leases(kept.database, kept.number, name, 60.0), 0
    while n < most:
        claim = leases.claim()
        if claim is None:
            if not advance(kept):
                raise AssertionError("nothing to do, and nothing under way")
            if kept.is_finished():
                break
            continue
        n += 1
        if claim.configuration is None:
            leases.finish(claim, 0.9)
            continue
        score = score_of(claim.configuration, *claim.split)
        if score is None:
            leases.fail(claim, "the loss became nan", for_good=True)
            continue
        fit = FitResult(claim.configuration, *claim.split, score, 1.0, 0.3, 0.2, 0.01, 5, 0.01)
        leases.finish(claim, fit)
    return n


def bumpy(number, repeat, fold):
    """A score of about 0.9, a little other on each split."""
    return 0.9 + 0.001 * ((7 * number + 3 * fold + repeat) % 5)


def behind_2(number, repeat, fold):
    return bumpy(number, repeat, fold) - 0.3 * (number in {0, 2})


def test_what_is_far_behind_is_not_pursued_but_the_linear_model_is(database, begun):
    kept = begun(database, **GRID)
    n = do(kept, behind_2)
    results = kept.results()
    # 1 is the smallest of those that do well: 3 and 4 are larger and no better.
    assert set(results.pruned) == {2, 3, 4}
    after = results.pruned[2].after_fits
    assert results.pruned[2].reason == f"after {after} of 10 splits"
    assert len(results.fits_of(2)) == after < 10
    assert all(results.is_complete(number) for number in (0, 1))
    assert n == len(results.fits) + 10
    assert kept.progress().left == 0
    assert kept.progress().pruned == {2, 3, 4}


def test_the_only_one_of_its_depth_is_followed_to_the_third_of_ten_splits(database, begun):
    kept = begun(database, **GRID)
    do(kept, lambda n, r, f: bumpy(n, r, f) - 0.3 * (n == 0) - 0.5 * (n == 3))
    results = kept.results()
    assert results.pruned[3].after_fits == 3
    assert len(results.fits_of(3)) == 3
    assert not results.is_complete(3)
    assert recommend(results).is_final


def test_without_pruning_all_is_done(database, begun):
    kept = begun(database, pruning=False, **GRID)
    assert do(kept, behind_2) == 60
    assert not kept.results().pruned


def test_what_is_decided_does_not_depend_on_who_comes_first(database, begun):
    one = begun(database, **GRID)
    do(one, behind_2)
    other = begun(database, name="other", **GRID)
    k = 0
    while not other.is_finished():
        do(other, behind_2, most=1 + k % 3, name=f"worker {k % 2}")
        k += 1
    assert other.results().fits == one.results().fits
    assert other.results().pruned == one.results().pruned


def test_what_could_still_matter_is_taken_up_again(database, begun, monkeypatch):
    # Stopped on a whim; only later does it turn out to be as good as the best.
    monkeypatch.setattr(pruning, "not_needed", lambda results: [1] if not results.pruned else [])
    kept = begun(database, **GRID)
    do(kept, lambda n, r, f: bumpy(n, r, f) - 0.3 * (n == 0))
    results = kept.results()
    assert not results.pruned
    assert results.is_complete(1)


def test_a_study_that_ends_while_some_are_taken_up_again_goes_on(database, begun, monkeypatch):
    """Fits of earlier rungs wait in the last one then; that is no damage."""
    monkeypatch.setattr(pruning, "not_needed", lambda results: [1] if not results.pruned else [])
    kept = begun(database, **GRID)
    while not kept.is_finished():
        do(kept, lambda n, r, f: bumpy(n, r, f) - 0.3 * (n == 0), most=1)
        kept = begun(database, resume=True, **GRID)
    assert not kept.results().pruned
    assert kept.results().is_complete(1)


def test_a_fit_that_fails_ends_only_itself(database, begun):
    kept = begun(database, pruning=False, **GRID)
    do(kept, lambda n, r, f: None if n == 3 and (r, f) == (0, 1) else bumpy(n, r, f))
    results = kept.results()
    assert results.failed_fits == [FailedFit(3, 0, 1, "the loss became nan")]
    assert not results.failed
    assert len(results.fits_of(3)) == 9
    assert results.failures(3) == "1 of 10 fits failed: the loss became nan"
    assert results.is_complete(3)
    assert recommend(results).is_final


def test_a_fit_that_fails_is_repeated_once(database, begun):
    kept = begun(database, trees=False)
    leases = Leases(database, kept.number, "a", 60.0)
    first = leases.claim()
    assert leases.fail(first, "no room")
    assert not kept.results().failed_fits
    again = leases.claim()
    assert again == first
    assert leases.fail(again, "no room either")
    assert [fit.reason for fit in kept.results().failed_fits] == ["no room either"]
    assert leases.claim() != first


def test_all_fail(database, begun):
    kept = begun(database, **GRID)
    do(kept, lambda *which: None)
    assert kept.is_finished()
    assert len(kept.results().failed) == 5


def test_a_rung_is_decided_once(database, begun):
    kept = begun(database, **GRID)
    do(kept, behind_2)
    states = sa.select(FITS.c.state, sa.func.count()).group_by(FITS.c.state)
    before = database.transact(lambda c: c.execute(states).all())
    assert advance(kept)
    assert database.transact(lambda c: c.execute(states).all()) == before
    n = database.transact(lambda c: c.execute(sa.select(sa.func.count(PRUNED.c.study))).scalar())
    assert n == 3


def test_not_while_others_are_at_work(database, begun):
    kept = begun(database, **GRID)
    one, other = (Leases(database, kept.number, name, 60.0) for name in "ab")
    claim = one.claim()

    def result_of(claim):
        if claim.configuration is None:
            return 0.9
        return FitResult(claim.configuration, *claim.split, 0.9, 1, 0.1, 0.1, 0.1, 1)

    while (theirs := other.claim()) is not None:
        other.finish(theirs, result_of(theirs))
    assert not advance(kept)
    one.finish(claim, result_of(claim))
    assert advance(kept)


@pytest.mark.parametrize(
    ("n", "ends"), [(2, [2]), (4, [4]), (5, [2, 3, 5]), (15, [2, 3, 5, 8, 15])]
)
def test_rungs(begun, database, n, ends):
    assert begun(database, folds=n).plan.rungs == ends
