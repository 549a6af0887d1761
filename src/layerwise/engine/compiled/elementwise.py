"""Activations, losses and outputs, compiled: a branch for each entry, generated from the entries.

How a formula becomes a kernel, `layerwise.engine.compiled.formulas` says.
"""

from typing import Any

from layerwise.architecture import ACTIVATIONS, LOSSES, OUTPUTS, Loss
from layerwise.engine.compiled.formulas import KernelWriter, indented

ACTIVATION_CODES: dict[str, int] = {name: code for code, name in enumerate(ACTIVATIONS)}
# By what is computed: a loss of an entry's name that is none is not taken for it.
LOSS_CODES: dict[Any, int] = {
    (entry.function, entry.slope): code for code, entry in enumerate(LOSSES.values())
}
OUTPUT_CODES: dict[str, int] = {name: code for code, name in enumerate(OUTPUTS)}
# These two have kernels of their own.
SOFTMAX_LOSS = LOSS_CODES[LOSSES["softmax"].function, LOSSES["softmax"].slope]
SOFTMAX = OUTPUT_CODES["softmax"]


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
    forward = KernelWriter("activate(code, one, vector, p0, z, z0, rows, width)", start)
    both = KernelWriter(
        "activate_with_slope(code, one, vector, p0, z, z0, a0, q0, rows, width)", start
    )
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
                body = ["for j in range(np.uint64(width)):", indented(lines)]
                loop = ["for r in range(rows):", indented([*starts, *body])]
            else:
                starts = [f"{name} = np.uint64({places[name]})" for name in used]
                loop = [*starts, "for j in range(np.uint64(rows * length)):", indented(lines)]
            writer.branch(code, "\n".join(loop))
    return forward.compile(), both.compile()


def _loss_kernel() -> Any:
    """loss_and_slope(code, one, work, s0, g0, width, y, row, c, share): one row's loss, summed.

    The scores are work[s0:][:width], the targets y[row]; work[g0 + k] becomes share dL/ds.
    """
    writer = KernelWriter(
        "loss_and_slope(code, one, work, s0, g0, width, y, row, c, share)",
        "loss = number(0.0, one)\ns = np.uint64(s0)\ng = np.uint64(g0)",
    )
    for code, entry in enumerate(LOSSES.values()):
        if code != SOFTMAX_LOSS:
            lines = _of_all_scores if entry.takes_classes else _of_each_score
            writer.branch(code, "\n".join(lines(writer, entry)))
    return writer.compile("return loss")


def _of_each_score(writer: KernelWriter, entry: Loss) -> list[str]:
    arguments = ("score", "target", "c")
    return [
        "for k in range(np.uint64(width)):",
        "    score = work[s + k]",
        "    target = y[row, k]",
        indented([writer.statements(entry.function, "value", *arguments)]),
        indented([writer.statements(entry.slope, "slope", *arguments)]),
        "    loss += value",
        "    work[g + k] = share * slope",
    ]


def _of_all_scores(writer: KernelWriter, entry: Loss) -> list[str]:
    """A loss of the logarithms of softmax's outputs, and its gradient at the scores."""
    target = ["target = number(1.0, one) if k == own else number(0.0, one)"]
    if entry.target is not None:
        given = ("target", "c", "number(width, one)")
        target.append(writer.statements(entry.target, "target", *given))
    arguments = ("log_p", "target", "c")
    return [
        "own = np.uint64(y[row, 0])",
        "largest = work[s]",
        "for k in range(np.uint64(width)):",
        "    largest = work[s + k] if work[s + k] > largest else largest",
        "total = number(0.0, one)",
        "for k in range(np.uint64(width)):",
        "    total += exp(work[s + k] - largest)",
        "total = np.log(total)",
        "slopes = number(0.0, one)",
        "for k in range(np.uint64(width)):",
        "    log_p = work[s + k] - largest - total",
        indented(target),
        indented([writer.statements(entry.function, "value", *arguments)]),
        indented([writer.statements(entry.slope, "slope", *arguments)]),
        "    loss += value",
        "    slopes += slope",
        "    work[g + k] = slope",
        "for k in range(np.uint64(width)):",
        "    p = exp(work[s + k] - largest - total)",
        "    work[g + k] = share * (work[g + k] - p * slopes)",
    ]


def _output_kernel() -> Any:
    """outputs_in_place(code, one, work, s0, width): one row's scores become its outputs."""
    writer = KernelWriter("outputs_in_place(code, one, work, s0, width)", "s = np.uint64(s0)")
    for code, entry in enumerate(OUTPUTS.values()):
        if entry.function is not None:
            lines = [
                "for k in range(np.uint64(width)):",
                "    score = work[s + k]",
                indented([writer.statements(entry.function, "work[s + k]", "score")]),
            ]
            writer.branch(code, "\n".join(lines))
    return writer.compile()


activate, activate_with_slope = _activation_kernels()
loss_and_slope = _loss_kernel()
outputs_in_place = _output_kernel()
