"""The sections that frame the report: result, table, what it rests on, worst rows, to repeat."""

import math
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from layerwise.arrays import Floats
from layerwise.draw.judged import draw_importances
from layerwise.ensemble.importance import Importance
from layerwise.ensemble.scores import HIGHER_IS_BETTER, row_losses
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.language import counted, message, retold, tr
from layerwise.report.elements import Html, element, figure, join, pairs, picture, section, table
from layerwise.report.judging import Scores
from layerwise.report.model_words import metrics_of
from layerwise.report.trial import NETWORK, Trial
from layerwise.report.verdict import verdict
from layerwise.tables.reading import ReadTable
from layerwise.texts import clip, how_often, number, seconds

_MOST_IMPORTANT = 30
# Whose seconds are told.
_PHASES = (
    message("looking"), message("table"), message("columns"), message("preparing"),
    message("selecting"), message("training"),
    message("calibrating"), message("judging"),
)  # fmt: skip
_MOST_ROWS, _MOST_COLUMNS, _MOST_CHARACTERS = 12, 12, 120


def result_section(trial: Trial) -> Html:
    """The test rows' scores beside the baselines', and a sentence on who predicts best."""
    models = {NETWORK: trial.judged.scores, **trial.baselines}
    metrics = _metrics(trial, models)
    targets, weight_column = trial.judged.targets, trial.roles.weight_column
    tiles = [
        element(
            "div",
            element("dt", title),
            element("dd", number(trial.judged.scores[name])),
            class_=None if i else "lead",
        )
        for i, (name, title) in enumerate(metrics.items())
    ]
    rows = counted(len(trial.split.test), "row")
    how = []
    if weight_column is not None:
        how.append(
            tr(
                "These scores count each row by {column}, as training did; the sections below "
                "count each row once. ",
                column=weight_column,
            )
        )
    if targets:
        how.append(
            tr("R² is the mean of {n} targets; the scores of each stand below.", n=len(targets))
        )
    more = [(tr("Each row counted once"), trial.judged.unweighted(trial.models))] * bool(
        weight_column
    )
    more += trial.judged.by_target(trial.models).items()
    note = tr("★ marks the best of a column; ↑ higher is better, ↓ lower is better.")
    return section(
        "result",
        tr("The result"),
        element(
            "p",
            tr("On {rows} that it never saw in training, {name} reached:", rows=rows, name=NETWORK),
        ),
        element("dl", *tiles, class_="tiles"),
        element("p", verdict(trial), class_="verdict") if trial.baselines else None,
        element("p", "".join(how)) if how else None,
        _compared(trial, models, tr("Scores of all models")),
        element("p", note, class_="muted"),
        *(
            join([element("h3", what), _compared(trial, scores, tr("Scores: {names}", names=what))])
            for what, scores in more
        ),
    )


def _metrics(trial: Trial, models: Mapping[str, Scores]) -> dict[str, str]:
    """The metrics that all models have, and what they are called."""
    return {
        name: title
        for name, title in metrics_of(trial.model).items()
        if all(scores[name] is not None for scores in models.values())
    }


def _compared(trial: Trial, models: Mapping[str, Scores], caption: str) -> Html:
    """A line of scores for each model."""
    metrics = _metrics(trial, models)
    headings = [tr("model")]
    headings += [f"{title} {'↑' if HIGHER_IS_BETTER[m] else '↓'}" for m, title in metrics.items()]
    lines = [
        [tr(who), *(_score(name, scores, models) for name in metrics)]
        for who, scores in models.items()
    ]
    return table(headings, lines, caption=caption, numeric=range(1, len(headings)), class_="scores")


def _score(name: str, scores: Scores, models: Mapping[str, Scores]) -> Html | str:
    values = [other[name] for other in models.values()]
    known = [value for value in values if value is not None and not math.isnan(value)]
    best = (max if HIGHER_IS_BETTER[name] else min)(known, default=math.nan)
    text = number(scores[name])
    return element("span", text, class_="best") if scores[name] == best and len(known) > 1 else text


def table_section(trial: Trial, read: ReadTable) -> Html:
    """What is predicted, from how many rows, and what was noticed on the way."""
    task, split = trial.model.task_, trial.split
    rows = [
        (tr("predicted"), element("strong", ", ".join(task.names))),
        (tr("task"), retold(task.reason)),
        (tr("rows"), f"{read.n_rows:,}"),
        (
            tr("split"),
            tr(
                "{n:,} to train on, {k:,} to test on ({how})",
                n=len(split.train),
                k=len(split.test),
                how=split.how,
            ),
        ),
    ]
    findings = [*(("warning", note) for note in trial.notes)]
    findings += [(finding.severity, finding.message) for finding in trial.findings]
    found = [
        element(
            "li", element("strong", f"{_severity(severity)}: "), retold(message),
            class_="warning" if severity == "warning" else "note",
        )
        for severity, message in sorted(findings, key=lambda f: f[0] != "warning")
    ]  # fmt: skip
    problems = [element("li", retold(problem.said), class_="warning") for problem in read.problems]
    return section(
        "table",
        tr("The table and the task"),
        pairs(rows, "facts"),
        element("h3", tr("What was noticed")) if found else None,
        element("ul", *found, class_="findings") if found else None,
        element("h3", tr("What could not be read")) if problems else None,
        element("ul", *problems, class_="findings") if problems else None,
    )


def _severity(severity: str) -> str:
    return tr("Warning") if severity == "warning" else tr("Note")


