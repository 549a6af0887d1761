"""Studies done whole, in one process, with nothing stopped, kept as JSON; replayed as races.

Every network of every split is also scored on thousands of new rows: what it truly scores.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layerwise.study import DepthStudy
from layerwise.study.metrics import higher_is_better
from layerwise.study.one_fit import score_one, train_one
from layerwise.study.plan import Plan, facts_of, make_plan, rungs_of
from layerwise.study.racing import may_change, not_needed
from layerwise.study.recommendation import recommend
from layerwise.study.results import FailedFit, Pruned, Split, StudyResults
from layerwise.study.study_table import Fold, StudyTable
from layerwise.training import TrainingDiverged
from truth.tables import TARGET, Draw


def asked(seed: int) -> DepthStudy:
    """What is asked of every table: 9 networks of up to two hidden layers, 5 folds, twice."""
    return DepthStudy(
        depth=range(3),
        width=[4, 16],
        activation=["relu", "tanh"],
        seeds=2,
        epochs=100,
        learning_rate=0.03,
        trees=False,
        pruning=False,
        random_state=seed,
    )


@dataclass(frozen=True)
class Studied:
    """A study of a table, and what its networks score on new rows.

    Attributes
    ----------
    results : StudyResults
    new : ndarray, shape (n_configurations, n_splits)
    """

    results: StudyResults
    new: NDArray[np.float64]


def studied(frame: pd.DataFrame, new: pd.DataFrame, study: DepthStudy) -> Studied:
    """Every network on every split of a table, scored on the rows held out, and on new ones."""
    table = study.rows(frame, target=TARGET)
    plan = make_plan(study, table)
    facts = facts_of(table, plan)
    fits, failed = [], []
    scores = np.full((len(plan.configurations), len(plan.splits)), np.nan)
    with_new = study.rows(pd.concat([frame, new], ignore_index=True), target=TARGET)
    for place, (split, held_out, others) in enumerate(_folds(table, with_new, plan)):
        for configuration in plan.configurations:
            try:
                trained = train_one(held_out, configuration, plan, split)
                fit = score_one(trained, held_out, configuration, plan, split)
            except TrainingDiverged as error:
                failed.append(FailedFit(configuration.number, *split, str(error)))
                continue
            fits.append(replace(fit, training_curve=(), held_out_curve=()))
            on_new = score_one(trained, others, configuration, plan, split)
            scores[configuration.number, place] = on_new.score
    results = StudyResults(
        facts["task"],
        facts["target"],
        plan.metric,
        higher_is_better(plan.metric),
        plan.configurations,
        sorted(fits, key=lambda fit: (fit.configuration, *fit.split)),
        failed_fits=failed,
        guesses=dict(zip(plan.splits, facts["guesses"], strict=True)),
        units=dict(zip(plan.splits, facts["units"], strict=True)),
        guess_deviations=dict(zip(plan.splits, facts["guess_deviations"], strict=True)),
        split_sizes={(r, f): (a, b) for r, f, a, b in facts["split_sizes"]},
        watched_share=facts["watched_share"],
        settings=plan.settings(),
    )
    return Studied(results, scores)


def _folds(
    table: StudyTable, with_new: StudyTable, plan: Plan
) -> Iterator[tuple[Split, Fold, Fold]]:
    """Of each split: its fold, and the same with new rows in the place of those held out."""
    with_new = replace(with_new, columns=table.columns)
    new = np.arange(len(table), len(with_new))
    for split, rows in table.splits(plan.folds, plan.repeats, plan.seed).items():
        both = with_new.fold(np.concatenate([rows, new]), plan.seed)
        names = ("x_test", "codes_test", "y_test", "units_test")
        held_out, others = (
            replace(both, **{name: getattr(both, name)[part] for name in names})
            for part in (slice(len(rows)), slice(len(rows), None))
        )
        yield split, held_out, others


def study_of(name: str, seed: int, draw: Draw, folder: Path) -> Studied:
    """The study of one table; read, where it was done before."""
    stem = f"{''.join(c if c.isalnum() else '-' for c in name)}-{seed}"
    path, path_of_new = folder / f"{stem}.json", folder / f"{stem}-new.json"
    if not path_of_new.exists():
        frame, new = draw(np.random.default_rng([seed, zlib.crc32(name.encode())]))
        done = studied(frame, new, asked(seed))
        _write(path, done.results.to_json())
        _write(path_of_new, json.dumps(done.new.tolist()))
    results = StudyResults.from_json(path.read_text())
    return Studied(results, np.array(json.loads(path_of_new.read_text())))


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


def raced(results: StudyResults) -> tuple[StudyResults, float]:
    """(what a study that stops what is not needed would have seen, its share of the time)."""
    n_final = len(results.split_sizes)
    stopped: dict[int, int] = {}

    def seen(end: int) -> StudyResults:
        order = {split: place for place, split in enumerate(results.splits)}
        fits = [
            fit
            for fit in results.fits
            if order[fit.split] < min(end, stopped.get(fit.configuration, n_final))
        ]
        pruned = {n: Pruned(after, f"after {after} of {n_final}") for n, after in stopped.items()}
        return replace(results, fits=fits, pruned=pruned)

    for end in rungs_of(n_final)[:-1]:
        stopped.update(dict.fromkeys(not_needed(seen(end)), end))
    while True:
        end_result = seen(n_final)
        answer = recommend(end_result)
        again = may_change(end_result, answer.choice) if answer is not None else []
        if not again:
            break
        for number in again:
            del stopped[number]
    spent = sum(fit.seconds for fit in end_result.fits)
    return end_result, spent / sum(fit.seconds for fit in results.fits)
