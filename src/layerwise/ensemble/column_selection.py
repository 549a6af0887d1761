"""Which columns tell of the target, and are given to the networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from layerwise.arrays import Array, Floats, Mask
from layerwise.engine.threads import single_threaded_blas
from layerwise.ensemble.chances import false_shares
from layerwise.ensemble.column_doubles import find_column_doubles
from layerwise.ensemble.column_evidence import Evidence, responses
from layerwise.ensemble.column_forms import ColumnForms

# Of the columns that are taken to tell something, the share that may be chance.
FALSE_SHARE = 0.1
_MOST_ROWS = 20_000
_FEWEST_ROWS = 30
_LOOSER = 0.6  # the power of a chance by all rows that one by a fold's rows may be
_SURE = 1e-6  # a smaller chance is not made so by a fold's rows
# Leaving out pays where more than so many columns tell nothing, and so many times the others.
_FEW = 12
_OUTNUMBERED = 0.85
_FEWEST_COLUMNS = 10  # fewer do little harm, and are all given to the networks


@dataclass(frozen=True, eq=False)
class Selection:
    """What was found of each column.

    Attributes
    ----------
    evidence : Evidence
        Of all rows.
    told : ndarray of bool, shape (n_columns,)
        The columns that tell of the target, by all rows.
    double_of : ndarray of int, shape (n_columns,)
        Which other column each says again, no more than that; -1: none.
    always : ndarray of bool, shape (n_columns,)
        Columns that are given to the networks whatever they tell.
    of_inputs, of_codes : ndarray of int
        The column that each prepared number, and each code, is of.
    forms : ColumnForms
    y : ndarray, shape (n_looked_at, k)
    place : ndarray of int, shape (n,)
        Each row's place among those that were looked at; -1: it was not.
    """

    evidence: Evidence
    told: Mask
    double_of: Array
    always: Mask
    of_inputs: Array
    of_codes: Array
    forms: ColumnForms
    y: Floats
    place: Array

    @property
    def pays(self) -> bool:
        """Whether so many columns tell nothing that leaving them out pays.

        Of a few some may tell a little, and then more is lost than the others do harm. How many
        tell nothing is not how many are not told to: of few rows most of those that tell a little
        are among these. But their chances are then smaller than of noise (Storey 2002).
        """
        n, n_told = len(self.told), int(self.told.sum())
        n_nothing = min(n - n_told, 2 * int((self.evidence.alone > 0.5).sum()))
        return n_nothing > max(_FEW, _OUTNUMBERED * (n - n_nothing))

    @property
    def is_empty(self) -> bool:
        """Whether no column tells anything."""
        return not self.told.any()

    def by_rows(self, rows: Array) -> Mask:
        """The columns that these rows alone tell to be of use, of those that all rows do.

        Where no column tells anything: the one that tells most by these rows.
        """
        with single_threaded_blas():
            return self._by_rows(rows)

    def _by_rows(self, rows: Array) -> Mask:
        place = self.place[rows]
        place = place[place >= 0]
        y = self.y[place]
        if self.is_empty:
            p = self.forms.of(np.ones_like(self.told), place).alone(y)
            strongest = self.always.copy()
            strongest[p.argmin()] = True
            return strongest
        # What is beyond doubt was not made so by the rows that are held out.
        unsure = self.told & (self.evidence.p > _SURE)
        if not unsure.any():
            return self.always | self.told
        # Of fewer rows the chances are larger: their logarithms go with the rows.
        least = float(self.evidence.p[unsure].max()) ** _LOOSER
        forms = self.forms.of(self.told, place)
        p = Evidence.of(forms, y, lambda p: p <= least).p
        return np.asarray(self.always | (self.told & (~unsure | (p <= least))))

    def inputs_among(self, columns: Mask) -> tuple[Mask, Mask]:
        """Which numbers and which codes are of these columns."""
        return columns[self.of_inputs], columns[self.of_codes]

    def among(self, columns: Mask) -> Selection:
        """The same of some columns alone, in their order."""
        number = np.cumsum(columns) - 1
        inputs, codes = self.inputs_among(columns)
        return replace(
            self,
            evidence=replace(
                self.evidence, p=self.evidence.p[columns], alone=self.evidence.alone[columns]
            ),
            told=self.told[columns],
            double_of=np.full(int(columns.sum()), -1),
            always=self.always[columns],
            of_inputs=number[self.of_inputs[inputs]],
            of_codes=number[self.of_codes[codes]],
            forms=self.forms.among(columns),
        )


def select_columns(
    x: Array,
    codes: Array,
    y: Array,
    *,
    of_inputs: ArrayLike,
    of_codes: ArrayLike,
    always: Sequence[bool],
    is_classes: bool,
    seed: int,
) -> Selection | None:
    """Find which columns tell of the target.

    None where there are too few rows to say, or so few columns that none needs to be left out.

    Parameters
    ----------
    x, codes, y : ndarray
        Prepared rows, as a `Problem` has them.
    of_inputs, of_codes : array-like of int
        The column that each number, and each code, is of.
    always : sequence of bool, shape (n_columns,)
        Columns that are kept whatever they tell.
    is_classes : bool
    seed : int
        For the rows that are looked at, where they are many.
    """
    if len(x) < _FEWEST_ROWS or len(always) < _FEWEST_COLUMNS:
        return None
    rows = np.arange(len(x))
    if len(x) > _MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).permutation(len(x))[:_MOST_ROWS])
    place = np.full(len(x), -1)
    place[rows] = np.arange(len(rows))
    owners = np.asarray(of_inputs, np.int64), np.asarray(of_codes, np.int64)
    x = x[rows]
    forms = ColumnForms.at(x, codes[rows], *owners, len(always))
    targets = responses(y[rows], is_classes=is_classes)

    def is_told(p: Floats) -> Mask:
        return false_shares(p) <= FALSE_SHARE

    with single_threaded_blas():  # same bits, whatever the number of threads
        evidence = Evidence.of(forms, targets, is_told)
        double_of = find_column_doubles(forms, x, owners[0], targets, evidence.p)
    kept = np.asarray(always, bool)
    double_of[kept] = -1
    return Selection(evidence, is_told(evidence.p), double_of, kept, *owners, forms, targets, place)
