"""What a study found, in the sentences a person would say.

A ± is half of a 95 % confidence interval of what the networks trained here score on new rows, or
differ by there; where `honest_score` says so, one that also allows for other training rows. What is
called worse or better is so by intervals that hold for all comparisons behind the
sentence at once; of what was stopped early nothing is claimed.
"""

import math
from dataclasses import dataclass

from layerwise.language import counted, message, tr
from layerwise.study.honest_score import honest_score
from layerwise.study.learning_curves import learning_curves
from layerwise.study.paired import PairedScores
from layerwise.study.racing import may_change
from layerwise.study.recommendation import Recommendation
from layerwise.study.recommendation_rule import LEVEL
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Estimate, adjust_holm
from layerwise.study.training_luck import share_at_most, unlucky_fits
from layerwise.study.words_on_columns import columns_words
from layerwise.study.words_on_fit import fit_words
from layerwise.study.words_on_rows import depth_and_rows_words, foretold_words, rows_words
from layerwise.study.words_on_settings import activation_words, setting_questions
from layerwise.study.words_on_shape import called, depth_words, width_words
from layerwise.study.words_on_training import (
    failure_words,
    gradient_words,
    overfitting_words,
    time_words,
)
from layerwise.study.written_scores import Units, p_words, rounded
from layerwise.texts import times

__all__ = ["RULE", "Answer", "answers", "headline", "is_better_than_guessing"]

RULE = message(
    "A linear model is recommended, unless networks with hidden layers are shown to be better: by "
    "a paired t-test of the rows held out (Bayle et al. 2020) that allows for the luck of fits, "
    "corrected for the number of networks (Holm 1979), at the level of 5 %. If some are, "
    "recommended is the smallest of these, by its number of parameters, that is behind the best of "
    "them by no more than one standard error of the difference. The score given for it is that of "
    "choosing so: within each cross-validation it is chosen without one fold and scored on that, "
    "in turn."
)
_RULE_OF_ONE_SIZE = message(
    " Here all networks but the linear one were given the same number of parameters, so the one "
    "with the fewest hidden layers counts as the smallest."
)
_ONE_FIT = message(
    "That cannot be said yet: one fit of each network says nothing of chance. The best score so "
    "far is named, whatever the size of its network."
)


@dataclass(frozen=True)
class Answer:
    """One question that a study answers.

    Attributes
    ----------
    key : str
        "depth", "rows", "depth_by_rows", "width", "activation", the name of a setting that is
        varied, "best", "columns", "fit", "guessing", "trees", "overfitting", "gradients", "time"
        or "certainty".
    question, text : str
    """

    key: str
    question: str
    text: str


def headline(results: StudyResults, recommendation: Recommendation) -> str:
    """The recommendation and its score, in a sentence.

    Examples
    --------
    >>> from layerwise.study.recommendation import recommend
    >>> from layerwise.study.results import Configuration, FitResult, StudyResults
    >>> configurations = [Configuration(0, (), None, 3), Configuration(1, (8,), "relu", 33)]
    >>> fits = [
    ...     FitResult(number, 0, fold, score, 0.9, 0.5, 0.4, 0.1, 50)
    ...     for number, scores in enumerate([(0.50, 0.52, 0.51), (0.90, 0.94, 0.92)])
    ...     for fold, score in enumerate(scores)
    ... ]
    >>> sizes = {(0, fold): (20, 10) for fold in range(3)}
    >>> results = StudyResults(
    ...     "binary", "y", "accuracy", True, configurations, fits, split_sizes=sizes
    ... )
    >>> print(headline(results, recommend(results)))
    Recommended: 1 x 8 relu, with 33 parameters; accuracy 92.0 ± 5.0 %.
    >>> print(answers(results, recommend(results))[0].text)
    1 hidden layer is enough here; deeper ones were not tried, a linear model is worse by 41.0 ± 3.9
    points.
    """
    units, number = Units(results.metric), recommendation.number
    configuration = results.configurations[number]
    text = message("Recommended: {network}, with {parameters}; {metric} {score}{chosen}{doubt}.")
    if len(recommendation.splits) == 1:
        text = message(
            "Best of one fit each: {network}, with {parameters}; {metric} {score}{chosen}{doubt}."
        )
    honest, own = honest_score(results, recommendation), recommendation.standing.score
    chosen = ""
    if honest != own:
        chosen = tr(" ({score} on the folds that chose it)", score=units.value(own.mean))
    doubt = ""
    over = _over_guessing(results, recommendation).get(number)
    if over is not None and len(recommendation.splits) > 1 and not _is_shown(over):
        doubt = tr(", not shown to be better than guessing")
        if over[0].mean <= 0:
            doubt = tr(", no better than guessing")
    return tr(
        text,
        network=called(configuration, "a"),
        parameters=counted(configuration.n_parameters, "parameter"),
        metric=units.name,
        score=units.score(honest),
        chosen=chosen,
        doubt=doubt,
    )


