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
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.typed_passes import NopythonTypeInference

__all__ = ["CACHE_VARIABLE", "cache_folder", "kernel", "program", "reduction"]

CACHE_VARIABLE = "LAYERWISE_CACHE_DIR"

# error_model="numpy": a division by zero gives infinity instead of a branch, without which
# loops with a division do not vectorise. No fast-math flag that assumes there is no NaN.
_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}



class _PartLibrary(JITCodeLibrary):  # type: ignore[misc]
    """The code of a kernel: parts are only linked together, not optimised and made machine code.

    Numba would do both for every kernel and do it again for each program that calls it. Only
    compiled code calls kernels, so it is enough to do it once, for the whole program: that takes
    a third of the time.
    """

    def finalize(self) -> None:
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> "_PartLibrary":
        return self

    def set_env(self, name: str, environment: object) -> None:
        """A part has no machine code that an environment could be set in."""


@register_pass(mutates_CFG=False, analysis_only=False)
class _AsPart(FunctionPass):  # type: ignore[misc]
    _name = "layerwise_as_part"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library.__class__ = _PartLibrary
        library.enable_object_caching()
        state.library = library
        return False


class _PartCompiler(CompilerBase):  # type: ignore[misc]
    def define_pipelines(self) -> list[Any]:
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_AsPart, NopythonTypeInference)
        passes.finalize()
        return [passes]


_INNER: dict[str, Any] = {
    **_FLAGS,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": _PartCompiler,
}
kernel: Callable[..., Any] = numba.njit(**_INNER, fastmath={"contract"})
# Sums may be reordered, which is what lets them vectorise.
reduction: Callable[..., Any] = numba.njit(**_INNER, fastmath={"contract", "reassoc", "nsz"})


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
