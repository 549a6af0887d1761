"""What studies claimed, against the truth.

Of a kind of table that is the mean over all its studies; of one table, what the networks of its
own study score on new rows, of which an interval speaks.
"""

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
from layerwise.study.training_luck import share_at_most, unlucky_fits
from layerwise.study.written_scores import Units
from truth.studies import Studied, raced

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
    # (whether an interval holds what is true of the table, of the kind of table)
    covered: dict[str, list[tuple[bool, bool]]] = field(default_factory=dict)


def judge(done: Sequence[Studied]) -> Claims:
    """Judge studies of tables of one kind, as a user sees them: stopped early where that pays."""
    studies = [one.results for one in done]
    first = studies[0]
    sign = 1.0 if first.higher_is_better else -1.0
    means = np.array([np.nanmean(PairedScores(study).scores, axis=1) for study in studies])
    guesses = np.array([np.mean(list(study.guesses.values())) for study in studies])
    lost = np.array([_lost(study) for study in studies])
    claims = Claims(len(studies))
    for place, (study, one) in enumerate(zip(studies, done, strict=True)):
        # Of all studies but this one, so that it is not compared with itself.
        truth = np.delete(means, place, axis=0).mean(axis=0)
        own = np.nanmean(one.new, axis=1)
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
        chosen = answer.standing.score
        claims.own_biases.append(sign * (chosen.mean - truth[answer.number]))
        _count(claims, "honest score", honest, own[answer.number], truth[answer.number])
        guess = np.delete(guesses, place).mean()
        may_fail = np.delete(lost, place, axis=0).mean(axis=0)
        _judge_claims(claims, seen, answer, sign * truth, sign * guess, may_fail)
        _judge_intervals(claims, study, own, truth)
    return claims


def _lost(results: StudyResults) -> NDArray[np.float64]:
    """The share of each network's fits that failed by chance, shape (n_configurations,)."""
    answer = recommend(results)
    assert answer is not None
    numbers = [fit.number for fit in unlucky_fits(results, answer.choice)]
    n = len(results.configurations)
    return np.bincount(numbers, minlength=n) / len(results.split_sizes)


def _judge_claims(
    claims: Claims,
    results: StudyResults,
    answer: Recommendation,
    truth: NDArray[np.float64],
    guess: float,
    may_fail: NDArray[np.float64],
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
    lost = [fit.number for fit in unlucky_fits(results, answer.choice)]
    if lost and results.configurations[answer.number].hidden:
        most = share_at_most(lost.count(answer.number), len(results.fits_of(answer.number)))
        claim("fails at most", bool(may_fail[answer.number] > most))
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
    claims: Claims, results: StudyResults, own: NDArray[np.float64], truth: NDArray[np.float64]
) -> None:
    paired = PairedScores(results)
    sign = 1.0 if results.higher_is_better else -1.0
    for number in range(len(results.configurations)):
        score, lead = paired.score(number), paired.lead(number, 0)
        if score is not None:
            _count(claims, "score", score, own[number], truth[number])
        if lead is not None and number:
            leads = sign * (own - own[0]), sign * (truth - truth[0])
            _count(claims, "difference", lead, *(of_all[number] for of_all in leads))


def _count(claims: Claims, kind: str, estimate: Estimate, own: float, truth: float) -> None:
    low, high = estimate.interval()
    holds = bool(low <= own <= high), bool(low <= truth <= high)
    claims.covered.setdefault(kind, []).append(holds)
