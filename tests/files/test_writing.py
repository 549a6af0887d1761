"""A file is written whole, where the path leads, with the mode it had; or an error says why."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from layerwise.files.atomic_writing import (
    FileWriteError,
    ModelFileError,
    check_writable,
    whole_file,
    write_whole,
)
from tests.helpers.full_disk import largest_file


@pytest.fixture
def umask():
    before = os.umask(0o027)
    yield
    os.umask(before)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "a", tmp_path / "link"
    link.symlink_to(Path("there", "a"))
    for payload in (b"new", b"again"):
        write_whole(link, payload)
        assert link.is_symlink()
        assert target.read_bytes() == payload
    assert os.listdir(target.parent) == ["a"]


def test_a_link_to_itself_and_one_to_no_folder_are_told(tmp_path):
    (tmp_path / "a").symlink_to("a")
    (tmp_path / "b").symlink_to(Path("nowhere", "b"))
    with pytest.raises(FileWriteError, match="a link that leads back to itself"):
        write_whole(tmp_path / "a", b"")
    with pytest.raises(FileWriteError, match=r"there is no folder .*nowhere; make it first"):
        write_whole(tmp_path / "b", b"")


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o664])
def test_the_mode_and_the_owner_stay(tmp_path, mode):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, 1234, 2345)
    before = path.stat()
    write_whole(path, b"new")
    after = path.stat()
    assert path.read_bytes() == b"new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode, before.st_uid, before.st_gid,
    )  # fmt: skip


def test_a_file_is_never_more_open_than_the_one_it_replaces(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with whole_file(path) as file:
        file.write(b"new")
        assert [mode_of(one) for one in tmp_path.iterdir()] == [0o600, 0o600]


def test_a_new_file_obeys_the_umask(tmp_path, umask):
    write_whole(tmp_path / "a", b"new")
    assert mode_of(tmp_path / "a") == 0o640


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    path = tmp_path / "a[1].json"
    program = (
        "import os, signal, sys\n"
        "from layerwise.files.atomic_writing import whole_file\n"
        "with whole_file(sys.argv[1]) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    if sys.argv[2] == 'killed': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    print('begun', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    subprocess.run([*command, "killed"], check=False)
    (left,) = tmp_path.iterdir()
    others = {
        ".a[1].json.0a1b2c3d.part", ".a[1].json.layerwise_notes.part", ".a[1].json.part",
        ".b.json.layerwise_0a1b2c3d.part",
    }  # fmt: skip
    for name in others:
        (tmp_path / name).write_bytes(b"mine")
    link = tmp_path / ".a[1].json.layerwise_0a1b2c3d.part"
    link.symlink_to(tmp_path / ".a[1].json.part")
    new, old = (tmp_path / f".a[1].json.layerwise_0000000{i}.part" for i in range(2))
    for empty in (new, old):
        empty.touch()
    os.utime(old, (0, 0))
    with subprocess.Popen(
        [*command, "lives"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as living:
        assert living.stdout.readline() == b"begun\n"
        assert not left.exists()
        write_whole(path, b"{}")
        assert path.read_bytes() == b"{}"
        living.stdin.close()  # it ends, and has lost nothing
    assert living.returncode == 0
    assert path.read_bytes() == b"half"
    assert {one.name for one in tmp_path.iterdir()} == {*others, link.name, new.name, path.name}


def test_a_name_as_long_as_a_name_can_be(tmp_path):
    path = tmp_path / ("가" * 85)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_named_pipe_is_written_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, b"new")
    reader.join()
    assert received == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_stays_one():
    write_whole(os.devnull, b"new")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_device_that_is_full_is_told():
    with pytest.raises(FileWriteError, match="cannot write /dev/full: No space left on device"):
        write_whole("/dev/full", b"new")


def test_standard_output_is_gone_on_with_where_it_is_a_file(tmp_path):
    code = (
        "import sys; from layerwise.files.atomic_writing import write_whole\n"
        "print('before', flush=True); write_whole('/dev/stdout', b'written\\n'); print('after')"
    )
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "out").read_text() == "before\nwritten\nafter\n"


@pytest.mark.parametrize("was_there", [False, True])
def test_a_disk_that_fills_leaves_what_was(tmp_path, was_there):
    path = tmp_path / "a"
    if was_there:
        path.write_bytes(b"old")
    for n_bytes in (0, 1, 8191, 8192, 99_999):
        with largest_file(n_bytes), pytest.raises(ModelFileError) as caught:
            write_whole(path, bytes(100_000), "the model")
        message = str(caught.value)
        assert message.startswith(f"cannot write the model {path}: File too large.")
        assert message.endswith(" Make room")
        assert ("The file that was there is unchanged" in message) == was_there
        assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"old"] * was_there
    with largest_file(100_000):
        write_whole(path, bytes(100_000))
    assert path.stat().st_size == 100_000


def test_a_read_only_file_and_folder_are_refused(tmp_path, monkeypatch):
    # As root every file can be written to, so that the refusal is made up.
    path = tmp_path / "a"
    path.write_bytes(b"old")
    refused = [path]
    monkeypatch.setattr(os, "access", lambda one, mode: one not in refused)
    with pytest.raises(FileWriteError, match=r"a: it is read-only for this user; change"):
        write_whole(path, b"new")
    refused[:] = [tmp_path]
    with pytest.raises(FileWriteError, match=rf"the folder {tmp_path} cannot be written to; name"):
        check_writable(path)
    assert path.read_bytes() == b"old"
