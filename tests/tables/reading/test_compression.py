"""Compressed files: whole, cut off, and of other kinds."""

import bz2
import gzip
import random

import pytest

from layerwise.tables.errors import TableError
from tests.tables.reading.files import PACKED, columns, read_bytes

_CONTENT = "a,b\n" + "".join(f"{random.Random(i).random()},{i}\n" for i in range(5000))


@pytest.mark.parametrize("packing", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["table.csv{}", "no-suffix"])
def test_it_is_told_by_its_bytes(tmp_path, packing, name):
    content = PACKED[packing](_CONTENT.encode())
    assert columns(read_bytes(tmp_path, content, name.format(packing)))["b"] == list(range(5000))


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_several_packed_parts_in_one_file(tmp_path, packing):
    pack = PACKED[packing]
    read = read_bytes(tmp_path, pack(b"a,b\n1,2\n") + pack(b"3,4\n"), f"x.csv{packing}")
    assert columns(read) == {"a": [1, 3], "b": [2, 4]}


@pytest.mark.parametrize("packing", [".gz", ".zst"])
@pytest.mark.parametrize("kept", [12, 0.5, -1])
def test_cut_off(tmp_path, packing, kept):
    content = PACKED[packing](_CONTENT.encode())
    kept = int(kept * len(content)) if isinstance(kept, float) else kept
    with pytest.raises(TableError, match=r"compressed with .* and is (cut off|damaged)"):
        read_bytes(tmp_path, content[:kept], f"x.csv{packing}")


def test_damaged(tmp_path):
    content = bytearray(gzip.compress(_CONTENT.encode()))
    content[len(content) // 2 : len(content) // 2 + 50] = bytes(50)
    with pytest.raises(TableError, match="compressed with gzip and is damaged"):
        read_bytes(tmp_path, bytes(content), "x.csv.gz")


def test_nothing_in_it(tmp_path):
    with pytest.raises(TableError, match="empty once it is unpacked"):
        read_bytes(tmp_path, gzip.compress(b""), "x.csv.gz")


def test_another_kind(tmp_path):
    with pytest.raises(TableError, match=r"compressed with bzip2; .*unpack it first"):
        read_bytes(tmp_path, bz2.compress(b"a,b\n1,2\n"), "x.csv.bz2")
