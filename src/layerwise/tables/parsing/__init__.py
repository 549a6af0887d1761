"""What the text in a cell means: missing, a number, a truth value, a date.

A file's columns have no types: `TypedColumn` gives them the one that loses nothing, as they are
read. Of a column that is text after that, from a file or from memory, `find_..._reading` says how
its cells are read, if they can be, and `parse_...` reads them, those of the first table and of
every later one alike. A cell that cannot be read becomes a missing one, and its position is
returned. What counts as missing, and where, stands in `missing`.
"""

from layerwise.tables.parsing.amount_readings import find_hindrance, find_pairs, find_ranges
from layerwise.tables.parsing.amounts import before_interval, is_about, read_amounts
from layerwise.tables.parsing.booleans import find_boolean_reading, parse_booleans, spelled_booleans
from layerwise.tables.parsing.date_figures import figures, has_ambiguous_days, swapped
from layerwise.tables.parsing.date_formats import DIRECTIVES, matches_any
from layerwise.tables.parsing.dates import find_date_reading, parse_dates
from layerwise.tables.parsing.distinct import (
    Amounts,
    Cells,
    Reading,
    Values,
    as_array,
    cells_of_file,
    find_cells,
    is_text,
    places_of,
    short,
    some,
    without_cells,
    without_dictionary,
)
from layerwise.tables.parsing.durations import (
    cycle_of,
    find_day_reading,
    is_day,
    is_time_of_day,
    seconds_in_words,
)
from layerwise.tables.parsing.figure_codes import has_codes
from layerwise.tables.parsing.numbers import (
    HOURS_AND_MINUTES,
    find_number_reading,
    find_plain_numbers,
    may_be_number,
    parse_beside,
    parse_numbers,
)
from layerwise.tables.parsing.orders import find_order
from layerwise.tables.parsing.stored_kinds import kind_in_words, stored_as

__all__ = [
    "DIRECTIVES",
    "HOURS_AND_MINUTES",
    "Amounts",
    "Cells",
    "Reading",
    "Values",
    "as_array",
    "before_interval",
    "cells_of_file",
    "cycle_of",
    "figures",
    "find_boolean_reading",
    "find_cells",
    "find_date_reading",
    "find_day_reading",
    "find_hindrance",
    "find_number_reading",
    "find_order",
    "find_pairs",
    "find_plain_numbers",
    "find_ranges",
    "has_ambiguous_days",
    "has_codes",
    "is_about",
    "is_day",
    "is_text",
    "is_time_of_day",
    "kind_in_words",
    "matches_any",
    "may_be_number",
    "parse_beside",
    "parse_booleans",
    "parse_dates",
    "parse_numbers",
    "places_of",
    "read_amounts",
    "seconds_in_words",
    "short",
    "some",
    "spelled_booleans",
    "stored_as",
    "swapped",
    "without_cells",
    "without_dictionary",
]
