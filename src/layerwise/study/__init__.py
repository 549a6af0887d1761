"""How deep, how wide, which activation: many networks on the same folds, compared."""

from layerwise.study.errors import StudyError
from layerwise.study.results import Configuration, FitResult, StudyResults
from layerwise.study.study import DepthStudy

__all__ = ["Configuration", "DepthStudy", "FitResult", "StudyError", "StudyResults"]
