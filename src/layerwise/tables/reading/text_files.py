"""Text files: how they store their characters and end their lines, found out and made one way."""

import codecs
import itertools
import os
import re
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.reading.legacy_encodings import ranked_encodings
from layerwise.tables.reading.scratch_folder import Workplace

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins as UTF-16's does
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Those below a space that are no part of text: neither ends of lines nor tabs nor escapes.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b"))
# Controls of Latin-1, in UTF-8, which no text has either.
_LATIN_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
LINE_END = re.compile(rb"\r\n|\n|\r")
_RETURN, _FEED, _QUOTE = b'\r\n"'
_SAMPLE = 1 << 16
_BLOCK = 1 << 20
_SMALL = 1 << 22
# Of text in several bytes a character, one wrong character in this many is a damaged line.
_MOST_WRONG = 20


class FileBlocks:
    """The bytes of a file in pieces, none of which ends between the two characters of a line end.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    path : Path
    whole : bytes or None
        All of a small file, which is read but once, however often one goes through it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb", buffering=0) as file:
            is_small = os.fstat(file.fileno()).st_size <= _SMALL
            self.whole = file.readall() if is_small else None

    @cached_property
    def is_utf_8(self) -> bool:
        """Whether all bytes are UTF-8."""
        if self.whole is None:
            return _are_text_in(self, "utf-8")
        if self.whole.isascii():
            return True
        # Arrow finds it several times as fast as Python decodes them.
        ends = pa.py_buffer(np.array([0, len(self.whole)], np.int32))
        try:
            pa.StringArray.from_buffers(1, ends, pa.py_buffer(self.whole)).validate(full=True)
        except pa.ArrowInvalid:
            return False
        return True

    def __iter__(self) -> Iterator[bytes]:
        return _blocks(self.path) if self.whole is None else iter([self.whole])

    def start(self, n: int) -> bytes:
        """The first n bytes, or all there are."""
        if self.whole is not None:
            return self.whole[:n]
        with self.path.open("rb") as file:
            return file.read(n)


def named_encoding(name: str) -> str:
    """Python's name of the encoding that a user names.

    Raises
    ------
    TableError
        If there is none of that name.

    Examples
    --------
    >>> named_encoding("UTF8"), named_encoding("euc-kr"), named_encoding("Windows-1252")
    ('utf-8', 'cp949', 'cp1252')
    """
    try:
        found = codecs.lookup(name).name
        "".encode(found)
    except (LookupError, TypeError, ValueError):
        raise TableError(
            f'there is no encoding "{name}"; common ones are utf-8, utf-16, cp1252 (Windows), '
            "latin-1 and cp949 (Korean)"
        ) from None
    return "cp949" if found == "euc_kr" else found  # Microsoft's, which has all of the other


def find_encoding(blocks: FileBlocks, name: str) -> str:
    """The encoding of a text file.

    A byte order mark decides. Without one it is UTF-8 if all bytes are valid in it, or but for a
    few damaged characters; else the one of `ranked_encodings` that makes words of it.

    Raises
    ------
    TableError
        If the file holds no text.
    """
    start = blocks.start(_SAMPLE)
    for bom, encoding in _BOMS.items():
        if start.startswith(bom):
            return encoding
    if start.count(0) > len(start) / 50:
        without_mark = _utf_16_without_mark(start)
        if without_mark:
            return without_mark
    n_control = 0
    if np.count_nonzero(np.frombuffer(start, np.uint8) < ord(" ")) > len(start) / 20:
        n_control = len(start) - len(start.translate(None, _CONTROLS))
    if n_control > len(start) / 20 and n_control > 1:
        raise TableError(
            f"{name} is not a text file, nor one of the other formats that are read (CSV, TSV, "
            "JSON lines, Parquet, Arrow, Excel, SQLite); open it with the program that wrote it "
            "and save it as CSV"
        )
    if blocks.is_utf_8 or _is_almost_utf_8(blocks):
        return "utf-8"
    ranked = ranked_encodings(blocks)
    return next(encoding for encoding in ranked if _are_text_in(blocks, encoding))


def as_utf8(blocks: FileBlocks, encoding: str, name: str, workplace: Workplace) -> FileBlocks:
    """The file itself if it is in UTF-8, else a copy that is.

    Raises
    ------
    TableError
        If it is not in this encoding, or holds a byte of zero.
    """
    n_lines = 1

    def checked(text: bytes) -> bytes:
        nonlocal n_lines
        before, zero, _ = text.partition(b"\x00")
        n_lines += before.count(b"\n")
        if zero:
            raise TableError(
                f"{name} holds a byte of zero (NUL) in line {n_lines:,}, which no text file has: "
                "it is damaged, or not a text file; write it again, or remove these bytes "
                "(tr -d '\\000' < old > new)"
            )
        return text

    if encoding in ("utf-8", "utf-8-sig", "ascii"):
        is_clean = all(
            b"\x00" not in block and (b"\xc2" not in block or _LATIN_CONTROLS.search(block) is None)
            for block in blocks
        )
        if is_clean:
            return blocks
    target = workplace.new_path(".csv")
    # What is no UTF-8 is told with its line when the rows are read.
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    n_lines = 1
    try:
        with target.open("wb") as file:
            for block in itertools.chain(blocks, [b""]):
                text = checked(decoder.decode(block, final=not block).encode("utf-8", errors))
                file.write(_LATIN_CONTROLS.sub(_meant_by_control, text))
    except UnicodeError:
        raise TableError(
            f"{name} is not in the encoding {encoding}: after line {n_lines:,} come bytes that "
            "are no text in it; leave the encoding out to have it found, or name another"
        ) from None
    return FileBlocks(target)


def _meant_by_control(control: re.Match[bytes]) -> bytes:
    """The character of windows-1252 that became a control in a wrong pass through Latin-1."""
    try:
        return control[0][1:].decode("cp1252").encode("utf-8")
    except UnicodeDecodeError:
        return control[0]


def _are_text_in(blocks: FileBlocks, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in blocks:
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_almost_utf_8(blocks: FileBlocks) -> bool:
    """Whether it is UTF-8 with a damaged character here and there."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    n_wrong = n_right = 0
    for block in blocks:
        text = decoder.decode(block)
        wrong = text.count("\ufffd")
        n_wrong += wrong
        n_right += len(text) - wrong - len(text.encode("ascii", "ignore"))
    return n_right >= _MOST_WRONG * n_wrong


