"""The threshold that is best for a metric, against all there could be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, matthews_corrcoef

from layerwise.ensemble.decision import DECISION_METRICS, best_threshold

SCIKIT_LEARNS = {
    "accuracy": accuracy_score,
    "balanced_accuracy": balanced_accuracy_score,
    "f1": lambda y, d, sample_weight: f1_score(
        y, d, sample_weight=sample_weight, zero_division=0.0
    ),
    "matthews_corrcoef": matthews_corrcoef,
}
# Multiples of 1/20, so that there are ties and no two are too near for a number between them.
ROWS = st.lists(
    st.tuples(st.integers(0, 20), st.booleans(), st.integers(1, 5)), min_size=2, max_size=15
).filter(lambda rows: len({yes for _, yes, _ in rows}) == 2)


def test_every_metric_is_compared():
    assert SCIKIT_LEARNS.keys() == DECISION_METRICS.keys()


@pytest.mark.parametrize("metric", sorted(set(DECISION_METRICS) - {"accuracy"}))
@settings(max_examples=25)
@given(rows=ROWS, weighted=st.booleans())
def test_no_cut_is_better(metric, rows, weighted):
    p, y, w = (np.array(values, float) for values in zip(*rows, strict=True))
    p, y, weight = p / 20, y.astype(int), w if weighted else None
    score = SCIKIT_LEARNS[metric]

    def at(threshold):
        return score(y, (p > threshold).astype(int), sample_weight=weight)

    found = best_threshold(p, y, metric, weight)
    assert 0 <= found <= 1
    cuts = [0.0, *(np.unique(p) + 1 / 40), 1.0]
    best = max(at(cut) for cut in cuts)
    assert at(found) == pytest.approx(best, abs=1e-9)


def test_of_equally_good_cuts_the_one_next_to_a_half_is_taken():
    p, y = np.array([0.1, 0.4, 0.9]), np.array([0, 0, 1])
    assert best_threshold(p, y, "f1") == pytest.approx(0.65)


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "roc_auc"])
def test_metrics_that_need_none_take_a_half(metric):
    assert best_threshold(np.array([0.1, 0.2]), np.array([0, 1]), metric) == 0.5


def test_a_weight_of_3_is_a_row_three_times():
    random = np.random.default_rng(0)
    p, y, w = random.random(30).round(2), random.integers(0, 2, 30), random.integers(1, 4, 30)
    repeated = best_threshold(np.repeat(p, w), np.repeat(y, w), "f1")
    assert best_threshold(p, y, "f1", w.astype(float)) == pytest.approx(repeated)
