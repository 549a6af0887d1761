"""What is raised when a model cannot be written to a file, or read from one."""

__all__ = ["ModelFileError"]


class ModelFileError(ValueError):
    """A model file cannot be used; the message says what came, what was wanted, what to do."""