def importance_section(importances: Importance | None) -> Html | None:
    """A bar for each column, the most important first."""
    if importances is None or not importances.names:
        return None
    values = importances.values
    means, spreads = values.mean(axis=1), values.std(axis=1)
    order = [int(i) for i in np.argsort(-means, kind="stable")[:_MOST_IMPORTANT]]
    largest = float(np.abs(means).max())
    # As many decimals for all as give the largest four digits.
    digits = min(max(3 - math.floor(math.log10(max(largest, 1e-12))), 0), 12)
    lines = [
        [
            importances.names[i],
            f"{_fixed(float(means[i]), digits)} ± {_fixed(float(spreads[i]), digits)}",
        ]
        for i in order
    ]
    best = order[0]
    loss = tr(importances.loss)
    words = tr(
        "The cells of one column at a time were shuffled among the test rows, {repeats}: the "
        "longer the bar, the worse {loss} became, so the more the network relies on that column. "
        "The line across a bar's end is the spread over the repeats.",
        repeats=how_often(values.shape[1]),
        loss=loss,
    )
    if means[best] > spreads[best]:
        words += tr(
            " “{name}” matters most: with its cells shuffled, {loss} is worse by {value}.",
            name=clip(importances.names[best], 40),
            loss=loss,
            value=number(float(means[best]), 3),
        )
    useless = int(np.sum(means <= spreads))
    if useless:
        words += tr(
            " {columns} cannot be told from no effect at all; of columns that say the same, each "
            "alone may look like that.",
            columns=counted(useless, "column"),
        )
    shown = {importances.names[i]: (float(means[i]), float(spreads[i])) for i in order}
    rest = len(means) - len(order)
    return section(
        "importance",
        tr("Which columns matter"),
        figure(
            picture(
                lambda: draw_importances(
                    shown, [line[1] for line in lines], loss, theme="page"
                ),
                tr("Permutation importances. {words}", words=words),
            ),
            words,
            numbers=table(
                [tr("column"), tr("{score} worse by", score=loss)], lines,
                caption=tr("Permutation importances"), numeric=[1],
            ),
        ),
        _of_less_importance(rest) if rest else None,
    )  # fmt: skip


def _of_less_importance(n: int) -> Html:
    return element("p", tr("And {columns} of less importance.", columns=counted(n, "column")))


def _fixed(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def worst_section(trial: Trial, test: pa.Table) -> Html:
    """A table of the test rows with the largest loss, the most telling columns first."""
    model, judged, classes = trial.model, trial.judged, trial.model.task_.classes
    losses = row_losses(judged.y, judged.outputs, "log_loss" if classes else "rmse")
    worst = np.argsort(-losses, kind="stable")[:_MOST_ROWS]
    names = [column.name for column in model.preparation_.used]
    if trial.importance is not None:
        names = list(trial.importance.names)
    names = names[:_MOST_COLUMNS]
    rows = judged.rows[worst]
    shown = test.take(rows)
    cells = zip(*(shown.column(name).to_pylist() for name in names), strict=True)
    # As a person counts them in the file.
    numbers = trial.split.test[rows] + 1 if len(trial.split.test) == test.num_rows else rows + 1
    if isinstance(model, TableClassifier):
        chosen = model.decide(judged.outputs[worst])
        truths = [str(label) for label in model.classes_[judged.y[worst]]]
        predictions = [
            f"{model.classes_[k]} (p = {judged.outputs[i, k]:.2f})"
            for i, k in zip(worst, chosen, strict=True)
        ]
    else:
        truths = [_written(value) for value in judged.y[worst]]
        predictions = [_written(value) for value in judged.outputs[worst]]
    headings = [tr("row"), tr("true"), tr("predicted")]
    headings += [tr("log loss") if classes else tr("squared error"), *names]
    lines = [
        [f"{numbers[i]:,}", truths[i], predictions[i], number(losses[k], 3), *map(_cell, row)]
        for i, (k, row) in enumerate(zip(worst, cells, strict=True))
    ]
    words = tr(
        "The test rows that the network got most wrong. Look here for mistakes in the data, and "
        "for what the columns do not say: the first one, row {row:,}, is {true} and was predicted "
        "to be {predicted}.",
        row=numbers[0],
        true=clip(truths[0], 60),
        predicted=clip(predictions[0], 60),
    )
    title = tr("The worst-predicted rows")
    return section(
        "worst",
        title,
        element("p", words),
        table(headings, lines, caption=title, numeric=[0, 3], class_="worst"),
    )


def _written(value: Floats) -> str:
    return ", ".join(f"{number:.5g}" for number in np.atleast_1d(value))


def _cell(value: object) -> Html | str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return element("span", tr("missing"), class_="muted")
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    return clip(str(value), _MOST_CHARACTERS)


def repeat_section(
    command: str, seed: int | None, versions: Mapping[str, str], taken: Mapping[str, float]
) -> Html:
    """The exact command, the seed, versions, and the seconds that each phase took."""
    rows: list[tuple[str, str]] = []
    if seed is not None:
        rows.append((tr("seed"), str(seed)))
    if versions:
        rows.append((tr("versions"), ", ".join(f"{k} {v}" for k, v in versions.items())))
    lines = [
        [tr(phase) if phase in _PHASES else phase, seconds(time)] for phase, time in taken.items()
    ]
    if len(lines) > 1:
        lines.append([tr("all"), seconds(sum(taken.values()))])
    return section(
        "repeat",
        tr("To repeat it"),
        element("pre", element("code", command)),
        pairs(rows, "facts") if rows else None,
        table([tr("phase"), tr("time")], lines, caption=tr("Time of each phase"), numeric=[1])
        if lines
        else None,
    )
