"""The cache of compiled programs: an edit of a kernel starts a new folder; some folder is found."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

import layerwise
from layerwise.engine.compiled import compiling, program_cache
from layerwise.files.cache_folders import CACHE_VARIABLE
from tests.helpers.folders import take_away_folders
from tests.helpers.other_python import run_python

PACKAGE = Path(layerwise.__file__).parent
# Where what kernels are made of stands.
FOLDERS = ("architecture", "architecture/steps", "engine", "engine/compiled")
# A program in a file of its own, which calls a kernel of the package.
SCRIPT = """
import numpy as np
from layerwise.engine.compiled.compiling import program
from layerwise.engine.compiled.program_cache import cache_folders
from layerwise.engine.compiled.kernels import fill


@program
def filled(work, value):
    fill(work, 0, work.size, value)


work = np.zeros(3)
filled(work, 2.0)
print(work[0], sum(filled.stats.cache_hits.values()), cache_folders()[0].name)
"""


@pytest.fixture
def package(tmp_path):
    """A copy of what kernels are made of, importable from tmp_path / "src"."""
    copy = tmp_path / "src" / "layerwise"
    for folder in ("architecture", "engine", "files"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE / folder, copy / folder, ignore=ignore)
    for file in PACKAGE.glob("*.py"):
        shutil.copy(file, copy)
    return copy


@pytest.mark.slow
def test_an_edited_kernel_is_compiled_anew(package, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    variables = {
        "PYTHONPATH": str(package.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        CACHE_VARIABLE: str(tmp_path / "cache"),
    }

    def run():
        return run_python(script, **variables).stdout.split()

    result, hits, folder = run()
    assert (result, hits) == ("2.0", "0")
    assert run() == ["2.0", "1", folder]  # the second time it is loaded from the cache

    kernels = package / "engine" / "compiled" / "kernels.py"
    source = kernels.read_text()
    assert source.count("= value\n") == 1
    kernels.write_text(source.replace("= value\n", "= value + value\n"))
    result, hits, another = run()
    assert (result, hits) == ("4.0", "0")
    assert another != folder
    assert {entry.name for entry in (tmp_path / "cache").iterdir()} == {folder, another}


@pytest.fixture
def nameless(monkeypatch):
    """A user without a name, and no temporary folder."""
    take_away_folders(monkeypatch)


class TestKey:
    @pytest.fixture
    def key(self, package, monkeypatch):
        """The key of the copied package."""
        monkeypatch.setattr(
            program_cache, "__file__", str(package / "engine" / "compiled" / "x.py")
        )
        return program_cache._fingerprint

    def test_the_same_files_have_the_same_key(self, key):
        assert key() == key()

    @pytest.mark.parametrize(
        "name",
        sorted(
            str(path.relative_to(PACKAGE))
            for folder in FOLDERS
            for path in (PACKAGE / folder).glob("*.py")
        ),
    )
    def test_an_edit_of_any_file_changes_it(self, key, package, name):
        before, path = key(), package / name
        path.write_text(path.read_text() + "\n")
        assert key() != before

    def test_so_does_a_new_file_and_a_file_gone(self, key, package):
        before = key()
        extra = package / "engine" / "compiled" / "extra.py"
        extra.write_text("")
        assert key() != before
        extra.unlink()
        assert key() == before
        (package / "engine" / "compiled" / "updates.py").unlink()
        assert key() != before

    @pytest.mark.parametrize("library", ["numba", "llvmlite", "np"])
    def test_so_does_another_version_of_a_library(self, key, library, monkeypatch):
        before = key()
        monkeypatch.setattr(getattr(program_cache, library), "__version__", "0.0.1")
        assert key() != before

    def test_no_kernels_stand_in_folders_it_does_not_look_at(self):
        for folder in ("architecture", "engine"):
            inside = {path.parent for path in (PACKAGE / folder).rglob("*.py")}
            known = {PACKAGE / name for name in FOLDERS if name.startswith(folder)}
            assert inside - {PACKAGE / "engine" / "reference"} == known


class TestFolders:
    """Where the cache may stand."""

    @pytest.fixture(autouse=True)
    def home(self, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "home"))
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        monkeypatch.delenv(CACHE_VARIABLE, raising=False)

    @staticmethod
    def found() -> list[Path]:
        folders = program_cache.cache_folders.__wrapped__()
        assert {folder.name for folder in folders} <= {f"kernels-{program_cache._fingerprint()}"}
        return folders

    def test_the_one_asked_for_then_the_users_then_a_temporary_one(self, tmp_path, monkeypatch):
        users, temporary = self.found()
        assert tmp_path / "home" in users.parents
        assert tmp_path / "temporary" in temporary.parents
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "asked" / "for"))
        assert self.found()[0].parent == tmp_path / "asked" / "for"
        assert self.found()[1:] == [users, temporary]

    def test_a_user_without_home_or_temporary_folder(self, tmp_path, monkeypatch, nameless):
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.delenv("LOCALAPPDATA")
        assert self.found() == []
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
        assert [folder.parent for folder in self.found()] == [tmp_path]


def doubled(x):
    x[0] = 2.0 * x[0]


class TestFiles:
    """A program's files in such folders."""

    @pytest.fixture
    def run(self, monkeypatch, capsys):
        """Run a program with these folders: (whether it was loaded, what was said)."""
        monkeypatch.delenv(CACHE_VARIABLE, raising=False)

        def run(*folders):
            monkeypatch.setattr(program_cache, "cache_folders", lambda: list(folders))
            compiled, x = compiling.program(doubled), np.ones(1)
            compiled(x)
            assert x[0] == 2.0
            return sum(compiled.stats.cache_hits.values()), capsys.readouterr().err

        return run

    @pytest.fixture
    def unwritable(self, tmp_path):
        """A place where no folder can be made, for root neither: a file."""
        (tmp_path / "file").write_text("")
        return tmp_path / "file" / "cache"

    def test_kept_where_it_can_be_and_loaded_again(self, run, unwritable, tmp_path):
        n_loaded, said = run(unwritable, tmp_path / "a", tmp_path / "b")
        assert n_loaded == 0
        before, after = said.splitlines()
        assert before == (
            "layerwise: compiling its engine for this machine (doubled): the first time, this "
            "takes some seconds, up to a minute where it is slow or busy"
        )
        assert re.fullmatch(r"layerwise: compiled \(doubled\) in \d+ s", after)
        (file,) = (tmp_path / "a").iterdir()
        assert not (tmp_path / "b").exists()
        assert run(unwritable, tmp_path / "a", tmp_path / "b") == (1, "")
        assert list((tmp_path / "a").iterdir()) == [file]

    def test_the_folder_asked_for_gets_what_another_has(self, run, tmp_path, monkeypatch):
        run(tmp_path / "users")
        assert run(tmp_path / "none", tmp_path / "users") == (1, "")
        assert not (tmp_path / "none").exists()
        monkeypatch.setenv(CACHE_VARIABLE, "asked for")
        assert run(tmp_path / "asked", tmp_path / "users") == (1, "")
        assert run(tmp_path / "asked") == (1, "")
        assert len(list((tmp_path / "asked").iterdir())) == 1

    def test_a_full_folder_that_is_read_only_is_used_as_it_is(self, run, tmp_path, monkeypatch):
        run(tmp_path / "a")

        def refuse(self, *arguments, **options):
            raise OSError(30, "Read-only file system")

        for change in ("mkdir", "write_bytes", "replace", "unlink", "touch"):
            monkeypatch.setattr(Path, change, refuse)
        assert run(tmp_path / "none", tmp_path / "a") == (1, "")
        monkeypatch.setenv(CACHE_VARIABLE, "asked for")
        assert run(tmp_path / "none", tmp_path / "a") == (1, "")

    def test_where_nothing_can_be_kept_it_says_so(self, run, unwritable):
        for folders in ([], [unwritable]):
            n_loaded, said = run(*folders)
            assert n_loaded == 0
            assert "no folder can be written to" in said
            assert CACHE_VARIABLE in said

    @pytest.mark.parametrize(
        "damage", [lambda code: code[:-9], lambda code: b"", lambda c: b"x\ny"]
    )
    def test_a_damaged_file_is_compiled_anew(self, run, tmp_path, damage):
        run(tmp_path / "a")
        (file,) = (tmp_path / "a").iterdir()
        file.write_bytes(damage(file.read_bytes()))
        assert run(tmp_path / "a")[0] == 0
        assert run(tmp_path / "a") == (1, "")

    @pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners")
    def test_what_belongs_to_somebody_else_is_not_run(self, run, tmp_path, monkeypatch):
        run(tmp_path / "a")
        if os.getuid() == 0:
            os.chown(tmp_path / "a", 12345, -1)
        else:
            monkeypatch.setattr(os, "getuid", lambda: 12345)
        n_loaded, said = run(tmp_path / "a")
        assert n_loaded == 0
        assert "no folder can be written to" in said


WITHOUT = """
import sys
import numpy as np
import numba.core.typed_passes
del numba.core.typed_passes.NoPythonBackend
from layerwise.engine.compiled.compiling import kernel, program


@kernel
def fill(work, value):
    for i in range(work.size):
        work[i] = value


@program
def filled(work, value):
    fill(work, value)


work = np.zeros(3)
filled(work, 2.0)
print(*work)
"""


@pytest.mark.slow
def test_a_numba_without_a_name_from_its_inside_is_used_as_it_is(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(WITHOUT)
    done = run_python(script)
    assert done.stdout == "2.0 2.0 2.0\n"
    assert "does not know Numba" in done.stderr
