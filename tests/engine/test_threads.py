"""Teams of threads, their share of the cores, and BLAS kept to one thread."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import threadpoolctl

from layerwise.architecture import Architecture
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.compiled.team import Team
from layerwise.engine.threads import available_cores, single_threaded_blas
from tests.conftest import ROOT
from tests.helpers.compare import assert_same_bits
from tests.helpers.problems import Steps, problem_of

# Cut into several shards, so that a second thread is of use.
LARGE = Architecture([60, 300, 150, 2])
STEPS = Steps(batch_size=400, n_steps=3)


def blas_threads() -> list[int]:
    pools = threadpoolctl.threadpool_info()
    return [pool["num_threads"] for pool in pools if pool["user_api"] == "blas"]


class TestBlas:
    def test_one_thread_inside_and_as_before_outside(self):
        with single_threaded_blas():
            pass  # loads SciPy's
        before = blas_threads()
        assert before
        with single_threaded_blas():
            assert set(blas_threads()) == {1}
            with single_threaded_blas():
                assert set(blas_threads()) == {1}
            assert set(blas_threads()) == {1}
        assert blas_threads() == before

    def test_it_is_put_back_after_the_last_of_overlapping_blocks(self):
        with single_threaded_blas():
            pass
        before = blas_threads()
        first, second = single_threaded_blas(), single_threaded_blas()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert set(blas_threads()) == {1}
        second.__exit__(None, None, None)
        assert blas_threads() == before

    def test_and_after_an_error(self):
        before = blas_threads()
        with pytest.raises(ZeroDivisionError), single_threaded_blas():
            _ = 1 / 0
        assert blas_threads() == before


class TestTeam:
    @pytest.mark.parametrize("n", [1, 2, 5])
    def test_each_thread_runs_once_and_the_first_is_the_callers(self, n):
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

    def test_no_more_than_are_of_use(self):
        seen = []
        team = Team(5, useful=2)
        team.run(lambda thread, n_threads: seen.append(n_threads))
        team.close()
        assert seen == [2, 2]

    def test_an_error_in_any_thread_reaches_the_caller(self):
        def fail(thread: int, n_threads: int) -> None:
            if thread == 1:
                raise KeyError("in the second thread")

        team = Team(2, useful=2)
        with pytest.raises(KeyError, match="second"):
            team.run(fail)
        team.run(lambda *_: None)
        team.close()

    def test_left_to_itself_it_takes_no_more_than_there_are_cores(self):
        seen = []
        team = Team(None, useful=1000)
        team.run(lambda thread, n_threads: seen.append(n_threads))
        team.close()
        assert seen == [len(seen)] * len(seen)
        assert 1 <= len(seen) <= available_cores()

    def test_teams_side_by_side_share_the_cores(self):
        outer, inner, seen = Team(None, useful=1000), Team(None, useful=1000), []

        def run(thread: int, n_threads: int) -> None:
            if thread == 0:
                inner.run(lambda thread, n_threads: seen.append(n_threads))

        outer.run(run)
        outer.close()
        inner.close()
        # The outer team holds every core, so that one is left for the inner, which needs one.
        assert seen == [1]


def test_fits_side_by_side_give_what_they_give_alone():
    problems = [problem_of(LARGE, n_rows=400, seed=seed, dtype="float32") for seed in range(4)]
    alone = [STEPS.take(CompiledSession, problem) for problem in problems]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda p: STEPS.take(CompiledSession, p, None), problems)
    for found, wanted in zip(together, alone, strict=True):
        assert_same_bits(found.vectors.parameters, wanted.vectors.parameters)


FORK = f"""
import os, sys
sys.path.insert(0, {ROOT!r})
from layerwise.engine.compiled import CompiledSession
from tests.engine.test_threads import LARGE, STEPS
from tests.helpers.compare import assert_same_bits
from tests.helpers.problems import problem_of

problem = problem_of(LARGE, n_rows=400, dtype="float32")
wanted = STEPS.take(CompiledSession, problem, 2)
child = os.fork()
found = STEPS.take(CompiledSession, problem, 2)
assert_same_bits(found.vectors.parameters, wanted.vectors.parameters)
if child == 0:
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_can_train_with_threads():
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


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
    done = subprocess.run(
        [sys.executable, "-c", FITS], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.stdout.split() == ["0"], done.stderr
