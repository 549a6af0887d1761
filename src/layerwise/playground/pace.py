"""How fast a network learns on a page: as many epochs a second as are wanted, in short bites."""

from __future__ import annotations

from collections.abc import Callable

# Longest turn: whoever asks something waits no longer, and pages share the cores by it.
BITE_SECONDS = 0.008
_ROUND_SECONDS = 0.05  # all pages' bites together, on one thread
# Epochs a second that can be asked for; 0 is as fast as it goes.
_SLOWEST, _FASTEST = 1e-3, 1_000.0
_FORGETS = 0.8  # how much of the old pace is kept at each bite


class Pace:
    """Says how many steps are due.

    Parameters
    ----------
    clock : callable
        In seconds.
    n_at_once : callable
        n_at_once() -> how many are served for each thread: bites are the shorter, the more.

    Examples
    --------
    >>> now = [0.0]
    >>> pace = Pace(lambda: now[0])
    >>> pace.play(epochs_a_second=10.0)
    >>> now[0] = 0.25
    >>> pace.steps_due(steps_per_epoch=4)
    1
    >>> pace.took(1, 1e-5)
    >>> pace.steps_due(steps_per_epoch=4)
    9
    """

    def __init__(
        self, clock: Callable[[], float], n_at_once: Callable[[], float] = lambda: 1.0
    ) -> None:
        self._clock, self._n_at_once = clock, n_at_once
        self.is_playing = False
        self._speed = 0.0
        self._began = 0.0
        self._n_taken = 0
        self._step_seconds = 0.0
        self._meter_began = 0.0
        self._n_metered = 0
        self._rate: float | None = None

    def play(self, epochs_a_second: float) -> None:
        """Go on, so fast; 0: as fast as it goes."""
        self.is_playing = True
        self._speed = min(max(epochs_a_second, _SLOWEST), _FASTEST) if epochs_a_second > 0 else 0.0
        self._began = self._meter_began = self._clock()
        self._n_taken = self._n_metered = 0
        self._rate = None

    def pause(self) -> None:
        """Take no steps by itself."""
        self.is_playing = False
        self._rate = None

    def steps_due(self, steps_per_epoch: int) -> int:
        """How many steps to take now."""
        bite = min(BITE_SECONDS, _ROUND_SECONDS / max(1.0, self._n_at_once()))
        most = max(1, int(bite / self._step_seconds)) if self._step_seconds else 1
        if not self._speed:
            return most
        wanted = (self._clock() - self._began) * self._speed * steps_per_epoch - self._n_taken
        if (
            self._step_seconds and wanted > 4 * most
        ):  # too slow for what is wanted: nothing is owed for ever
            self._began, self._n_taken = self._clock(), 0
        return min(most, max(0, int(wanted)))

    def took(self, n_steps: int, seconds: float) -> None:
        """Note how long some steps took."""
        self._n_taken += n_steps
        self._n_metered += n_steps
        self._step_seconds = seconds / n_steps

    def due(self, steps_per_epoch: int) -> float | None:
        """When the next steps are due; None: never."""
        if not self.is_playing:
            return None
        if not self._speed:
            return self._clock()
        return self._began + (self._n_taken + 1) / (self._speed * steps_per_epoch)

    def steps_a_second(self) -> float | None:
        """How many steps were taken a second, lately; None where it does not play."""
        now = self._clock()
        if not self.is_playing:
            return None
        took = now - self._meter_began
        if took > 0.2:
            rate = self._n_metered / took
            self._rate = (
                rate if self._rate is None else (_FORGETS * self._rate + (1 - _FORGETS) * rate)
            )
            self._meter_began, self._n_metered = now, 0
        return self._rate
