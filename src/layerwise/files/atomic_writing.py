"""Files that are at all times either the old one or the new one, whole, and no command's input."""

import contextlib
import errno
import glob
import io
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from layerwise.harmless_text import visible

_DESCRIPTOR = re.compile(r"/dev/(?:(stdout|stderr)|fd/(\d+))|/proc/self/fd/(\d+)")
_TOKEN = re.compile(r"\.layerwise_[0-9a-f]{8}\.part$")
_LONG_AGO = 3600.0  # seconds
# What the system says where a disk, or what is allowed of it, is full.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ModelFileError(ValueError):
    """A model file cannot be used; the message says what came, what was wanted, what to do."""

    def __init__(self, message: str = "") -> None:
        super().__init__(visible(message))


class FileWriteError(ModelFileError, OSError):
    """A file cannot be written; the message says why, and what to do."""


def write_whole(path: str | os.PathLike[str], payload: bytes, what: str = "") -> None:
    """Write a file whole or not at all; see `whole_file`.

    Raises
    ------
    FileWriteError
        If it cannot be written. A file that was there before is left as it was.
    """
    with whole_file(path, what) as file:
        file.write(payload)


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str], what: str = "") -> Iterator[BinaryIO]:
    """Open another file beside the one that is wanted, whose place it takes in the end.

    What a process that was killed has left of such a file is removed. A link is followed. A file
    that was there hands on its mode and, where this user may, its owner and attributes; a new one
    gets what the umask leaves. What is no file, such as a pipe or /dev/stdout, is written to as it
    is.

    Parameters
    ----------
    path : path-like
    what : str
        What the file is, for the error: "the report".

    Raises
    ------
    FileWriteError
        If it cannot be written: the disk is full, the folder is not there or not writable, the
        path is a folder, the file is read-only. A file that was there before is left as it was.
    """
    named = Path(path)
    beside = None
    try:
        check_writable(named, what)
        _check_not_read(named)
        if is_special(named):
            content = io.BytesIO()
            yield content
            with _opened(named) as special:
                special.write(content.getbuffer())
            return
        target = Path(os.path.realpath(named))
        # The name of another file may be longer than a folder allows.
        short = os.fsencode(target.name)[:200].decode(errors="ignore")
        _remove_left(target.parent, short)
        beside = target.with_name(f".{short}.layerwise_{secrets.token_hex(4)}.part")
        with beside.open("wb") as file:
            _lock(file)
            if target.exists():
                _hand_on(target, beside)
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException as error:
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink()
        if not isinstance(error, OSError) or isinstance(error, (FileWriteError, BrokenPipeError)):
            raise
        raise FileWriteError(_words(named, what, error)) from error


