"""Ways in which the bytes of a file go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

Damage = Callable[[bytes, np.random.Generator], bytes]
Rng = np.random.Generator

_HUGE = (0xFF, 0x7F)
_OTHER_TEXT = "서울특별시, à côté\n"
_OTHER_ENCODINGS = ("utf-8", "cp949", "utf-16-le", "utf-16-be", "latin-1")
_WORDS = (
    b'"', b'"\n', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\\", b"{", b"[", b"]",
    b"1e999", b"\xef\xbb\xbf",
)  # fmt: skip


def damaged(content: bytes, ways: Mapping[str, Damage], rng: Rng) -> tuple[bytes, str]:
    """One file in one of these ways, and which; it is never the same as before."""
    while True:
        name = str(rng.choice(list(ways)))
        after = ways[name](content, rng)
        if after != content:
            return after, name


def _flips(content: bytes, rng: Rng) -> bytes:
    """One bit or some, anywhere."""
    numbers = np.frombuffer(content, np.uint8).copy()
    places = rng.integers(0, len(numbers), 2 ** rng.integers(0, 6))
    numbers[places] ^= (1 << rng.integers(0, 8, len(places))).astype(np.uint8)
    return numbers.tobytes()


def _bytes(content: bytes, rng: Rng) -> bytes:
    """A run of bytes overwritten: by chance, by zeros, by 0xFF as a bad block has it."""
    start, end = _stretch(content, rng)
    kind = rng.integers(3)
    filling = rng.bytes(end - start) if kind == 0 else (b"\0", b"\xff")[kind - 1] * (end - start)
    return content[:start] + filling + content[end:]


def _lengths(content: bytes, rng: Rng) -> bytes:
    """Where a file may say how long something is: the largest number of 2, 4 or 8 bytes."""
    width = int(rng.choice([2, 4, 8]))
    number = bytes([0xFF] * (width - 1) + [int(rng.choice(_HUGE))])
    number = number if rng.random() < 0.5 else number[::-1]
    # Most of what tells lengths stands at either end.
    near = int(min(len(content), 200))
    start = int(rng.integers(0, near if rng.random() < 0.5 else len(content)))
    start = start if rng.random() < 0.5 else max(0, len(content) - start - width)
    return content[:start] + number + content[start + width :]


def _cut(content: bytes, rng: Rng) -> bytes:
    """Cut off before its end."""
    return content[: int(rng.integers(1, len(content)))]


def _beheaded(content: bytes, rng: Rng) -> bytes:
    """Without its beginning."""
    return content[int(rng.integers(1, len(content))) :]


def _insertion(content: bytes, rng: Rng) -> bytes:
    """More bytes in the middle: by chance, or one of them again and again."""
    at = int(rng.integers(0, len(content) + 1))
    length = int(2 ** rng.integers(0, 14))
    more = rng.bytes(length) if rng.random() < 0.5 else rng.bytes(1) * length
    return content[:at] + more + content[at:]


def _block_twice(content: bytes, rng: Rng) -> bytes:
    start, end = _stretch(content, rng)
    return content[:end] + content[start:end] + content[end:]


def _block_lost(content: bytes, rng: Rng) -> bytes:
    start, end = _stretch(content, rng)
    return content[:start] + content[end:]


def _blocks_swapped(content: bytes, rng: Rng) -> bytes:
    a, b, c = np.sort(rng.integers(0, len(content) + 1, 3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def _other_encoding(content: bytes, rng: Rng) -> bytes:
    """Text of another encoding in the middle, as when two files were joined."""
    at = int(rng.integers(0, len(content) + 1))
    text = _OTHER_TEXT * int(rng.integers(1, 20))
    encoding = str(rng.choice(_OTHER_ENCODINGS))
    return content[:at] + text.encode(encoding, "replace") + content[at:]


def _signs(content: bytes, rng: Rng) -> bytes:
    """Signs that mean something to who reads text, where they should not be."""
    for _ in range(rng.integers(1, 5)):
        at = int(rng.integers(0, len(content) + 1))
        word = _WORDS[rng.integers(len(_WORDS))] * int(rng.choice([1, 1, 1, 3, 5_000]))
        content = content[:at] + word + content[at:]
    return content


def _longer_number(content: bytes, rng: Rng) -> bytes:
    """A digit becomes many: what was the 3rd row, or 1.5, is the 39999999th, or 1.59999999."""
    places = np.flatnonzero(np.isin(np.frombuffer(content, np.uint8), list(b"0123456789")))
    if not len(places):
        return content
    at = int(rng.choice(places)) + 1
    return content[:at] + b"9" * int(rng.choice([1, 3, 5, 7, 20, 400])) + content[at:]


def _stretch(content: bytes, rng: Rng) -> tuple[int, int]:
    """Where something happens: from one byte to half of the file."""
    longest = max(1, len(content) // 2)
    length = int(min(longest, 2 ** rng.integers(0, max(1, longest.bit_length()))))
    start = int(rng.integers(0, len(content) - length + 1))
    return start, start + length


BINARY: Mapping[str, Damage] = {
    "bits flipped": _flips,
    "bytes overwritten": _bytes,
    "huge lengths": _lengths,
    "cut off": _cut,
    "without its start": _beheaded,
    "bytes inserted": _insertion,
    "a block twice": _block_twice,
    "a block lost": _block_lost,
    "blocks swapped": _blocks_swapped,
}
TEXT: Mapping[str, Damage] = {
    **BINARY,
    "another encoding": _other_encoding,
    "signs inserted": _signs,
    "longer numbers": _longer_number,
}
