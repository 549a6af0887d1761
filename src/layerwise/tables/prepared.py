"""A table as the network gets it, and what was met in it that was not there before."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Codes
from layerwise.language import said, said_count
from layerwise.tables.names import some_names

_MOST_ALONE = 3  # columns that have a note of their own


@dataclass
class Prepared:
    """A table as the network gets it.

    Attributes
    ----------
    x : ndarray of float32, shape (n, n_inputs)
    codes : ndarray of int32, shape (n, n_codes)
    input_names, code_names : tuple of str
        What the columns of `x` and of `codes` are.
    unknown : dict of str to int
        Of which columns so many cells hold categories that were rare or not there before.
    unread : dict of str to tuple of int and str
        Of which columns so many cells cannot be read, as all could before, and one of them.
    unused : list of str
        Columns that were not there.
    not_needed : list of str
        Columns that were there, are not now, and were left out for what they tell.
    """

    x: NDArray[np.float32]
    codes: Codes
    input_names: tuple[str, ...]
    code_names: tuple[str, ...]
    unknown: dict[str, int] = field(default_factory=dict)
    unread: dict[str, tuple[int, str]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    not_needed: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def notes(self) -> list[str]:
        """What was met in the table that was not there when the preparation was fitted."""
        return self.notes_without(())

    def notes_without(self, columns: Collection[str]) -> list[str]:
        """The notes, but those on the cells of columns of which all is said elsewhere."""
        n, rows = len(self), said_count(len(self), "row")
        unknown = {name: k for name, k in self.unknown.items() if name not in columns}
        notes: list[str] = []
        if len(unknown) > _MOST_ALONE:
            most = sorted(unknown, key=lambda name: -unknown[name])
            told = [
                said("{name!r} in {count:,} of {rows}", name=name, count=unknown[name], rows=rows)
                for name in most
            ]
            notes.append(
                said(
                    "{n:,} columns hold values that were rare or not there when the model was "
                    "trained: {names}",
                    n=len(unknown),
                    names=some_names(told, _MOST_ALONE),
                )
            )
            unknown = {}
        notes += [
            said(
                "{name!r} holds values in {count:,} of {rows} that were rare or not there when the "
                "model was trained",
                name=name,
                count=count,
                rows=rows,
            )
            for name, count in unknown.items()
        ]
        notes += [
            said(
                "{name!r} holds {cells} of {n:,} that cannot be read, such as {example}, and count "
                "as missing",
                name=name,
                cells=said_count(count, "cell"),
                n=n,
                example=example,
            )
            for name, (count, example) in self.unread.items()
            if name not in columns
        ]
        if self.unused:
            names = some_names(self.unused)
            notes.append(said("columns that the model does not use: {names}", names=names))
        if self.not_needed:
            names = some_names(self.not_needed)
            notes.append(said("not there, and not needed by the model: {names}", names=names))
        return notes
