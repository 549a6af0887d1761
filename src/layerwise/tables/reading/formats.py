"""Which format a file is in: from its first bytes, then from its name."""

import json
import re
import zipfile
from pathlib import Path

from layerwise.tables.errors import TableError
from layerwise.tables.reading.sources import START

FORMATS = ("csv", "tsv", "parquet", "arrow", "json", "excel", "sqlite", "postgresql")
_SAME = {
    "jsonl": "json",
    "ndjson": "json",
    "feather": "arrow",
    "ipc": "arrow",
    "xlsx": "excel",
    "xls": "excel",
    "xlsb": "excel",
    "ods": "excel",
    "db": "sqlite",
    "postgres": "postgresql",
}
_ENDINGS = {
    *(".csv", ".tsv", ".tab", ".txt", ".json", ".parquet", ".pq", ".arrow"),
    *(f".{ending}" for ending in _SAME),
    *(".xlsm", ".sqlite", ".sqlite3", ".db3"),
}
_PACKED = {".gz", ".zst"}
_BINARY = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"MZ": "a Windows program",
    b"\x93NUMPY": "a NumPy array",
    b"\x89HDF": "an HDF5 file",
    b"\x80\x04\x95": "a Python pickle",
    b"\x80\x05\x95": "a Python pickle",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
}
_PAGE = re.compile(
    rb"(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|\?xml|table|script|div|error)\b",
    re.IGNORECASE | re.DOTALL,
)
# What an error of a server is called in its JSON, and how much of that there may be.
_MESSAGES = frozenset({"error", "errors", "message", "detail", "error_description", "fault"})
_MOST_OF_ANSWER, _LONGEST_ANSWER = 8, 200
_WANTED = "CSV, TSV, JSON lines, Parquet, Arrow, Excel and SQLite are read"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def named_format(name: str) -> str:
    """The format that a user names.

    Raises
    ------
    TableError
        If there is none of that name.

    Examples
    --------
    >>> named_format("feather"), named_format("TSV")
    ('arrow', 'tsv')
    """
    wanted = name.lower().lstrip(".")
    wanted = _SAME.get(wanted, wanted)
    if wanted not in FORMATS:
        raise TableError(f'there is no format "{name}"; choose one of {", ".join(FORMATS)}')
    return wanted


def without_endings(name: str) -> str:
    """A file's name without what says its compression and its format; all else stays.

    Examples
    --------
    >>> without_endings("2024.sales.csv.gz"), without_endings("2024.sales")
    ('2024.sales', '2024.sales')
    """
    for endings in (_PACKED, _ENDINGS):
        stem, dot, ending = name.rpartition(".")
        if f"{dot}{ending}".lower() in endings:
            name = stem
    return name


def find_format(start: bytes, path: Path, name: str) -> str:
    """The format of a file that is not compressed (any more), from how it begins.

    Raises
    ------
    TableError
        If it is something that holds no table, or one that cannot be read.
    """
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"ARROW1", b"FEA1", b"\xff\xff\xff\xff")):
        return "arrow"
    if start.startswith(b"SQLite format 3\x00"):
        return "sqlite"
    if start.startswith(_OLE):
        # With a password it is such a file too, and holds a stream of this name.
        with path.open("rb") as file:
            if "EncryptedPackage".encode("utf-16-le") in file.read(1 << 22):
                raise TableError(
                    f"{name} is encrypted with a password; open it, save it without one, and read "
                    "that"
                )
        return "excel"
    if start.startswith(b"PK\x03\x04"):
        return _zip_format(path, name)
    for magic, what in _BINARY.items():
        if start.startswith(magic) and (b"\x00" in start or not start.isascii()):
            raise TableError(f"{name} is {what}, not a table; {_WANTED}")
    return _text_format(start, name)


def _refuse_no_table(start: bytes, name: str) -> None:
    """Name what is often found in a table's place: a pointer, a page, an answer of a server."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text and len(start) < START:
        raise TableError(
            f"{name} has only empty lines; a table needs a header and rows: if it was "
            "downloaded, download it again"
        )
    if text.startswith(b"version https://git-lfs.github.com/spec/"):
        size = re.search(rb"\nsize (\d+)", text)
        told = f" of {int(size[1]):,} bytes" if size else ""
        raise TableError(
            f"{name} is a pointer of Git LFS to a file{told}, not the file; get that with "
            "`git lfs pull`, or download it where it is shown in full"
        )
    if _PAGE.match(text):
        title = re.search(rb"<(?:title|Message)>\s*([^<]{1,60})", text, re.IGNORECASE)
        told = f' ("{title[1].decode("utf-8", "replace").strip()}")' if title else ""
        raise TableError(
            f"{name} is a web page or XML document{told}, not a table; open it where it came from "
            "and save it as CSV or Excel"
        )
    answer = _server_answer(text)
    if answer:
        raise TableError(
            f"{name} is no table but what a server answered in its place: {answer}; download it "
            "again, and look at what the address shows in a browser"
        )


def _server_answer(text: bytes) -> str | None:
    """The message of an error that a server sent as JSON, or as its one line of text."""
    said = " ".join(text[:200].decode("utf-8", "replace").split())
    if len(text) < _LONGEST_ANSWER and re.match(rb"\d{3}:? [A-Z][A-Za-z ]+\s*$", text):
        return said
    if not text.startswith(b"{"):
        return None
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_message = isinstance(answer, dict) and _MESSAGES.intersection(map(str.lower, answer))
    return said if is_message and len(answer) <= _MOST_OF_ANSWER else None


# A first line of words with delimiters between them, which no JSON begins with.
_WORDS_BETWEEN = re.compile(rb"[^\W\d]\w*(?:[,;\t|][^\W\d]\w*)+[,;\t|]?\r?\n")


def _text_format(start: bytes, name: str) -> str:
    _refuse_no_table(start, name)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    suffixes = [suffix.lower() for suffix in Path(name).suffixes[-2:]]
    is_named_text = any(suffix in (".csv", ".tsv", ".tab", ".txt") for suffix in suffixes)
    is_json = any(suffix in (".json", ".jsonl", ".ndjson") for suffix in suffixes)
    if is_json and _WORDS_BETWEEN.match(text):
        return "csv"  # whatever its name
    if not is_named_text or _is_json(text):
        is_array = text.startswith(b"[") and text[1:].lstrip().startswith((b"{", b"]"))
        is_json |= text.startswith(b"{") or is_array
    return "json" if is_json else "csv"


def _is_json(start: bytes) -> bool:
    """Whether a text begins as rows of JSON do, whatever its name."""
    return re.match(rb'\[?\s*\{\s*"(?:[^"\\\\]|\\\\.)*"\s*:', start) is not None


def _zip_format(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise TableError(
            f"{name} begins as an Excel or zip file and is cut off or damaged; get or make the "
            "file again"
        ) from None
    if any(member.startswith("xl/") for member in members) or "content.xml" in members:
        return "excel"
    shown = ", ".join(members[:5]) + (", ..." if len(members) > 5 else "")
    raise TableError(f"{name} is a zip archive of {shown}; unpack it and name the file in it")
