"""Workers that are killed, interrupted, or several: nothing is lost, nothing done twice."""

import json
import multiprocessing
import os
import signal
import time
from contextlib import suppress

import psutil
import pytest
import sqlalchemy as sa

from layerwise.study import worker
from layerwise.study.database import FITS, RUNS, Database
from layerwise.study.one_fit import Interrupted
from layerwise.study.worker import Assignment, work
from tests.study import circles
from tests.study.circles import N_BEFORE_GATE, N_FITS, found_by_study, gated_fit

HANGS = 250  # seconds after which a test gives up


@pytest.fixture
def gate(tmp_path):
    """The file that fits of the second cross-validation wait for."""
    return tmp_path / "open"


@pytest.fixture(scope="module")
def forks():
    """Where processes begin that have all loaded that a study needs: it takes seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.study.loaded"])
    return context


@pytest.fixture
def start(gate, forks, tmp_path):
    """start(...) -> a process that studies, up to the gate."""
    started = []

    def run(**settings):
        out = tmp_path / f"{len(started)}"
        arguments = (out, {"gate": str(gate), **settings})
        process = forks.Process(target=circles.study_alone, args=arguments)
        process.start()
        process.out = out
        started.append(process)
        return process

    yield run
    for process in started:
        with suppress(ProcessLookupError):  # it, and any workers of its own
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join()


def errors_of(process):
    return process.out.with_suffix(".err").read_text()


def end_of(process):
    process.join(HANGS)
    err = errors_of(process)
    assert process.exitcode == 0, err
    assert "Traceback" not in err
    return json.loads(process.out.with_suffix(".out").read_text())


@pytest.fixture
def opened(address):
    """The database that processes work on."""
    database = Database(address)
    yield database
    database.close()


@pytest.fixture
def file(tmp_path):
    """The same for what does not depend on the kind of database."""
    database = Database(tmp_path / "a.study.db")
    yield database
    database.close()


def fits_in(database):
    """Every fit's row; none before the study has begun."""
    columns = (FITS.c.position, FITS.c.state, FITS.c.owner, FITS.c.attempts)
    query = sa.select(*columns).order_by(FITS.c.position)
    return database.transact(lambda c: c.execute(query).all(), reads=True)


def at_the_gate(database, n, process):
    """Wait until n workers are held at the gate; their owners' names."""
    while True:
        rows = fits_in(database)
        owners = {row.owner for row in rows if row.state == "running"}
        if n_done(rows) == N_BEFORE_GATE and len(owners) == n:
            return sorted(owners)
        assert process.is_alive(), errors_of(process)
        time.sleep(0.1)


def n_done(rows):
    return sum(row.state == "done" for row in rows)


def expire(database):
    """Let the claims expire, as they would in time."""
    database.transact(lambda c: c.execute(sa.update(FITS).values(lease_until=0.0)))


@pytest.fixture(scope="module")
def undisturbed():
    return found_by_study()


def test_two_processes_at_once_one_of_which_is_killed(start, opened, address, gate, undisturbed):
    one, two = (start(database=address, resume=True) for _ in range(2))
    owners = at_the_gate(opened, 2, one)
    assert len({owner.split("/")[0] for owner in owners}) == 2  # one of each process
    os.killpg(two.pid, signal.SIGKILL)
    two.join()
    expire(opened)
    gate.touch()
    assert end_of(one) == undisturbed
    rows = fits_in(opened)
    assert n_done(rows) == N_FITS
    assert all(row.attempts == 1 for row in rows[:N_BEFORE_GATE])  # what was done was done once
    assert sum(row.attempts for row in rows) == N_FITS + 1  # what was in flight, again


def test_killed_and_gone_on_with(start, file, undisturbed):
    killed = start(database=file.address)
    at_the_gate(file, 1, killed)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.join()
    expire(file)
    assert found_by_study(database=file.address, resume=True) == undisturbed
    assert sum(row.attempts for row in fits_in(file)) == N_FITS + 1  # what was in flight, again


@pytest.mark.slow
def test_one_of_the_workers_is_killed(start, file, gate, undisturbed):
    process = start(database=file.address, workers=2)
    owner, _ = at_the_gate(file, 2, process)
    os.kill(int(owner.split("/")[2]), signal.SIGKILL)
    gate.touch()
    assert end_of(process) == undisturbed
    assert N_FITS < sum(row.attempts for row in fits_in(file)) <= N_FITS + 2


@pytest.mark.slow
def test_workers_end_when_who_started_them_is_killed(start, file):
    process = start(database=file.address, workers=2)
    owners = at_the_gate(file, 2, process)
    # By what the database says, all is well: it is not for that that they end.
    file.transact(lambda c: c.execute(sa.update(RUNS).values(seen_until=1e12)))
    workers = [psutil.Process(int(owner.split("/")[2])) for owner in owners]
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not psutil.wait_procs(workers, timeout=HANGS)[1]
    rows = fits_in(file)
    assert n_done(rows) == N_BEFORE_GATE  # nor have they reached the study's end


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_ctrl_c_ends_with_the_answer_so_far(start, file, undisturbed, workers):
    process = start(database=file.address, workers=workers)
    at_the_gate(file, workers, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    assert end_of(process) == {
        "scores": [fit for fit in undisturbed["scores"] if fit[1] == 0],
        "stopped": "interrupted",
    }
    assert not any(row.state == "running" for row in fits_in(file))
    assert found_by_study(database=file.address, resume=True) == undisturbed


def test_the_machine_sleeps_and_the_study_goes_on(start, file, gate, undisturbed):
    process = start(database=file.address)
    at_the_gate(file, 1, process)

    def sleep(connection):  # none but this transaction writes now
        os.killpg(process.pid, signal.SIGSTOP)
        while psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.01)
        connection.execute(sa.update(FITS).values(lease_until=0.0))
        connection.execute(sa.update(RUNS).values(seen_until=0.0))  # who started the workers

    file.transact(sleep)
    gate.touch()
    os.killpg(process.pid, signal.SIGCONT)
    assert end_of(process) == undisturbed


def test_a_worker_ends_when_who_started_it_is_gone(
    database, address, begun, small, rows, monkeypatch, gate
):
    monkeypatch.setattr(worker, "fit_one", gated_fit(gate, first_repeat=0))
    kept = begun(database)
    kept.begin_run("gone", -1.0)
    table = small().rows(*rows)
    assignment = Assignment(address, kept.number, kept.plan, kept.facts, "gone", 60.0, table)
    assert work(assignment) <= 1  # the trees: of them it is told once they are done
    assert kept.progress().running == 0  # what it had claimed, it gave back


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_worker_that_is_told_to_end_gives_back_its_claim(
    database, address, begun, small, rows, monkeypatch, number
):
    kept = begun(database, depth=[1], trees=False)
    kept.begin_run("here", 600.0)
    handler = signal.signal(number, signal.SIG_DFL)
    begun_fits = []

    def fit_one(fold, configuration, plan, split, stop):
        begun_fits.append(split)
        os.kill(os.getpid(), number)
        while not stop:
            time.sleep(0.001)
        raise Interrupted

    monkeypatch.setattr("layerwise.study.worker.fit_one", fit_one)
    table = small().rows(*rows)
    assignment = Assignment(address, kept.number, kept.plan, kept.facts, "here", 60.0, table)
    assert work(assignment) == 0
    assert len(begun_fits) == 1
    assert kept.progress().running == 0
    assert signal.signal(number, handler) == signal.SIG_DFL
