"""Kernels written from formulas: one branch for each entry.

An entry is written once, as a formula of NumPy arrays. For the compiled engine its source is read
again and written into a loop: ``where(c, a, b)`` becomes ``a if c else b``, and every constant
gets the precision of the data (in compiled code a float32 times a Python number would be a
float64, and take twice the time).
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from layerwise.architecture import elementary
from layerwise.engine.compiled.compiling import kernel
from layerwise.engine.compiled.program_cache import GENERATED


@cache
def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def indented(lines: Sequence[str]) -> str:
    """Lines, one level further in."""
    return textwrap.indent("\n".join(lines), "    ")


def code_of(codes: Mapping[Any, int], entry: Any, name: str, addition: str) -> int:
    """The code of an entry's branch; an error in words where the entry came too late for one."""
    if entry not in codes:
        raise ValueError(
            f"the compiled engine does not know {name}: add {addition} before the first training"
        )
    return codes[entry]


class KernelWriter:
    """Writes the source of a kernel with one branch for each code.

    The kernel's argument `one` has the precision that constants of formulas are to get.
    """

    def __init__(self, signature: str, first_lines: str = "") -> None:
        self.signature = signature
        self.first_lines = first_lines
        self.branches: list[str] = []
        self.constants: dict[str, str] = {}
        self.names: dict[str, Any] = {}  # beside the elementary functions

    def constant(self, value: float) -> ast.expr:
        """The name that a number has in the kernel."""
        name = self.constants.setdefault(repr(value), f"c{len(self.constants)}")
        return ast.Name(name, ast.Load())

    def statements(
        self, function: Callable[..., Any], results: str | Sequence[str], *arguments: str
    ) -> str:
        """Lines that leave function(*arguments) in a variable, or each thing it returns in one."""
        names = [results] if isinstance(results, str) else results
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        given = [argument.arg for argument in tree.args.args]
        translate = _Translate(self, function, dict(zip(given, arguments, strict=True)))
        lines = []
        for statement in tree.body:
            new = ast.fix_missing_locations(translate.visit(statement))
            if isinstance(new, ast.Return):
                assert new.value is not None
                values = new.value.elts if isinstance(new.value, ast.Tuple) else [new.value]
                pairs = zip(names, values, strict=True)
                lines += [f"{name} = {ast.unparse(value)}" for name, value in pairs]
            else:
                lines.append(ast.unparse(new))
        return "\n".join(lines)

    def branch(self, code: int, body: str) -> None:
        """What the kernel does for a code."""
        keyword = "elif" if self.branches else "if"
        self.branches.append(f"{keyword} code == {code}:\n{indented([body])}")

    def compile(self, last_line: str = "") -> Any:
        """Return the kernel."""
        constants = [f"{name} = number({value}, one)" for value, name in self.constants.items()]
        lines = [self.first_lines, *constants, *self.branches, last_line]
        body = indented([line for line in lines if line])
        name = self.signature.partition("(")[0]
        names: dict[str, Any] = {**vars(elementary), "np": np, **self.names}
        names["__name__"] = __name__
        source = f"def {self.signature}:\n{body}\n"
        GENERATED.append(source)
        exec(compile(source, f"<{name}, generated from the entries>", "exec"), names)
        return kernel(names[name])


class _Translate(ast.NodeTransformer):
    """An entry's expression, with its arguments, constants and `where` written for a loop."""

    def __init__(
        self, writer: KernelWriter, function: Callable[..., Any], arguments: dict[str, str]
    ) -> None:
        self.writer = writer
        self.globals = function.__globals__
        self.prefix = function.__name__
        self.arguments = arguments

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self.writer.constant(node.value) if isinstance(node.value, float) else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.arguments:
            return _expression(self.arguments[node.id])
        value = self.globals.get(node.id)
        if isinstance(value, float):
            return self.writer.constant(value)
        if value is None:  # a local variable of the entry
            return ast.Name(f"{self.prefix}_{node.id}", node.ctx)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(argument) for argument in node.args]
        if isinstance(node.func, ast.Name) and node.func.id == "where":
            condition, yes, no = arguments
            return ast.IfExp(condition, yes, no)
        if isinstance(node.func, ast.Name) and node.func.id == "one":
            return self.writer.constant(1.0)
        return ast.Call(node.func, arguments, [])
