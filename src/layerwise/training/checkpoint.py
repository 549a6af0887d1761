"""Checkpoints: all that a training needs to go on as if it had never stopped.

A checkpoint is a safetensors file: numbers by name, and one JSON text with a checksum of both, so
that no byte can change unnoticed. Reading it runs no code.
"""

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.engine.protocol import Data
from layerwise.files.atomic_writing import write_whole
from layerwise.files.container import checksum
from layerwise.network.inputs import is_sparse

_VERSION = 2  # the first one had no checksum
_MARK = "layerwise_checkpoint"


@dataclass
class Checkpoint:
    """The numbers and the facts of a training after an epoch."""

    arrays: dict[str, Array]
    facts: dict[str, Any]


def fingerprint(data: Data) -> str:
    """A number that tells one table from another: shapes and a checksum of all values."""
    parts = []
    sparse: Any = data.x
    x = (sparse.data, sparse.indices, sparse.indptr) if is_sparse(data.x) else (data.x,)
    for array in (*x, data.codes, data.y, data.weight):
        numbers: Any = np.ascontiguousarray(array).ravel().view(np.uint8)
        parts.append(f"{array.shape}:{zlib.crc32(numbers):08x}")
    return " ".join(parts)


def save_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Write a checkpoint so that the file is at all times either the old or the new one, whole.

    Raises
    ------
    FileWriteError
        If it cannot be written.
    """
    from safetensors.numpy import save

    facts = {_MARK: _VERSION, **checkpoint.facts}
    arrays = {name: np.ascontiguousarray(array) for name, array in checkpoint.arrays.items()}
    facts["sha256"] = _digest(facts, arrays)
    payload = save(arrays, metadata={"facts": json.dumps(facts)})
    write_whole(path, payload, "the checkpoint")


def is_checkpoint(path: Path) -> bool:
    """Whether a file is a checkpoint, or the beginning of one: by its first bytes."""
    try:
        with path.open("rb") as file:
            # The length of the header comes first, and then the header, in JSON.
            return _MARK.encode() in file.read(80)[8:]
    except OSError:
        return False


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    ValueError
        If the file is no checkpoint, is damaged, or was written by a newer version.
    OSError
        If it cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    Path(path).open("rb").close()  # a missing file or folder gets the operating system's error
    try:
        with safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        facts = json.loads(metadata["facts"])
        version = facts[_MARK]
        is_newer = version > _VERSION
    except (SafetensorError, LookupError, ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"{path} is not a checkpoint, or is damaged: {error!r}") from None
    if is_newer:
        raise ValueError(
            f"{path} was written by a newer Layerwise (checkpoint format {version}; this one "
            f"reads up to {_VERSION})"
        )
    digest = facts.pop("sha256", None)
    if (version > 1 or digest is not None) and digest != _digest(facts, arrays):
        raise ValueError(
            f"{path} is not a checkpoint, or is damaged: it does not hold what was saved; take "
            "another copy of it, or remove it to train from the start"
        )
    del facts[_MARK]
    return Checkpoint(arrays, facts)


def _digest(facts: dict[str, Any], arrays: dict[str, Array]) -> str:
    text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    return checksum({**arrays, "facts": text})
