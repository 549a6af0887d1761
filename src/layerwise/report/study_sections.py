"""Sections of a study's page: the answer at first sight, all answers, which choice mattered."""

from layerwise.ensemble.named_settings import find_setting
from layerwise.language import counted, message, retold, tr
from layerwise.report.elements import Html, element, pairs, section, table
from layerwise.study.answers import Answer, headline, rule_words
from layerwise.study.honest_score import honest_score
from layerwise.study.learning_curves import learning_curves
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import StudyResults
from layerwise.study.variance_shares import Importance, Share, importance
from layerwise.study.words_on_fit import fit_score
from layerwise.study.words_on_rows import rows_words
from layerwise.study.written_scores import Units
from layerwise.texts import how_often, percent

_SOURCES = {
    "combinations": message("their combinations"),
    "repeat": message("repeat: other folds, other first weights"),
    "fold": message("fold: which rows are held out"),
    "rest": message("the rest: network and fold together, first weights"),
    "depth": message("depth"),
    "width": message("width"),
    "activation": message("activation"),
}


def answer_section(results: StudyResults, recommendation: Recommendation, drawn: Html) -> Html:
    """The answer in one sentence, one number, one picture; and whether more rows would help."""
    units, curves = Units(results.metric), learning_curves(results, recommendation)
    number = element(
        "div",
        element("dt", tr("{score}, on rows that had no say in the choice", score=units.name)),
        element("dd", units.score(honest_score(results, recommendation))),
        class_="lead",
    )
    return section(
        "answer",
        tr("The answer"),
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
    best_linear, trees = recommendation.choice.linear, paired.score("trees")
    linear = None if best_linear is None else paired.score(best_linear)
    others = [
        (tr("linear model"), linear if ours.hidden else None),
        (tr("boosted trees"), trees),
    ]
    tiles = [(name, units.score(score)) for name, score in others if score is not None]
    guesses = paired.score("guesses")
    if guesses is not None:
        tiles.append((tr("guessing"), units.value(guesses.mean)))
    found = fit_score(results, recommendation)
    if found is not None:
        name = tr("as fit trains it, {folds}", folds=counted(found[1], "fold"))
        tiles.append((name, units.value(found[0])))
    shown = [element("div", element("dt", name), element("dd", value)) for name, value in tiles]
    return section(
        "answers",
        tr("All answers"),
        element("dl", *shown, class_="tiles") if shown else None,
        pairs(((answer.question, answer.text) for answer in told), "answers"),
        element(
            "p",
            tr(
                "A ± is half of a {level} confidence interval of what the networks trained here "
                "score on new rows, or differ by there; of the recommended network's score, where "
                "another would have been chosen without one of the folds, it also allows for other "
                "training rows. Where it would reach beyond what a score can be, such as {most}, "
                "it is cut there, and its ends are given. The recommended network's score is of "
                "rows that had no say in choosing it, and so may be another than its mean among "
                "all networks below.",
                level=tr("95 %"),
                most=percent(1.0),
            ),
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
    rows.append(
        [tr("together"), percent(round(sum(one.share for one in found.shares), 6)), "–", ""]
    )
    return section(
        "importance",
        tr("Which choice mattered how much"),
        element("p", _importance_words(results, found)),
        table(
            ["", tr("of the variance"), tr("by chance alone"), ""],
            rows,
            caption=tr("Shares of the variance of all scores"),
            numeric=(1, 2),
        ),
        element(
            "p",
            tr(
                "What a choice adds to a sum of effects, averaged over all orders of adding; its "
                "combinations with others are what no such sum explains. By chance alone: what its "
                "share would be on average if it made no difference. A share says how far apart "
                "what was tried lies, not how sure that is: another grid has other shares."
            ),
            class_="muted",
        ),
    )


def _importance_words(results: StudyResults, found: Importance) -> str:
    units, chance = Units(results.metric), ("combinations", "repeat", "fold", "rest")
    choices = [one for one in found.shares if one.name not in chance]
    told = [f"{_source(one)} {percent(one.share, 0)}" for one in choices]
    more = any(one.share > 2 * (one.by_chance or 0.0) for one in choices)
    text = tr(
        "The scores of {networks} on the {n} splits that all of them were fitted on lie {spread} "
        "apart (standard deviation).",
        networks=counted(found.networks, "network"),
        n=found.splits,
        spread=units.spread(found.spread),
    )
    if found.is_bounded:
        text += tr(
            " In this, what is further below guessing than the best score is above it, or the "
            "middle one from it, counts as that far below."
        )
    if told:
        text += tr(" Of their variance, these explain: {shares}.", shares=", ".join(told))
    return text + ("" if more else tr(" That is hardly more than chance alone would give."))


def _source(one: Share) -> str:
    if one.name in _SOURCES:
        return tr(_SOURCES[one.name])
    return find_setting(one.name).heading


def _bar(one: Share) -> Html:
    width = f"{100 * one.share:.1f}"
    kind = "box plain" if one.by_chance is None else "box first"
    return Html(
        '<svg class="tiny" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{kind}" width="{width}" height="10"/></svg>'
    )


def rule_section(results: StudyResults) -> Html:
    """By what rule a network is recommended, and how all of them were trained and scored."""
    settings = results.settings
    sizes = list(results.split_sizes.values())
    n_train, n_test = (round(sum(size) / len(size)) for size in zip(*sizes, strict=True))
    share = percent(n_test / (n_train + n_test), 0)
    folds, repeats = settings.get("folds"), int(settings.get("repeats", 1))
    how = tr("{n}-fold cross-validation, {times}", n=folds, times=how_often(repeats))
    facts = [
        (tr("predicted"), results.target),
        (tr("task"), tr(_TASKS[results.task])),
        (tr("score"), Units(results.metric).name),
        (tr("folds"), how if folds else "–"),
        (
            tr("rows"),
            tr(
                "{n:,} to train on and {k:,} to score ({share}) in each",
                n=n_train,
                k=n_test,
                share=share,
            ),
        ),
        *(
            (tr(words), _setting(settings[name]))
            for name, words in _SETTINGS.items()
            if settings.get(name) is not None and name not in results.varied
        ),
        *(
            (
                find_setting(name).heading,
                ", ".join(map(retold, map(find_setting(name).label, values))),
            )
            for name, values in results.varied.items()
        ),
    ]
    same = message(
        "Every network was trained on the same rows, from the same seeds, with the same budget; "
        "what prepares and chooses the columns was found on each fold's training rows alone."
    )
    if results.varied:
        same = message(
            "Every network was trained on the same rows, from the same seeds, alike in all that is "
            "not varied; what prepares and chooses the columns was found on each fold's training "
            "rows alone."
        )
    return section(
        "rule",
        tr("The rule"),
        element("p", rule_words(results)),
        element("p", tr(same)),
        pairs(facts, "facts"),
    )


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return str(value)


_TASKS = {
    "binary": message("binary"),
    "multiclass": message("multiclass"),
    "regression": message("regression"),
}
_SETTINGS = {
    "epochs": message("epochs, at most"),
    "batch_size": message("batch size"),
    "learning_rate": message("learning rate"),
    "early_stopping": message("early stopping"),
    "pruning": message("stopped early where nothing depends on it"),
    "selection": message("columns that tell nothing left out"),
    "parameters": message("parameters wanted"),
}
