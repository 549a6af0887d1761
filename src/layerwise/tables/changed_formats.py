"""Cells written otherwise than when the model was trained: read where no doubt is left how."""

from dataclasses import replace

from layerwise.tables.parsing import (
    Cells,
    Reading,
    Values,
    figures,
    find_boolean_reading,
    find_cells,
    find_date_reading,
    find_number_reading,
    is_text,
    parse_dates,
    parse_numbers,
    swapped,
)

_COMPACT = Reading(formats=("%Y%m%d",))


def find_new_reading(kind: str, reading: Reading | None, values: Values) -> Reading | None:
    """How a column's cells are read, where not as those trained on; None if that is in doubt.

    Parameters
    ----------
    kind : str
        The column's: "number", "boolean" or "date".
    reading : Reading or None
        How the cells trained on were read.
    values : pyarrow array, shape (n,)

    Examples
    --------
    >>> import pyarrow as pa
    >>> find_new_reading("date", None, pa.array(["06/22/2023", "06/07/2023"])).formats
    ('%m/%d/%Y',)
    >>> find_new_reading("date", None, pa.array(["06/12/2023", "06/07/2023"]))
    >>> find_new_reading("number", None, pa.array(["1.234,5", "17"])).decimal
    ','
    >>> find_new_reading("number", None, pa.array(["1,234", "17"]))
    """
    if not is_text(values):
        is_compact = kind == "date" and not parse_dates(values, _COMPACT)[1]
        return _COMPACT if is_compact else None
    cells = find_cells(values)
    if kind == "boolean":
        return find_boolean_reading(cells)
    return _of_dates(cells) if kind == "date" else _of_numbers(cells, reading)


def _of_dates(cells: Cells) -> Reading | None:
    found = find_date_reading(cells)
    if found is None:
        return None
    turned = replace(found, formats=tuple(map(swapped, found.formats)))
    if turned != found and (
        len(parse_dates(cells, turned)[1]) <= len(parse_dates(cells, found)[1])
        or any(form in found.formats for form in turned.formats if figures(form))
    ):
        return None  # day or month
    # Of figures such as 22/06/23 nothing says which is the year.
    is_short = any("%y" in form and "%m" in form for form in found.formats)
    return None if is_short else found


def _of_numbers(cells: Cells, reading: Reading | None) -> Reading | None:
    """Other marks of fractions and thousands; another unit would be another number."""
    unit = reading.unit if reading else ""
    if reading and (reading.amounts or reading.formats):
        return None
    found = find_number_reading(cells)
    if found is None or found.amounts or found.formats or found.unit not in ("", unit):
        return None
    mark = "," if found.decimal == "." else "."
    others = [Reading(mark, thousands, found.unit) for thousands in ("", found.decimal)]
    n_unread = len(parse_numbers(cells, found)[1])
    if any(len(parse_numbers(cells, other)[1]) <= n_unread for other in others):
        return None
    return found
