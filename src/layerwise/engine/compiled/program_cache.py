"""Compiled programs in files, which notice every edit of what they are made of.

Numba's own cache looks at the file of the cached function alone, not at the kernels it calls, and
asks for a folder that can be written to. Here the folder's name is a hash of every file a kernel
is made of and of the versions that compile it: an edit or an upgrade starts a fresh folder, and
nothing stale is ever loaded. And whatever is wrong with a folder, or with a file in it, costs the
time of compiling and nothing else.
"""

import hashlib
import os
import pickle
import platform
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from layerwise.files.cache_folders import CACHE_VARIABLE, cache_bases
from layerwise.language import tr

# The source of every kernel that was written from entries, which may come from other files.
GENERATED: list[str] = []


class ProgramCache(NullCache):
    """One program's files: read from the first folder that has one, written to the first it can.

    What is read elsewhere is written to the folder that was asked for, which can then be kept for a
    machine that has no other.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._began = 0.0

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The code for these types; None, after a word on standard error, where there is none."""
        target_context.refresh()
        name = self._file_name(sig, target_context.codegen())
        for folder in cache_folders():
            # A file that is damaged, or another's, can raise anything.
            with suppress(Exception):
                content = _trusted(folder).joinpath(name).read_bytes()
                digest, code = content.split(b"\n", 1)
                if digest == _digest(code):
                    result = CompileResult._rebuild(target_context, *pickle.loads(code))
                    if os.environ.get(CACHE_VARIABLE) and folder != cache_folders()[0]:
                        with suppress(OSError):
                            _keep(cache_folders()[0] / name, content)
                    return result
        _say(
            tr(
                "compiling its engine for this machine ({program}): the first time, this takes "
                "some seconds, up to a minute where it is slow or busy",
                program=self._function.__name__,
            )
        )
        self._began = time.perf_counter()
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Say how long it took, and keep the code; where no folder takes it, say so."""
        seconds = time.perf_counter() - self._began
        program = self._function.__name__
        _say(tr("compiled ({program}) in {seconds:.0f} s", program=program, seconds=seconds))
        assert not data.library.has_dynamic_globals, "an address in it will not be there next time"
        name, code = self._file_name(sig, data.codegen), dumps(data._reduce())
        for folder in cache_folders():
            with suppress(OSError):
                _keep(folder / name, _digest(code) + b"\n" + code)
                return
        _say(
            "no folder can be written to that would keep what was compiled, so each start compiles "
            f"it anew: set {CACHE_VARIABLE} to a folder of your own"
        )

    def _file_name(self, sig: Any, codegen: Any) -> str:
        function = self._function
        code = (function.__module__, function.__code__.co_code, *GENERATED)
        key = (code, sig, codegen.magic_tuple())
        return f"{function.__name__}-{_digest(repr(key).encode())[:16].decode()}.program"


@cache
def cache_folders() -> list[Path]:
    """The folders where this version's compiled programs may stand, the best first.

    One in the folder that the environment variable LAYERWISE_CACHE_DIR names, the user's cache
    folder, and a folder of the user's own in the temporary folder: as many of them as there are.
    """
    return [base / f"kernels-{_fingerprint()}" for base in cache_bases()]


def _trusted(folder: Path) -> Path:
    """The folder, if nobody else could put code there: what stands in it is run."""
    if hasattr(os, "getuid"):
        for path in (folder, folder.parent):
            if path.stat().st_uid not in {os.getuid(), 0}:
                raise PermissionError(f"{path} belongs to somebody else")
    return folder


def _keep(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _trusted(path.parent)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def _fingerprint() -> str:
    """Hash of every source file kernels are made of, and of what compiles them."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    architecture = here.parents[1] / "architecture"
    for folder in (here, here.parent, architecture, architecture / "steps"):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    versions = (numba.__version__, llvmlite.__version__, np.__version__, platform.python_version())
    digest.update("|".join(versions).encode())
    return digest.hexdigest()[:16]


def _digest(code: bytes) -> bytes:
    return hashlib.sha256(code).hexdigest().encode()


def _say(message: str) -> None:
    print(f"layerwise: {message}", file=sys.stderr, flush=True)  # noqa: T201
