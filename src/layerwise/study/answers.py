"""What a study found, in the sentences a person would say.

A ± is half of a 95 % confidence interval. What is called worse or better is so by intervals that
hold for all comparisons behind the sentence at once; of what was stopped early nothing is claimed.
"""

import math
from dataclasses import dataclass

from layerwise.study.choice import LEVEL
from layerwise.study.honest_score import honest_score
from layerwise.study.learning_curves import learning_curves
from layerwise.study.paired import PairedScores
from layerwise.study.racing import may_change
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Estimate, adjust_holm
from layerwise.study.training_luck import unlucky_fit
from layerwise.study.units import Units, p_words, rounded
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
from layerwise.texts import plural, times

__all__ = ["RULE", "Answer", "answers", "headline", "is_better_than_guessing"]

RULE = (
    "A linear model is recommended, unless networks with hidden layers are shown to be better: by "
    "a paired t-test corrected for repeated cross-validation (Nadeau and Bengio 2003) and for the "
    "number of networks (Holm 1979), at the level of 5 %. If some are, recommended is the smallest "
    "of these, by its number of parameters, whose mean score is within one standard error of the "
    "best of them. The score given for it is that of choosing so: within each "
    "cross-validation it is chosen without one fold and scored on that, in turn."
)
_RULE_OF_ONE_SIZE = (
    " Here all networks but the linear one were given the same number of parameters, so the one "
    "with the fewest hidden layers counts as the smallest."
)
_ONE_FIT = (
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
    Recommended: 1 x 8 relu, with 33 parameters; accuracy 92.0 ± 7.9 %.
    >>> print(answers(results, recommend(results))[0].text)
    1 hidden layer is enough here; deeper ones were not tried, a linear model is worse by 41.0 ± 3.9
    points.
    """
    units, number = Units(results.metric), recommendation.number
    configuration = results.configurations[number]
    what = "Recommended" if len(recommendation.splits) > 1 else "Best of one fit each"
    honest, own = honest_score(results, recommendation), recommendation.standing.score
    chosen = ""
    if honest != own:
        chosen = f" ({units.value(own.mean)} on the folds that chose it)"
    doubt = "" if is_better_than_guessing(results, recommendation) else ", no better than guessing"
    return (
        f"{what}: {called(configuration, 'a')}, with "
        f"{plural(configuration.n_parameters, 'parameter')}; {units.name} "
        f"{units.score(honest)}{chosen}{doubt}."
    )


def is_better_than_guessing(results: StudyResults, recommendation: Recommendation) -> bool:
    """Whether any network is shown to be better than guessing; True where that is not known."""
    paired = PairedScores(results)
    leads = [paired.lead_over_guessing(number) for number in recommendation.standings]
    known = [lead for lead in leads if lead is not None]
    missing = len(results.configurations) - len(known)
    p_values = adjust_holm([lead.p_value for lead in known] + [math.nan] * missing)
    better = (lead.mean > 0 and p < LEVEL for lead, p in zip(known, p_values, strict=False))
    return not known or len(recommendation.splits) == 1 or any(better)


def rule_words(results: StudyResults) -> str:
    """The rule of the recommendation, as it was applied."""
    one_size = results.settings.get("parameters") is not None
    return RULE + (_RULE_OF_ONE_SIZE if one_size else "")


def answers(results: StudyResults, recommendation: Recommendation) -> list[Answer]:
    """All that a study has an answer to, the recommended depth first.

    Returns
    -------
    list of Answer
        Without those questions that its grid does not pose, such as of one width alone.
    """
    units = Units(results.metric)
    columns = Answer("columns", "Which columns?", columns_words(results))
    if len(recommendation.splits) == 1:
        return [
            Answer("depth", "How deep?", _ONE_FIT),
            *([columns] if columns.text else []),
            Answer("time", "How long does it take?", time_words(results, recommendation)),
            Answer("certainty", "How sure is this?", _certainty_words(results, recommendation)),
        ]
    told = [
        Answer("depth", "How deep?", depth_words(results, recommendation, units)),
        *_rows_answers(results, recommendation),
        Answer("width", "How wide?", width_words(results, recommendation, units)),
        Answer("activation", "Which activation?", activation_words(results, recommendation, units)),
        *(Answer(*asked) for asked in setting_questions(results, recommendation, units)),
        Answer("best", "And the best?", _best_words(results, recommendation, units)),
        columns,
        Answer("fit", "And as fit trains it?", fit_words(results, recommendation, units)),
        Answer("guessing", "And guessing?", _guessing_words(results, recommendation, units)),
        Answer("trees", "And trees?", _tree_words(results, recommendation, units)),
        Answer(
            "overfitting",
            "Too small or too large?",
            overfitting_words(results, recommendation, units),
        ),
        Answer("gradients", "Do gradients arrive?", gradient_words(results, units)),
        Answer("time", "How long does it take?", time_words(results, recommendation)),
        Answer("certainty", "How sure is this?", _certainty_words(results, recommendation)),
    ]
    return [answer for answer in told if answer.text]


def _rows_answers(results: StudyResults, recommendation: Recommendation) -> list[Answer]:
    found = learning_curves(results, recommendation)
    if found is None:
        return []
    bring = f"{rows_words(results, found)} {foretold_words(results, found)}"
    return [
        Answer("rows", "Would more rows help?", bring),
        Answer(
            "depth_by_rows",
            "From how many rows does depth pay?",
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
    size = f", with {rounded(ratio, 1 if ratio < 10 else 0)} times the parameters"
    return (
        f"The best mean score is that of {called(best)}, "
        f"{units.score(recommendation.standings[best.number].score)}: ahead of the recommended by "
        f"{units.difference(standing.behind)} ({p_words(standing.p_value)})"
        f"{size if ratio > 1.05 else ''}."
    )


def _guessing_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    paired = PairedScores(results)
    score, lead = paired.guesses_score(), paired.lead_over_guessing(recommendation.number)
    if score is None or lead is None:
        return ""
    what = "the mean" if results.task == "regression" else "the shares of the classes"
    reached = f"Guessing by {what} reaches {units.value(score.mean)}"
    if not is_better_than_guessing(results, recommendation):
        return f"{reached}: no network here is shown to be better ({units.signed(lead)})."
    if lead.mean > 0 and lead.p_value < LEVEL:
        return f"{reached}: the network is better by {units.difference(lead)}."
    return f"{reached}: the recommended network is not shown to be better ({units.signed(lead)})."


def _tree_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    paired = PairedScores(results)
    lead, score = paired.lead_of_trees(recommendation.number), paired.trees_score()
    if lead is None or score is None:
        return ""
    which = "" if results.task == "multiclass" else ", at scikit-learn's defaults,"
    trees = f"Gradient-boosted trees{which} reach {units.score(score)}"
    if not lead.p_value < LEVEL:
        return f"{trees}: they and the network cannot be told apart ({_chance(lead, units)})."
    if lead.mean < 0:
        return f"{trees}: the network is better by {units.difference(lead)}."
    best = paired.lead_of_trees(recommendation.best)
    also = ""
    if best is not None and best.p_value < LEVEL and recommendation.best != recommendation.number:
        also = (
            f", and no network here reaches them (the best is behind by {units.difference(best)})"
        )
    return f"{trees}: better than the network by {units.difference(lead)}{also}."


def _certainty_words(results: StudyResults, recommendation: Recommendation) -> str:
    n, of = len(recommendation.splits), len(results.split_sizes)
    compared = len(recommendation.standings)
    folds = results.settings.get("folds")
    how = f" ({folds} folds, {times(of // folds)})" if folds and n == of else ""
    told = [f"{plural(compared, 'network was', 'networks were')} compared on the same"]
    told.append(f"{plural(n, 'split')} of the rows{f', of {of} planned' if n < of else how}.")
    if not recommendation.is_final:
        why = f" ({results.stopped})" if results.stopped else ""
        told.append(f"This is the answer so far: the study is not finished{why}.")
    if results.pruned:
        told.append(_pruned_words(results, recommendation))
    told += [*failure_words(results, recommendation), *_luck_words(results, recommendation)]
    return " ".join(told)


def _luck_words(results: StudyResults, recommendation: Recommendation) -> list[str]:
    """That intervals tell of fits like those seen, where some fail by chance."""
    fit = unlucky_fit(results, recommendation.choice)
    if fit is None:
        return []
    behind = Units(results.metric).spread(fit.behind)
    told = (
        f"Training is partly luck here: a fit of {called(results.configurations[fit.number])} is "
        f"worse by {behind} than is usual for it, which its rows do not explain."
    )
    return [told, "Intervals tell of fits like those seen; what fails more rarely is in none."]


def _pruned_words(results: StudyResults, recommendation: Recommendation) -> str:
    stopped = plural(len(results.pruned), "network")
    changing = may_change(results, recommendation.choice)
    if changing:
        were = plural(len(changing), "of these might", "of these might")
        return f"{stopped} not pursued; {were} change the recommendation."
    return (
        f"{stopped} not pursued to the end, since more fits would hardly have changed the "
        "recommendation."
    )


def _chance(lead: Estimate, units: Units) -> str:
    return f"{units.signed(lead)} for the trees, {p_words(lead.p_value)}"
