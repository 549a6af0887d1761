"""How a text file stores its characters: found out from all of its bytes, and turned into UTF-8."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from layerwise.tables.errors import TableError
from layerwise.tables.reading.workplace import Workplace

__all__ = ["as_utf8", "find_encoding", "named_encoding"]

_BLOCK = 1 << 20
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Bytes to which windows-1252 gives no character.
_NOT_IN_1252 = b"\x81\x8d\x8f\x90\x9d"
_SAMPLE = 1 << 16
# Of text in several bytes a character, one wrong character in this many is a damaged line.
_MOST_WRONG = 20
# So many letters tell a language.
_ENOUGH = 100_000


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


def find_encoding(path: Path, name: str) -> str:
    """The encoding of a text file.

    A byte order mark decides. Without one it is UTF-8 if all bytes are valid in it, or but for a
    few damaged characters; else Korean (CP949) if valid in that and mostly Hangul of the common
    kind; else windows-1252, or Latin-1 where that has no character for a byte.

    Raises
    ------
    TableError
        If the file holds no text.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    for bom, encoding in _BOMS.items():
        if start.startswith(bom):
            return encoding
    if start.count(0) > len(start) / 50:
        without_mark = _utf_16_without_mark(start)
        if without_mark:
            return without_mark
    _refuse_binary(start, name)
    if _is_valid(path, "utf-8"):
        return "utf-8"
    if _is_almost_utf_8(path):
        return "utf-8"
    if _is_korean(path):
        return "cp949"
    has_gaps = any(any(byte in block for byte in _NOT_IN_1252) for block in _blocks(path))
    return "latin-1" if has_gaps else "cp1252"


def as_utf8(path: Path, encoding: str, name: str, workplace: Workplace) -> Path:
    """The file's own path if it is in UTF-8, else that of a copy that is.

    Raises
    ------
    TableError
        If it is not in this encoding, or holds a byte of zero.
    """
    if encoding in ("utf-8", "utf-8-sig", "ascii"):
        n_lines = 1
        for block in _blocks(path):
            if b"\x00" in block:
                _refuse_zero(name, n_lines + block[: block.index(b"\x00")].count(b"\n"))
            n_lines += block.count(b"\n")
        return path
    target = workplace.new_path(".csv")
    decoder = codecs.getincrementaldecoder(encoding)()
    n_lines = 1
    try:
        with target.open("wb") as file:
            for block in (*_blocks(path), b""):
                text = decoder.decode(block, final=not block)
                if "\x00" in text:
                    _refuse_zero(name, n_lines + text[: text.index("\x00")].count("\n"))
                n_lines += text.count("\n")
                file.write(text.encode("utf-8"))
    except UnicodeError:
        raise TableError(
            f"{name} is not in the encoding {encoding}: after line {n_lines:,} come bytes that "
            "are no text in it; leave the encoding out to have it found, or name another"
        ) from None
    return target


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _is_valid(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_almost_utf_8(path: Path) -> bool:
    """Whether it is UTF-8 with a damaged character here and there."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    n_wrong = n_right = 0
    for block in _blocks(path):
        text = decoder.decode(block)
        wrong = text.count("\ufffd")
        n_wrong += wrong
        n_right += len(text) - wrong - len(text.encode("ascii", "ignore"))
    return n_right >= _MOST_WRONG * n_wrong


def _is_korean(path: Path) -> bool:
    """Whether it is valid CP949, and reads as Korean rather than by chance.

    Accented letters side by side can be a valid pair of bytes too, but then one of the rare
    syllables or a Chinese character more often than one of the 2,350 common syllables.
    """
    decoder = codecs.getincrementaldecoder("cp949")()
    n_common = n_other = 0
    try:
        for block in _blocks(path):
            text = decoder.decode(block)
            if not text.isascii() and n_common + n_other < _ENOUGH:
                letters = [letter for letter in text if letter > "\x7f"]
                common = sum(map(_is_common_syllable, letters))
                n_common += common
                n_other += len(letters) - common
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return n_common > n_other


def _is_common_syllable(letter: str) -> bool:
    return "가" <= letter <= "힣" and min(letter.encode("cp949")) >= 0xA1


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


def _refuse_binary(start: bytes, name: str) -> None:
    n_control = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a\x1b" for byte in start)
    if n_control > len(start) / 20 and n_control > 1:
        raise TableError(
            f"{name} is not a text file, nor one of the other formats that are read (CSV, TSV, "
            "JSON lines, Parquet, Arrow, Excel, SQLite); open it with the program that wrote it "
            "and save it as CSV"
        )


def _refuse_zero(name: str, line: int) -> None:
    raise TableError(
        f"{name} holds a byte of zero (NUL) in line {line:,}, which no text file has: it is "
        "damaged, or not a text file; write it again, or remove these bytes "
        "(tr -d '\\000' < old > new)"
    )
