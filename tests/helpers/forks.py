"""Processes forked from a test: they have loaded whatever it has."""

import multiprocessing
import signal
import time
from collections.abc import Callable

import pytest

_CAN_FORK = "fork" in multiprocessing.get_all_start_methods()
_NO_WARNING = pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")


def needs_fork(test: Callable) -> Callable:
    """Skip a test where there is no fork; threads of others may be there as it forks."""
    return pytest.mark.skipif(not _CAN_FORK, reason="no fork on this system")(_NO_WARNING(test))


def killed_in(function: Callable[[Callable[[], None]], object]) -> None:
    """Run function(wait) in a forked process, and kill it where it calls wait()."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)

    def wait() -> None:
        there.send("here")
        time.sleep(1000)  # until it is killed

    process = context.Process(target=function, args=(wait,), daemon=True)
    process.start()
    there.close()
    try:
        assert here.recv() == "here"
    finally:
        process.kill()
        process.join()
    assert process.exitcode == -signal.SIGKILL
