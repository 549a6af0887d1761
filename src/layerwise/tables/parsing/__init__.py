"""From cells to values: text, or whatever a column holds, to numbers, truth values and dates.

`find_..._reading` looks at a column of text and says how its cells are read, if they can be;
`parse_...` reads them, those of the first table and of every later one alike. A cell that cannot be
read becomes a missing one, and its position is returned.
"""

from layerwise.tables.parsing.booleans import find_boolean_reading, parse_booleans
from layerwise.tables.parsing.cells import Cells, find_cells, is_text, stored_as
from layerwise.tables.parsing.dates import find_date_reading, has_ambiguous_days, parse_dates
from layerwise.tables.parsing.numbers import find_number_reading, parse_numbers

__all__ = [
    "Cells",
    "find_boolean_reading",
    "find_cells",
    "find_date_reading",
    "find_number_reading",
    "has_ambiguous_days",
    "is_text",
    "parse_booleans",
    "parse_dates",
    "parse_numbers",
    "stored_as",
]
