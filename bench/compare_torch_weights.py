"""What `layerwise.store.weights` says about PyTorch, done: its code is run as it is written there.

make test-torch
"""

from __future__ import annotations

import inspect
import textwrap
from itertools import takewhile
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from layerwise import MLPClassifier, TableClassifier
from layerwise.store import weights

RNG = np.random.default_rng(0)
N = 200


def written_code() -> list[str]:
    """The blocks of code in the docstring of `export_weights`, in their order."""
    text = inspect.getdoc(weights.export_weights) or ""
    blocks = [after.splitlines() for after in text.split("::\n")[1:]]
    return [
        textwrap.dedent("\n".join(takewhile(lambda line: not line or line[0] == " ", block)))
        for block in blocks
    ]


def test_the_networks_of_a_tables_model(tmp_path, monkeypatch):
    table = pa.table(
        {
            "size": pa.array(RNG.normal(size=N), mask=RNG.random(N) < 0.1),
            "town": RNG.choice(["Ulm", "Bonn", "Jena"], N),
            "street": [f"street {i}" for i in RNG.integers(0, 60, N)],  # a learned vector for each
            "let": RNG.choice(["yes", "no"], N),
        }
    )
    model = TableClassifier(epochs=3, effort="low", random_state=0).fit(table, target="let")
    weights.export_weights(model, tmp_path / "weights.safetensors")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"model": model, "table": table}
    for block in written_code():
        exec(block, names)
    theirs = torch.softmax(names["scores"], dim=1).detach().numpy()
    prepared = model.prepare(table)
    ours = model.networks_[0](prepared.x, prepared.codes)
    assert prepared.codes.shape[1] == 2
    assert np.abs(theirs - ours).max() < 1e-6


@pytest.mark.filterwarnings("ignore:.*converged")
def test_a_network_of_a_matrix(tmp_path):
    x, y = RNG.normal(size=(N, 4)).astype(np.float32), RNG.integers(0, 3, N)
    model = MLPClassifier((8, 8), activation="silu", max_iter=5, random_state=0).fit(x, y)
    weights.export_weights(model, tmp_path / "a.safetensors")
    names: dict[str, Any] = {}
    exec(written_code()[0], names)
    scores = names["load_network"](tmp_path / "a.safetensors")(torch.from_numpy(x))
    theirs = torch.softmax(scores, dim=1).detach().numpy()
    assert np.abs(theirs - model.predict_proba(x)).max() < 1e-6
