"""The versions that a result was made with."""

import platform
from importlib.metadata import version

__all__ = ["versions"]


def versions() -> dict[str, str]:
    """Name and version of Python and of the libraries that results depend on.

    Examples
    --------
    >>> list(versions())
    ['Python', 'layerwise', 'numpy', 'numba', 'scikit-learn', 'pyarrow']
    """
    names = ("layerwise", "numpy", "numba", "scikit-learn", "pyarrow")
    return {"Python": platform.python_version(), **{name: version(name) for name in names}}
