"""Activations and losses, compiled: one branch for each entry, generated from the entries.

An entry is written once, as a formula of NumPy arrays. For the compiled engine its source is read
again, every constant in it is given the precision of the argument (in compiled code a float32
times a Python number would be a float64), and the loop over it becomes one branch of a kernel.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import numba

from layerwise.architecture import ACTIVATIONS, LOSSES
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


class _Typed(ast.NodeTransformer):
    """Replaces every float constant by ``number(constant, first argument)``."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.globals = function.__globals__
        self.first = next(iter(inspect.signature(function).parameters))

    def _number(self, value: float) -> ast.expr:
        call = ast.parse(f"number({value!r}, {self.first})", mode="eval").body
        return call

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._number(node.value) if isinstance(node.value, float) else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self.globals.get(node.id)
        return self._number(value) if isinstance(value, float) else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns, node.args = None, ast.parse(f"lambda {', '.join(a.arg for a in node.args.args)}: 0", mode="eval").body.args  # type: ignore[attr-defined]
        node.body = [self.visit(statement) for statement in node.body]
        return node


def _compiled(function: Callable[..., Any], known: dict[Any, Any]) -> Any:
    """The entry's function, compiled in the precision of its argument."""
    if numba.config.DISABLE_JIT:
        return function
    if function not in known:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        tree = ast.fix_missing_locations(_Typed(function).visit(tree))
        names = dict(function.__globals__, number=number)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for name in used:
            helper = names.get(name)
            if inspect.isfunction(helper) and helper.__module__ == function.__module__:
                names[name] = _compiled(helper, known)
        exec(compile(tree, inspect.getfile(function), "exec"), names)
        known[function] = kernel(names[function.__name__])
    return known[function]


def _generate(signature: str, branches: list[str], names: dict[str, Any], ending: str = "") -> Any:
    """A kernel of one branch for each code; an empty branch is left out."""
    lines = [f"def {signature}:"]
    for code, body in enumerate(branches):
        if body:
            lines.append(f"    {'if' if len(lines) == 1 else 'elif'} code == {code}:")
            lines.append(textwrap.indent(textwrap.dedent(body).strip(), " " * 8))
    lines.append(ending)
    name = signature.partition("(")[0]
    exec(compile("\n".join(lines), f"<{name}, generated from the entries>", "exec"), names)
    return kernel(names[name])


def _activation_kernels() -> tuple[Any, Any]:
    """(activate, activate_with_slope), over a block of `rows` rows of `width` nodes.

    activate(code, z, bias, p, rows, width): z becomes f(z + bias).
    activate_with_slope(code, z, bias, p, a, q, rows, width): a becomes f(z + bias), z becomes the
    slope f', and q, for an activation with a learned parameter p, becomes df/dp. The slope is all
    that backpropagation needs, and beside f it costs next to nothing.
    """
    known: dict[Any, Any] = {}
    names: dict[str, Any] = {}
    forward, both = [], []
    for code, entry in enumerate(ACTIVATIONS.values()):
        names[f"f{code}"] = _compiled(entry.function, known)
        names[f"s{code}"] = _compiled(entry.slope, known)
        p = ", p[j]" if entry.has_parameter else ""
        parameter_slope = ""
        if entry.parameter_slope is not None:
            names[f"q{code}"] = _compiled(entry.parameter_slope, known)
            parameter_slope = f"q[i + j] = q{code}(t{p})"
        forward.append(
            f"""
            for i in range(0, rows * width, width):
                z_row = z[i : i + width]
                for j in range(width):
                    z_row[j] = f{code}(z_row[j] + bias[j]{p})
            """
        )
        both.append(
            f"""
            for i in range(0, rows * width, width):
                z_row, a_row = z[i : i + width], a[i : i + width]
                for j in range(width):
                    t = z_row[j] + bias[j]
                    a_row[j] = f{code}(t{p})
                    z_row[j] = s{code}(t{p})
                    {parameter_slope}
            """
        )
    return (
        _generate("activate(code, z, bias, p, rows, width)", forward, names),
        _generate("activate_with_slope(code, z, bias, p, a, q, rows, width)", both, names),
    )


def _loss_kernel() -> Any:
    """loss_and_slope(code, scores, target, weight, c, slope), for one row of scores.

    Returns the sum over the row's outputs; slope becomes weight * dL/ds.
    """
    known: dict[Any, Any] = {}
    names: dict[str, Any] = {}
    branches = []
    for code, entry in enumerate(LOSSES.values()):
        if entry.function is None or entry.slope is None:
            branches.append("")
            continue
        names[f"f{code}"] = _compiled(entry.function, known)
        names[f"s{code}"] = _compiled(entry.slope, known)
        branches.append(
            f"""
            for j in range(scores.size):
                loss += f{code}(scores[j], target[j], c)
                slope[j] = weight * s{code}(scores[j], target[j], c)
            return loss
            """
        )
    return _generate(
        "loss_and_slope(code, scores, target, weight, c, slope, loss=0.0)",
        branches,
        names,
        "    return loss",
    )


activate, activate_with_slope = _activation_kernels()
loss_and_slope = _loss_kernel()
