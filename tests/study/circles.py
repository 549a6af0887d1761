"""A study for tests to disturb, in this process or, run as a program, in one of its own."""

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "depth": [1, 2, 3],
    "width": [8],
    "activation": ["relu"],
    "folds": 3,
    "seeds": 2,
    "epochs": 400,
    "early_stopping": False,
    "pruning": False,
    "workers": 1,
}
N_FITS = 4 * 6 + 6


def found_by_study(**settings):
    """What the study finds, in plain data."""
    from layerwise.study import DepthStudy

    random = np.random.default_rng(0)
    x = random.normal(size=(150, 2))
    study = DepthStudy(**SETTINGS | settings).fit(x, (x**2).sum(axis=1) < 1.2)
    return {
        "scores": [[f.configuration, f.repeat, f.fold, f.score] for f in study.study_.fits],
        "stopped": study.study_.stopped,
    }


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from layerwise.study import leases

    asked = json.loads(sys.argv[1])
    leases.LEASE_SECONDS = asked.pop("lease")
    print(json.dumps(found_by_study(**asked)))
