"""A study done whole, in this process, with nothing given up; kept as JSON."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from layerwise.study import DepthStudy
from layerwise.study.one_fit import fit_one
from layerwise.study.plan import facts_of, make_plan
from layerwise.study.results import StudyResults
from layerwise.study.study_table import FoldCache
from layerwise.training import TrainingDiverged
from truth.tables import KINDS, N_ROWS, TARGET


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
    fits, failed = [], {}
    for split in plan.splits:
        for configuration in plan.configurations:
            try:
                fits.append(fit_one(folds[split], configuration, plan, split))
            except TrainingDiverged as error:
                failed[configuration.number] = str(error)
    return StudyResults(
        facts["task"],
        facts["target"],
        plan.metric,
        plan.metric not in {"rmse", "mae", "log_loss"},
        plan.configurations,
        sorted(fits, key=lambda fit: (fit.configuration, *fit.split)),
        failed=failed,
        split_sizes={(r, f): (a, b) for r, f, a, b in facts["split_sizes"]},
        settings=plan.settings(),
    )


def study_of(kind: str, seed: int, folder: Path) -> StudyResults:
    """The study of one made table; read, where it was done before."""
    n = N_ROWS[kind]
    path = folder / f"{kind.replace(', ', '-').replace(' ', '-')}-{n}-{seed}.json"
    if not path.exists():
        random = np.random.default_rng([seed, zlib.crc32(kind.encode())])
        results = whole(KINDS[kind](random, n), asked(seed))
        part = path.with_suffix(".part")
        part.write_text(results.to_json())
        part.replace(path)
    return StudyResults.from_json(path.read_text())
