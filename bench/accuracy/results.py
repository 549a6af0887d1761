"""Results on disk: a line of JSON for each fit, written as soon as it is done."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from accuracy.tables import Table

Result = dict[str, Any]


BUSY = 0.2
"""Cores kept busy by others from which a time is not to be trusted."""


def disturbed(result: Result) -> bool:
    """Whether others kept the processor busy during that fit."""
    return (result["others_cores"] or 0.0) > BUSY


class Results:
    """The lines of a file, each fit's last one counting."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable = 0
        self._by_fit: dict[tuple[Any, ...], Result] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                try:
                    self._take(json.loads(line))
                except (ValueError, KeyError, TypeError):
                    self.unreadable += 1  # what a kill in mid-line left
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, result: Result) -> None:
        """Append a fit's line, on the disk before this returns."""
        with self.path.open("a+b") as file:
            start = b""
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                start = b"" if file.read(1) == b"\n" else b"\n"
            file.write(start + json.dumps(result).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._take(result)

    def find(self, model: str, version: str, table: Table, seed: int) -> Result | None:
        """That fit, if it was done by that version on those bytes."""
        return self._by_fit.get((model, version, table.name, table.fingerprint, seed))

    def chosen(
        self, versions: dict[str, str | None], tables: Iterable[Table], seeds: Iterable[int]
    ) -> list[Result]:
        """The fits of those versions, tables and seeds; of a model without version its newest."""
        newest = {result["model"]: result["version"] for result in self._by_fit.values()}
        prints = {table.name: table.fingerprint for table in tables}
        wanted = set(seeds)
        return [
            result
            for result in self._by_fit.values()
            if result["model"] in versions
            and result["version"] == (versions[result["model"]] or newest[result["model"]])
            and prints.get(result["table"]) == result["fingerprint"]
            and result["seed"] in wanted
        ]

    def _take(self, result: Result) -> None:
        key = tuple(result[part] for part in ("model", "version", "table", "fingerprint", "seed"))
        self._by_fit.pop(key, None)  # so that the newest stands last
        self._by_fit[key] = result
