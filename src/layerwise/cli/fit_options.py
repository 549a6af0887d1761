"""What `layerwise fit` can be asked for: its options and their help."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from layerwise.cli.option_values import check_settings, class_weights, hidden_sizes
from layerwise.cli.options import Columns, Json, Language, Reading, Source, described, option

__all__ = ["FitOptions", "Target", "TaskKind", "Training"]

Target = Annotated[
    list[str] | None,
    described(
        "The column to predict; several, if they are all numbers.",
        "--target",
        "-t",
        metavar="NAME",
        shown=False,
    ),
]
TaskKind = Annotated[
    str | None,
    described("Classes or a number.", metavar="classification|regression", shown="found out"),
]


@dataclass(frozen=True, kw_only=True)
class Training:
    """How networks are trained; see `layerwise.TableClassifier`."""

    effort: str | None = option(
        "How many networks are averaged: a quarter, half or all of what suits the table's "
        "size. What --folds and --repeats ask for is always all.",
        metavar="low|medium|high",
        panel="Training",
        shown="high",
    )
    hidden: str | None = option(
        "Nodes of each hidden layer, as in 64,64; 0 for none.",
        metavar="SIZES",
        shown="by the table's size",
    )
    activation: str | None = option("See layerwise show --help.", metavar="NAME", shown="mish")
    dropout: float | None = option(
        "Of nodes left out at random.", metavar="SHARE", shown="by the table's size"
    )
    n_pieces: int | None = option(
        "Most pieces that a number's range is cut into, so that steps can be learned; 0 for none.",
        "--pieces",
        metavar="N",
        shown="by the number of columns",
        least=0,
    )
    learning_rate: float | None = option(
        "Length of the first steps.", metavar="RATE", shown="0.002"
    )
    batch_size: int | None = option(
        "Rows for each step.", metavar="N", shown="by the table's size", least=1
    )
    n_folds: int | None = option(
        "Each network trains without one of so many folds of the rows.",
        "--folds",
        metavar="N",
        shown="4 or 5",
        least=2,
    )
    n_repeats: int | None = option(
        "All of it so many times, with other folds.",
        "--repeats",
        metavar="N",
        shown="by the table's size",
        least=1,
    )
    epochs: int | None = option(
        "Times through the rows at most.", metavar="N", shown="until nothing improves", least=1
    )
    time_limit: float | None = option(
        "For the whole command: training ends in time to test the model, and what there is no "
        "time for is left out and said. Never cut: reading, one epoch (three with "
        "--intervals), testing and the report.",
        metavar="SECONDS",
    )
    metric: str | None = option(
        "What is to be good. Two classes: the threshold is chosen for log_loss, accuracy, "
        "roc_auc, balanced_accuracy, f1 or matthews_corrcoef. Numbers: r2, rmse or mae.",
        metavar="NAME",
        shown="log_loss or r2",
    )
    class_weight: str | None = option(
        "What it costs to miss a row of each class; probabilities stay those of the table's "
        "own rows.",
        metavar="balanced|A=2,B=1",
    )
    intervals: float | None = option(
        "For numbers: intervals that hold this share of rows.", metavar="SHARE"
    )
    no_selection: bool = option(
        "Give the networks every column, also those that tell no more of the target than "
        "chance would.",
        "--no-selection",
        default=False,
    )
    seed: int = option("For all that is random.", default=0, metavar="N", least=0, most=2**31 - 1)
    n_threads: int | None = option(
        "Results do not depend on it.", "--threads", metavar="N", shown="all cores", least=1
    )

    def settings(self, task: str | None) -> dict[str, object]:
        """What was given, as parameters of an estimator; refused where no table makes it right."""
        read = {"hidden": hidden_sizes, "class_weight": class_weights}
        given = {
            name: read[name](value) if name in read else value
            for name, value in vars(self).items()
            if value is not None and name not in {"seed", "no_selection"}
        }
        if self.no_selection:
            given["selection"] = False
        check_settings(given, task)
        return given


@dataclass(frozen=True, kw_only=True)
class TrialRows:
    """Which rows test, and what rows are to each other; parameters of a `Trial`."""

    test_size: float | None = option(
        "Share of the rows to test with.",
        panel="Rows",
        metavar="SHARE",
        shown="0.2",
        least=0.01,
        most=0.9,
    )
    time_column: str | None = option(
        "Test with the latest rows by this column, no day parted; and train for the future: "
        "each network is stopped by rows later than its own.",
        metavar="NAME",
    )
    test_from: str | None = option(
        "With --time-column: test with the rows from this moment on.", metavar="DATE"
    )
    group_column: str | None = option(
        "Rows of one group stay together, in training or test. With --time-column: the groups "
        "are known, and a feature; what is unknown is their future.",
        metavar="NAME",
    )
    new_groups: bool = option(
        "With --time-column: the future is of new groups, so test with later rows of groups "
        "that are not trained on.",
        "--new-groups",
        default=False,
    )
    weight_column: str | None = option(
        "How much each row counts, in training and in all scores.", metavar="NAME"
    )


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """What was asked for; names of columns as they were typed."""

    source: Source
    targets: Target = None
    output: Path | None = option(
        "The model.", "--output", "-o", metavar="FILE", shown="TABLE's name.layerwise"
    )
    report: Path | None = option(
        "The report, an HTML page.", metavar="FILE", shown="beside the model"
    )
    task: TaskKind = None
    columns: Columns = field(default_factory=Columns)
    test_file: str | None = option("Test with these rows.", metavar="FILE", panel="Rows")
    trial: TrialRows = field(default_factory=TrialRows)
    training: Training = field(default_factory=Training)
    go_on: Path | None = option(
        "Go on with this model, from the rows of TABLE.",
        "--continue",
        metavar="MODEL",
        panel="Training",
    )
    resume: bool = option(
        "Go on where the same command was cut off, to the same result.",
        "--resume",
        default=False,
    )
    reading: Reading = field(default_factory=Reading)
    language: Language = None
    as_json: Json = False
