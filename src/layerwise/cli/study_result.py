"""What `layerwise study` prints: the networks compared, and the answers."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from layerwise.language import message, retold, speaking, tr
from layerwise.screen import Text
from layerwise.texts import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwise.ensemble.named_settings import Setting
    from layerwise.screen import Screen
    from layerwise.study.depth_study import DepthStudy
    from layerwise.study.learning_curves import LearningCurves
    from layerwise.study.results import Configuration, StudyResults
    from layerwise.study.statistics import Estimate
    from layerwise.study.written_scores import Units

_MARGIN = message("± 95 %")
_ENDS = ("low", "middle", "high")
_SAYS = 14  # columns for what is said of a network, on two lines


def print_answers(console: Screen, study: DepthStudy, compare: Sequence[str] | None) -> None:
    """Print what is recommended, the table of networks, and what else that says."""
    from layerwise.study.answers import answers, headline
    from layerwise.study.words_on_pairs import pair_words

    results, recommendation = study.study_, study.recommendation_
    console.print()
    console.print(Text(headline(results, recommendation), "bold"))
    console.print()
    console.print(_table(study))
    if study.learning_curves_ is not None:
        console.print()
        console.print(_rows_table(results, study.learning_curves_))
    console.print()
    for answer in answers(results, recommendation):
        console.print(answer.text)
    for text in pair_words(results, compare) if compare else ():
        console.print(text)


def _table(study: DepthStudy) -> Table:
    from layerwise.ensemble.named_settings import find_setting
    from layerwise.study.paired import PairedScores
    from layerwise.study.results import settings_tried
    from layerwise.study.words_on_fit import fit_score
    from layerwise.study.words_on_training import training_score
    from layerwise.study.written_scores import Units

    results = study.study_
    paired, units = PairedScores(results), Units(results.metric)
    tried = settings_tried(results.configurations)
    settings = [find_setting(name) for name in tried]
    table = Table(
        box=box.HORIZONTALS, show_edge=False, pad_edge=False, collapse_padding=True,
        padding=0 if settings else (0, 1),
    )  # fmt: skip
    table.add_column(tr("network"), no_wrap=True)
    for each in settings:  # each value whole, the heading over several lines
        words = [*each.heading.split(), *map(retold, map(each.label, tried[each.name]))]
        table.add_column(each.heading.replace(" ", "\n"), min_width=max(map(letters, words)))
    aside = () if settings else (tr("in training"), tr("seconds"))  # where there is room
    margin = tr(_MARGIN)
    for name in (tr("parameters"), units.heading, margin, *aside, tr("fits")):
        table.add_column(name, justify="right", no_wrap=name != margin or not settings)
    table.add_column("", min_width=_SAYS if settings else None)
    for configuration in results.configurations:
        number = configuration.number
        fits, score = results.fits_of(number), paired.score(number)
        if score is None and number not in results.failed:
            continue
        says, style = _standing(study, number)
        training = training_score(results, number)
        measured = ["" if score is None else f"{score.mean:.4f}"]
        measured.append("" if score is None else _margin(score, units))
        if aside:
            measured.append("" if training is None else f"{training.mean:.4f}")
        if number in results.pruned or number in results.failed:
            measured = [""] * len(measured)  # of few fits, and no mean like the others
        if aside:
            measured.append(f"{_mean([fit.seconds for fit in fits]):.2f}" if fits else "")
        size = f"{configuration.n_parameters:,}"
        values = _values(configuration, settings)
        network = retold(_shape(configuration, settings))
        table.add_row(network, *values, size, *measured, str(len(fits)), says, style=style)
    others = {tr("boosted trees"): paired.score("trees"), tr("guessing"): paired.score("guesses")}
    for name, score in others.items():
        if score is not None:
            mean, n = f"{score.mean:.4f}", str(score.n)
            blank, last = [""] * len(settings), [""] * len(aside)
            table.add_row(name, *blank, "", mean, _margin(score, units), *last, n, "")
    found = fit_score(results, study.recommendation_)
    if found is not None:
        network = retold(_shape(study.recommended_, settings))
        name, mean = tr("{network}, as fit", network=network), f"{found[0]:.4f}"
        values, last = _values(study.recommended_, settings), [""] * len(aside)
        table.add_row(name, *values, "", mean, "", *last, str(found[1]), tr("trained as fit does"))
    return table


def _shape(configuration: Configuration, settings: Sequence[Setting]) -> str:
    """A name without the settings where these have columns."""
    return configuration.shape if settings else configuration.name


def _values(configuration: Configuration, settings: Sequence[Setting]) -> list[str]:
    own = dict(configuration.settings)
    return [retold(each.label(own[each.name])) if each.name in own else "" for each in settings]


def _rows_table(results: StudyResults, curves: LearningCurves) -> Table:
    from layerwise.study.words_on_rows import rows_table

    headings, lines = rows_table(results, curves)
    table = Table(box=box.HORIZONTALS, show_edge=False, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(*line)
    return table


def _margin(score: Estimate, units: Units) -> str:
    low, high = units.interval(score)
    if (low, high) != score.interval() and not math.isnan(low):
        return tr("{low} to {high}", low=f"{low:.4f}", high=f"{high:.4f}")
    margin = score.margin()
    return "" if math.isnan(margin) else f"{margin:.4f}"


def _standing(study: DepthStudy, number: int) -> tuple[str, str]:
    """(what is to be said of a configuration, in which style)."""
    results, recommendation = study.study_, study.recommendation_
    if number == recommendation.number:
        is_best = number == recommendation.best
        return tr("recommended, the best") if is_best else tr("recommended"), "bold"
    if number == recommendation.best:
        return tr("the best"), ""
    if number in results.failed:
        return retold(results.failure(number)), "dim"
    if number in results.pruned:
        return tr("not pursued"), "dim"
    standing = recommendation.standings.get(number)
    says = tr("worse") if standing is not None and standing.is_worse else ""
    return says or retold(results.failures(number)).partition(":")[0], ""


def result(study: DepthStudy, compare: Sequence[str] | None) -> dict[str, object]:
    """The same for programs, in English."""
    from layerwise.study.answers import is_better_than_guessing
    from layerwise.study.honest_score import honest_score
    from layerwise.study.paired import PairedScores
    from layerwise.study.words_on_columns import times_left_out
    from layerwise.study.words_on_fit import fit_score
    from layerwise.study.words_on_training import training_score
    from layerwise.study.written_scores import Units

    results, recommendation = study.study_, study.recommendation_
    paired, units = PairedScores(results), Units(results.metric)
    configurations = []
    for configuration in results.configurations:
        number = configuration.number
        fits = results.fits_of(number)
        score, training = paired.score(number), training_score(results, number)
        standing, stopped = recommendation.standings.get(number), number in results.pruned
        configurations.append(
            {
                "number": number,
                "name": configuration.name,
                "depth": configuration.depth,
                "width": configuration.width,
                "activation": configuration.activation,
                "settings": dict(configuration.settings),
                "n_parameters": configuration.n_parameters,
                "score": None if score is None or stopped else score.mean,
                "standard_error": None if score is None or stopped else score.standard_error,
                "interval": None if score is None or stopped else _interval(score, units),
                "scores": [[*split, s] for split, s in results.scores_of(number).items()],
                "training_score": None if training is None or stopped else training.mean,
                "seconds": _mean([fit.seconds for fit in fits]),
                "epochs": _mean([fit.epochs for fit in fits]),
                "p_value": None if standing is None else standing.p_value,
                "is_worse": None if standing is None else standing.is_worse,
                "not_pursued": results.pruned[number].reason if stopped else None,
                "failed": results.failures(number) or None,
            }
        )
    recommended, honest = study.recommended_, honest_score(results, recommendation)
    found = fit_score(results, recommendation)
    of_fit = results.like_fit.get(recommended.number, {})
    return {
        "task": results.task,
        "target": results.target,
        "metric": results.metric,
        "higher_is_better": results.higher_is_better,
        "settings": dict(results.settings),
        "configurations": configurations,
        "trees": [[*split, score] for split, score in sorted(results.trees.items())],
        "guesses": [[*split, score] for split, score in sorted(results.guesses.items())],
        "like_fit": None
        if found is None
        else {
            "score": found[0],
            "scores": [[*split, score] for split, score in sorted(of_fit.items())],
        },
        "recommended": {
            "number": recommended.number,
            "name": recommended.name,
            "depth": recommended.depth,
            "width": recommended.width,
            "activation": recommended.activation,
            "hidden": recommended.hidden,
            "settings": dict(recommended.settings),
            "n_parameters": recommended.n_parameters,
            "score": honest.mean,
            "standard_error": honest.standard_error,
            "interval": _interval(honest, units),
        },
        "left_out": [
            {"column": name, "splits": count, "of": len(results.left_out)}
            for name, count in times_left_out(results).items()
        ],
        "importance": _importance(results),
        "learning_curves": _curves(study),
        "layers_help": recommendation.choice.layers_help,
        "is_better_than_guessing": is_better_than_guessing(results, recommendation),
        "best": recommendation.best,
        "is_final": recommendation.is_final,
        "stopped": results.stopped or None,
        "answers": _sentences(study, compare),
    }


def _sentences(study: DepthStudy, compare: Sequence[str] | None) -> list[str]:
    from layerwise.study.answers import answers, headline
    from layerwise.study.words_on_pairs import pair_words

    results, recommendation = study.study_, study.recommendation_
    with speaking("en"):
        return [
            headline(results, recommendation),
            *(answer.text for answer in answers(results, recommendation)),
            *(pair_words(results, compare) if compare else ()),
        ]


def _interval(score: Estimate, units: Units) -> list[float] | None:
    """Ends of the 95 % confidence interval, within what a score can be; None of a single fit."""
    low, high = units.interval(score)
    return None if math.isnan(score.standard_error) else [low, high]


def _importance(results: StudyResults) -> dict[str, object] | None:
    from layerwise.study.variance_shares import importance

    found = importance(results)
    return None if found is None else asdict(found)


def _curves(study: DepthStudy) -> dict[str, object] | None:
    """Scores against rows; of each model, what is foretold of twice the rows."""
    from layerwise.study.written_scores import Units

    found, units = study.learning_curves_, Units(study.study_.metric)
    if found is None:
        return None
    models = []
    for curve in found.models:
        verdict = curve.verdict(len(found.models))
        law = curve.law.parameters()
        models.append(
            {
                "name": curve.name,
                "number": curve.number,
                "scores": [score.mean for score in curve.estimates],
                "intervals": [_interval(score, units) for score in curve.estimates],
                "n_splits": len(curve.splits),
                "verdict": verdict,
                "twice": {
                    "rows": curve.more_rows,
                    "score": asdict(curve.expected),
                    "gain": asdict(curve.gain),
                },
                "foretold": asdict(curve.foretold) | {"measured": curve.score},
                "law": {name: dict(zip(_ENDS, ends, strict=True)) for name, ends in law.items()},
            }
        )
    return {
        "rows": list(found.sizes),
        "models": models,
        "depths": [
            {
                "depth": depth,
                "number": number,
                "scores": [None if score is None else score.mean for score in found.scores[depth]],
                "p_over_linear": [p for _, p in found.over_linear.get(depth, ())],
            }
            for depth, number in found.depths.items()
        ],
    }


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
