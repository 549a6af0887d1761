"""How a page's network learns: while it plays, by steps asked for, or a step in its parts."""

from __future__ import annotations

from collections.abc import Callable

from layerwise.language import message, tr
from layerwise.playground.choices import Choices, WrongChoice
from layerwise.playground.learner import Learner
from layerwise.playground.pace import BITE_SECONDS, Pace
from layerwise.playground.phases import Phases
from layerwise.training.history import TrainingDiverged

_ENDINGS = {
    "epochs": message("all epochs that were chosen are over: choose more, or start again"),
    "learning rate": message(
        "the schedule has ended the training: the loss improved no more, however small the "
        "learning rate; choose another schedule, or start again"
    ),
    "converged": message(
        "L-BFGS has converged: the loss hardly changes any more; choose another optimiser, set a "
        "weight by hand, or start again"
    ),
    "line search": message(
        "L-BFGS has ended: in the direction that it took last it found no smaller loss; choose "
        "another optimiser, set a weight by hand, or start again"
    ),
    "evaluations": message(
        "L-BFGS has ended: it has computed the loss as often as it may; choose another optimiser, "
        "set a weight by hand, or start again"
    ),
    "diverged": message(
        "the loss is not finite, and nothing can be learned from here: start again, or choose "
        "another optimiser"
    ),
}


class PageTraining:
    """Takes a learner's steps when they are due.

    Parameters
    ----------
    learner : Learner
    clock : callable
        In seconds.
    n_at_once : callable
        How many pages are served for each thread.

    Attributes
    ----------
    phases : Phases or None
        The step that is taken part by part.
    due : float or None
        When steps are to be taken next, by the clock; None: not before something is asked.

    Examples
    --------
    >>> from layerwise.playground.material import Material
    >>> learner = Learner(Choices.of({"rows": 60, "test": 0}), Material.of_toy("circles", 60))
    >>> training = PageTraining(learner, clock=lambda: 0.0)
    >>> training.take_epoch()
    >>> while training.go_on() is not None:
    ...     pass
    >>> learner.epoch
    1
    >>> learner.close()
    """

    def __init__(
        self,
        learner: Learner,
        clock: Callable[[], float],
        n_at_once: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.learner, self._clock = learner, clock
        self._pace = Pace(clock, n_at_once)
        self.phases: Phases | None = None
        self._n_owed = 0  # steps of an epoch that was asked for
        self.due: float | None = None

    @property
    def is_playing(self) -> bool:
        """Whether it takes steps by itself."""
        return self._pace.is_playing

    def steps_a_second(self) -> float | None:
        """How many steps were taken a second, lately; None where it does not play."""
        return self._pace.steps_a_second()

    def play(self, speed: float) -> None:
        """Go on by itself, so many epochs a second; 0: as fast as it goes.

        Raises
        ------
        WrongChoice
            If no step is left.
        """
        self._check_goes_on()
        self.phases, self._n_owed = None, 0
        self.due = self.due if self.is_playing else self._clock()
        self._pace.play(speed)

    def pause(self) -> None:
        """Take no steps by itself."""
        self._pace.pause()
        self._n_owed, self.due = 0, None

    def change(self, choices: Choices) -> None:
        """Learn otherwise from now on, if it is otherwise; the network stays as it is.

        Raises
        ------
        WrongChoice
            All is then as it was before.
        """
        if not self.learner.learns_by(choices):
            self.learner.change_learning(choices)
            self.phases = None
            if self._n_owed:
                self._owe(0)

    def take_step(self) -> None:
        """Take one step.

        Raises
        ------
        WrongChoice
            If none is left.
        TrainingDiverged
        """
        n_owed = self._n_owed
        self.pause()
        self._check_goes_on()
        self.phases = None
        self.learner.take(1)
        self._owe(n_owed - 1)

    def take_epoch(self) -> None:
        """Take steps to the end of this epoch, or of one more than was asked for, when due.

        Raises
        ------
        WrongChoice
            If none is left.
        """
        n_owed = self._n_owed
        self.pause()
        self._check_goes_on()
        self.phases = None
        training = self.learner.training
        left = training.steps_per_epoch - training.steps_into_epoch
        self._owe(n_owed + training.steps_per_epoch if n_owed else left)

    def take_part(self) -> None:
        """Go to the next part of a step; the last takes it.

        Raises
        ------
        WrongChoice
            If none is left.
        TrainingDiverged
        """
        self.pause()
        self._check_goes_on()
        if self.phases is None or self.phases.is_over:
            self.phases = Phases(len(self.learner.network.architecture.layers))
        else:
            self.phases.go_on()
        if self.phases.is_over:
            self.learner.take(1)

    def go_on(self) -> float | None:
        """Take what is due, for a bite.

        Returns
        -------
        float or None
            When steps are due next, by the clock.

        Raises
        ------
        TrainingDiverged
            It then takes no more steps by itself.
        """
        try:
            if self._n_owed:
                self._take_owed()
            elif self.is_playing:
                self._take_due()
        except TrainingDiverged:
            self.pause()
            raise
        return self.due

    def _owe(self, n_steps: int) -> None:
        self._n_owed = max(0, n_steps)
        self.due = self._clock() if self._n_owed else None

    def _take_due(self) -> None:
        steps = self._pace.steps_due(self.learner.training.steps_per_epoch)
        if steps:
            started = self._clock()
            self.learner.take(steps)
            self._pace.took(steps, self._clock() - started)
        if self.learner.stopped:
            self.pause()
        self.due = self._pace.due(self.learner.training.steps_per_epoch)

    def _take_owed(self) -> None:
        """Take steps of an epoch that was asked for: there may be 200,000."""
        began, n = self._clock(), 1
        while self._n_owed and self._clock() - began < BITE_SECONDS:
            n = min(n, self._n_owed)
            self.learner.take(n)
            self._owe(0 if self.learner.stopped else self._n_owed - n)
            n *= 2  # so that the last of them take as long as all before

    def _check_goes_on(self) -> None:
        if self.learner.stopped:
            raise WrongChoice(tr(_ENDINGS[self.learner.stopped]))
