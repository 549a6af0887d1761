"""The Python code that trains exactly a page's network, and the network as files."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layerwise.architecture import Loss
from layerwise.draw import draw_network
from layerwise.draw.saving import figure_bytes
from layerwise.engine.optimizers import LBFGS, Optimizer
from layerwise.files.passwords import hide_secrets
from layerwise.network import Network
from layerwise.playground.choices import POINTS, TABLE, split
from layerwise.playground.learner import Learner
from layerwise.playground.material import Material
from layerwise.store import save
from layerwise.training import Trainer


@dataclass(frozen=True)
class TableSource:
    """What a program reads a table from.

    Attributes
    ----------
    expression : str
    imports : tuple of (str, str)
        A module and a name of it, where the expression needs one.
    note : str
        What whoever runs the program has to know.

    Examples
    --------
    >>> TableSource.of_file("sales.csv").expression
    "'sales.csv'"
    >>> TableSource.of_file("sales.csv", {"delimiter": ";"}).expression
    "read_table('sales.csv', delimiter=';').table"
    """

    expression: str
    imports: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @classmethod
    def of_file(cls, name: str, reading: Mapping[str, object] | None = None) -> TableSource:
        """A file, or a database whose password is left out.

        Parameters
        ----------
        name : str
        reading : mapping, optional
            What `read_table` is told beside it.
        """
        shown, given = repr(hide_secrets(name)), reading or {}
        if not given:
            return cls(shown)
        options = "".join(f", {option}={value!r}" for option, value in given.items())
        home = ("layerwise.tables.reading", "read_table")
        return cls(f"read_table({shown}{options}).table", (home,))


EXAMPLE = TableSource("PENGUINS", (("layerwise.tables.examples", "PENGUINS"),))
FRAME = TableSource("table", note="`table` stands for the data frame that the page was given.")

# What can be taken away: the end of the file's name, and its type.
FILES = {
    "layerwise": "application/octet-stream",
    "svg": "image/svg+xml",
    "png": "image/png",
    "py": "text/x-python",
}


def python_code(learner: Learner, table: TableSource | None = None) -> str:
    """Write the program that trains the network as the page has trained it so far.

    Parameters
    ----------
    learner : Learner
    table : TableSource or None
        What the program reads a table from, if it learns from one.

    Examples
    --------
    >>> from layerwise.playground.choices import Choices
    >>> from layerwise.playground.material import Material
    >>> choices = Choices.of({"rows": 40, "layers": "2:relu"})
    >>> learner = Learner(choices, Material.of_toy("circles", 40))
    >>> learner.take(3 * learner.training.steps_per_epoch)
    >>> print(python_code(learner))
    from layerwise import Adam, Architecture, Network, Trainer
    from layerwise.playground import Material
    from layerwise.training import TrainerState
    <BLANKLINE>
    data = Material.of_toy('circles', rows=40, noise=0.1, test=0.3, seed=0)
    x, y, codes = data.x[data.train], data.y[data.train], data.codes[data.train]
    <BLANKLINE>
    network = Network(Architecture([2, 2, 2], activation='relu', output='softmax'), seed=0)
    state = TrainerState()
    trainer = Trainer(
        optimizer=Adam(learning_rate=0.01),
        loss='softmax',
        batch_size=32,
        epochs=1000000,
        seed=0,
        n_threads=1,
        callbacks=[lambda network, epoch: epoch.number == 3],
    )
    trainer.fit(network, x, y[:, 0].astype(int), codes=codes, state=state)
    <BLANKLINE>
    print(network.loss(x, y[:, 0].astype(int), 'softmax', codes=codes))
    >>> learner.close()
    """
    material = learner.material
    targets = "y[:, 0].astype(int)" if material.classes else "y"
    segments = [one for one in learner.segments if one.epochs or one.numbers]
    architecture = repr(learner.network.architecture)
    imports = {"layerwise": {"Architecture", "Network", "Trainer"},
               "layerwise.architecture": {"OneHot"} if "OneHot(" in architecture else set(),
               "layerwise.playground": {"Material"}}  # fmt: skip
    notes = _notes(learner)
    if table is not None and learner.choices.data == TABLE:
        imports |= {home: {name} for home, name in table.imports}
        notes += filter(None, [table.note])
    lines = [
        *_data_lines(learner, table),
        "x, y, codes = data.x[data.train], data.y[data.train], data.codes[data.train]",
        "",
        f"network = Network({architecture}, seed={learner.choices.seed})",
    ]
    if any(one.choices.optimizer != "lbfgs" for one in segments):
        imports["layerwise.training"] = {"TrainerState"}
        lines.append("state = TrainerState()")
    n_before, has_gathered = 0, False
    for segment in segments:
        chosen = segment.choices
        lines += [f"network.vector[{i}] = {value!r}" for i, value in segment.numbers.items()]
        is_search = chosen.optimizer == "lbfgs"
        if segment.is_fresh and has_gathered and not is_search:
            lines.append("state.moments = state.average = None")
            has_gathered = False
        if segment.epochs:
            loss = chosen.loss_for(len(material.classes))
            trainer = chosen.trainer(loss, chosen.epochs - n_before)
            lines += _trainer_lines(trainer, loss, segment.epochs, imports)
            has_gathered = has_gathered or not is_search
            kept = "" if is_search else ", state=state"
            lines.append(f"trainer.fit(network, x, {targets}, codes=codes{kept})")
            n_before += segment.epochs
    lines += [f"network.vector[{i}] = {value!r}" for i, value in learner.set_by_hand.items()]
    loss = learner.choices.loss_for(len(material.classes), smoothed=False)
    lines += ["", f"print(network.loss(x, {targets}, {loss.name!r}, codes=codes))"]
    head = [f"# {note}" for note in notes]
    head += [
        f"from {home} import {', '.join(sorted(names))}"
        for home, names in sorted(imports.items())
        if names
    ]
    return "\n".join([*head, "", *lines])


def _notes(learner: Learner) -> list[str]:
    notes = []
    if learner.training.steps_into_epoch:
        notes.append("The page is some steps further, in the middle of an epoch.")
    if not all(one.is_whole for one in learner.segments):
        notes.append(
            "Something was changed in the middle of an epoch, or very often: these numbers are "
            "near the page's."
        )
    return notes


def _data_lines(learner: Learner, table: TableSource | None) -> list[str]:
    choices = learner.choices
    split_by = f"test={choices.test!r}, seed={choices.seed}"
    if choices.data == POINTS:
        points = [(float(a), float(b), int(c)) for a, b, c in choices.hand_drawn()]
        rows = "".join(f"    {point},\n" for point in points)
        return [f"points = [\n{rows}]", f"data = Material.of_points(points, {split_by})"]
    if choices.data == TABLE:
        inputs = f"inputs={list(split(choices.inputs))!r}, " if choices.inputs else ""
        target, source = learner.material.target, table.expression if table else "table"
        return [f"data = Material.of_table({source}, {target!r}, {inputs}{split_by})"]
    count = f"count={choices.count}, " if choices.has_count else ""
    noise = f"noise={choices.noise!r}"
    made = f"{choices.data!r}, rows={choices.rows}, {noise}, {count}{split_by}"
    return [f"data = Material.of_toy({made})"]


def _trainer_lines(
    trainer: Trainer, loss: Loss, epochs: int, imports: dict[str, set[str]]
) -> list[str]:
    optimizer = trainer.optimizer
    assert isinstance(optimizer, (Optimizer, LBFGS))
    imports["layerwise"].add(type(optimizer).__name__)
    rate = "" if isinstance(optimizer, LBFGS) else f"learning_rate={optimizer.learning_rate!r}"
    of_loss = repr(loss.name)
    if loss.parameter_name == "label_smoothing" and loss.parameter:
        imports["layerwise.architecture"].add("get_loss")
        of_loss = f"get_loss({loss.name!r}, label_smoothing={loss.parameter!r})"
    given: dict[str, Any] = {
        "optimizer": f"{type(optimizer).__name__}({rate})",
        "loss": of_loss,
        "batch_size": trainer.batch_size,
        "epochs": trainer.epochs,
        "schedule": None if trainer.schedule == "constant" else repr(trainer.schedule),
        "l1": trainer.l1 or None,
        "l2": trainer.l2 or None,
        "seed": trainer.seed,
        "n_threads": 1,
        "callbacks": f"[lambda network, epoch: epoch.number == {epochs}]",
    }
    lines = [f"    {name}={value}," for name, value in given.items() if value is not None]
    return ["trainer = Trainer(", *lines, ")"]


def file_of(network: Network, material: Material, kind: str) -> bytes:
    """A network as a file.

    Parameters
    ----------
    network : Network
    material : Material
        What it learned from, for names.
    kind : str
        "layerwise", "svg" or "png".
    """
    if kind == "layerwise":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "network.layerwise")
            save(network, path)
            return path.read_bytes()
    figure = draw_network(
        network,
        input_names=None if material.code_sizes else material.names.names,
        output_names=material.classes or (material.target,),
    )
    return figure_bytes(figure, kind)
