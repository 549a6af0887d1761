"""scikit-learn's conventions: its own check of estimators, with no failure expected."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from layerwise import MLPClassifier, MLPRegressor


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
def test_scikit_learns_check(estimator, check):
    check(estimator)
