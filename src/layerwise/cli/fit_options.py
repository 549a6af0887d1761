"""What `layerwise fit` can be asked for: its options and their help."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from layerwise.cli.option_values import check_settings, class_weights, hidden_sizes
from layerwise.cli.options import Columns, Json, Language, Reading, Source, option

__all__ = ["FitOptions", "Target", "TaskKind", "Training"]

_rows = functools.partial(option, panel="Rows")
_training = functools.partial(option, panel="Training")

Target = Annotated[
    list[str] | None,
    option(
        "The column to predict; several, if they are all numbers.",
        "--target",
        "-t",
        metavar="NAME",
        default=False,
    ),
]
TaskKind = Annotated[
    str | None,
    option("Classes or a number.", metavar="classification|regression", default="found out"),
]


@dataclass(frozen=True, kw_only=True)
class Training:
    """How networks are trained; see `layerwise.TableClassifier`."""

    effort: Annotated[
        str | None,
        _training(
            "How many networks are averaged: a quarter, half or all of what suits the table's "
            "size. What --folds and --repeats ask for is always all.",
            metavar="low|medium|high",
            default="high",
        ),
    ] = None
    hidden: Annotated[
        str | None,
        _training(
            "Nodes of each hidden layer, as in 64,64; 0 for none.",
            metavar="SIZES",
            default="by the table's size",
        ),
    ] = None
    activation: Annotated[
        str | None, _training("See layerwise show --help.", metavar="NAME", default="mish")
    ] = None
    dropout: Annotated[
        float | None,
        _training("Of nodes left out at random.", metavar="SHARE", default="by the table's size"),
    ] = None
    n_pieces: Annotated[
        int | None,
        _training(
            "Most pieces that a number's range is cut into, so that steps can be learned; 0 for "
            "none.",
            "--pieces",
            metavar="N",
            default="by the number of columns",
            least=0,
        ),
    ] = None
    learning_rate: Annotated[
        float | None, _training("Length of the first steps.", metavar="RATE", default="0.002")
    ] = None
    batch_size: Annotated[
        int | None,
        _training("Rows for each step.", metavar="N", default="by the table's size", least=1),
    ] = None
    n_folds: Annotated[
        int | None,
        _training(
            "Each network trains without one of so many folds of the rows.",
            "--folds",
            metavar="N",
            default="4 or 5",
            least=2,
        ),
    ] = None
    n_repeats: Annotated[
        int | None,
        _training(
            "All of it so many times, with other folds.",
            "--repeats",
            metavar="N",
            default="by the table's size",
            least=1,
        ),
    ] = None
    epochs: Annotated[
        int | None,
        _training(
            "Times through the rows at most.",
            metavar="N",
            default="until nothing improves",
            least=1,
        ),
    ] = None
    time_limit: Annotated[
        float | None,
        _training(
            "For the whole command: training ends in time to test the model, and what there is no "
            "time for is left out and said. Never cut: reading, one epoch (three with "
            "--intervals), testing and the report.",
            metavar="SECONDS",
        ),
    ] = None
    metric: Annotated[
        str | None,
        _training(
            "What is to be good. Two classes: the threshold is chosen for log_loss, accuracy, "
            "roc_auc, balanced_accuracy, f1 or matthews_corrcoef. Numbers: r2, rmse or mae.",
            metavar="NAME",
            default="log_loss or r2",
        ),
    ] = None
    class_weight: Annotated[
        str | None,
        _training(
            "What it costs to miss a row of each class; probabilities stay those of the table's "
            "own rows.",
            metavar="balanced|A=2,B=1",
        ),
    ] = None
    intervals: Annotated[
        float | None,
        _training("For numbers: intervals that hold this share of rows.", metavar="SHARE"),
    ] = None
    no_selection: Annotated[
        bool,
        _training(
            "Give the networks every column, also those that tell no more of the target than "
            "chance would.",
            "--no-selection",
        ),
    ] = False
    seed: Annotated[
        int, _training("For all that is random.", metavar="N", least=0, most=2**31 - 1)
    ] = 0
    n_threads: Annotated[
        int | None,
        _training(
            "Results do not depend on it.", "--threads", metavar="N", default="all cores", least=1
        ),
    ] = None

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

    test_size: Annotated[
        float | None,
        _rows(
            "Share of the rows to test with.", metavar="SHARE", default="0.2", least=0.01, most=0.9
        ),
    ] = None
    time_column: Annotated[
        str | None,
        _rows(
            "Test with the latest rows by this column, no day parted; and train for the future: "
            "each network is stopped by rows later than its own.",
            metavar="NAME",
        ),
    ] = None
    test_from: Annotated[
        str | None,
        _rows("With --time-column: test with the rows from this moment on.", metavar="DATE"),
    ] = None
    group_column: Annotated[
        str | None,
        _rows(
            "Rows of one group stay together, in training or test. With --time-column: the groups "
            "are known, and a feature; what is unknown is their future.",
            metavar="NAME",
        ),
    ] = None
    new_groups: Annotated[
        bool,
        _rows(
            "With --time-column: the future is of new groups, so test with later rows of groups "
            "that are not trained on.",
            "--new-groups",
        ),
    ] = False
    weight_column: Annotated[
        str | None,
        _rows("How much each row counts, in training and in all scores.", metavar="NAME"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """What was asked for; names of columns as they were typed."""

    source: Source
    targets: Target = None
    output: Annotated[
        Path | None,
        option("The model.", "--output", "-o", metavar="FILE", default="TABLE's name.layerwise"),
    ] = None
    report: Annotated[
        Path | None,
        option("The report, an HTML page.", metavar="FILE", default="beside the model"),
    ] = None
    task: TaskKind = None
    columns: Columns = field(default_factory=Columns)
    test_file: Annotated[str | None, _rows("Test with these rows.", metavar="FILE")] = None
    trial: TrialRows = field(default_factory=TrialRows)
    training: Training = field(default_factory=Training)
    go_on: Annotated[
        Path | None,
        _training("Go on with this model, from the rows of TABLE.", "--continue", metavar="MODEL"),
    ] = None
    resume: Annotated[
        bool,
        _training("Go on where the same command was cut off, to the same result.", "--resume"),
    ] = False
    reading: Reading = field(default_factory=Reading)
    language: Language = None
    as_json: Json = False
