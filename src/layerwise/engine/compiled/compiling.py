"""How kernels and programs are compiled."""

import gc
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numba

__all__ = ["PART_OPTIONS", "compiling", "kernel", "program", "reduction"]

try:
    from layerwise.engine.compiled.numba_internals import (
        PART_OPTIONS,
        PROGRAM_OPTIONS,
        overloads_remembered,
    )
    from layerwise.engine.compiled.program_cache import ProgramCache
except (AttributeError, ImportError) as _error:
    warnings.warn(
        f"layerwise does not know Numba {numba.__version__} from the inside ({_error}): its engine "
        "is compiled at each start, and takes longer. Install a version that it asks for",
        RuntimeWarning,
        stacklevel=2,
    )
    PART_OPTIONS, PROGRAM_OPTIONS = {}, {}
    overloads_remembered, ProgramCache = nullcontext, None  # type: ignore[assignment,misc]

# error_model="numpy": a division by zero gives infinity instead of a branch, without which
# loops with a division do not vectorise. No fast-math flag that assumes there is no NaN.
_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
PART_OPTIONS |= _FLAGS
kernel: Callable[..., Any] = numba.njit(**PART_OPTIONS, fastmath={"contract"})
# Sums may be reordered, which is what lets them vectorise.
reduction: Callable[..., Any] = numba.njit(**PART_OPTIONS, fastmath={"contract", "reassoc", "nsz"})


_compile_lock = threading.RLock()


@contextmanager
def compiling() -> Iterator[None]:
    """Compile faster while the block runs, in one thread at a time.

    Looking for garbage among the millions of small objects that compiling makes is a tenth of
    the time.
    """
    with _compile_lock, overloads_remembered():
        collects = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if collects:
                gc.enable()


def program(function: Callable[..., Any]) -> Any:
    """Compile a top-level program at its first call, or load it from the cache."""
    if numba.config.DISABLE_JIT:
        return function
    compiled = numba.njit(**PROGRAM_OPTIONS, **_FLAGS, fastmath={"contract"})(function)
    if ProgramCache is not None:
        compiled._cache = ProgramCache(function)
    return compiled
