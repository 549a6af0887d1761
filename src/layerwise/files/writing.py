"""Files that are at all times either the old one or the new one, whole."""

import contextlib
import os
from pathlib import Path

from layerwise.files.errors import ModelFileError

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], payload: bytes) -> None:
    """Write a file by way of another one beside it, which then takes its place.

    Raises
    ------
    ModelFileError
        If it cannot be written: the disk is full, the folder is not there or not writable, the
        path is a folder. A file that was there before is left as it was.
    """
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.is_dir():
            raise ModelFileError(f"cannot write {target}: it is a folder; give the name of a file")
        if not target.parent.is_dir():
            raise ModelFileError(
                f"cannot write {target}: there is no folder {target.parent}; make it first"
            )
        with beside.open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        if not isinstance(error, OSError):
            raise
        before = " The file that was there is unchanged." if target.exists() else ""
        raise ModelFileError(
            f"cannot write {target}: {error.strerror or error}.{before} Make room for "
            f"{len(payload):,} bytes, or give a place that can be written to"
        ) from error
