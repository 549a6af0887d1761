"""An architecture as a table of numbers, which one compiled program reads.

A row for each step, in the order of the forward pass: what makes numbers of the inputs; for each
layer what its input goes through first, and its product with the activation. A row says what the
step does, its sizes, where its parameters stand in the vector and where its rows of numbers stand
in the workspace. Nothing is compiled for a new architecture.

Buffers. While training, a layer keeps two things for the backward pass: its input (as its first
step leaves it) and, in the buffer that held its pre-activations, the slope of its activation, which
the backward pass turns into dL/dz. A residual stream runs through one buffer in place where the
layers' first steps do not look at it again. At prediction two buffers take turns.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from inspect import signature

import numpy as np

from layerwise.architecture import Architecture, Placed, Step, get_activation
from layerwise.arrays import Floats, Integers
from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.elementwise import ACTIVATION_CODES
from layerwise.engine.compiled.entries import STEP_CODES
from layerwise.engine.compiled.formulas import code_of
from layerwise.engine.layout import WEIGHTS, Layout, layout_of

# A weight matrix's gradient is cut into blocks of rows, so that threads can share them: about so
# many blocks in all, of at least and at most so many weights. The cut depends on sizes alone.
_BLOCKS = 6
_BLOCK_WEIGHTS = (4_096, 65_536)

# From so many numbers that enter the first layer on, their factors are the gains of its product,
# whose gradients its weights' own say. Of fewer the product that this saves is about a tenth of a
# step.
_WIDE = 384

_ADDITION = "it to layerwise.architecture.STEPS"


@dataclass(frozen=True, eq=False)
class Plan:
    """The tables of one architecture.

    Attributes
    ----------
    steps : ndarray of int64, shape (n_steps, columns.N_COLUMNS)
    dropout : ndarray of float64, shape (n_steps,)
        Share dropped after each step.
    alphas : ndarray of float64, shape (n_steps,)
        Factor on each step's product (neural-tangent scaling).
    units : ndarray of float64, shape (n_steps,)
        The number after each row of a step's output, which multiplies the next layer's biases: 1,
        or what that layer's alpha makes 1.
    shares : ndarray of float64, shape (n_steps,)
        What a residual layer multiplies its branch by before its input is added; 1 elsewhere.
    tasks : ndarray of int64, shape (n_tasks, columns.N_TASK_COLUMNS)
    row_size : int
        Numbers in the workspace for each row of a batch.
    partial_size : int
        Numbers of partial sums for each shard of a batch.
    scores, grad_scores : int
        Buffers of the last layer's output and of the gradient there.
    widest : int
        Row length of the buffers that layers share.
    """

    architecture: Architecture
    layout: Layout
    training: bool
    steps: Integers
    dropout: Floats
    alphas: Floats
    units: Floats
    shares: Floats
    tasks: Integers
    row_size: int
    partial_size: int
    scores: int
    grad_scores: int
    widest: int

    def steps_for(self, capacity: int) -> Integers:
        """The steps with their buffers where they stand for batches of up to `capacity` rows."""
        steps = self.steps.copy()
        buffers = steps[:, at.BUFFERS]
        steps[:, at.BUFFERS] = np.where(buffers >= 0, buffers * capacity, buffers)
        return steps

    @cached_property
    def weights_per_row(self) -> int:
        """Multiplications that one row's forward pass takes."""
        dense = self.steps[self.steps[:, at.KIND] == at.DENSE]
        return int((dense[:, at.FAN_IN] * dense[:, at.FAN_OUT]).sum())


