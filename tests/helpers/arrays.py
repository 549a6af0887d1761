"""The same numbers in other memory: what arrays look like when they come out of real programs."""

import tempfile

import numpy as np
from hypothesis import strategies as st

__all__ = ["FORMS", "in_form", "memory"]


class Tagged(np.ndarray):
    """A subclass, as of libraries that give arrays units or names."""


def _strided(array):
    wide = np.repeat(np.repeat(array, 2, axis=0), 2, axis=-1)
    return wide[::2, ::2] if array.ndim == 2 else wide[::2][: len(array)]


def _strided_rows(array):
    return np.repeat(array, 2, axis=0)[::2]


def _reversed(array):
    return np.ascontiguousarray(array[::-1])[::-1]


def _unaligned(array):
    raw = np.zeros(array.nbytes + 1, np.uint8)[1:]
    out = raw.view(array.dtype).reshape(array.shape)
    out[...] = array
    return out


def _mapped(array):
    if not array.size:
        return array
    with tempfile.TemporaryFile() as file:
        array.tofile(file)
        file.flush()
        return np.memmap(file, array.dtype, "r", shape=array.shape)


def _swapped(array):
    return array.astype(array.dtype.newbyteorder("S")) if array.dtype.kind in "iufMm" else array


def _read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


FORMS = {
    "swapped": _swapped,
    "fortran": np.asfortranarray,
    "strided": _strided_rows,
    "reversed": _reversed,
    "unaligned": lambda a: a if a.dtype == object else _unaligned(a),
    "mapped": lambda a: a if a.dtype == object else _mapped(np.ascontiguousarray(a)),
    "read-only": _read_only,
    "subclass": lambda a: a.view(Tagged),
    "nothing masked": lambda a: np.ma.MaskedArray(a, np.zeros(a.shape, bool)),
    "objects": lambda a: a.astype(object),
    "longdouble": lambda a: a.astype(np.longdouble) if a.dtype == np.float64 else a,
}


def in_form(array, *names):
    for name in names:
        array = FORMS[name](array)
    return array


def memory():
    """Names of forms, taken one after the other."""
    return st.lists(st.sampled_from(sorted(FORMS)), min_size=1, max_size=3, unique=True)
