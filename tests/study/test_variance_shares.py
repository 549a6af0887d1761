"""Which choice mattered how much: shares that are the classical ones, and never more than all."""

import numpy as np
import pytest
from hypothesis import given, settings

from layerwise.study.variance_shares import importance
from tests.study.made_up import grid, study_of
from tests.study.test_recommendation import studies

CONFIGURATIONS = grid((1, 2, 4), (8, 32), ("relu", "tanh"))
CHANCE = ("repeat", "fold", "rest")


def shares(results):
    return shares_of(importance(results))


def shares_of(found):
    return {one.name: one.share for one in found.shares}


def test_a_whole_grid_has_the_shares_of_an_analysis_of_variance():
    depth = np.array([{1: -0.03, 2: 0.01, 4: 0.02}[c.depth] for c in CONFIGURATIONS])
    width = np.array([0.01 if c.width == 32 else -0.01 for c in CONFIGURATIONS])
    both = np.array([0.005 if (c.width == 32) == (c.activation == "relu") else -0.005
                     for c in CONFIGURATIONS])  # fmt: skip
    folds = np.array([-0.02, 0.0, 0.02] * 2) + np.repeat([0.004, -0.004], 3)
    scores = 0.8 + (depth + width + both)[:, None] + folds
    found = importance(study_of(scores, CONFIGURATIONS, repeats=2))
    parts = {
        "depth": (depth**2).mean(), "width": (width**2).mean(), "activation": 0.0,
        "combinations": (both**2).mean(), "repeat": 0.004**2, "fold": 0.02**2 * 2 / 3, "rest": 0.0,
    }  # fmt: skip
    expected = {name: part / sum(parts.values()) for name, part in parts.items()}
    assert {one.name: one.share for one in found.shares} == pytest.approx(expected, abs=1e-9)
    assert found.spread == pytest.approx(np.sqrt(sum(parts.values())))
    assert (found.networks, found.splits) == (12, 6)


def test_what_a_linear_model_lacks_is_depth():
    configurations = grid((0, 1), (8, 32), ("relu", "tanh"))
    scores = np.full((5, 4), 0.9) + np.linspace(0, 0.01, 4)
    scores[0] -= 0.3
    found = shares(study_of(scores, configurations))
    assert found["depth"] > 0.99
    assert found["width"] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("metric", "sign"), [("r2", 1), ("rmse", -1)])
def test_one_wild_fit_is_not_all_of_the_variance(metric, sign):
    scores = np.array([0.4 if c.activation == "tanh" else 0.9 for c in CONFIGURATIONS])
    scores = scores[:, None] + np.linspace(0, 0.01, 4)
    zero = dict.fromkeys([(0, fold) for fold in range(4)], 0.0)

    def found(guesses=zero):
        made = study_of(
            sign * scores, CONFIGURATIONS, metric=metric, higher_is_better=sign > 0, guesses=guesses
        )
        return importance(made)

    assert not found().is_bounded
    scores[0, 0] = -500_000.0  # a network of ReLU
    wild = found()
    assert wild.is_bounded
    assert wild.shares[0].name == "activation"
    assert wild.spread < 0.5
    assert found({}).spread > 1_000  # where it is not known what guessing scores
    assert found().spread < 0.5
    scores -= 1.0  # below guessing, all of them
    scores[0, 0] = -500_000.0
    assert 0.1 < found().spread < 0.5
    scores += 1.0
    scores[0, 0] = -scores.max()
    assert not found().is_bounded
    assert shares_of(found()) == pytest.approx(shares_of(wild))


def test_what_stopped_early_hides_nothing():
    """Of all networks those splits are taken that all have: else the best alone would be left."""
    random = np.random.default_rng(0)
    means = np.array([0.6 if c.activation == "tanh" else 0.9 for c in CONFIGURATIONS])
    scores = means[:, None] + random.normal(0, 0.01, (12, 6))
    whole = shares(study_of(scores, CONFIGURATIONS))
    stopped = {c.number: "behind" for c in CONFIGURATIONS if c.activation == "tanh"}
    scores[list(stopped), 2:] = np.nan
    found = importance(study_of(scores, CONFIGURATIONS, pruned=stopped))
    assert (found.networks, found.splits) == (12, 2)
    assert found.shares[0].name == "activation"
    assert found.shares[0].share == pytest.approx(whole["activation"], abs=0.02)


def test_shares_of_noise_are_those_said_to_be_by_chance():
    random = np.random.default_rng(1)
    found, said = [], []
    for _ in range(60):
        noise = random.normal(0.8, 0.01, (12, 5))
        made = importance(study_of(noise, CONFIGURATIONS, sizes=(10**9, 1)))
        choices = sorted((one for one in made.shares if one.name not in CHANCE), key=str)
        named = sorted(choices, key=lambda one: one.name)
        found.append([one.share for one in named])
        said.append([one.by_chance for one in named])
    assert np.mean(found, axis=0) == pytest.approx(np.mean(said, axis=0), rel=0.25)


@settings(max_examples=50)
@given(studies(missing=True))
def test_shares_of_any_study_are_all_there_is(results):
    found = importance(results)
    if found is not None:
        assert sum(one.share for one in found.shares) == pytest.approx(1.0, abs=1e-6)
        assert all(one.share >= 0 for one in found.shares)


@pytest.mark.parametrize("scores", [[[0.5, 0.6]], [[0.5], [0.6]], [[0.5, 0.5], [0.5, 0.5]]])
def test_what_has_no_variance_to_share(scores):
    assert importance(study_of(scores)) is None
