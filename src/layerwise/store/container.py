"""The file that a model is kept in: safetensors for its numbers, JSON for all else.

The safetensors metadata hold two texts. "layerwise" is JSON: the version of this format, the
versions of the libraries that wrote it, a checksum of the arrays, and the facts. "sha256" is the
checksum of that JSON. So no byte can change unnoticed, and a program that knows safetensors alone
can read the numbers. Reading runs no code.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise import __version__
from layerwise.store.errors import ModelFileError
from layerwise.store.writing import write_whole

__all__ = ["read_container", "write_container"]

_VERSION = 1
_WANTED = "a model file is wanted, as `save` writes it"

Array = NDArray[Any]


def write_container(
    path: str | os.PathLike[str], facts: Mapping[str, Any], arrays: Mapping[str, Array]
) -> None:
    """Write facts and arrays as one file, whole or not at all.

    Raises
    ------
    ModelFileError
        If it cannot be written.
    """
    from safetensors.numpy import save

    numbers = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    text = json.dumps(
        {
            "layerwise_model": _VERSION,
            "versions": {
                "layerwise": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            "arrays_sha256": _checksum(numbers),
            "facts": facts,
        },
        ensure_ascii=False,
    )
    metadata = {"layerwise": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    write_whole(path, save(numbers, metadata=metadata))


def read_container(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read the facts and arrays that `write_container` wrote.

    Raises
    ------
    ModelFileError
        If there is no such file, it is no model, is damaged, or is from a newer version.
    """
    from safetensors import SafetensorError, safe_open

    if Path(path).is_dir():
        raise ModelFileError(f"{path} is a folder; {_WANTED}")
    try:
        if Path(path).stat().st_size == 0:
            raise ModelFileError(f"{path} is empty; {_WANTED}")
        with safe_open(str(path), framework="numpy") as file:
            text = _checked_text(path, file.metadata() or {})
            content = json.loads(text)
            _check_version(path, content)
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(f"cannot read {path}: {reason}; {_WANTED}") from error
    except (SafetensorError, TypeError, json.JSONDecodeError) as error:
        raise ModelFileError(
            f"{path} is no model file, or is damaged ({error}); {_WANTED}: save the model again, "
            "or take another copy of the file"
        ) from None
    if content["arrays_sha256"] != _checksum(arrays):
        raise _damaged(path, "its numbers")
    return content["facts"], arrays


def _checked_text(path: str | os.PathLike[str], metadata: Mapping[str, str]) -> str:
    text = metadata.get("layerwise")
    if text is None or "sha256" not in metadata:
        raise ModelFileError(f"{path} holds arrays, but no model of Layerwise; {_WANTED}")
    if hashlib.sha256(text.encode()).hexdigest() != metadata["sha256"]:
        raise _damaged(path, "its description")
    return text


def _check_version(path: str | os.PathLike[str], content: Any) -> None:
    version = content.get("layerwise_model") if isinstance(content, dict) else None
    if not isinstance(version, int):
        raise ModelFileError(f"{path} holds arrays, but no model of Layerwise; {_WANTED}")
    if version > _VERSION:
        written_by = content.get("versions", {}).get("layerwise", "a newer version")
        raise ModelFileError(
            f"{path} was written by a newer Layerwise ({written_by}, format {version}; this one, "
            f"{__version__}, reads up to format {_VERSION}): install that version to read it"
        )


def _damaged(path: str | os.PathLike[str], what: str) -> ModelFileError:
    return ModelFileError(
        f"{path} is damaged: {what} are not what was saved; take another copy of the file, or "
        "train the model again"
        if what.endswith("s")
        else f"{path} is damaged: {what} is not what was saved; take another copy of the file, or "
        "train the model again"
    )


def _checksum(arrays: Mapping[str, Array]) -> str:
    """SHA-256 of all names, types, shapes and numbers."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
