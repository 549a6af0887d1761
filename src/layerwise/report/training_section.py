"""The section on training: loss and score against epoch, and the epoch that was kept."""

import numpy as np

from layerwise.draw.training_curves import draw_histories
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.report.report_data import TrainingFacts
from layerwise.texts import number, plural
from layerwise.training import History

__all__ = ["training_section"]

_TABLE_LINES = 12


def training_section(facts: TrainingFacts | None) -> Html | None:
    """The curves of all networks trained; None where no epoch was."""
    histories = [] if facts is None else [h for h in facts.histories if len(h)]
    if facts is None or not histories:
        return None
    scored = any(np.isfinite(h["validation_score"]).any() for h in histories)
    several = len(histories) > 1
    thin = "Thin lines are the networks, thick ones their mean. " if several else ""
    pictures = [
        figure(
            _curves(histories, "loss", facts.loss),
            thin + _loss_words(histories, facts.loss),
            heading=f"The {facts.loss}",
            numbers=_numbers(histories[0], facts),
        )
    ]
    if scored:
        pictures.append(
            figure(
                _curves(histories, "score", facts.score),
                _score_words(histories, facts.score),
                heading=f"The {facts.score}",
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


def _numbers(history: History, facts: TrainingFacts) -> Html:
    """Some epochs of the first network, the first, the kept and the last among them."""
    n = len(history)
    chosen = {int(i) for i in np.linspace(0, n - 1, min(n, _TABLE_LINES)).round()}
    chosen.add(history.best.number - history.epochs[0].number)
    columns = {f"{facts.loss}, training": "loss"}
    if np.isfinite(history["validation_loss"]).any():
        columns[f"{facts.loss}, held out"] = "validation_loss"
    if np.isfinite(history["validation_score"]).any():
        columns[f"{facts.score}, held out"] = "validation_score"
    lines = []
    for epoch in (history.epochs[i] for i in sorted(chosen) if i < n):
        kept = " (kept)" if epoch.number == history.best.number else ""
        cells = [number(getattr(epoch, name)) for name in columns.values()]
        lines.append([f"{epoch.number}{kept}", *cells])
    which = " of the first network" if len(facts.histories) > 1 else ""
    return table(["epoch", *columns], lines, caption=f"Some epochs{which}", numeric=range(1, 4))
