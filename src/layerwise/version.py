"""The version, where every room may read it; and those that a result was made with."""

__all__ = ["__version__", "versions"]

__version__ = "0.1.0"


def versions() -> dict[str, str]:
    """Name and version of Python and of the libraries that results depend on.

    Examples
    --------
    >>> list(versions())
    ['Python', 'layerwise', 'numpy', 'numba', 'scikit-learn', 'pyarrow']
    """
    import platform  # here, since importing them takes a while
    from importlib.metadata import version

    names = ("layerwise", "numpy", "numba", "scikit-learn", "pyarrow")
    return {"Python": platform.python_version(), **{name: version(name) for name in names}}
