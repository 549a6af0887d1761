"""scikit-learn's conventions: its own check of estimators, with no failure expected."""

from unittest import SkipTest

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from layerwise import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# What a check says where it has nothing to check.
NOTHING_TO_CHECK = (
    "SCIPY_ARRAY_API is not set: not checking array_api input",
    "MLPClassifier does not have a decision_function method.",
)


@parametrize_with_checks([MLPClassifier()])
def test_scikit_learns_check(estimator, check):
    passes(check, estimator)


@pytest.mark.slow
@parametrize_with_checks([MLPRegressor()])
def test_scikit_learns_check_of_numbers(estimator, check):
    passes(check, estimator)


def passes(check, estimator):
    try:
        check(estimator)
    except SkipTest as reason:
        assert str(reason) in NOTHING_TO_CHECK
