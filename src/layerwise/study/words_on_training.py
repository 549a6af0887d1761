"""What a study found about training itself: under- and over-fitting, gradients, time."""

import math
from collections.abc import Iterable

import numpy as np

from layerwise.language import counted, message, tr
from layerwise.study.contrasts import contrasts
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import Configuration, FitResult, StudyResults
from layerwise.study.statistics import Estimate, estimate
from layerwise.study.words_on_shape import called
from layerwise.study.written_scores import Units, rounded

__all__ = [
    "failure_words",
    "gradient_words",
    "overfitting_words",
    "share_that_arrives",
    "time_words",
]

# A share of the last layer's gradient below which the first layer is said to learn nothing.
_VANISHED = 1e-3
_EXPLODED = 1e3
_MOST_NAMED = 3


def failure_words(results: StudyResults, recommendation: Recommendation) -> list[str]:
    """Which networks could not be trained, and which have fewer fits since some failed."""

    def listed(numbers: list[int]) -> str:
        shown = [called(results.configurations[number]) for number in numbers[:_MOST_NAMED]]
        more = len(numbers) - len(shown)
        return ", ".join(shown) + (tr(" and {n} more", n=more) if more else "")

    told = []
    if results.failed:
        numbers = sorted(results.failed)
        networks = counted(len(numbers), "network")
        text = message("{networks} could not be trained: {names}.")
        told.append(tr(text, networks=networks, names=listed(numbers)))
    some = {fit.configuration for fit in results.failed_fits} - results.failed.keys()
    partly = sorted(number for number in some if number is not None)
    compared = [number for number in partly if number in recommendation.standings]
    left_out = [number for number in partly if number in recommendation.left_out]
    if compared:
        told.append(
            tr(
                "Fits of {names} failed: networks are compared on the splits that all of them "
                "have.",
                names=listed(compared),
            )
        )
    if left_out:
        text = message(
            "Fits of {names} failed, and so they are not compared with those that have more fits."
        )
        if len(left_out) == 1:
            text = message(
                "Fits of {names} failed, and so it is not compared with those that have more fits."
            )
        told.append(tr(text, names=listed(left_out)))
    if None in some:
        told.append(tr("Fits of the gradient-boosted trees failed: their score is of the others."))
    return told


def overfitting_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """How scores on the rows trained on compare with those on held-out rows."""
    ours = recommendation.number
    gap = training_gap(results, ours)
    training = training_score(results, ours)
    if gap is None or training is None:
        return ""
    name = called(results.configurations[ours])
    told = tr(
        "On the rows it learned from, {name} scores {training}, on held-out rows {score}.",
        name=name,
        training=units.value(training.mean),
        score=units.value(recommendation.standing.score.mean),
    )
    told += _underfitting(results, recommendation, units)
    return told + _overfitting(results, recommendation, gap, units)


