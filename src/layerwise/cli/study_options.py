"""What `layerwise study` can be asked for: its options and their help."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from layerwise.cli.fit_options import Target, TaskKind
from layerwise.cli.options import Columns, Json, Language, Reading, Source, option

_networks = functools.partial(option, panel="Networks")
_comparing = functools.partial(option, panel="Comparing")
_training = functools.partial(option, panel="Training")
_work = functools.partial(option, panel="Work")


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """What was asked for; names of columns as they were typed."""

    source: Source
    targets: Target = None
    output: Annotated[
        Path | None,
        option(
            "Train the recommended network on all rows, and save the model.",
            "--output",
            "-o",
            metavar="FILE",
            default="none",
        ),
    ] = None
    report: Annotated[
        Path | None,
        option(
            "The answers with pictures, an HTML page.",
            metavar="FILE",
            default="TABLE's name.study.html",
        ),
    ] = None
    task: TaskKind = None
    depth: Annotated[
        str | None,
        _networks(
            "Hidden layers to try, as in 0-8 or 1,2,4; 0, a linear model, is always tried.",
            metavar="NUMBERS",
            default="0-6",
        ),
    ] = None
    width: Annotated[
        str | None,
        _networks(
            "Nodes of each hidden layer.",
            metavar="NUMBERS",
            default="16,64; from 5,000 rows on 32,128",
        ),
    ] = None
    activation: Annotated[
        str | None,
        _networks("See layerwise show --help.", metavar="NAMES", default="relu,tanh,gelu"),
    ] = None
    parameters: Annotated[
        int | None,
        _networks(
            "Instead of --width: for each depth the width that gives this many parameters, so that "
            "depth alone differs.",
            metavar="N",
        ),
    ] = None
    vary: Annotated[
        list[str] | None,
        _networks(
            "Try several of anything else, as in --vary learning_rate=0.001,0.1 --vary "
            "optimizer=sgd,adam: every combination. Names: batch_size, epochs, schedule, loss, "
            "weight_decay, l1, l2, gradient_clipping, ema, dropout, normalization, residual, "
            "initialization, momentum; a wrong one lists all.",
            metavar="NAME=VALUES",
        ),
    ] = None
    like_fit: Annotated[
        bool,
        _networks(
            "Train each as fit --effort low does, some ten times as long: several that are "
            "averaged, numbers cut into pieces, dropout.",
            "--like-fit",
        ),
    ] = False
    metric: Annotated[
        str | None,
        _comparing(
            "What is to be good: accuracy, balanced_accuracy, log_loss, roc_auc; of numbers r2, "
            "rmse, mae.",
            metavar="NAME",
            default="accuracy or r2",
        ),
    ] = None
    folds: Annotated[int, _comparing("Of each cross-validation.", metavar="N", least=2)] = 5
    seeds: Annotated[
        int | None,
        _comparing(
            "How often the cross-validation is repeated, with other folds and first weights.",
            metavar="N",
            default="3; from 2,000 rows on 2, from 20,000 on 1",
            least=1,
        ),
    ] = None
    no_prune: Annotated[
        bool,
        _comparing("Fit every network on every fold, also where it changes nothing.", "--no-prune"),
    ] = False
    no_trees: Annotated[
        bool,
        _comparing("Leave out the gradient-boosted trees on the same folds.", "--no-trees"),
    ] = False
    no_fit_score: Annotated[
        bool,
        _comparing(
            "Leave out what the recommended network scores as fit --effort low trains it, on up to "
            "three of the folds.",
            "--no-fit-score",
        ),
    ] = False
    compare: Annotated[
        list[str] | None,
        _comparing(
            "Say how networks differ from the first that is named, and draw them fold by fold: "
            "--compare linear --compare '2 x 64 relu'.",
            metavar="NETWORK",
        ),
    ] = None
    rows: Annotated[
        bool,
        _comparing(
            "Would more rows help, and from how many on does depth pay? The recommended network, "
            "the linear one, one of each depth and the trees on growing shares of the rows too, "
            "which takes about as long again.",
            "--rows",
        ),
    ] = False
    group_column: Annotated[
        str | None, _comparing("Rows of one group are never parted by a fold.", metavar="NAME")
    ] = None
    epochs: Annotated[
        int | None,
        _training(
            "Times through the rows at most.",
            metavar="N",
            default="by the table's size",
            least=1,
        ),
    ] = None
    batch_size: Annotated[
        int | None,
        _training("Rows for each step.", metavar="N", default="by the table's size", least=1),
    ] = None
    learning_rate: Annotated[float | None, _training(None, metavar="RATE", default="as fit's")] = (
        None
    )
    no_early_stopping: Annotated[
        bool,
        _training(
            "Every fit runs all epochs on all its rows, instead of ending when the loss on some of "
            "them gets no better.",
            "--no-early-stopping",
        ),
    ] = False
    no_selection: Annotated[
        bool,
        _training(
            "Give the networks every column, also those that tell no more of the target than "
            "chance would by the rows that a fold trains on.",
            "--no-selection",
        ),
    ] = False
    time_limit: Annotated[
        float | None,
        _work(
            "For the whole command: answer from what is done by then, or refuse where the table is "
            "not even read. Never cut: writing the page and the model, and what a library does "
            "in one go.",
            metavar="SECONDS",
        ),
    ] = None
    workers: Annotated[
        int | None,
        _work(
            "Fits at once, each on one thread. Results do not depend on it.",
            metavar="N",
            default="all cores",
            least=1,
        ),
    ] = None
    backend: Annotated[
        str,
        _work("Where workers run: processes here, a Dask cluster, Ray.", metavar="loky|dask|ray"),
    ] = "loky"
    address: Annotated[str | None, _work("Of the cluster's scheduler.", metavar="HOST:PORT")] = None
    database: Annotated[
        str | None,
        _work(
            "Where each fit is kept once it is done; postgresql://user@host/name to share it "
            "between machines.",
            metavar="FILE|URL",
            default="TABLE's name.study.db",
        ),
    ] = None
    name: Annotated[
        str | None,
        _work(
            "Of the study in the database, which may hold several.",
            metavar="NAME",
            default="TABLE's name",
        ),
    ] = None
    resume: Annotated[
        bool,
        _work(
            "Go on where the same command was cut off, or help one that still runs, also from "
            "another machine. With more depths, widths, activations or seeds than before, the "
            "study is widened: what is done is kept.",
            "--resume",
        ),
    ] = False
    seed: Annotated[int, _work("For all that is random.", metavar="N", least=0, most=2**31 - 1)] = 0
    columns: Columns = field(default_factory=Columns)
    reading: Reading = field(default_factory=Reading)
    as_json: Json = False
    language: Language = None