def _lock(file: BinaryIO) -> bool:
    """Mark a file as being written, for as long as this process lives; False: another does so."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _remove_left(folder: Path, short: str) -> None:
    """Remove what processes that were killed have left of a file, and nothing that is not ours."""
    for left in folder.glob(f".{glob.escape(short)}.layerwise_*.part"):
        with contextlib.suppress(OSError):
            facts = left.lstat()
            # An empty one may have been begun this moment, and be locked the next.
            is_begun = facts.st_size > 0 or facts.st_mtime < time.time() - _LONG_AGO
            if _TOKEN.search(left.name) and stat.S_ISREG(facts.st_mode) and is_begun:
                with left.open("r+b") as file:
                    if _lock(file):
                        left.unlink()


def check_writable(path: str | os.PathLike[str], what: str = "") -> None:
    """Refuse a path that no file can be written to, before any time is spent.

    Raises
    ------
    FileWriteError
        The message says why, and what to do.
    """
    named = Path(path)
    try:
        reason = None if _DESCRIPTOR.fullmatch(str(named)) else _obstacle(named)
    except OSError as error:
        raise FileWriteError(_words(named, what, error)) from error
    if reason is not None:
        raise FileWriteError(f"cannot write {f'{what} ' if what else ''}{named}: {reason}")


def _obstacle(named: Path) -> str | None:
    """Why a file cannot be written, as far as that can be seen beforehand."""
    mode = named.stat().st_mode if named.exists() else None
    if mode is not None:
        if stat.S_ISDIR(mode):
            return "it is a folder; give the name of a file"
        if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
            return "it is a disk or a socket; give the name of a file"
        if not os.access(named, os.W_OK):
            return "it is read-only for this user; change its permissions, or name another"
        if not stat.S_ISREG(mode):
            return None
    target = Path(os.path.realpath(named))
    if target.is_symlink():
        return "it is a link that leads back to itself; name another file"
    folder = target.parent
    if not folder.is_dir():
        return f"there is no folder {folder if named.is_symlink() else named.parent}; make it first"
    if not os.access(folder, os.W_OK):
        return f"the folder {folder} cannot be written to; name another"
    return None


@dataclass
class _CommandFiles:
    """What the command that runs reads, and what it is to write: by device and number."""

    inputs: dict[tuple[int, int], str] = field(default_factory=dict)
    outputs: dict[tuple[int, int], Path] = field(default_factory=dict)
    replaced: set[tuple[int, int]] = field(default_factory=set)  # read, and yet to be written


_of_command: _CommandFiles | None = None


@contextlib.contextmanager
def keeping_inputs() -> Iterator[None]:
    """Let nothing be written over what is read from here on, also through a link.

    Programs that use the package do as they like: commands alone run in this.
    """
    global _of_command  # noqa: PLW0603  also for threads, which contexts are not handed on to
    before, _of_command = _of_command, _CommandFiles()
    try:
        yield
    finally:
        _of_command = before


def note_input(file: str | os.PathLike[str] | int, what: str = "the table") -> None:
    """Note that a command reads a file, given by its path or descriptor.

    Raises
    ------
    FileWriteError
        If it is also to be written.
    """
    identity = None if _of_command is None else _identity(file)
    if _of_command is None or identity is None or identity in _of_command.replaced:
        return
    if identity in _of_command.outputs:
        raise _over_input(_of_command.outputs[identity], what)
    _of_command.inputs[identity] = what


def allow_replacing(path: Path) -> None:
    """Let a file be read and written all the same, as that of a model which goes on in it."""
    if _of_command is not None and (identity := _identity(path)) is not None:
        _of_command.replaced.add(identity)


def declare_output(path: Path) -> None:
    """Note where a command is to write, before it reads and spends any time.

    Raises
    ------
    FileWriteError
        If it is read.
    """
    _check_not_read(path)
    if _of_command is not None and (identity := _identity(path)) is not None:
        _of_command.outputs[identity] = path


def _check_not_read(path: Path) -> None:
    if _of_command is not None and (what := _of_command.inputs.get(_identity(path) or (0, 0))):
        raise _over_input(path, what)


def _over_input(path: Path, what: str) -> FileWriteError:
    return FileWriteError(f"{path} is {what} itself; name another file to write to")


def _identity(file: str | os.PathLike[str] | int) -> tuple[int, int] | None:
    """The same for all paths that lead to one file; None: there is none."""
    try:
        facts = os.stat(file)  # noqa: PTH116  a descriptor, too
    except OSError:
        return None
    return (facts.st_dev, facts.st_ino) if stat.S_ISREG(facts.st_mode) else None


def is_special(path: str | os.PathLike[str]) -> bool:
    """Whether what stands at a path is no file or folder: a pipe, a terminal, /dev/stdout."""
    target = Path(path)
    is_descriptor = _DESCRIPTOR.fullmatch(str(target)) is not None
    return is_descriptor or (target.exists() and not (target.is_file() or target.is_dir()))


def _opened(path: Path) -> BinaryIO:
    """A pipe or a device, or a descriptor of this process, which is not begun anew."""
    match = _DESCRIPTOR.fullmatch(str(path))
    if match is None:
        return path.open("wb")
    number = match[2] or match[3] or {"stdout": "1", "stderr": "2"}[match[1]]
    return os.fdopen(os.dup(int(number)), "wb")


def _hand_on(before: Path, after: Path) -> None:
    """Give a file the owner, the mode and the attributes of the one that it is to replace."""
    facts = before.stat()
    with contextlib.suppress(OSError, AttributeError):  # for the owner one has to be root
        os.chown(after, facts.st_uid, facts.st_gid)
    with contextlib.suppress(OSError):
        shutil.copystat(before, after)


def _words(path: Path, what: str, error: OSError) -> str:
    before = " The file that was there is unchanged." if path.is_file() else ""
    remedy = "Make room" if error.errno in NO_ROOM else "Give a place that can be written to"
    return (
        f"cannot write {f'{what} ' if what else ''}{path}: {error.strerror or error}.{before} "
        f"{remedy}"
    )
