"""The rule: against its words, on made-up studies whole, pruned, failed and cut short."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import hopeless, may_change, recommend
from layerwise.study.results import Configuration
from layerwise.study.statistics import bound_final_mean
from tests.study.made_up import grid, noisy, study_of

nan = math.nan


@st.composite
def studies(draw, missing=False):
    n = draw(st.integers(1, 8))
    seed, spread = draw(st.integers(0, 999)), draw(st.sampled_from([0.001, 0.02, 0.2]))
    means = draw(st.lists(st.sampled_from([0.5, 0.7, 0.72, 0.9]), min_size=n, max_size=n))
    scores = noisy(means, 5, spread=spread, seed=seed)
    if missing:
        holes = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, 4)), max_size=12))
        for hole in holes:
            scores[hole] = nan
    return study_of(scores, higher_is_better=draw(st.booleans()))


def naive_rule(results):
    """The rule's words, one after the other, for a whole study."""
    scores = [list(results.scores_of(c.number).values()) for c in results.configurations]
    sign = 1 if results.higher_is_better else -1
    n = len(scores[0])
    best = max(range(len(scores)), key=lambda i: sign * np.mean(scores[i]))
    corrected = math.sqrt(1 / n + 20 / 80)
    error = corrected * np.std(scores[best], ddof=1)
    p_values = {}
    for i in range(len(scores)):
        if i != best:
            d = np.subtract(scores[best], scores[i])
            p_values[i] = 2 * t.sf(abs(d.mean()) / (corrected * d.std(ddof=1)), n - 1)
    worse, level = set(), sorted(p_values, key=p_values.get)
    for rank, i in enumerate(level):
        if p_values[i] * (len(level) - rank) >= 0.05:
            break
        worse.add(i)
    good = [
        i
        for i in range(len(scores))
        if sign * (np.mean(scores[best]) - np.mean(scores[i])) <= error and i not in worse
    ]
    return min(good, key=lambda i: results.configurations[i].n_parameters)


@given(studies())
def test_it_is_the_rule_in_words(results):
    answer = recommend(results)
    assert answer.number == naive_rule(results)
    assert answer.is_final
    assert not answer.left_out


@given(studies(missing=True))
def test_all_that_is_compared_has_a_score_on_every_split(results):
    answer = recommend(results)
    if answer is None:
        assert not results.fits
        return
    for number in answer.standings:
        assert set(answer.splits) <= set(results.scores_of(number))
        assert answer.standings[number].score.n == len(answer.splits)
    assert set(answer.standings) | set(answer.left_out) == set(range(len(results.configurations)))
    assert answer.number in answer.as_good
    # No choice of those that have so many fits, or of one alone, would have held more.
    fits = len(answer.standings) * len(answer.splits)
    for least in range(1, 6):
        several = [
            c.number for c in results.configurations if len(results.fits_of(c.number)) >= least
        ]
        if several:
            shared = set.intersection(*(set(results.scores_of(number)) for number in several))
            assert len(several) * len(shared) <= fits
    assert all(len(results.scores_of(c.number)) <= fits for c in results.configurations)


@given(studies(), st.floats(0.1, 10), st.floats(-5, 5))
def test_the_metric_s_units_and_direction_do_not_matter(results, factor, offset):
    scores = np.array([list(results.scores_of(c.number).values()) for c in results.configurations])
    same = study_of(factor * scores + offset, higher_is_better=results.higher_is_better)
    turned = study_of(-scores, higher_is_better=not results.higher_is_better)
    assert recommend(same).number == recommend(turned).number == recommend(results).number


def test_the_smallest_of_those_that_are_as_good():
    configurations = grid(depths=(0, 1, 2), widths=(8, 64))
    results = study_of(noisy([0.6, 0.9, 0.9, 0.9, 0.901], spread=0.004), configurations)
    answer = recommend(results)
    assert configurations[answer.number].name == "1 x 8 relu"
    linear = answer.standings[0]
    assert linear.is_distinguishably_worse
    assert not linear.is_within


