"""Checkpoints: all that a training needs to go on as if it had never stopped.

A checkpoint is a safetensors file: numbers by name, and one JSON text. Reading it runs no code.
"""

import contextlib
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.engine.session import Data
from layerwise.network.inputs import is_sparse

__all__ = ["Checkpoint", "fingerprint", "load_checkpoint", "save_checkpoint"]

_VERSION = 1


@dataclass
class Checkpoint:
    """The numbers and the facts of a training after an epoch."""

    arrays: dict[str, NDArray[Any]]
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
    """Write a checkpoint so that the file is at all times either the old or the new one, whole."""
    from safetensors.numpy import save

    target = Path(path)
    facts = json.dumps({"layerwise_checkpoint": _VERSION, **checkpoint.facts})
    arrays = {name: np.ascontiguousarray(array) for name, array in checkpoint.arrays.items()}
    payload = save(arrays, metadata={"facts": facts})
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise OSError(f"cannot write the checkpoint {target}: {error.strerror or error}") from error


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
        version = facts.pop("layerwise_checkpoint")
        is_newer = version > _VERSION
    except (SafetensorError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a checkpoint, or is damaged: {error!r}") from None
    if is_newer:
        raise ValueError(
            f"{path} was written by a newer Layerwise (checkpoint format {version}; this one "
            f"reads up to {_VERSION})"
        )
    return Checkpoint(arrays, facts)
