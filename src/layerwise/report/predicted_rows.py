"""What was predicted for the test rows, beside what is true."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ClassResult", "NumberResult"]


@dataclass(frozen=True)
class ClassResult:
    """Classes predicted for n rows.

    Attributes
    ----------
    classes : sequence of str, length k
    true : ndarray of int, shape (n,)
        The place of each row's class in `classes`.
    probabilities : ndarray, shape (n, k)
    predicted : ndarray of int, shape (n,)
        The class each row was given.
    threshold : float or None
        For two classes: rows whose probability of the second class is above it are given it.
    threshold_reason : str
        How it was chosen: "for the best balanced accuracy on rows held out while training".
    calibration : str
        What was done to the probabilities: "temperature 1.13, fitted on held-out rows".

    Raises
    ------
    ValueError
        For shapes that do not go together, no rows, classes without a name, or probabilities
        outside 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> probabilities = np.array([[0.9, 0.1], [0.4, 0.6]])
    >>> result = ClassResult(["no", "yes"], np.array([0, 1]), probabilities, np.array([0, 0]))
    >>> result.confusion
    array([[1, 0],
           [1, 0]])
    """

    classes: Sequence[str]
    true: NDArray[np.integer]
    probabilities: NDArray[np.floating]
    predicted: NDArray[np.integer]
    threshold: float | None = None
    threshold_reason: str = ""
    calibration: str = ""

    def __post_init__(self) -> None:
        n, k = len(self.true), len(self.classes)
        if not n:
            raise ValueError("a result needs at least one row; got none")
        if np.shape(self.probabilities) != (n, k):
            raise ValueError(
                f"probabilities must be of shape ({n}, {k}), rows by classes; got "
                f"{np.shape(self.probabilities)}"
            )
        low, high = np.min(self.probabilities), np.max(self.probabilities)
        if not (low >= 0 and high <= 1 + 1e-6):
            raise ValueError(f"probabilities must lie between 0 and 1; got {low} to {high}")
        for name in ("true", "predicted"):
            values = np.asarray(getattr(self, name))
            if values.shape != (n,) or values.dtype.kind not in "iu":
                raise ValueError(
                    f"{name} must hold a class number for each of {n} rows; got "
                    f"{values.dtype} of shape {values.shape}"
                )
            if values.min() < 0 or values.max() >= k:
                raise ValueError(
                    f"{name} must hold class numbers 0..{k - 1}; got {values.min()}..{values.max()}"
                )
        if self.threshold is not None and k != 2:
            raise ValueError(f"a threshold is for two classes; there are {k}")

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Rows of each true class (first axis) that were given each class (second)."""
        k = len(self.classes)
        counts = np.zeros((k, k), np.int64)
        np.add.at(counts, (self.true, self.predicted), 1)
        return counts


@dataclass(frozen=True)
class NumberResult:
    """A number predicted for n rows.

    Attributes
    ----------
    name : str
        What is predicted.
    true, predicted : ndarray, shape (n,)
    lower, upper : ndarray, shape (n,), or None
        The ends of each row's prediction interval.
    level : float or None
        The share of rows that the intervals were made to hold, such as 0.9.

    Raises
    ------
    ValueError
        For shapes that do not go together, no rows, or values that are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> true, predicted = np.array([1.0, 2.0]), np.array([1.5, 1.0])
    >>> NumberResult("price", true, predicted).residuals
    array([-0.5,  1. ])
    """

    name: str
    true: NDArray[np.floating]
    predicted: NDArray[np.floating]
    lower: NDArray[np.floating] | None = None
    upper: NDArray[np.floating] | None = None
    level: float | None = None

    def __post_init__(self) -> None:
        n = len(self.true)
        if not n:
            raise ValueError("a result needs at least one row; got none")
        given = [value is not None for value in (self.lower, self.upper, self.level)]
        if any(given) and not all(given):
            raise ValueError("prediction intervals need lower, upper and level: give all or none")
        for name in ("true", "predicted", "lower", "upper"):
            values = getattr(self, name)
            if values is None:
                continue
            if np.shape(values) != (n,):
                raise ValueError(f"{name} must be of shape ({n},); got {np.shape(values)}")
            # An interval may reach to infinity: that is what few rows allow to promise.
            wrong = np.isnan(values) if name in {"lower", "upper"} else ~np.isfinite(values)
            if wrong.any():
                raise ValueError(
                    f"{name} must hold finite numbers; row {int(np.argmax(wrong))} holds "
                    f"{values[np.argmax(wrong)]}"
                )

    @property
    def residuals(self) -> NDArray[np.float64]:
        """True minus predicted, shape (n,)."""
        return np.asarray(self.true, np.float64) - np.asarray(self.predicted, np.float64)
