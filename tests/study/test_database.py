"""Both databases: claims, leases, and what is refused."""

import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from layerwise.study import database as of_databases
from layerwise.study.database import FITS, Database, Sealed
from layerwise.study.held_out_units import pack
from layerwise.study.leases import MOST_ATTEMPTS, Leases
from layerwise.study.results import FitResult, StudyError


def result_of(claim):
    if claim.configuration is None:
        return 0.9
    return FitResult(claim.configuration, *claim.split, 0.8, 0.9, 0.3, 0.2, 0.01, 5)


def expire(database):
    database.transact(lambda c: c.execute(sa.update(FITS).values(lease_until=0.0)))


def test_every_fit_is_claimed_once_by_workers_side_by_side(address, database, begun):
    kept = begun(database, depth=range(9), pruning=False, folds=5)
    n = len(kept.plan.steps())
    done, lock = [], threading.Lock()

    def work(name):
        own = Database(address)
        leases = Leases(own, kept.number, name, 60.0)
        while (claim := leases.claim()) is not None:
            with lock:
                done.append(claim.position)
            assert leases.finish(claim, result_of(claim))
        own.close()

    threads = [threading.Thread(target=work, args=(f"w{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == list(range(n))
    results = kept.results()
    assert len(results.fits) + len(results.trees) == n


def test_the_order_of_claims(database, begun):
    kept = begun(database, pruning=False)
    leases = Leases(database, kept.number, "a", 60.0)
    claims = [leases.claim() for _ in range(8)]
    assert [c.split for c in claims] == [(0, 0)] * 4 + [(0, 1)] * 4
    assert [c.configuration for c in claims[:4]] == [0, 1, 2, None]  # an answer soon
    assert [c.configuration for c in claims[4:]] == [None, 2, 1, 0]  # the largest first


def test_nothing_of_a_later_rung_is_claimed(database, begun):
    kept = begun(database, folds=5)
    leases = Leases(database, kept.number, "a", 60.0)
    claimed = []
    while (claim := leases.claim()) is not None:
        claimed.append(claim)
    assert {c.split for c in claimed} == set(kept.plan.splits[: kept.plan.rungs[0]])
    assert len(kept.plan.rungs) > 1


def test_a_claim_that_expired_is_anothers(database, begun):
    kept = begun(database)
    slow, quick = (Leases(database, kept.number, name, 60.0) for name in ("slow", "quick"))
    claim = slow.claim()
    assert quick.claim() != claim  # while it holds
    assert slow.renew(claim)
    expire(database)
    assert slow.renew(claim)  # late, but nobody took it
    expire(database)
    assert quick.claim() == claim
    assert not slow.renew(claim)
    assert not slow.finish(claim, result_of(claim))
    assert not slow.release(claim)
    assert not slow.fail(claim, "no")
    assert quick.finish(claim, result_of(claim))
    expire(database)
    assert quick.claim() != claim  # what is done is not done again


def test_a_lease_runs_by_the_databases_clock(database, begun):
    kept = begun(database)
    expired, one, other = (
        Leases(database, kept.number, name, seconds)
        for name, seconds in zip("abc", (-1, 60, 60), strict=True)
    )
    claim = expired.claim()
    before = time.time()
    assert one.claim() == claim
    after = time.time()
    assert other.claim() != claim
    until = sa.select(FITS.c.lease_until).where(FITS.c.owner == "b")
    [(seconds,)] = database.transact(lambda c: c.execute(until).all())
    assert before + 60 - 0.01 <= seconds <= after + 60 + 0.01  # a clock of this machine too


def test_a_fit_given_back_waits_again(database, begun):
    kept = begun(database)
    leases = Leases(database, kept.number, "a", 60.0)
    for _ in range(3 * MOST_ATTEMPTS):  # it does not count as an attempt
        claim = leases.claim()
        assert claim.position == 0
        assert leases.release(claim)


def test_a_fit_whose_workers_vanish_is_given_up(database, begun):
    kept = begun(database)
    leases = Leases(database, kept.number, "a", 60.0)
    first = leases.claim()
    leases.finish(first, result_of(first))
    claim = leases.claim()
    for _ in range(MOST_ATTEMPTS):
        expire(database)
        again = leases.claim()
    assert again != claim
    assert "vanished 3 times" in kept.results().failed[claim.configuration]


def test_workers_end_when_their_run_does(database, begun):
    kept = begun(database)
    leases = Leases(database, kept.number, "run/a", 60.0)
    assert leases.is_to_stop("run")  # there is none
    kept.begin_run("run", 60.0)
    assert not leases.is_to_stop("run")
    kept.stop_run("run")
    assert leases.is_to_stop("run")
    kept.begin_run("other", -1.0)  # not seen for a second
    assert leases.is_to_stop("other")
    kept.keep_run("other", 60.0)
    assert not leases.is_to_stop("other")
    claim = leases.claim()
    kept.release_run("run")
    assert Leases(database, kept.number, "other/b", 60.0).claim() == claim


def test_results_come_back_as_they_were(database, begun):
    kept = begun(database)
    leases = Leases(database, kept.number, "a", 60.0)
    claims = {claim.configuration: claim for claim in (leases.claim() for _ in range(4))}
    fit = FitResult(2, 0, 0, 0.1 + 0.2, 1.0, 1e-300, 0.25, 1.5, 3, 0.01, (0.5, 1e-9), (), (0.7,))
    assert leases.finish(claims[2], fit)
    assert leases.finish(claims[None], 2 / 3)
    assert leases.fail(claims[1], "the loss became nan", for_good=True)
    results = kept.results()
    assert list(results.fits) == [fit]
    assert results.trees == {(0, 0): 2 / 3}
    assert results.failed == {1: "the loss became nan"}
    assert results.splits == [(0, 0), (0, 1), (0, 2)]
    progress = kept.progress()
    assert (progress.done, progress.left, progress.running) == (3, 9, 1)


def test_a_study_that_is_there_already(database, begun):
    begun(database)
    with pytest.raises(StudyError, match=r"holds this study already \(0 of 12 fits done\): add"):
        begun(database)
    assert begun(database, resume=True).number == begun(database, resume=True).number
    assert begun(database, name="another").number != begun(database, resume=True).number


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epochs": 7}, "epochs 3 there, 7 here"),
        ({"depth": [0, 1]}, "depths 1, 2 there, 1 here. A study can be widened by further depths"),
        ({"activation": ["relu"]}, "activations tanh there, relu here"),
        ({"folds": 4}, "folds 3 there, 4 here. With other folds all rows are split otherwise"),
        ({"depth": [1, 3], "width": [8]}, "depths 1, 2 there, 1, 3 here; widths 4 there, 8 here"),
        ({"early_stopping": False}, "patience .* there, none here"),
        ({"drop": ["colour"]}, "the rows, or what was decided about the columns"),
    ],
)
def test_another_study_of_that_name(database, begun, settings, said):
    begun(database)
    with pytest.raises(StudyError, match=f"holds another study of the name 'study'.*{said}"):
        begun(database, resume=True, **settings)


def test_another_version(database, begun, monkeypatch):
    begun(database)
    monkeypatch.setattr("layerwise.study.continuation.__version__", "9.9")
    with pytest.raises(StudyError, match=r"layerwise \S+ there, 9.9 here"):
        begun(database, resume=True)


def test_a_locked_file(tmp_path, begun, monkeypatch):
    monkeypatch.setattr(of_databases, "_BUSY_SECONDS", 0.1)
    path = tmp_path / "a.study.db"
    kept = begun(Database(path))
    kept.database.close()
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StudyError, match="is locked by another program: close it, or name"):
        Database(path)
    other.rollback()
    assert begun(Database(path), resume=True).number == kept.number  # nothing was lost


