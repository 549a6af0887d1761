"""From a column's cells to what the network gets: one class for each way of doing it."""

from layerwise.tables.encoders.category import CategoryEncoder
from layerwise.tables.encoders.date import DateEncoder
from layerwise.tables.encoders.number import Encoded, NumberEncoder
from layerwise.tables.encoders.text import TextEncoder

__all__ = ["CategoryEncoder", "DateEncoder", "Encoded", "Encoder", "NumberEncoder", "TextEncoder"]

Encoder = NumberEncoder | CategoryEncoder | DateEncoder | TextEncoder
