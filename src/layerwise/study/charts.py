"""A study's charts: score, training, time and gradients, by depth and by size."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from layerwise.architecture.lookup import look_up
from layerwise.draw.chart import Chart, Curve, Panel
from layerwise.draw.drawn_chart import draw_chart
from layerwise.language import message, speaks, tr
from layerwise.study.curves import (
    MOST_WIDTHS,
    of_best_settings,
    panels_of,
    score_axis,
    shown_configurations,
    trees_line,
    widths_left_out,
)
from layerwise.study.fold_chart import score_by_fold
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation, recommend
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.rows_chart import depth_by_rows, score_by_rows
from layerwise.study.setting_chart import score_by_setting
from layerwise.study.statistics import Estimate, estimate
from layerwise.study.words_on_training import training_score
from layerwise.study.written_scores import Units
from layerwise.texts import first_up

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Deeper grids are thinned out to so many depths where each is a curve.
_MOST_DEPTHS = 6
_RECOMMENDED = message("recommended")
# Sizes that differ by less are one size.
_ONE_SIZE = 1.1


def score_by_depth(
    results: StudyResults, recommendation: Recommendation | None, most: int = MOST_WIDTHS
) -> Chart:
    """Held-out score against depth, a panel for each width, a curve for each activation.

    Of more widths than `most`, of the most telling ones alone.
    """
    paired, units = PairedScores(results), Units(results.metric)
    panels = panels_of(
        results, recommendation, lambda c: paired.score(c.number), units, folds=True, most=most
    )
    left_out = widths_left_out(results, recommendation, most)
    return Chart(
        tr("{score} against depth", score=first_up(units.name))
        + left_out
        + of_best_settings(results),
        tr(_DEPTH),
        score_axis(units),
        panels,
        mark=tr(_RECOMMENDED),
        line=trees_line(paired, units),
        whole_x=True,
        bounds=units.shown_bounds,
    )


def score_by_size(results: StudyResults, recommendation: Recommendation | None) -> Chart | None:
    """Held-out score against the number of parameters; None where all have about as many."""
    sizes = [c.n_parameters for c in results.configurations if c.hidden]
    if not sizes or max(sizes) < _ONE_SIZE * min(sizes):
        return None
    paired, units = PairedScores(results), Units(results.metric)
    panels = panels_of(
        results,
        recommendation,
        lambda c: paired.score(c.number),
        units,
        x_of=lambda c: c.n_parameters,
        most=None,
    )
    # The linear model is in each panel, and once here.
    once = tuple(dict.fromkeys(curve for panel in panels for curve in panel.curves))
    marked = next((panel.marked for panel in panels if panel.marked), None)
    return Chart(
        tr("{score} against size", score=first_up(units.name)) + of_best_settings(results),
        tr("parameters (log scale)"),
        score_axis(units),
        (Panel("", once, marked),),
        mark=tr(_RECOMMENDED),
        line=trees_line(paired, units),
        log_x=True,
        bounds=units.shown_bounds,
    )


def training_by_depth(results: StudyResults, recommendation: Recommendation | None) -> Chart:
    """Scores on rows trained on and on held-out rows: a wide gap is over-fitting."""
    paired, units = PairedScores(results), Units(results.metric)
    held_out = panels_of(
        results, recommendation, lambda c: paired.score(c.number), units, intervals=False
    )
    training = panels_of(
        results,
        recommendation,
        lambda c: training_score(results, c.number),
        units,
        intervals=False,
        is_dashed=True,
    )
    panels = tuple(
        Panel(a.title, a.curves + b.curves, a.marked)
        for a, b in zip(held_out, training, strict=True)
    )
    return Chart(
        tr("{score} on rows trained on, and on held-out rows", score=first_up(units.name)),
        tr(_DEPTH),
        score_axis(units),
        panels,
        mark=tr(_RECOMMENDED),
        whole_x=True,
        bounds=units.shown_bounds,
        solid=tr("held-out rows"),
        dashed=tr("rows trained on"),
    )


def time_by_depth(results: StudyResults, recommendation: Recommendation | None) -> Chart:
    """Seconds of a fit against depth."""

    def seconds(configuration: Configuration) -> Estimate | None:
        taken = [fit.seconds for fit in results.fits_of(configuration.number)]
        return estimate(taken, 0) if taken else None

    panels = panels_of(results, recommendation, seconds, Units("seconds"))
    return Chart(
        tr("Time of a fit against depth"),
        tr(_DEPTH),
        tr("seconds of a fit, on one thread"),
        panels,
        mark=tr(_RECOMMENDED),
        whole_x=True,
        bounds=Units("seconds").shown_bounds,
    )


def gradients_by_layer(
    results: StudyResults, recommendation: Recommendation | None
) -> Chart | None:
    """Size of the gradient in each layer's weights before the first step, by depth.

    A panel for each activation, at the largest width; None where no gradients were kept.
    """
    fits = {c.number: results.fits_of(c.number) for c in results.configurations}
    with_layers = [
        c
        for c in shown_configurations(results)
        if c.depth and any(f.gradients for f in fits[c.number])
    ]
    if not with_layers:
        return None
    panels = []
    for name in dict.fromkeys(c.activation for c in with_layers):
        of_name = [c for c in with_layers if c.activation == name]
        widest: dict[int, Configuration] = {}
        for c in sorted(of_name, key=lambda c: (c.depth, c.width)):
            widest[c.depth] = c
        depths = sorted(widest)
        if len(depths) > _MOST_DEPTHS:
            places = np.linspace(0, len(depths) - 1, _MOST_DEPTHS).round().astype(int)
            depths = [depths[i] for i in places]
        curves = []
        for i, depth in enumerate(depths):
            sizes = [fit.gradients for fit in fits[widest[depth].number] if fit.gradients]
            with np.errstate(divide="ignore"):
                mean = np.exp(np.log(np.array(sizes)).mean(axis=0))
            layers = tuple(float(layer) for layer in range(1, depth + 2))
            strength = 0.3 + 0.7 * (i + 1) / len(depths)
            curves.append(
                Curve(tr("depth {i}", i=depth), 0, layers, tuple(mean.tolist()), strength=strength)
            )
        panels.append(Panel(str(name), tuple(curves)))
    return Chart(
        tr("Gradient that reaches each layer before the first step"),
        tr("layer, the last being the output"),
        tr("root mean square (log scale)"),
        tuple(panels),
        log_y=True,
        whole_x=True,
    )


CHARTS: dict[str, Callable[[StudyResults, Recommendation | None], Chart | None]] = {
    "depth": score_by_depth,
    "rows": score_by_rows,
    "depth_by_rows": depth_by_rows,
    "folds": score_by_fold,
    "size": score_by_size,
    "training": training_by_depth,
    "time": time_by_depth,
    "gradients": gradients_by_layer,
}
_DEPTH = message("hidden layers (0: linear model)")


def charts_of(
    results: StudyResults,
) -> dict[str, Callable[[StudyResults, Recommendation | None], Chart | None]]:
    """The charts of a study by name: those of each setting that it varies among them.

    These come first where there is no depth to choose.
    """
    settings = {name: partial(score_by_setting, name=name) for name in results.varied}
    has_depths = len({c.depth for c in results.configurations if c.hidden}) > 1
    return CHARTS | settings if has_depths else settings | CHARTS


def first_chart(results: StudyResults, recommendation: Recommendation) -> tuple[str, Chart]:
    """The name of the chart that tells most, and that in one panel: of the recommended's width."""
    made = ((name, make(results, recommendation)) for name, make in charts_of(results).items())
    name, chart = next((name, chart) for name, chart in made if chart is not None)
    return name, score_by_depth(results, recommendation, 1) if name == "depth" else chart


