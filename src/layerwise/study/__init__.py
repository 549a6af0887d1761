"""How deep, how wide, which activation: many networks on the same folds, compared."""

from layerwise.study.depth_study import DepthStudy
from layerwise.study.results import Configuration, FitResult, StudyError, StudyResults

__all__ = ["Configuration", "DepthStudy", "FitResult", "StudyError", "StudyResults"]
