"""What a study refuses, in one sentence: what came, what was wanted, what to do."""

__all__ = ["StudyError", "StudyInterrupted"]


class StudyError(ValueError):
    """A study that cannot be begun, or gone on with."""


class StudyInterrupted(StudyError):  # noqa: N818  what happened, as KeyboardInterrupt
    """A study that was ended before anything was known."""
