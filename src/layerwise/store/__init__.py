"""Models kept in files: whole ones to load again, ONNX graphs, bare weights."""

from layerwise.files.writing import ModelFileError
from layerwise.store.files import load, save

__all__ = ["ModelFileError", "load", "save"]