def test_near_in_score_but_surely_worse_is_not_recommended():
    """Folds far apart make the standard error large; the paired test sees through that."""
    results = study_of(noisy([0.80, 0.82], 5, spread=0.0005, shared=0.08))
    answer = recommend(results)
    assert answer.standings[0].is_within
    assert answer.standings[0].is_distinguishably_worse
    assert answer.number == 1


def test_many_comparisons_make_a_small_difference_doubtful():
    two = noisy([0.9, 0.91], spread=0.0022, shared=0.1, seed=3)
    assert recommend(study_of(two)).standings[0].is_distinguishably_worse
    more = np.concatenate([two, noisy([0.9] * 20, spread=0.0022, shared=0.1, seed=3)])
    assert not recommend(study_of(more)).standings[0].is_distinguishably_worse


def test_a_single_fold_recommends_the_best():
    answer = recommend(study_of([[0.90], [0.91], [0.905]]))
    assert answer.number == answer.best == 1
    assert math.isnan(answer.standing.score.standard_error)


def test_of_equal_scores_the_smallest():
    assert recommend(study_of([[0.9, 0.8, 0.7]] * 3)).number == 0
    assert recommend(study_of([[0.9]] * 3)).number == 0


def test_of_equal_sizes_the_best():
    configurations = grid(depths=(1,), widths=(8,), activations=("relu", "tanh", "gelu"))
    results = study_of(noisy([0.9, 0.903, 0.9], spread=0.001, seed=1), configurations)
    assert recommend(results).number == 1


def test_failed_and_pruned_and_unfinished_are_left_out_with_the_reason():
    scores = noisy([0.6, 0.9, 0.9, 0.95])
    scores[0, 2:] = scores[2, 1:] = scores[3, 4:] = nan
    results = study_of(scores, pruned={0: "0.3 behind"}, failed={2: "the loss was not finite"})
    answer = recommend(results)
    assert answer.left_out == {
        0: "pruned after 2 of 5 fits: 0.3 behind",
        2: "failed: the loss was not finite",
    }
    assert len(answer.splits) == 4
    assert not answer.is_final


def test_a_straggler_does_not_spoil_the_comparison():
    scores = noisy([0.6, 0.9, 0.9, 0.95])
    scores[3, 1:] = nan
    answer = recommend(study_of(scores))
    assert answer.left_out == {3: "1 of 5 fits done"}
    assert len(answer.splits) == 5


def test_scores_that_are_no_numbers_are_no_scores():
    scores = noisy([0.6, 0.9])
    scores[1] = math.inf
    assert recommend(study_of(scores)).number == 0


def test_nothing_done_nothing_recommended():
    assert recommend(study_of(np.full((3, 5), nan))) is None
    assert recommend(study_of(np.full((1, 2), 0.5), failed={0: "so it goes"})) is None


def pruned_study(means, done, spread=0.01, seed=0):
    scores = noisy(means, 10, spread=spread, seed=seed)
    scores[0, done:] = nan
    return study_of(scores, pruned={0: "behind"})


@pytest.mark.parametrize(
    ("mean", "done", "expected"),
    [(0.5, 3, []), (0.5, 1, []), (0.87, 1, [0]), (0.895, 3, [0]), (0.8, 6, [])],
)
def test_a_smaller_pruned_network_may_change_it_unless_it_is_out_of_reach(mean, done, expected):
    results = pruned_study([mean, 0.9, 0.9], done)
    assert may_change(results, recommend(results)) == expected
    assert recommend(results).is_final == (not expected)


def test_a_larger_pruned_network_changes_it_only_as_the_best():
    configurations = grid(depths=(0, 1, 2), widths=(8,))[::-1]
    configurations = [
        type(c)(i, c.hidden, c.activation, c.n_parameters) for i, c in enumerate(configurations)
    ]
    # Within a standard error of the best (0.02), but surely behind it.
    scores = noisy([0.89, 0.9, 0.895], 10, spread=0.0003, shared=0.05)
    scores[0, 4:] = nan
    larger = study_of(scores, configurations, pruned={0: "behind"})
    smaller = study_of(scores, pruned={0: "behind"})
    assert may_change(larger, recommend(larger)) == []
    assert may_change(smaller, recommend(smaller)) == [0]


