"""The score of the choice: against a slow version, and against the truth on noise."""

import numpy as np
import pytest

from layerwise.study.honest_score import honest_score
from layerwise.study.recommendation import recommend
from tests.study.made_up import grid, noisy, study_of

SIZES = grid(depths=(0, 1, 2, 3, 4, 5), widths=(4,))


def naive(scores, repeats, folds, test_share):
    """Within each cross-validation choose without a fold, and score on it."""
    values = []
    for repeat in range(repeats):
        of_repeat = scores[1:, repeat * folds : (repeat + 1) * folds]
        for fold in range(folds):
            others = np.delete(of_repeat, fold, axis=1)
            means = others.mean(axis=1)
            behind = others[means.argmax()] - others
            errors = behind.std(axis=1, ddof=1) * np.sqrt(1 / (folds - 1) + test_share)
            smallest = int(np.flatnonzero(behind.mean(axis=1) <= errors)[0])
            values.append(of_repeat[smallest, fold])
    return float(np.mean(values))


def test_it_is_the_choice_made_again_without_each_fold():
    scores = noisy([0.5, 0.85, 0.87, 0.88, 0.88, 0.88], 10, spread=0.02, seed=4)
    results = study_of(scores, SIZES, repeats=2)
    answer = recommend(results)
    assert answer.choice.layers_help
    honest = honest_score(results, answer)
    assert honest.mean == pytest.approx(naive(scores, 2, 5, 0.25))
    assert honest.n == 10


def test_a_linear_model_that_is_recommended_keeps_its_own_score():
    results = study_of(noisy([0.9, 0.8, 0.8]))
    answer = recommend(results)
    assert honest_score(results, answer) == answer.standing.score


def test_the_best_of_many_is_too_good_and_this_is_not():
    """Networks all alike, far ahead of the linear one: what is chosen was lucky."""
    own, honest = [], []
    configurations = grid(depths=range(21), widths=(4,))
    for seed in range(60):
        scores = noisy([0.5, *[0.8] * 20], 5, spread=0.03, shared=0.0, seed=seed)
        # Of one size, so that the best mean is taken.
        equal = [type(c)(c.number, (4,) * (c.depth > 0), c.activation, 9) for c in configurations]
        results = study_of(scores, equal)
        answer = recommend(results)
        own.append(answer.standing.score.mean)
        honest.append(honest_score(results, answer).mean)
    assert np.mean(own) > 0.815
    assert np.mean(honest) == pytest.approx(0.8, abs=0.01)
