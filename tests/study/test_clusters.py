"""Workers on a Dask cluster."""

import os
import signal
import threading
import time

import pytest
import sqlalchemy as sa

from layerwise.study import worker
from layerwise.study.backends import Backend
from layerwise.study.database import FITS, Database
from layerwise.study.results import StudyError
from tests.study.circles import N_FITS, found_by_study


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_half_way(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(worker, "fit_one", worker.fit_one)  # put back, when the gate is gone
    address, gate = str(tmp_path / "a.study.db"), tmp_path / "open"
    killed = []

    def kill_one():
        database = Database(address)
        of_owners = sa.select(FITS.c.owner).where(FITS.c.state == "running")
        while len(owners := database.transact(lambda c: c.execute(of_owners).all())) < 2:
            time.sleep(0.05)  # until both are at the gate
        [victim], _ = owners
        os.kill(int(victim.split("/")[2]), signal.SIGKILL)
        killed.append(victim)
        expired = sa.update(FITS).where(FITS.c.owner == victim).values(lease_until=0.0)
        database.transact(lambda c: c.execute(expired))
        database.close()
        gate.touch()

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
    ) as cluster:
        thread = threading.Thread(target=kill_one, daemon=True)
        thread.start()
        found = found_by_study(
            str(gate), database=address, backend="dask", address=cluster.scheduler_address,
            workers=None,
        )  # fmt: skip
        thread.join(10)
    assert killed
    database = Database(address)
    rows = database.transact(lambda c: c.execute(sa.select(FITS.c.attempts)).all())
    database.close()
    assert sum(row.attempts for row in rows) == N_FITS + 1  # the one in flight, again
    assert found == found_by_study()


def test_a_cluster_that_is_not_there(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("layerwise.study.backends._CONNECT_SECONDS", 0.5)
    with (
        pytest.raises(
            StudyError, match=r"Dask scheduler at tcp://127\.0\.0\.1:1 cannot be reached"
        ),
        Backend("dask", "tcp://127.0.0.1:1").started(),
    ):
        pass


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_a_library_that_is_missing(name, monkeypatch):
    monkeypatch.setitem(
        __import__("sys").modules, {"dask": "distributed", "ray": "ray"}[name], None
    )
    with (
        pytest.raises(StudyError, match=rf'pip install "layerwise\[{name}\]"'),
        Backend(name).started(),
    ):
        pass
