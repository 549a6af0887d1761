"""Names from inside other libraries: all that are used, and the versions they are known to be in.

Whatever a library does not promise can be gone with its next release, so that a version that it
is not known to be in must not be installed.
"""

import ast
import tomllib
from functools import cache
from pathlib import Path

import pytest

import layerwise

PACKAGE = Path(layerwise.__file__).parent
PROJECT = Path(__file__).parents[1] / "pyproject.toml"

# Library: what is imported from inside it, and the attributes of its objects.
INSIDE = {
    "numba": {
        "numba.core.caching.NullCache",
        "numba.core.cgutils",
        "numba.core.codegen.JITCodeLibrary",
        "numba.core.compiler.CompileResult",
        "numba.core.compiler.CompilerBase",
        "numba.core.compiler_machinery.FunctionPass",
        "numba.core.compiler_machinery.PassManager",
        "numba.core.compiler_machinery.register_pass",
        "numba.core.serialize.dumps",
        "numba.core.typed_passes.AnnotateTypes",
        "numba.core.typed_passes.IRLegalization",
        "numba.core.typed_passes.NativeLowering",
        "numba.core.typed_passes.NoPythonBackend",
        "numba.core.typed_passes.NopythonTypeInference",
        "numba.core.typed_passes.PreLowerStripPhis",
        "numba.core.types.functions.BaseFunction",
        "numba.core.untyped_passes.FixupArgs",
        "numba.core.untyped_passes.IRProcessing",
        "numba.core.untyped_passes.ReconstructSSA",
        "numba.core.untyped_passes.TranslateByteCode",
        "numba.experimental.function_type",
        "_cache",
        "_codegen",
        "_ensure_finalized",
        "_final_module",
        "_get_module_for_linking",
        "_impl_keys",
        "_linking_libraries",
        "_rebuild",
        "_reduce",
        "_reload_init",
        "_tm",
    },
    # Only to end a study's processes at once; where it is gone they end by themselves.
    "joblib": {"joblib.externals.loky.get_reusable_executor"},
}
# Parts of a module's name that say it is not for others.
SIGNS = {"core", "experimental", "externals"}
STANDARD = {"__future__"}


@cache
def trees():
    """All that each file consists of."""
    return [list(ast.walk(ast.parse(path.read_text("utf-8")))) for path in PACKAGE.rglob("*.py")]


def imported(tree):
    """Whatever is imported, by its full name."""
    for node in tree:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and "import_module" in vars(node.func).values():
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))


def is_inside(name):
    first, *parts = name.split(".")
    return first not in {"layerwise", *STANDARD} and any(
        part in SIGNS or (part.startswith("_") and not part.endswith("__")) for part in parts
    )


def names_of_ours(tree):
    """What is defined or set here, under whatever name."""
    for node in tree:
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


def used_inside():
    all_trees = trees()
    ours = {name for tree in all_trees for name in names_of_ours(tree)}
    names = {name for tree in all_trees for name in imported(tree) if is_inside(name)}
    attributes = {
        node.attr
        for tree in all_trees
        for node in tree
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.endswith("__")
        and node.attr not in ours
    }
    return names | attributes


@pytest.mark.slow
def test_every_name_from_inside_a_library_is_known():
    assert used_inside() == set().union(*INSIDE.values())


def test_no_class_is_found_by_its_place_among_the_bases_of_another():
    # As `typer.BadParameter.__mro__[2]` was: a name that is private, without the underscore.
    assert not [path for path in PACKAGE.rglob("*.py") if "__mro__" in path.read_text("utf-8")]


@pytest.mark.parametrize("library", INSIDE)
def test_versions_it_is_not_known_in_are_not_installed(library):
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    (wanted,) = [each for each in project["dependencies"] if each.startswith(f"{library}>=")]
    assert ",<" in wanted
