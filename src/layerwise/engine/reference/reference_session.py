"""The plain engine's steps: the gradient from `layerwise.engine.reference.passes`, and updates."""

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from layerwise.architecture import Architecture, get_activation
from layerwise.arrays import Array, Floats, Integers
from layerwise.engine.layout import EMBEDDINGS, GROUPS, WEIGHTS, layout_of
from layerwise.engine.optimizers import Optimizer
from layerwise.engine.protocol import Batches, Setup
from layerwise.engine.reference.passes import (
    Trace,
    backward,
    forward,
    loss_and_gradient_of_scores,
)


class ReferenceSession:
    """One fit in the NumPy engine; see `layerwise.engine.protocol.Session`."""

    def __init__(self, setup: Setup) -> None:
        self.architecture, self.objective = setup.architecture, setup.objective
        self.data, self.vectors = setup.data, setup.vectors
        layout = layout_of(setup.architecture)
        self._groups = np.zeros(layout.size, np.int64)
        for block in layout.blocks:
            self._groups[block.start : block.stop] = block.group
        # What penalties and weight decay apply to.
        self._penalized = np.isin(self._groups, (WEIGHTS, EMBEDDINGS))

    def run(self, batches: Batches) -> tuple[Floats, Floats]:
        """Take one step for each batch; see `Session.run`."""
        losses, penalties = np.zeros(len(batches)), np.zeros(len(batches))
        l1, l2 = self.objective.l1, self.objective.l2
        for i in range(len(batches)):
            batch = batches[i : i + 1]
            losses[i] = self._gradient(batch)
            if self.objective.optimizer is not None:
                self._update(self.objective.optimizer, batch)
            if batch.ends_epoch[0]:
                w = self.vectors.parameters[self._penalized].astype(np.float64)
                penalties[i] = l1 * np.abs(w).sum() + 0.5 * l2 * (w @ w)
        return losses, penalties

    def _gradient(self, batch: Batches) -> float:
        v, objective, architecture = self.vectors, self.objective, self.architecture
        rows = batch.order[batch.starts[0] : batch.stops[0]]
        trace = forward(
            architecture,
            v.parameters,
            v.state,
            self.data.x[rows],
            self.data.codes[rows],
            training=True,
            dropout=batch.dropouts[0],
            key=int(batch.keys[0]),
            momentum=np.float64(objective.norm_momentum),
        )
        weight = self.data.weight[rows] if self.data.weight.size else self.data.weight
        normalizer = np.float64(objective.normalizer)
        loss, grad_scores = loss_and_gradient_of_scores(
            objective.loss, trace.scores, self.data.y[rows], weight, normalizer
        )
        gradient = backward(architecture, v.parameters, trace, loss, grad_scores).vector
        penalty = np.float64(objective.l1) * np.sign(v.parameters)
        penalty = penalty + np.float64(objective.l2) * v.parameters
        if objective.penalize_sum:
            penalty /= normalizer or (weight.sum() if weight.size else len(rows)) or 1
        v.gradient[:] = gradient + self._penalized * penalty
        if batch.looks[0]:
            self._look_for_dead_nodes(trace)
        return loss

    def _look_for_dead_nodes(self, trace: Trace) -> None:
        layout = layout_of(self.architecture)
        for i, layer in enumerate(self.architecture.layers):
            seen, (_, dense) = trace.layers[i], self.architecture.layer_steps[i]
            slope = seen.product.numbers.get("slope")
            parameters = () if slope is None else (slope,)
            slopes = get_activation(layer.activation).slope(seen.pre_activation, *parameters)
            start = layout.offset(dense, "biases")
            self.vectors.alive[start : start + layer.fan_out] |= (slopes != 0).any(axis=0)

    def _update(self, optimizer: Optimizer, batch: Batches) -> None:
        v, clip = self.vectors, self.objective.clip_norm
        g, precision = v.gradient, v.gradient.dtype.type
        norm = float(np.sqrt((g.astype(np.float64) ** 2).sum()))
        if clip > 0 and norm > clip:
            g = g * precision(clip / norm)
        factors = np.array([optimizer.rate_factors.get(group, 1.0) for group in GROUPS])
        group_rate = factors[self._groups].astype(g.dtype)
        rates = batch.learning_rates
        decay = self._penalized * group_rate * (rates * batch.weight_decays)[0]
        v.parameters *= (1.0 - decay).astype(g.dtype)
        # In double precision, whatever that of the network: what is kept of it is rounded once.
        steps = optimizer.step_numbers(rates, batch.steps)
        numbers = {name: values[0] for name, values in steps.items()}
        numbers |= {name: np.float64(value) for name, value in optimizer.constants().items()}
        numbers |= {"rate": group_rate * precision(numbers["rate"])}
        m, s = v.moments
        rule = optimizer.rule
        if rule.moments is not None:
            m[:], s[:] = _by_name(rule.moments, g=g, m=m, v=s, **numbers)
        v.parameters -= _by_name(rule.change, g=g, m=m, v=s, **numbers).astype(g.dtype)
        share = batch.averages[0]
        if share:
            v.average += (share * (v.parameters - v.average)).astype(g.dtype)

    def close(self) -> None:
        """Nothing to let go of."""


def _by_name(formula: Callable[..., Any], **values: Any) -> Any:
    return formula(**{name: values[name] for name in signature(formula).parameters})


class ReferencePredictor:
    """Predictions in the NumPy engine; see `layerwise.engine.protocol.Predictor`."""

    def __init__(self, architecture: Architecture, dtype: Any, scores: bool = False) -> None:
        self.architecture, self.scores = architecture, scores

    def outputs(
        self,
        parameters: Array,
        state: Array,
        x: Array,
        codes: Array,
        n_threads: int | None = None,
        order: Integers | None = None,
    ) -> Array:
        """The outputs for each row; see `Predictor.outputs`."""
        if order is not None:
            x, codes = x[order], codes[order]
        trace = forward(self.architecture, parameters, state, x, codes)
        return trace.scores if self.scores else trace.outputs
