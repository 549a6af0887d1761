"""One study begun by several at the same moment: whoever comes second joins."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sqlalchemy as sa

from layerwise.study import DepthStudy
from layerwise.study.database import FITS, STUDIES, Database

N_AT_ONCE = 4


def rows_in(address):
    """(how many studies, the fits) in a database."""
    database = Database(address)
    try:
        return database.transact(
            lambda c: (
                c.execute(sa.select(sa.func.count()).select_from(STUDIES)).scalar(),
                c.execute(sa.select(FITS.c.state, FITS.c.attempts)).all(),
            )
        )
    finally:
        database.close()


def test_the_same_study_is_begun_by_several_at_once(new_address, begun):
    together = threading.Barrier(N_AT_ONCE)

    def begin(address):
        together.wait()
        database = Database(address)
        try:
            return begun(database, resume=True).number
        finally:
            database.close()

    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        for _ in range(8):
            address = new_address()
            assert len(set(pool.map(begin, [address] * N_AT_ONCE))) == 1
            n_studies, fits = rows_in(address)
            assert n_studies == 1
            assert [tuple(fit) for fit in fits] == [("waiting", 0)] * 12


def study_each(addresses, together, found):
    """Do the study in each database, beginning each together with other processes."""
    random = np.random.default_rng(0)
    x = random.normal(size=(40, 2))
    for address in addresses:
        study = DepthStudy(
            depth=[0, 1], width=[2], activation=["relu"], folds=2, seeds=1, epochs=1,
            trees=False, workers=1, database=address, resume=True,
        )  # fmt: skip
        together.wait()
        try:
            study.fit(x, x[:, 0] > 0)
            found.put([fit.score for fit in study.study_.fits])
        except Exception as error:  # noqa: BLE001  what came is what the test is about
            found.put(repr(error))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_200_studies_each_begun_by_4_processes_at_once(new_address):
    addresses = [new_address() for _ in range(200)]
    context = multiprocessing.get_context("spawn")
    together, found = context.Barrier(N_AT_ONCE), context.Queue()
    processes = [
        context.Process(target=study_each, args=(addresses, together, found), daemon=True)
        for _ in range(N_AT_ONCE)
    ]
    for process in processes:
        process.start()
    answers = [found.get(timeout=600) for _ in range(N_AT_ONCE * len(addresses))]
    for process in processes:
        process.join()
    assert answers == [answers[0]] * len(answers)
    assert len(answers[0]) == 4
    for address in addresses:
        n_studies, fits = rows_in(address)
        assert n_studies == 1
        assert [tuple(fit) for fit in fits] == [("done", 1)] * 4
