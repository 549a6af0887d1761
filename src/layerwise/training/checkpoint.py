"""Checkpoints: all that a training needs to go on as if it had never stopped.

A checkpoint is a safetensors file: numbers by name, and one JSON text. Reading it runs no code.
"""

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.engine.session import Data
from layerwise.files.writing import write_whole
from layerwise.network.inputs import is_sparse

__all__ = ["Checkpoint", "fingerprint", "is_checkpoint", "load_checkpoint", "save_checkpoint"]

_VERSION = 1
_MARK = "layerwise_checkpoint"


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
    """Write a checkpoint so that the file is at all times either the old or the new one, whole.

    Raises
    ------
    FileWriteError
        If it cannot be written.
    """
    from safetensors.numpy import save

    facts = json.dumps({_MARK: _VERSION, **checkpoint.facts})
    arrays = {name: np.ascontiguousarray(array) for name, array in checkpoint.arrays.items()}
    write_whole(path, save(arrays, metadata={"facts": facts}), "the checkpoint")


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
        version = facts.pop(_MARK)
        is_newer = version > _VERSION
    except (SafetensorError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a checkpoint, or is damaged: {error!r}") from None
    if is_newer:
        raise ValueError(
            f"{path} was written by a newer Layerwise (checkpoint format {version}; this one "
            f"reads up to {_VERSION})"
        )
    return Checkpoint(arrays, facts)