class _Builder:
    def __init__(self, architecture: Architecture, training: bool) -> None:
        self.architecture = architecture
        self.layout = layout_of(architecture)
        self.training = training
        self.rows: list[Integers] = []
        self.dropout: list[float] = []
        self.alphas: list[float] = []
        self.units: list[float] = []
        self.shares: list[float] = []
        self.tasks: list[tuple[int, int, int, int]] = []
        self.row_size = 0
        self.partial_size = 0

    def buffer(self, width: int) -> int:
        start = self.row_size
        self.row_size += width + 1
        return start

    def partial(self, width: int) -> int:
        start = self.partial_size
        self.partial_size += width
        return start

    def step(
        self,
        kind: int,
        width: int,
        dropout: float = 0.0,
        alpha: float = 1.0,
        share: float = 1.0,
        **values: int,
    ) -> None:
        row = np.full(at.N_COLUMNS, -1, np.int64)
        row[at.KIND] = kind
        for name, value in values.items():
            row[getattr(at, name)] = value
        self.rows.append(row)
        self.dropout.append(dropout)
        self.alphas.append(alpha)
        self.units.append(self.unit(width))
        self.shares.append(share)

    def unit(self, width: int) -> float:
        return width**0.5 if self.architecture.scaling == "neural_tangent" else 1.0

    def task(self, low: int, high: int, group: int = WEIGHTS) -> None:
        self.tasks.append((len(self.rows) - 1, low, high, group))

    def entry(self, placed: Placed, width: int, column: int = 0, **values: int) -> None:
        """The rows of a step that has kernels, which fills columns of rows of such a width."""
        step = placed.step
        kind = code_of(STEP_CODES, type(step), f"the step {step.name!r}", _ADDITION)
        blocks = self.layout.of(placed)
        own = [blocks[parameter.kind] for parameter in step.parameters]
        learned = [block for block in own if block.parameter.is_learned]
        state = next((block.start for block in own if not block.parameter.is_learned), 0)
        for run in step.runs:
            self.step(
                kind,
                width,
                FAN_OUT=run.size,
                COLUMN=column,
                LENGTH=width + 1,
                SOURCE=placed.source + run.source,
                STATE=state + run.state,
                KEPT=self.buffer(step.n_kept - 1) if step.n_kept else -1,
                N_KEPT=step.n_kept,
                OF_BATCH=step.of_batch,
                WEIGHTS=learned[0].start if learned else -1,
                GAIN=self.layout.offset(placed, "gain"),
                PARTIAL=self.partial(step.n_sums),
                LAYER=placed.layer,
                **values,
            )
            column += run.size
        for block in learned:
            low = block.start - learned[0].start
            self.task(low, low + block.size, block.group)

    def inputs(self, grad: int) -> tuple[int, bool, int]:
        """Steps that fill the first layer's input.

        Its buffer; whether a gradient is wanted there; where the factors stand that the layer's
        product is to multiply it by, -1 where there are none.
        """
        a = self.architecture
        width = a.input_width
        x, column = self.buffer(width), 0
        for placed in a.input_steps:
            self.entry(placed, width, column, OUTPUT=x, GRAD_OUTPUT=grad)
            column += placed.step.width
        if a.scale_step is not None:
            is_product_alone = a.layer_steps[0][0] is None and not a.layers[0].residual
            if width >= _WIDE and not self.tasks and is_product_alone:
                return x, False, self.layout.offset(a.scale_step, "scale")
            scaled = self.buffer(width)
            self.entry(a.scale_step, width, INPUT=x, OUTPUT=scaled, GRAD_OUTPUT=grad)
            x = scaled
        return x, bool(self.tasks), -1

    def build(self) -> Plan:
        a, layout = self.architecture, self.layout
        layers = a.layers
        widest = max(a.input_width, *a.sizes[1:])
        least, most = _BLOCK_WEIGHTS
        block_weights = min(max(layout.size // _BLOCKS, least), most)
        gradients = [self.buffer(widest), self.buffer(widest)] if self.training else [-1, -1]
        spare = self.buffer(widest)
        turns = [-1, -1] if self.training else [self.buffer(widest), self.buffer(widest)]
        current = gradients[0]
        stream, learned_inputs, factors = self.inputs(current)
        for i, (layer, (first, dense)) in enumerate(zip(layers, a.layer_steps, strict=True)):
            needs_gradient = i > 0 or learned_inputs or (first is not None and first.step.n_own > 0)
            before = current
            if not layer.residual:
                current = gradients[0] if current == gradients[1] else gradients[1]
            # Going back, `current` holds the gradient at the layer's output, `before` is where
            # the gradient at its input goes, and `product` where its product leaves it first.
            product = before
            if layer.residual and first is not None:
                product = gradients[0] if current == gradients[1] else gradients[1]
            source = stream
            if first is not None:
                source = self.buffer(layer.fan_in) if self.training else spare
                self.entry(
                    first,
                    layer.fan_in,
                    INPUT=stream,
                    OUTPUT=source,
                    GRAD_OUTPUT=product,
                    GRAD_INPUT=before if needs_gradient else -1,
                    ADD_GRADIENT=int(layer.residual),
                )
            in_place = layer.residual and (
                (i > 0 and first is not None and not _looks_back(first.step)) or not self.training
            )
            if in_place:
                output = stream
            elif self.training:
                output = self.buffer(layer.fan_out)
            else:
                output = next(turn for turn in turns if turn != stream)
            free = [turn for turn in turns if turn not in {stream, output}]
            branch = output
            if layer.residual:
                branch = self.branch() if self.training else free[0]
            has_parameter = get_activation(layer.activation).has_parameter
            gain, shift = factors if i == 0 else -1, -1
            if first is not None:
                gain, shift = (layout.offset(first, kind) for kind in ("gain", "shift"))
            self.step(
                at.DENSE,
                layer.fan_out,
                dropout=layer.dropout,
                alpha=1.0 / self.unit(layer.fan_in),
                share=1.0 / layer.divisor,
                FAN_IN=layer.fan_in,
                FAN_OUT=layer.fan_out,
                INPUT=source,
                OUTPUT=output,
                SLOPE=self.buffer(layer.fan_out) if self.training else branch,
                BRANCH=branch,
                RESIDUAL=stream if layer.residual else -1,
                SCALED=spare if gain >= 0 else -1,
                PARAMETER_SLOPE=self.buffer(layer.fan_out)
                if has_parameter and self.training
                else -1,
                GRAD_OUTPUT=current,
                GRAD_INPUT=product if needs_gradient else -1,
                ADD_GRADIENT=int(layer.residual and first is None),
                WEIGHTS=layout.offset(dense, "weights"),
                BIASES=layout.offset(dense, "biases"),
                GAIN=gain,
                SHIFT=shift,
                ACTIVATION=code_of(
                    ACTIVATION_CODES,
                    layer.activation,
                    f"the activation {layer.activation!r}",
                    "it to layerwise.architecture.ACTIVATIONS",
                ),
                ACTIVATION_PARAMETER=layout.offset(dense, "slope"),
                PARTIAL=self.partial(2 * layer.fan_out),
                LAYER=i,
            )
            # The biases are the row below the weights.
            n_rows = layer.fan_in + 1
            n_blocks = max(1, min(n_rows, round(n_rows * layer.fan_out / block_weights)))
            for block in range(n_blocks):
                self.task(n_rows * block // n_blocks, n_rows * (block + 1) // n_blocks)
            stream = output
        return Plan(
            architecture=a,
            layout=layout,
            training=self.training,
            steps=np.array(self.rows),
            dropout=np.array(self.dropout),
            alphas=np.array(self.alphas),
            tasks=np.array(self.tasks, np.int64).reshape(-1, at.N_TASK_COLUMNS),
            row_size=self.row_size,
            partial_size=self.partial_size,
            scores=stream,
            grad_scores=current,
            widest=widest + 1,
            units=np.array(self.units),
            shares=np.array(self.shares),
        )

    def branch(self) -> int:
        """The one buffer that residual layers' activations pass through while training."""
        if not hasattr(self, "_branch"):
            self._branch = self.buffer(
                max(self.architecture.input_width, *self.architecture.sizes[1:])
            )
        return self._branch


def _looks_back(step: Step) -> bool:
    """Whether its way back needs what entered it."""
    back = step.kernels.backward if step.kernels else None
    return back is not None and "inputs" in signature(back).parameters


@lru_cache(maxsize=256)
def plan_of(architecture: Architecture, training: bool) -> Plan:
    """Return the plan of an architecture, for training or for prediction alone."""
    return _Builder(architecture, training).build()
