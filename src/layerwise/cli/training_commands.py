"""The commands that train on a table: fit and study."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from layerwise.cli.fit_options import FitOptions
from layerwise.cli.options import as_command
from layerwise.cli.refusals import typed_command
from layerwise.cli.study_options import StudyOptions

if TYPE_CHECKING:
    from layerwise.training.time_limit import Deadline


@as_command
def fit(options: FitOptions) -> None:
    """Train networks on a table, test them on rows they never saw, and save model and report.

    Numbers, categories, dates, free text and missing cells are taken as they are. A
    fifth of the rows is set aside; on them the networks are compared with the trivial
    prediction and with gradient-boosted trees.

    [bold]Examples[/]
      layerwise fit houses.csv --target price -o houses.layerwise
      layerwise fit loans.csv --target defaulted --metric f1 --drop customer_id
      layerwise fit sales.parquet --target units --time-column day --intervals 0.9
      layerwise fit postgresql://me@host/shop --query "SELECT * FROM sales" -t units
      cat x.csv | layerwise fit - --target y -o x.layerwise

    Ctrl-C once ends training: the best so far is saved and tested, as with
    --time-limit. Twice ends everything. SIGTERM and SIGHUP do the same.

    [bold]Exit codes[/]
      0 done, also with Ctrl-C once; 1 failed; 2 wrongly typed; 130 ended by Ctrl-C;
      143 SIGTERM and 129 SIGHUP, also where all was saved
    """
    started = time.monotonic()
    from layerwise.cli.fit import run_fit

    run_fit(options, typed_command(), _deadline(started, options.training.time_limit))


@as_command
def study(options: StudyOptions) -> None:
    """Find out how deep a network should be for a table, how wide, and with which activation.

    Every network is trained in a repeated cross-validation: the same folds, the same
    seeds, the same budget for all. Recommended is a linear model, unless hidden layers
    are shown to help; then the smallest network within a standard error of the best.
    Gradient-boosted trees and guessing are scored on the same folds.

    Networks are plain: hidden layers of one width and one activation, no dropout. What
    would hardly change the answer is not pursued after some folds.

    [bold]Examples[/]
      layerwise study houses.csv --target price
      layerwise study loans.csv --target defaulted --metric roc_auc -o loans.layerwise
      layerwise study houses.csv --target price --depth 0-8 --width 16,64,256 --seeds 5
      layerwise study houses.csv --target price --depth 1-16 --parameters 20000
      layerwise study houses.csv --target price --resume
      layerwise study houses.csv --target price --resume --depth 0-10 --seeds 5

    Ctrl-C once ends it with the answer so far. What is done stands in the database:
    nothing but the fits under way is lost, not even when the machine goes down.
    SIGTERM and SIGHUP do the same.

    [bold]Exit codes[/]
      0 done, also with Ctrl-C once; 1 failed; 2 wrongly typed; 130 ended by Ctrl-C,
      or before anything was known; 143 SIGTERM and 129 SIGHUP, also with an answer
    """
    started = time.monotonic()
    from layerwise.cli.study import run_study

    run_study(options, typed_command(), _deadline(started, options.time_limit))


def _deadline(started: float, limit: float | None) -> Deadline:
    from layerwise.training.time_limit import Deadline

    return Deadline(math.inf if limit is None else started + limit)
