"""Damaged models, checkpoints and studies: what they hold to the last bit, or a refusal."""

from __future__ import annotations

import json
import pickle
import shutil
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from faults.damage import BINARY, TEXT, damaged
from faults.pool import Outcome

ROWS = 60


def prepare(folder: Path) -> None:
    """Fit small models, cut a training off, do a study; keep each, and what it is to give."""
    from layerwise import MLPClassifier, Network, TableClassifier, TableRegressor, Trainer
    from layerwise.store import save

    warnings.filterwarnings("ignore")  # networks of five epochs have not converged
    table = _table()
    quick: dict[str, Any] = {"hidden": [4], "epochs": 3, "effort": "low", "n_repeats": 1}
    classes = TableClassifier(**quick, checkpoint=folder / "training", random_state=0)
    classes._ends_checkpoint = False
    classes.fit(table, target="town")
    numbers = TableRegressor(**quick, intervals=0.8, random_state=0).fit(table, target="area")
    x = np.column_stack([table["rooms"], table["area"]])
    matrix = MLPClassifier([4], max_iter=5, random_state=0).fit(x, table["garden"])
    network = Network("2-4:tanh-1", seed=0)
    trainer = Trainer(epochs=3, checkpoint=folder / "trainer.checkpoint", seed=0)
    trainer.fit(network, x.astype(np.float32), x[:, 0])
    for name, model in zip(_MODELS, (classes, numbers, matrix, network), strict=True):
        save(model, folder / name)
    _study(folder)


@cache
def open_part(folder: Path, seed: int) -> _Models:
    """Load the undamaged files."""
    return _Models(folder, seed)


def keep(folder: Path, seed: int, number: int, kept: Path) -> tuple[str, str]:
    """Put the damaged file of a case into a folder."""
    name, content, how = open_part(folder, seed).case(number)
    (kept / f"{number}-{Path(name).name}").write_bytes(content)
    return name, how


class _Models:
    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.scratch = tempfile.TemporaryDirectory(dir=folder)
        self.folder = folder
        self.table = _table()
        readers: dict[str, Callable[[Path], Any]] = dict.fromkeys(_MODELS, self._predictions)
        trained = [path.name for path in sorted((folder / _TRAINING).glob("*.trained"))[:2]]
        readers |= dict.fromkeys([f"{_TRAINING}/{name}" for name in trained], _checkpoint)
        readers["trainer.checkpoint"] = _checkpoint
        readers[f"{_TRAINING}/training.json"] = self._training
        readers["a.study.db"] = self._results
        self.readers = readers
        self.study = pickle.loads((folder / "study.pickle").read_bytes())
        self.contents = {name: (folder / name).read_bytes() for name in readers}
        self.before = {name: self._read(name, content) for name, content in self.contents.items()}

    def _read(self, name: str, content: bytes) -> Any:
        """What a file with this content gives."""
        place = Path(self.scratch.name) / "case"
        shutil.rmtree(place, ignore_errors=True)
        path = _made(place) / Path(name).name
        path.write_bytes(content)
        return self.readers[name](path)

    def case(self, number: int) -> tuple[str, bytes, str]:
        name = list(self.readers)[number % len(self.readers)]
        ways = TEXT if name.endswith(".json") else BINARY
        content, how = damaged(
            self.contents[name], ways, np.random.default_rng([self.seed, number])
        )
        return name, content, how

    def run(self, number: int) -> Outcome:
        from layerwise.store import ModelFileError
        from layerwise.study.results import StudyError

        name, content, how = self.case(number)

        def outcome(verdict: str, said: str = "") -> Outcome:
            return Outcome(number, name, how, verdict, said[:300])

        try:
            after = self._read(name, content)
        except (ModelFileError, StudyError) as error:
            return outcome("refused", str(error))
        except ValueError as error:
            # The documented one of checkpoints; its message names the file or its folder.
            is_documented = type(error) is ValueError and self.scratch.name in str(error)
            return outcome("refused" if is_documented else "traceback", f"ValueError: {error}")
        except BaseException as error:  # noqa: BLE001
            return outcome("traceback", f"{type(error).__name__}: {error}")
        if after == self.before[name]:
            return outcome("read")
        return outcome("silent", "it loads, and gives something else")

    def _predictions(self, path: Path) -> bytes:
        from layerwise import Network
        from layerwise.estimators.table import BaseTable
        from layerwise.store import load

        model = load(path)
        if isinstance(model, BaseTable):
            prepared = model.prepare(self.table)
            return model.outputs(prepared.x, prepared.codes).tobytes()
        x = np.column_stack([self.table["rooms"], self.table["area"]]).astype(np.float32)
        outputs = model(x) if isinstance(model, Network) else model.predict_proba(x)
        return np.asarray(outputs).tobytes()

    def _training(self, path: Path) -> bytes:
        """What a training comes to that goes on with the folder."""
        from layerwise import TableClassifier

        path = path.rename(_made(path.parent / "mean") / path.name)
        model = TableClassifier(
            hidden=[4],
            epochs=3,
            effort="low",
            n_repeats=1,
            checkpoint=path.parent.parent,
            random_state=0,
        )
        model._ends_checkpoint = False
        for trained in (self.folder / _TRAINING).glob("*.trained"):
            (path.parent / trained.name).write_bytes(trained.read_bytes())
        model.fit(self.table, target="town")
        prepared = model.prepare(self.table)
        return model.outputs(prepared.x, prepared.codes).tobytes()

    def _results(self, path: Path) -> str:
        from layerwise.study.database import Database
        from layerwise.study.stored_study import KeptStudy

        database = Database(str(path))
        try:
            kept = KeptStudy.begin(database, **self.study, resume=True)
            kept.progress()
            return kept.results().to_json() + str(kept.is_finished())
        finally:
            database.close()


_TRAINING = "training/mean"
_MODELS = ("classes.layerwise", "numbers.layerwise", "matrix.layerwise", "network.layerwise")


def _checkpoint(path: Path) -> str:
    from layerwise.training.checkpoint import load_checkpoint

    saved = load_checkpoint(path)
    arrays = {name: (str(a.dtype), a.shape, a.tobytes()) for name, a in saved.arrays.items()}
    return json.dumps(saved.facts, sort_keys=True) + repr(sorted(arrays.items()))


def _study(folder: Path) -> None:
    """A study of a few fits, and what is needed to join it."""
    from layerwise.study.depth_study import DepthStudy
    from layerwise.study.plan import facts_of

    table = _table()
    study = DepthStudy(
        depth=[0, 1], width=[2], activation=["relu"], folds=2, seeds=1, epochs=1, workers=1,
        trees=False, database=str(folder / "a.study.db"),
    )  # fmt: skip
    columns = {name: table[name] for name in ("rooms", "area")}
    rows = study.rows(columns, table["town"])
    begun = {}

    def begin(kept: Any) -> None:
        begun["plan"] = kept.plan

    study.fit_rows(rows, begin)
    plan = begun["plan"]
    about = {
        "name": study.name,
        "plan": plan,
        "fingerprint": rows.fingerprint,
        "facts": facts_of(rows, plan),
    }
    (folder / "study.pickle").write_bytes(pickle.dumps(about))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _table() -> dict[str, list[Any]]:
    rng = np.random.default_rng(0)
    rooms = rng.integers(1, 9, ROWS)
    return {
        "rooms": rooms.tolist(),
        "area": np.round(rooms * 20 + rng.normal(0, 5, ROWS), 1).tolist(),
        "town": rng.choice(["Seoul", "Jeju"], ROWS).tolist(),
        "garden": (rng.random(ROWS) < 0.5).astype(int).tolist(),
    }
