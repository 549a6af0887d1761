"""scikit-learn's own checks: all pass but those named here, each with its reason."""

import warnings

import pytest
from sklearn.utils.estimator_checks import check_estimator

from layerwise import TableClassifier, TableRegressor

SMALL = {
    "effort": "low",
    "epochs": 3,
    "hidden": (8,),
    "n_folds": 2,
    "n_repeats": 1,
    "random_state": 0,
    "n_threads": 1,
}
TRAINED_LITTLE = "these settings, which keep the checks quick, train too little for it"
SUMS = "32-bit sums of another batch differ in their last digits, by more than 1e-9"
WORDS = "the error is raised, in words of this project's own"
NOT_YET = "partial_fit goes on with a fitted model, and learns no new columns or classes"
EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": "a row twice is in two batches",
    "check_sample_weight_equivalence_on_sparse_data": "a row twice is in two batches",
    "check_methods_sample_order_invariance": SUMS,
    "check_methods_subset_invariance": SUMS,
    "check_estimators_empty_data_messages": WORDS,
    "check_fit2d_1sample": WORDS,
    "check_fit2d_predict1d": WORDS,
    "check_requires_y_none": WORDS,
    "check_n_features_in_after_fitting": NOT_YET,
}
OF_CLASSES = {
    "check_classifiers_one_label": WORDS,
    "check_classifiers_train": TRAINED_LITTLE,
    "check_class_weight_classifiers": TRAINED_LITTLE,
    "check_supervised_y_2d": "a column of targets is what a table gives; no warning",
    "check_estimators_partial_fit_n_features": NOT_YET,
}
OF_NUMBERS = {"check_regressors_train": TRAINED_LITTLE}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (TableClassifier(**SMALL), EXPECTED | OF_CLASSES),
        (TableRegressor(**SMALL), EXPECTED | OF_NUMBERS),
    ],
    ids=lambda value: type(value).__name__,
)
def test_scikit_learns_checks_pass_but_for_those_named(model, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(model, on_fail=None)
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    assert not {name: failed[name] for name in failed.keys() - expected.keys()}
    assert sum(r["status"] == "passed" for r in results) >= 44
