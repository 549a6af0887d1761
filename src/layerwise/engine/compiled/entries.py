"""The steps' kernels, compiled: one branch for each entry, written from its arguments' names."""

import inspect
from typing import Any

from layerwise.architecture import STEPS
from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.compiling import kernel, reduction
from layerwise.engine.compiled.formulas import KernelWriter
from layerwise.engine.compiled.program_cache import GENERATED

STEP_CODES: dict[type, int] = {
    entry: code if entry.kernels else at.DENSE for code, entry in enumerate(STEPS.values(), 1)
}

# What a kernel can ask for beside what stands in the signatures below: sizes, and places. Rows of
# numbers stand in `work`, each one number longer than it is wide.
_PLACES = {
    "rows": "high - low",
    "size": f"step[{at.FAN_OUT}]",  # of the run
    "source": f"step[{at.SOURCE}]",  # of the run
    "length": f"step[{at.LENGTH}]",  # numbers from a row of `out` to the next
    "parameters": f"step[{at.WEIGHTS}]",  # in vector: the first of its own
    "gain": f"step[{at.GAIN}]",  # in vector
    "own_state": f"step[{at.STATE}]",  # in state
    "inputs": f"step[{at.INPUT}] + first * (step[{at.FAN_OUT}] + 1)",  # what enters
    "all_inputs": f"step[{at.INPUT}]",  # the same for the whole batch
    "out": f"step[{at.OUTPUT}] + first * step[{at.LENGTH}] + step[{at.COLUMN}]",  # what leaves
    "kept": f"step[{at.KEPT}] + first * step[{at.N_KEPT}]",  # its `n_kept` of each row
    "grad": f"step[{at.GRAD_OUTPUT}] + first * widest + step[{at.COLUMN}]",  # at what leaves
    "grads": f"step[{at.GRAD_OUTPUT}] + step[{at.COLUMN}]",  # the same for the whole batch
    "result": f"step[{at.GRAD_INPUT}] + first * widest",  # the gradient at what enters
    "keep": f"number(step[{at.ADD_GRADIENT}], alpha)",  # 1: it is added to what stands there
}


def _dispatch(part: str, arguments: str, answers: bool = False) -> Any:
    """The kernel that runs one part of the entry whose code stands in a row of the plan.

    Where it answers, it says whether the entry has that part.
    """
    writer = KernelWriter(f"entry_{part}(step, {arguments})", f"code = step[{at.KIND}]")
    for entry, code in STEP_CODES.items():
        function = getattr(entry.kernels, part, None)  # type: ignore[attr-defined]
        if function is None:
            continue
        GENERATED.append(inspect.getsource(function))
        compiled = reduction if entry.kernels.reorders else kernel  # type: ignore[attr-defined]
        writer.names[f"{part}_{code}"] = compiled(function)
        given = [_PLACES.get(name, name) for name in inspect.signature(function).parameters]
        call = f"{part}_{code}({', '.join(given)})"
        writer.branch(code, f"{call}\nreturn True" if answers else call)
    return writer.compile("return False" if answers else "")


# measured[measures:] is what `join` left at `all_sums`; at prediction, the step's state.
entry_forward = _dispatch(
    "forward", "vector, state, work, x, codes, order, low, high, first, measured, measures"
)
# The shards' sums stand `stride` apart; of the gradients at buffers shared by layers, `shard_rows`
# rows `widest` times as many apart.
entry_backward = _dispatch(
    "backward",
    "alpha, vector, state, work, x, order, low, high, first, n_rows, widest, sums, all_sums, "
    "stride, n_shards",
)
entry_gradient = _dispatch(
    "gradient",
    "work, codes, order, low, high, shard_rows, widest, gradient, begin, end",
    answers=True,
)
entry_measure = _dispatch("measure", "work, low, high, first, sums")
entry_join = _dispatch(
    "join", "state, momentum, work, shard_rows, all_sums, stride, n_shards, n_rows"
)
entry_measure_back = _dispatch("measure_back", "vector, work, low, high, first, widest, sums")
