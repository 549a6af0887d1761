"""Which nodes dropout sets to 0: one rule, for every engine.

A node of one row is dropped or not by a function of the step's key, of the layer and of the place
in the batch alone, so that engines, threads and runs cut otherwise agree. In a layer of `width`
nodes, node j of the batch's row r has the place ``r (width + 1) + j``.

The functions take whole numbers and arrays of them alike; the compiled engine compiles them.
"""

from typing import Any

import numpy as np

from layerwise.arrays import Floats

_LOW_32_BITS = 0xFFFFFFFF


def layer_key(key: Any, layer: Any) -> Any:
    """The key of a layer, counted from 0, from that of the step: 32 bits."""
    return (key ^ (layer * 0x9E3779B1)) & _LOW_32_BITS


def random_bits(place: Any, key: Any) -> Any:
    """32 bits for a place: two rounds of Wellons 2018, "lowbias32", a counter-based generator.

    A node is dropped where they are less than its rate times 2^32; those left grow by
    1 / (1 - rate).
    """
    h = place ^ key
    h = ((h ^ (h >> 16)) * 0x7FEB352D) & _LOW_32_BITS
    h = ((h ^ (h >> 15)) * 0x846CA68B) & _LOW_32_BITS
    h = ((h ^ (h >> 16)) + key) & _LOW_32_BITS
    h = ((h ^ (h >> 16)) * 0x7FEB352D) & _LOW_32_BITS
    h = ((h ^ (h >> 15)) * 0x846CA68B) & _LOW_32_BITS
    return h ^ (h >> 16)


def dropout_factors(key: int, layer: int, rate: float, shape: tuple[int, int]) -> Floats:
    """What the activations of a batch, shape (rows, width), are multiplied by."""
    places = np.arange(shape[0])[:, None] * (shape[1] + 1) + np.arange(shape[1])
    kept = random_bits(places, layer_key(key, layer)) >= int(rate * 4294967296.0)
    return np.where(kept, 1.0 / (1.0 - rate), 0.0)
