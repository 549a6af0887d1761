"""One network of a study, trained without one fold and scored on it; and the trees beside it.

A study "like fit" has, in the place of each network, several that are trained as `layerwise fit`
trains them, and averaged: numbers cut into pieces, dropout, each without one part of the rows. It
has a quarter of the networks, as with ``--effort low``, which costs little of the score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from layerwise.arrays import Array, Floats, Integers
from layerwise.engine.threads import single_threaded_blas
from layerwise.ensemble.baselines import boosted_trees, trivial
from layerwise.ensemble.ensemble import weigh
from layerwise.ensemble.ensemble_training import network_for, train_ensemble, trainer_for
from layerwise.ensemble.folds import folds_of
from layerwise.ensemble.named_settings import learned_loss, with_settings
from layerwise.ensemble.recipe import Recipe, recipe_for
from layerwise.language import said
from layerwise.study.held_out_units import deviations_of, pack
from layerwise.study.metrics import row_error, score_of
from layerwise.study.plan import watched_parts
from layerwise.study.results import TOO_FAR_OFF, Configuration, FitResult, Split
from layerwise.training import TrainingDiverged

if TYPE_CHECKING:
    from layerwise.ensemble.ensemble import Ensemble
    from layerwise.network import Network
    from layerwise.study.plan import Plan
    from layerwise.study.study_table import Fold
    from layerwise.training import History

__all__ = ["EFFORT_LIKE_FIT", "Interrupted", "fit_one", "fit_trees", "score_one", "train_one"]

_ROWS_FOR_GRADIENTS = 256
_DIGITS = 6  # significant ones, of what is kept of every epoch
EFFORT_LIKE_FIT = "low"


class Interrupted(Exception):  # noqa: N818  what happened, as KeyboardInterrupt
    """The fit was told to end before its time."""


def fit_one(
    fold: Fold,
    configuration: Configuration,
    plan: Plan,
    split: Split,
    stop: object = False,
    n_threads: int = 1,
) -> FitResult:
    """Train a network on a fold's rows, on one thread, and score it on those held out.

    Parameters
    ----------
    fold : Fold
    configuration : Configuration
    plan : Plan
    split : (repeat, fold)
    stop : object
        The fit ends when it becomes true.
    n_threads : int
        How many networks of a study like fit are trained at once; results do not depend on it.

    Raises
    ------
    Interrupted
        If `stop` became true before the training's end.
    TrainingDiverged
        If the loss stopped being a finite number, or the score of the rows held out is none.
    """
    trained = train_one(fold, configuration, plan, split, stop, n_threads)
    return score_one(trained, fold, configuration, plan, split)


@dataclass(frozen=True, eq=False)
class Trained:
    """What predicts, and of its one network, or the first of several: how it was trained."""

    predictor: Network | Ensemble
    network: Network
    rows: Integers
    history: History
    gradients: tuple[float, ...]
    seconds: float


# What a network that diverges computes is looked at, and refused, at the end.
@np.errstate(over="ignore", invalid="ignore")
def train_one(
    fold: Fold,
    configuration: Configuration,
    plan: Plan,
    split: Split,
    stop: object = False,
    n_threads: int = 1,
) -> Trained:
    """Train a network on a fold's rows: the first half of `fit_one`."""
    fold = _learning(fold, configuration)
    recipe = _recipe(fold, configuration, plan)
    seed = (plan.seed * 1_000_003 + split[0] * 1_009 + split[1]) % 2**32
    if plan.like_fit:
        return _train_several(fold, recipe, seed, stop, n_threads)
    patience = None if plan.patience is None else _budget(fold, "patience", plan.patience)
    return _train_one(fold, recipe, seed, stop, patience)


@np.errstate(over="ignore", invalid="ignore")
def score_one(
    trained: Trained, fold: Fold, configuration: Configuration, plan: Plan, split: Split
) -> FitResult:
    """Score a trained network on the rows that a fold holds out: the second half of `fit_one`."""
    fold = _learning(fold, configuration)
    predictor, rows, history = trained.predictor, trained.rows, trained.history
    x, codes, y = fold.problem.x[rows], fold.problem.codes[rows], fold.y[rows]
    training_score, _, training_loss = _judged(predictor, fold, x, codes, y, plan.metric)
    score, parts, loss = _judged(
        predictor, fold, fold.x_test, fold.codes_test, fold.y_test, plan.metric
    )
    _check_finite(plan.metric, score, loss)
    fit = FitResult(
        configuration.number,
        *split,
        score=score,
        training_score=training_score,
        loss=loss,
        training_loss=training_loss,
        seconds=trained.seconds,
        epochs=len(history),
        score_error=row_error(parts),
        share=fold.share,
        deviations=pack(deviations_of(parts, fold.units_test)),
    )
    if fold.share < 1.0:
        return fit
    return replace(
        fit,
        gradients=trained.gradients,
        gradients_at_end=_gradients(trained.network, fold, rows),
        training_curve=_rounded(history["loss"]),
        held_out_curve=() if plan.patience is None else _rounded(history["validation_loss"]),
    )


def _learning(fold: Fold, configuration: Configuration) -> Fold:
    """The fold, to be learned by the loss that a configuration asks for."""
    learned = learned_loss(dict(configuration.settings), fold.problem.loss)
    return replace(fold, problem=replace(fold.problem, loss=learned))


