"""One HTML page that tells what a study found: the answers, the pictures, every network."""

import re
from collections.abc import Mapping, Sequence
from functools import partial

from layerwise.draw.chart import Chart
from layerwise.draw.drawn_chart import draw_chart
from layerwise.ensemble.named_settings import find_setting
from layerwise.language import message, retold, speaks, tr
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.report.page import render_page
from layerwise.report.study_sections import (
    answer_section,
    answers_section,
    importance_section,
    rule_section,
)
from layerwise.report.summary import repeat_section
from layerwise.study.answers import answers
from layerwise.study.charts import charts_of, first_chart
from layerwise.study.fold_chart import score_by_fold
from layerwise.study.learning_curves import learning_curves
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.statistics import Estimate
from layerwise.study.words_on_fit import network_words
from layerwise.study.words_on_pairs import pair_words
from layerwise.study.words_on_rows import rows_table
from layerwise.study.words_on_training import share_that_arrives, training_score
from layerwise.study.written_scores import Units, p_words
from layerwise.texts import first_up, seconds

_HEADINGS = {
    "depth": message("Score against depth"),
    "rows": message("Would more rows help?"),
    "depth_by_rows": message("Depth against rows"),
    "folds": message("Fold by fold"),
    "size": message("Score against size"),
    "training": message("Under- and over-fitting"),
    "gradients": message("Gradients"),
    "time": message("Time"),
}
_CAPTIONS = {
    "depth": message(
        "Mean held-out scores with {level} confidence intervals of what the networks trained here "
        "score on new rows. Intervals that overlap do not mean that there is no difference: on the "
        "same folds, differences are surer than scores."
    ),
    "rows": message(
        "Mean held-out scores after training on growing samples of the rows, each within the next, "
        "with {level} confidence intervals; the power law that they follow, and what it foretells "
        "of twice the rows. The rows held out are the same at every size."
    ),
    "depth_by_rows": message(
        "The recommended network, and those that differ from it in depth alone, on the same "
        "samples. On the same folds, differences are surer than scores."
    ),
    "folds": message(
        "Each thin line is one fold, predicted by each network after training on the same other "
        "rows. Lines that go the same way show a difference that folds agree on, however far apart "
        "the folds are."
    ),
    "size": message("The same scores against the number of weights and biases that are learned."),
    "training": message(
        "Where both are low, the network is too small or was not trained well: under-fitting. "
        "Where they are far apart, it learned its rows by heart: over-fitting."
    ),
    "gradients": message(
        "How large the loss's gradient is in each layer's weights before anything is learned. "
        "Where it falls by orders of magnitude towards the first layer, that layer hardly learns."
    ),
    "time": message("Training alone, on one thread, with the spread over the fits."),
}
_CAPTION_OF_SETTING = message(
    "Of all networks with a value the one with the best mean held-out score, with its {level} "
    "confidence interval: the best of several look better than they are."
)
_NO_BREAK = "\u00a0"
_BETWEEN_PARTS = re.compile(r"(?<!,) (?!\()")  # lines of a name may end before and between settings
_BRIEF = (0, 1, 2, 4, 5, 8)  # columns of the table of networks, where it has to be narrow
_ANSWERS = {"depth": "", "size": "", "training": "overfitting"}


@speaks
def render_study_page(
    results: StudyResults,
    recommendation: Recommendation,
    *,
    command: str,
    title: str = "",
    date: str = "",
    versions: Mapping[str, str] | None = None,
    compare: Sequence[str] | None = None,
    language: str | None = None,
) -> str:
    """A study's page, which refers to nothing outside it; `write_page` writes it.

    Parameters
    ----------
    results : StudyResults
    recommendation : Recommendation
        Of these results.
    command : str
        What repeats the study.
    title : str
        Such as "houses.csv: price"; "": the name of what is predicted.
    date : str
    versions : dict of str to str or None
    compare : sequence of str or None
        Names of the networks that are drawn fold by fold, and how they differ; None: those that
        the answers speak of.
    language : {"en", "ko"} or None
        What it is written in; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Raises
    ------
    ValueError
        For another language.

    Examples
    --------
    >>> from layerwise.study.recommendation import recommend
    >>> from layerwise.study.results import FitResult
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
    >>> page = render_study_page(results, recommend(results), command="layerwise study a.csv")
    >>> "1 hidden layer is enough here" in page
    True
    """
    told = answers(results, recommendation)
    name, first = first_chart(results, recommendation)
    answer = answer_section(results, recommendation, _figure(name, first, results))
    sections: dict[str, tuple[str, Html | None]] = {
        "answer": (tr("The answer"), answer),
        "answers": (tr("All answers"), answers_section(results, recommendation, told)),
    }
    for key, make in charts_of(results).items():
        is_compared = bool(compare) and key == "folds"
        chart = (
            score_by_fold(results, recommendation, compare)
            if is_compared
            else make(results, recommendation)
        )
        if chart is None or repr(chart) == repr(first):  # ends that are NaN are never equal
            continue
        said = [answer.text for answer in told if answer.key == _ANSWERS.get(key, key)]
        if is_compared:
            said += pair_words(results, compare or ())
        content = section(
            key,
            _heading(key),
            *(element("p", text) for text in said),
            _figure(key, chart, results),
            _rows_table(results, recommendation) if key == "rows" else None,
        )
        sections[key] = (_heading(key), content)
    sections["importance"] = (tr("What mattered"), importance_section(results))
    sections["networks"] = (tr("All networks"), _networks_section(results, recommendation))
    sections["rule"] = (tr("The rule"), rule_section(results))
    taken = {tr("training, all fits"): sum(fit.seconds for fit in results.fits)}
    seed = results.settings.get("seed")
    sections["repeat"] = (tr("Repeat"), repeat_section(command, seed, versions or {}, taken))
    return render_page(
        title or tr("How deep? {target}", target=results.target),
        tr("A study by Layerwise") + (f", {date}" if date else ""),
        sections,
    )