def is_better_than_guessing(results: StudyResults, recommendation: Recommendation) -> bool:
    """Whether any network is shown to be better than guessing; True where that is not known."""
    over = _over_guessing(results, recommendation)
    return not over or len(recommendation.splits) == 1 or any(map(_is_shown, over.values()))


def _over_guessing(
    results: StudyResults, recommendation: Recommendation
) -> dict[int, tuple[Estimate, float]]:
    """How much better than guessing each network is, and the p-value corrected for all of them."""
    paired = PairedScores(results)
    leads = {number: paired.lead(number, "guesses") for number in recommendation.standings}
    known = {number: lead for number, lead in leads.items() if lead is not None}
    missing = len(results.configurations) - len(known)
    p_values = adjust_holm([lead.p_value for lead in known.values()] + [math.nan] * missing)
    return {n: (lead, float(p)) for (n, lead), p in zip(known.items(), p_values, strict=False)}


def _is_shown(lead_and_p: tuple[Estimate, float]) -> bool:
    lead, p = lead_and_p
    return lead.mean > 0 and p < LEVEL


def rule_words(results: StudyResults) -> str:
    """The rule of the recommendation, as it was applied."""
    one_size = results.settings.get("parameters") is not None
    return tr(RULE) + (tr(_RULE_OF_ONE_SIZE) if one_size else "")


def answers(results: StudyResults, recommendation: Recommendation) -> list[Answer]:
    """All that a study has an answer to, the recommended depth first.

    Returns
    -------
    list of Answer
        Without those questions that its grid does not pose, such as of one width alone.
    """
    units = Units(results.metric)
    columns = Answer("columns", tr("Which columns?"), columns_words(results))
    if len(recommendation.splits) == 1:
        return [
            Answer("depth", tr("How deep?"), tr(_ONE_FIT)),
            *([columns] if columns.text else []),
            Answer("time", tr("How long does it take?"), time_words(results, recommendation)),
            Answer("certainty", tr("How sure is this?"), _certainty_words(results, recommendation)),
        ]
    told = [
        Answer("depth", tr("How deep?"), depth_words(results, recommendation, units)),
        *_rows_answers(results, recommendation),
        Answer("width", tr("How wide?"), width_words(results, recommendation, units)),
        Answer(
            "activation", tr("Which activation?"), activation_words(results, recommendation, units)
        ),
        *(Answer(*asked) for asked in setting_questions(results, recommendation, units)),
        Answer("best", tr("And the best?"), _best_words(results, recommendation, units)),
        columns,
        Answer("fit", tr("And as fit trains it?"), fit_words(results, recommendation, units)),
        Answer("guessing", tr("And guessing?"), _guessing_words(results, recommendation, units)),
        Answer("trees", tr("And trees?"), _tree_words(results, recommendation, units)),
        Answer(
            "overfitting",
            tr("Too small or too large?"),
            overfitting_words(results, recommendation, units),
        ),
        Answer("gradients", tr("Do gradients arrive?"), gradient_words(results, units)),
        Answer("time", tr("How long does it take?"), time_words(results, recommendation)),
        Answer("certainty", tr("How sure is this?"), _certainty_words(results, recommendation)),
    ]
    return [answer for answer in told if answer.text]


def _rows_answers(results: StudyResults, recommendation: Recommendation) -> list[Answer]:
    found = learning_curves(results, recommendation)
    if found is None:
        return []
    bring = f"{rows_words(results, found)} {foretold_words(results, found)}"
    return [
        Answer("rows", tr("Would more rows help?"), bring),
        Answer(
            "depth_by_rows",
            tr("From how many rows does depth pay?"),
            depth_and_rows_words(results, found),
        ),
    ]


def _best_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    if recommendation.best == recommendation.number:
        return ""
    best = results.configurations[recommendation.best]
    ours = results.configurations[recommendation.number]
    standing = recommendation.standing
    ratio = best.n_parameters / ours.n_parameters
    size = rounded(ratio, 1 if ratio < 10 else 0)
    return tr(
        "The best mean score is that of {network}, {score}: ahead of the recommended by {lead} "
        "({p}){size}.",
        network=called(best),
        score=units.score(recommendation.standings[best.number].score),
        lead=units.difference(standing.behind),
        p=_corrected(standing.p_value, len(results.configurations) - 1),
        size=tr(", with {ratio} times the parameters", ratio=size) if ratio > 1.05 else "",
    )


