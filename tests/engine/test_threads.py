"""Teams of threads and their share of the cores."""

import math
import threading

import joblib
import pytest
from joblib import Parallel, delayed

from layerwise.engine import threads
from layerwise.engine.compiled import team as teams
from layerwise.engine.compiled.team import Team
from layerwise.engine.threads import SharedThreads, available_cores, container_cores
from tests.helpers.other_python import run_python

# How many threads compute


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


@pytest.mark.parametrize("limit", ["1", "1000"])
def test_cores_are_counted_as_joblib_counts_them(monkeypatch, limit):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", limit)
    threads._allowed_cores.cache_clear()
    assert available_cores() == joblib.cpu_count()
    threads._allowed_cores.cache_clear()


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "max 100000\n"}, math.inf),
        ({"cpu.max": "", "cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "400000"}, math.inf),
    ],
)
def test_a_container_has_the_cores_of_its_control_group(tmp_path, files, cores):
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert container_cores(tmp_path) == cores


def test_more_threads_than_cores_are_not_given(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = available_cores()
    monkeypatch.setenv("OMP_NUM_THREADS", str(cores + 7))
    assert available_cores() == cores


@pytest.fixture
def four_cores(monkeypatch):
    for module in (threads, teams):
        monkeypatch.setattr(module, "available_cores", lambda: 4)


def granted(team: Team) -> int:
    """How many threads a team runs on now."""
    counts = []
    team.run(lambda thread, n_threads: counts.append(n_threads) if thread == 0 else None)
    team.close()
    return counts[0]


@pytest.mark.parametrize(("useful", "wanted"), [(1, 1), (3, 3), (4, 4), (100, 4)])
def test_a_team_takes_what_is_of_use_and_there(four_cores, useful, wanted):
    assert granted(Team(None, useful)) == wanted


@pytest.mark.parametrize(("busy", "left"), [(1, 3), (3, 1), (4, 1)])
def test_a_second_team_takes_the_cores_that_are_left_and_at_least_one(four_cores, busy, left):
    inner = []

    def work(thread, n_threads):
        assert n_threads == busy
        if thread == 0:
            inner.append(granted(Team(None, 100)))

    outer = Team(None, busy)
    outer.run(work)
    outer.close()
    assert inner == [left]
    assert granted(Team(None, 100)) == 4


def test_cores_are_given_back_after_an_error(four_cores):
    def fail(thread, n_threads):
        raise ZeroDivisionError

    team = Team(None, 4)
    with pytest.raises(ZeroDivisionError):
        team.run(fail)
    team.close()
    assert granted(Team(None, 100)) == 4


def test_a_team_of_a_fixed_size_does_not_ask(four_cores):
    assert granted(Team(6, 100)) == 6
    assert granted(Team(6, 2)) == 2


@pytest.mark.parametrize(("n_fits", "each"), [(1, 3), (2, 1), (3, 1), (5, 1)])
def test_threads_that_are_shared_out_are_as_many_for_each_fit(four_cores, n_fits, each):
    shared, counts = SharedThreads(3), []
    barrier = threading.Barrier(n_fits)

    def fit() -> None:
        with shared.part():
            barrier.wait()
            counts.append(granted(Team(None, 100)))
            barrier.wait()

    fits = [threading.Thread(target=fit) for _ in range(n_fits)]
    for one in fits:
        one.start()
    for one in fits:
        one.join()
    assert counts == [each] * n_fits
    with shared.part():  # those that have ended have given back what they had
        assert granted(Team(None, 100)) == 3
    assert granted(Team(None, 100)) == 4


# What they do


@pytest.mark.parametrize("n", [1, 2, 5])
def test_each_thread_runs_once_and_the_first_is_the_callers(n):
    team, seen = Team(n, useful=8), {}

    def run(thread: int, n_threads: int) -> None:
        seen[thread] = (n_threads, threading.current_thread())

    for _ in range(3):
        seen.clear()
        team.run(run)
        assert sorted(seen) == list(range(n))
        assert {count for count, _ in seen.values()} == {n}
        assert seen[0][1] is threading.current_thread()
    team.close()


def test_an_error_in_any_thread_reaches_the_caller():
    def fail(thread: int, n_threads: int) -> None:
        if thread == 1:
            raise KeyError("in the second thread")

    team = Team(2, useful=2)
    with pytest.raises(KeyError, match="second"):
        team.run(fail)
    team.run(lambda *_: None)
    team.close()


FITS = """
import sys, tempfile, threading, warnings
found = []

def note(event, arguments):
    if event in {"import", "ctypes.dlopen"} and threading.current_thread() is not main:
        found.append(arguments[0])

main = threading.main_thread()
sys.addaudithook(note)
warnings.simplefilter("ignore")
import numpy as np
from layerwise import DepthStudy, MLPClassifier, TableRegressor
x = np.random.default_rng(0).normal(size=(400, 3))
few = {"epochs": 2, "random_state": 0}
with tempfile.TemporaryDirectory() as folder:
    model = TableRegressor(effort="low", n_pieces=5, intervals=0.9, checkpoint=folder, **few)
    model.fit(x, x[:, 0])
DepthStudy(depth=[0, 1], width=[8], activation=["relu"], seeds=1, workers=1, **few).fit(x, x[:, 0])
MLPClassifier((300, 300), max_iter=2, n_threads=2).fit(x, x[:, 0] > 0)
print(len(found), *found[:5])
"""


@pytest.mark.slow
def test_nothing_is_loaded_for_the_first_time_in_a_thread():
    # Beside a thread that looks for BLAS it could wait for ever.
    assert run_python("-c", FITS).stdout.split() == ["0"]
