"""The command `layerwise study`."""

import math
import time

from layerwise.cli.options import as_command
from layerwise.cli.refusals import typed_command
from layerwise.cli.study_options import StudyOptions

__all__ = ["study"]


@as_command
def study(options: StudyOptions) -> None:
    """Find out how deep a network should be for a table, how wide, and with which activation.

    Every network is trained in a repeated cross-validation: the same folds, the same
    seeds, the same budget for all. The smallest that cannot be told from the best is
    recommended, with the tests behind it, and gradient-boosted trees beside it.

    Networks are plain: hidden layers of one width and one activation, no dropout. What
    is hopeless after some folds is given up, unless it could still matter.

    [bold]Examples[/]
      layerwise study houses.csv --target price
      layerwise study loans.csv --target defaulted --metric roc_auc -o loans.layerwise
      layerwise study houses.csv --target price --depth 0-8 --width 16,64,256 --seeds 5
      layerwise study houses.csv --target price --depth 1-16 --parameters 20000
      layerwise study houses.csv --target price --resume

    Ctrl-C once ends it with the answer so far. What is done stands in the database:
    nothing but the fits under way is lost, not even when the machine goes down.
    SIGTERM and SIGHUP do the same.

    [bold]Exit codes[/]
      0 done, also with Ctrl-C once; 1 failed; 2 wrongly typed; 130 ended by Ctrl-C,
      or before anything was known; 143 SIGTERM and 129 SIGHUP, also with an answer
    """
    started = time.monotonic()
    from layerwise.cli.study import run_study
    from layerwise.training.time_limit import Deadline

    limit = options.time_limit
    deadline = Deadline(math.inf if limit is None else started + limit)
    run_study(options, typed_command(), deadline)
