"""A network with its numbers: call it, forward, backward."""

from layerwise.network.network import Network, Views

__all__ = ["Network", "Views"]
