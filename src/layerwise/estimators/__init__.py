"""Networks as scikit-learn estimators: of matrices (MLP...) and of raw tables (Table...)."""

import layerwise.engine  # noqa: F401  first: it says so where Python has to compile what it uses
from layerwise.estimators.mlp_classifier import MLPClassifier
from layerwise.estimators.mlp_regressor import MLPRegressor
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_regressor import TableRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TableClassifier", "TableRegressor"]
