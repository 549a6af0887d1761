"""The demo: a raw table through fit and predict; then a deep network, looked at closely."""

from pathlib import Path

import numpy as np

from layerwise.architecture import Architecture
from layerwise.arrays import Floats, Integers
from layerwise.cli.demo_digits import (
    Rival,
    Table,
    digits,
    prediction_cards,
    score_table,
    words_on_difference,
    words_on_mistakes,
    words_on_training,
)
from layerwise.cli.demo_fit import demo_fit
from layerwise.cli.printing import make_console
from layerwise.cli.show import layer_table
from layerwise.draw import draw_confusion, draw_history
from layerwise.draw.saving import save_figure
from layerwise.files.atomic_writing import ModelFileError
from layerwise.files.cache_folders import find_matplotlib_folder
from layerwise.language import tr
from layerwise.network import Network
from layerwise.screen import Screen, Text
from layerwise.tables.errors import TableError
from layerwise.texts import first_up
from layerwise.training import AdamW, History, Trainer

_HELD_OUT_SHARE = 0.2
# Chosen, as the architecture was, on splits of other seeds than the demo's own, 0.
_EPOCHS = 60
_LEARNING_RATE = 2e-3


class DemoError(RuntimeError):
    """The demo cannot run; the message says what to do."""


def _architecture(table: Table) -> Architecture:
    return Architecture(
        [table.x.shape[1], *[64] * 8, len(table.class_names)],
        output="softmax",
        normalization="layer",
        residual=True,
        dropout=0.1,
    )


def run_demo(folder: Path, epochs: int | None, seed: int, language: str | None = None) -> None:
    """Fit, predict and look, print what came of it, and write model, report and pictures.

    The language is one that was asked for, and stands in the commands that are shown.

    Raises
    ------
    DemoError
        If the folder cannot be written to.
    """
    console = make_console()
    table = digits(seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(f"cannot make the folder {folder}: {error.strerror}") from None
    find_matplotlib_folder(folder)
    console.rule(Text(tr("Penguins"), "bold"), align="left")
    try:
        demo_fit(console, folder, epochs, seed, language)
    except (TableError, ModelFileError) as error:
        raise DemoError(str(error)) from None
    console.print()
    _show(console, table, folder, epochs, seed)


def _show(console: Screen, table: Table, folder: Path, epochs: int | None, seed: int) -> None:
    console.rule(Text(first_up(tr(table.name)), "bold"), align="left")
    console.print(table.about)
    architecture = _architecture(table)
    network = Network(architecture, seed=seed)
    console.print()
    console.print(layer_table(architecture))
    console.print(architecture.summary)
    trainer = Trainer(
        optimizer=AdamW(learning_rate=_LEARNING_RATE),
        schedule="one_cycle",
        batch_size=32,
        epochs=_EPOCHS if epochs is None else epochs,
        validation_fraction=_HELD_OUT_SHARE,
        seed=seed,
        progress=True,
    )
    history = trainer.fit(network, table.x, table.y)
    if not len(history):
        raise KeyboardInterrupt
    console.print(words_on_training(history, len(table.x), _HELD_OUT_SHARE))

    probabilities = network(table.x_unseen)
    predicted = probabilities.argmax(axis=1)
    loss = network.loss(table.x_unseen, table.y_unseen)
    rivals = [*_baselines(table), Rival(tr("this network"), predicted, loss)]
    console.print()
    console.print(score_table(table, rivals))
    console.print(words_on_difference(table, rivals[-2], rivals[-1]))
    console.print(words_on_mistakes(table, predicted))
    console.print()
    console.print(prediction_cards(table, probabilities))
    _draw(console, table, architecture, history, predicted, folder)
    console.print()


def _baselines(table: Table) -> list[Rival]:
    """What costs next to nothing: the commonest class, and a linear model of the same inputs."""
    from sklearn.linear_model import LogisticRegression

    shares = np.bincount(table.y, minlength=len(table.class_names)) / len(table.y)
    commonest = int(shares.argmax())
    n = len(table.y_unseen)
    trivial = Rival(
        tr("always {name}", name=table.class_names[commonest]),
        np.full(n, commonest),
        float(-np.log(shares[table.y_unseen]).mean()),
    )
    linear = LogisticRegression(max_iter=5000).fit(table.x, table.y)
    log_p: Floats = linear.predict_log_proba(table.x_unseen)
    loss = float(-log_p[np.arange(n), table.y_unseen].mean())
    return [trivial, Rival(tr("logistic regression"), log_p.argmax(axis=1), loss)]


def _draw(
    console: Screen,
    table: Table,
    architecture: Architecture,
    history: History,
    predicted: Integers,
    folder: Path,
) -> None:
    losses = draw_history(history, learning_rate=True)
    losses.axes[0].set_title(f"{tr(table.name)}, {architecture.title}", loc="left", fontsize=11)
    confusion = draw_confusion(table.y_unseen, predicted, table.class_names)
    paths = [folder / f"{table.name}-loss.png", folder / f"{table.name}-confusion.png"]
    for figure, path in zip((losses, confusion), paths, strict=True):
        try:
            save_figure(figure, path, figure.dpi)
        except OSError as error:
            raise DemoError(str(error)) from None
    text = tr("Pictures: {first}, {second}", first=paths[0], second=paths[1])
    console.print(text, soft_wrap=True)
