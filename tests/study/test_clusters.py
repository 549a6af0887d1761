"""Workers on a Dask cluster."""

import os
import signal
import threading
import time

import pytest
import sqlalchemy as sa

from layerwise.study import leases
from layerwise.study.backends import Backend
from layerwise.study.database import FITS, Database
from layerwise.study.errors import StudyError
from tests.study.circles import N_FITS, found_by_study


def test_a_cluster_that_loses_a_worker_half_way(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(leases, "LEASE_SECONDS", 4.0)
    address = str(tmp_path / "a.study.db")
    killed = []

    def kill_one():
        database = Database(address)
        query = sa.select(FITS.c.state, FITS.c.owner)
        while not killed:
            time.sleep(0.05)
            rows = database.transact(lambda c: c.execute(query).all(), reads=True)
            owners = {row.owner for row in rows if row.state == "running"}
            if sum(row.state == "done" for row in rows) >= N_FITS // 2 and len(owners) == 2:
                killed.append(int(owners.pop().split("/")[2]))
                os.kill(killed[0], signal.SIGKILL)
        database.close()

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
    ) as cluster:
        thread = threading.Thread(target=kill_one, daemon=True)
        thread.start()
        found = found_by_study(
            database=address, backend="dask", address=cluster.scheduler_address, workers=None
        )
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
