"""The files that commands write: what they are called, and that they can be written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from layerwise.cli.refusals import FAILED, complain, what_ran_out

_MODEL = ".layerwise"


def table_name(source: str) -> str:
    """What files made of a table are called by: its name without the endings that say its format.

    Examples
    --------
    >>> table_name("data/2024.sales.csv.gz"), table_name("2024.costs.csv"), table_name("v1.5")
    ('2024.sales', '2024.costs', 'v1.5')
    >>> table_name("-"), table_name("sales-*.csv"), table_name("postgresql://me@host/shop")
    ('table', 'table', 'table')
    """
    from layerwise.tables.reading.formats import without_endings

    name = "" if source == "-" or "://" in source else without_endings(Path(source).name)
    return "table" if not name or any(sign in name for sign in "*?[") else name


def model_name(model: str | Path) -> str:
    """What files made of a model are called by.

    Examples
    --------
    >>> model_name("models/houses.layerwise"), model_name("model.v1"), model_name("model.v2")
    ('houses', 'model.v1', 'model.v2')
    """
    name = Path(model).name
    return name[: -len(_MODEL)] or name if name.lower().endswith(_MODEL) else name


def check_is_own(report: Path, model: Path) -> None:
    """Refuse to write over the report of another model, such as that of m beside m.layerwise.

    Raises
    ------
    TableError
        If both models, of which only one has the ending, are called by one name.
    """
    from layerwise.files.container import is_container
    from layerwise.tables.errors import TableError

    name = model_name(model)
    other = model.with_name(name if name != model.name else f"{name}{_MODEL}")
    if report.exists() and other.is_file() and other != model and is_container(other):
        raise TableError(
            f"{report} may be the report of {other}, and would be written over; name another with "
            "--report, or another model"
        )


def check_outputs(
    outputs: Sequence[Path], tables: Sequence[str | None], model: str | Path | None = None
) -> None:
    """Make sure of where files go before any time is spent.

    What a pattern among the tables leads to is found where it is read, and refused there.

    Raises
    ------
    TableError
        If two are to go to one place.
    FileWriteError
        If one cannot be written, or is an input.
    """
    from layerwise.files.atomic_writing import (
        check_writable,
        declare_output,
        is_special,
        note_input,
    )
    from layerwise.tables.errors import TableError

    files = [path for path in outputs if not is_special(path)]
    for i, path in enumerate(files):
        if path.resolve() in {other.resolve() for other in files[:i]}:
            raise TableError(f"{path} was to hold both the model and the report; name two files")
    for path in outputs:
        check_writable(path)
        declare_output(path)
    for table in tables:
        if table is not None:
            note_input(table)
    if model is not None:
        note_input(model, "the model")


def is_written(write: Callable[[], object], what: str) -> bool:
    """Write a file; where that cannot be done it is said, and False: the rest goes on."""
    from layerwise.files.atomic_writing import ModelFileError

    try:
        write()
    except ModelFileError as error:
        complain(str(error), FAILED)
        return False
    except Exception as error:  # noqa: BLE001  whatever it is, the other files are worth more
        said = what_ran_out(error) or f"{type(error).__name__}: {error}"
        complain(f"{what} could not be made: {said}", FAILED)
        return False
    return True
