"""Calling a compiled program: the memory, the kinds of arrays and the waiting it needs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from layerwise.arrays import Array, Integers
from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.compiling import compiling

LINE = 16  # numbers: places are rounded up to it, so that threads share no cache line
_LETTERS = np.frombuffer(b"NT", np.uint8).copy()


def aligned(n: int, dtype: Any) -> Array:
    """N zeros that start at a cache line."""
    itemsize = np.dtype(dtype).itemsize
    raw = np.zeros(n * itemsize + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + n * itemsize].view(dtype)


def blas_scratch(work: Array, vector: Array, gradient: Array) -> tuple[Integers, Array, Array]:
    """(blas, ints, floats): what one thread's calls of gemm need."""
    ints, floats = aligned(LINE, np.int32), aligned(LINE, work.dtype)
    blas = np.zeros(at.N_BLAS, np.int64)
    blas[at.ITEMSIZE] = work.dtype.itemsize
    for column, array in (
        (at.WORK, work),
        (at.VECTOR, vector),
        (at.GRADIENT, gradient),
        (at.INTS, ints),
        (at.FLOATS, floats),
        (at.AS_IT_IS, _LETTERS[:1]),
        (at.TURNED, _LETTERS[1:]),
    ):
        blas[column] = array.ctypes.data
    return blas, ints, floats


def to_read(array: Array) -> Array:
    """The same memory as an array of the one type that the program, which only reads it, takes.

    To Numba an array that must not be written to is one of another type, for which it would
    compile everything once more.
    """
    return array if array.flags.writeable else np.asarray(_WritableAlias(array))


class _WritableAlias:
    """What NumPy makes a writable array of the same memory from."""

    def __init__(self, array: Array) -> None:
        self.owner = array
        address = (array.ctypes.data, False)
        self.__array_interface__ = dict(array.__array_interface__, data=address)


@contextmanager
def compiled_first(name: str, dtype: Any) -> Iterator[None]:
    """Run the block as what compiles, if it is the first to call a program."""
    if (name, dtype) in _compiled:
        yield
        return
    with compiling():  # one thread at a time: others find it done
        yield
        _compiled.add((name, dtype))


_compiled: set[tuple[str, Any]] = set()


def entry_of(compiled: Any, dtype: Any) -> Callable[..., None]:
    """The version of a program for one precision, which Numba then need not look for.

    Looking for it by the types of thirty arguments takes as long as steps of a small network. It
    must have been called.
    """
    for types, version in getattr(compiled, "overloads", {}).items():
        vector = types[compiled.py_func.__code__.co_varnames.index("vector")]
        if str(vector.dtype) == str(dtype):
            entry: Callable[..., None] = version.entry_point
            return entry
    return compiled  # type: ignore[no-any-return]
