"""What the recommended network would score as `layerwise fit` trains it, on a few of the folds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from layerwise.signals import catch_interrupt
from layerwise.study.one_fit import Interrupted, fit_one
from layerwise.study.results import StudyResults
from layerwise.study.running import OnProgress
from layerwise.study.stored_study import KeptStudy
from layerwise.study.study_table import StudyTable
from layerwise.training import TrainingDiverged
from layerwise.training.time_limit import NEVER, Deadline

_MOST_FOLDS = 3  # each takes as long as some ten fits of the study


@dataclass(frozen=True)
class _Stop:
    interrupt: object
    deadline: Deadline

    def __bool__(self) -> bool:
        return bool(self.interrupt) or self.deadline.is_over


def with_fit_scores(
    kept: KeptStudy,
    table: StudyTable,
    results: StudyResults,
    number: int,
    *,
    n_threads: int,
    deadline: Deadline = NEVER,
    on_progress: OnProgress | None = None,
) -> StudyResults:
    """Score a configuration as `layerwise fit` would train it, and keep that with the study.

    Parameters
    ----------
    kept : KeptStudy
    table : StudyTable
    results : StudyResults
        What was found; folds that are in `like_fit` are not done again.
    number : int
        The configuration's.
    n_threads : int
        Networks trained at once.
    deadline : Deadline
        No fold is begun, and none goes on, once it is over, or after Ctrl-C.
    on_progress : callable or None
        Told of each fold that begins.

    Returns
    -------
    StudyResults
        With these scores, as many as there was time for; none where training diverged.
    """
    plan = replace(kept.plan, like_fit=True)
    rows = table.splits(plan.folds, plan.repeats, plan.seed)
    scores = dict(results.like_fit.get(number, {}))
    with catch_interrupt() as interrupt:
        stop = _Stop(interrupt, deadline)
        splits = plan.splits[:_MOST_FOLDS]
        for place, split in enumerate(splits, 1):
            if split in scores:
                continue
            if stop:
                break
            if on_progress is not None:
                on_progress(replace(kept.progress(), like_fit=(place, len(splits))))
            fold = table.fold(rows[split], plan.seed, like_fit=True)
            try:
                fit = fit_one(fold, plan.configurations[number], plan, split, stop, n_threads)
            except (Interrupted, TrainingDiverged):
                break
            scores[split] = fit.score
            kept.keep_like_fit(number, split, fit.score)
    return replace(results, like_fit={**results.like_fit, number: scores} if scores else {})
