"""scikit-learn's own tests of its networks, unchanged, with our classes in the place of theirs.

``make test-scikit-learn`` runs it, and so does ``make test-all``. The file is the one of the
installed package, ``sklearn/neural_network/tests/test_mlp.py``; it is read while the names it
imports stand for ours. Six of its tests reach into private attributes and are left out.
"""

import importlib.util
from pathlib import Path

import pytest
import sklearn.neural_network

import layerwise

pytestmark = pytest.mark.slow

PRIVATE = {
    "test_fit",
    "test_gradient",
    "test_learning_rate_warmstart",
    "test_adaptive_learning_rate",
    "test_n_iter_no_change",
    "test_n_iter_no_change_inf",
}
OURS = ("MLPClassifier", "MLPRegressor")


@pytest.fixture
def global_random_seed():
    """What scikit-learn's own configuration gives where no seed is asked for."""
    return 42


def scikit_learns_own() -> dict[str, object]:
    path = Path(sklearn.neural_network.__file__).parent / "tests" / "test_mlp.py"
    spec = importlib.util.spec_from_file_location("scikit_learn_test_mlp", path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        for name in OURS:
            patch.setattr(sklearn.neural_network, name, getattr(layerwise, name))
        spec.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if name.startswith("test_")}


PUBLIC = {name: test for name, test in scikit_learns_own().items() if name not in PRIVATE}
globals().update(PUBLIC)


def test_nothing_of_theirs_is_left_out_but_what_is_private():
    assert set(scikit_learns_own()) == PUBLIC.keys() | PRIVATE
    assert len(PUBLIC) >= 35
