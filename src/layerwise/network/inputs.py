"""Checking what people hand to a network, with errors that say what came and what was wanted."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from layerwise.architecture import Architecture, Loss
from layerwise.arrays import Array, Codes


def as_array(values: Any, name: str) -> Array:
    """Return NumPy's own kind of array, in the machine's byte order, of whatever holds values.

    Arrays come from files, from other libraries and from other machines: as subclasses, in the
    other byte order, as Python objects, with more than 64 bits a number. Text stays objects: in
    arrays of fixed width each cell would take as much as the longest.

    Parameters
    ----------
    values : array-like
    name : str
        What errors call it.

    Raises
    ------
    ValueError
        For rows of several lengths, records, masked cells, complex numbers, or numbers beyond
        float64.

    Examples
    --------
    >>> as_array(np.array([1, 2.5], object), "x"), as_array(["no", "yes"], "y")
    (array([1. , 2.5]), array(['no', 'yes'], dtype=object))
    """
    n_masked = int(np.ma.getmaskarray(values).sum()) if isinstance(values, np.ma.MaskedArray) else 0
    if n_masked:
        raise ValueError(
            f"{name} holds {n_masked:,} masked cell{'s' if n_masked > 1 else ''}: fill them first, "
            "as numpy.ma.filled does, or leave their rows out"
        )
    is_list = isinstance(values, list | tuple)
    try:
        given = np.asarray(values, object if is_list and _holds_text(values) else None)
    except ValueError as error:
        raise ValueError(f"{name} must be a matrix, all of whose rows are of one length") from error
    if given.dtype == object and _are_numbers(given):
        given = np.array(given.tolist()).reshape(given.shape)
    if given.dtype.kind == "c" or (given.dtype == object and _is_complex(given)):
        raise ValueError(
            f"Complex data not supported: {name} holds complex numbers; give their real and "
            "imaginary parts apart"
        )
    if given.dtype.kind == "V":
        raise ValueError(f"{name} is an array of records, {given.dtype}; give columns of their own")
    if given.dtype.kind == "f" and given.dtype.itemsize > 8:
        return _cast(given, np.float64, name)
    return given if given.dtype.isnative else given.astype(given.dtype.newbyteorder("="))


def as_numbers(values: Any, name: str, hint: str = "") -> Array:
    """`as_array`, and a ValueError for what is no number."""
    given = as_array(values, name)
    if given.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold numbers{hint}; got {given.dtype}")
    return given


def _holds_text(values: Any) -> bool:
    """Whether there is text in lists, and in lists within them."""
    return any(
        isinstance(value, str) or (isinstance(value, list | tuple) and _holds_text(value))
        for value in values
    )


def _are_numbers(cells: Array) -> bool:
    """Whether all of an array's objects are numbers that 64 bits hold."""
    kinds = (float, np.bool_, np.integer, np.floating)
    return cells.size > 0 and all(
        isinstance(cell, kinds) or (isinstance(cell, int) and -(2**63) <= cell < 2**63)
        for cell in cells.ravel().tolist()
    )


def _is_complex(cells: Array) -> bool:
    return any(isinstance(cell, complex | np.complexfloating) for cell in cells.ravel().tolist())


def check_numbers(x: ArrayLike, architecture: Architecture, dtype: Any) -> Array:
    """Return x as a C-contiguous matrix of shape (n, n_inputs) in the network's precision.

    Raises
    ------
    ValueError
        For another number of columns or dimensions, or what is not numeric.
    """
    given = x if type(x) is np.ndarray else as_array(x, "x")
    if given.dtype != dtype:
        given = as_array(given, "x")
        if given.dtype.kind not in "fiub":
            raise ValueError(
                f"x must hold numbers; got {given.dtype}. Turn categories into integer codes, or "
                "one column for each value"
            )
        given = _cast(given, dtype, "x")
    if given.ndim == 1:
        given = given.reshape(1, -1)
    if given.ndim != 2 or given.shape[1] != architecture.n_inputs:
        raise _other_shape(np.shape(x), architecture)
    flags = given.flags
    return given if flags.c_contiguous and flags.aligned else given.copy()


def _other_shape(shape: tuple[int, ...], architecture: Architecture) -> ValueError:
    return ValueError(
        f"x must have the shape (n, {architecture.n_inputs}), a column for each of the network's "
        f"inputs; got {shape}"
    )


def is_sparse(x: Any) -> bool:
    """Whether x is one of SciPy's sparse arrays or matrices."""
    return hasattr(x, "tocsr")


def check_rows(x: Any, architecture: Architecture, dtype: Any) -> Any:
    """`check_numbers`, and sparse rows become a CSR array of that shape and precision."""
    if not is_sparse(x):
        return check_numbers(x, architecture, dtype)
    if x.ndim != 2 or x.shape[1] != architecture.n_inputs:
        raise _other_shape(x.shape, architecture)
    rows = x.tocsr()
    if rows.dtype == dtype:
        return rows
    if rows.dtype.kind not in "fiub":
        raise ValueError(f"x must hold numbers; got {rows.dtype}")
    return type(rows)((_cast(rows.data, dtype, "x"), rows.indices, rows.indptr), rows.shape)


