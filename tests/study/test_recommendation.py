"""The rule: against its words, on made-up studies whole, pruned, failed and cut short."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import recommend
from layerwise.study.results import Configuration
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
    n, layered = len(scores[0]), range(1, len(scores))
    corrected = math.sqrt(1 / n + 20 / 80)
    error_of = 0.01  # what the rows say of each score; an eighth of the variances for a difference
    leads, p_values = {}, {}
    for i in layered:
        d = sign * np.subtract(scores[i], scores[0])
        variance = ((n - 1) * d.var(ddof=1) + 3 * 2 * error_of**2 / 8) / (n + 2)
        leads[i] = d.mean()
        p_values[i] = 2 * t.sf(abs(d.mean()) / (corrected * math.sqrt(variance)), n + 2)
    shown = []
    for rank, i in enumerate(sorted(p_values, key=p_values.get)):
        if p_values[i] * (len(layered) - rank) >= 0.05:
            break
        shown += [i] if leads[i] > 0 else []
    if not shown:
        return 0
    best = max(shown, key=lambda i: sign * np.mean(scores[i]))
    variance = ((n - 1) * np.var(scores[best], ddof=1) + 3 * error_of**2) / (n + 2)
    error = corrected * math.sqrt(variance)
    good = [i for i in shown if sign * (np.mean(scores[best]) - np.mean(scores[i])) <= error]
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
    assert answer.number in answer.standings
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


def test_the_smallest_of_those_near_the_best():
    configurations = grid(depths=(0, 1, 2), widths=(8, 64))
    results = study_of(noisy([0.6, 0.9, 0.9, 0.9, 0.901], spread=0.004), configurations)
    answer = recommend(results)
    assert configurations[answer.number].name == "1 x 8 relu"
    assert answer.choice.layers_help
    assert answer.standings[0].is_worse
    assert answer.choice.shown == {1, 2, 3, 4}


def test_layers_that_may_help_by_chance_are_not_recommended():
    """The best of twenty is more than a standard error ahead, as one of twenty is by chance."""
    scores = noisy([0.5, *[0.5] * 20], 5, spread=0.05, shared=0.0, seed=5)
    answer = recommend(study_of(scores))
    assert answer.best != 0
    assert not answer.choice.layers_help
    assert answer.number == 0


def test_folds_far_apart_do_not_hide_what_layers_bring():
    """Folds far apart make the standard error large; the paired test sees through that."""
    results = study_of(noisy([0.80, 0.82], 5, spread=0.0005, shared=0.08))
    answer = recommend(results)
    assert answer.choice.shown == {1}
    assert answer.number == 1


def test_rows_that_only_watch_are_none_that_weights_are_trained_on():
    whole = study_of(noisy([0.8, 0.9]))
    watched = replace(whole, watched_share=0.2)
    assert whole.test_share == pytest.approx(20 / 80)
    assert watched.test_share == pytest.approx(20 / 64)
    errors = [recommend(one).standings[0].behind.standard_error for one in (whole, watched)]
    assert errors[1] / errors[0] == pytest.approx(math.sqrt((1 / 5 + 20 / 64) / (1 / 5 + 1 / 4)))


def test_many_comparisons_make_a_small_difference_doubtful():
    two = noisy([0.9, 0.91], spread=0.0022, shared=0.1, seed=3)
    assert recommend(study_of(two)).standings[0].is_worse
    more = np.concatenate([two, noisy([0.9] * 20, spread=0.0022, shared=0.1, seed=3)])
    assert not recommend(study_of(more)).standings[0].is_worse


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
    results = study_of(
        scores, pruned={0: "after 2 of 5 splits"}, failed={2: "the loss was not finite"}
    )
    answer = recommend(results)
    assert answer.left_out == {
        0: "not pursued after 2 of 5 splits",
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


def test_two_leads_that_agree_by_chance_are_no_certainty():
    # -2 of 59 rows twice: the spread of two numbers that are the same is no measure of theirs.
    scores = np.full((2, 15), 55 / 59)
    scores[1, :2] -= 2 / 59
    scores[1, 2:] = nan
    results = study_of(scores, folds=5, repeats=3, sizes=(236, 59))
    error = math.sqrt(55 / 59 * 4 / 59 / 59)
    results = replace(results, fits=[replace(fit, score_error=error) for fit in results.fits])
    lead = PairedScores(results).lead(1, 0)
    assert lead.mean == pytest.approx(-2 / 59)
    assert lead.p_value > 0.05
    # An eighth of the variance that rows give two scores, with the weight of three fits of four.
    spread = error * math.sqrt(2 / 8 * 3 / 4)
    assert lead.standard_error == pytest.approx(spread * math.sqrt(1 / 2 + 1 / 4))
    assert lead.weight == 4
