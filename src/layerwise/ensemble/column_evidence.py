"""Whether columns tell more of the target than chance would, alone or with others.

All of it is linear algebra on ranks, so that thousands of columns are looked at within seconds, and
each answer is the chance of as much where there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array, Floats
from layerwise.ensemble.column_forms import ColumnForms, independent, normal_scores
from layerwise.ensemble.combinations import Combination, combined

_STEPS = 3  # looks at the columns: as they are, and twice at what is left unexplained
# Classes, the most frequent, of which columns are asked what they tell together: of 241 it took a
# sixth of a fit to ask all, and told of no more columns.
_MOST_TOGETHER = 30
_DECIMALS = 6  # of variances, by which those that rounding alone tells apart are alike
_STRONGEST = 40  # columns by which the target is explained before the next look


def responses(y: Array, *, is_classes: bool) -> Floats:
    """Targets as columns of mean 0 that the tests are of, shape (n, k).

    A class each, weighted so that squared correlations add up to Pearson's chi-squared; numbers as
    normal scores of their ranks, so that no single row decides.
    """
    if is_classes:
        present = np.unique(y)
        each = (y[:, None] == present).astype(np.float64)
        shares = each.mean(axis=0)
        return np.asarray((each - shares) / np.sqrt(shares))
    columns = y.reshape(len(y), -1)
    return np.column_stack([normal_scores(column) for column in columns.T])


@dataclass(frozen=True)
class Evidence:
    """What rows say of each column.

    Attributes
    ----------
    p : ndarray, shape (n_columns,)
        The chance of telling as much of the target, alone or with others, where there is nothing.
    alone : ndarray, shape (n_columns,)
        The chance of telling as much alone, at the first look.
    combinations : tuple of Combination
    """

    p: Floats
    alone: Floats
    combinations: tuple[Combination, ...] = ()

    @classmethod
    def of(cls, forms: ColumnForms, y: Floats, is_told: Callable[[Floats], Array]) -> Evidence:
        """Test columns alone; then, of what these leave unexplained, alone and together, twice.

        Parameters
        ----------
        forms : ColumnForms
        y : ndarray, shape (n, k)
            See `responses`; of more than thirty, those of the least variance are all that columns
            are asked about together: the most frequent classes, or else the first numbers, whose
            scores vary alike.
        is_told : callable
            is_told(p): which columns the chances p are small enough for.
        """
        alone = forms.alone(y)
        p = np.minimum(1.0, _STEPS * alone)
        found: dict[tuple[Any, ...], Combination] = {}
        together_of = np.sort(
            np.argsort(y.var(axis=0).round(_DECIMALS), kind="stable")[:_MOST_TOGETHER]
        )
        for _ in range(_STEPS - 1):
            strongest = np.zeros(len(p), bool)
            strongest[np.argsort(p, kind="stable")[:_STRONGEST]] = True
            terms = [term for each in found.values() for term in each.terms(forms)]
            unexplained = forms.unexplained(y, strongest & is_told(p), terms)
            left = independent(unexplained)
            if not left.shape[1]:
                break
            together, new = combined(forms, independent(unexplained[:, together_of]))
            found |= {(each.inputs, each.binned): each for each in new}
            p = np.minimum(p, 2 * _STEPS * np.minimum(forms.alone(left), together))
        return cls(p, alone, tuple(found.values()))
