"""Estimators in joblib's workers share the cores instead of crowding them."""

import pytest
from joblib import Parallel, delayed

from layerwise.engine.threads import available_cores


@pytest.mark.slow
def test_workers_of_joblib_get_their_share_of_the_cores():
    cores = available_cores()
    shares = Parallel(n_jobs=2, backend="loky")(delayed(available_cores)() for _ in range(2))
    assert shares == [max(1, cores // 2)] * 2


@pytest.mark.parametrize(("value", "wanted"), [("1", 1), ("1,4", 1), ("", None), ("many", None)])
def test_omp_num_threads_is_heeded(monkeypatch, value, wanted):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = available_cores()
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert available_cores() == (wanted or cores)


def test_more_threads_than_cores_are_not_given(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = available_cores()
    monkeypatch.setenv("OMP_NUM_THREADS", str(cores + 7))
    assert available_cores() == cores
