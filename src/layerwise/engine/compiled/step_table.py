"""An architecture as a table of numbers, which one compiled program reads.

A row for each step, in the order of the forward pass: gather the inputs, normalise, multiply and
activate. A row says what the step does, its sizes, where its parameters stand in the vector and
where its rows of numbers stand in the workspace. Nothing is compiled for a new architecture.

Buffers. While training, a layer keeps two things for the backward pass: its input (normalised,
where it is) and, in the buffer that held its pre-activations, the slope of its activation, which
the backward pass turns into dL/dz. A residual stream whose layers are normalised runs through one
buffer in place. At prediction two buffers take turns.

Where an ensemble of networks that share weights (Gorishniy et al. 2025, TabM) will stand: its
members are rows of the batch, row r being member r % members, so that a product serves all of
them. What differs between members is a factor on each column: a SCALE step, whose factors have
the shape (members, width), and the loss's output layer.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, get_activation
from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.elementwise import ACTIVATION_CODES
from layerwise.engine.compiled.formulas import code_of
from layerwise.engine.layout import Layout, layout_of

__all__ = ["Plan", "plan_of"]

# A weight matrix's gradient is cut into blocks of rows, so that threads can share them: about so
# many blocks in all, of at least and at most so many weights. The cut depends on sizes alone.
_BLOCKS = 6
_BLOCK_WEIGHTS = (4_096, 65_536)

# Steps whose FAN_OUT is the width of their output; other steps fill part of the inputs.
_OWN_WIDTH = {at.SCALE, at.LAYER_NORM, at.BATCH_NORM, at.DENSE}


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
    steps: NDArray[np.int64]
    dropout: NDArray[np.float64]
    alphas: NDArray[np.float64]
    units: NDArray[np.float64]
    tasks: NDArray[np.int64]
    row_size: int
    partial_size: int
    scores: int
    grad_scores: int
    widest: int

    def steps_for(self, capacity: int) -> NDArray[np.int64]:
        """The steps with their buffers where they stand for batches of up to `capacity` rows."""
        steps = self.steps.copy()
        buffers = steps[:, at.BUFFERS]
        steps[:, at.BUFFERS] = np.where(buffers >= 0, buffers * capacity, buffers)
        return steps

    @property
    def weights_per_row(self) -> int:
        """Multiplications that one row's forward pass takes."""
        dense = self.steps[self.steps[:, at.KIND] == at.DENSE]
        return int((dense[:, at.FAN_IN] * dense[:, at.FAN_OUT]).sum())