def test_what_failed_is_not_asked_for_again():
    results = pruned_study([0.895, 0.9, 0.9], 3)
    failed = study_of(
        [[*results.scores_of(i).values(), *[nan] * 7][:10] for i in range(3)],
        pruned=results.pruned and {0: "behind"}, failed={0: "not finite"},
    )  # fmt: skip
    assert may_change(failed, recommend(failed)) == []


@pytest.mark.slow
def test_left_unfinished_it_would_hardly_ever_have_changed_the_recommendation():
    """Studies of networks nearly alike, pruned after 4 of 10 fits wherever that looks safe."""
    changed = left = 0
    for seed in range(150):
        scores = noisy(np.linspace(0.88, 0.90, 6), 10, spread=0.004, seed=seed)
        early = scores.copy()
        early[:, 4:] = nan
        pruned = hopeless(study_of(early))
        if not pruned:
            continue
        cut = scores.copy()
        cut[pruned, 4:] = nan
        results = study_of(cut, pruned=dict.fromkeys(pruned, "behind"))
        while again := may_change(results, recommend(results)):
            cut[again] = scores[again]
            pruned = [number for number in pruned if number not in again]
            results = study_of(cut, pruned=dict.fromkeys(pruned, "behind"))
        left += bool(pruned)
        changed += bool(pruned) and recommend(results).number != recommend(study_of(scores)).number
    assert left > 30
    assert changed <= 0.05 * left


def test_hopeless_is_what_is_far_behind_and_not_done():
    scores = noisy([0.5, 0.89, 0.9, 0.9], 10, spread=0.005)
    early = scores.copy()
    early[:, 3:] = nan
    assert hopeless(study_of(early)) == [0]
    assert hopeless(study_of(scores)) == []  # all is done
    first = scores.copy()
    first[:, 1:] = nan
    assert hopeless(study_of(first)) == [0]  # by what its rows make of a single fold's score
    blind = study_of(first)
    blind = replace(blind, fits=[replace(fit, score_error=nan) for fit in blind.fits])
    assert hopeless(blind) == []
    assert hopeless(study_of(np.full((2, 3), nan))) == []


def test_among_networks_of_one_size_fewer_layers_are_smaller():
    sizes = [(0, 11, 0), (3, 4_990, 30), (2, 5_010, 41), (1, 5_001, 400)]
    configurations = [
        Configuration(i, (width,) * depth, "relu" if depth else None, parameters)
        for i, (depth, parameters, width) in enumerate(sizes)
    ]
    scores = noisy([0.5, 0.9, 0.9, 0.9])
    equal = study_of(scores, configurations, settings={"parameters": 5_000})
    assert recommend(equal).number == 3
    assert recommend(study_of(scores, configurations)).number == 1


def test_splits_without_a_score_are_no_splits():
    """Such as an area under the curve on rows of one class."""
    scores = noisy([0.3, 0.9, 0.9])
    scores[:, 1:] = math.inf
    results = study_of(scores, pruned={0: "behind"})
    assert may_change(results, recommend(results)) == []
    assert hopeless(study_of(scores)) == [0]


def test_two_leads_that_agree_by_chance_are_no_certainty():
    # -2 of 59 rows twice: the spread of two numbers that are the same is no measure of theirs.
    nan = np.nan
    scores = np.full((2, 15), 55 / 59)
    scores[1, :2] -= 2 / 59
    scores[1, 2:] = nan
    paired = PairedScores(study_of(scores, folds=5, repeats=3, sizes=(236, 59)))
    lead = paired.lead(1, 0)
    assert lead.mean == pytest.approx(-2 / 59)
    assert lead.p_value > 0.3
    leads = paired.leads(1, 0)[:2]
    assert bound_final_mean(leads, 15, 0.001, paired.tied_spread(leads)) > 0
    # The rows' own error: two rows lost and none won, of 59.
    assert paired.tied_spread(leads) == pytest.approx(np.sqrt(2) / 59)
