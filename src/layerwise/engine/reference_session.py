"""Training in the plain engine: the gradient from `layerwise.engine.reference`, and each step."""

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, get_activation
from layerwise.engine import columns as at
from layerwise.engine.layout import EMBEDDINGS, WEIGHTS, layout_of
from layerwise.engine.reference import (
    Trace,
    backward,
    block_of,
    forward,
    loss_and_gradient_of_scores,
)
from layerwise.engine.session import Data, Objective, Vectors
from layerwise.engine.updates import ADAM, GRADIENT_ONLY, SGD

__all__ = ["ReferenceSession"]


class ReferenceSession:
    """One fit in the NumPy engine; see `layerwise.engine.session.Session`."""

    def __init__(
        self,
        architecture: Architecture,
        objective: Objective,
        data: Data,
        vectors: Vectors,
        batch_size: int,
        n_threads: int | None = None,
    ) -> None:
        self.architecture, self.objective = architecture, objective
        self.data, self.vectors = data, vectors
        self.settings = objective.settings_array(np.float64)
        layout = layout_of(architecture)
        self._groups = np.zeros(layout.size, np.int64)
        for block in layout.blocks:
            self._groups[block.start : block.stop] = block.group
        # What penalties and weight decay apply to.
        self._penalized = np.isin(self._groups, (WEIGHTS, EMBEDDINGS))

    def run(
        self, order: NDArray[np.int64], batches: NDArray[np.int64], hyper: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Take one step for each batch; see `Session.run`."""
        losses = np.zeros(len(batches))
        self.penalties = np.zeros(len(batches))
        for i, (batch, numbers) in enumerate(zip(batches, hyper, strict=True)):
            rows = order[batch[at.BATCH_START] : batch[at.BATCH_STOP]]
            losses[i] = self._gradient(rows, batch, numbers[at.DROPOUT])
            if self.objective.optimizer != GRADIENT_ONLY:
                self._update(numbers)
            if batch[at.BATCH_ENDS_EPOCH]:
                w = self.vectors.parameters[self._penalized].astype(np.float64)
                l1, l2 = self.settings[at.L1], self.settings[at.L2]
                self.penalties[i] = l1 * np.abs(w).sum() + 0.5 * l2 * (w @ w)
        return losses

    def _gradient(self, rows: NDArray[np.int64], batch: NDArray[np.int64], dropout: float) -> float:
        v, settings, architecture = self.vectors, self.settings, self.architecture
        trace = forward(
            architecture,
            v.parameters,
            v.state,
            self.data.x[rows],
            self.data.codes[rows],
            training=True,
            dropout=dropout,
            key=int(batch[at.BATCH_KEY]),
            momentum=settings[at.NORM_MOMENTUM],
        )
        weight = self.data.weight[rows] if self.data.weight.size else self.data.weight
        loss, grad_scores = loss_and_gradient_of_scores(
            self.objective.loss,
            trace.scores,
            self.data.y[rows],
            weight,
            settings[at.NORMALIZER],
        )
        gradient = backward(architecture, v.parameters, trace, loss, grad_scores).vector
        penalty = settings[at.L1] * np.sign(v.parameters) + settings[at.L2] * v.parameters
        if settings[at.PENALIZE_SUM]:
            penalty /= settings[at.NORMALIZER] or (weight.sum() if weight.size else len(rows)) or 1
        v.gradient[:] = gradient + self._penalized * penalty
        if batch[at.BATCH_LOOKS]:
            self._look_for_dead_nodes(trace)
        return loss

    def _look_for_dead_nodes(self, trace: Trace) -> None:
        layout = layout_of(self.architecture)
        for i, layer in enumerate(self.architecture.layers):
            activation = get_activation(layer.activation)
            slope = block_of(layout, self.vectors.parameters, i, "slope")
            parameters = () if slope is None else (slope,)
            seen = activation.slope(trace.layers[i].pre_activation, *parameters)
            start = layout.offset(i, "biases")
            self.vectors.alive[start : start + layer.fan_out] |= (seen != 0).any(axis=0)

    def _update(self, numbers: NDArray[np.float64]) -> None:
        v, settings = self.vectors, self.settings
        g = v.gradient
        clip = settings[at.CLIP_NORM]
        norm = float(np.sqrt((g.astype(np.float64) ** 2).sum()))
        if clip > 0 and norm > clip:
            g = g * g.dtype.type(clip / norm)
        group_rate = settings[at.GROUP_RATES + self._groups].astype(g.dtype)
        rate = group_rate * g.dtype.type(numbers[at.RATE])
        decay = self._penalized * group_rate * numbers[at.DECAY_RATE]
        v.parameters *= (1.0 - decay).astype(g.dtype)
        m, s = v.moments
        beta1, beta2 = settings[at.BETA_1], settings[at.BETA_2]
        if self.objective.optimizer == ADAM:
            m[:] = beta1 * m + (1 - beta1) * g
            s[:] = beta2 * s + (1 - beta2) * g * g
            root = np.sqrt(s) * numbers[at.SECOND_ROOT] + settings[at.EPSILON]
            v.parameters -= (rate * m / root).astype(g.dtype)
        elif self.objective.optimizer == SGD:
            momentum, nesterov = settings[at.MOMENTUM], settings[at.NESTEROV]
            if momentum:
                m[:] = momentum * m + g
            step = g if not momentum else g + momentum * m if nesterov else m
            v.parameters -= (rate * step).astype(g.dtype)
        else:
            s[:] = beta2 * s + (1 - beta2) * g * g
            v.parameters -= (rate * g / (np.sqrt(s) + settings[at.EPSILON])).astype(g.dtype)
        share = numbers[at.AVERAGE]
        if share:
            v.average += (share * (v.parameters - v.average)).astype(g.dtype)

    def close(self) -> None:
        """Nothing to let go of."""
