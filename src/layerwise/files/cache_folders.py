"""Where what can be made again is kept: compiled programs, and Matplotlib's own folder.

Matplotlib is not imported without one that it can write to.
"""

import atexit
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

CACHE_VARIABLE = "LAYERWISE_CACHE_DIR"
_MATPLOTLIB = "MPLCONFIGDIR"


def cache_bases() -> list[Path]:
    """The folders there are for it, the best first: asked for, the user's, a temporary one."""
    environment = os.environ
    user = str(os.getuid()) if hasattr(os, "getuid") else environment.get("USERNAME", "user")
    bases = []
    if asked := environment.get(CACHE_VARIABLE):
        bases.append(Path(asked))
    with suppress(RuntimeError):  # a user without a name has no home
        bases.append(_users_cache() / "layerwise")
    with suppress(OSError):  # and a container may have no temporary folder
        bases.append(Path(tempfile.gettempdir()) / f"layerwise-{user}")
    return bases


def _users_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home())
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def find_matplotlib_folder(output: Path | None = None) -> None:
    """Name a folder to Matplotlib where it would find none, or complain of its own.

    Where the user has no home that can be written to: one in the folders that compiled programs are
    kept in; else, for as long as this process lives, one beside what is written.

    Parameters
    ----------
    output : Path or None
        A folder that is written to.
    """
    if os.environ.get(_MATPLOTLIB) or "matplotlib" in sys.modules:
        return
    with suppress(RuntimeError):  # a user without a name has no home
        if all(map(_can_be_written_to, _own_folders())):
            return
    for base in cache_bases():
        if _can_be_written_to(base / "matplotlib"):
            os.environ[_MATPLOTLIB] = str(base / "matplotlib")
            return
    if output is not None:
        with suppress(OSError):
            folder = tempfile.mkdtemp(prefix=".layerwise-matplotlib-", dir=output)
            os.environ[_MATPLOTLIB] = folder
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
