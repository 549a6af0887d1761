"""DuckDB, set up so that it reads what it is given and nothing else."""

import os
import shutil
from pathlib import Path
from typing import Any

from layerwise.tables.reading.workplace import Workplace

__all__ = ["connect", "literal", "readable_path"]


def connect(workplace: Workplace) -> Any:
    """A connection that never downloads or installs an extension."""
    import duckdb

    limit = os.environ.get("OMP_NUM_THREADS", "")  # it would start a thread for each core
    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            # Without one, it keeps to memory.
            "temp_directory": str(workplace.folder / "duckdb") if workplace.folder else "",
            **({"threads": limit} if limit.isdecimal() and int(limit) else {}),
        },
    )


def literal(text: str) -> str:
    """The text as SQL writes it.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def readable_path(path: Path, workplace: Workplace) -> Path:
    """The path, or one to the same file that DuckDB takes for neither a pattern nor an address."""
    text = str(path)
    if not any(letter in text for letter in "*?[]{}:"):
        return path
    beside = workplace.new_path(".csv")
    try:
        beside.symlink_to(path.resolve())
    except OSError:  # where a user may not make links
        shutil.copyfile(path, beside)
    return beside
