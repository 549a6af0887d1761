"""Networks as scikit-learn estimators."""

from layerwise.estimators.classifier import MLPClassifier
from layerwise.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
