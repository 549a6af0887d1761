"""What `layerwise study` can be asked for: its options and their help."""

from dataclasses import dataclass, field
from pathlib import Path

from layerwise.cli.fit_options import Target, TaskKind
from layerwise.cli.options import Columns, Json, Language, Reading, Source, option


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """What was asked for; names of columns as they were typed."""

    source: Source
    targets: Target = None
    output: Path | None = option(
        "Train the recommended network on all rows, and save the model.",
        "--output",
        "-o",
        metavar="FILE",
        shown="none",
    )
    report: Path | None = option(
        "The answers with pictures, an HTML page.", metavar="FILE", shown="TABLE's name.study.html"
    )
    task: TaskKind = None
    depth: str | None = option(
        "Hidden layers to try, as in 0-8 or 1,2,4; 0, a linear model, is always tried.",
        panel="Networks",
        metavar="NUMBERS",
        shown="0-6",
    )
    width: str | None = option(
        "Nodes of each hidden layer.", metavar="NUMBERS", shown="16,64; from 5,000 rows on 32,128"
    )
    activation: str | None = option(
        "See layerwise show --help.", metavar="NAMES", shown="relu,tanh,gelu"
    )
    parameters: int | None = option(
        "Instead of --width: for each depth the width that gives this many parameters, so that "
        "depth alone differs.",
        metavar="N",
    )
    vary: list[str] | None = option(
        "Try several of anything else, as in --vary learning_rate=0.001,0.1 --vary "
        "optimizer=sgd,adam: every combination. Names: batch_size, epochs, schedule, loss, "
        "weight_decay, l1, l2, gradient_clipping, ema, dropout, normalization, residual, "
        "initialization, momentum; a wrong one lists all.",
        metavar="NAME=VALUES",
    )
    like_fit: bool = option(
        "Train each as fit --effort low does, some ten times as long: several that are "
        "averaged, numbers cut into pieces, dropout.",
        "--like-fit",
        default=False,
    )
    metric: str | None = option(
        "What is to be good: accuracy, balanced_accuracy, log_loss, roc_auc; of numbers r2, "
        "rmse, mae.",
        panel="Comparing",
        metavar="NAME",
        shown="accuracy or r2",
    )
    folds: int = option("Of each cross-validation.", default=5, metavar="N", least=2)
    seeds: int | None = option(
        "How often the cross-validation is repeated, with other folds and first weights.",
        metavar="N",
        shown="3; from 2,000 rows on 2, from 20,000 on 1",
        least=1,
    )
    no_prune: bool = option(
        "Fit every network on every fold, also where it changes nothing.",
        "--no-prune",
        default=False,
    )
    no_trees: bool = option(
        "Leave out the gradient-boosted trees on the same folds.", "--no-trees", default=False
    )
    no_fit_score: bool = option(
        "Leave out what the recommended network scores as fit --effort low trains it, on up to "
        "three of the folds.",
        "--no-fit-score",
        default=False,
    )
    compare: list[str] | None = option(
        "Say how networks differ from the first that is named, and draw them fold by fold: "
        "--compare linear --compare '2 x 64 relu'.",
        metavar="NETWORK",
    )
    rows: bool = option(
        "Would more rows help, and from how many on does depth pay? The recommended network, "
        "the linear one, one of each depth and the trees on growing shares of the rows too, "
        "which takes about as long again.",
        "--rows",
        default=False,
    )
    group_column: str | None = option(
        "Rows of one group are never parted by a fold.", metavar="NAME"
    )
    epochs: int | None = option(
        "Times through the rows at most.",
        panel="Training",
        metavar="N",
        shown="by the table's size",
        least=1,
    )
    batch_size: int | None = option(
        "Rows for each step.", metavar="N", shown="by the table's size", least=1
    )
    learning_rate: float | None = option(None, metavar="RATE", shown="as fit's")
    no_early_stopping: bool = option(
        "Every fit runs all epochs on all its rows, instead of ending when the loss on some of "
        "them gets no better.",
        "--no-early-stopping",
        default=False,
    )
    no_selection: bool = option(
        "Give the networks every column, also those that tell no more of the target than "
        "chance would by the rows that a fold trains on.",
        "--no-selection",
        default=False,
    )
    time_limit: float | None = option(
        "For the whole command: answer from what is done by then, or refuse where the table is "
        "not even read. Never cut: writing the page and the model, and what a library does "
        "in one go.",
        panel="Work",
        metavar="SECONDS",
    )
    workers: int | None = option(
        "Fits at once, each on one thread. Results do not depend on it.",
        metavar="N",
        shown="all cores",
        least=1,
    )
    backend: str = option(
        "Where workers run: processes here, a Dask cluster, Ray.",
        default="loky",
        metavar="loky|dask|ray",
    )
    address: str | None = option("Of the cluster's scheduler.", metavar="HOST:PORT")
    database: str | None = option(
        "Where each fit is kept once it is done; postgresql://user@host/name to share it "
        "between machines.",
        metavar="FILE|URL",
        shown="TABLE's name.study.db",
    )
    name: str | None = option(
        "Of the study in the database, which may hold several.",
        metavar="NAME",
        shown="TABLE's name",
    )
    resume: bool = option(
        "Go on where the same command was cut off, or help one that still runs, also from "
        "another machine. With more depths, widths, activations or seeds than before, the "
        "study is widened: what is done is kept.",
        "--resume",
        default=False,
    )
    seed: int = option("For all that is random.", default=0, metavar="N", least=0, most=2**31 - 1)
    columns: Columns = field(default_factory=Columns)
    reading: Reading = field(default_factory=Reading)
    as_json: Json = False
    language: Language = None
