"""The section on training: loss and score against epoch, and the epoch that was kept."""

import numpy as np

from layerwise.draw.training_curves import draw_histories
from layerwise.estimators.table import BaseTable
from layerwise.language import counted, tr
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.texts import how_often, number
from layerwise.training import History

_TABLE_LINES = 12


def training_section(model: BaseTable) -> Html | None:
    """The curves of all networks trained; None where no epoch was."""
    members = model.ensemble_.members
    histories = [member.history for member in members if len(member.history)]
    if not histories:
        return None
    is_classes = bool(model.task_.classes)
    loss, score = (
        (tr("log loss"), tr("accuracy")) if is_classes else (tr("squared error / 2"), "R²")
    )
    several = len(histories) > 1
    thin = tr("Thin lines are the networks, thick ones their mean. ") if several else ""
    caption = tr("Some epochs of the first network") if len(members) > 1 else tr("Some epochs")
    pictures = [
        figure(
            _curves(histories, "loss", loss),
            thin + _loss_words(histories, loss),
            heading=tr("The {measure}", measure=loss),
            numbers=_numbers(histories[0], loss, score, caption),
        )
    ]
    if any(np.isfinite(history["validation_score"]).any() for history in histories):
        pictures.append(
            figure(
                _curves(histories, "score", score),
                _score_words(histories, score),
                heading=tr("The {measure}", measure=score),
            )
        )
    return section(
        "training",
        tr("Training"),
        element("p", _words(histories)),
        element("div", *pictures, class_="pair"),
    )


def _words(histories: list[History]) -> str:
    lengths = [len(history) for history in histories]
    if len(histories) == 1:
        return tr(
            "The network saw all its training rows {times}: the epochs.",
            times=how_often(lengths[0]),
        )
    few, many = min(lengths), max(lengths)
    epochs = counted(few, "epoch")
    if few != many:
        epochs = tr("{low} to {high} epochs", low=few, high=many)
    return tr("{n} networks were trained, each for {epochs}.", n=len(histories), epochs=epochs)


def _curves(histories: list[History], measure: str, name: str) -> Html:
    return picture(
        lambda: draw_histories(histories, measure, name, theme="page"),
        tr("{name} against epoch. {words}", name=name, words=_loss_words(histories, name)),
    )


def _loss_words(histories: list[History], loss: str) -> str:
    if len(histories) > 1:
        kept = [history.best.number for history in histories]
        values = [h.best.validation_loss for h in histories if h.best.validation_loss is not None]
        epochs = _range([float(k) for k in kept])
        if not values:
            return tr("Kept were the epochs {epochs}.", epochs=epochs)
        return tr(
            "Kept were the epochs {epochs}, where the {loss} on held-out rows was {values}.",
            epochs=epochs,
            loss=loss,
            values=_range(values),
        )
    history = histories[0]
    best, last = history.best, history.epochs[-1]
    if best.validation_loss is None:
        first = history.epochs[0]
        return tr(
            "The {loss} on the training rows went from {a} in epoch {i} to {b} in epoch {j}.",
            loss=loss,
            a=number(first.loss),
            i=first.number,
            b=number(last.loss),
            j=last.number,
        )
    words = tr(
        "Epoch {i} was kept, where the {loss} on held-out rows was {value}",
        i=best.number,
        loss=loss,
        value=number(best.validation_loss),
    )
    if best.number == last.number and len(history) > 1:
        return tr(
            "{words}: it was still falling when training ended, so more epochs might help.",
            words=words,
        )
    later = last.validation_loss is not None and last.validation_loss > best.validation_loss
    if not later or last.validation_loss is None:
        return f"{words}."
    words += tr(
        "; by epoch {i} it had risen to {value}", i=last.number, value=number(last.validation_loss)
    )
    if last.loss < best.loss:
        words += tr(
            ", while it still fell on the training rows (from {a} to {b}): from there on the "
            "network learned these rows by heart",
            a=number(best.loss),
            b=number(last.loss),
        )
    return f"{words}."


def _score_words(histories: list[History], score: str) -> str:
    values = [h.best.validation_score for h in histories if h.best.validation_score is not None]
    if not values:
        return tr("The {score} on held-out rows after each epoch.", score=score)
    if len(histories) == 1:
        return tr(
            "The {score} on held-out rows was {values} in the epoch that was kept.",
            score=score,
            values=_range(values),
        )
    return tr(
        "The {score} on held-out rows was {values} in the epochs that were kept.",
        score=score,
        values=_range(values),
    )


def _range(values: list[float]) -> str:
    low, high = number(min(values)), number(max(values))
    return low if low == high else tr("{low} to {high}", low=low, high=high)


def _numbers(history: History, loss: str, score: str, caption: str) -> Html:
    """Some epochs of the first network, the first, the kept and the last among them."""
    n = len(history)
    chosen = {int(i) for i in np.linspace(0, n - 1, min(n, _TABLE_LINES)).round()}
    chosen.add(history.best.number - history.epochs[0].number)
    columns = {tr("{measure}, training", measure=loss): "loss"}
    if np.isfinite(history["validation_loss"]).any():
        columns[tr("{measure}, held out", measure=loss)] = "validation_loss"
    if np.isfinite(history["validation_score"]).any():
        columns[tr("{measure}, held out", measure=score)] = "validation_score"
    lines = []
    for epoch in (history.epochs[i] for i in sorted(chosen) if i < n):
        kept = tr(" (kept)") if epoch.number == history.best.number else ""
        cells = [number(getattr(epoch, name)) for name in columns.values()]
        lines.append([f"{epoch.number}{kept}", *cells])
    return table([tr("epoch"), *columns], lines, caption=caption, numeric=range(1, 4))
