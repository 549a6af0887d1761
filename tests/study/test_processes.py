"""Workers that are killed, interrupted, or several: nothing is lost, nothing done twice."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
import sqlalchemy as sa

from layerwise.study.database import FITS, Database
from layerwise.study.worker import Assignment, work
from tests.study import circles
from tests.study.circles import N_FITS, found_by_study


@pytest.fixture
def start():
    """start(...) -> a process that studies."""
    started = []

    def run(**settings):
        process = subprocess.Popen(
            [sys.executable, circles.__file__, json.dumps({"lease": 4.0, **settings})],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with suppress(ProcessLookupError):  # it, and any workers of its own
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def end_of(process, timeout=120):
    out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return json.loads(out)


def fits_in(address):
    """Every fit's row; none before the study has begun."""
    columns = (FITS.c.position, FITS.c.state, FITS.c.owner, FITS.c.attempts)
    database = Database(address)
    try:
        query = sa.select(*columns).order_by(FITS.c.position)
        return database.transact(lambda c: c.execute(query).all(), reads=True)
    finally:
        database.close()


def wait_for(address, condition, process, timeout=90):
    """Wait until the fits are as they should be, while a process works on them."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        rows = fits_in(address)
        if rows and condition(rows):
            return rows
        assert not ended, process.communicate()[1]
        time.sleep(0.02)
    raise AssertionError("nothing happened")


def n_done(rows):
    return sum(row.state == "done" for row in rows)


@pytest.fixture(scope="module")
def undisturbed():
    return found_by_study()


def test_two_processes_at_once_one_of_which_is_killed(start, address):
    one, two = (start(database=address, resume=True, epochs=2_000) for _ in range(2))
    runs = {}

    def both_have_done_some(rows):
        for row in rows:
            if row.owner is not None:
                runs.setdefault(row.owner.split("/")[0], row.owner.split("/")[2])
        return len(runs) == 2 and n_done(rows) >= 4

    wait_for(address, both_have_done_some, one)
    os.killpg(two.pid, signal.SIGKILL)
    two.wait()
    left = fits_in(address)
    found = end_of(one)
    assert len(found["scores"]) == 4 * 6
    rows = fits_in(address)
    assert n_done(rows) == N_FITS
    for before, after in zip(left, rows, strict=True):
        if before.state == "done":
            assert after.attempts == before.attempts  # it was done once
    assert sum(row.attempts for row in rows) <= N_FITS + 1  # what was in flight, again


def test_killed_and_gone_on_with(start, tmp_path, undisturbed):
    address = str(tmp_path / "a.study.db")
    killed = start(database=address)
    wait_for(address, lambda rows: n_done(rows) >= 3, killed)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    left = fits_in(address)
    assert n_done(left) < N_FITS
    assert sum(row.state == "running" for row in left) <= 1  # what is lost
    assert found_by_study(database=address, resume=True) == undisturbed
    assert sum(row.attempts for row in fits_in(address)) <= N_FITS + 1


def test_one_of_the_workers_is_killed(start, tmp_path, undisturbed):
    address = str(tmp_path / "a.study.db")
    process = start(database=address, workers=2)

    def two(rows):
        return len({row.owner for row in rows if row.state == "running"}) == 2

    rows = wait_for(address, two, process)
    victim = int(next(row.owner for row in rows if row.state == "running").split("/")[2])
    os.kill(victim, signal.SIGKILL)
    assert end_of(process) == undisturbed
    rows = fits_in(address)
    assert sum(row.attempts for row in rows) <= N_FITS + 2


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_with_the_answer_so_far(start, tmp_path, undisturbed, workers):
    address = str(tmp_path / "a.study.db")
    process = start(database=address, workers=workers)
    wait_for(address, lambda rows: n_done(rows) >= 2, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    answer = end_of(process, 30)
    assert answer["stopped"] == "interrupted"
    assert 1 <= len(answer["scores"]) < 4 * 6
    assert not any(row.state == "running" for row in fits_in(address))
    assert found_by_study(database=address, resume=True) == undisturbed


def test_the_machine_sleeps_and_the_study_goes_on(start, tmp_path, undisturbed):
    address = str(tmp_path / "a.study.db")
    process = start(database=address, lease=1.0)
    wait_for(address, lambda rows: n_done(rows) >= 2, process)
    os.killpg(process.pid, signal.SIGSTOP)
    time.sleep(2.5)  # claims expire, and whoever started the workers seems gone
    os.killpg(process.pid, signal.SIGCONT)
    assert end_of(process) == undisturbed


def test_a_worker_ends_when_who_started_it_is_gone(database, address, begun, small, rows):
    kept = begun(database, depth=[1, 2, 3], epochs=100)
    kept.begin_run("gone", 0.5)
    table = small().rows(*rows)
    assignment = Assignment(address, kept.number, kept.plan, kept.facts, "gone", 60.0, table)
    started = time.monotonic()
    n = work(assignment)
    assert time.monotonic() - started < 20
    assert n < len(kept.plan.steps())
    assert kept.progress().running == 0  # what it had claimed, it gave back


def test_workers_of_an_earlier_study_find_the_database_of_a_later_one(tmp_path, monkeypatch):
    found = []
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        found.append(found_by_study(database="a.study.db", workers=2, epochs=5))
    assert found[0] == found[1]
    assert len(found[1]["scores"]) == 4 * 6
