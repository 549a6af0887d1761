"""The cache of compiled programs: an edit of a kernel starts a new folder; some folder is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import layerwise
from layerwise.engine import compiling

PACKAGE = Path(layerwise.__file__).parent
# A program in a file of its own, which calls a kernel of the package.
SCRIPT = """
import numpy as np
from layerwise.engine.compiling import cache_folder, program
from layerwise.engine.kernels import fill


@program
def filled(work, value):
    fill(work, 0, work.size, value)


work = np.zeros(3)
filled(work, 2.0)
print(work[0], sum(filled.stats.cache_hits.values()), cache_folder().name)
"""


@pytest.fixture
def package(tmp_path):
    """A copy of what kernels are made of, importable from tmp_path / "src"."""
    copy = tmp_path / "src" / "layerwise"
    for folder in ("architecture", "engine"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE / folder, copy / folder, ignore=ignore)
    shutil.copy(PACKAGE / "__init__.py", copy)
    return copy


def test_an_edited_kernel_is_compiled_anew(package, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    variables = {
        **os.environ,
        "PYTHONPATH": str(package.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        compiling.CACHE_VARIABLE: str(tmp_path / "cache"),
    }

    def run():
        done = subprocess.run(
            [sys.executable, str(script)],
            env=variables,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout.split()

    result, hits, folder = run()
    assert (result, hits) == ("2.0", "0")
    assert run() == ["2.0", "1", folder]  # the second time it is loaded from the cache

    kernels = package / "engine" / "kernels.py"
    source = kernels.read_text()
    assert source.count("= value\n") == 1
    kernels.write_text(source.replace("= value\n", "= value + value\n"))
    result, hits, another = run()
    assert (result, hits) == ("4.0", "0")
    assert another != folder
    assert {entry.name for entry in (tmp_path / "cache").iterdir()} == {folder, another}


class TestKey:
    @pytest.fixture
    def key(self, package, monkeypatch):
        """The key of the copied package."""
        monkeypatch.setattr(compiling, "__file__", str(package / "engine" / "compiling.py"))
        return compiling._fingerprint

    def test_the_same_files_have_the_same_key(self, key):
        assert key() == key()

    @pytest.mark.parametrize(
        "name",
        sorted(
            str(path.relative_to(PACKAGE))
            for folder in ("architecture", "engine")
            for path in (PACKAGE / folder).glob("*.py")
        ),
    )
    def test_an_edit_of_any_file_changes_it(self, key, package, name):
        before, path = key(), package / name
        path.write_text(path.read_text() + "\n")
        assert key() != before

    def test_so_does_a_new_file_and_a_file_gone(self, key, package):
        before = key()
        extra = package / "engine" / "extra.py"
        extra.write_text("")
        assert key() != before
        extra.unlink()
        assert key() == before
        (package / "engine" / "updates.py").unlink()
        assert key() != before

    @pytest.mark.parametrize("library", ["numba", "llvmlite", "np"])
    def test_so_does_another_version_of_a_library(self, key, library, monkeypatch):
        before = key()
        monkeypatch.setattr(getattr(compiling, library), "__version__", "0.0.1")
        assert key() != before

    def test_no_kernels_stand_in_folders_it_does_not_look_at(self):
        for folder in ("architecture", "engine"):
            inside = {path.parent for path in (PACKAGE / folder).rglob("*.py")}
            assert inside == {PACKAGE / folder}


class TestFolder:
    """Where the cache stands."""

    @pytest.fixture(autouse=True)
    def home(self, tmp_path, monkeypatch):
        """Nothing of the user's own is touched."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "home"))
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setattr(compiling.tempfile, "tempdir", str(tmp_path / "temporary"))
        monkeypatch.delenv(compiling.CACHE_VARIABLE, raising=False)
        (tmp_path / "temporary").mkdir()

    @pytest.fixture
    def unwritable(self, tmp_path):
        """A place where no folder can be made, for root neither: a file."""
        file = tmp_path / "file"
        file.write_text("")
        return str(file)

    @staticmethod
    def found() -> Path:
        folder = compiling.cache_folder.__wrapped__()
        assert folder.is_dir()
        assert folder.name == f"kernels-{compiling._fingerprint()}"
        return folder

    def test_the_one_asked_for(self, tmp_path, monkeypatch):
        monkeypatch.setenv(compiling.CACHE_VARIABLE, str(tmp_path / "asked" / "for"))
        assert self.found().parent == tmp_path / "asked" / "for"

    def test_else_the_users_cache(self, tmp_path):
        assert tmp_path / "home" in self.found().parents

    def test_where_that_cannot_be_written_the_next(self, tmp_path, monkeypatch, unwritable):
        monkeypatch.setenv(compiling.CACHE_VARIABLE, unwritable)
        assert tmp_path / "home" in self.found().parents
        (tmp_path / "home").rename(tmp_path / "away")
        (tmp_path / "home").write_text("")
        assert tmp_path / "temporary" in self.found().parents

    def test_a_folder_that_is_there_but_read_only(self, tmp_path, monkeypatch):
        asked = tmp_path / "read only"
        (asked / f"kernels-{compiling._fingerprint()}").mkdir(parents=True)
        monkeypatch.setenv(compiling.CACHE_VARIABLE, str(asked))

        real = compiling.tempfile.TemporaryFile

        def refuse(**options):
            if asked in Path(options["dir"]).parents:
                raise PermissionError(13, "Permission denied")
            return real(**options)

        monkeypatch.setattr(compiling.tempfile, "TemporaryFile", refuse)
        assert tmp_path / "home" in self.found().parents

    def test_nothing_is_left_behind_there(self):
        assert list(self.found().iterdir()) == []
