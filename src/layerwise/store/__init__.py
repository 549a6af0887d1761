"""Models kept in files: whole ones to load again, ONNX graphs, bare weights."""

from layerwise.files.atomic_writing import ModelFileError
from layerwise.store.model_files import load, save, trusted_types

__all__ = ["ModelFileError", "load", "save", "trusted_types"]
