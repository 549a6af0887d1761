"""The demo's second part: digits, and how well they are predicted, in words, rows and tables."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rich import box
from rich.console import RenderableType
from rich.table import Table as Grid

from layerwise.arrays import Integers, Reals
from layerwise.language import message, tr
from layerwise.screen import Text
from layerwise.training import History

_TEST_SHARE = 0.25
_SHADES = " ░▒▓█"
_BAR = 24  # characters of a bar that stands for all rows
_CLASSES = 5  # of which probabilities are shown at most
_MISTAKES = 6  # kinds of which are named at most


@dataclass(frozen=True)
class Table:
    """A table of numbers with its classes, split once.

    Attributes
    ----------
    name : str
        In one word, for titles and file names.
    about : str
        What it is and how it was made into numbers.
    class_names : list of str
    x, y : ndarray, shapes (n, n_inputs) and (n,)
        The rows to learn from.
    x_unseen, y_unseen : ndarray
        Those kept for the end.
    describe : callable
        describe(i): the unseen row i as people see it, in a few short lines.
    """

    name: str
    about: str
    class_names: list[str]
    x: Reals
    y: Integers
    x_unseen: Reals
    y_unseen: Integers
    describe: Callable[[int], str]


def digits(seed: int) -> Table:
    """Handwritten digits, 8 x 8 shades of grey each (Alpaydin and Kaynak 1998)."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    x, x_unseen, y, y_unseen = train_test_split(
        bunch.data / 16, bunch.target, test_size=_TEST_SHARE, stratify=bunch.target,
        random_state=seed,
    )  # fmt: skip
    about = tr(
        "Which digit? {n:,} handwritten ones, 64 inputs each: the grey of 8 x 8 squares, 0 to 1. "
        "To the network it is a table: it is not told which squares are neighbours.",
        n=len(bunch.data),
    )

    def describe(i: int) -> str:
        shades = np.rint(x_unseen[i].reshape(8, 8) * (len(_SHADES) - 1)).astype(int)
        return "\n".join("".join(2 * _SHADES[shade] for shade in line) for line in shades)

    names = [str(name) for name in bunch.target_names]
    return Table(message("digits"), about, names, x, y, x_unseen, y_unseen, describe)


@dataclass(frozen=True)
class Rival:
    """One way to predict the unseen rows.

    Attributes
    ----------
    name : str
    predicted : ndarray of int, shape (n,)
    log_loss : float
        Mean of -ln(p of the true class).
    """

    name: str
    predicted: Integers
    log_loss: float


def words_on_training(history: History, n_rows: int, held_out_share: float) -> str:
    """How long it took, and which epoch's numbers the network has."""
    last = history.epochs[-1]
    text = tr(
        "Kept: epoch {best} of {last}, by the loss on {share} of its {n:,} rows, held out.",
        best=history.best.number,
        last=last.number,
        share=tr("{share:.0f} %", share=100 * held_out_share),
        n=n_rows,
    )
    if history.stopped == "interrupted":
        text = tr("Interrupted. {text}", text=text)
    if len(history) > 1:
        # Without the first epoch, which may have had to compile the engine.
        seconds = (last.seconds - history.epochs[0].seconds) / (len(history) - 1)
        text += tr(" An epoch took {time:.1f} ms.", time=1000 * seconds)
    return text


def score_table(table: Table, rivals: list[Rival]) -> Grid:
    """Rows right and log loss of each, the network last."""
    n = len(table.y_unseen)
    grid = Grid(box=box.HORIZONTALS, show_edge=False, pad_edge=False)
    grid.add_column(tr("{n} rows never seen", n=n))
    grid.add_column(tr("right"), justify="right")
    grid.add_column(tr("share"), justify="right")
    grid.add_column("")
    grid.add_column(tr("log loss"), justify="right")
    for i, rival in enumerate(rivals):
        n_right = int((rival.predicted == table.y_unseen).sum())
        is_network = i == len(rivals) - 1
        grid.add_row(
            rival.name,
            str(n_right),
            tr("{share:.1f} %", share=100 * n_right / n),
            Text("━" * round(_BAR * n_right / n), style="blue" if is_network else "bright_black"),
            f"{rival.log_loss:.3f}",
            style="bold" if is_network else "",
        )
    return grid


def words_on_difference(table: Table, linear: Rival, network: Rival) -> str:
    """Whether the network is better than a linear model, as far as so few rows can tell.

    By the rows that only one of them gets right (McNemar 1947): a difference within twice its
    standard error is called none.
    """
    network_right = network.predicted == table.y_unseen
    linear_right = linear.predicted == table.y_unseen
    n_network = int((network_right & ~linear_right).sum())
    n_linear = int((linear_right & ~network_right).sum())
    if not n_network + n_linear:
        return tr("The network and logistic regression are right on the same rows.")
    if abs(n_network - n_linear) <= 2 * (n_network + n_linear) ** 0.5:
        verdict = tr("too few to call either better")
    elif n_network > n_linear:
        verdict = tr("the network is better")
    else:
        verdict = tr("logistic regression is better")
    return tr(
        "Only the network is right on {a}, only logistic regression on {b}: {verdict}.",
        a=n_network,
        b=n_linear,
        verdict=verdict,
    )


def words_on_mistakes(table: Table, predicted: Integers) -> str:
    """Which classes were taken for which, the commonest mistake first."""
    wrong = predicted != table.y_unseen
    pairs = zip(table.y_unseen[wrong].tolist(), predicted[wrong].tolist(), strict=True)
    counts = Counter(pairs).most_common()
    if not counts:
        return tr("No mistakes.")
    parts = []
    for (true, taken), count in counts[:_MISTAKES]:
        values = {"true": table.class_names[true], "taken": table.class_names[taken], "n": count}
        if count == 1:
            parts.append(tr("{true} taken for {taken}", **values))
        else:
            parts.append(tr("{true} taken for {taken} ({n} times)", **values))
    rest = sum(count for _, count in counts[_MISTAKES:])
    if rest:
        parts.append(tr("{n} more", n=rest))
    return tr("Mistakes: {mistakes}.", mistakes=", ".join(parts))


def prediction_cards(table: Table, probabilities: Reals) -> Grid:
    """Two unseen rows, side by side, with the network's probabilities: the first, the unsurest."""
    unsurest = int(probabilities.max(axis=1).argmin())
    grid = Grid.grid(padding=(0, 2, 0, 0))
    for _ in range(4):
        grid.add_column()
    grid.add_row(Text(tr("The first row"), "bold"), "", Text(tr("The least sure"), "bold"), "")
    cells: list[RenderableType] = []
    for i in (0, unsurest):
        cells += [Text(table.describe(i)), _probabilities(table, i, probabilities[i])]
    grid.add_row(*cells)
    return grid


def _probabilities(table: Table, i: int, p: Reals) -> Grid:
    """The likeliest classes of a row, and the true one, marked."""
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, justify="right", min_width=7)
    grid.add_column(no_wrap=True, min_width=4)
    true = int(table.y_unseen[i])
    likeliest = np.argsort(-p)[:_CLASSES].tolist()
    for k in likeliest if true in likeliest else [*likeliest, true]:
        mark, style = (tr("true"), "bold") if k == true else ("", "")
        share = tr("{share:.1f} %", share=100 * p[k])
        grid.add_row(table.class_names[k], share, mark, style=style)
    return grid
