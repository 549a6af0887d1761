"""Data that do not go together are refused when they are put together, in words."""

import numpy as np
import pytest

from layerwise.architecture import Architecture
from layerwise.report import (
    Bars,
    ClassResult,
    Histogram,
    Importances,
    Metric,
    NetworkFacts,
    NumberResult,
    Scores,
    WorstRows,
)

P = np.array([[0.2, 0.8], [0.6, 0.4]])
I = np.array([0, 1])  # noqa: E741
Y = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Histogram(np.arange(3.0), np.arange(3)), "got 3 edges and 3 counts"),
        (lambda: Histogram(np.array([0, np.inf]), np.arange(1)), "must be finite"),
        (lambda: Bars(["a"], [1, 2]), "got 1 names and 2 counts"),
        (lambda: ClassResult(["a", "b"], I, P[:1], I), r"shape \(2, 2\).*got \(1, 2\)"),
        (lambda: ClassResult(["a", "b"], I, P + 1, I), "between 0 and 1"),
        (lambda: ClassResult(["a", "b"], I, P * np.nan, I), "between 0 and 1"),
        (lambda: ClassResult(["a", "b"], I + 1, P, I), r"true must hold class numbers 0\.\.1"),
        (lambda: ClassResult(["a", "b"], I, P, Y), "predicted must hold a class number"),
        (lambda: ClassResult(["a", "b"], I[:0], P[:0], I[:0]), "at least one row"),
        (lambda: ClassResult(list("abc"), I, np.ones((2, 3)) / 3, I, 0.5), "there are 3"),
        (lambda: NumberResult("y", Y, Y[:1]), r"predicted must be of shape \(2,\); got \(1,\)"),
        (lambda: NumberResult("y", Y * np.nan, Y), "row 0 holds nan"),
        (lambda: NumberResult("y", Y[:0], Y[:0]), "at least one row"),
        (lambda: NumberResult("y", Y, Y, Y), "need lower, upper and level"),
        (lambda: Scores([], []), "at least one model"),
        (lambda: Scores(["a"], [Metric("loss", [1, 2], False)]), "'loss' needs one value"),
        (lambda: Importances(["a"], np.zeros((2, 3))), r"shape \(1, n_repeats\).*got \(2, 3\)"),
        (lambda: NetworkFacts(Architecture([2, 1]), input_names=["a"]), "must hold 2 names"),
        (lambda: WorstRows(["a"], [[1]], [1, 2], ["x"], ["y"], [1.0]), "one entry for each row"),
        (lambda: WorstRows(["a"], [[1, 2]], [1], ["x"], ["y"], [1.0]), "must have 1 cells"),
    ],
)
def test_what_does_not_fit_is_said(make, said):
    with pytest.raises(ValueError, match=said):
        make()
