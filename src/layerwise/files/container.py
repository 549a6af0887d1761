"""The file that a model is kept in: safetensors for its numbers, JSON for all else.

The safetensors metadata hold one JSON text: the version of this format, the versions of the
libraries that wrote it, a checksum of the arrays, the facts, and, first, a checksum of all these.
So no byte can change unnoticed, and a program that knows safetensors alone can read the numbers.
Reading runs no code.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.files.atomic_writing import ModelFileError, write_whole
from layerwise.version import __version__

_VERSION = 2  # the first knew no times of day, durations and hundreds of years
# safetensors reads descriptions of up to 100 MB, in which a quotation mark takes two bytes.
_MOST_TEXT = 45_000_000
_KEYS = {"layerwise_model", "versions", "arrays_sha256", "facts", "sha256"}
_WANTED = "a model file is wanted, as `save` writes it"


def write_container(
    path: str | os.PathLike[str], facts: Mapping[str, object], arrays: Mapping[str, Array]
) -> None:
    """Write facts and arrays as one file, whole or not at all.

    Raises
    ------
    ModelFileError
        If it cannot be written.
    """
    body = json.dumps(
        {
            "layerwise_model": _VERSION,
            "versions": {
                "layerwise": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            "arrays_sha256": checksum(arrays),
            "facts": facts,
        },
        ensure_ascii=False,
    )
    n_bytes = len(body.encode())
    if n_bytes > _MOST_TEXT:
        raise ModelFileError(
            f"cannot write {path}: all categories and columns of the model take {n_bytes:,} "
            f"bytes, and {_MOST_TEXT:,} is the most; drop the columns with the most values"
        )
    seal = _seal(hashlib.sha256(body.encode()).hexdigest())
    write_arrays(path, arrays, "{" + seal + body[1:])


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Array], about: str) -> None:
    """Write a safetensors file, whole or not at all; `about` stands in it under "layerwise".

    Raises
    ------
    ModelFileError
        If it cannot be written.
    """
    from safetensors.numpy import save

    numbers = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    write_whole(path, save(numbers, metadata={"layerwise": about}))


def is_container(path: Path) -> bool:
    """Whether a file is one, or the beginning of one: by its first bytes."""
    with path.open("rb") as file:
        # The length of the header comes first, and then the header, in JSON.
        return b'{"__metadata__":{"layerwise":' in file.read(80)[8:]


def read_container(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read the facts and arrays that `write_container` wrote.

    Raises
    ------
    ModelFileError
        If there is no such file, it is no model, is damaged, or is from a newer version.
    """
    from safetensors import SafetensorError, safe_open

    try:
        if Path(path).is_dir():
            raise ModelFileError(f"{path} is a folder; {_WANTED}")
        if Path(path).stat().st_size == 0:
            raise ModelFileError(f"{path} is empty; {_WANTED}")
        with safe_open(str(path), framework="numpy") as file:
            content = _checked_content(path, file.metadata() or {})
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(f"cannot read {path}: {reason}; {_WANTED}") from error
    except (SafetensorError, TypeError, UnicodeDecodeError) as error:
        raise ModelFileError(
            f"{path} is no model file, or is damaged ({error}); {_WANTED}: save the model again, "
            "or take another copy of the file"
        ) from None
    if content["arrays_sha256"] != checksum(arrays):
        raise _damaged(path)
    return content["facts"], arrays


def _checked_content(path: str | os.PathLike[str], metadata: Mapping[str, str]) -> dict[str, Any]:
    text = metadata.get("layerwise", "")
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.keys() != _KEYS:
        raise ModelFileError(f"{path} holds arrays, but no model of Layerwise; {_WANTED}")
    digest = str(content.get("sha256"))
    if hashlib.sha256(text.replace(_seal(digest), "", 1).encode()).hexdigest() != digest:
        raise _damaged(path)
    version = content["layerwise_model"]
    if version > _VERSION:
        raise ModelFileError(
            f"{path} was written by a newer Layerwise ({content['versions']['layerwise']}, format "
            f"{version}; this one, {__version__}, reads up to format {_VERSION}): install that "
            "version to read it"
        )
    return content


def _seal(digest: str) -> str:
    return f'"sha256": "{digest}", '


def _damaged(path: str | os.PathLike[str]) -> ModelFileError:
    return ModelFileError(
        f"{path} is damaged: it does not hold what was saved; take another copy of the file, or "
        "train the model again"
    )


def checksum(arrays: Mapping[str, Array]) -> str:
    """SHA-256 of all names, types, shapes and numbers."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        total.update(np.asarray(array, order="C").tobytes())
    return total.hexdigest()
