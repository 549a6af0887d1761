"""What a report is made of: plain data, which whoever fitted the network fills in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture
from layerwise.report.predicted_rows import ClassResult, NumberResult
from layerwise.training import History

if TYPE_CHECKING:
    from layerwise.store.model_files import Model

__all__ = [
    "Bars",
    "ColumnFacts",
    "Histogram",
    "Importances",
    "Metric",
    "NetworkFacts",
    "ReportData",
    "Scores",
    "TableFacts",
    "TrainingFacts",
    "WorstRows",
]


@dataclass(frozen=True)
class Histogram:
    """How often the values of a column of numbers, or of dates, fall between which edges.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
    counts : ndarray, shape (n,)
    ends : tuple of str or None
        How to write the first and the last edge, for dates; None: as numbers.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    ends: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.counts) + 1:
            raise ValueError(
                f"a histogram needs one edge more than counts; got {len(self.edges)} edges and "
                f"{len(self.counts)} counts"
            )
        if not np.isfinite(self.edges).all():
            raise ValueError("the edges of a histogram must be finite numbers")


@dataclass(frozen=True)
class Bars:
    """How many rows hold each value of a category, in the order in which they are drawn.

    Attributes
    ----------
    names : sequence of str
    counts : sequence of int
    n_others : int
        Rows with values that are not listed.
    """

    names: Sequence[str]
    counts: Sequence[int]
    n_others: int = 0

    def __post_init__(self) -> None:
        if len(self.names) != len(self.counts):
            raise ValueError(
                f"bars need a name for each count; got {len(self.names)} names and "
                f"{len(self.counts)} counts"
            )


@dataclass(frozen=True)
class ColumnFacts:
    """One column of the table.

    Attributes
    ----------
    name, kind, reason : str
        What it is called, what it was taken for, and why.
    missing : float
        Share of its cells that hold no value, 0 to 1.
    n_distinct : int
    became : str
        What the network gets of it: "1 number", "12 yes-or-no inputs"; for a dropped column "".
    is_used : bool
        False for a column that was dropped.
    distribution : Histogram or Bars or None
    """

    name: str
    kind: str
    reason: str
    missing: float
    n_distinct: int
    became: str = ""
    is_used: bool = True
    distribution: Histogram | Bars | None = None


@dataclass(frozen=True)
class TableFacts:
    """The table, the task, the split, and what was noticed.

    Attributes
    ----------
    target, task : str
        The column that is predicted, and the task in words: "two classes: no (76 %), yes (24 %)".
    n_rows, n_train, n_test : int
    split : str
        How the test rows were chosen: "at random, stratified by class".
    findings : sequence of (severity, message)
        Severity is "warning" or "note".
    problems : sequence of str
        What could not be read.
    """

    target: str
    task: str
    n_rows: int
    n_train: int
    n_test: int
    split: str
    findings: Sequence[tuple[str, str]] = ()
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class NetworkFacts:
    """The network, and how many of it were averaged.

    Attributes
    ----------
    architecture : Architecture
    n_networks : int
    averaging : str
        How they came about: "each held out another fifth of the rows".
    model : Network, a fitted model of this package, or None
        Drawn with its weights; of several networks the first one. None: the architecture is.
    input_names, output_names : sequence of str or None
        Where the model has none.
    n_in_all : int or None
        Parameters of all networks together; None: all have as many.
    """

    architecture: Architecture
    n_networks: int = 1
    averaging: str = ""
    model: "Model | None" = None
    input_names: Sequence[str] | None = None
    output_names: Sequence[str] | None = None
    n_in_all: int | None = None

    def __post_init__(self) -> None:
        ends = (("input", self.architecture.n_inputs), ("output", self.architecture.n_outputs))
        for what, width in ends:
            names = self.input_names if what == "input" else self.output_names
            if names is not None and len(names) != width:
                raise ValueError(
                    f"{what}_names must hold {width} names, one for each {what}; got {len(names)}"
                )


@dataclass(frozen=True)
class TrainingFacts:
    """One history for each network that was trained.

    Attributes
    ----------
    histories : sequence of History
    loss, score : str
        What they are: "log loss", "accuracy".
    """

    histories: Sequence[History]
    loss: str = "loss"
    score: str = "score"


