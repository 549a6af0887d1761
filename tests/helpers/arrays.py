"""The same numbers in other memory: what arrays look like when they come out of real programs."""

import tempfile

import numpy as np
from hypothesis import strategies as st

__all__ = ["FORMS", "forms", "in_form"]


class Tagged(np.ndarray):
    """A subclass, as of libraries that give arrays units or names."""


def _unaligned(array):
    if array.dtype == object:
        return array
    out = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    out[...] = array
    return out


def _mapped(array):
    if array.dtype == object:
        return array
    with tempfile.TemporaryFile() as file:
        file.write(np.ascontiguousarray(array).tobytes())
        file.flush()
        return np.memmap(file, array.dtype, "r", shape=array.shape)


def _read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


FORMS = {
    "the other byte order": lambda a: a.astype(a.dtype.newbyteorder("S")),
    "Fortran order": np.asfortranarray,
    "every other row": lambda a: np.repeat(a, 2, axis=0)[::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "unaligned": _unaligned,
    "a mapped file": _mapped,
    "read-only": _read_only,
    "a subclass": lambda a: a.view(Tagged),
    "nothing masked": lambda a: np.ma.MaskedArray(a, np.zeros(a.shape, bool)),
    "objects": lambda a: a.astype(object),
    "80 bits": lambda a: a.astype(np.longdouble) if a.dtype.kind == "f" else a,
}


def in_form(array, names):
    """An array in these forms of `FORMS`, taken one after the other."""
    for name in names:
        array = FORMS[name](array)
    return array


def forms():
    """Names of one to three forms."""
    return st.lists(st.sampled_from(sorted(FORMS)), min_size=1, max_size=3, unique=True)
