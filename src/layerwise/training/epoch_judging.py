"""What every way of training does with an epoch: measures it, judges it, keeps the best numbers."""

import math

from layerwise.arrays import Array
from layerwise.engine.engines import get_engine
from layerwise.engine.layout import layout_of
from layerwise.engine.protocol import Data, Setup, Vectors
from layerwise.network import Network
from layerwise.training.evaluation import Evaluator
from layerwise.training.history import Epoch, History, LayerMeter
from layerwise.training.progress import ProgressBar
from layerwise.training.settings import TrainingSettings
from layerwise.training.state import TrainerState


class Course:
    """A training from its first epoch to its last, whatever makes its steps.

    `held_out`: a table, and its rows that the network, trained in place, is judged by. `state` is
    filled in: what was best, and how long ago.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        network: Network,
        setup: Setup,
        held_out: tuple[Data, Array] | None,
        state: TrainerState,
    ) -> None:
        assert settings.seed is not None
        self.settings, self.network, self.state = settings, network, state
        self.data, architecture, n_threads = setup.data, setup.architecture, setup.n_threads
        engine = get_engine(settings.engine)
        self.session = engine.session(setup)
        self.evaluate = None
        if held_out is not None:
            loss = setup.objective.loss
            self.evaluate = Evaluator(architecture, loss, *held_out, engine, n_threads)
        self.keeps_best = self.evaluate is not None and settings.monitor != "training_loss"
        self.meter = LayerMeter(layout_of(architecture))
        self.history = History(seed=settings.seed)

    @property
    def vectors(self) -> Vectors:
        """The fit's numbers, wherever they live."""
        return self.session.vectors

    def current(self) -> tuple[Array, Array]:
        """(parameters, state) that the network would be given now."""
        return self.network.vector, self.network.state

    def record(self, epoch: Epoch, bar: ProgressBar) -> None:
        """Note an epoch; keep its numbers, if they are the best; decide whether it is the last."""
        self.history.append(epoch)
        bar.show_epoch(epoch)
        state, settings = self.state, self.settings
        value: float | None = epoch.loss + epoch.penalty
        if self.keeps_best and settings.monitor == "score":
            value = None if epoch.validation_score is None else -epoch.validation_score
        elif self.keeps_best:
            value = epoch.validation_loss
        assert value is not None
        least = settings.min_improvement
        improved = value < state.best_value if least is None else value <= state.best_value - least
        state.stale = 0 if improved else state.stale + 1
        if value < state.best_value:
            state.best_value = value
            if self.keeps_best:
                parameters, running = self.current()
                state.best = parameters.copy(), running.copy()
                self.history.best_epoch = epoch.number
        if state.stale >= self.patience():
            self.lose_patience(epoch)

    def patience(self) -> float:
        """Epochs without improvement before something happens."""
        return self.settings.patience or math.inf

    def lose_patience(self, epoch: Epoch) -> None:
        """What happens then."""
        self.history.stopped = "patience"

    def call_back(self, epoch: Epoch) -> None:
        """Call the callbacks, any of which may end the training."""
        for callback in self.settings.callbacks:
            if callback(self.network, epoch):
                self.history.stopped = "callback"

    def adopt(self, parameters: Array, state: Array) -> None:
        """Give the network numbers, unless they are its own."""
        for own, given in ((self.network.vector, parameters), (self.network.state, state)):
            if given is not own:
                own[:] = given
