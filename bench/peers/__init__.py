"""The libraries that are measured, one module each, all with the same functions.

    use_threads(threads)               called once, before anything else
    training(sizes, batch, rows)       ways to train, each a run whose unit is one step
    one_row(sizes)                     ways to predict one row, a unit is one call
    many_rows(sizes, rows)             ways to predict a whole table, a unit is one call
    memory(sizes, batch, rows)         peak memory of a short training

A "way" is the same work done differently, such as rows gathered at once or batch by batch;
the fastest on this machine is the one that is measured, so that each peer is at its best.
"""

from __future__ import annotations

from importlib.util import find_spec

from worker import Subject

PACKAGES = {"layerwise": "layerwise", "sklearn": "sklearn", "torch": "torch", "jax": "jax"}
NAMES = {
    "layerwise": "Layerwise",
    "sklearn": "scikit-learn",
    "torch": "PyTorch",
    "jax": "JAX",
}
PEERS = ("sklearn", "torch", "jax")


def installed(peer: str) -> bool:
    """Whether the library can be imported; nothing is imported to find out."""
    return find_spec(PACKAGES[peer]) is not None


def has_mkl() -> bool:
    """Whether the optional product can be loaded."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return bool(version("mkl"))
    except PackageNotFoundError:
        return False


def peer_subjects(peer: str, cores: int) -> list[Subject]:
    """The library with one thread and with two; the better of them speaks for it.

    JAX takes its threads from the processors it may run on, so it is pinned.
    """
    return [
        Subject(f"{peer} {threads}t", peer, threads, pinned=peer == "jax")
        for threads in range(1, min(2, cores) + 1)
    ]


def our_subjects(cores: int) -> list[Subject]:
    """Ours with each product there is: its own choice of threads, then one, then two."""
    products = ["scipy", "mkl"] if has_mkl() else ["scipy"]
    return [
        Subject(
            f"layerwise {product} {'auto' if threads is None else f'{threads}t'}",
            "layerwise",
            threads,
            env={"LAYERWISE_PRODUCT": product},
        )
        for product in products
        for threads in (None, *range(1, min(2, cores) + 1))
    ]
