"""One network that learns on a page: its numbers, its training step by step, what it measures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from layerwise.architecture import Architecture, OneHot
from layerwise.arrays import Array, Integers
from layerwise.engine.engines import get_engine
from layerwise.engine.layout import layout_of
from layerwise.engine.optimizers import LBFGS
from layerwise.engine.protocol import Data
from layerwise.network import Network
from layerwise.playground.choices import MOST_PARAMETERS, Choices, WrongChoice
from layerwise.playground.material import Material
from layerwise.playground.search_in_turns import SearchInTurns
from layerwise.training.evaluation import Evaluator
from layerwise.training.state import TrainerState
from layerwise.training.stepwise import StepwiseTraining

_MOST_MEASURED = 2_000  # rows
_MOST_SEGMENTS = 200  # the first of more are one


@dataclass(frozen=True)
class Measured:
    """Loss and score on the rows trained on, and on those tested with (None: there are none)."""

    loss: tuple[float, float | None]
    score: tuple[float, float | None]


@dataclass
class Segment:
    """A part of the training in which nothing was changed by hand.

    Attributes
    ----------
    choices : Choices
    epochs : int
        Whole epochs taken.
    numbers : dict of int to float
        What was set by hand before it, by the place in the network's vector.
    is_whole : bool
        Whether no epoch was broken off, and no other segment is in it.
    is_fresh : bool
        Whether the optimiser began it without what it had gathered before.
    """

    choices: Choices
    epochs: int = 0
    numbers: dict[int, float] = field(default_factory=dict)
    is_whole: bool = True
    is_fresh: bool = False


def architecture_of(choices: Choices, material: Material) -> Architecture:
    """The network that is chosen, for what it is to learn from.

    Raises
    ------
    WrongChoice
        If they do not fit.
    """
    loss = choices.loss_for(len(material.classes))
    hidden = choices.hidden
    try:
        architecture = Architecture(
            [material.x.shape[1], *(layer.nodes for layer in hidden), len(material.classes) or 1],
            activation=[layer.activation for layer in hidden],
            dropout=[layer.dropout for layer in hidden],
            output=loss.output,
            normalization=_normalization(choices),
            residual=[layer.residual or bool(choices.residual) for layer in hidden]
            if any(layer.residual for layer in hidden)
            else bool(choices.residual),
            initialization=choices.initialization or None,
            embeddings=[OneHot(size) for size in material.code_sizes],
        )
    except ValueError as error:
        raise WrongChoice(str(error)) from None
    if architecture.n_parameters > MOST_PARAMETERS:
        raise WrongChoice(
            f"the network has {architecture.n_parameters:,} parameters; a page takes up to "
            f"{MOST_PARAMETERS:,}: choose fewer nodes, or fewer of the table's columns"
        )
    return architecture


def _normalization(choices: Choices) -> str | list[str | None] | None:
    """The whole network's, or one for each layer where some have their own."""
    of_all, hidden = choices.normalization or None, choices.hidden
    if not any(layer.normalization for layer in hidden):
        return of_all
    own: list[str | None] = [layer.normalization or of_all for layer in hidden]
    if not hidden[0].normalization:
        own[0] = of_all if choices.residual else None
    return [*own, of_all]


