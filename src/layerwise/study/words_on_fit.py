"""What is said of the networks that a study trains, beside those that `layerwise fit` does."""

import numpy as np

from layerwise.language import tr
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import StudyResults
from layerwise.study.words_on_shape import called
from layerwise.study.written_scores import Units


def network_words(results: StudyResults) -> str:
    """What stands behind each score."""
    if results.settings.get("like_fit"):
        return tr(
            "Each score but a linear model's is that of several networks, averaged, with numbers "
            "cut into pieces and dropout, as layerwise fit --effort low trains them."
        )
    return tr(
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
        words = network_words(results)
        if results.settings.get("like_fit"):
            return words
        return tr("{words} To study such ones: --like-fit.", words=words)
    splits, ours = results.like_fit[number], results.scores_of(number)
    single = float(np.mean([ours[split] for split in splits]))
    return tr(
        "{words} Trained that way, {network} scores {score} on {n} of the same folds, where the "
        "single network has {single}. To study such ones: --like-fit.",
        words=network_words(results),
        network=called(results.configurations[number]),
        score=units.value(found[0]),
        n=found[1],
        single=units.value(single),
    )
