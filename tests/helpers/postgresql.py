"""A PostgreSQL server of the tests' own, where one is installed."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of a server that runs while the block does; skips where none is installed."""
    pytest.importorskip("psycopg")
    initdb, control = _program("initdb"), _program("pg_ctl")
    if not initdb or not control:
        pytest.skip("initdb and pg_ctl, of a PostgreSQL server, are not installed")
    user = {}
    folder = Path(tempfile.mkdtemp(prefix="layerwise-pg-"))
    if os.geteuid() == 0:  # as whom the server refuses to run
        import pwd

        try:
            other = pwd.getpwnam("postgres")
        except KeyError:
            other = pwd.getpwnam("nobody")
        user = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
        os.chown(folder, other.pw_uid, other.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    password = folder / "password"
    password.write_text("s3cret")
    password.chmod(0o644)

    def call(*arguments: object) -> None:
        subprocess.run(
            [str(one) for one in arguments], check=True, cwd=folder, timeout=120,
            stdout=subprocess.DEVNULL, **user,
        )  # fmt: skip

    call(initdb, "-D", data, "-U", "me", "-A", "scram-sha-256", "--pwfile", password,
         "-E", "UTF8", "--no-locale", "--no-sync")  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
    call(control, "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql://me:s3cret@127.0.0.1:{port}/postgres"
    finally:
        call(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
