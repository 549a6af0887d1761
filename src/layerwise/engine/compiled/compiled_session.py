"""Training in the compiled engine: a fit's numbers made tables, and handed to the program."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from layerwise.arrays import Array, Floats, Integers
from layerwise.engine.compiled import program
from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.calling import (
    LINE,
    aligned,
    blas_scratch,
    compiled_first,
    entry_of,
    to_read,
)
from layerwise.engine.compiled.elementwise import LOSS_CODES
from layerwise.engine.compiled.formulas import code_of
from layerwise.engine.compiled.product import find_product
from layerwise.engine.compiled.step_table import Plan, plan_of
from layerwise.engine.compiled.team import Team, owners_of_tasks
from layerwise.engine.compiled.updates import (
    GRADIENT_ONLY,
    N_RULE_CONSTANTS,
    N_RULE_NUMBERS,
    RULE_CODES,
)
from layerwise.engine.layout import GROUPS
from layerwise.engine.protocol import Batches, Objective, Setup
from layerwise.engine.threads import single_threaded_blas

# A shard of a batch has at least so many rows, and its step so many multiplications: less is
# not worth a second thread.
_SHARD_ROWS = 48
_SHARD_WORK = 500_000
# More than a few have so many rows: a BLAS packs the weights anew for each.
_FEW_SHARDS, _ROWS_OF_MANY = 4, 256
_WHOLE_UPDATE = 32_768  # numbers

# The program for each precision, once it is compiled.
_entries: dict[str, Callable[..., None]] = {}


def shards_of(batch_size: int, weights_per_row: int) -> tuple[int, int]:
    """(number of shards, rows of each) of a batch, a rule of sizes alone.

    Examples
    --------
    >>> shards_of(128, 100_000)
    (2, 64)
    >>> shards_of(32, 700)
    (1, 32)
    >>> shards_of(1024, 100_000)
    (4, 256)
    """
    n_shards = 1
    while (
        batch_size // (2 * n_shards) >= (_SHARD_ROWS if n_shards < _FEW_SHARDS else _ROWS_OF_MANY)
        and batch_size * weights_per_row // (2 * n_shards) >= _SHARD_WORK
    ):
        n_shards *= 2
    return n_shards, -(-batch_size // n_shards)


def _rounded(n: int) -> int:
    return -(-n // LINE) * LINE


def _settings_table(objective: Objective, dtype: Any) -> Array:
    settings = np.zeros(at.RULE_CONSTANTS + N_RULE_CONSTANTS)
    settings[at.L1], settings[at.L2] = objective.l1, objective.l2
    settings[at.PENALIZE_SUM] = objective.penalize_sum
    settings[at.CLIP_NORM] = objective.clip_norm
    settings[at.LOSS_PARAMETER] = objective.loss.parameter
    settings[at.NORM_MOMENTUM] = objective.norm_momentum
    settings[at.NORMALIZER] = objective.normalizer
    if objective.optimizer is not None:
        for i, group in enumerate(GROUPS):
            factor = objective.optimizer.rate_factors.get(group, 1.0)
            settings[at.GROUP_RATES + i] = factor
        constants = list(objective.optimizer.constants().values())
        settings[at.RULE_CONSTANTS :][: len(constants)] = constants
    return settings.astype(dtype)


class CompiledSession:
    """One fit in the compiled engine; see `layerwise.engine.protocol.Session`."""

    def __init__(self, setup: Setup) -> None:
        architecture, objective, data = setup.architecture, setup.objective, setup.data
        self.vectors = vectors = setup.vectors
        batch_size = setup.batch_size
        self.plan = plan = plan_of(architecture, True)
        dtype = vectors.parameters.dtype
        n_shards, shard_rows = shards_of(batch_size, plan.weights_per_row)
        capacity, stride = _rounded(batch_size), _rounded(plan.partial_size)
        self._call = call = np.zeros(at.N_CALL, np.int64)
        self._optimizer = objective.optimizer
        call[at.RULE] = GRADIENT_ONLY
        if (optimizer := objective.optimizer) is not None:
            name = f"the rule of {type(optimizer).__name__}"
            addition = "the optimiser to layerwise.training.OPTIMIZERS"
            call[at.RULE] = code_of(RULE_CODES, optimizer.rule, name, addition)
        loss, addition = objective.loss, "it to layerwise.architecture.LOSSES"
        name = f"the loss {loss.name!r}"
        call[at.LOSS] = code_of(LOSS_CODES, (loss.function, loss.slope), name, addition)
        self.n_shards = n_shards
        call[at.N_SHARDS] = n_shards
        call[at.ROWS_PER_SHARD] = shard_rows
        call[at.PARTIALS] = plan.row_size * capacity
        call[at.PARTIAL_STRIDE] = stride
        call[at.SCORES] = plan.scores * capacity
        call[at.GRAD_SCORES] = plan.grad_scores * capacity
        call[at.N_OUTPUTS] = architecture.n_outputs
        call[at.WIDEST] = plan.widest
        self._team = Team(setup.n_threads, useful=n_shards)
        n_tasks = len(plan.tasks)
        self._owners = {
            n: owners_of_tasks(_task_costs(plan), n) for n in range(1, self._team.most + 1)
        }
        self._tables = (
            plan.steps_for(capacity),
            plan.dropout.astype(dtype),
            plan.alphas.astype(dtype),
            plan.units.astype(dtype),
            plan.shares.astype(dtype),
            plan.tasks,
        )
        self._settings = settings = _settings_table(objective, dtype)
        rates = settings[at.GROUP_RATES :][: len(GROUPS)]
        # Large vectors are better updated part by part, while a part's gradient is in the cache.
        call[at.WHOLE] = (
            vectors.parameters.size <= _WHOLE_UPDATE
            and bool((rates == rates[0]).all())
            and not (self._optimizer is not None and self._optimizer.weight_decay)
        )
        self._data = tuple(to_read(array) for array in (data.x, data.codes, data.y, data.weight))
        self._work = aligned(plan.row_size * capacity + stride * n_shards, dtype)
        self._scratch = (np.zeros(n_shards), np.zeros(n_tasks))
        self._blas = [
            blas_scratch(self._work, vectors.parameters, vectors.gradient)
            for _ in range(self._team.most)
        ]
        self._gemm = find_product(dtype.itemsize)
        self._train: Callable[..., None] = program.train
        if dtype.name not in _entries:
            with compiled_first("train", str(dtype)):
                self.run(Batches.of_gradients(np.zeros(0, np.int64), [], []))
            _entries[dtype.name] = entry_of(program.train, dtype)
        self._train = _entries[dtype.name]

    def run(self, batches: Batches) -> tuple[Floats, Floats]:
        """Take one step for each batch; see `Session.run`."""
        n = len(batches)
        losses, penalties = np.zeros(n), np.zeros(n)
        tables = batches.order, self._batch_table(batches), self._hyper_table(batches)
        run_thread = partial(self._run_thread, *tables, losses, penalties)
        with single_threaded_blas():
            if n:
                self._team.run(run_thread, n_pieces=n)
            else:
                run_thread(0, 1)
        return losses, penalties

    def _batch_table(self, batches: Batches) -> Integers:
        table = np.empty((len(batches), at.N_BATCH_COLUMNS), np.int64)
        table[:, at.BATCH_START] = batches.starts
        table[:, at.BATCH_STOP] = batches.stops
        table[:, at.BATCH_KEY] = batches.keys
        table[:, at.BATCH_LOOKS] = batches.looks
        table[:, at.BATCH_ENDS_EPOCH] = batches.ends_epoch
        return table

    def _hyper_table(self, batches: Batches) -> Array:
        """Each step's numbers."""
        dtype = self.vectors.parameters.dtype
        table = np.zeros((len(batches), at.RULE_NUMBERS + N_RULE_NUMBERS), dtype)
        table[:, at.DROPOUT] = batches.dropouts
        if self._optimizer is None:
            return table
        rates = batches.learning_rates
        numbers = self._optimizer.step_numbers(rates, batches.steps)
        table[:, at.RATE] = numbers.pop("rate")
        table[:, at.DECAY_RATE] = rates * batches.weight_decays
        table[:, at.AVERAGE] = batches.averages
        for column, values in enumerate(numbers.values(), at.RULE_NUMBERS):
            table[:, column] = values
        return table

    def _run_thread(
        self,
        order: Integers,
        batches: Integers,
        hyper: Array,
        losses: Floats,
        penalties: Floats,
        thread: int,
        n_threads: int,
    ) -> None:
        call = self._call.copy()
        call[at.THREAD], call[at.N_THREADS] = thread, n_threads
        v, barrier = self.vectors, self._team.barrier
        self._train(
            *self._tables, self._owners[n_threads], call, self._settings, hyper, batches, order,
            *self._data, v.parameters, v.gradient, v.moments, v.average, v.state, self._work,
            v.alive, losses, penalties, *self._scratch, *self._blas[thread],
            barrier.locks, self._gemm, barrier.acquire, barrier.release,
        )  # fmt: skip

    def close(self) -> None:
        """End the session's threads."""
        self._team.close()


def _task_costs(plan: Plan) -> Integers:
    sizes = plan.tasks[:, at.TASK_HIGH] - plan.tasks[:, at.TASK_LOW]
    steps = plan.steps[plan.tasks[:, at.TASK_STEP]]
    is_dense = steps[:, at.KIND] == at.DENSE
    costs: Integers = sizes * np.where(is_dense, steps[:, at.FAN_OUT], 1)
    return costs
