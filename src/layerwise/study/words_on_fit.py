"""What is said of the networks that a study trains, beside those that `layerwise fit` does."""

import numpy as np

from layerwise.study.recommendation import Recommendation
from layerwise.study.results import StudyResults
from layerwise.study.units import Units
from layerwise.study.words_on_shape import called

__all__ = ["fit_score", "fit_words", "network_words"]


def network_words(results: StudyResults) -> str:
    """What stands behind each score."""
    if results.settings.get("like_fit"):
        return (
            "Each score but a linear model's is that of several networks, averaged, with numbers "
            "cut into pieces and dropout, as layerwise fit --effort low trains them."
        )
    return (
        "Each score is that of single plain networks; layerwise fit averages several and cuts "
        "numbers into pieces."
    )


def fit_score(results: StudyResults, recommendation: Recommendation) -> tuple[float, int] | None:
    """What the recommended scores as `layerwise fit` trains it: (mean, how many folds); or None."""
    scores = results.like_fit.get(recommendation.number)
    return (float(np.mean(list(scores.values()))), len(scores)) if scores else None


def fit_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """How the recommended network scores trained as `layerwise fit` does, where that is known."""
    found, number = fit_score(results, recommendation), recommendation.number
    if found is None:
        more = "" if results.settings.get("like_fit") else " To study such ones: --like-fit."
        return network_words(results) + more
    splits, ours = results.like_fit[number], results.scores_of(number)
    single = float(np.mean([ours[split] for split in splits]))
    return (
        f"{network_words(results)} Trained that way, {called(results.configurations[number])} "
        f"scores {units.value(found[0])} on {found[1]} of the same folds, "
        f"where the single network has {units.value(single)}. To study such ones: --like-fit."
    )
