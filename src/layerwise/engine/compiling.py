"""How kernels are compiled: flags, and a cache on disk that notices every edit.

Numba's cache looks at the file of the cached function alone, not at the kernels it calls. So the
cache folder's name is a hash of every file a kernel is made of and of the versions that compile
it: an edit or an upgrade starts a fresh folder, and nothing stale is ever loaded.
"""

import gc
import hashlib
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from llvmlite.binding import Linkage, create_pass_builder, create_pipeline_tuning_options
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import FunctionPass, PassManager, register_pass
from numba.core.typed_passes import (
    AnnotateTypes,
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.types.functions import BaseFunction
from numba.core.untyped_passes import FixupArgs, IRProcessing, ReconstructSSA, TranslateByteCode

__all__ = [
    "CACHE_VARIABLE",
    "PART_OPTIONS",
    "cache_folder",
    "compiling",
    "kernel",
    "program",
    "reduction",
]

CACHE_VARIABLE = "LAYERWISE_CACHE_DIR"

# error_model="numpy": a division by zero gives infinity instead of a branch, without which
# loops with a division do not vectorise. No fast-math flag that assumes there is no NaN.
# _nrt=False: no reference counts. Programs make no array: all they see are views of their
# arguments, which whoever calls them holds on to. Counting took a fifth of a small network's step.
_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


class _Library(JITCodeLibrary):
    """Code that LLVM optimises once, in the end, and not function by function before."""

    def _optimize_functions(self, module: Any) -> None:
        """Leave the functions as they are."""


class _PartLibrary(_Library):
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


class _ProgramLibrary(_Library):
    """The code of a whole program.

    Its kernels are made internal to it, so that LLVM puts those with one caller in their place:
    a call hands over some hundred words for the arrays, and there are many calls in a step.
    """

    def _optimize_final_module(self) -> None:
        for function in self._final_module.functions:
            is_kernel = function.linkage == Linkage.linkonce_odr and "layerwise" in function.name
            if is_kernel and not function.is_declaration:
                function.linkage = Linkage.internal
        options = create_pipeline_tuning_options()
        options.speed_level = 2
        options.loop_vectorization = True
        # Unrolled loops take as long to run and twice as long to compile.
        options.loop_unrolling = options.loop_interleaving = options.slp_vectorization = False
        builder = create_pass_builder(self._codegen._tm, options)
        builder.getModulePassManager().run(self._final_module, builder)


class _Pass(FunctionPass):
    """Chooses the kind of library a function is compiled into."""

    library: type[JITCodeLibrary]

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library.__class__ = self.library
        library.enable_object_caching()
        state.library = library
        return False


@register_pass(mutates_CFG=False, analysis_only=False)
class _AsPart(_Pass):
    _name = "layerwise_as_part"
    library = _PartLibrary


@register_pass(mutates_CFG=False, analysis_only=False)
class _AsProgram(_Pass):
    _name = "layerwise_as_program"
    library = _ProgramLibrary


class _Compiler(CompilerBase):
    """Numba's passes without those that rewrite what kernels do not contain.

    They take a fifth of the time: closures, `with` blocks, loops over tuples, array expressions.
    """

    library_pass: type[_Pass]

    def define_pipelines(self) -> list[Any]:
        passes = PassManager("layerwise")
        for each in (
            TranslateByteCode,
            FixupArgs,
            IRProcessing,
            ReconstructSSA,
            NopythonTypeInference,
            self.library_pass,
            PreLowerStripPhis,
            IRLegalization,
            AnnotateTypes,
            NativeLowering,
            NoPythonBackend,
        ):
            passes.add_pass(each, each.__name__)
        passes.finalize()
        return [passes]


class _PartCompiler(_Compiler):
    library_pass = _AsPart


class _ProgramCompiler(_Compiler):
    library_pass = _AsProgram


PART_OPTIONS: dict[str, Any] = {
    **_FLAGS,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": _PartCompiler,
}
kernel: Callable[..., Any] = numba.njit(**PART_OPTIONS, fastmath={"contract"})
# Sums may be reordered, which is what lets them vectorise.
reduction: Callable[..., Any] = numba.njit(**PART_OPTIONS, fastmath={"contract", "reassoc", "nsz"})


_compile_lock = threading.RLock()


@contextmanager
def compiling() -> Iterator[None]:
    """Compile faster while the block runs.

    Numba tries all overloads of `+` or `[]` anew wherever one stands: a seventh of the time, so
    what was found is remembered. And looking for garbage among the millions of small objects that
    compiling makes is a tenth.
    """
    with _compile_lock:
        find_signature = BaseFunction.get_call_type
        known: dict[Any, Any] = {}

        def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
            key = (self.templates, args)
            if kws or key not in known:
                known[key] = find_signature(self, context, args, kws)
            signature = known[key]
            if signature.args not in self._impl_keys:
                return find_signature(self, context, args, kws)
            return signature

        collects = gc.isenabled()
        gc.disable()
        BaseFunction.get_call_type = get_call_type  # type: ignore[method-assign]
        try:
            yield
        finally:
            BaseFunction.get_call_type = find_signature  # type: ignore[method-assign]
            if collects:
                gc.enable()


@cache
def cache_folder() -> Path:
    """Return the folder of this version's compiled programs, made if it can be.

    The first of these that can be written: the environment variable LAYERWISE_CACHE_DIR, the
    user's cache folder, a folder of the user's own in the temporary folder.
    """
    name = f"kernels-{_fingerprint()}"
    candidates = [base / name for base in _bases()]
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if _is_of_others(folder):
                continue
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return candidates[-1]


def _is_of_others(folder: Path) -> bool:
    """Whether somebody else could put code there: what stands in the cache is run."""
    if not hasattr(os, "getuid"):
        return False
    return any(path.stat().st_uid not in {os.getuid(), 0} for path in (folder, folder.parent))


def _bases() -> list[Path]:
    """Folders to try, the best first."""
    environment = os.environ
    if sys.platform == "win32":
        cache = Path(environment.get("LOCALAPPDATA") or Path.home())
    elif sys.platform == "darwin":
        cache = Path.home() / "Library" / "Caches"
    else:
        cache = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    user = str(os.getuid()) if hasattr(os, "getuid") else environment.get("USERNAME", "user")
    bases = [cache / "layerwise", Path(tempfile.gettempdir()) / f"layerwise-{user}"]
    asked = environment.get(CACHE_VARIABLE)
    return [Path(asked), *bases] if asked else bases


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
        compiler = {"pipeline_class": _ProgramCompiler, "no_cfunc_wrapper": True}
        return numba.njit(**_FLAGS, **compiler, fastmath={"contract"}, cache=True)(function)
    finally:
        numba.config.CACHE_DIR = before
