"""Studies done whole, in one process, with nothing stopped, kept as JSON; replayed as races.

Every network of every split is trained once more, and scored on thousands of new rows: what it
truly scores. That it is the same network is seen by its score on the rows it was trained on.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layerwise.study import DepthStudy
from layerwise.study.metrics import higher_is_better
from layerwise.study.one_fit import fit_one
from layerwise.study.plan import facts_of, make_plan, rungs_of
from layerwise.study.racing import may_change, not_needed
from layerwise.study.recommendation import recommend
from layerwise.study.results import FailedFit, Pruned, StudyResults
from layerwise.study.study_table import FoldCache
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


def whole(frame: pd.DataFrame, study: DepthStudy) -> StudyResults:
    """Every network on every split."""
    table = study.rows(frame, target=TARGET)
    plan = make_plan(study, table)
    facts = facts_of(table, plan)
    folds = FoldCache(table, table.splits(plan.folds, plan.repeats, plan.seed), plan.seed)
    fits, failed = [], []
    for split in plan.splits:
        for configuration in plan.configurations:
            try:
                fit = fit_one(folds[split], configuration, plan, split)
                fits.append(replace(fit, training_curve=(), held_out_curve=()))
            except TrainingDiverged as error:
                failed.append(FailedFit(configuration.number, *split, str(error)))
    return StudyResults(
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


def on_new_rows(
    frame: pd.DataFrame, new: pd.DataFrame, study: DepthStudy, results: StudyResults
) -> NDArray[np.float64]:
    """What the networks of a study score on new rows, shape (n_configurations, n_splits)."""
    table = study.rows(frame, target=TARGET)
    both = study.rows(pd.concat([frame, new], ignore_index=True), target=TARGET)
    both = replace(both, columns=table.columns)
    plan = make_plan(study, table)
    held_out = table.splits(plan.folds, plan.repeats, plan.seed)
    others = np.arange(len(table), len(both))
    scores = np.full((len(plan.configurations), len(plan.splits)), np.nan)
    for place, split in enumerate(plan.splits):
        fold = both.fold(np.concatenate([held_out[split], others]), plan.seed)
        n = len(held_out[split])
        names = ("x_test", "codes_test", "y_test", "units_test")
        fold = replace(fold, **{name: getattr(fold, name)[n:] for name in names})
        for before in (fit for fit in results.fits if fit.split == split):
            fit = fit_one(fold, plan.configurations[before.configuration], plan, split)
            assert fit.training_score == before.training_score
            scores[fit.configuration, place] = fit.score
    return scores


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


def study_of(name: str, seed: int, draw: Draw, folder: Path) -> Studied:
    """The study of one table; read, where it was done before."""
    stem = f"{''.join(c if c.isalnum() else '-' for c in name)}-{seed}"
    path, path_of_new = folder / f"{stem}.json", folder / f"{stem}-new.json"
    if not path_of_new.exists():
        frame, new = draw(np.random.default_rng([seed, zlib.crc32(name.encode())]))
        study = asked(seed)
        if not path.exists():
            _write(path, whole(frame, study).to_json())
        scores = on_new_rows(frame, new, study, StudyResults.from_json(path.read_text()))
        _write(path_of_new, json.dumps(scores.tolist()))
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
