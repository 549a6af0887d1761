"""Studies small enough for tests, and databases to keep them in."""

import uuid

import numpy as np
import pytest

from layerwise.study.database import Database
from layerwise.study.depth_study import DepthStudy
from layerwise.study.plan import facts_of, make_plan
from tests.helpers.postgresql import postgresql_server


@pytest.fixture(scope="session")
def server():
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def new_address(request, tmp_path):
    """new_address() -> the address of an empty database: a file, or a schema of a server's own."""
    if request.param == "sqlite":
        yield lambda: str(tmp_path / f"{uuid.uuid4().hex}.study.db")
        return
    import psycopg

    url = request.getfixturevalue("server")
    schemas = []

    def make():
        schemas.append(f"s{uuid.uuid4().hex}")
        connection.execute(f"CREATE SCHEMA {schemas[-1]}")
        return f"{url}?options=-csearch_path%3D{schemas[-1]}"

    with psycopg.connect(url, autocommit=True) as connection:
        yield make
        for schema in schemas:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def address(new_address):
    """The address of an empty database."""
    return new_address()


@pytest.fixture
def database(address):
    opened = Database(address)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def rows():
    """(X, y): two classes that a line cannot part, in 120 rows, with a category beside them."""
    random = np.random.default_rng(0)
    x = random.normal(size=(120, 2)).round(3)
    inside = (x**2).sum(axis=1) < 1.2
    colours = np.where(random.random(120) < 0.5, "red", "green").tolist()
    return {"a": x[:, 0], "b": x[:, 1], "colour": colours}, np.where(inside, "in", "out").tolist()


SMALL = {
    "depth": [0, 1, 2],
    "width": [4],
    "activation": ["tanh"],
    "folds": 3,
    "seeds": 1,
    "epochs": 3,
    "workers": 1,
    "fit_score": False,
}


@pytest.fixture
def small():
    """small(depth=[1], ...) -> a study of a few fits that take no time."""

    def make(**settings):
        return DepthStudy(**SMALL | settings)

    return make


@pytest.fixture
def begun(small, rows):
    """begun(database, ...) -> a study in a database, nothing of it done yet."""
    from layerwise.study.stored_study import KeptStudy

    def make(database, resume=False, name="study", **settings):
        study = small(**settings)
        table = study.rows(*rows)
        plan = make_plan(study, table)
        facts = facts_of(table, plan)
        return KeptStudy.begin(database, name, plan, table.fingerprint, facts, resume=resume)

    return make
