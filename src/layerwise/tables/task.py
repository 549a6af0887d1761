"""What is to be predicted: classes or a number; the target as a network takes it, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Mask
from layerwise.language import said, said_count
from layerwise.tables.errors import TableError
from layerwise.tables.parsing import (
    Reading,
    Values,
    short,
)
from layerwise.tables.targets import (
    Label,
    Targets,
    class_codes,
    finite,
    order_for_people,
    target_numbers,
)

__all__ = ["Label", "Task", "constant_target"]


@dataclass(frozen=True)
class Task:
    """What is to be predicted.

    Attributes
    ----------
    kind : str
        "binary", "multiclass" or "regression".
    names : tuple of str
        The target; several for a regression of several numbers.
    reason : str
        Why it is this task, as a person would say it.
    classes : tuple of str, int, float or bool
        In the table's own values, sorted as scikit-learn has them; () for a regression.
    n_missing : int
        Rows without a target among those looked at.
    readings : tuple of (Reading or None)
        For each target that is a number but came as text, how it is read.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from layerwise.tables.find_task import find_task
    >>> target = pa.chunked_array([["no", "yes", None, "no"]])
    >>> task = find_task(target, name="paid")
    >>> task.kind, task.classes, task.n_missing
    ('binary', ('no', 'yes'), 1)
    >>> y, missing = task.encode(target)
    >>> y.tolist(), missing.tolist()
    ([0, 1, -1, 0], [False, False, True, False])
    >>> task.decode(y[~missing]).tolist()
    ['no', 'yes', 'no']
    >>> Task.from_json(task.to_json()) == task
    True
    """

    kind: str
    names: tuple[str, ...]
    reason: str
    classes: tuple[Label, ...] = ()
    n_missing: int = 0
    readings: tuple[Reading | None, ...] = (None,)

    @property
    def n_targets(self) -> int:
        """How many columns are predicted."""
        return len(self.names)

    @cached_property
    def order_for_people(self) -> list[int]:
        """Places of the classes as people count them; for screens and reports alone."""
        return order_for_people(self.classes)

    @classmethod
    def of_classes(
        cls, name: str, classes: tuple[Label, ...], reason: str, n_missing: int = 0
    ) -> "Task":
        """The task of telling classes apart.

        Raises
        ------
        TableError
            If there is but one.
        """
        if len(classes) == 1:
            raise constant_target(name, short(classes[0]))
        kind = "binary" if len(classes) == 2 else "multiclass"
        return cls(kind, (name,), reason, classes, n_missing)

    def encode(self, *targets: Values) -> tuple[Targets, Mask]:
        """The target in numbers.

        Parameters
        ----------
        *targets : pyarrow arrays, shape (n,)
            One for each of `names`, in their order.

        Returns
        -------
        y : ndarray of int64, shape (n,), or of float64, shape (n,) or (n, n_targets)
            Places among the classes, -1 where there is none; or numbers, NaN where there is none.
        missing : ndarray of bool, shape (n,)
            Rows without a target: with a cell that is empty, no number, or infinite.

        Raises
        ------
        TableError
            If a cell holds a class that is not among `classes`, or a target has no numbers.
        """
        if len(targets) != self.n_targets:
            raise TypeError(f"{self.n_targets} targets are wanted; got {len(targets)}")
        if self.kind != "regression":
            codes = class_codes(targets[0], self.names[0], self.classes)
            return codes, codes < 0
        columns = [
            finite(target_numbers(values, name, reading))
            for values, name, reading in zip(targets, self.names, self.readings, strict=True)
        ]
        y = np.column_stack(columns)
        missing = np.asarray(np.isnan(y).any(axis=1))
        return (y[:, 0] if self.n_targets == 1 else y), missing

    def left_out(self, targets: Sequence[Values], missing: Mask) -> str:
        """How many rows are without a target, and of how many it is infinite; "" where none is.

        Parameters
        ----------
        targets : sequence of pyarrow arrays, shape (n,)
        missing : ndarray of bool, shape (n,)
        """
        n = int(missing.sum())
        if not n:
            return ""
        rows = said_count(len(missing), "row")
        text = said("{n:,} of {rows} have no target", n=n, rows=rows)
        if n == 1:
            text = said("1 of {rows} has no target", rows=rows)
        if self.kind == "regression":
            columns = map(target_numbers, targets, self.names, self.readings)
            n_infinite = int(np.isinf(np.column_stack([*columns])).any(axis=1).sum())
            if n_infinite:
                text += said(", {n:,} of them since the number is infinite", n=n_infinite)
        return text

    def decode(self, y: Targets) -> NDArray[np.generic]:
        """Classes, in the table's own values, of places among them; numbers stay what they are."""
        if self.kind == "regression":
            return y
        kind: type | None = object if isinstance(self.classes[0], str) else None
        whole = [label for label in self.classes if isinstance(label, int)]
        if max(whole, default=0) > np.iinfo(np.int64).max:
            kind = np.uint64  # beside smaller ones NumPy takes floats for them
        labels = np.array(self.classes, kind)
        return np.asarray(labels[np.asarray(y)])

    def among(self, y: Targets) -> "Task":
        """The task of some rows, all with a target: with the classes that there are among them.

        Parameters
        ----------
        y : ndarray
            Their targets, as `encode` gives them.

        Raises
        ------
        TableError
            If they are all the same.
        """
        if self.kind == "regression":
            for name, numbers in zip(self.names, y.reshape(len(y), -1).T, strict=True):
                if numbers.min() == numbers.max():
                    raise constant_target(name, f"{numbers[0]:.6g}")
            return replace(self, n_missing=0)
        return self.of_classes(
            self.names[0], tuple(self.classes[k] for k in np.unique(y)), self.reason
        )

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Task":
        """Read what `to_json` gave."""
        readings = tuple(Reading.from_json(reading) for reading in data["readings"])
        tuples = {"names": tuple(data["names"]), "classes": tuple(data["classes"])}
        return cls(**dict(data) | tuples | {"readings": readings})


def constant_target(name: str, value: str) -> TableError:
    """The error of a target that has one value."""
    return TableError(
        f"the target {name!r} is '{value}' in every row that has one: one class, or one number; "
        "at least two different values are needed to learn from"
    )
