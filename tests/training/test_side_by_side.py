"""Several trainings in one process or in forked ones; threads shared, limits put back."""

import contextlib
import multiprocessing
import os
import select
import signal
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from layerwise import SGD, Network, Trainer
from layerwise.architecture import Architecture
from layerwise.engine import threads
from layerwise.training import TrainingDiverged
from tests.helpers.compare import assert_same_bits
from tests.helpers.forks import needs_fork
from tests.helpers.other_python import run_python
from tests.training.training import class_table, layerwise_threads

# Large enough for several shards, so that a training that finds free cores uses them.
ARCHITECTURE = Architecture([20, 150, 150, 3], output="softmax", normalization="batch", dropout=0.1)
TABLE = class_table(700, 20)
HELD_OUT = np.arange(0, 700, 5)  # named: drawing them would load scikit-learn
ROOT = str(Path(__file__).parents[2])


def trained(seed: int = 0, n_threads: int | None = None, **settings) -> np.ndarray:
    """The vector of a network after some epochs, held-out rows and all."""
    net = Network(ARCHITECTURE, seed=seed)
    settings = {"epochs": 3, "batch_size": 256} | settings
    trainer = Trainer(**settings, seed=seed, n_threads=n_threads)
    trainer.fit(net, *TABLE, validation_rows=HELD_OUT)
    return net.vector


def blas_threads() -> list[tuple[str, int]]:
    libraries = [entry for entry in threadpool_info() if entry["user_api"] == "blas"]
    return sorted((entry["filepath"], entry["num_threads"]) for entry in libraries)


# Threads


@pytest.mark.parametrize("n_threads", [None, 1, 2])
def test_four_at_once_give_what_each_gives_alone(n_threads):
    alone = [trained(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda seed: trained(seed, n_threads), range(4)))
    for seed in range(4):
        assert_same_bits(together[seed], alone[seed], f"seed {seed}")
    assert not layerwise_threads()


def test_two_may_share_a_trainer_and_a_table():
    trainer = Trainer(epochs=3, batch_size=256, seed=0)
    nets = [Network(ARCHITECTURE, seed=0) for _ in range(3)]
    trainer.fit(nets[0], *TABLE)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda net: trainer.fit(net, *TABLE), nets[1:]))
    assert_same_bits(nets[1].vector, nets[0].vector)
    assert_same_bits(nets[2].vector, nets[0].vector)


def test_one_that_fails_does_not_disturb_another():
    def fail():
        with contextlib.suppress(ZeroDivisionError):
            trained(callbacks=[lambda net, epoch: 1 / 0])

    alone = trained(1)
    with ThreadPoolExecutor(2) as pool:
        failing = [pool.submit(fail) for _ in range(10)]
        together = pool.submit(trained, 1)
    assert all(future.exception() is None for future in failing)
    assert_same_bits(together.result(), alone)


# Processes


def in_a_fork(function, seconds: float = 120.0) -> bytes:
    """What function returned in a forked child, as bytes."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with os.fdopen(write, "wb") as pipe:
                pipe.write(function().tobytes())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        if not select.select([pipe], [], [], seconds)[0]:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail(f"the child still trains after {seconds:g} seconds")
        result = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    return result


@needs_fork
@pytest.mark.parametrize("n_threads", [1, 2])
def test_after_training_a_forked_child_trains_as_well(n_threads):
    before = trained(n_threads=n_threads)
    assert in_a_fork(lambda: trained(n_threads=n_threads)) == before.tobytes()
    assert_same_bits(trained(n_threads=n_threads), before)


FORK_WHILE_OTHERS_TRAIN = """
    import sys, threading, time
    sys.path.insert(0, {root!r})
    from tests.training.test_side_by_side import in_a_fork, trained

    wanted = trained(n_threads=2).tobytes()
    ended = threading.Event()
    epochs = [0, 0]

    def train_on(i):
        def count(net, epoch):
            epochs[i] = epoch.number
            return ended.is_set()

        trained(epochs=10**6, callbacks=[count])

    others = [threading.Thread(target=train_on, args=[i]) for i in range(2)]
    for thread in others:
        thread.start()
    while not all(epochs):
        time.sleep(0.01)
    for _ in range(3):
        assert in_a_fork(lambda: trained(n_threads=2)) == wanted
    before = list(epochs)
    while epochs[0] == before[0] or epochs[1] == before[1]:  # for ever, if they stand still
        time.sleep(0.01)
    ended.set()
    for thread in others:
        thread.join()
