"""What is explained, whatever model it came from: networks, one row, and how outputs combine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from layerwise.architecture import Loss
from layerwise.arrays import Codes, Reals
from layerwise.explanation.equations import Equation
from layerwise.explanation.features import Inputs
from layerwise.network import Network


class Combining(Protocol):
    """How the outputs of several networks become the model's.

    Attributes
    ----------
    weights : ndarray, shape (n_networks,)
        How much each network counts; their mean is 1.
    """

    weights: Reals

    def __call__(self, outputs: Reals) -> Reals:
        """(n_networks, n, n_outputs) -> (n, n_results)."""

    def gradient(self, outputs: Reals, of: int) -> Reals:
        """The derivatives of result `of` by all outputs, shape (n_networks, n, n_outputs)."""

    def kept(self, results: Reals) -> Reals:
        """The results, kept within limits where the model has some."""
        return results

    def equations(self, outputs: Reals, of: int) -> list[Equation]:
        """From the networks' outputs for one row, (n_networks, n_outputs), to result `of`."""
        return []

    @property
    def words(self) -> str:
        """What is done, in a sentence."""


@dataclass(frozen=True)
class CellSeen:
    """One column of the row.

    Attributes
    ----------
    column : str
    cell : str or None
        As it stands in the table; None where it is missing.
    became : str
        What the network gets of it, in words.
    equations : tuple of Equation
        How numbers were scaled.
    sources : tuple of int
        Which inputs, and, counted on from the inputs, which codes it became.
    """

    column: str
    cell: str | None
    became: str
    equations: tuple[Equation, ...]
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """The known answer of the row.

    Attributes
    ----------
    text : str
        As it stands in the table.
    target : ndarray, shape (1, 1) of a class number, or (1, n_outputs)
        As the networks were trained on it.
    place : int or None
        Which of the model's results is the true class.
    values : tuple of float
        The numbers to be predicted, as the table has them; () for classes.
    equations : tuple of Equation
        How numbers became targets.
    """

    text: str
    target: Reals
    place: int | None = None
    values: tuple[float, ...] = ()
    equations: tuple[Equation, ...] = ()


@dataclass(frozen=True)
class Baseline:
    """The row that contributions are counted from.

    Attributes
    ----------
    words : str
        What it is.
    x : ndarray, shape (1, n_inputs)
    codes : ndarray of int, shape (1, n_codes), or None
        None: no value of any column of codes, all of whose numbers are 0.
    cells : dict of str to str
        Its columns as the table would have them.
    """

    words: str
    x: Reals
    codes: Codes | None
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """A row of a model, ready to be explained.

    Attributes
    ----------
    networks : sequence of Network
    inputs : Inputs
    x : ndarray, shape (1, n_inputs)
    codes : ndarray of int32, shape (1, n_codes)
    cells : tuple of CellSeen
    combining : Combining
    results : tuple of str
        What the model's results are called: classes, or targets.
    score_names : tuple of str
        What the networks' outputs are called.
    is_classes : bool
    predicted : int
        Which result is the prediction's; 0 where there are no classes.
    decided_by : str
        Why it is not the likeliest, where it is not.
    own_outputs : ndarray, shape (n_results,)
        What the model itself gives for the row.
    loss : Loss
    baseline : Baseline
    answer : Answer or None
    notes : tuple of str
    """

    networks: Sequence[Network]
    inputs: Inputs
    x: Reals
    codes: Codes
    cells: tuple[CellSeen, ...]
    combining: Combining
    results: tuple[str, ...]
    score_names: tuple[str, ...]
    is_classes: bool
    predicted: int
    own_outputs: Reals
    loss: Loss
    baseline: Baseline
    answer: Answer | None = None
    notes: tuple[str, ...] = ()
    decided_by: str = ""

    def column_of_source(self) -> list[int]:
        """For each source, the place of its column among `cells`."""
        places: dict[int, int] = {
            source: i for i, cell in enumerate(self.cells) for source in cell.sources
        }
        return [places[source] for source in range(len(places))]
