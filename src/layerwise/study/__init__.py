"""How deep, how wide, which activation: many networks on the same folds, compared."""

from layerwise.study.results import Configuration, FitResult, StudyError, StudyResults
from layerwise.study.study import DepthStudy

__all__ = ["Configuration", "DepthStudy", "FitResult", "StudyError", "StudyResults"]
