"""What studies claimed, against the truth: the mean over all studies of one kind of table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from layerwise.study.answers import is_better_than_guessing
from layerwise.study.contrasts import contrasts
from layerwise.study.honest_score import honest_score
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation, recommend
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Estimate
from layerwise.study.written_scores import Units
from truth.studies import raced

_LEVELS = ("depth", "width", "activation")


@dataclass
class Claims:
    """Shares of the studies of one kind of table, and means over them."""

    n: int = 0
    depths: dict[int, int] = field(default_factory=dict)
    layers_help: int = 0
    beyond_guessing: int = 0
    said: dict[str, int] = field(default_factory=dict)  # studies with such a claim
    false: dict[str, int] = field(default_factory=dict)  # and with one that is not true
    changed: int = 0
    costs: list[float] = field(default_factory=list)
    regrets: list[float] = field(default_factory=list)
    biases: list[float] = field(default_factory=list)
    own_biases: list[float] = field(default_factory=list)
    covered: dict[str, list[bool]] = field(default_factory=dict)


def judge(studies: Sequence[StudyResults]) -> Claims:
    """Judge studies of tables of one kind, as a user sees them: stopped early where that pays."""
    first = studies[0]
    sign = 1.0 if first.higher_is_better else -1.0
    means = np.array([np.nanmean(PairedScores(study).scores, axis=1) for study in studies])
    guesses = np.array([np.mean(list(study.guesses.values())) for study in studies])
    learned = _learned(studies, float(guesses.mean()), sign)
    claims = Claims(len(studies))
    for place, study in enumerate(studies):
        # Of all studies but this one, so that it is not compared with itself.
        truth = np.delete(means, place, axis=0).mean(axis=0)
        seen, cost = raced(study)
        answer, full = recommend(seen), recommend(study)
        assert answer is not None
        assert full is not None
        claims.costs.append(cost)
        claims.changed += answer.number != full.number
        depth = study.configurations[answer.number].depth
        claims.depths[depth] = claims.depths.get(depth, 0) + 1
        claims.layers_help += answer.choice.layers_help
        claims.beyond_guessing += is_better_than_guessing(seen, answer)
        claims.regrets.append(float((sign * truth).max() - sign * truth[answer.number]))
        honest = honest_score(seen, answer)
        claims.biases.append(sign * (honest.mean - truth[answer.number]))
        own = answer.standing.score
        claims.own_biases.append(sign * (own.mean - truth[answer.number]))
        _count(claims, "honest score", honest, truth[answer.number])
        _judge_claims(claims, seen, answer, sign * truth, sign * np.delete(guesses, place).mean())
        _judge_intervals(claims, study, truth, learned, place)
    return claims


def _learned(studies: Sequence[StudyResults], guess: float, sign: float) -> NDArray[np.float64]:
    """Scores, NaN where a fit failed by chance: shape (n_studies, n_configurations, n_splits).

    It then is worse than is usual for its network, by a quarter of what the best is better than
    guessing, and by more than its rows explain.
    """
    paired = [PairedScores(study) for study in studies]
    scores = np.array([of_study.scores for of_study in paired])
    usual = np.nanmedian(scores, axis=(0, 2), keepdims=True)
    gain = float((sign * usual).max() - sign * guess)
    rows = [[one.row_error(number) for number in range(len(usual[0]))] for one in paired]
    lost = np.maximum(gain / 4, 4 * np.nanmean(rows, axis=0))[:, None]
    return np.where(sign * scores < sign * usual - lost, np.nan, scores)


def _judge_claims(
    claims: Claims,
    results: StudyResults,
    answer: Recommendation,
    truth: NDArray[np.float64],
    guess: float,
) -> None:
    small = Units(results.metric).small(answer.standing.score.mean)
    said: dict[str, bool] = {}  # kind of claim: whether one is false

    def claim(kind: str, is_false: bool) -> None:
        said[kind] = said.get(kind, False) or is_false

    linear = answer.choice.linear
    for number in answer.choice.shown:
        assert linear is not None
        claim("layers help", bool(truth[number] <= truth[linear]))
    if is_better_than_guessing(results, answer) and results.guesses:
        claim("better than guessing", bool(truth.max() <= guess))
    for standing in answer.standings.values():
        if standing.is_worse:
            claim("worse than the best", bool(truth[standing.number] >= truth[answer.best]))
    for name in _LEVELS:
        for contrast in contrasts(results, answer, lambda c, name=name: c.levels.get(name)):
            lead = float(truth[contrast.number] - truth[answer.number])
            if contrast.is_clear:
                claim(f"{name} worse or better", lead * contrast.lead.mean <= 0)
            elif contrast.is_level(small):
                claim(f"{name} level", abs(lead) > contrast.bound)
    for kind, is_false in said.items():
        claims.said[kind] = claims.said.get(kind, 0) + 1
        claims.false[kind] = claims.false.get(kind, 0) + is_false


def _judge_intervals(
    claims: Claims,
    results: StudyResults,
    truth: NDArray[np.float64],
    learned: NDArray[np.float64],
    place: int,
) -> None:
    paired = PairedScores(results)
    sign = 1.0 if results.higher_is_better else -1.0
    usual = np.nanmean(np.delete(learned, place, axis=0), axis=(0, 2))
    for configuration in results.configurations:
        score = paired.score(configuration.number)
        if score is not None:
            _count(claims, "score", score, truth[configuration.number])
            if np.isfinite(learned[place, configuration.number]).all():
                _count(claims, "none failed", score, usual[configuration.number])
        lead = paired.lead(configuration.number, 0)
        if lead is not None and configuration.number:
            true_lead = sign * (truth[configuration.number] - truth[0])
            _count(claims, "difference", lead, true_lead)


def _count(claims: Claims, kind: str, estimate: Estimate, truth: float) -> None:
    low, high = estimate.interval()
    claims.covered.setdefault(kind, []).append(bool(low <= truth <= high))
