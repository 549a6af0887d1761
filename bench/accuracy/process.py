"""A piece of work in a process of its own: what it gave, or the last it wrote before it died."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parents[1]
TAIL = 2000
"""Characters shown of what a failed process wrote."""


class ProcessError(RuntimeError):
    """The work did not come to an end; the message is the last it wrote."""


def ask(module: str, **request: Any) -> Any:
    """Run a module of this folder, whose main is `answer`, and wait for what it gives."""
    paths = [str(BENCH), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (
        tempfile.TemporaryDirectory() as scratch,  # some libraries leave files where they run
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(request)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=scratch,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            text=True,
        ) as process,
    ):
        assert process.stdout
        try:
            given = process.stdout.read()
        except BaseException:
            process.kill()
            raise
        if process.wait() == 0 and given:
            return json.loads(given)
        errors.seek(0)
        written = errors.read().decode(errors="replace").strip()
        raise ProcessError(f"ended with code {process.returncode}\n{written[-TAIL:]}")


def answer(work: Callable[..., Any]) -> None:
    """In the process: do the work that its argument describes, and write what it gives."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints must not reach the pipe
    _end_with_parent()
    warnings.filterwarnings("ignore")
    given = json.dumps(work(**json.loads(sys.argv[1])))
    answers.write(given)
    answers.close()


def _end_with_parent() -> None:
    """A killed benchmark must leave no process behind: its end of the pipe closes with it."""

    def watch() -> None:
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
