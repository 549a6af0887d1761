"""The matrix product: whose it is, and how compiled code calls it.

A product goes through a pointer to a BLAS's own gemm, Fortran's way of calling, which every BLAS
has: SciPy's, or MKL's where LAYERWISE_PRODUCT=mkl asks for it (``pip install layerwise[mkl]``).
MKL is not chosen unasked: on AMD it is slower for small networks, and no faster for large ones.
Small products are our own, where the processor's vectors suit them.
"""

# mypy: disable-error-code="no-untyped-def"

import ctypes
import importlib.metadata
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numba.experimental.function_type  # noqa: F401  teaches Numba the type of a pointer
from numba import types

from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.compiling import kernel
from layerwise.engine.compiled.small_product import is_small, multiply_small

PRODUCT_VARIABLE = "LAYERWISE_PRODUCT"
_N_GEMM_ARGUMENTS = 13


class CFunction(types.WrapperAddressProtocol):
    """A C function that compiled code calls by its address, and plain Python calls as it is."""

    def __init__(self, address: int, result: Any, arguments: Sequence[Any]) -> None:
        self._address = address
        self._signature = result[0](*(numba_type for numba_type, _ in arguments))
        self._function = ctypes.CFUNCTYPE(result[1], *(c_type for _, c_type in arguments))(address)

    def __wrapper_address__(self) -> int:
        """Where the function is: Numba's protocol."""
        return self._address

    def signature(self) -> Any:
        """What it takes and returns: Numba's protocol."""
        return self._signature

    def __call__(self, *arguments: Any) -> Any:
        """Call it from Python."""
        return self._function(*(int(argument) for argument in arguments))


@cache
def product_name() -> str:
    """Return whose product is used: "scipy" or "mkl".

    The environment variable LAYERWISE_PRODUCT names one; SciPy's where it does not.

    Raises
    ------
    ValueError
        If the variable names neither, or MKL where it cannot be loaded.
    """
    wanted = os.environ.get(PRODUCT_VARIABLE, "")
    if wanted not in {"", "scipy", "mkl"}:
        raise ValueError(f"{PRODUCT_VARIABLE} must be 'scipy' or 'mkl'; got {wanted!r}")
    if wanted == "mkl" and _mkl() is None:
        raise ValueError(f"{PRODUCT_VARIABLE} is 'mkl', but no MKL was found: pip install mkl")
    return wanted or "scipy"


@cache
def find_product(itemsize: int) -> CFunction:
    """Return gemm for numbers of `itemsize` bytes (4 or 8)."""
    name = {4: "sgemm", 8: "dgemm"}[itemsize]
    mkl = _mkl() if product_name() == "mkl" else None
    if mkl is not None:
        address = ctypes.cast(getattr(mkl, name), ctypes.c_void_p).value
    else:
        address = _scipy_address(name)
    assert address
    return CFunction(
        address, (types.void, None), [(types.intp, ctypes.c_void_p)] * _N_GEMM_ARGUMENTS
    )


def _scipy_address(name: str) -> int | None:
    """The address SciPy publishes for Cython and Numba, scipy.linalg.cython_blas."""
    from scipy.linalg import cython_blas

    capsule = cython_blas.__pyx_capi__[name]
    get_name = ctypes.pythonapi.PyCapsule_GetName
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype = ctypes.c_void_p
    get_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    address: int | None = get_pointer(capsule, get_name(capsule))
    return address


@cache
def _mkl() -> ctypes.CDLL | None:
    """MKL's one library, told to stay on the thread that calls it; None where there is none."""
    for path in _mkl_candidates():
        try:
            library = ctypes.CDLL(str(path))
            sequential = 1
            library.MKL_Set_Threading_Layer(ctypes.c_int(sequential))
        except (OSError, AttributeError):
            continue
        return library
    return None


def _mkl_candidates() -> list[Path]:
    try:
        files = importlib.metadata.files("mkl") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    name = {"win32": "mkl_rt", "darwin": "libmkl_rt"}.get(sys.platform, "libmkl_rt.so")
    return [Path(str(file.locate())).resolve() for file in files if file.name.startswith(name)]


@kernel
def multiply(
    gemm, blas, ints, floats, a, a_length, a_letter, b, b_length, b_letter, c, c_length, m, k, n,
    alpha, keep,
):  # fmt: skip
    """C (m, n) = alpha a (m, k) b (k, n) + keep c; a, b and c are addresses.

    Each stands row after row, a row `a_length` (`b_length`, `c_length`) numbers after the one
    before. Turned, a stands as (k, m), b as (n, k): `a_letter` and `b_letter` are blas[TURNED] or
    blas[AS_IT_IS]. gemm takes its numbers by their addresses too: `ints` and `floats` are this
    thread's own, `blas` says where they are.
    """
    itemsize = floats.itemsize
    if is_small(m, k, n, itemsize):
        a_row, a_step = (1, a_length) if a_letter == blas[at.TURNED] else (a_length, 1)
        multiply_small(
            a, a_row, a_step, b, b_length, b_letter == blas[at.TURNED], c, c_length, m, k, n,
            itemsize, alpha, keep,
        )  # fmt: skip
        return
    # Fortran puts columns first and so sees each matrix transposed: c' = b' a'.
    ints[0] = n
    ints[1] = m
    ints[2] = k
    ints[3] = b_length
    ints[4] = a_length
    ints[5] = c_length
    floats[0] = alpha
    floats[1] = keep
    where = blas[at.INTS]
    gemm(
        b_letter, a_letter, where, where + 4, where + 8, blas[at.FLOATS], b,
        where + 12, a, where + 16, blas[at.FLOATS] + blas[at.ITEMSIZE], c, where + 20,
    )  # fmt: skip
