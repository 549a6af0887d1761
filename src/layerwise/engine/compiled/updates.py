"""The optimisers' arithmetic, compiled: one fused loop for each rule, generated from the entries.

Numbers come ready for the step (learning rate, bias corrections), so that the loops hold nothing
but arithmetic that vectorises. All work on the range [low, high) of the vector.
"""

# mypy: disable-error-code="no-untyped-def"

from inspect import signature
from typing import Any

import numpy as np

from layerwise.engine import layout
from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.compiling import kernel
from layerwise.engine.compiled.formulas import KernelWriter, indented
from layerwise.engine.compiled.vectorized import number
from layerwise.engine.optimizers import OPTIMIZERS, Optimizer, Rule

GRADIENT_ONLY = -1

# Every rule with an optimiser that follows it, which tells what numbers it has.
_FOLLOWERS: dict[Rule, Optimizer] = {
    rule: entry()
    for entry in OPTIMIZERS.values()
    if issubclass(entry, Optimizer)
    for rule in entry.rules
}
RULE_CODES: dict[Rule, int] = {rule: code for code, rule in enumerate(_FOLLOWERS)}


def _numbers(optimizer: Optimizer) -> tuple[list[str], list[str]]:
    """The names of its rules' constants, and of their other numbers in each step."""
    steps = optimizer.step_numbers(np.ones(1), np.ones(1, np.int64))
    return list(optimizer.constants()), [name for name in steps if name != "rate"]


N_RULE_CONSTANTS, N_RULE_NUMBERS = (
    max(len(_numbers(optimizer)[i]) for optimizer in _FOLLOWERS.values()) for i in range(2)
)


def _rules_kernel() -> Any:
    """`apply_rule`: the rule of a code for the range [low, high) of the vector.

    The gradient times `factor` is what counts; settings and hyper[b] hold the rule's numbers.
    """
    writer = KernelWriter(
        "apply_rule(code, one, vector, gradient, moments, low, high, settings, hyper, b, rate, "
        "factor)"
    )
    for rule, code in RULE_CODES.items():
        constants, numbers = _numbers(_FOLLOWERS[rule])
        places = {"rate": "rate"}
        places |= {n: f"settings[{at.RULE_CONSTANTS + i}]" for i, n in enumerate(constants)}
        places |= {n: f"hyper[b, {at.RULE_NUMBERS + i}]" for i, n in enumerate(numbers)}
        functions = [f for f in (rule.moments, rule.change) if f is not None]
        used = {name for function in functions for name in signature(function).parameters}
        before = [f"rule_{n} = {place}" for n, place in places.items() if n in used]
        loop = ["rule_g = gradient[i] * factor"]
        moments = ("m", "v")
        if rule.moments is not None:
            loop += [f"rule_{n} = moments[{k}, i]" for k, n in enumerate(moments) if n in used]
            arguments = [f"rule_{name}" for name in signature(rule.moments).parameters]
            lines = writer.statements(rule.moments, ["new_m", "new_v"], *arguments)
            loop.append(lines)
            # What stays as it is needs not be written.
            stays = [n for n in moments if f"new_{n} = rule_{n}" in lines.splitlines()]
            loop += [f"moments[{k}, i] = new_{n}" for k, n in enumerate(moments) if n not in stays]
        arguments = [
            f"new_{name}" if name in moments else f"rule_{name}"
            for name in signature(rule.change).parameters
        ]
        loop += [writer.statements(rule.change, "change", *arguments), "vector[i] -= change"]
        head = "for i in range(np.uint64(low), np.uint64(high)):"
        writer.branch(code, "\n".join([*before, head, indented(loop)]))
    return writer.compile()


apply_rule = _rules_kernel()


@kernel
def add_penalty(vector, gradient, low, high, l1, l2):
    """Gradient += l1 sign(vector) + l2 vector."""
    zero = number(0.0, l1)
    for i in range(np.uint64(low), np.uint64(high)):
        v = vector[i]
        gradient[i] += l2 * v + (l1 if v > zero else (-l1 if v < zero else zero))


@kernel
def sum_of_squares(gradient, low, high):
    """Sum of gradient², in float64."""
    total = 0.0
    for i in range(np.uint64(low), np.uint64(high)):
        total += np.float64(gradient[i]) * np.float64(gradient[i])
    return total


@kernel
def update(code, vector, gradient, moments, average, low, high, group, settings, hyper, b, factor):
    """One optimiser step. hyper[b]: the step's numbers; moments: (2, n), first and second.

    `group` picks the learning-rate factor, and weights and embeddings decay; `factor` is what
    clipping leaves of the gradient.
    """
    zero = number(0.0, factor)
    one = number(1.0, factor)
    group_rate = settings[at.GROUP_RATES + group]
    rate = hyper[b, at.RATE] * group_rate
    decay = hyper[b, at.DECAY_RATE] * group_rate
    if (group == layout.WEIGHTS or group == layout.EMBEDDINGS) and decay != zero:
        for i in range(np.uint64(low), np.uint64(high)):
            vector[i] *= one - decay
    apply_rule(code, one, vector, gradient, moments, low, high, settings, hyper, b, rate, factor)
    share = hyper[b, at.AVERAGE]
    if share != zero:
        for i in range(np.uint64(low), np.uint64(high)):
            average[i] += share * (vector[i] - average[i])
