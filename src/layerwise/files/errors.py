"""What is raised when a file cannot be written, or a model cannot be read from one."""

__all__ = ["FileWriteError", "ModelFileError"]


class ModelFileError(ValueError):
    """A model file cannot be used; the message says what came, what was wanted, what to do."""


class FileWriteError(ModelFileError, OSError):
    """A file cannot be written; the message says why, and what to do."""
