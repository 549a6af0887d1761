"""How kernels are compiled: flags, and a cache on disk that notices every edit.

Numba's cache looks at the file of the cached function alone, not at the kernels it calls. So the
cache folder's name is a hash of every file a kernel is made of and of the versions that compile
it: an edit or an upgrade starts a fresh folder, and nothing stale is ever loaded.
"""

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np

__all__ = ["CACHE_VARIABLE", "cache_folder", "kernel", "program", "reduction"]

CACHE_VARIABLE = "LAYERWISE_CACHE_DIR"

# error_model="numpy": a division by zero gives infinity instead of a branch, without which
# loops with a division do not vectorise. No fast-math flag that assumes there is no NaN.
_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}

kernel: Callable[..., Any] = numba.njit(**_FLAGS, fastmath={"contract"})
# Sums may be reordered, which is what lets them vectorise.
reduction: Callable[..., Any] = numba.njit(**_FLAGS, fastmath={"contract", "reassoc", "nsz"})


@cache
def cache_folder() -> Path:
    """Return the folder of this version's compiled programs, made if it can be.

    The first of these that can be written: the environment variable LAYERWISE_CACHE_DIR, the
    user's cache folder, a folder of the user's own in the temporary folder.
    """
    name = f"kernels-{_fingerprint()}"
    candidates = [Path(base) / name for base in _bases()]
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return candidates[-1]


def _bases() -> list[str]:
    bases = []
    if os.environ.get(CACHE_VARIABLE):
        bases.append(os.environ[CACHE_VARIABLE])
    if sys.platform == "win32":
        bases.append(os.path.join(os.environ.get("LOCALAPPDATA", os.path.expanduser("~")), "layerwise"))
    elif sys.platform == "darwin":
        bases.append(os.path.expanduser("~/Library/Caches/layerwise"))
    else:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        bases.append(os.path.join(home, "layerwise"))
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    bases.append(os.path.join(tempfile.gettempdir(), f"layerwise-{user}"))
    return bases


def _fingerprint() -> str:
    """Hash of every source file kernels are made of, and of what compiles them."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for folder in (here, here.parent / "architecture"):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    versions = (numba.__version__, llvmlite.__version__, np.__version__, platform.python_version())
    digest.update("|".join(versions).encode())
    return digest.hexdigest()[:16]


def program(function: Callable[..., Any]) -> Any:
    """Compile a top-level program at its first call, or load it from the cache folder."""
    if numba.config.DISABLE_JIT:
        return function
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())
    try:
        return numba.njit(**_FLAGS, fastmath={"contract"}, cache=True)(function)
    finally:
        numba.config.CACHE_DIR = before
