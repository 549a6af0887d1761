"""A folder for Matplotlib, which is not imported without one that it can write to."""

import atexit
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from layerwise.files.cache_bases import cache_bases

__all__ = ["VARIABLE", "find_matplotlib_folder"]

VARIABLE = "MPLCONFIGDIR"


def find_matplotlib_folder(output: Path | None = None) -> None:
    """Name a folder to Matplotlib where it would find none, or complain of its own.

    Where the user has no home that can be written to: one in the folders that compiled programs are
    kept in; else, for as long as this process lives, one beside what is written.

    Parameters
    ----------
    output : Path or None
        A folder that is written to.
    """
    if os.environ.get(VARIABLE) or "matplotlib" in sys.modules:
        return
    with suppress(RuntimeError):  # a user without a name has no home
        if all(map(_can_be_written_to, _own_folders())):
            return
    for base in cache_bases():
        if _can_be_written_to(base / "matplotlib"):
            os.environ[VARIABLE] = str(base / "matplotlib")
            return
    if output is not None:
        with suppress(OSError):
            folder = tempfile.mkdtemp(prefix=".layerwise-matplotlib-", dir=output)
            os.environ[VARIABLE] = folder
            atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _own_folders() -> list[Path]:
    """Those that Matplotlib takes where none is named."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return [Path.home() / ".matplotlib"]
    return [
        Path(os.environ.get(variable) or Path.home() / name) / "matplotlib"
        for variable, name in (("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache"))
    ]


def _can_be_written_to(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
