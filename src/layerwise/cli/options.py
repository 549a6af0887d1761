"""Options as fields of dataclasses, which commands take whole; those of all that read a table."""

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer
from typer.models import OptionInfo

from layerwise.cli.refusals import refusing
from layerwise.files.atomic_writing import keeping_inputs
from layerwise.language import speaking


def described(
    help_text: str | None,
    *names: str,
    metavar: str | None = None,
    panel: str | None = None,
    shown: str | bool = True,
    least: float | None = None,
    most: float | None = None,
) -> OptionInfo:
    """What is said of an option; in `Annotated`, where several commands have it.

    Parameters
    ----------
    help_text : str or None
    *names : str
        What is typed, where it is not the field's name.
    metavar : str or None
        What stands for the value in the help.
    panel : str or None
        The heading in the help that it, and those after it in a dataclass, come under.
    shown : str or bool
        What the help says for the default, where that is more than the value.
    least, most : float or None
        Ends of the range of a number.
    """
    made: OptionInfo = typer.Option(
        *names, metavar=metavar, rich_help_panel=panel, show_default=shown, min=least, max=most,
        help=help_text,
    )  # fmt: skip
    return made


def option(help_text: str | None, *names: str, default: Any = None, **others: Any) -> Any:
    """Make an option of a dataclass's field, or of a command's parameter; see `described`."""
    return field(default=default, metadata={"option": described(help_text, *names, **others)})


def as_command(run: Callable[..., None]) -> Callable[..., None]:
    """Make a command of a function some of whose parameters are dataclasses of options.

    Each field becomes an option, those of dataclasses in dataclasses too. What a table, a model
    file or the system refuses is said in one line. Those without --language speak English.

    Examples
    --------
    >>> @dataclass
    ... class Size:
    ...     width: int = option("In nodes.", default=4)
    >>> @as_command
    ... def show(name: str, size: Size) -> None:
    ...     print(name, size)
    >>> inspect.signature(show)
    <Signature (*, name: str, width: ...Annotated[int, ...] = 4) -> None>
    >>> show(name="small", width=2)
    small Size(width=2)
    """
    signature = inspect.signature(run, eval_str=True)
    parameters = [
        each
        for parameter in signature.parameters.values()
        for each in _options_of(parameter.name, parameter.annotation, parameter.default)
    ]

    @functools.wraps(run)
    def command(**given: object) -> None:
        spoken = given.get("language") if "language" in command.__annotations__ else "en"
        with refusing(), keeping_inputs(), speaking(str(spoken) if spoken else None):
            run(
                **{
                    name: _filled(parameter.annotation, given.get(name), given)
                    for name, parameter in signature.parameters.items()
                }
            )

    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
    return command


def _options_of(name: str, annotation: Any, default: object) -> Iterator[inspect.Parameter]:
    if is_dataclass(annotation):
        hints = get_type_hints(annotation, include_extras=True)
        panel = None
        for each in fields(annotation):
            if info := each.metadata.get("option"):
                panel = info.rich_help_panel = info.rich_help_panel or panel
            yield from _options_of(each.name, hints[each.name], each)
        return
    if isinstance(default, Field):
        if "option" in default.metadata:
            annotation = Annotated[annotation, default.metadata["option"]]
        default = inspect.Parameter.empty if default.default is MISSING else default.default
    kind = inspect.Parameter.KEYWORD_ONLY
    yield inspect.Parameter(name, kind, default=default, annotation=annotation)


def _filled(annotation: object, value: object, given: Mapping[str, object]) -> object:
    if not (isinstance(annotation, type) and is_dataclass(annotation)):
        return value
    hints = get_type_hints(annotation)
    return annotation(
        **{name: _filled(hint, given.get(name), given) for name, hint in hints.items()}
    )


Source = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        show_default=False,
        help="CSV, TSV, Parquet, Arrow, JSON lines, Excel or SQLite file, also compressed; a "
        "pattern such as 'sales-*.csv'; postgresql://...; or - for standard input.",
    ),
]
Model = Annotated[
    Path, typer.Argument(metavar="MODEL", show_default=False, help="A file that fit wrote.")
]
Json = Annotated[bool, described("Print one JSON object, for programs.", "--json")]
Language = Annotated[
    str | None,
    described(
        "What it is written in; help and errors are English.",
        metavar="en|ko",
        shown="by LANG, else en",
    ),
]