def test_a_lock_that_passes_is_waited_for(tmp_path, begun, monkeypatch):
    monkeypatch.setattr(of_databases, "_BUSY_SECONDS", 0.05)
    kept = begun(Database(tmp_path / "a.study.db"))
    other = sqlite3.connect(tmp_path / "a.study.db", check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            other.rollback()

    clock = SimpleNamespace(monotonic=lambda: float(len(waits)), sleep=sleep)
    monkeypatch.setattr(of_databases, "time", clock)
    assert Leases(kept.database, kept.number, "a", 60.0).claim() is not None
    assert len(waits) == 3


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "is a folder; name a file"),
        (lambda path: path.write_text("a,b\n" * 500), "is not a database of a study"),
    ],
)
def test_what_is_no_database(tmp_path, make, said):
    path = tmp_path / "a.study.db"
    make(path)
    with pytest.raises(StudyError, match=said):
        Database(path)


def sealed(column, table, text):
    """What writes another text, with its checksum, where one was."""
    seal = Sealed().process_bind_param(text, None)
    return f"UPDATE {table} SET {column} = '{seal}' WHERE {column} IS NOT NULL"


def with_deviations(text):
    """What gives a fit that is done other numbers of its units, in JSON."""
    result = json.dumps(FitResult(2, 0, 0, 0.8, 0.9, 0.3, 0.2, 0.01, 5).to_json())
    return sealed(
        "result", "layerwise_fit", result.replace('"deviations": ""', f'"deviations": {text}')
    )


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE layerwise_fit SET result = replace(result, '0.8', '0.9') WHERE position = 0",
        "UPDATE layerwise_fit SET score = 0.9 WHERE position = 0",
        "UPDATE layerwise_fit SET fold = 2 WHERE position = 0",
        "UPDATE layerwise_fit SET state = 'dond' WHERE position = 0",
        "UPDATE layerwise_fit SET result = CAST(X'ff' AS TEXT) WHERE position = 0",
        "DELETE FROM layerwise_fit WHERE position = 0",
        sealed("result", "layerwise_fit", "[0.8"),
        sealed("result", "layerwise_fit", '{"score": 0.8, "x": 1}'),
        *(with_deviations(text) for text in ("null", "5", "[1, 2]", '"f@@@@"', '"x"', '"fé"')),
        with_deviations(json.dumps(pack([0.1, -0.1]))),
        sealed("plan", "layerwise_study", '{"folds": 3}'),
        sealed("plan", "layerwise_study", "3"),
        sealed("versions", "layerwise_study", "nothing"),
        "ALTER TABLE layerwise_fit DROP COLUMN score",
        "ALTER TABLE layerwise_run DROP COLUMN stop",
        "UPDATE layerwise_study SET is_finished = 1",
        "UPDATE layerwise_study SET plan = replace(plan, ':', '=')",
    ],
)
def test_a_study_that_is_damaged_is_refused(tmp_path, begun, damage):
    path = tmp_path / "a.study.db"
    kept = begun(Database(path), trees=False)
    leases = Leases(kept.database, kept.number, "a", 60.0)
    claim = leases.claim()
    assert leases.finish(claim, result_of(claim))
    assert begun(Database(path), resume=True, trees=False).results() == kept.results()
    kept.database.close()
    with sqlite3.connect(path) as connection:
        connection.execute(damage)
    connection.close()
    with pytest.raises(StudyError, match="is damaged"):
        begun(Database(path), resume=True, trees=False)