def _rows_table(results: StudyResults, recommendation: Recommendation) -> Html | None:
    found = learning_curves(results, recommendation)
    if found is None:
        return None
    headings, lines = rows_table(results, found)
    score = first_up(Units(results.metric).name)
    caption = tr("{score} at each number of rows trained on", score=score)
    return table(headings, lines, caption=caption, numeric=range(len(headings)))


def _heading(name: str) -> str:
    """What a chart is called, by its name in `charts_of`."""
    if name in _HEADINGS:
        return tr(_HEADINGS[name])
    return tr("Score against {setting}", setting=tr(find_setting(name).noun))


def _figure(name: str, chart: Chart, results: StudyResults) -> Html:
    drawn = picture(partial(draw_chart, chart, theme="page"), chart.description)
    caption = tr(_CAPTIONS.get(name, _CAPTION_OF_SETTING), level=tr("95 %"))
    if name in ("depth", "size"):
        caption += f" {network_words(results)}"
    return figure(drawn, caption)


def networks_table(
    results: StudyResults, recommendation: Recommendation, most: int | None = None
) -> Html:
    """Every configuration, the best first, those not pursued last; or `most`, in brief."""
    units, paired = Units(results.metric), PairedScores(results)
    sign = -1 if results.higher_is_better else 1
    scores = {c.number: paired.score(c.number) for c in results.configurations}

    def place(configuration: Configuration) -> tuple[bool, float]:
        number = configuration.number
        score = scores[number]
        return score is None or number in results.pruned, 0.0 if score is None else (
            sign * score.mean
        )

    lines, kinds = [], []
    for configuration in sorted(results.configurations, key=place)[:most]:
        number = configuration.number
        standing = recommendation.standings.get(number)
        stopped = number in results.pruned
        score = None if stopped else scores[number]
        behind = None if stopped else paired.lead(recommendation.best, number)
        says, kind = _standing_words(results, recommendation, number)
        share = share_that_arrives(results.fits_of(number))
        fits = results.fits_of(number)
        lines.append(
            [
                _BETWEEN_PARTS.sub(_NO_BREAK, retold(configuration.name)),
                f"{configuration.n_parameters:,}",
                _score(units, score),
                _score(units, None if stopped else training_score(results, number), margin=False),
                "–" if behind is None or number == recommendation.best else units.signed(-behind),
                "–"
                if standing is None or number == recommendation.best
                else p_words(standing.p_value).removeprefix("p = ").removeprefix("p "),
                "–" if share is None or not configuration.hidden else f"{share:.2g}",
                seconds(sum(fit.seconds for fit in fits) / len(fits)) if fits else "–",
                says,
            ]
        )
        kinds.append(kind)
    headings = [
        tr("network"),
        tr("parameters"),
        units.name,
        tr("on rows trained on"),
        tr("against the best"),
        "p",
        tr("gradient, first / last"),
        tr("time of a fit"),
        "",
    ]
    shown = range(len(headings)) if most is None else _BRIEF
    return table(
        [headings[i] for i in shown],
        [[line[i] for i in shown] for line in lines],
        caption=tr("All networks, the best first"),
        numeric=range(1, len(shown) - 1),
        class_="networks",
        row_classes=kinds,
    )


def _networks_section(results: StudyResults, recommendation: Recommendation) -> Html:
    note = tr(
        "p: of the paired test against the best, corrected for the number of networks. Gradient: "
        "in the first layer, as a share of the last one's, before the first step. Worse: by that "
        "test. Not pursued: stopped early, since more fits of it would hardly have changed the "
        "recommendation; its mean over few splits is no score to compare with the others."
    )
    return section(
        "networks",
        tr("All networks"),
        networks_table(results, recommendation),
        element("p", note, class_="muted"),
    )


def _standing_words(
    results: StudyResults, recommendation: Recommendation, number: int
) -> tuple[str, str]:
    """What is to be said of a network, and its line's class."""
    if number == recommendation.number:
        is_best = number == recommendation.best
        says = tr("recommended, the best") if is_best else tr("recommended")
        return f"★ {says}", "recommended"
    if number == recommendation.best:
        return tr("the best"), ""
    done, of = len(results.fits_of(number)), len(results.split_sizes)
    if number in results.failed:
        return retold(results.failure(number, brief=False)), "given-up"
    if number in results.pruned:
        score = PairedScores(results).score(number)
        text = tr("not pursued after {n} of {of} fits", n=done, of=of)
        if score is not None:
            text += tr(" ({score} so far)", score=Units(results.metric).value(score.mean))
        return text, "given-up"
    if number not in recommendation.standings:
        failures = retold(results.failures(number, brief=True))
        return failures or tr("{n} of {of} fits", n=done, of=of), "given-up"
    standing = recommendation.standings[number]
    return tr("worse") if standing.is_worse else "", ""


def _score(units: Units, score: Estimate | None, *, margin: bool = True) -> str:
    if score is None:
        return "–"
    return units.score(score) if margin else units.value(score.mean)
