"""Which rows a training took, and in which order: read off what the rows left in a network."""

from typing import Any

import numpy as np

from layerwise import SGD, Network, Trainer
from layerwise.architecture import Architecture, Embedding


def places_of_rows(n_rows: int, batch_size: int = 1, **settings: Any) -> list[np.ndarray]:
    """For each epoch, the place of each row's batch in it, from 0; NaN for rows it did not take.

    Each row has an output of its own, whose target is 1 for this row and 0 for all others. With
    the learning rate 1/2 a step halves every bias, and adds 1 / (2 batch_size) to its own rows'.
    So a bias, a power of 2 for a batch_size that is one, tells how many steps ago its row was
    taken; no power of 2 (a place that is no whole number) tells that it was taken more than once.
    """
    net = Network(f"1-{n_rows}", dtype="float64")
    net.vector[:] = 0
    places = []

    def read(net: Network, epoch: Any) -> None:
        biases = net.biases[0]
        taken = np.count_nonzero(biases)
        n_steps = -(-taken // batch_size)
        with np.errstate(divide="ignore"):
            place = n_steps + np.log2(batch_size * biases)
        places.append(np.where(biases == 0, np.nan, place))
        net.biases[0] = np.zeros(n_rows)

    optimizer = SGD(learning_rate=0.5, momentum=0)
    trainer = Trainer(
        optimizer=optimizer, batch_size=batch_size, callbacks=[read], **{"seed": 0, **settings}
    )
    trainer.fit(net, np.zeros((n_rows, 1)), np.eye(n_rows))
    return places


def rows_trained_on(y: np.ndarray, n_outputs: int, output: str, **settings: Any) -> np.ndarray:
    """The numbers of the rows that moved a network: each row has an embedding of its own."""
    n_rows = len(y)
    architecture = Architecture([0, n_outputs], output=output, embeddings=[Embedding(n_rows, 2)])
    net = Network(architecture, seed=0, dtype="float64")
    before = net.parameters["codes 1.embedding"].copy()
    trainer = Trainer(optimizer=SGD(learning_rate=1.0), epochs=1, **{"seed": 0, **settings})
    trainer.fit(net, np.zeros((n_rows, 0)), y, codes=np.arange(n_rows)[:, None])
    return np.flatnonzero((net.parameters["codes 1.embedding"] != before).any(axis=1))
