"""The score of the recommended network, on rows that had no say in choosing it.

The mean by which a network was chosen is too good, since among many some are lucky; the more so,
the more there were (Cawley and Talbot 2010; Tibshirani and Tibshirani 2009). So within each
cross-validation the choice is made again without one fold, and the network chosen is scored on
that fold; the folds of one cross-validation hold out different rows, and no row has a say in the
choice that it scores.
"""

from __future__ import annotations

from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation
from layerwise.study.recommendation_rule import smallest_of_the_best
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Estimate, estimate


def honest_score(results: StudyResults, recommendation: Recommendation) -> Estimate:
    """Score the choice of a network instead of the network chosen.

    Which networks are better than the linear one is not asked again: on the folds of one
    cross-validation alone that could seldom be shown. A linear model that is recommended for want
    of proof was not chosen by its score, which is given as it is; so is the score of a network that
    would be chosen without any of the folds too, and a score where only one split of each
    cross-validation was compared on.

    Where other networks are chosen as well, training rows make a difference to the choice, and the
    standard error allows for other ones (`layerwise.study.statistics.estimate`).

    Returns
    -------
    Estimate
        In the metric's own units.
    """
    choice = recommendation.choice
    by_repeat: dict[int, list[int]] = {}
    paired = PairedScores(results)
    for place, split in enumerate(paired.splits):
        if split in recommendation.splits:
            by_repeat.setdefault(split[0], []).append(place)
    if not choice.layers_help or min(map(len, by_repeat.values())) < 2:
        return recommendation.standing.score
    numbers, values = set(), []
    for places in by_repeat.values():
        for kept_apart in places:
            others = [place for place in places if place != kept_apart]
            number = smallest_of_the_best(results, paired, sorted(choice.shown), others)
            numbers.add(number)
            values.append(paired.scores[number, kept_apart])
    if numbers == {recommendation.number}:
        return recommendation.standing.score
    return estimate(values, paired.test_share, paired.row_error(recommendation.number))
