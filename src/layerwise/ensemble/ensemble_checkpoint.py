"""What has been trained of an ensemble, in a folder: a killed fit goes on where it was."""

from __future__ import annotations

import contextlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture
from layerwise.ensemble.ensemble import Member
from layerwise.ensemble.folds import Problem
from layerwise.ensemble.recipe import Recipe
from layerwise.files.atomic_writing import FileWriteError, write_whole
from layerwise.files.container import is_container
from layerwise.network import Network
from layerwise.training import History
from layerwise.training.checkpoint import (
    Checkpoint,
    is_checkpoint,
    load_checkpoint,
    save_checkpoint,
)

_LONG_EPOCH_ROWS = 50_000
_ABOUT = "training.json"
_MARK = "layerwise_training"
# What a checkpoint writes, and what is left of it where it was killed while writing.
_NAME = re.compile(r"(training\.json|network-\d+\.(trained|epochs)|(start|end)\.layerwise)")
_PART = re.compile(rf"\.{_NAME.pattern}\.\w+\.part")


def trained_files(folder: Path) -> list[Path]:
    """The files below a folder that checkpoints of ensembles have written, by name and content."""
    # What it is about last, and after all else the model that it began with.
    files = [file for part in _parts(folder) for file in sorted(part.iterdir())]
    files += sorted(folder.iterdir()) if folder.is_dir() else []
    return [file for file in files if not file.is_symlink() and file.is_file() and _is_ours(file)]


def remove_trained(folder: Path) -> None:
    """Remove `trained_files`, and the folders if nothing else is in them."""
    for file in trained_files(folder):
        file.unlink(missing_ok=True)
    for emptied in (*_parts(folder), folder):
        with contextlib.suppress(OSError):
            emptied.rmdir()


def _parts(folder: Path) -> Iterator[Path]:
    """The folders of a model's ensembles: its own, and those of both ends of its intervals."""
    parts = (folder / name for name in ("mean", "low", "high"))
    return (part for part in parts if part.is_dir() and not part.is_symlink())


def _is_ours(file: Path) -> bool:
    name = _NAME.fullmatch(file.name) or _PART.fullmatch(file.name)
    if name is None:
        return False
    if file.stat().st_size == 0 and file.suffix == ".part":
        return True
    if name[1] == _ABOUT:
        with file.open("rb") as content:
            return _MARK.encode() in content.read(80)
    return is_container(file) if name[1].endswith(".layerwise") else is_checkpoint(file)


class EnsembleCheckpoint:
    """A folder with a file for each network that has been trained.

    Networks do not depend on each other, and each begins from the seed, so that one that was cut
    off is trained again from its start, or, where epochs are long, from its last one, with the
    same bits.

    Parameters
    ----------
    folder : Path
        Made if need be.
    problem, recipe, seed
        What is trained.
    start : sequence of Network
        The networks that go on learning; none where new ones are trained.
    beside : mapping
        What else decides what the whole training, of which this is a part, comes to.

    Raises
    ------
    ValueError
        If the folder holds another training.
    """

    def __init__(
        self,
        folder: Path,
        problem: Problem,
        recipe: Recipe,
        seed: int,
        start: Sequence[Network] = (),
        beside: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self.folder = Path(folder)
        self.has_long_epochs = len(problem) >= _LONG_EPOCH_ROWS
        arrays = [problem.x, problem.codes, problem.y]
        arrays += [
            array for array in (problem.weight, problem.groups, problem.times) if array is not None
        ]
        facts = {
            _MARK: 1,
            "rows": [*map(_checksum, arrays), *map(int, problem.code_sizes)],
            "loss": str(problem.loss),
            "seed": seed,
            "the model that goes on": [_checksum(network.vector) for network in start],
            **{name: str(value) for name, value in {**asdict(recipe), **beside}.items()},
        }
        about = self.folder / _ABOUT
        if about.exists():
            if not _is_ours(about):
                raise ValueError(
                    f"{about} was not written by a training of Layerwise; name another folder for "
                    "what is trained"
                )
            try:
                before = dict(json.loads(about.read_text("utf-8")))
            except (TypeError, ValueError):
                before = {}
            others = [name for name, fact in facts.items() if before.get(name) != fact]
            if others:
                raise ValueError(
                    f"{self.folder} holds what was trained of another table or with other settings "
                    f"({', '.join(others)}); give the same ones to go on, or remove the folder to "
                    "start anew"
                )
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                write_whole(about, json.dumps(facts).encode(), "the checkpoint")
            except FileWriteError:
                remove_trained(self.folder.parent)
                raise

    def epochs_of(self, number: int) -> Path | None:
        """The file that a network's own trainer writes its epochs down in; None: they are short."""
        return self.folder / f"network-{number}.epochs" if self.has_long_epochs else None

    def load(self, number: int) -> Member | None:
        """Return a network that has been trained to its end."""
        path = self._path(number)
        if not path.exists():
            return None
        saved = load_checkpoint(path)
        architecture = Architecture.from_json(saved.facts["architecture"])
        network = Network.of(architecture, saved.arrays["vector"], saved.arrays["state"])
        return Member(network, History.from_json(saved.facts["history"]), saved.arrays["held_out"])

    def save(self, number: int, member: Member) -> None:
        """Keep a network that has been trained to its end."""
        network = member.network
        arrays = {"vector": network.vector, "state": network.state, "held_out": member.held_out}
        facts = {
            "architecture": network.architecture.to_json(),
            "history": member.history.to_json(),
        }
        save_checkpoint(self._path(number), Checkpoint(arrays, facts))
        epochs = self.epochs_of(number)
        if epochs is not None and is_checkpoint(epochs):
            epochs.unlink()

    def _path(self, number: int) -> Path:
        return self.folder / f"network-{number}.trained"


def _checksum(array: NDArray[np.generic]) -> int:
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).ravel().data)
