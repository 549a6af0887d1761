"""Whole fits as people call them: the defaults, on tables of three sizes, scaled."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

WHOLE_FITS = ("digits", "breast cancer", "20,640 x 8, numbers")
SMOKE_FITS = ("breast cancer",)


class WholeFit(TypedDict):
    """Seconds of one fit, epochs it took, its score on the quarter held out."""

    seconds: float
    epochs: int
    score: float


def _table(name: str) -> tuple[Any, Any, str]:
    if name == "digits":
        return *load_digits(return_X_y=True), "classes"
    if name == "breast cancer":
        return *load_breast_cancer(return_X_y=True), "classes"
    # As many rows and columns as California housing, which would have to be downloaded.
    x, y = make_friedman1(20_640, 8, noise=1.0, random_state=0)
    return x, (y - y.mean()) / y.std(), "numbers"


def fit_once(estimators: Mapping[str, Any], name: str, seed: int) -> WholeFit:
    """One fit with the defaults; `seed` also says which quarter is held out."""
    x, y, kind = _table(name)
    x, x_test, y, y_test = train_test_split(
        x, y, random_state=seed, stratify=y if kind == "classes" else None
    )
    scaler = StandardScaler().fit(x)
    x, x_test = scaler.transform(x), scaler.transform(x_test)
    estimators[kind](max_iter=1).fit(x[:200], y[:200])  # whatever is done once in a process
    model = estimators[kind](random_state=seed)
    start = time.perf_counter()
    model.fit(np.ascontiguousarray(x), y)
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "epochs": int(model.n_iter_),
        "score": float(model.score(x_test, y_test)),
    }