def test_a_study_begun_in_another_order_goes_on(tmp_path, begun):
    """As earlier versions began with the largest networks."""
    path = tmp_path / "a.study.db"
    kept = begun(Database(path), trees=False)
    kept.database.close()
    last = len(kept.plan.configurations) - 1
    with sqlite3.connect(path) as connection:
        for old, new in ((0, -1), (last, 0), (-1, last)):
            connection.execute(f"UPDATE layerwise_fit SET position = {new} WHERE position = {old}")
    connection.close()
    kept = begun(Database(path), resume=True, trees=False)
    assert Leases(kept.database, kept.number, "a", 60.0).claim().configuration == last


def test_on_a_full_disk_the_study_ends_at_once(tmp_path, begun, small, rows, monkeypatch):
    """A clear error, and no attempt that could only fail again."""
    set_up, path = of_databases._set_up_sqlite, tmp_path / "a.study.db"
    begun(Database(path), trees=False).database.close()
    pages = path.stat().st_size // 4096

    def fill(connection, record):
        set_up(connection, record)
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def sleep(seconds):
        pytest.fail("there is nothing to wait for")

    monkeypatch.setattr(of_databases, "_set_up_sqlite", fill)
    monkeypatch.setattr(
        of_databases, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep)
    )
    with pytest.raises(
        StudyError, match=r"is full\): see that .* Fits that are done are kept in it"
    ):
        small(database=path, resume=True, trees=False).fit(*rows)


