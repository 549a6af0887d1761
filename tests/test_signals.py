"""Signals: what reaches processes that work for another, and an alarm that ends a command."""

import contextlib
import math
import signal
import subprocess
import sys
import threading

import pytest

from layerwise.signals import raising_after, starting_without_interrupt

SENDS_ITSELF_CTRL_C = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('works on')"
WORKER = """
import sys, time
from layerwise.signals import end_with
print("there", flush=True)
end_with(int(sys.argv[1]))
time.sleep(3600)
"""
# Begins a worker that has its standard output to itself, and waits.
PARENT = """
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2] or str(os.getpid())])
os.close(1)
sys.stdin.read()
"""


def test_what_is_started_without_interrupt_goes_on_after_ctrl_c():
    started = []

    def start():
        with starting_without_interrupt():
            command = [sys.executable, "-c", SENDS_ITSELF_CTRL_C]
            started.append(subprocess.run(command, check=True, capture_output=True, text=True))
        started.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))

    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    process, after = started
    assert (process.stdout, process.stderr) == ("works on\n", "")
    assert after == before


@pytest.fixture
def begin():
    """begin(number) -> a process that has begun a worker, which takes its parent for that one."""
    begun = []

    def run(parent=""):
        command = [sys.executable, "-c", PARENT, WORKER, parent]
        pipe = subprocess.PIPE
        begun.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
        assert begun[-1].stdout.readline() == "there\n"
        return begun[-1]

    yield run
    for process in begun:
        process.kill()
        process.communicate()


def test_a_worker_ends_with_who_started_it(begin):
    process = begin()
    process.kill()
    process.stdout.read()  # which ends when the worker does


def test_a_worker_whose_parent_is_gone_already_ends_at_once(begin):
    process = begin("1")  # as orphans have it
    process.stdout.read()
    assert process.poll() is None


def misread():
    """What a library may make of it."""
    try:
        threading.Event().wait()
    except TimeoutError:
        raise ValueError("not to be read") from None


def test_an_alarm_ends_what_takes_too_long():
    handler = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeoutError), raising_after(0.01):
        threading.Event().wait()
    with pytest.raises(TimeoutError), raising_after(0.0):  # at once
        threading.Event().wait()
    with pytest.raises(TimeoutError), raising_after(0.01):
        misread()
    assert signal.getsignal(signal.SIGALRM) == handler


def swallowed():
    """A library that takes it for an error of its own, and goes on."""
    with contextlib.suppress(TimeoutError):
        threading.Event().wait(10)


def test_an_alarm_that_was_taken_for_something_else_is_heard_when_it_is_called_off():
    def work():
        with raising_after(0.01) as call_off:
            swallowed()
            call_off()

    with pytest.raises(TimeoutError):
        work()
    with raising_after(0.01):  # all is done: there is nothing to end
        swallowed()


def test_an_alarm_that_is_called_off_does_not_ring():
    before = signal.getitimer(signal.ITIMER_REAL)[0]
    with raising_after(3600.0) as call_off:
        assert 3000 < signal.getitimer(signal.ITIMER_REAL)[0] <= 3600
        call_off()
        assert signal.getitimer(signal.ITIMER_REAL)[0] <= before
    with raising_after(math.inf):
        assert signal.getitimer(signal.ITIMER_REAL)[0] <= before
    with pytest.raises(ValueError, match="its own"), raising_after(3600.0):
        raise ValueError("its own")