class _Builder:
    def __init__(self, architecture: Architecture, training: bool) -> None:
        self.architecture = architecture
        self.layout = layout_of(architecture)
        self.training = training
        self.rows: list[NDArray[np.int64]] = []
        self.dropout: list[float] = []
        self.alphas: list[float] = []
        self.units: list[float] = []
        self.tasks: list[tuple[int, int, int]] = []
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

    def step(self, kind: int, dropout: float = 0.0, alpha: float = 1.0, **values: int) -> None:
        row = np.full(at.N_COLUMNS, -1, np.int64)
        row[at.KIND] = kind
        for name, value in values.items():
            row[getattr(at, name)] = value
        self.rows.append(row)
        self.dropout.append(dropout)
        self.alphas.append(alpha)
        width = values["FAN_OUT"] if kind in _OWN_WIDTH else self.architecture.input_width
        self.units.append(self.unit(width))

    def unit(self, width: int) -> float:
        return width**0.5 if self.architecture.scaling == "neural_tangent" else 1.0

    def task(self, low: int = 0, high: int = 0) -> None:
        self.tasks.append((len(self.rows) - 1, low, high))

    def inputs(self, grad: int) -> tuple[int, bool]:
        """Steps that fill the first layer's input; its buffer, and whether it has parameters."""
        a, layout = self.architecture, self.layout
        width = a.input_width
        x = self.buffer(width)
        column, learned = 0, bool(a.periodic)
        if a.periodic:
            self.step(
                at.PERIODIC,
                FAN_IN=a.n_inputs,
                FAN_OUT=a.periodic.n_frequencies,
                OUTPUT=x,
                COLUMN=0,
                LENGTH=width + 1,
                WEIGHTS=layout.offset(-1, "frequencies"),
                GRAD_OUTPUT=grad,
                PARTIAL=self.partial(a.n_inputs * a.periodic.n_frequencies),
            )
            self.task(0, a.n_inputs)
            column = 2 * a.n_inputs * a.periodic.n_frequencies
        elif a.n_inputs:
            self.step(at.GATHER, FAN_IN=a.n_inputs, OUTPUT=x, COLUMN=0, LENGTH=width + 1)
            column = a.n_inputs
        edges = layout.offset(-1, "edges")
        for i, count in enumerate(a.pieces):
            if count:
                self.step(
                    at.PIECEWISE, FAN_OUT=count, OUTPUT=x, COLUMN=column, LENGTH=width + 1,
                    SOURCE=i, STATE=edges,
                )  # fmt: skip
                column, edges = column + count, edges + count + 1
        for i, embedding in enumerate(a.embeddings):
            block = layout.embedding(i)
            self.step(
                at.ONE_HOT if block is None else at.EMBED,
                FAN_IN=embedding.n_values,
                FAN_OUT=embedding.size,
                OUTPUT=x,
                COLUMN=column,
                LENGTH=width + 1,
                SOURCE=i,
                WEIGHTS=-1 if block is None else block.start,
                GRAD_OUTPUT=grad,
            )
            if block is not None:
                self.task(0, embedding.n_values)
                learned = True
            column += embedding.size
        if a.input_scale:
            scaled = self.buffer(width)
            self.step(
                at.SCALE,
                FAN_IN=width,
                FAN_OUT=width,
                LENGTH=width + 1,
                COLUMN=0,
                MEMBERS=1,
                INPUT=x,
                OUTPUT=scaled,
                WEIGHTS=layout.offset(-1, "scale"),
                GRAD_OUTPUT=grad,
                PARTIAL=self.partial(width),
            )
            self.task(0, 1)
            x, learned = scaled, True
        return x, learned

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
        stream, learned_inputs = self.inputs(current)
        for i, layer in enumerate(layers):
            needs_gradient = i > 0 or learned_inputs
            before = current
            if not layer.residual:
                current = gradients[0] if current == gradients[1] else gradients[1]
            # Going back, `current` holds the gradient at the layer's output, `before` is where
            # the gradient at its input goes, and `product` where its product leaves it first.
            product = before
            if layer.residual and layer.normalization:
                product = gradients[0] if current == gradients[1] else gradients[1]
            source = stream
            if layer.normalization:
                source = self.normalize(i, stream, spare, product, before, needs_gradient)
            in_place = layer.residual and (
                (i > 0 and bool(layer.normalization)) or not self.training
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
            self.step(
                at.DENSE,
                dropout=layer.dropout,
                alpha=1.0 / self.unit(layer.fan_in),
                FAN_IN=layer.fan_in,
                FAN_OUT=layer.fan_out,
                INPUT=source,
                OUTPUT=output,
                SLOPE=self.buffer(layer.fan_out) if self.training else branch,
                BRANCH=branch,
                RESIDUAL=stream if layer.residual else -1,
                SCALED=spare if layer.normalization else -1,
                PARAMETER_SLOPE=self.buffer(layer.fan_out)
                if has_parameter and self.training
                else -1,
                GRAD_OUTPUT=current,
                GRAD_INPUT=product if needs_gradient else -1,
                ADD_GRADIENT=int(layer.residual and not layer.normalization),
                WEIGHTS=layout.offset(i, "weights"),
                BIASES=layout.offset(i, "biases"),
                GAIN=layout.offset(i, "gain"),
                SHIFT=layout.offset(i, "shift"),
                ACTIVATION=code_of(
                    ACTIVATION_CODES,
                    layer.activation,
                    f"the activation {layer.activation!r}",
                    "it to layerwise.architecture.ACTIVATIONS",
                ),
                ACTIVATION_PARAMETER=layout.offset(i, "slope"),
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
        )

    def branch(self) -> int:
        """The one buffer that residual layers' activations pass through while training."""
        if not hasattr(self, "_branch"):
            self._branch = self.buffer(
                max(self.architecture.input_width, *self.architecture.sizes[1:])
            )
        return self._branch

    def normalize(
        self, i: int, stream: int, spare: int, grad: int, grad_input: int, needs_gradient: bool
    ) -> int:
        """The step that normalises a layer's input; the buffer it leaves it in."""
        layer = self.architecture.layers[i]
        normalized = self.buffer(layer.fan_in) if self.training else spare
        is_batch = layer.normalization == "batch"
        self.step(
            at.BATCH_NORM if is_batch else at.LAYER_NORM,
            FAN_IN=layer.fan_in,
            FAN_OUT=layer.fan_in,
            INPUT=stream,
            OUTPUT=normalized,
            GRAD_OUTPUT=grad,
            GRAD_INPUT=grad_input if needs_gradient else -1,
            ADD_GRADIENT=int(layer.residual),
            ROOTS=-1 if is_batch else self.buffer(0),
            STATE=self.layout.offset(i, "mean"),
            GAIN=self.layout.offset(i, "gain"),
            PARTIAL=self.partial(6 * layer.fan_in) if is_batch else -1,
            LAYER=i,
        )
        return normalized


@lru_cache(maxsize=256)
def plan_of(architecture: Architecture, training: bool) -> Plan:
    """Return the plan of an architecture, for training or for prediction alone."""
    return _Builder(architecture, training).build()