@speaks
def draw_study(
    results: StudyResults,
    picture: str = "depth",
    *,
    compare: Sequence[str] | None = None,
    theme: str = "light",
    language: str | None = None,
) -> "Figure":
    """Draw one of a study's pictures.

    Parameters
    ----------
    results : StudyResults
    picture : {"depth", "rows", "depth_by_rows", "size", "training", "time", "gradients", "folds"} \
            or str
        Score against depth; of a study with learning curves against rows, of the models and of
        each depth; score against number of parameters, scores on rows trained on and on held-out
        rows, time against depth, the gradient that reaches each layer, the scores of single folds;
        or score against a setting that the study varies, by its name.
    compare : sequence of str or None
        For "folds": the names of two networks or more, as in ["linear", "2 x 64 relu"]. None: those
        that the answers speak of.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure
        Matplotlib's; save it with ``figure.savefig("depth.png")``.

    Raises
    ------
    ValueError
        For an unknown picture, network, theme or language, or a picture of which the study holds
        nothing.

    Examples
    --------
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
    >>> draw_study(results).axes[0].get_ylabel()
    'accuracy (%)'
    """
    make = look_up(picture, charts_of(results), "picture")
    if compare is not None:
        if picture != "folds":
            raise ValueError(f'compare is for the picture "folds"; got it for {picture!r}')
        make = partial(score_by_fold, compare=compare)
    chart = make(results, recommend(results)) if results.fits else None
    if chart is None:
        raise ValueError(
            f"there is nothing to draw of {picture!r}: "
            + ("no fit is done yet" if not results.fits else _WHY_NOT[picture])
        )
    return draw_chart(chart, theme=theme)


_NO_CURVES = "the study has no learning curves (learning_curves=True, --rows), or not enough yet"
_WHY_NOT = {
    "rows": _NO_CURVES,
    "depth_by_rows": _NO_CURVES,
    "size": "all networks have about as many parameters",
    "gradients": "the study holds none",
    "folds": "it takes two networks with a fold in common",
}
