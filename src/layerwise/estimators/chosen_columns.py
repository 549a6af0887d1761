"""The columns of a raw table that its networks are given: those that tell of the target."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from layerwise.arrays import Mask
from layerwise.ensemble.column_selection import Selection, select_columns
from layerwise.ensemble.ensemble_training import rows_of_networks
from layerwise.ensemble.folds import Problem
from layerwise.ensemble.recipe import Recipe
from layerwise.language import message, said
from layerwise.tables.preparation import Preparation

_NOTHING = said(
    "no column was found to tell more of the target than chance would, alone or with another: "
    "expect little of the model"
)
_AGAIN = message("says what {name} says, and no more of the target")
_BY_CHANCE = message(
    "tells no more of the target than chance would, alone or with another (p = {p:.2g})"
)
_ROWS_FOR_ALL = 10  # for each column, from which on all are given where none tells anything


@dataclass(frozen=True)
class ChosenColumns:
    """What is left of a table once columns that tell nothing are left out.

    Attributes
    ----------
    preparation : Preparation
    problem : Problem
    notes : tuple of str
        What is to be said of it.
    """

    preparation: Preparation
    problem: Problem
    notes: tuple[str, ...] = ()


def choose_columns(
    preparation: Preparation,
    problem: Problem,
    recipe_of: Callable[[Problem], Recipe],
    *,
    keep: Collection[str],
    seed: int,
) -> ChosenColumns:
    """Leave out the columns that tell nothing of the target, all their inputs with them.

    First those that say what another one says. All others are then looked at anew, as if these
    were not there: a table gives what it would give without its doubles.

    Parameters
    ----------
    preparation : Preparation
    problem : Problem
    recipe_of : callable
        recipe_of(problem): by whose folds its networks are trained.
    keep : collection of str
        Columns that are not left out.
    seed : int
    """
    selection = _selection(preparation, problem, keep, seed)
    while selection is not None and (selection.double_of >= 0).any():
        preparation, problem = _without_doubles(preparation, problem, selection)
        selection = _selection(preparation, problem, keep, seed)
    if selection is None:
        return ChosenColumns(preparation, problem)
    names = [column.name for column in preparation.used]
    notes: tuple[str, ...] = ()
    kept, by_network = np.ones(len(names), bool), None
    if selection.is_empty:
        notes = (_NOTHING,)
    if selection.pays and (not selection.is_empty or len(problem) < _ROWS_FOR_ALL * len(names)):
        kept, by_network = selection.told | selection.always, selection
        if selection.is_empty:
            for rows in rows_of_networks(problem, recipe_of(problem), seed):
                kept |= selection.by_rows(rows)
    if not kept.all():
        left_out = {
            names[place]: ("unrelated", said(_BY_CHANCE, p=float(selection.evidence.p[place])))
            for place in np.flatnonzero(~kept)
        }
        preparation = preparation.without(left_out)
        problem = _among(problem, selection, kept)
    if by_network is not None:
        problem = replace(problem, selection=by_network.among(kept))
    return ChosenColumns(preparation, problem, notes)


def _without_doubles(
    preparation: Preparation, problem: Problem, selection: Selection
) -> tuple[Preparation, Problem]:
    names = [column.name for column in preparation.used]
    is_double = selection.double_of >= 0
    left_out = {
        names[place]: ("double", said(_AGAIN, name=names[selection.double_of[place]]))
        for place in np.flatnonzero(is_double)
    }
    return preparation.without(left_out), _among(problem, selection, ~is_double)


def _selection(
    preparation: Preparation, problem: Problem, keep: Collection[str], seed: int
) -> Selection | None:
    names = [column.name for column in preparation.used]
    of_inputs = np.empty(problem.x.shape[1], np.int64)
    of_codes = np.empty(problem.codes.shape[1], np.int64)
    for place, name in enumerate(names):
        inputs, codes = preparation.inputs_of(name)
        of_inputs[inputs], of_codes[codes] = place, place
    return select_columns(
        problem.x,
        problem.codes,
        problem.y,
        of_inputs=of_inputs,
        of_codes=of_codes,
        always=[name in keep for name in names],
        is_classes=problem.is_classes,
        seed=seed,
    )


def _among(problem: Problem, selection: Selection, kept: Mask) -> Problem:
    inputs, codes = selection.inputs_among(kept)
    return replace(
        problem,
        x=np.ascontiguousarray(problem.x[:, inputs]),
        codes=np.ascontiguousarray(problem.codes[:, codes]),
        code_sizes=np.asarray(problem.code_sizes, int)[codes].tolist(),
    )