def test_pages_that_do_not_agree_are_refused(tmp_path, begun):
    path = tmp_path / "a.study.db"
    begun(Database(path)).database.close()
    content = path.read_bytes()
    # A state, where it stands in the table or in the index.
    path.write_bytes(content.replace(b"waiting", b"waitinh", 1))
    with pytest.raises(StudyError, match="is damaged"):
        Database(path)


def test_names_that_are_no_text_are_damage(tmp_path, begun):
    path = tmp_path / "a.study.db"
    begun(Database(path)).database.close()
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE T\xffBLE", 1))
    with pytest.raises(StudyError, match="is damaged"):
        Database(path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StudyError, match=r"there is no folder .*nowhere; make it first"):
        Database(tmp_path / "nowhere" / "a.db")


@pytest.mark.parametrize("url", ["mysql://me@host/x", "nonsense://", "postgresql://[::1/x", "://x"])
def test_addresses_that_are_not_understood(url):
    with pytest.raises(StudyError, match=r"SQLite files or on PostgreSQL|is not understood"):
        Database(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret@127.0.0.1:1/studies",
        "postgresql://127.0.0.1:1/studies?password=s3cret&user=me",
    ],
)
def test_a_server_that_is_not_there(url):
    pytest.importorskip("psycopg")
    with pytest.raises(StudyError, match="cannot be reached or used") as caught:
        Database(url)
    assert "s3cret" not in str(caught.value)


def test_a_wrong_password(server):
    with pytest.raises(StudyError, match="cannot be reached or used") as caught:
        Database(server.replace("s3cret", "wr0ng"))
    assert "wr0ng" not in str(caught.value)


def test_who_was_stopped_within_a_transaction_blocks_nobody_for_ever(server, monkeypatch):
    """It is cut off, so that the others go on, and so does it once it wakes."""
    monkeypatch.setattr(of_databases, "_IDLE_SECONDS", 0.3)
    stopped, begun = Database(server), []

    def work(connection):
        begun.append(True)
        if len(begun) == 1:
            Database(f"{server}?options=-clock_timeout%3D20000").close()  # waits for its lock
        return connection.execute(sa.select(1)).scalar()

    assert stopped.transact(work, alone=True) == 1
    assert len(begun) == 2
    stopped.close()


def test_a_servers_lock_is_not_waited_for_for_ever(server, monkeypatch):
    holder = Database(server)
    monkeypatch.setattr(of_databases, "_LOCK_SECONDS", 0.2)
    with holder.engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(of_databases._ALONE)))
        with pytest.raises(StudyError, match=r"/postgres is locked by another program: close it"):
            Database(server)
    holder.close()


def test_a_file_may_be_made_by_many_at_once(tmp_path):
    for number in range(10):
        address = str(tmp_path / f"{number}.study.db")
        with ThreadPoolExecutor(8) as pool:
            for database in pool.map(Database, [address] * 8):
                database.close()
