"""A system that gives little: nothing to write to, no home, few threads, little memory."""

import io
import os
import sys
from pathlib import Path

import pytest

from layerwise.cli import command as cli
from layerwise.cli import thread_limit
from layerwise.cli.refusals import what_ran_out
from tests.helpers.folders import no_folder, take_away_folders
from tests.helpers.other_python import run_python


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A small model and its table."""
    from layerwise.estimators.table_classifier import TableClassifier
    from layerwise.store import save
    from layerwise.tables.reading import read_table

    folder = tmp_path_factory.mktemp("bare")
    (folder / "t.csv").write_text("".join(["x,y\n", *(f"{i},{'ab'[i > 9]}\n" for i in range(20))]))
    read = read_table(folder / "t.csv").table
    fitted = TableClassifier(epochs=1, n_folds=2, n_repeats=1, hidden=(2,)).fit(
        read.drop_columns(["y"]), read["y"]
    )
    save(fitted, folder / "m.layerwise")
    return folder


@pytest.fixture
def read_only(monkeypatch):
    """No home, no temporary folder, and no file that could be opened to be written."""

    real = os.open

    def reads(path, flags, *arguments, **options):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(30, "Read-only file system", path)
        return real(path, flags, *arguments, **options)

    take_away_folders(monkeypatch)
    monkeypatch.setattr(os, "open", reads)
    monkeypatch.setattr(os, "mkdir", no_folder)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no files in memory")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_predict_needs_nothing_to_write_to(command, model, monkeypatch, request, encoding):
    text = (model / "t.csv").read_text().encode(encoding)
    table = model / f"{encoding}.csv"
    table.write_bytes(text)
    paths = str(model / "m.layerwise"), str(table)
    wanted = command("predict", *paths)
    assert wanted[0] == 0
    request.getfixturevalue("read_only")
    assert command("predict", *paths) == wanted
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert command("predict", paths[0], "-") == wanted


BARE = """
import os, sys, tempfile
from pathlib import Path

def no_home(*arguments):
    raise RuntimeError("Could not determine home directory.")

def no_folder():
    raise FileNotFoundError(2, "No usable temporary directory found")

Path.home = no_home
tempfile.gettempdir = no_folder
from layerwise.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["", "cache"])
def test_a_picture_needs_no_folder_but_its_own(tmp_path, kept):
    (tmp_path / "out").mkdir()
    names = {"PATH", "LANG", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    variables = {name: os.environ[name] for name in names & set(os.environ)}
    if kept:
        variables["LAYERWISE_CACHE_DIR"] = str(tmp_path / kept)
    path = str(tmp_path / "out" / "a.svg")
    done = run_python("-c", BARE, "draw", "2-3-1", "-o", path, env=variables)
    assert done.stderr == f"layerwise: written to {path}\n"
    assert os.listdir(tmp_path / "out") == ["a.svg"]
    assert (tmp_path / "cache" / "matplotlib").is_dir() == bool(kept)


def test_a_home_that_is_not_known_is_said(command, model, monkeypatch):
    def no_home(self):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", no_home)
    code, out, err = command("predict", str(model / "m.layerwise"), "~/t.csv")
    assert (code, out) == (1, "")
    assert "home folder in ~/t.csv is not known" in err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError("Unable to allocate 9 GiB"), "not enough memory (Unable to allocate 9 GiB)"),
        (MemoryError(), "there is not enough memory: see what limits it"),
        (OSError(12, "Cannot allocate memory"), "not enough memory"),
        (ImportError("x.so: failed to map segment from shared object"), "not enough memory"),
        (RuntimeError("can't start new thread"), "start no more threads"),
    ],
)
def test_what_ran_out_is_one_line(monkeypatch, capsys, error, said):
    def run(**options):
        raise error

    monkeypatch.setattr(cli, "_commands", lambda: run)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    err = capsys.readouterr().err
    assert said in err
    assert err.startswith("layerwise: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "error", [RuntimeError("boom"), ValueError("a"), FileNotFoundError(2, "No such file")]
)
def test_other_errors_are_not_taken_for_it(error):
    assert what_ran_out(error) is None


class TestThreads:
    @pytest.fixture(autouse=True)
    def machine(self, monkeypatch, tmp_path):
        """16 cores, and nothing limited."""
        import resource

        self.limits = {}
        none = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        monkeypatch.setattr(resource, "getrlimit", lambda kind: self.limits.get(kind, none))
        monkeypatch.setattr(os, "cpu_count", lambda: 16)
        monkeypatch.setattr(thread_limit, "_CONTAINER_LIMITS", (str(tmp_path / "pids.max"),))
        monkeypatch.setenv("OMP_NUM_THREADS", "")
        monkeypatch.delenv("OMP_NUM_THREADS")

    def asked(self):
        thread_limit.limit_threads()
        return os.environ.get("OMP_NUM_THREADS")

    def test_without_limits_nothing_is_asked_for(self):
        assert self.asked() is None

    @pytest.mark.parametrize(("limit", "n"), [(64, "8"), (2, "1"), (4096, None)])
    def test_of_threads(self, limit, n):
        import resource

        self.limits[resource.RLIMIT_NPROC] = (limit, limit)
        assert self.asked() == n

    @pytest.mark.parametrize(("limit", "n"), [("64\n", "8"), ("max\n", None)])
    def test_of_a_containers_threads(self, tmp_path, limit, n):
        (tmp_path / "pids.max").write_text(limit)
        assert self.asked() == n

    @pytest.mark.parametrize(("gigabytes", "n"), [(2, "4"), (64, None)])
    def test_of_address_space(self, gigabytes, n):
        import resource

        self.limits[resource.RLIMIT_AS] = (gigabytes << 30, gigabytes << 30)
        assert self.asked() == n

    def test_what_the_user_has_set_stays(self, tmp_path, monkeypatch):
        (tmp_path / "pids.max").write_text("64\n")
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        assert self.asked() == "3"
