"""Shorter ways through Numba's compiler, by names from inside it.

Its next version may change them. Where one is missing, `layerwise.engine.compiled.compiling` does
without.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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


# _nrt=False: no reference counts. Programs make no array: all they see are views of their
# arguments, which whoever calls them holds on to. Counting took a fifth of a small network's step.
PART_OPTIONS: dict[str, Any] = {
    "_nrt": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": _PartCompiler,
}
PROGRAM_OPTIONS: dict[str, Any] = {
    "_nrt": False,
    "no_cfunc_wrapper": True,
    "pipeline_class": _ProgramCompiler,
}


@contextmanager
def overloads_remembered() -> Iterator[None]:
    """Remember which overload of `+` or `[]` suits which types, while the block runs.

    Numba tries them all anew wherever one stands: a seventh of the time.
    """
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

    BaseFunction.get_call_type = get_call_type  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseFunction.get_call_type = find_signature  # type: ignore[method-assign]
