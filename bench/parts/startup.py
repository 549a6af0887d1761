"""How long the first training takes, on a new machine and in every later process.

Each time is of a process of its own. A new machine is one whose cache of compiled programs is
empty; its files have been read before, and the package's byte code is there, as pip leaves it.
"""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rich.markup import escape

from parts.common import Scale, our_own, progress
from parts.tables import Shown, at_most, titled

FIRST_TARGET, LATER_TARGET, IMPORT_TARGET = 6.0, 0.5, 0.15
"""Seconds: all of the first training ever; a later one beyond imports; `import layerwise`."""

FIRST_FIT = Path(__file__).parents[1] / "first_fit.py"
IMPORTS = ("numpy", "scipy.linalg", "numba", "layerwise.training")
IMPORT_LAYERWISE = (
    "import time; start = time.perf_counter(); import layerwise; print(time.perf_counter() - start)"
)
IMPORTS_A_ROUND = 3
CACHES = ("LAYERWISE_CACHE_DIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME")

# Root may write whatever a folder's mode says, unless it gives up that capability, which takes
# effect when the next program is started. (Another user could not always read root's Python.)
WITHOUT_ROOTS_RIGHT = """
import ctypes, os, sys
drop_from_bounding_set, dac_override = 24, 1
ctypes.CDLL(None).prctl(drop_from_bounding_set, dac_override, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def run(scale: Scale) -> dict[str, Any]:
    """All of it, round by round."""
    _, missing = our_own(scale)
    if missing:
        return {"missing": missing, "rounds": []}
    rounds = []
    for number in range(1 if scale.smoke else min(scale.rounds, 5)):
        progress(f"startup: round {number + 1}")
        imports = [_import_layerwise() for _ in range(IMPORTS_A_ROUND)]
        # Side by side where no time is judged: each compiles for seconds, on one core.
        with ThreadPoolExecutor(2 if scale.smoke else 1) as pool:
            fits = [pool.submit(work) for work in (_empty_cache, _unwritable_package)]
        writable, unwritable = (fit.result() for fit in fits)
        rounds.append({"import": imports, "writable": writable, "unwritable": unwritable})
    return {"missing": [], "rounds": rounds}


def _python(
    arguments: Sequence[str], env: Mapping[str, str] | None = None, bound: bool = False
) -> tuple[str, str]:
    """What a fresh process writes to stdout and stderr; `bound`: even root minds modes."""
    root = sys.platform == "linux" and os.geteuid() == 0
    prefix = ["-c", WITHOUT_ROOTS_RIGHT] if bound and root else []
    done = subprocess.run(
        [sys.executable, *prefix, *arguments],
        env=env,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout, done.stderr


def _import_layerwise() -> float:
    return float(_python(["-c", IMPORT_LAYERWISE])[0])


def _first_fit(env: Mapping[str, str], imports: Sequence[str] = (), **how: Any) -> dict[str, Any]:
    """One process's first training: its times, and what it says on stderr."""
    out, err = _python([str(FIRST_FIT), *imports], env, **how)
    return {**json.loads(out.splitlines()[-1]), "stderr": err}


def _first_and_later(env: Mapping[str, str], folder: Path, **how: Any) -> dict[str, Any]:
    """The first process where nothing has been compiled, and the one after it.

    `folder` is the empty one where what is compiled is to be kept.
    """
    first = _first_fit(env, **how)
    assert any(path.is_file() for path in folder.rglob("*")), "nothing was kept where it should be"
    return {"first": first, "later": _first_fit(env, IMPORTS, **how)}


def _empty_cache() -> dict[str, Any]:
    """With the cache in a new folder."""
    with TemporaryDirectory() as folder:
        # What was compiled before is found wherever it stands: in none of these places.
        places = dict.fromkeys(("LAYERWISE_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "TMPDIR"), folder)
        return _first_and_later(os.environ | places, Path(folder))


def _unwritable_package() -> dict[str, Any]:
    """With a copy of the package that cannot be written, and a home with nothing in it."""
    spec = find_spec("layerwise")
    assert spec
    assert spec.submodule_search_locations
    with TemporaryDirectory() as folder:
        home, site = Path(folder, "home"), Path(folder, "site")
        home.mkdir()
        package = site / "layerwise"
        shutil.copytree(
            spec.submodule_search_locations[0],
            package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        compileall.compile_dir(package, quiet=2)
        _forbid_writing(site)
        env = {name: value for name, value in os.environ.items() if name not in CACHES}
        path = os.pathsep.join([str(site), *filter(None, [env.get("PYTHONPATH")])])
        env |= {"HOME": str(home), "LOCALAPPDATA": str(home), "PYTHONPATH": path}
        result = _first_and_later(env, home, bound=True)
        for fit in result.values():
            assert Path(fit["package"]) == package.resolve(), "another copy was imported"
        return result


def _forbid_writing(folder: Path) -> None:
    """What `chmod -R a-w` does."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(path.stat().st_mode & ~0o222)


def show(result: dict[str, Any], scale: Scale) -> list[Shown]:
    """Median and slowest seconds beside their targets, then what is said meanwhile."""
    if result["missing"]:
        return ["Starting: Layerwise is not installed"]
    rounds = result["rounds"]
    kinds = {"writable": "as installed"}
    if not any(each["unwritable"]["first"]["package_can_be_written"] for each in rounds):
        kinds["unwritable"] = "package folder unwritable"
    table = titled("Starting, seconds / target; the slowest")
    for title in kinds.values():
        table.add_column(title, justify="right")
        table.add_column("slowest", justify="right")
    if len(kinds) == 1:
        table.caption = "the package folder could not be made unwritable here"

    def add(name: str, times: Sequence[Sequence[float]], wanted: float | None = None) -> None:
        target = None if wanted is None else scale.target(wanted)
        cells = ((at_most(median(each), target), f"{max(each):.2f}") for each in times)
        table.add_row(name, *chain.from_iterable(cells))

    firsts = [[each[kind]["first"] for each in rounds] for kind in kinds]
    laters = [[each[kind]["later"] for each in rounds] for kind in kinds]
    total = [[fit["total"] for fit in fits] for fits in firsts]
    add("first training ever, imports and all", total, FIRST_TARGET)
    for module in IMPORTS:
        times = [[fit["imports"][module] for fit in fits] for fits in laters]
        add(f"a later process: import {module}", times)
    rest = [[fit["rest"] for fit in fits] for fits in laters]
    add("a later process: first training", rest, LATER_TARGET)
    add("import layerwise", [[s for each in rounds for s in each["import"]]], IMPORT_TARGET)

    said = titled("Starting, what is said on stderr")
    for title in kinds.values():
        said.add_column(title)
    for when in ("first", "later"):
        words = [rounds[0][kind][when]["stderr"].strip() for kind in kinds]
        said.add_row(when, *(escape(each) or "nothing" for each in words))
    return [table, said]
