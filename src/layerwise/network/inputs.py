"""Checking what people hand to a network, with errors that say what came and what was wanted."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from layerwise.architecture import Architecture, Loss

__all__ = [
    "check_codes",
    "check_numbers",
    "check_rows",
    "check_targets",
    "check_weights",
    "is_sparse",
]

Array = NDArray[Any]


def check_numbers(x: ArrayLike, architecture: Architecture, dtype: Any) -> Array:
    """Return x as a writable C-contiguous matrix of shape (n, n_inputs) in the network's precision.

    Raises
    ------
    ValueError
        For another number of columns or dimensions, or what is not numeric.
    """
    given = x if isinstance(x, np.ndarray) else _as_array(x, "x")
    if given.dtype != dtype:
        if given.dtype.kind not in "fiub":
            raise ValueError(
                f"x must hold numbers; got {given.dtype}. Turn categories into integer codes, or "
                "one column for each value"
            )
        given = _cast(given, dtype, "x")
    if given.ndim == 1:
        given = given.reshape(1, -1)
    if given.ndim != 2 or given.shape[1] != architecture.n_inputs:
        raise ValueError(
            f"x must have the shape (n, {architecture.n_inputs}), a column for each of the "
            f"network's inputs; got {np.shape(x)}"
        )
    flags = given.flags
    if not (flags.c_contiguous and flags.writeable and flags.aligned):
        from layerwise.engine.compiled import writable

        given = writable(given)
    return given


def is_sparse(x: Any) -> bool:
    """Whether x is one of SciPy's sparse arrays or matrices."""
    return hasattr(x, "tocsr")


def check_rows(x: Any, architecture: Architecture, dtype: Any) -> Any:
    """`check_numbers`, and sparse rows become a CSR array of that shape and precision."""
    if not is_sparse(x):
        return check_numbers(x, architecture, dtype)
    if x.ndim != 2 or x.shape[1] != architecture.n_inputs:
        raise ValueError(
            f"x must have the shape (n, {architecture.n_inputs}), a column for each of the "
            f"network's inputs; got {x.shape}"
        )
    rows = x.tocsr()
    if rows.dtype == dtype:
        return rows
    if rows.dtype.kind not in "fiub":
        raise ValueError(f"x must hold numbers; got {rows.dtype}")
    return type(rows)((_cast(rows.data, dtype, "x"), rows.indices, rows.indptr), rows.shape)


def _as_array(x: ArrayLike, name: str) -> Array:
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be a matrix, all of whose rows are of one length") from error


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


def check_codes(codes: ArrayLike | None, architecture: Architecture, n: int) -> NDArray[np.int32]:
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
    given = np.asarray(codes)
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
    codes = np.asarray(given, np.int32, order="C")
    return codes if codes.flags.writeable else codes.copy()


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
    given = _as_array(y, "y")
    if given.dtype.kind not in "fiub":
        hint = " (classes as 0, 1, 2, ...)" if loss.output in {"softmax", "sigmoid"} else ""
        raise ValueError(f"y must hold numbers{hint}; got {given.dtype}")
    width = 1 if loss.name == "softmax" else architecture.n_outputs
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
    if loss.name == "softmax":
        largest = architecture.n_outputs - 1
        if n and (given.min() < 0 or given.max() > largest or np.any(given != np.floor(given))):
            raise ValueError(
                f"y must hold class numbers 0..{largest}, one for each output; got values from "
                f"{given.min()} to {given.max()}"
            )
    if loss.name == "sigmoid" and n and (given.min() < 0 or given.max() > 1):
        raise ValueError(
            f"y must lie in 0..1 for the loss 'sigmoid'; got {given.min()}..{given.max()}"
        )
    if loss.name == "poisson" and n and given.min() < 0:
        raise ValueError(f"y must not be negative for the loss 'poisson'; got {given.min()}")
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
    given = np.asarray(sample_weight)
    if given.shape != (n,):
        raise ValueError(f"sample_weight must have the shape ({n},); got {given.shape}")
    if given.dtype.kind not in "fiub" or not np.isfinite(given).all() or (given < 0).any():
        raise ValueError("sample_weight must hold finite numbers of at least 0")
    if n and not given.any():
        raise ValueError("sample_weight is 0 for every row; at least one must count")
    weight = _cast(given, dtype, "sample_weight")
    if n and not weight.any():
        raise ValueError(f"sample_weight is too small for {np.dtype(dtype)}: multiply it up")
    return weight
