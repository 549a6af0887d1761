"""Frames: what a page draws at one moment, as numbers that it reads without a copy.

A frame is the length of a header (uint32, little-endian), the header (JSON), and arrays, each of
which begins at a multiple of 8 bytes. The header names them, with their types and shapes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Array, Codes, Integers
from layerwise.engine.reference import Trace
from layerwise.playground.choices import WrongChoice
from layerwise.playground.input_plane import GRID, Plane
from layerwise.playground.learner import Learner
from layerwise.playground.material import Material

MOST_NODES_DRAWN = 16  # of a layer
MOST_LAYERS_DRAWN = 12
MOST_POINTS_DRAWN = 1_000
_ALIGNED = 8
_FARTHEST = 1e6


@dataclass(frozen=True, eq=False)
class Point:
    """The one row that is followed through the network.

    Attributes
    ----------
    x : ndarray of float32, shape (1, n_inputs)
    codes : ndarray of int32, shape (1, n_codes)
    y : float or None
        Its target, as the network is trained on it; None: not known.
    row : int or None
        Its number among the material's rows.
    """

    x: NDArray[np.float32]
    codes: Codes
    y: float | None = None
    row: int | None = None

    @classmethod
    def of_row(cls, material: Material, row: int) -> Point:
        """Follow one of the rows.

        Raises
        ------
        WrongChoice
            If there is no such row.
        """
        if not 0 <= row < len(material):
            raise WrongChoice(f"there is no row {row}")
        part = slice(row, row + 1)
        return cls(material.x[part], material.codes[part], float(material.y[row, 0]), row)

    @classmethod
    def of_place(cls, plane: Plane, x: float, y: float) -> Point:
        """Follow a place on the plane.

        Raises
        ------
        WrongChoice
            If it lies too far outside.
        """
        if max(abs(x), abs(y)) > _FARTHEST:
            raise WrongChoice("the point lies too far outside")
        return cls(*plane.rows(np.array([[x, y]], np.float64)))


def packed(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Write a frame.

    Examples
    --------
    >>> frame = packed({"step": 3}, {"vector": np.array([1.0, 2.0], np.float32)})
    >>> length = int.from_bytes(frame[:4], "little")
    >>> json.loads(frame[4 : 4 + length])
    {'step': 3, 'arrays': [['vector', 'f4', [2]]]}
    >>> np.frombuffer(frame, "<f4", 2, 4 + length).tolist()
    [1.0, 2.0]
    """
    named = [
        [name, array.dtype.str.lstrip("<>|="), list(array.shape)] for name, array in arrays.items()
    ]
    text = json.dumps({**header, "arrays": named}, allow_nan=False).encode()
    text += b" " * (-(4 + len(text)) % _ALIGNED)
    parts = [struct.pack("<I", len(text)), text]
    for array in arrays.values():
        numbers = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        parts += [numbers, b"\0" * (-len(numbers) % _ALIGNED)]
    return b"".join(parts)


def drawn_rows(learner: Learner) -> Integers:
    """The rows whose points are drawn: all, or as many, evenly, of those to train and to test."""
    material = learner.material
    n = len(material)
    if n <= MOST_POINTS_DRAWN:
        return np.arange(n)
    chosen = np.random.default_rng(0).choice(n, MOST_POINTS_DRAWN, replace=False)
    return np.sort(chosen)


def picture(
    learner: Learner, plane: Plane, point: Point | None, rows: Integers
) -> tuple[dict[str, Any], dict[str, Array]]:
    """What a frame shows of a network: (what stands in its header, its arrays).

    Parameters
    ----------
    learner : Learner
    plane : Plane
    point : Point or None
        The row that is followed.
    rows : ndarray of int64
        Whose points are drawn.
    """
    # Numbers of a training that is about to diverge may be too large for products of them.
    with np.errstate(all="ignore"):
        return _picture(learner, plane, point, rows)


