"""A moment at which work is to have ended."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Deadline:
    """A moment at which work is to have ended.

    Parameters
    ----------
    at : float
        In seconds, by the clock; infinity: never.
    clock : callable
        Gives the time now.

    Examples
    --------
    >>> now = 100.0
    >>> whole = Deadline.after(60.0, lambda: now)
    >>> half = whole.share(0.5)
    >>> now = 131.0
    >>> half.is_over, whole.is_over, whole.left
    (True, False, 29.0)
    """

    at: float = math.inf
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(
        cls, seconds: float | None, clock: Callable[[], float] = time.monotonic
    ) -> "Deadline":
        """The moment so many seconds from now; None: never."""
        return cls(math.inf if seconds is None else clock() + seconds, clock)

    @property
    def is_over(self) -> bool:
        """Whether it is that late."""
        return self.at < math.inf and self.clock() >= self.at

    @property
    def left(self) -> float:
        """Seconds until then, at least 0."""
        return max(0.0, self.at - self.clock()) if self.at < math.inf else math.inf

    def check(self, seconds: float) -> None:
        """Raise TimeoutError where so many seconds are more than are left."""
        if self.is_over:
            raise TimeoutError("no time is left")
        if seconds > self.left:
            raise TimeoutError(
                f"about {seconds:.2g} s are wanted, and {self.left:.2g} s are left of the time "
                "limit"
            )

    def share(self, share: float) -> "Deadline":
        """The moment at which this share of what is left now will be over."""
        return replace(self, at=self.at - (1.0 - share) * self.left) if self.at < math.inf else self


NEVER = Deadline()
