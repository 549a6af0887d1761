"""A study for tests to disturb, in this process or in one of its own.

Where a file is named as its gate, fits of the second cross-validation end only once that file is
there: until then the study can be found, interrupted and killed half done, however fast it is.
"""

import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from layerwise.study import DepthStudy, one_fit, worker
from layerwise.study.study_table import StudyTable
from layerwise.training.time_limit import Deadline

SETTINGS = {
    "depth": [1, 2],
    "width": [8],
    "activation": ["relu"],
    "folds": 3,
    "seeds": 2,
    "epochs": 10,
    "early_stopping": False,
    "pruning": False,
    "workers": 1,
    "fit_score": False,
}
N_FITS = 3 * 6 + 6
N_BEFORE_GATE = N_FITS // 2 + 1  # trees, the first fit of a fold, do not wait


@dataclass(frozen=True, eq=False)
class GatedTable(StudyTable):
    """Rows that have whatever worker gets them wait at the gate, in whatever process."""

    gate: str = ""

    def splits(self, folds, repeats, seed):
        worker.fit_one = gated_fit(Path(self.gate))
        return super().splits(folds, repeats, seed)


def gated_fit(gate, first_repeat=1):
    """`fit_one`, but from a repeat on it is told to end or waits until the gate exists."""

    def fit(fold, configuration, plan, split, stop):
        while split[0] >= first_repeat and not gate.exists():
            if stop:
                raise one_fit.Interrupted
            time.sleep(0.05)
        return one_fit.fit_one(fold, configuration, plan, split, stop)

    return fit


def let_time_be_up(monkeypatch, first_repeat=1):
    """Let a study's time limit be over once the first fit that never ends has begun."""
    begun = threading.Event()
    monkeypatch.setattr(Deadline, "is_over", property(lambda self: begun.is_set()))
    gate = SimpleNamespace(exists=begun.set)  # which gives None: it does not
    monkeypatch.setattr(worker, "fit_one", gated_fit(gate, first_repeat))


def found_by_study(gate="", **settings):
    """What the study finds, in plain data."""
    random = np.random.default_rng(0)
    x = random.normal(size=(150, 2))
    study = DepthStudy(**SETTINGS | settings)
    rows = study.rows(x, (x**2).sum(axis=1) < 1.2)
    if gate:
        rows = GatedTable(**vars(rows), gate=gate)
    study.fit_rows(rows)
    return {
        "scores": [[f.configuration, f.repeat, f.fold, f.score] for f in study.study_.fits],
        "stopped": study.study_.stopped,
    }


def study_alone(out, settings):
    """In a process of its own: what the study finds, as JSON in a file beside what is said."""
    os.setsid()
    for number, suffix in ((1, ".out"), (2, ".err")):
        with out.with_suffix(suffix).open("w") as file:
            os.dup2(file.fileno(), number)
    print(json.dumps(found_by_study(**settings)))
