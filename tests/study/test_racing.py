"""What stops early: where nothing depends on it, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from layerwise.study.held_out_units import deviations_of, pack
from layerwise.study.plan import rungs_of
from layerwise.study.racing import may_change, not_needed
from layerwise.study.recommendation import recommend
from tests.study.made_up import grid, noisy, study_of

nan = np.nan
SIX = grid(depths=(0, 1, 2), widths=(4,), activations=("relu", "tanh", "gelu"))  # and a linear one


def up_to(scores, n, stopped=()):
    """What there is after n splits."""
    early = np.array(scores, float)
    early[:, n:] = nan
    for number, after in dict(stopped).items():
        early[number, after:] = nan
    return early


def by_row(results, spread, n=20):
    """The same, of which it is kept how each row was scored: scores vary so much by their rows."""
    shape = len(results.configurations), len(results.splits), n
    parts = np.random.default_rng(1).normal(0, spread * np.sqrt(n), shape)
    places = {split: place for place, split in enumerate(results.splits)}
    units = {split: np.arange(n) + n * place for split, place in places.items()}

    def kept(fit):
        place = places[fit.split]
        return pack(deviations_of(parts[fit.configuration, place], units[fit.split]))

    fits = [replace(fit, deviations=kept(fit)) for fit in results.fits]
    packed = {split: pack(numbers) for split, numbers in units.items()}
    return replace(results, fits=fits, units=packed)


def race(scores, configurations=None, row_spread=None, **settings):
    """(the numbers that were fitted on all splits, what is recommended), as a study races them."""
    scores = np.asarray(scores)
    stopped: dict[int, int] = {}

    def seen(n):
        pruned = {number: f"after {after}" for number, after in stopped.items()}
        results = study_of(up_to(scores, n, stopped), configurations, pruned=pruned, **settings)
        return results if row_spread is None else by_row(results, row_spread)

    for n in rungs_of(scores.shape[1])[:-1]:
        stopped |= dict.fromkeys(not_needed(seen(n)), n)
    while again := may_change(seen(scores.shape[1]), recommend(seen(scores.shape[1])).choice):
        for number in again:
            del stopped[number]
    answer = recommend(seen(scores.shape[1]))
    assert answer.is_final
    return set(range(len(scores))) - stopped.keys(), answer.number


def test_where_layers_cannot_help_they_stop():
    scores = noisy([0.9, *[0.85] * 6], 15, spread=0.01)
    pursued, number = race(scores, SIX)
    assert pursued == {0}
    assert number == 0


def test_where_layers_help_what_is_far_behind_stops():
    scores = noisy([0.5, 0.7, 0.7, 0.9, 0.7, 0.7, 0.7], 15, spread=0.01)
    pursued, number = race(scores, SIX)
    assert pursued == {0, 3}
    assert number == 3


def test_what_is_near_the_best_does_not_stop():
    scores = noisy([0.5, 0.9, 0.901, 0.9, 0.902, 0.9, 0.9], 15, spread=0.01)
    pursued, _ = race(scores, SIX)
    assert pursued >= {1, 2, 3}


def test_nothing_stops_after_one_split_nor_when_all_is_done():
    scores = noisy([0.9, *[0.5] * 6], 15, spread=0.001)
    assert not_needed(study_of(up_to(scores, 1), SIX)) == []
    assert not_needed(study_of(scores, SIX)) == []
    assert not_needed(study_of(np.full((7, 3), nan), SIX)) == []


def test_the_best_of_each_depth_width_and_activation_is_followed_through_a_third_of_the_splits():
    # Activations in turn: relu, tanh, gelu of depth 1, then of depth 2.
    scores = noisy([0.9, 0.70, 0.72, 0.71, 0.6, 0.61, 0.73], 15, spread=0.001)
    best_of = {1: "relu", 2: "tanh and depth 1", 6: "gelu, depth 2 and width 4"}
    for n in (2, 3):
        assert set(not_needed(study_of(up_to(scores, n), SIX))) == {3, 4, 5}, best_of
    for n in (5, 8):
        assert set(not_needed(study_of(up_to(scores, n), SIX))) == {1, 2, 3, 4, 5, 6}


def test_linear_models_never_stop():
    scores = noisy([0.5, 0.9, 0.8], 15, spread=0.001)
    assert 0 not in not_needed(study_of(up_to(scores, 8)))


def test_a_network_that_trains_by_luck_is_followed_as_the_best_of_its_depth():
    """Two splits at chance say little of a hundred layers that train two times in three."""
    configurations = grid(depths=(0, 1, 100), widths=(4,), activations=("relu", "tanh"))
    scores = noisy([0.6, 0.6, 0.6, 0.5, 0.51], 15, spread=0.001)
    scores[4, 2:] += 0.45
    assert 4 not in not_needed(study_of(up_to(scores, 2), configurations))
    guesses = {(0, fold): 0.5 for fold in range(15)}
    pursued, _ = race(scores, configurations, guesses=guesses)
    assert 4 in pursued


@pytest.mark.parametrize(("mean", "changes"), [(0.5, False), (0.905, True)])
def test_what_was_stopped_goes_on_where_it_may_change_the_answer(mean, changes):
    scores = noisy([0.5, mean, 0.9, 0.9], 10, spread=0.01, seed=2)
    scores[1, 3:] = nan
    results = study_of(scores, pruned={1: "after 3 of 10 splits"})
    answer = recommend(results)
    assert may_change(results, answer.choice) == ([1] if changes else [])
    assert answer.is_final != changes


@pytest.mark.parametrize(("last", "again"), [(0.5, [2, 3]), (0.9, [])])
def test_what_the_recommended_loses_by_chance_once_others_stopped_is_asked_of_them_too(last, again):
    scores = noisy([0.5, 0.9, 0.88, 0.88], 10, spread=0.002, shared=0.002)
    scores[1, 9] = last
    scores[2:, 5:] = nan
    guesses = {(0, fold): 0.5 for fold in range(10)}
    results = study_of(scores, pruned={2: "after 5", 3: "after 5"}, guesses=guesses)
    choice = recommend(results).choice
    assert choice.number == 1
    assert may_change(results, choice) == again


def test_what_failed_does_not_go_on():
    scores = noisy([0.5, 0.905, 0.9, 0.9], 10, spread=0.01, seed=2)
    scores[1, 3:] = nan
    failed = study_of(scores, pruned={1: "after 3"}, failed={1: "not finite"})
    assert may_change(failed, recommend(failed).choice) == []


def test_without_errors_of_rows_the_spread_alone_tells():
    scores = noisy([0.9, *[0.5] * 6], 15, spread=0.002)
    blind = study_of(up_to(scores, 8), SIX)
    blind = replace(blind, fits=[replace(fit, score_error=nan) for fit in blind.fits])
    assert not_needed(blind) == [1, 2, 3, 4, 5, 6]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("means", "spread", "most"),
    [
        ([0.9] * 7, 0.02, 0.8),
        ([0.8, *[0.9] * 6], 0.02, 0.8),
        ([0.85, *np.linspace(0.84, 0.9, 6)], 0.02, 0.8),
        ([0.5, *np.linspace(0.84, 0.9, 6)], 0.03, 0.71),
    ],
)
def test_stopping_hardly_ever_changes_the_recommendation_(means, spread, most):
    changed, fits = 0, []
    for seed in range(100):
        scores = noisy(means, 15, spread=spread, seed=seed)
        pursued, number = race(scores, SIX, spread)
        changed += number != recommend(by_row(study_of(scores, SIX), spread)).number
        fits.append(len(pursued) / len(scores))
    assert changed <= 3
    assert np.mean(fits) < most