def _underfitting(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """The linear model, where it is worse on the rows it learned from too."""
    ours = training_score(results, recommendation.number)
    worse = [c for c in contrasts(results, recommendation, lambda c: c.depth) if c.level == 0]
    if not worse or not worse[0].is_worse:
        return ""
    linear = worse[0].number
    training, standing = training_score(results, linear), recommendation.standings.get(linear)
    score = PairedScores(results).score(linear) if standing is None else standing.score
    if training is None or ours is None or score is None:
        return ""
    behind = (ours.mean - training.mean) * (1 if results.higher_is_better else -1)
    if behind < 0.5 * -worse[0].lead.mean:
        return ""
    return tr(
        " A linear model underfits: {training} and {score}, so it falls short even on rows that it "
        "has seen.",
        training=units.value(training.mean),
        score=units.value(score.mean),
    )


def _overfitting(
    results: StudyResults, recommendation: Recommendation, gap: Estimate, units: Units
) -> str:
    """The network whose training and held-out scores are farthest apart, where that costs score."""
    gaps = {
        number: other
        for number in recommendation.standings
        if (other := training_gap(results, number)) is not None
    }
    widest = max(gaps, key=lambda number: gaps[number].mean)
    standing = recommendation.standings[widest]
    ours = recommendation.standing.score.mean
    loss = (ours - standing.score.mean) * (1 if results.higher_is_better else -1)
    clear = gaps[widest].mean > 2 * max(gap.mean, 0) and (
        gaps[widest].mean - _or_zero(gaps[widest].margin()) > gap.mean
    )
    training = training_score(results, widest)
    if widest == recommendation.number or not clear or training is None:
        return ""
    verdict = (
        tr("it learned its rows by heart, and that costs it on others")
        if loss > 0 and standing.is_worse
        else tr("it learned more of its rows by heart, which makes it no better on others")
        if loss >= 0
        else tr("it learned more of its rows by heart, at no cost on others")
    )
    return tr(
        " Farthest apart are those of {network}, {training} and {score}: {verdict}.",
        network=called(results.configurations[widest]),
        training=units.value(training.mean),
        score=units.value(standing.score.mean),
        verdict=verdict,
    )


def training_score(results: StudyResults, number: int) -> Estimate | None:
    """A configuration's mean score on the rows it was trained on; None without fits."""
    scores = [fit.training_score for fit in results.fits_of(number)]
    scores = [score for score in scores if math.isfinite(score)]
    return estimate(scores, results.test_share) if scores else None


def training_gap(results: StudyResults, number: int) -> Estimate | None:
    """How much better a configuration's training score is than its held-out score."""
    sign = 1 if results.higher_is_better else -1
    gaps = [sign * (fit.training_score - fit.score) for fit in results.fits_of(number)]
    gaps = [gap for gap in gaps if math.isfinite(gap)]
    return estimate(gaps, results.test_share) if gaps else None


def gradient_words(results: StudyResults, units: Units) -> str:
    """Where the gradient vanishes, or explodes, on its way to the first layer."""
    told: list[str] = []
    fine: list[str] = []
    deepest = _deepest(results)
    for configuration in deepest:
        share = share_that_arrives(results.fits_of(configuration.number))
        if share is None:
            continue
        if share < _VANISHED:
            told.append(_vanishing(results, configuration, share, units))
        elif share > _EXPLODED:
            told.append(
                tr(
                    "Gradients explode with {activation}: in {network} the first layer's is "
                    "{share} times the last one's.",
                    activation=configuration.activation,
                    network=configuration.name,
                    share=rounded(share, 0),
                )
            )
        else:
            text = message("{share:.2g} times in {network}")
            if not fine:
                text = message("{share:.2g} times that of the last layer in {network}")
            fine.append(tr(text, share=share, network=called(configuration)))
    if fine:
        text = message(
            "Gradients reach every layer: before the first step, the gradient in the first layer "
            "is {shares}."
        )
        if told:
            text = message(
                "Elsewhere they arrive: before the first step, the gradient in the first layer is "
                "{shares}."
            )
        told.append(tr(text, shares=", ".join(fine)))
    return " ".join(told)


def _vanishing(
    results: StudyResults, configuration: Configuration, share: float, units: Units
) -> str:
    activation = configuration.activation
    text = message(
        "Gradients vanish with {activation}: before the first step, the first layer of {network} "
        "gets {share} of the gradient of the last one."
    )
    if share == 0:
        text = message(
            "Gradients vanish with {activation}: before the first step, the first layer of "
            "{network} gets nothing of the gradient of the last one."
        )
    network = configuration.name
    text = tr(text, activation=activation, network=network, share=_one_in(share))
    paired = PairedScores(results)
    others = [
        c
        for c in results.configurations
        if c.activation == activation and 0 < c.depth < configuration.depth
        and c.number not in results.failed
    ]  # fmt: skip
    leads = [(lead, c) for c in others if (lead := paired.lead(configuration.number, c.number))]
    if not leads:
        return text
    lead, best = min(leads, key=lambda pair: (pair[0].mean, pair[1].number))
    if lead.mean < 0 and lead.p_value < 0.05 / len(leads):
        less = tr(
            " It scores {lead} less than {network}.", lead=units.difference(lead), network=best.name
        )
        return text + less
    return text


def _one_in(share: float) -> str:
    if share == 0:
        return ""
    whole = round(float(f"{1 / share:.2g}"))
    return f"1/{whole:,}" if whole < 1e7 else f"{share:.0e}".replace("-0", "-").replace("-", "−")


def _deepest(results: StudyResults) -> list[Configuration]:
    """Of each activation the deepest configuration with gradients; of these, the widest."""
    fitted = {fit.configuration for fit in results.fits if len(fit.gradients) > 1}
    found: dict[str | None, Configuration] = {}
    for configuration in results.configurations:
        if configuration.number not in fitted:
            continue
        before = found.get(configuration.activation)
        if before is None or (configuration.depth, configuration.width) > (
            before.depth,
            before.width,
        ):
            found[configuration.activation] = configuration
    return list(found.values())


def share_that_arrives(fits: Iterable[FitResult]) -> float | None:
    """Return the first layer's gradient over the last layer's, at the first weights.

    The geometric mean over fits; None where there are no gradients.
    """
    shares = [
        fit.gradients[0] / fit.gradients[-1]
        for fit in fits
        if len(fit.gradients) > 1 and fit.gradients[-1] > 0
    ]
    if not shares or not np.isfinite(shares).all():
        return None
    return float(np.exp(np.mean(np.log(shares)))) if min(shares) > 0 else 0.0


def time_words(results: StudyResults, recommendation: Recommendation) -> str:
    """How long a fit of the recommended, and of the slowest network, takes."""
    means = {
        c.number: float(np.mean([fit.seconds for fit in fits]))
        for c in results.configurations
        if (fits := results.fits_of(c.number))
    }
    ours = recommendation.number
    slowest = max(means, key=lambda number: means[number])
    epochs = round(float(np.mean([fit.epochs for fit in results.fits_of(ours)])))
    text = message(
        "A fit of {network} takes {time} on one thread ({epochs}), one of {slowest}, the slowest, "
        "{longest}."
    )
    if slowest == ours:
        text = message(
            "A fit of {network} takes {time} on one thread ({epochs}), the longest of all."
        )
    return tr(
        text,
        network=called(results.configurations[ours]),
        time=_seconds(means[ours]),
        epochs=counted(epochs, "epoch"),
        slowest=called(results.configurations[slowest]),
        longest=_seconds(means[slowest]),
    )


def _seconds(value: float) -> str:
    if value < 0.1:
        return tr("{time:.2g} ms", time=1000 * value)
    if value < 100:
        return tr("{seconds} s", seconds=f"{value:.2g}")
    return tr("{minutes} min", minutes=f"{value / 60:.2g}")


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