_FORMATS = "csv, tsv, parquet, arrow, json, excel or sqlite, where it is not found out."
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt])(i?))?b?", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """How a table is read; see `layerwise.tables.reading.read_table`."""

    query: str | None = option("For databases: the SELECT to read.", metavar="SQL", panel="Reading")
    table: str | None = option("For databases: which table.", "--table", metavar="NAME")
    delimiter: str | None = option("Between cells, where it is not found out.", metavar="CHAR")
    encoding: str | None = option("Of the text, where it is not found out.", metavar="NAME")
    sheet: str | None = option("Of a workbook, by name or number.", metavar="NAME")
    keep_total: bool = option(
        "Keep a last row that adds up those above it.", "--keep-total", default=False
    )
    keep_na: bool = option(
        "Keep NA, null and the like as they stand in columns of text.", "--keep-na", default=False
    )
    format: str | None = option(_FORMATS, metavar="NAME")
    max_size: str | None = option(
        "What a packed file or workbook may unpack to, as in 20GB.",
        metavar="SIZE",
        shown="the machine's memory",
    )

    def arguments(self) -> dict[str, Any]:
        """What `read_table` is told beside the source: the options that were given."""
        given: dict[str, Any] = {
            name: value for name, value in vars(self).items() if value not in (None, False)
        }
        if self.max_size is not None:
            given["max_size"] = _bytes_of(self.max_size)
        if self.sheet is not None and self.sheet.isdecimal():
            given["sheet"] = int(self.sheet)
        return given


@dataclass(frozen=True)
class ExplainedReading(Reading):
    """The same where --format is that of what is written."""

    format: str | None = option(_FORMATS, "--table-format", metavar="NAME")


@dataclass(frozen=True)
class Columns:
    """Columns of which the kind is given."""

    categorical: list[str] | None = option(
        "These are categories, whatever they look like.", metavar="NAMES", panel="Columns"
    )
    numeric: list[str] | None = option("These are numbers.", metavar="NAMES")
    text: list[str] | None = option("These are free text.", metavar="NAMES")
    dates: list[str] | None = option(
        "These are dates. A format may follow, as in sold=%d/%m/%Y.", metavar="NAMES"
    )
    drop: list[str] | None = option("These are not to be used.", metavar="NAMES")
    keep: list[str] | None = option(
        "These are to be used, even if they only name the row, or tell nothing.", metavar="NAMES"
    )

    def named(self, columns: Sequence[str]) -> dict[str, list[str]]:
        """The names by kind, of these that a table has; see `names`."""
        return {kind: names(given, columns) for kind, given in vars(self).items() if given}


def names(given: Iterable[str], columns: Sequence[str]) -> list[str]:
    """Names given one by one, or several with commas between them.

    Parameters
    ----------
    given : iterable of str
        What stood after an option.
    columns : sequence of str
        The table's: one that has a comma in its own name is that one. Where a format of dates
        follows ("sold=%b %d, %Y"), it is one name.

    Examples
    --------
    >>> names(["rooms, price", "width, m"], ["rooms", "price", "width, m"])
    ['rooms', 'price', 'width, m']
    """
    from layerwise.tables.names import spelled

    known = set(columns)
    found: list[str] = []
    for part in spelled(given, columns):
        parts = [part] if part in known or "=%" in part else part.split(",")
        found += [name if name in known else name.strip() for name in parts if name.strip()]
    return spelled(found, columns)


def target_names(given: Iterable[str] | None, columns: Sequence[str]) -> list[str]:
    """The columns to predict; a TableError where none is named."""
    from layerwise.tables.errors import TableError
    from layerwise.tables.names import some_names

    if targets := names(given or (), columns):
        return targets
    raise TableError(
        f"name the column to predict, --target NAME; the columns are {some_names(columns, 40)}"
    )


def _bytes_of(size: str) -> int:
    match = _SIZE.fullmatch(size.strip())
    if match is None or not float(match[1]):
        raise typer.BadParameter(f"--max-size {size!r}: a size such as 500MB or 20GB is wanted")
    power = 1 + "kmgt".index(match[2].lower()) if match[2] else 0
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)
