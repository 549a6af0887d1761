"""Where what can be made again is kept: compiled programs, and Matplotlib's own folder."""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["CACHE_VARIABLE", "cache_bases"]

CACHE_VARIABLE = "LAYERWISE_CACHE_DIR"


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