def _train_one(
    fold: Fold, recipe: Recipe, seed: int, stop: object, patience: int | None
) -> Trained:
    problem = fold.problem
    rows, watched = np.arange(len(problem)), None
    if patience is not None:
        watched = watched_rows(fold, seed)
        rows = np.setdiff1d(rows, watched)
    network = network_for(problem, rows, recipe, 0, seed)
    trainer = replace(trainer_for(recipe, problem, len(rows), seed), patience=patience)
    before = _gradients(network, fold, rows)
    history = trainer.fit(
        network, problem.x, problem.y, codes=problem.codes, validation_rows=watched, stop=stop
    )
    if history.stopped == "interrupted":
        raise Interrupted
    return Trained(network, network, rows, history, before, history.epochs[-1].seconds)


def _train_several(fold: Fold, recipe: Recipe, seed: int, stop: object, n_threads: int) -> Trained:
    problem = fold.problem
    try:
        ensemble = train_ensemble(
            problem, recipe, seed=seed, n_threads=n_threads, interrupt=stop, needs_one=False
        )
    except TimeoutError:
        raise Interrupted from None
    if ensemble.stopped:
        raise Interrupted
    weigh(ensemble, problem)
    first = ensemble.members[0]
    rows = np.setdiff1d(np.arange(len(problem)), first.held_out)
    new = network_for(problem, rows, recipe, 0, seed * 1_000 % 2**32)
    seconds = sum(member.history.epochs[-1].seconds for member in ensemble.members)
    gradients = _gradients(new, fold, rows)
    return Trained(ensemble, first.network, rows, first.history, gradients, seconds)


def fit_trees(fold: Fold, plan: Plan) -> tuple[float, str]:
    """Score gradient-boosted trees on a fold; they get what the networks get.

    Returns
    -------
    score : float
    deviations : str
        As of `FitResult`.
    """
    from threadpoolctl import threadpool_limits

    n_classes = fold.problem.n_outputs if fold.problem.is_classes else 0
    if n_classes and len(np.unique(fold.y)) == 1:  # as where whole groups are of one class
        predicted = trivial(fold.y, n_classes, len(fold.y_test))
    else:
        with threadpool_limits(1):
            predicted = boosted_trees(
                fold.problem.x,
                fold.problem.codes,
                fold.y,
                fold.x_test,
                fold.codes_test,
                n_classes=n_classes,
                seed=plan.seed,
            )
    score, parts = score_of(plan.metric, fold.y_test, predicted)
    _check_finite(plan.metric, score)
    return score, pack(deviations_of(parts, fold.units_test))


def _check_finite(metric: str, *numbers: float) -> None:
    """Refuse a fit whose predictions are not finite: a mean over folds would be none either."""
    if not all(map(math.isfinite, numbers)):
        raise TrainingDiverged(said(TOO_FAR_OFF, metric=metric))


def watched_rows(fold: Fold, seed: int) -> Integers:
    """A share of a fold's training rows, by which training is ended; the same for all networks."""
    n_parts = watched_parts(len(fold.problem), fold.problem.groups)
    return np.sort(folds_of(fold.problem, n_parts, seed)[0])


def _recipe(fold: Fold, configuration: Configuration, plan: Plan) -> Recipe:
    """The recipe of `layerwise fit`; of a plain network: no pieces, no dropout unless varied."""
    problem = fold.problem
    n_inputs = problem.x.shape[1] + problem.codes.shape[1]
    recipe = recipe_for(len(problem), n_inputs, EFFORT_LIKE_FIT)
    if not (plan.like_fit and configuration.hidden):  # a linear model is one
        recipe = replace(recipe.without_pieces(), dropout=0.0)
    shaped = replace(
        recipe,
        hidden=configuration.hidden,
        activation=configuration.activation or recipe.activation,
        epochs=plan.epochs,
        batch_size=plan.batch_size,
    )
    rate = {} if plan.learning_rate is None else {"learning_rate": plan.learning_rate}
    recipe = with_settings(shaped, rate | dict(configuration.settings))
    return replace(
        recipe,
        epochs=_budget(fold, "epochs", recipe.epochs),
        batch_size=_budget(fold, "batch_size", recipe.batch_size),
    )


def _budget(fold: Fold, name: str, value: int) -> int:
    """Epochs, patience or the rows of a batch: of fewer rows as the recipe changes them there.

    As many epochs on a sixteenth of the rows would be too few steps to learn by.
    """
    if fold.share == 1.0:
        return value
    n = len(fold.problem)
    whole, here = recipe_for(round(n / fold.share), 1), recipe_for(n, 1)
    ratio: float = getattr(here, name) / getattr(whole, name)
    return max(1, round(value * ratio))


def _judged(
    predictor: Network | Ensemble, fold: Fold, x: Array, codes: Array, y: Array, metric: str
) -> tuple[float, Floats, float]:
    """(score, each row's part in it, loss) on some rows."""
    outputs = predictor(x, codes, n_threads=1)
    score, parts = score_of(metric, y, fold.in_units(outputs))
    if fold.problem.is_classes:
        true = outputs[np.arange(len(y)), y].astype(np.float64)
        loss = float(-np.log(np.maximum(true, 1e-15)).mean())
    else:
        loss = float(((outputs - fold.scaled(y)).astype(np.float64) ** 2).mean() / 2)
    return score, parts, loss


def _gradients(network: Network, fold: Fold, rows: Integers) -> tuple[float, ...]:
    """Root of the mean square of the loss's gradient by each layer's weights, on some rows."""
    # At equal distances, since a table may be sorted.
    n = min(len(rows), _ROWS_FOR_GRADIENTS)
    some = rows[np.linspace(0, len(rows) - 1, n).astype(np.int64)]
    problem = fold.problem
    with single_threaded_blas():
        trace = network.forward(problem.x[some], problem.codes[some])
        gradients = network.backward(trace, problem.y[some], problem.loss)
    squares = [float(np.square(g, dtype=np.float64).mean()) for g in gradients.weights]
    return _rounded(np.sqrt(squares))


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(
        float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else value for value in values
    )
