"""The command `layerwise fit`."""

import math
import time

from layerwise.cli.fit_options import FitOptions
from layerwise.cli.options import as_command
from layerwise.cli.refusals import typed_command

__all__ = ["fit"]


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
    from layerwise.training.time_limit import Deadline

    limit = options.training.time_limit
    deadline = Deadline(math.inf if limit is None else started + limit)
    run_fit(options, typed_command(), deadline)
