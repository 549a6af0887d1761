"""Sections of a study's page: the answer at first sight, all answers, which choice mattered."""

from layerwise.ensemble.named_settings import find_setting
from layerwise.report.elements import Html, element, section, table
from layerwise.study.answers import Answer, headline
from layerwise.study.honest_score import honest_score
from layerwise.study.learning_curves import learning_curves
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import StudyResults
from layerwise.study.units import Units
from layerwise.study.variance_shares import Importance, Share, importance
from layerwise.study.words_on_fit import fit_score
from layerwise.study.words_on_rows import rows_words
from layerwise.texts import percent, plural

__all__ = ["answer_section", "answers_section", "importance_section"]

_SOURCES = {
    "combinations": "their combinations",
    "repeat": "repeat: other folds, other first weights",
    "fold": "fold: which rows are held out",
    "rest": "the rest: network and fold together, first weights",
}


def answer_section(results: StudyResults, recommendation: Recommendation, drawn: Html) -> Html:
    """The answer in one sentence, one number, one picture; and whether more rows would help."""
    units, curves = Units(results.metric), learning_curves(results, recommendation)
    number = element(
        "div",
        element("dt", f"{units.name}, on rows that had no say in the choice"),
        element("dd", units.score(honest_score(results, recommendation))),
        class_="lead",
    )
    return section(
        "answer",
        "The answer",
        element("p", headline(results, recommendation), class_="verdict"),
        None if curves is None else element("p", rows_words(results, curves)),
        element("dl", number, class_="tiles"),
        drawn,
    )


def answers_section(
    results: StudyResults, recommendation: Recommendation, told: list[Answer]
) -> Html:
    """What others reach, and all questions that the study answers."""
    units, paired = Units(results.metric), PairedScores(results)
    ours = results.configurations[recommendation.number]
    best_linear, trees = recommendation.choice.linear, paired.trees_score()
    linear = None if best_linear is None else paired.score(best_linear)
    others = [
        ("linear model", linear if ours.hidden else None),
        ("boosted trees", trees),
    ]
    tiles = [(name, units.score(score)) for name, score in others if score is not None]
    guesses = paired.guesses_score()
    if guesses is not None:
        tiles.append(("guessing", units.value(guesses.mean)))
    found = fit_score(results, recommendation)
    if found is not None:
        tiles.append((f"as fit trains it, {plural(found[1], 'fold')}", units.value(found[0])))
    shown = [element("div", element("dt", name), element("dd", value)) for name, value in tiles]
    pairs = (Html(element("dt", answer.question) + element("dd", answer.text)) for answer in told)
    return section(
        "answers",
        "All answers",
        element("dl", *shown, class_="tiles") if shown else None,
        element("dl", *pairs, class_="answers"),
        element(
            "p",
            "A ± is half of a 95 % confidence interval; where that would reach beyond what a score "
            "can be, such as 100 %, it is cut there, and its ends are given. The recommended "
            "network's score is of rows that had no say in choosing it, and so may be another "
            "than its mean among all networks below.",
            class_="muted",
        ),
    )


def importance_section(results: StudyResults) -> Html | None:
    """Which choice mattered how much; None where that cannot be told."""
    found = importance(results)
    if found is None:
        return None
    rows = [
        [
            _source(one),
            percent(one.share),
            "–" if one.by_chance is None else percent(min(one.by_chance, 1.0)),
            _bar(one),
        ]
        for one in found.shares
    ]
    rows.append(["together", percent(round(sum(one.share for one in found.shares), 6)), "–", ""])
    return section(
        "importance",
        "Which choice mattered how much",
        element("p", _importance_words(results, found)),
        table(
            ["", "of the variance", "by chance alone", ""],
            rows,
            caption="Shares of the variance of all scores",
            numeric=(1, 2),
        ),
        element(
            "p",
            "What a choice adds to a sum of effects, averaged over all orders of adding; its "
            "combinations with others are what no such sum explains. By chance alone: what its "
            "share would be on average if it made no difference. A share says how far apart what "
            "was tried lies, not how sure that is: another grid has other shares.",
            class_="muted",
        ),
    )


def _importance_words(results: StudyResults, found: Importance) -> str:
    units, chance = Units(results.metric), ("combinations", "repeat", "fold", "rest")
    choices = [one for one in found.shares if one.name not in chance]
    told = [f"{_source(one)} {percent(one.share, 0)}" for one in choices]
    more = any(one.share > 2 * (one.by_chance or 0.0) for one in choices)
    return (
        f"The scores of {plural(found.networks, 'network')} on the {found.splits} splits that all "
        f"of them were fitted on lie {units.spread(found.spread)} apart (standard deviation)."
        + (f" Of their variance, these explain: {', '.join(told)}." if told else "")
        + ("" if more else " That is hardly more than chance alone would give.")
    )


def _source(one: Share) -> str:
    if one.name in _SOURCES:
        return _SOURCES[one.name]
    if one.name in ("depth", "width", "activation"):
        return one.name
    return find_setting(one.name).noun.removeprefix("the ")


def _bar(one: Share) -> Html:
    width = f"{100 * one.share:.1f}"
    kind = "box plain" if one.by_chance is None else "box first"
    return Html(
        '<svg class="tiny" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{kind}" width="{width}" height="10"/></svg>'
    )
