"""What a model is compared with: baselines, trained and scored as its networks were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from layerwise.arrays import Array, Integers
from layerwise.ensemble.baselines import ALL_ROUNDS, boosted_trees, rounds_for, trivial
from layerwise.ensemble.calibration import temper
from layerwise.ensemble.decision import decision_for, needs_threshold
from layerwise.ensemble.folds import round_of
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_rows import LearnedRows
from layerwise.language import message, said
from layerwise.report.judging import Judgement, Scores
from layerwise.training.time_limit import Deadline

TRIVIAL, TREES = message("trivial prediction"), message("gradient-boosted trees")
_MOST_CLASSES = 500


@dataclass(frozen=True)
class Baseline:
    """What a model is compared with.

    Attributes
    ----------
    name : str
    outputs : ndarray, shape (n, n_classes) or (n,) or (n, n_targets)
        Probabilities or numbers of the rows that the model was judged by.
    scores : dict of str to float or None
        As the model's.
    decided : ndarray, shape (n,), or None
        Predicted classes' numbers.
    note : str
        What it was given less of than is usual, and why.
    """

    name: str
    outputs: Array
    scores: Scores
    decided: Array | None
    note: str = ""


def compare(
    model: BaseTable, learned: LearnedRows, judged: Judgement, *, seed: int, deadline: Deadline
) -> Iterator[Baseline]:
    """Train and score baselines as the networks were: the same rows and weights, the same rule.

    Parameters
    ----------
    model : TableClassifier or TableRegressor
    learned : LearnedRows
        That it was trained on.
    judged : Judgement
    seed : int
    deadline : Deadline

    Yields
    ------
    Baseline
        Each once it is done: the trivial prediction first.

    Raises
    ------
    TimeoutError
        If the trees would not be done before the deadline, or the classes are too many for them.
    """
    problem, y = learned.problem, learned.y
    metric, n_classes = str(getattr(model, "metric", "")), len(model.task_.classes)
    absolute = metric == "mae"
    of_classes: Array | None = getattr(model, "class_weights_", None)
    weight = problem.weight  # the rows' own, and their classes'
    own = weight if weight is None or of_classes is None else weight / of_classes[y]

    def scored(name: str, outputs: Array, held_out: Array, rows: Array) -> Baseline:
        if n_classes:
            of_rows = None if own is None else own[rows]
            rule = decision_for(held_out, y[rows], metric, of_classes, of_rows)
            decided = rule(outputs)
        else:
            decided = None
        return Baseline(name, outputs, judged.scored(outputs, decided), decided)

    def alike(outputs: Array) -> Array:
        return np.repeat(outputs[:1], len(y), axis=0)

    every_row = np.arange(len(y))
    outputs = trivial(y, n_classes, len(judged.y), own, absolute=absolute)
    yield scored(TRIVIAL, outputs, alike(outputs), every_row)
    deadline.check(0.0)
    if n_classes > _MOST_CLASSES:
        raise TimeoutError(
            f"each of {n_classes:,} classes needs a tree in every round, which takes too long "
            f"beyond {_MOST_CLASSES:,}"
        )
    n_inputs = problem.x.shape[1] + problem.codes.shape[1]
    n_rounds = rounds_for(n_classes, len(y) * n_inputs)

    def trees(rows: Integers | slice, x: Array, codes: Array) -> Array:
        outputs = boosted_trees(
            problem.x[rows],
            problem.codes[rows],
            y[rows],
            x,
            codes,
            n_classes=n_classes,
            n_rounds=n_rounds,
            weight=None if weight is None else weight[rows],
            absolute=absolute,
            seed=seed,
            n_threads=model.n_threads,
            deadline=deadline,
        )
        return outputs if of_classes is None else temper(outputs, 1.0, 0.0, of_classes)

    outputs = trees(slice(None), judged.prepared.x, judged.prepared.codes)
    held_out, rows = alike(outputs), every_row
    if n_classes == 2 and needs_threshold(metric):
        held_out, rows = _held_out(model, learned, trees, seed)
    note = ""
    if n_rounds < ALL_ROUNDS:
        note = said(
            "Gradient-boosted trees were given {n_rounds} rounds and not {usual}: each of "
            "{n:,} classes needs a tree in every round",
            n_rounds=n_rounds,
            usual=ALL_ROUNDS,
            n=n_classes,
        )
    yield replace(scored(TREES, outputs, held_out, rows), note=note)


def _held_out(
    model: BaseTable, learned: LearnedRows, trees: Callable[..., Array], seed: int
) -> tuple[Array, Integers]:
    """The trees' probabilities of rows held out as the networks' are, and which rows."""
    problem, recipe = learned.problem, model.recipe_
    probabilities, held_out = [], []
    for fold in round_of(problem, recipe.n_windows or recipe.n_folds, seed):
        rows = fold.rows
        if rows is None:
            rows = np.delete(np.arange(len(problem)), fold.measuring)
        probabilities.append(trees(rows, problem.x[fold.measuring], problem.codes[fold.measuring]))
        held_out.append(fold.measuring)
    return np.concatenate(probabilities), np.concatenate(held_out)