"""


@pytest.mark.slow
@needs_fork
def test_a_child_forked_while_others_train_trains_as_well_and_so_do_the_others():
    # In a process of its own, which can be ended if it hangs.
    code = textwrap.dedent(FORK_WHILE_OTHERS_TRAIN.format(root=ROOT))
    run_python("-c", code)


@needs_fork
def test_a_child_forked_from_a_callback_trains_as_well():
    wanted = trained(n_threads=2).tobytes()
    found = []

    def fork(net, epoch):
        found.append(in_a_fork(lambda: trained(n_threads=2)))

    with_children = trained(n_threads=2, callbacks=[fork])
    assert found == [wanted] * 3
    assert with_children.tobytes() == wanted


@needs_fork
def test_a_pool_of_forked_processes():
    wanted = [trained(seed) for seed in range(2)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = pool.map_async(trained, range(2)).get(timeout=200)
    for seed in range(2):
        assert_same_bits(found[seed], wanted[seed])


# Limits of BLAS


@pytest.fixture
def two_blas_threads():
    """Two threads for every BLAS, however many cores there are."""
    trained(epochs=1)  # a limit reaches only what is loaded
    with threadpool_limits(2, "blas"):
        yield blas_threads()


def test_limits_of_blas_are_put_back(two_blas_threads):
    assert {n for _, n in two_blas_threads} == {2}
    trained()
    assert blas_threads() == two_blas_threads


def test_limits_of_blas_are_put_back_after_the_last_of_several(two_blas_threads):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(trained, range(4)))
    assert blas_threads() == two_blas_threads


def test_limits_of_blas_are_put_back_after_errors(two_blas_threads):
    with pytest.raises(ZeroDivisionError):
        trained(callbacks=[lambda net, epoch: 1 / 0])
    with pytest.raises(TrainingDiverged):
        trained(optimizer=SGD(learning_rate=1e30))
    assert blas_threads() == two_blas_threads


@needs_fork
def test_a_child_forked_in_training_has_the_limits_of_before(two_blas_threads):
    seen = []

    def fork(net, epoch):
        with threads.single_threaded_blas():
            seen.append(in_a_fork(lambda: np.array([n for _, n in blas_threads()])))

    trained(epochs=1, callbacks=[fork])
    assert set(np.frombuffer(seen[0], int)) == {2}


def test_blas_is_kept_to_one_thread_until_the_last_user_leaves(two_blas_threads):
    with threads.single_threaded_blas():
        with threads.single_threaded_blas():
            assert {n for _, n in blas_threads()} == {1}
        assert {n for _, n in blas_threads()} == {1}
    assert blas_threads() == two_blas_threads


# threadpoolctl 3.8 obeys the thread that set a limit first, and quietly no other.


def test_blas_is_kept_to_one_thread_in_every_thread(two_blas_threads):
    def limited():
        with threads.single_threaded_blas():
            return {n for _, n in blas_threads()}

    assert limited() == {1}
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(limited).result() == {1}
    assert blas_threads() == two_blas_threads


def test_limits_of_blas_are_put_back_whichever_thread_leaves_last(two_blas_threads):
    first, last = threads.single_threaded_blas(), threads.single_threaded_blas()
    first.__enter__()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(last.__enter__).result()
        first.__exit__(None, None, None)
        pool.submit(last.__exit__, None, None, None).result()
    assert blas_threads() == two_blas_threads


# Threads that cannot be had

NO_MORE_THREADS = """
    import os, sys, threading
    sys.path.insert(0, {root!r})
    from tests.training.test_side_by_side import trained

    alone = trained(n_threads=1)
    watchdog = threading.Timer(150, os._exit, [3])
    watchdog.daemon = True
    watchdog.start()
    start, started = threading.Thread.start, []

    def start_one_alone(thread):
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    threading.Thread.start = start_one_alone
    assert (trained(n_threads=3) == alone).all()
    assert len(started) == 1
"""


@pytest.mark.slow
def test_where_the_system_gives_no_more_threads_training_goes_on_with_those_it_has():
    # As in a container that may have few; in a process of its own, since it may hang.
    code = textwrap.dedent(NO_MORE_THREADS.format(root=ROOT))
    run_python("-c", code)
