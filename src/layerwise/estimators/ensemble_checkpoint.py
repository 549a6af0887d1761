"""What has been trained of an ensemble, in a folder: a killed fit goes on where it was."""

from __future__ import annotations

import contextlib
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.architecture import Architecture
from layerwise.files.errors import FileWriteError
from layerwise.files.writing import write_whole
from layerwise.training.checkpoint import (
    Checkpoint,
    is_checkpoint,
    load_checkpoint,
    save_checkpoint,
)

if TYPE_CHECKING:
    from layerwise.estimators.ensemble import Member, Problem
    from layerwise.estimators.recipe import Recipe
    from layerwise.network import Network

__all__ = ["EnsembleCheckpoint", "remove_trained", "trained_files"]

_LONG_EPOCH_ROWS = 50_000
_ABOUT = "training.json"
_MARK = "layerwise_training"
# What a checkpoint writes, and what is left of it where it was killed while writing.
_NAME = re.compile(r"(training\.json|network-\d+\.(trained|epochs))")
_PART = re.compile(rf"\.{_NAME.pattern}\.\w+\.part")


def trained_files(folder: Path) -> list[Path]:
    """The files below a folder that checkpoints of ensembles have written, by name and content."""
    return [
        file
        for part in _parts(folder)
        for file in sorted(part.iterdir())  # what it is about last
        if not file.is_symlink() and file.is_file() and _is_ours(file)
    ]


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
    return is_checkpoint(file)


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
    ) -> None:
        self.folder = Path(folder)
        self.has_long_epochs = len(problem) >= _LONG_EPOCH_ROWS
        arrays = [problem.x, problem.codes, problem.y]
        arrays += [
            array for array in (problem.weight, problem.groups, problem.times) if array is not None
        ]
        facts = {
            _MARK: 1,
            "rows": [_checksum(array) for array in arrays],
            "loss": str(problem.loss),
            "recipe": {name: str(value) for name, value in asdict(recipe).items()},
            "seed": seed,
            "start": [_checksum(network.vector) for network in start],
        }
        about = self.folder / _ABOUT
        if about.exists():
            if not _is_ours(about):
                raise ValueError(
                    f"{about} was not written by a training of Layerwise; name another folder for "
                    "what is trained"
                )
            try:
                before = json.loads(about.read_text("utf-8"))
            except ValueError:
                before = None
            if before != facts and not self._made(before, facts, start):
                raise ValueError(
                    f"{self.folder} holds what was trained of another table or with other "
                    "settings; give the same ones to go on, or remove the folder to start anew"
                )
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                write_whole(about, json.dumps(facts).encode(), "the checkpoint")
            except FileWriteError:
                remove_trained(self.folder.parent)
                raise

    def _made(self, before: Any, facts: dict[str, Any], start: Sequence[Network]) -> bool:
        """Whether the networks that are to go on are what this training has come to already.

        So it is where a model was to go on in its own file, and was saved there before the kill.
        """
        if not start or not isinstance(before, dict) or before | {"start": facts["start"]} != facts:
            return False
        n = len(start)
        return any(
            all(
                member is not None and np.array_equal(member.network.vector, network.vector)
                for member, network in zip(
                    map(self.load, range(first, first + n)), start, strict=True
                )
            )
            for first in (0, 2 * n)  # in the order of time, the last of three are the model's
        )

    def trainer_settings(self, number: int) -> dict[str, Any]:
        """Settings with which a network's own trainer writes down its epochs."""
        if not self.has_long_epochs:
            return {}
        return {"checkpoint": self.folder / f"network-{number}.epochs"}

    def load(self, number: int) -> Member | None:
        """Return a network that has been trained to its end."""
        from layerwise.estimators.ensemble import Member
        from layerwise.network import Network
        from layerwise.training import History

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
        for epochs in self.trainer_settings(number).values():
            if is_checkpoint(epochs):
                epochs.unlink()

    def _path(self, number: int) -> Path:
        return self.folder / f"network-{number}.trained"


def _checksum(array: Any) -> int:
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).ravel().data)