def _guessing_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    score = PairedScores(results).score("guesses")
    over = _over_guessing(results, recommendation)
    if score is None or recommendation.number not in over:
        return ""
    lead, p = over[recommendation.number]
    is_number = results.task == "regression"
    reached = {
        "what": tr("the mean") if is_number else tr("the shares of the classes"),
        "score": units.value(score.mean),
    }
    if _is_shown((lead, p)):
        text = message("Guessing by {what} reaches {score}: the network is better by {lead}.")
        return tr(text, lead=units.difference(lead), **reached)
    text = message(
        "Guessing by {what} reaches {score}: no network here is shown to be better ({lead})."
    )
    if is_better_than_guessing(results, recommendation):
        text = message(
            "Guessing by {what} reaches {score}: the recommended network is not shown to be better "
            "({lead})."
        )
    doubt = units.signed(lead)
    if _is_shown((lead, lead.p_value)):  # alone it would be; the interval is of one network
        doubt += ", " + _corrected(p, len(results.configurations))
    return tr(text, lead=doubt, **reached)


def _corrected(p: float, n: int) -> str:
    """A p-value that is corrected for so many comparisons."""
    if n == 1:
        return p_words(p)
    return tr("{p}, corrected for {n:,} comparisons", p=p_words(p), n=n)


def _tree_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    paired = PairedScores(results)
    lead, score = paired.lead("trees", recommendation.number), paired.score("trees")
    if lead is None or score is None:
        return ""
    text = message("Gradient-boosted trees, at scikit-learn's defaults, reach {score}")
    if results.task == "multiclass":
        text = message("Gradient-boosted trees reach {score}")
    trees = tr(text, score=units.score(score))
    if not lead.p_value < LEVEL:
        return tr(
            "{trees}: they and the network cannot be told apart ({lead} for the trees, {p}).",
            trees=trees,
            lead=units.signed(lead),
            p=p_words(lead.p_value),
        )
    ahead = {"trees": trees, "lead": units.difference(lead)}
    if lead.mean < 0:
        return tr("{trees}: the network is better by {lead}.", **ahead)
    best = paired.lead("trees", recommendation.best)
    also = ""
    if best is not None and best.p_value < LEVEL and recommendation.best != recommendation.number:
        also = tr(
            ", and no network here reaches them (the best is behind by {lead})",
            lead=units.difference(best),
        )
    return tr("{trees}: better than the network by {lead}{also}.", also=also, **ahead)


def _certainty_words(results: StudyResults, recommendation: Recommendation) -> str:
    n, of = len(recommendation.splits), len(results.split_sizes)
    compared = len(recommendation.standings)
    folds = results.settings.get("folds")
    how = ""
    if n < of:
        how = tr(", of {of} planned", of=of)
    elif folds:
        how = tr(" ({folds} folds, {times})", folds=folds, times=times(of // folds))
    text = message("{networks} were compared on the same {splits}{how}.")
    if compared == 1:
        text = message("{networks} was compared on the same {splits}{how}.")
    networks, splits = (
        counted(compared, "network"),
        counted(n, "split of the rows", "splits of the rows"),
    )
    told = [tr(text, networks=networks, splits=splits, how=how)]
    if not recommendation.is_final:
        text = message("This is the answer so far: the study is not finished ({why}).")
        if not results.stopped:
            text = message("This is the answer so far: the study is not finished.")
        told.append(tr(text, why=results.why_stopped))
    if results.pruned:
        told.append(_pruned_words(results, recommendation))
    told += [*failure_words(results, recommendation), *_luck_words(results, recommendation)]
    return " ".join(told)


def _luck_words(results: StudyResults, recommendation: Recommendation) -> list[str]:
    """That some fits fail by chance, how many, and how many of the recommended network may."""
    lost = unlucky_fits(results, recommendation.choice)
    if not lost:
        return []
    number = recommendation.number
    told = [
        tr(
            "Training is partly luck here: a fit of {network} is worse by {behind} than is usual "
            "for it, which its rows do not explain.",
            network=called(results.configurations[lost[0].number]),
            behind=Units(results.metric).spread(lost[0].behind),
        )
    ]
    if results.configurations[number].hidden:
        own, n = sum(fit.number == number for fit in lost), len(results.fits_of(number))
        fits = sum(bool(results.configurations[fit.configuration].hidden) for fit in results.fits)
        told.append(
            tr(
                "This happened to {lost} of the {fits:,} fits with hidden layers, and to {own} of "
                "the {n} of the recommended network; it may happen to as many as {most} of 100 "
                "more of these (95 %).",
                lost=len(lost),
                fits=fits,
                own=own,
                n=n,
                most=math.ceil(100 * share_at_most(own, n)),
            )
        )
    return told


def _pruned_words(results: StudyResults, recommendation: Recommendation) -> str:
    changing = may_change(results, recommendation.choice)
    text = message(
        "{networks} not pursued to the end, since more fits would hardly have changed the "
        "recommendation."
    )
    if changing:
        text = message("{networks} not pursued; {n:,} of these might change the recommendation.")
    return tr(text, networks=counted(len(results.pruned), "network"), n=len(changing))
