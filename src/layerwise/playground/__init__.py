"""The playground: a page in the browser on which a network learns before one's eyes."""

from layerwise.playground.material import Material
from layerwise.playground.toy_tables import toy_table

__all__ = ["Material", "toy_table"]
