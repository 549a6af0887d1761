"""Options of all commands that read a table: what it is, and how it is read."""

import re
from typing import Annotated, Any

import typer

__all__ = [
    "Delimiter",
    "Encoding",
    "Format",
    "MaxSize",
    "Query",
    "Sheet",
    "Source",
    "TableName",
    "reading_of",
]

_READING = "Reading"

Source = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        show_default=False,
        help="CSV, TSV, Parquet, Arrow, JSON lines, Excel or SQLite file, also compressed; a "
        "pattern such as 'sales-*.csv'; postgresql://...; or - for standard input.",
    ),
]
Query = Annotated[
    str | None,
    typer.Option(
        metavar="SQL", rich_help_panel=_READING, help="For databases: the SELECT to read."
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        metavar="CHAR", rich_help_panel=_READING, help="Between cells, where it is not found out."
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", rich_help_panel=_READING, help="Of the text, where it is not found out."
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", rich_help_panel=_READING, help="Of a workbook, by name or number."
    ),
]
TableName = Annotated[
    str | None,
    typer.Option(
        "--table",
        metavar="NAME",
        rich_help_panel=_READING,
        help="For databases: which table.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=_READING,
        help="csv, tsv, parquet, arrow, json, excel or sqlite, where it is not found out.",
    ),
]
MaxSize = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        rich_help_panel=_READING,
        show_default="the machine's memory",
        help="What a packed file or workbook may unpack to, as in 20GB.",
    ),
]
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt])(i?))?b?", re.IGNORECASE)


def _bytes_of(size: str) -> int:
    match = _SIZE.fullmatch(size.strip())
    if match is None or not float(match[1]):
        raise typer.BadParameter(f"--max-size {size!r}: a size such as 500MB or 20GB is wanted")
    power = 1 + "kmgt".index(match[2].lower()) if match[2] else 0
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def reading_of(
    query: str | None,
    table: str | None,
    delimiter: str | None,
    encoding: str | None,
    sheet: str | None,
    format: str | None,  # noqa: A002
    max_size: str | None,
) -> dict[str, Any]:
    """What `read_table` is told beside the source: the options that were given."""
    given = {
        "query": query,
        "table": table,
        "delimiter": delimiter,
        "encoding": encoding,
        "sheet": int(sheet) if sheet is not None and sheet.isdecimal() else sheet,
        "format": format,
        "max_size": None if max_size is None else _bytes_of(max_size),
    }
    return {name: value for name, value in given.items() if value is not None}