class Learner:
    """A network and its training.

    Parameters
    ----------
    choices : Choices
    material : Material

    Attributes
    ----------
    network : Network
    segments : list of Segment
        How its numbers came about.
    set_by_hand : dict of int to float
        What was set by hand since the last step, by the place in the network's vector.

    Examples
    --------
    >>> learner = Learner(Choices.of({"data": "blobs", "rows": 60}), Material.of_toy("blobs", 60))
    >>> before = learner.measure().loss[0]
    >>> learner.take(20 * learner.training.steps_per_epoch)
    >>> learner.epoch, learner.measure().loss[0] < before
    (20, True)
    >>> learner.close()
    """

    def __init__(self, choices: Choices, material: Material) -> None:
        self.material = material
        self.loss = choices.loss_for(len(material.classes))
        if self.loss.output == "exp" and material.mean:
            raise WrongChoice(
                f"the loss {self.loss.name!r} wants counts as they are; take another for a table"
            )
        architecture = architecture_of(choices, material)
        self.network = Network(architecture, seed=choices.seed)
        self.choices = choices
        self.segments = [Segment(choices)]
        self._state = TrainerState()
        self._n_steps_before = self._n_epochs_before = 0
        self._is_fresh = False  # since the optimiser's last step
        self.set_by_hand: dict[int, float] = {}
        engine, data = get_engine(), Data(material.x, material.codes, material.y, np.zeros(0))
        plain = choices.loss_for(len(material.classes), smoothed=False)
        self._evaluators = [
            Evaluator(architecture, plain, data, rows[:_MOST_MEASURED], engine, 1)
            if len(rows)
            else None
            for rows in (material.train, material.test)
        ]
        self.training = self._begun(choices, self._state, 0)

    def _begun(
        self, choices: Choices, state: TrainerState, n_epochs_before: int
    ) -> StepwiseTraining | SearchInTurns:
        """A training that goes on from the network's numbers, and from a state."""
        material = self.material
        trainer = choices.trainer(
            choices.loss_for(len(material.classes)), choices.epochs - n_epochs_before
        )
        targets = material.y[:, 0].astype(np.int64) if material.classes else material.y
        x, codes, rows = material.x, material.codes, material.train
        try:
            if isinstance(trainer.optimizer, LBFGS):
                return SearchInTurns(trainer, self.network, x, targets, codes, rows)
            return trainer.stepwise(self.network, x, targets, codes=codes, rows=rows, state=state)
        except ValueError as error:
            raise WrongChoice(str(error)) from None

    @property
    def epoch(self) -> int:
        """Whole epochs so far."""
        return self._n_epochs_before + self.training.n_epochs

    @property
    def step(self) -> int:
        """Steps so far."""
        own = self.training.n_epochs * self.training.steps_per_epoch
        return self._n_steps_before + own + self.training.steps_into_epoch

    @property
    def stopped(self) -> str:
        """Why there is no step left, as the training says it; "" while there is."""
        if self.set_by_hand and self.epoch < self.choices.epochs:
            return ""  # what was found from other numbers holds no longer
        return self.training.stopped

    def take(self, n_steps: int) -> None:
        """Take steps.

        Raises
        ------
        TrainingDiverged
            All is then as it was before.
        """
        if self.set_by_hand:
            self._go_on(self.choices)
        try:
            self.training.take(n_steps)
        finally:
            self.segments[-1].epochs = self.training.n_epochs

    def learns_by(self, choices: Choices) -> bool:
        """Whether other choices are the same for its training."""
        old = self.choices
        return (
            choices.trainer(self.loss, 1) == old.trainer(self.loss, 1)
            and choices.epochs == old.epochs
            and choices.smoothing == old.smoothing
        )

    def change_learning(self, choices: Choices) -> None:
        """Learn otherwise from now on; the network stays as it is.

        Raises
        ------
        WrongChoice
            All is then as it was before.
        """
        self._go_on(choices, forgets=choices.optimizer != self.choices.optimizer)

    def place_of(self, layer: int, source: int | None, to: int) -> int:
        """The place in the network's vector of a weight, or with no source of a bias.

        Raises
        ------
        WrongChoice
            If there is none.
        """
        layers = self.network.architecture.layers
        if not 0 <= layer < len(layers):
            raise WrongChoice(f"there is no layer {layer}: there are {len(layers)}, from 0")
        kind = "biases" if source is None else "weights"
        name = f"{layers[layer].name}.{kind}"
        blocks = layout_of(self.network.architecture).blocks
        block = next(one for one in blocks if one.name == name)
        place = (to,) if source is None else (source, to)
        if not all(0 <= i < n for i, n in zip(place, block.shape, strict=True)):
            raise WrongChoice(f"there is no such number among the {kind} of layer {layer}")
        return block.start + int(np.ravel_multi_index(place, block.shape))

    def set_number(self, place: int, value: float) -> None:
        """Set one learned number by hand, by its place in the network's vector."""
        self.set_by_hand[place] = value
        self.training.set_number(place, value)

    def _go_on(self, choices: Choices, *, forgets: bool = False) -> None:
        """Go on from the network's numbers with another training, in a new segment."""
        before, state = self.training, replace(self._state)
        if isinstance(before, StepwiseTraining):
            state.leave(before.vectors)
        if forgets:
            state.moments = state.average = None
        training = self._begun(choices, state, self.epoch)  # or it is refused: nothing is changed
        if isinstance(training, StepwiseTraining):
            training.vectors.put(gradient=self.gradient())
        last = self.segments[-1]
        last.epochs = before.n_epochs
        last.is_whole = last.is_whole and before.steps_into_epoch == 0
        has_stepped = before.n_epochs + before.steps_into_epoch > 0
        self._is_fresh = forgets or (self._is_fresh and not has_stepped)
        self._n_steps_before, self._n_epochs_before = self.step, self.epoch
        before.close()
        self.training, self._state, self.choices = training, state, choices
        self.loss = choices.loss_for(len(self.material.classes))
        self._add_segment(Segment(choices, numbers=self.set_by_hand, is_fresh=self._is_fresh))
        self.set_by_hand = {}

    def _add_segment(self, segment: Segment) -> None:
        """Begin a segment; one in which no epoch came to its end is part of the next."""
        last = self.segments[-1]
        if last.epochs == 0:
            self.segments.pop()
            segment.numbers = last.numbers | segment.numbers
            segment.is_whole = last.is_whole
            segment.is_fresh = last.is_fresh or segment.is_fresh
        self.segments.append(segment)
        if len(self.segments) > _MOST_SEGMENTS:
            first, second = self.segments[:2]
            second.epochs += first.epochs
            second.numbers = first.numbers | second.numbers
            second.is_whole, second.is_fresh = False, first.is_fresh
            del self.segments[0]

    @property
    def nbytes(self) -> int:
        """About how much memory it takes: vectors and their copies, and rows in their order."""
        n_rows, most = len(self.material.train), self.network.vector.nbytes
        if isinstance(self.training, SearchInTurns):
            return 30 * most + self.material.nbytes  # it keeps ten steps, and rows of its own
        return 8 * most + 8 * n_rows

    def measure(self) -> Measured:
        """Loss and score now, on up to 2,000 rows of each kind."""
        pairs = [
            None if one is None else one(self.network.vector, self.network.state)
            for one in self._evaluators
        ]
        of_train, of_test = pairs
        assert of_train is not None
        return Measured(
            (of_train[0], None if of_test is None else of_test[0]),
            (of_train[1], None if of_test is None else of_test[1]),
        )

    def confusion(self) -> Integers:
        """How many rows of each class (rows) were taken for which (columns): of the rows tested."""
        material, n = self.material, len(self.material.classes)
        rows = (material.test if len(material.test) else material.train)[:_MOST_MEASURED]
        scores = self.network.scores(material.x[rows], material.codes[rows], n_threads=1)
        pairs = material.y[rows, 0].astype(np.int64) * n + scores.argmax(axis=1)
        return np.bincount(pairs, minlength=n * n).reshape(n, n)

    @property
    def has_gradient(self) -> bool:
        """Whether there is one: before the first step no batch was looked at."""
        return self.step > 0 or isinstance(self.training, SearchInTurns)

    def gradient(self) -> Array:
        """The last batch's gradient, or of a search the rows'."""
        if isinstance(self.training, SearchInTurns):
            return self.training.gradient()
        return np.array(self.training.vectors.gradient)

    def gradient_norms(self, gradient: Array) -> list[float]:
        """Its length in each layer."""
        layout = layout_of(self.network.architecture)
        return [
            float(np.linalg.norm(gradient[block.start : block.stop].astype(np.float64)))
            for block in layout.blocks
            if block.kind == "weights"
        ]

    def dead_shares(self) -> list[float] | None:
        """The share of dead nodes in each layer, where rows were looked at."""
        training = self.training
        return training.dead_shares() if isinstance(training, StepwiseTraining) else None

    def next_rows(self) -> Integers:
        """Rows of the batch that the next step takes, by their numbers in the material."""
        if isinstance(self.training, SearchInTurns):
            return self.material.train
        return self.training.next_rows()

    def close(self) -> None:
        """Let go of threads and memory."""
        self.training.close()
