"""The command `layerwise`."""

from layerwise.cli.command import main

__all__ = ["main"]
