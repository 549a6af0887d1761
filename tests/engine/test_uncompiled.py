"""With NUMBA_DISABLE_JIT=1 the same engine runs as plain Python, and says the same."""

import json

import numpy as np
import pytest

from layerwise.architecture import Architecture, Embedding, Periodic
from layerwise.engine.compiled import CompiledSession
from layerwise.files.cache_folders import CACHE_VARIABLE
from tests.conftest import ROOT
from tests.helpers.other_python import run_python
from tests.helpers.problems import Steps, problem_of

NETWORKS = {
    "plain": "Architecture([3, 4, 2], 'tanh')",
    "everything": (
        "Architecture([2, 7, 7, 4, 3], ['prelu', 'gelu', 'softplus'], 'softmax', "
        "normalization='batch', residual=True, dropout=0.3, input_scale=True, "
        "embeddings=[Embedding(n_values=3, size=3)], periodic=Periodic(1))"
    ),
    "layer norm": (
        "Architecture([3, 4, 4, 2], 'elu', 'sigmoid', normalization='layer', "
        "scaling='neural_tangent')"
    ),
}
SCRIPT = f"""
import json, sys
sys.path.insert(0, {ROOT!r})
import numba
assert numba.config.DISABLE_JIT
from tests.engine.test_uncompiled import NETWORKS, numbers_of
print(json.dumps({{name: numbers_of(name) for name in NETWORKS}}))
"""


def numbers_of(name: str) -> dict[str, list[float]]:
    """Losses and parameters after some steps, and predictions of many rows and of one."""
    names = {"Architecture": Architecture, "Embedding": Embedding, "Periodic": Periodic}
    problem = problem_of(eval(NETWORKS[name], names), n_rows=6)
    net, data = problem.network, problem.data
    result = Steps(n_steps=2, batch_size=4, average=0.5).take(CompiledSession, problem)
    return {
        "losses": result.losses.tolist(),
        "parameters": result.vectors.parameters.tolist(),
        "average": result.vectors.average.tolist(),
        "state": result.vectors.state.tolist(),
        "outputs": net(data.x, data.codes).ravel().tolist(),
        "one row": net(data.x[:1], data.codes[:1]).ravel().tolist(),
    }


@pytest.fixture(scope="module")
def uncompiled(tmp_path_factory):
    """What a process without compiling writes: (numbers, warnings and notes)."""
    folder = tmp_path_factory.mktemp("cache")
    done = run_python("-c", SCRIPT, NUMBA_DISABLE_JIT="1", **{CACHE_VARIABLE: str(folder)})
    return json.loads(done.stdout), done.stderr


@pytest.mark.parametrize("name", NETWORKS)
def test_the_numbers_are_the_same(uncompiled, name):
    for what, wanted in numbers_of(name).items():
        np.testing.assert_allclose(uncompiled[0][name][what], wanted, rtol=1e-9, err_msg=what)


def test_it_does_not_warn(uncompiled):
    assert "Warning" not in uncompiled[1]


def test_it_does_not_say_that_it_compiles(uncompiled):
    assert "compiling" not in uncompiled[1]
