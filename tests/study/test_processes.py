"""Workers that are killed, interrupted, or several: nothing is lost, nothing done twice."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from layerwise.study.database import FITS, Database

# Settles what is to be studied, where, and how long a lease is; says so before it begins.
PROGRAM = """
import json, sys
import numpy as np
from layerwise.study import DepthStudy, leases
settings = json.loads(sys.argv[1])
leases.LEASE_SECONDS = settings.pop("lease")

def main():
    random = np.random.default_rng(0)
    x = random.normal(size=(150, 2))
    y = (x**2).sum(axis=1) < 1.2
    study = DepthStudy(**settings).fit(x, y)
    result = study.study_
    print(json.dumps({
        "scores": [[f.configuration, f.repeat, f.fold, f.score, f.loss] for f in result.fits],
        "stopped": result.stopped,
        "recommended": study.recommended_.name,
    }))

if __name__ == "__main__":
    main()
"""
STUDY = {
    "depth": [1, 2, 3, 4],
    "width": [8, 16],
    "activation": ["relu"],
    "folds": 3,
    "seeds": 2,
    "epochs": 120,
    "early_stopping": False,
    "pruning": False,
    "workers": 1,
    "lease": 4.0,
}
N_FITS = 9 * 6 + 6


@pytest.fixture
def start(tmp_path):
    """start(...) -> a process that studies."""
    program = tmp_path / "study.py"
    program.write_text(PROGRAM)
    started = []

    def run(**settings):
        process = subprocess.Popen(
            [sys.executable, str(program), json.dumps(STUDY | settings)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def end_of(process, timeout=120):
    out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, err
    return json.loads(out)


def fits_in(address):
    """(position, state, owner, attempts) of every fit; none before the study has begun."""
    columns = (FITS.c.position, FITS.c.state, FITS.c.owner, FITS.c.attempts)
    database = Database(address)
    try:
        query = sa.select(*columns).order_by(FITS.c.position)
        return database.transact(lambda c: c.execute(query).all(), reads=True)
    finally:
        database.close()


def wait_for(address, condition, timeout=60):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        rows = fits_in(address)
        if rows and condition(rows):
            return rows
        time.sleep(0.05)
    raise AssertionError("nothing happened")


def n_done(rows):
    return sum(row.state == "done" for row in rows)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    program = tmp_path_factory.mktemp("a") / "study.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), json.dumps(STUDY)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_killed_and_gone_on_with(start, address, undisturbed):
    killed = start(database=address)
    wait_for(address, lambda rows: n_done(rows) >= 5)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    left = fits_in(address)
    assert sum(row.state == "running" for row in left) <= 1  # what is lost
    rest = end_of(start(database=address, resume=True))
    assert rest["scores"] == undisturbed["scores"]
    again = fits_in(address)
    for before, after in zip(left, again, strict=True):
        if before.state == "done":
            assert after.attempts == before.attempts  # done once
    assert sum(row.attempts for row in again) <= N_FITS + 1


def test_two_processes_at_once(start, address, undisturbed):
    one = start(database=address)
    wait_for(address, lambda rows: n_done(rows) >= 1)
    two = start(database=address, resume=True)
    owners = set()

    def both(rows):
        owners.update(row.owner for row in rows if row.owner)
        return len({owner.split("/")[0] for owner in owners}) == 2

    wait_for(address, both)
    assert end_of(one)["scores"] == end_of(two)["scores"] == undisturbed["scores"]
    rows = fits_in(address)
    assert n_done(rows) == N_FITS
    assert all(row.attempts == 1 for row in rows)


def test_one_of_the_workers_is_killed(start, tmp_path, undisturbed):
    address = str(tmp_path / "a.study.db")
    process = start(database=address, workers=2)

    def two(rows):
        running = [row for row in rows if row.state == "running"]
        return len({row.owner for row in running}) == 2

    rows = wait_for(address, two)
    victim = int(next(row.owner for row in rows if row.state == "running").split("/")[2])
    os.kill(victim, signal.SIGKILL)
    assert end_of(process)["scores"] == undisturbed["scores"]
    assert sum(row.attempts for row in fits_in(address)) <= N_FITS + 2


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_with_the_answer_so_far(start, tmp_path, undisturbed, workers):
    address = str(tmp_path / "a.study.db")
    process = start(database=address, workers=workers)
    wait_for(address, lambda rows: n_done(rows) >= 12)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    answer = end_of(process, 30)
    assert answer["stopped"] == "interrupted"
    assert 6 <= len(answer["scores"]) < 9 * 6
    assert not any(row.state == "running" for row in fits_in(address))
    rest = end_of(start(database=address, resume=True))
    assert rest["scores"] == undisturbed["scores"]
    assert rest["stopped"] == ""


def test_workers_end_when_who_started_them_is_gone(start, tmp_path):
    address = str(tmp_path / "a.study.db")
    process = start(database=address, workers=2, lease=3.0, depth=list(range(1, 30)))
    wait_for(address, lambda rows: n_done(rows) >= 2)
    process.kill()  # not its workers
    process.wait()
    time.sleep(5)
    before = n_done(fits_in(address))
    time.sleep(1.5)
    assert n_done(fits_in(address)) == before
