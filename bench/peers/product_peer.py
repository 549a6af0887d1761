"""No network at all: one large float32 matrix product, the most that the processor can do.

A unit is one operation (a multiplication or an addition), and the ways are sizes and libraries'
own ways of using the cores.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from networks import Floats
from scipy.linalg.blas import sgemm
from threadpoolctl import threadpool_limits
from timing import Run, Timed

_settings: dict[str, int] = {"threads": 1}


def use_threads(threads: int | None) -> None:
    """Hold SciPy's BLAS at that many; MKL's product is cut into as many."""
    _settings["threads"] = threads or 1
    threadpool_limits(limits=threads)


def product(library: str, sizes: list[int]) -> dict[str, Run]:
    """Square matrices of each size, multiplied by "scipy" or "mkl"."""
    multiplier = {"scipy": _scipy, "mkl": _mkl}[library]
    return {f"{n} x {n}": _counted(multiplier(n), n) for n in sizes}


def _counted(multiply: Callable[[], object], n: int) -> Run:
    def run(repeats: int) -> Timed:
        start = time.perf_counter()
        for _ in range(repeats):
            multiply()
        return Timed(time.perf_counter() - start, repeats * 2 * n**3)

    return run


def _matrices(n: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, n, n), dtype=np.float32)
    return a, b, np.empty((n, n), np.float32)


def _scipy(n: int) -> Callable[[], object]:
    """In Fortran's order, which is the one that is not copied; the BLAS uses its threads."""
    a, b, c = (matrix.T for matrix in _matrices(n))
    return lambda: sgemm(1.0, a, b, c=c, overwrite_c=1)


def _mkl(n: int) -> Callable[[], object]:
    """Rows cut into one share for each thread, each multiplied by MKL on that thread alone."""
    gemm = _mkl_library().cblas_sgemm
    threads = _settings["threads"]
    pool = ThreadPoolExecutor(threads)
    a, b, c = _matrices(n)
    bounds = [n * share // threads for share in range(threads + 1)]

    def multiply(share: int) -> None:
        first, last = bounds[share], bounds[share + 1]
        by_rows, as_it_is = 101, 111  # CblasRowMajor, CblasNoTrans
        sizes = [ctypes.c_int(size) for size in (last - first, n, n)]
        gemm(
            *(ctypes.c_int(flag) for flag in (by_rows, as_it_is, as_it_is)),
            *sizes,
            ctypes.c_float(1.0),
            ctypes.c_void_p(a[first:].ctypes.data),
            ctypes.c_int(n),
            ctypes.c_void_p(b.ctypes.data),
            ctypes.c_int(n),
            ctypes.c_float(0.0),
            ctypes.c_void_p(c[first:].ctypes.data),
            ctypes.c_int(n),
        )

    return lambda: list(pool.map(multiply, range(threads)))


def _mkl_library() -> Any:
    for file in importlib.metadata.files("mkl") or []:
        if "mkl_rt" in file.name:
            library = ctypes.CDLL(str(file.locate()))
            sequential = 1
            library.MKL_Set_Threading_Layer(ctypes.c_int(sequential))
            return library
    raise FileNotFoundError("the package mkl holds no mkl_rt")
