"""The section on training: loss and score against epoch, and the epoch that was kept."""

import numpy as np

from layerwise.draw.training_curves import draw_histories
from layerwise.estimators.table import BaseTable
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.texts import number, plural
from layerwise.training import History

__all__ = ["training_section"]

_TABLE_LINES = 12


def training_section(model: BaseTable) -> Html | None:
    """The curves of all networks trained; None where no epoch was."""
    members = model.ensemble_.members
    histories = [member.history for member in members if len(member.history)]
    if not histories:
        return None
    is_classes = bool(model.task_.classes)
    loss, score = ("log loss", "accuracy") if is_classes else ("squared error / 2", "R²")
    several = len(histories) > 1
    thin = "Thin lines are the networks, thick ones their mean. " if several else ""
    which = " of the first network" if len(members) > 1 else ""
    pictures = [
        figure(
            _curves(histories, "loss", loss),
            thin + _loss_words(histories, loss),
            heading=f"The {loss}",
            numbers=_numbers(histories[0], loss, score, f"Some epochs{which}"),
        )
    ]
    if any(np.isfinite(history["validation_score"]).any() for history in histories):
        pictures.append(
            figure(
                _curves(histories, "score", score),
                _score_words(histories, score),
                heading=f"The {score}",
            )
        )
    return section(
        "training",
        "Training",
        element("p", _words(histories)),
        element("div", *pictures, class_="pair"),
    )


def _words(histories: list[History]) -> str:
    lengths = [len(history) for history in histories]
    if len(histories) == 1:
        return f"The network saw all its training rows {plural(lengths[0], 'time')}: the epochs."
    few, many = min(lengths), max(lengths)
    range_ = plural(few, "epoch") if few == many else f"{few} to {many} epochs"
    return f"{len(histories)} networks were trained, each for {range_}."


def _curves(histories: list[History], measure: str, name: str) -> Html:
    return picture(
        lambda: draw_histories(histories, measure, name, theme="page"),
        f"{name} against epoch. {_loss_words(histories, name)}",
    )


def _loss_words(histories: list[History], loss: str) -> str:
    if len(histories) > 1:
        kept = [history.best.number for history in histories]
        values = [h.best.validation_loss for h in histories if h.best.validation_loss is not None]
        words = f"Kept were the epochs {_range([float(k) for k in kept])}"
        if values:
            words += f", where the {loss} on held-out rows was {_range(values)}"
        return f"{words}."
    history = histories[0]
    best, last = history.best, history.epochs[-1]
    if best.validation_loss is None:
        first = history.epochs[0]
        return (
            f"The {loss} on the training rows went from {number(first.loss)} in epoch "
            f"{first.number} to {number(last.loss)} in epoch {last.number}."
        )
    words = (
        f"Epoch {best.number} was kept, where the {loss} on held-out rows was "
        f"{number(best.validation_loss)}"
    )
    if best.number == last.number and len(history) > 1:
        return f"{words}: it was still falling when training ended, so more epochs might help."
    later = last.validation_loss is not None and last.validation_loss > best.validation_loss
    if not later or last.validation_loss is None:
        return f"{words}."
    words += f"; by epoch {last.number} it had risen to {number(last.validation_loss)}"
    if last.loss < best.loss:
        words += (
            f", while it still fell on the training rows (from {number(best.loss)} to "
            f"{number(last.loss)}): from there on the network learned these rows by heart"
        )
    return f"{words}."


def _score_words(histories: list[History], score: str) -> str:
    values = [h.best.validation_score for h in histories if h.best.validation_score is not None]
    if not values:
        return f"The {score} on held-out rows after each epoch."
    kept = "the epoch that was kept" if len(histories) == 1 else "the epochs that were kept"
    return f"The {score} on held-out rows was {_range(values)} in {kept}."


def _range(values: list[float]) -> str:
    low, high = number(min(values)), number(max(values))
    return low if low == high else f"{low} to {high}"


def _numbers(history: History, loss: str, score: str, caption: str) -> Html:
    """Some epochs of the first network, the first, the kept and the last among them."""
    n = len(history)
    chosen = {int(i) for i in np.linspace(0, n - 1, min(n, _TABLE_LINES)).round()}
    chosen.add(history.best.number - history.epochs[0].number)
    columns = {f"{loss}, training": "loss"}
    if np.isfinite(history["validation_loss"]).any():
        columns[f"{loss}, held out"] = "validation_loss"
    if np.isfinite(history["validation_score"]).any():
        columns[f"{score}, held out"] = "validation_score"
    lines = []
    for epoch in (history.epochs[i] for i in sorted(chosen) if i < n):
        kept = " (kept)" if epoch.number == history.best.number else ""
        cells = [number(getattr(epoch, name)) for name in columns.values()]
        lines.append([f"{epoch.number}{kept}", *cells])
    return table(["epoch", *columns], lines, caption=caption, numeric=range(1, 4))