def _picture(
    learner: Learner, plane: Plane, point: Point | None, rows: Integers
) -> tuple[dict[str, Any], dict[str, Array]]:
    network, material = learner.network, learner.material
    measured = learner.measure()
    gradient = learner.gradient()
    norms = learner.gradient_norms(gradient)
    header: dict[str, Any] = {
        "step": learner.step,
        "epoch": learner.epoch,
        "into_epoch": learner.training.steps_into_epoch,
        "stopped": learner.stopped,
        "loss": [_finite(x) for x in measured.loss],
        "score": [_finite(x) for x in measured.score],
        "rate": learner.training.learning_rate(),
        "dead": learner.dead_shares(),
        "gradient": [_finite(x) if learner.has_gradient else None for x in norms],
        "confusion": learner.confusion().tolist() if material.classes else None,
    }
    arrays: dict[str, Array] = {
        "vector": network.vector.astype(np.float32),
        "grad": gradient.astype(np.float32),
    }
    arrays |= _of_plane(network.forward(*plane.grid), learner)
    outputs = network(material.x[rows], material.codes[rows], n_threads=1)
    predicted = outputs.argmax(axis=1) if material.classes else material.in_units(outputs[:, 0])
    arrays["predicted"] = predicted.astype(np.float32)
    if point is not None:
        arrays |= _of_point(learner, point)
        header["row"] = point.row
        header["point"] = [float(point.x[0, axis]) for axis in plane.axes]
        if point.y is not None:
            header["target"] = float(material.in_units(np.array(point.y)))
    return header, arrays


def _of_plane(trace: Trace, learner: Learner) -> dict[str, Array]:
    """Pictures of nodes and outputs over the plane."""
    drawn = [layer.output[:, :MOST_NODES_DRAWN].T for layer in trace.layers[:-1]]
    drawn = drawn[:MOST_LAYERS_DRAWN]
    nodes = np.concatenate(drawn) if drawn else np.zeros((0, GRID * GRID))
    nodes = np.nan_to_num(nodes)
    spans = np.abs(nodes).max(axis=1, initial=0.0)
    scaled = nodes * (127.0 / np.where(spans > 0, spans, 1.0))[:, None]
    found = {
        "nodes": scaled.round().astype(np.int8).reshape(-1, GRID, GRID),
        "spans": spans.astype(np.float32),
    }
    outputs = np.nan_to_num(trace.outputs.T.astype(np.float64))
    if learner.material.classes:
        found["outputs"] = (outputs * 255).round().astype(np.uint8).reshape(-1, GRID, GRID)
        return found
    values = learner.material.in_units(outputs)
    targets = learner.material.in_units(learner.material.y)
    low, high = float(targets.min()), float(targets.max())
    spread = high - low or 1.0
    shown = np.clip((values - low) / spread, 0.0, 1.0)
    found["outputs"] = (shown * 255).round().astype(np.uint8).reshape(-1, GRID, GRID)
    found["range"] = np.array([low, high], np.float32)
    return found


def _of_point(learner: Learner, point: Point) -> dict[str, Array]:
    """What one row's way through the network gave."""
    network = learner.network
    trace = network.forward(point.x, point.codes)
    found = {
        "row_inputs": trace.features[0].astype(np.float32),
        "row_before": np.concatenate([z[0] for z in trace.pre_activations]).astype(np.float32),
        "row_values": np.concatenate([layer.output[0] for layer in trace.layers]).astype(
            np.float32
        ),
        "row_outputs": trace.outputs[0].astype(np.float32),
    }
    if point.y is not None:
        gradients = network.backward(trace, np.array([[point.y]]), learner.loss)
        found["row_grad"] = np.concatenate([g[0] for g in gradients.activations]).astype(np.float32)
        found["row_weight_grad"] = gradients.vector.astype(np.float32)
        found["row_loss"] = np.array([gradients.loss], np.float32)
    return found


def _finite(x: float | None) -> float | None:
    return None if x is None or not np.isfinite(x) else float(x)
