"""A password is in nothing that a command prints or writes, whichever way it came in."""

import sqlite3
import sys

import numpy as np
import psycopg
import pyarrow as pa
import pytest

from layerwise.cli import main
from layerwise.files.passwords import hide_secrets
from layerwise.study.depth_study import DepthStudy
from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table, reader, write_table
from layerwise.tables.reading.result import Part
from tests.cli.conftest import QUICK
from tests.helpers.postgresql import postgresql_server

SECRET = "s3cretW0rd"
STUDY = ["--depth", "0-1", "--width", "4", "--activation", "tanh", "--folds", "3", "--seeds", "1",
         "--epochs", "2", "--workers", "1", "--no-trees"]  # fmt: skip
ADDRESSES = [
    f"postgresql://me:{SECRET}@127.0.0.1:1/shop",
    f"postgresql://me:{SECRET}@127.0.0.1:1",
    f"postgres://127.0.0.1:1/shop?user=me&password={SECRET}&connect_timeout=1",
    f"postgresql://me:%73{SECRET}@127.0.0.1:1/shop",
    f"postgresql://me:{SECRET}%zz@127.0.0.1:1/shop",
    f"postgresql://me:a@{SECRET}@127.0.0.1:1/shop",
    f"postgresql://me:a/{SECRET}@127.0.0.1:1/shop",
    f"postgresql://me:{SECRET}@127.0.0.1:port/shop",
    f"postgresql://me:{SECRET}@[::1/shop",
    f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/shop",
    f"mysql://me:{SECRET}@127.0.0.1:1/shop",
    f"host=127.0.0.1 port=1 user=me password={SECRET}",
    f"host=127.0.0.1 port=1 user=me password = 'a {SECRET}'",
]


@pytest.fixture
def no_secret(tmp_path, monkeypatch):
    """no_secret(out, err): it is in neither, nor in any file that was written, or a file's name."""

    def check(*printed):
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        written = [file.read_bytes().decode("latin-1") for file in files]
        for text in (*printed, *map(str, files), *written):
            assert SECRET not in text
            assert SECRET[2:] not in text

    return check


def rows(n=60):
    random = np.random.default_rng(0)
    x = random.normal(size=n)
    return pa.table({"x": x, "town": ["Ulm", "Bonn"] * (n // 2), "y": np.where(x > 0, "a", "b")})


@pytest.fixture
def server(monkeypatch):
    """A server that gives the same rows whatever it is asked."""
    monkeypatch.setattr(reader, "read_postgresql", lambda url, query, table: Part(rows()))


@pytest.mark.parametrize("address", ADDRESSES[1:3])
def test_what_is_made_of_a_server_s_table(
    command, no_pictures, server, no_secret, address, tmp_path
):
    inner = f"host=db user=me password={SECRET}"
    query = ["--query", f"SELECT * FROM dblink('{inner}', 'SELECT 1')"]
    code, out, err = command("fit", address, "-t", "y", "-o", "m.layerwise", *QUICK, *query)
    assert (code, err) == (0, "")
    page = (tmp_path / "m.report.html").read_text()
    assert "postgres" in page
    assert "password=***" in page
    no_secret(out, err)
    for arguments in (
        ("predict", "m.layerwise", address, "-o", "p.csv"),
        ("evaluate", "m.layerwise", address),
        ("evaluate", "m.layerwise", address, "--json"),
        ("explain", "m.layerwise", address),
        ("explain", "m.layerwise", address, "-o", "e.html"),
        ("draw", "m.layerwise", address, "--row", "1", "-o", "d.svg"),
        ("show", "m.layerwise"),
    ):
        more = [] if arguments[0] == "show" else query
        code, out, err = command(*arguments, *more)
        assert code == 0, err
        no_secret(out, err)


def test_a_study_of_a_server_s_table(command, no_pictures, server, no_secret, tmp_path):
    options = ["--database", "s.db", "--query", f"SELECT 1 -- password={SECRET}", *STUDY]
    code, out, err = command("study", ADDRESSES[0], "-t", "y", "--json", *options)
    assert code == 0, err
    assert (
        "layerwise study postgresql://me@127.0.0.1:1/shop"
        in (tmp_path / "table.study.html").read_text()
    )
    no_secret(out, err)
    with sqlite3.connect(tmp_path / "s.db") as database:
        assert SECRET not in "\n".join(database.iterdump())


def test_a_study_kept_on_a_server(command, no_pictures, tmp_path):
    with postgresql_server() as url, psycopg.connect(url, autocommit=True) as connection:
        write_table(rows(), tmp_path / "t.csv")
        code, out, err = command("study", "t.csv", "-t", "y", "--database", url, *STUDY, "--json")
        assert code == 0, err
        tables = ("study", "fit", "pruned", "run")
        kept = [connection.execute(f"SELECT * FROM layerwise_{one}").fetchall() for one in tables]
    password = url.partition("me:")[2].partition("@")[0]
    assert kept[1]
    for text in (out, err, repr(kept), (tmp_path / "t.study.html").read_text()):
        assert password not in text


@pytest.mark.parametrize(
    ("address", "in_environment"), [(ADDRESSES[0], True), *((one, False) for one in ADDRESSES)]
)
def test_what_cannot_be_read_is_told_without(
    command, no_secret, address, in_environment, monkeypatch, tmp_path
):
    if in_environment:
        monkeypatch.setenv("PGPASSWORD", SECRET)
    (tmp_path / "t.csv").write_text("x,y\n" + "1,a\n2,b\n" * 20)
    for arguments in (
        ("fit", address, "-t", "y", "--query", "SELECT 1"),
        ("fit", "t.csv", "-t", "y", "--test-file", address),
        ("study", "t.csv", "-t", "y", "--database", address, *STUDY),
        ("fit", "t.csv", "-t", "y", f"--no-such-option={address}"),
        ("fit", "t.csv", address),
        ("show", address),
        ("draw", address),
    ):
        code, out, err = command(*arguments)
        assert code in {1, 2}
        assert err.startswith("layerwise: ")
        no_secret(out, err)


def test_a_fault_of_ours_is_told_without(no_secret, monkeypatch, capsys):
    def fail(*_, **__):
        raise RuntimeError(f"cannot use {ADDRESSES[0]} and {SECRET}")

    monkeypatch.setattr("layerwise.tables.reading.read_table", fail)
    monkeypatch.setattr(sys, "argv", ["layerwise", "fit", ADDRESSES[0], "-t", "y"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.endswith("RuntimeError: cannot use postgresql://me@127.0.0.1:1/shop and ***\n")
    no_secret(said)


def test_in_python_too():
    for address in ADDRESSES:
        with pytest.raises(TableError) as caught:
            read_table(address, query="SELECT 1", format="postgresql")
        assert SECRET not in str(caught.value)
    assert SECRET not in repr(DepthStudy(database=ADDRESSES[0]))
    assert "me@127.0.0.1" in repr(DepthStudy(database=ADDRESSES[0]))


def test_what_is_no_password_stays():
    for text in (
        "layerwise fit houses.csv --target price -o 'a:b@c.layerwise'",
        "postgresql://me@host:5432/houses?sslmode=require",
        "SELECT * FROM houses WHERE password_length > 3",
        "https://example.com:8080/a.csv",
    ):
        assert hide_secrets(text) == text
