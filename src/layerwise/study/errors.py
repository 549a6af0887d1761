"""What a study refuses, in one sentence: what came, what was wanted, what to do."""

__all__ = ["StudyError"]


class StudyError(ValueError):
    """A study that cannot be begun, or gone on with."""