def _cast(given: Array, dtype: Any, name: str) -> Array:
    """The numbers in the network's precision, or an error where it does not reach so far."""
    limit = np.finfo(dtype).max
    with np.errstate(over="ignore"):
        cast = given.astype(dtype, order="C")
    if given.dtype.itemsize > np.dtype(dtype).itemsize and given.dtype.kind == "f":
        too_large = np.isinf(cast) & ~np.isinf(given)
        if too_large.any():
            raise ValueError(
                f"{name} holds values beyond {limit:.1e}, the largest that {np.dtype(dtype)} "
                "holds: divide them by a power of ten, or have a network of float64"
            )
    return cast


def check_codes(codes: ArrayLike | None, architecture: Architecture, n: int) -> Codes:
    """Return the codes as an int32 matrix of shape (n, n_codes), each within its embedding.

    Raises
    ------
    ValueError
        For missing codes, another shape, or a code that no embedding has.
    """
    n_codes = architecture.n_codes
    if n_codes == 0 and codes is None:
        return np.zeros((n, 0), np.int32)
    if codes is None:
        raise ValueError(f"this network has embeddings for {n_codes} columns of codes; give codes=")
    given = as_array(codes, "codes")
    if given.ndim == 1:
        given = given.reshape(1, -1) if n == 1 else given.reshape(-1, 1)
    if given.shape != (n, n_codes):
        raise ValueError(f"codes must have the shape ({n}, {n_codes}); got {np.shape(codes)}")
    if given.dtype.kind not in "iub":
        raise ValueError(f"codes must be integers; got {given.dtype}")
    for i, embedding in enumerate(architecture.embeddings):
        column = given[:, i]
        if n and (column.min() < 0 or column.max() >= embedding.n_values):
            raise ValueError(
                f"codes in column {i} must lie in 0..{embedding.n_values - 1}; got "
                f"{column.min()}..{column.max()}"
            )
    return np.require(given, np.int32, ("C", "A"))


def check_targets(
    y: ArrayLike, architecture: Architecture, loss: Loss, n: int, dtype: Any
) -> Array:
    """Return the targets as the engines take them: (n, 1) class numbers, or (n, n_outputs) values.

    Raises
    ------
    ValueError
        For another shape, values that are not finite, class numbers outside the outputs, or
        values outside what the loss is defined for.
    """
    hint = " (classes as 0, 1, 2, ...)" if loss.of_probabilities else ""
    given = as_numbers(y, "y", hint)
    width = 1 if loss.takes_classes else architecture.n_outputs
    if given.ndim <= 1 and width == 1:
        given = given.reshape(-1, 1)
    if given.ndim == 1 and n == 1:
        given = given.reshape(1, -1)
    if given.shape != (n, width):
        wanted = f"({n},)" if width == 1 else f"({n}, {width})"
        raise ValueError(f"y must have the shape {wanted}; got {np.shape(y)}")
    bad = np.flatnonzero(~np.isfinite(given.astype(np.float64)).all(axis=1))
    if len(bad):
        raise ValueError(
            f"y holds NaN or infinity in {len(bad)} rows, the first of them row {bad[0]}"
        )
    if loss.takes_classes:
        largest = architecture.n_outputs - 1
        if n and (given.min() < 0 or given.max() > largest or np.any(given != np.floor(given))):
            raise ValueError(
                f"y must hold class numbers 0..{largest}, one for each output; got values from "
                f"{given.min()} to {given.max()}"
            )
    if n and not (given.min() in loss.targets and given.max() in loss.targets):
        ends = (given.min(), loss.targets.low), (given.max(), loss.targets.high)
        found = "..".join(str(end) for end, limit in ends if np.isfinite(limit))
        raise ValueError(f"y must {loss.targets} for the loss {loss.name!r}; got {found}")
    return _cast(given, dtype, "y")


def check_weights(sample_weight: ArrayLike | None, n: int, dtype: Any) -> Array:
    """Return sample weights of shape (n,), or an empty array for none.

    Raises
    ------
    ValueError
        For another shape, negative or non-finite weights, or weights that are all zero.
    """
    if sample_weight is None:
        return np.zeros(0, dtype)
    given = as_array(sample_weight, "sample_weight")
    if given.shape != (n,):
        raise ValueError(f"sample_weight must have the shape ({n},); got {given.shape}")
    if given.dtype.kind not in "fiub" or not np.isfinite(given).all() or (given < 0).any():
        raise ValueError("sample_weight must hold finite numbers of at least 0")
    if n and not given.any():
        raise ValueError("sample_weight is zero for every row; at least one must count")
    weight = _cast(given, dtype, "sample_weight")
    if n and not weight.any():
        raise ValueError(f"sample_weight is too small for {np.dtype(dtype)}: multiply it up")
    return weight
