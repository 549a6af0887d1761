"""Activations and losses, compiled: one branch for each entry, generated from the entries.

An entry is written once, as a formula of NumPy arrays. For the compiled engine its source is read
again and written into a loop: ``where(c, a, b)`` becomes ``a if c else b``, and every constant
gets the precision of the data (in compiled code a float32 times a Python number would be a
float64, and take twice the time).
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from layerwise.architecture import ACTIVATIONS, LOSSES, elementary
from layerwise.engine.compiling import kernel
from layerwise.engine.elementary import number

__all__ = [
    "ACTIVATION_CODES",
    "LOSS_CODES",
    "SOFTMAX",
    "activate",
    "activate_with_slope",
    "loss_and_slope",
]

ACTIVATION_CODES: dict[str, int] = {name: code for code, name in enumerate(ACTIVATIONS)}
LOSS_CODES: dict[str, int] = {name: code for code, name in enumerate(LOSSES)}
SOFTMAX = LOSS_CODES["softmax"]


class _Writer:
    """Writes the source of a kernel with one branch for each code."""

    def __init__(self, signature: str, first_lines: str = "") -> None:
        self.signature = signature
        self.first_lines = first_lines
        self.branches: list[str] = []
        self.constants: dict[str, str] = {}

    def constant(self, value: float) -> ast.expr:
        name = self.constants.setdefault(repr(value), f"c{len(self.constants)}")
        return ast.Name(name, ast.Load())

    def statements(self, function: Callable[..., Any], result: str, *arguments: str) -> str:
        """Lines that leave function(*arguments) in `result`."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        given = [argument.arg for argument in tree.args.args]
        translate = _Translate(self, function, dict(zip(given, arguments, strict=True)))
        lines = []
        for statement in tree.body:
            new = ast.fix_missing_locations(translate.visit(statement))
            if isinstance(new, ast.Return):
                assert new.value is not None
                lines.append(f"{result} = {ast.unparse(new.value)}")
            else:
                lines.append(ast.unparse(new))
        return "\n".join(lines)

    def branch(self, code: int, body: str) -> None:
        keyword = "elif" if self.branches else "if"
        self.branches.append(f"{keyword} code == {code}:\n{textwrap.indent(body, '    ')}")

    def compile(self, last_line: str = "") -> Any:
        constants = [f"{name} = number({value}, one)" for value, name in self.constants.items()]
        lines = [self.first_lines, *constants, *self.branches, last_line]
        body = textwrap.indent("\n".join(line for line in lines if line), "    ")
        name = self.signature.partition("(")[0]
        names: dict[str, Any] = {**vars(elementary), "number": number, "np": np}
        names["__name__"] = __name__
        source = f"def {self.signature}:\n{body}\n"
        exec(compile(source, f"<{name}, generated from the entries>", "exec"), names)
        return kernel(names[name])


class _Translate(ast.NodeTransformer):
    """An entry's expression, with its arguments, constants and `where` written for a loop."""

    def __init__(
        self, writer: _Writer, function: Callable[..., Any], arguments: dict[str, str]
    ) -> None:
        self.writer = writer
        self.globals = function.__globals__
        self.prefix = function.__name__
        self.arguments = arguments

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self.writer.constant(node.value) if isinstance(node.value, float) else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.arguments:
            return ast.parse(self.arguments[node.id], mode="eval").body
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


def _indented(lines: list[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ")


def _activation_kernels() -> tuple[Any, Any]:
    """(activate, activate_with_slope), over `rows` rows of `width` nodes that start at z[z0].

    activate(code, one, vector, p0, z, z0, rows, width): z becomes f(z).
    activate_with_slope(..., z, z0, a0, q0, rows, width): z[a0 + i] becomes f(z[z0 + i]),
    z[z0 + i] the slope f', and z[q0 + i], where there is a learned parameter p, df/dp. The
    slope is all that backpropagation needs, and beside f it costs next to nothing.

    Rows are width + 1 long. Where no number depends on the column, one loop runs over all rows
    and takes the column at the end of each along: whatever it holds, nobody reads it there.
    """
    start = "p = np.uint64(p0)\nlength = width + 1"
    forward = _Writer("activate(code, one, vector, p0, z, z0, rows, width)", start)
    both = _Writer("activate_with_slope(code, one, vector, p0, z, z0, a0, q0, rows, width)", start)
    places = {"i": "z0", "k": "a0", "l": "q0"}
    for code, entry in enumerate(ACTIVATIONS.values()):
        arguments = ["t", "w"] if entry.has_parameter else ["t"]
        # Read in every case: a loop that reads something in one case alone does not vectorise.
        reads = ["t = z[i + j]", "w = vector[p + j]"][: len(arguments)]
        parts = [(entry.function, "z[k + j]"), (entry.slope, "z[i + j]")]
        if entry.parameter_slope is not None:
            parts.append((entry.parameter_slope, "z[l + j]"))
        for writer, results, used in (
            (forward, [(entry.function, "z[i + j]")], "i"),
            (both, parts, "ikl"[: len(parts)]),
        ):
            lines = reads + [writer.statements(function, r, *arguments) for function, r in results]
            if entry.has_parameter:
                starts = [f"{name} = np.uint64({places[name]} + r * length)" for name in used]
                body = ["for j in range(np.uint64(width)):", _indented(lines)]
                loop = ["for r in range(rows):", _indented([*starts, *body])]
            else:
                starts = [f"{name} = np.uint64({places[name]})" for name in used]
                loop = [*starts, "for j in range(np.uint64(rows * length)):", _indented(lines)]
            writer.branch(code, "\n".join(loop))
    return forward.compile(), both.compile()


def _loss_kernel() -> Any:
    """loss_and_slope(code, one, work, s0, g0, width, y, row, c, share): one row's loss, summed.

    The scores are work[s0:][:width], the targets y[row]; work[g0 + k] becomes share dL/ds.
    """
    writer = _Writer(
        "loss_and_slope(code, one, work, s0, g0, width, y, row, c, share)",
        "loss = number(0.0, one)\ns = np.uint64(s0)\ng = np.uint64(g0)",
    )
    for code, entry in enumerate(LOSSES.values()):
        if entry.function is None or entry.slope is None:
            continue
        arguments = ("score", "target", "c")
        lines = [
            "for k in range(np.uint64(width)):",
            "    score = work[s + k]",
            "    target = y[row, k]",
            textwrap.indent(writer.statements(entry.function, "value", *arguments), "    "),
            textwrap.indent(writer.statements(entry.slope, "slope", *arguments), "    "),
            "    loss += value",
            "    work[g + k] = share * slope",
        ]
        writer.branch(code, "\n".join(lines))
    return writer.compile("return loss")


activate, activate_with_slope = _activation_kernels()
loss_and_slope = _loss_kernel()
