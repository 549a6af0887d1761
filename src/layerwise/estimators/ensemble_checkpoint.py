"""What has been trained of an ensemble, in a folder: a killed fit goes on where it was."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.architecture import Architecture

if TYPE_CHECKING:
    from layerwise.estimators.ensemble import Member, Problem
    from layerwise.estimators.recipe import Recipe

__all__ = ["EnsembleCheckpoint"]

_LONG_EPOCH_ROWS = 50_000


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

    Raises
    ------
    ValueError
        If the folder holds another training.
    """

    def __init__(self, folder: Path, problem: Problem, recipe: Recipe, seed: int) -> None:
        self.folder = Path(folder)
        self.has_long_epochs = len(problem) >= _LONG_EPOCH_ROWS
        arrays = [problem.x, problem.codes, problem.y]
        arrays += [array for array in (problem.weight, problem.groups) if array is not None]
        facts = {
            "rows": [_checksum(array) for array in arrays],
            "loss": str(problem.loss),
            "recipe": {name: str(value) for name, value in asdict(recipe).items()},
            "seed": seed,
        }
        about = self.folder / "training.json"
        if about.exists():
            try:
                before = json.loads(about.read_text("utf-8"))
            except ValueError:
                before = None
            if before != facts:
                raise ValueError(
                    f"{self.folder} holds what was trained of another table or with other "
                    "settings; give the same ones to go on, or remove the folder to start anew"
                )
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = about.with_suffix(".part")
            part.write_text(json.dumps(facts), "utf-8")
            part.replace(about)

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
        from layerwise.training.checkpoint import load_checkpoint

        path = self._path(number)
        if not path.exists():
            return None
        saved = load_checkpoint(path)
        architecture = Architecture.from_json(saved.facts["architecture"])
        network = Network.of(architecture, saved.arrays["vector"], saved.arrays["state"])
        return Member(network, History.from_json(saved.facts["history"]), saved.arrays["held_out"])

    def save(self, number: int, member: Member) -> None:
        """Keep a network that has been trained to its end."""
        from layerwise.training.checkpoint import Checkpoint, save_checkpoint

        network = member.network
        arrays = {"vector": network.vector, "state": network.state, "held_out": member.held_out}
        facts = {
            "architecture": network.architecture.to_json(),
            "history": member.history.to_json(),
        }
        save_checkpoint(self._path(number), Checkpoint(arrays, facts))
        for settings in self.trainer_settings(number).values():
            Path(settings).unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self.folder / f"network-{number}.trained"


def _checksum(array: Any) -> int:
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).ravel().data)