def _utf_16_without_mark(start: bytes) -> str | None:
    """Which UTF-16 it is: as text, it has no zeros, and line ends or plain letters."""
    whole = start[: len(start) // 2 * 2]
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = whole.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(whole) - 2:
                continue
            text = whole[: error.start].decode(encoding)
        n_plain = sum(letter in "\n\r\t" or " " <= letter <= "~" for letter in text)
        n_odd = sum(letter < " " and letter not in "\n\r\t" for letter in text)
        has_lines = "\n" in text or "\r" in text
        if has_lines and not n_odd and n_plain > len(text) / 10:
            return encoding
    return None


def one_kind_of_line_end(blocks: FileBlocks, workplace: Workplace) -> tuple[FileBlocks, str]:
    r"""A file whose rows all end in the same way, and how: "\n", "\r\n" or "\r".

    It is the file itself, but where rows end in different ways a copy; what stands between quotes
    is left as it is.
    """
    kinds = _kinds_of_line_end(blocks, outside_quotes=False)
    if len(kinds) > 1:
        kinds = _kinds_of_line_end(blocks, outside_quotes=True)
    if len(kinds) <= 1:
        return blocks, next(iter(kinds), "\n")
    target = workplace.new_path(".csv")
    with target.open("wb") as file:
        quoted = False
        for block in blocks:
            parts = block.split(b'"')
            for index, part in enumerate(parts):
                if not quoted:
                    parts[index] = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                if index < len(parts) - 1:
                    quoted = not quoted
            file.write(b'"'.join(parts))
    return FileBlocks(target), "\n"


def with_empty_lines(path: Path, newline: str, n_lines: int, workplace: Workplace) -> Path:
    """A copy of a file whose first lines are empty ones, without a byte order mark."""
    copy = workplace.new_path(".csv")
    with path.open("rb") as whole, copy.open("wb") as file:
        block = whole.read(_BLOCK).removeprefix(codecs.BOM_UTF8)
        # A line may also end within quotes, where ends of another kind are left.
        ends = itertools.islice(LINE_END.finditer(block), n_lines)
        start = max((end.end() for end in ends), default=0)
        file.write(newline.encode() * n_lines + block[start:])
        shutil.copyfileobj(whole, file)
    return copy


def physical_lines(path: Path, positions: list[int]) -> dict[int, int]:
    """For each position in the file, in bytes from 0, the line it is in, counted from 1.

    Of one behind the end of the file it is the last line.
    """
    lines: dict[int, int] = {}
    waiting = sorted(set(positions))
    start, line = 0, 1
    for block in _blocks(path):
        counted = 0
        while len(lines) < len(waiting) and waiting[len(lines)] < start + len(block):
            position = waiting[len(lines)]
            line += _ends(block[counted : position - start])
            counted = position - start
            lines[position] = line
        if len(lines) == len(waiting):
            break
        line += _ends(block[counted:])
        start += len(block)
    return dict.fromkeys(waiting, line) | lines


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if block.endswith(b"\r"):
                block += file.read(1)
            yield block


def _ends(block: bytes) -> int:
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")


def _kinds_of_line_end(blocks: FileBlocks, *, outside_quotes: bool) -> set[str]:
    kinds: set[str] = set()
    n_quotes = 0
    for block in blocks:
        if b"\r" not in block and not outside_quotes:
            kinds |= {"\n"} if b"\n" in block else set()
            continue
        n_both, n_returns, n_feeds = map(block.count, (b"\r\n", b"\r", b"\n"))
        if outside_quotes:
            data = np.frombuffer(block, np.uint8)
            quotes = np.flatnonzero(data == _QUOTE)
            ends = (np.flatnonzero(data == end) for end in (_RETURN, _FEED))
            returns, feeds = (
                end[(n_quotes + np.searchsorted(quotes, end)) % 2 == 0] for end in ends
            )
            n_quotes += len(quotes)
            n_returns, n_feeds = len(returns), len(feeds)
            n_both = int(np.count_nonzero(data[returns[returns < len(data) - 1] + 1] == _FEED))
        n_of = {"\r\n": n_both, "\n": n_feeds - n_both, "\r": n_returns - n_both}
        kinds |= {kind for kind, n in n_of.items() if n}
    return kinds