@dataclass(frozen=True)
class Metric:
    """One metric on the test rows, for every model compared.

    Attributes
    ----------
    name : str
    values : sequence of float
        One for each model of `Scores.models`.
    higher_is_better : bool
    """

    name: str
    values: Sequence[float]
    higher_is_better: bool


@dataclass(frozen=True)
class Scores:
    """The result on the test rows beside the baselines.

    Attributes
    ----------
    models : sequence of str
        The network first.
    metrics : sequence of Metric
    verdict : str
        Who predicts best, in a sentence or two.
    counted : str
        How rows count in the scores, where not alike.
    """

    models: Sequence[str]
    metrics: Sequence[Metric]
    verdict: str = ""
    counted: str = ""

    def __post_init__(self) -> None:
        if not self.models or not self.metrics:
            raise ValueError("scores need at least one model and one metric")
        for metric in self.metrics:
            if len(metric.values) != len(self.models):
                raise ValueError(
                    f"the metric {metric.name!r} needs one value for each of the "
                    f"{len(self.models)} models; got {len(metric.values)}"
                )


@dataclass(frozen=True)
class Importances:
    """How much worse the score gets when one column's cells are shuffled.

    Breiman 2001, "Random Forests", section 10.

    Attributes
    ----------
    names : sequence of str, length n
    values : ndarray, shape (n, n_repeats)
        Loss of score in each repeat; above 0 where the column helps.
    score : str
        What got worse: "log loss", "R²".
    """

    names: Sequence[str]
    values: NDArray[np.float64]
    score: str = "score"

    def __post_init__(self) -> None:
        shape = np.shape(self.values)
        if len(shape) != 2 or shape[0] != len(self.names) or not shape[1]:
            raise ValueError(
                f"importances must be of shape ({len(self.names)}, n_repeats), a line for each "
                f"column; got {shape}"
            )


@dataclass(frozen=True)
class WorstRows:
    """The test rows with the largest loss, the worst first.

    Attributes
    ----------
    columns : sequence of str
        The columns shown, the most telling first.
    cells : sequence of sequences
        A row's cells, as they came; None is a missing one.
    rows : sequence of int
        The number of each row in the file, as a person counts.
    truths, predictions : sequence of str
        In words: "yes", "no (p = 0.98)".
    losses : sequence of float
    loss : str
        What was measured: "log loss", "squared error".
    """

    columns: Sequence[str]
    cells: Sequence[Sequence[object]]
    rows: Sequence[int]
    truths: Sequence[str]
    predictions: Sequence[str]
    losses: Sequence[float]
    loss: str = "loss"

    def __post_init__(self) -> None:
        lengths = {
            len(part)
            for part in (self.cells, self.rows, self.truths, self.predictions, self.losses)
        }
        if len(lengths) != 1:
            raise ValueError(
                "cells, rows, truths, predictions and losses must hold one entry for each row; "
                f"got {sorted(lengths)}"
            )
        for line in self.cells:
            if len(line) != len(self.columns):
                raise ValueError(
                    f"each row must have {len(self.columns)} cells, one for each column; got "
                    f"{len(line)}"
                )


@dataclass(frozen=True)
class ReportData:
    """Everything a report shows. What is None or empty is left out of it.

    Attributes
    ----------
    title : str
    command : str
        The command that repeats it, as typed in a shell.
    date : str
    versions : mapping of str to str
        Of the libraries that the numbers depend on.
    seed : int or None
    seconds : mapping of str to float
        Time of each phase, in their order.
    table : TableFacts or None
    columns : sequence of ColumnFacts
    network : NetworkFacts or None
    training : TrainingFacts or None
    scores : Scores or None
    classes : ClassResult or None
    numbers : sequence of NumberResult
        One for each target that is a number.
    importances : Importances or None
    worst : WorstRows or None

    Examples
    --------
    >>> data = ReportData("houses.csv: price", "layerwise fit houses.csv --target price")
    >>> data.classes is None
    True
    """

    title: str
    command: str
    date: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    table: TableFacts | None = None
    columns: Sequence[ColumnFacts] = ()
    network: NetworkFacts | None = None
    training: TrainingFacts | None = None
    scores: Scores | None = None
    classes: ClassResult | None = None
    numbers: Sequence[NumberResult] = ()
    importances: Importances | None = None
    worst: WorstRows | None = None
