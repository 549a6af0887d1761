"""Workers on Ray, which has an environment of its own: `make test-ray`."""

import sqlalchemy as sa

from layerwise.study.database import FITS, Database
from tests.study.circles import N_FITS, found_by_study


def test_workers_on_ray(tmp_path):
    import ray

    address = str(tmp_path / "a.study.db")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        found = found_by_study(database=address, backend="ray", workers=None)
        assert ray.is_initialized()  # what was there before is left as it was
    finally:
        ray.shutdown()
    database = Database(address)
    rows = database.transact(lambda c: c.execute(sa.select(FITS.c.state, FITS.c.attempts)).all())
    database.close()
    assert [(row.state, row.attempts) for row in rows] == [("done", 1)] * N_FITS
    assert found == found_by_study()


def test_a_ray_of_the_studys_own():
    import ray

    assert found_by_study(backend="ray", workers=2) == found_by_study()
    assert not ray.is_initialized()
