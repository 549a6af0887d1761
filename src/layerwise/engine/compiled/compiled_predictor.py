"""Predictions in the compiled engine."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layerwise.architecture import Architecture
from layerwise.arrays import Array, Integers
from layerwise.engine.compiled import prediction
from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.calling import (
    aligned,
    blas_scratch,
    compiled_first,
    entry_of,
    to_read,
)
from layerwise.engine.compiled.elementwise import OUTPUT_CODES
from layerwise.engine.compiled.formulas import code_of
from layerwise.engine.compiled.product import find_product
from layerwise.engine.compiled.step_table import plan_of
from layerwise.engine.compiled.team import Team, check_n_threads
from layerwise.engine.threads import single_threaded_blas

_PREDICT_ROWS = 256
_THREAD_WORK = 500_000  # multiplications: less is not worth a second thread


class CompiledPredictor:
    """Predictions in the compiled engine; see `layerwise.engine.protocol.Predictor`.

    It holds the tables that every call of the program needs.
    """

    def __init__(self, architecture: Architecture, dtype: Any, scores: bool = False) -> None:
        self.plan = plan = plan_of(architecture, False)
        self.dtype = np.dtype(dtype)
        self.n_outputs = architecture.n_outputs
        call = np.zeros(at.N_CALL, np.int64)
        call[at.SCORES] = plan.scores
        output = "identity" if scores else architecture.output
        call[at.LINK] = code_of(
            OUTPUT_CODES, output, f"the output {output!r}", "it to layerwise.architecture.OUTPUTS"
        )
        factors = [x.astype(dtype) for x in (plan.alphas, plan.units, plan.shares)]
        self._row_tables = (plan.steps, *factors, call, np.zeros(1, np.int64))
        call = call.copy()
        call[at.SCORES] *= _PREDICT_ROWS
        self._predict_row: Callable[..., None] | None = None
        self._predict: Callable[..., None] | None = None
        self._tables = (plan.steps_for(_PREDICT_ROWS), *factors, call, _PREDICT_ROWS)

    def outputs(
        self,
        parameters: Array,
        state: Array,
        x: Array,
        codes: Array,
        n_threads: int | None = None,
        order: Integers | None = None,
    ) -> Array:
        """The outputs for each row; see `Predictor.outputs`."""
        check_n_threads(n_threads)
        # For one row each call of a function would count.
        if order is None and x.shape[0] == 1:
            out = np.empty((1, self.n_outputs), self.dtype)
            work = np.empty(self.plan.row_size, self.dtype)
            if not (x.flags.writeable and parameters.flags.writeable and codes.flags.writeable):
                parameters, state, x, codes = map(to_read, (parameters, state, x, codes))
            if self._predict_row is not None:
                self._predict_row(*self._row_tables, parameters, state, work, x, codes, out)
                return out
            with compiled_first("predict_row", str(self.dtype)):
                prediction.predict_row(*self._row_tables, parameters, state, work, x, codes, out)
            self._predict_row = entry_of(prediction.predict_row, self.dtype)
            return out
        if order is None:
            order = np.arange(len(x))
        n = len(order)
        parameters, state, x, codes = map(to_read, (parameters, state, x, codes))
        out = np.empty((n, self.n_outputs), self.dtype)
        n_chunks = -(-n // _PREDICT_ROWS)
        worth = n * self.plan.weights_per_row // _THREAD_WORK
        gemm = find_product(self.dtype.itemsize)
        predict = self._predict or prediction.predict

        def run(thread: int, n_threads: int) -> None:
            low = min(n, _PREDICT_ROWS * (thread * n_chunks // n_threads))
            high = min(n, _PREDICT_ROWS * ((thread + 1) * n_chunks // n_threads))
            work = aligned(self.plan.row_size * _PREDICT_ROWS, self.dtype)
            predict(
                *self._tables, x, codes, order, low, high, parameters, state, work,
                *blas_scratch(work, parameters, parameters), gemm, out,
            )  # fmt: skip

        with compiled_first("predict", str(self.dtype)), single_threaded_blas():
            if min(n_chunks, worth) <= 1:  # a team is not worth making
                run(0, 1)
            else:
                team = Team(n_threads, useful=min(n_chunks, worth))
                team.run(run)
                team.close()
        self._predict = self._predict or entry_of(prediction.predict, self.dtype)
        return out
