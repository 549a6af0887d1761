"""Networks as scikit-learn estimators: of matrices (MLP...) and of raw tables (Table...)."""

from layerwise.estimators.classifier import MLPClassifier
from layerwise.estimators.regressor import MLPRegressor
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_regressor import TableRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TableClassifier", "TableRegressor"]
