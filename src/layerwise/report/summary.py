"""The sections that frame the report: result, table, what it rests on, worst rows, to repeat."""

import math
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.draw.judged import draw_importances
from layerwise.ensemble.importance import Importance
from layerwise.ensemble.scores import HIGHER_IS_BETTER, row_losses
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.report.elements import Html, element, figure, join, picture, section, table
from layerwise.report.judging import Scores
from layerwise.report.model_words import metrics_of
from layerwise.report.trial import NETWORK, Trial
from layerwise.report.verdict import verdict
from layerwise.tables.reading import ReadTable
from layerwise.texts import clip, number, plural, seconds

__all__ = [
    "importance_section",
    "repeat_section",
    "result_section",
    "table_section",
    "worst_section",
]

_MOST_IMPORTANT = 30
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
    rows = plural(len(trial.split.test), "row")
    counted = ""
    if weight_column is not None:
        counted = (
            f"These scores count each row by {weight_column}, as training did; the sections below "
            "count each row once. "
        )
    if targets:
        counted += f"R² is the mean of {len(targets)} targets; the scores of each stand below."
    more = [("Each row counted once", trial.judged.unweighted(trial.models))] * bool(weight_column)
    more += trial.judged.by_target(trial.models).items()
    note = "★ marks the best of a column; ↑ higher is better, ↓ lower is better."
    return section(
        "result",
        "The result",
        element("p", f"On {rows} that it never saw in training, {NETWORK} reached:"),
        element("dl", *tiles, class_="tiles"),
        element("p", verdict(trial), class_="verdict") if trial.baselines else None,
        element("p", counted) if counted else None,
        _compared(trial, models, "Scores of all models"),
        element("p", note, class_="muted"),
        *(
            join([element("h3", what), _compared(trial, scores, f"Scores: {what}")])
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
    headings = ["model"]
    headings += [f"{title} {'↑' if HIGHER_IS_BETTER[m] else '↓'}" for m, title in metrics.items()]
    lines = [
        [who, *(_score(name, scores, models) for name in metrics)] for who, scores in models.items()
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
        ("predicted", element("strong", ", ".join(task.names))),
        ("task", task.reason),
        ("rows", f"{read.n_rows:,}"),
        (
            "split",
            f"{len(split.train):,} to train on, {len(split.test):,} to test on ({split.how})",
        ),
    ]
    findings = [*(("warning", note) for note in trial.notes)]
    findings += [(finding.severity, finding.message) for finding in trial.findings]
    found = [
        element(
            "li", element("strong", f"{severity.capitalize()}: "), message,
            class_="warning" if severity == "warning" else "note",
        )
        for severity, message in sorted(findings, key=lambda f: f[0] != "warning")
    ]  # fmt: skip
    problems = [element("li", str(problem), class_="warning") for problem in read.problems]
    return section(
        "table",
        "The table and the task",
        _facts(rows),
        element("h3", "What was noticed") if found else None,
        element("ul", *found, class_="findings") if found else None,
        element("h3", "What could not be read") if problems else None,
        element("ul", *problems, class_="findings") if problems else None,
    )


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
    repeats = plural(values.shape[1], "time")
    words = (
        f"The cells of one column at a time were shuffled among the test rows, {repeats}: the "
        f"longer the bar, the worse {importances.loss} became, so the more the network relies "
        f"on that column. The line across a bar's end is the spread over the repeats."
    )
    if means[best] > spreads[best]:
        words += (
            f" “{clip(importances.names[best], 40)}” matters most: with its cells "
            f"shuffled, {importances.loss} is worse by {number(float(means[best]), 3)}."
        )
    useless = int(np.sum(means <= spreads))
    if useless:
        words += (
            f" {plural(useless, 'column')} cannot be told from no effect at all; of columns that "
            "say the same, each alone may look like that."
        )
    shown = {importances.names[i]: (float(means[i]), float(spreads[i])) for i in order}
    rest = len(means) - len(order)
    return section(
        "importance",
        "Which columns matter",
        figure(
            picture(
                lambda: draw_importances(
                    shown, [line[1] for line in lines], importances.loss, theme="page"
                ),
                f"Permutation importances. {words}",
            ),
            words,
            numbers=table(
                ["column", f"{importances.loss} worse by"], lines,
                caption="Permutation importances", numeric=[1],
            ),
        ),
        element("p", f"And {plural(rest, 'column')} of less importance.") if rest else None,
    )  # fmt: skip


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
    headings = ["row", "true", "predicted", "log loss" if classes else "squared error", *names]
    lines = [
        [f"{numbers[i]:,}", truths[i], predictions[i], number(losses[k], 3), *map(_cell, row)]
        for i, (k, row) in enumerate(zip(worst, cells, strict=True))
    ]
    words = (
        "The test rows that the network got most wrong. Look here for mistakes in the data, and "
        f"for what the columns do not say: the first one, row {numbers[0]:,}, is "
        f"{clip(truths[0], 60)} and was predicted to be {clip(predictions[0], 60)}."
    )
    return section(
        "worst",
        "The worst-predicted rows",
        element("p", words),
        table(headings, lines, caption="The worst-predicted rows", numeric=[0, 3], class_="worst"),
    )


def _written(value: NDArray[np.float64]) -> str:
    return ", ".join(f"{number:.5g}" for number in np.atleast_1d(value))


def _cell(value: object) -> Html | str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return element("span", "missing", class_="muted")
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    return clip(str(value), _MOST_CHARACTERS)


def repeat_section(
    command: str, seed: int | None, versions: Mapping[str, str], taken: Mapping[str, float]
) -> Html:
    """The exact command, the seed, versions, and the seconds that each phase took."""
    rows: list[tuple[str, str]] = []
    if seed is not None:
        rows.append(("seed", str(seed)))
    if versions:
        rows.append(("versions", ", ".join(f"{k} {v}" for k, v in versions.items())))
    lines = [[phase, seconds(time)] for phase, time in taken.items()]
    if len(lines) > 1:
        lines.append(["all", seconds(sum(taken.values()))])
    return section(
        "repeat",
        "To repeat it",
        element("pre", element("code", command)),
        _facts(rows) if rows else None,
        table(["phase", "time"], lines, caption="Time of each phase", numeric=[1])
        if lines
        else None,
    )


def _facts(rows: list[tuple[str, str]]) -> Html:
    pairs = (element("dt", name) + element("dd", value) for name, value in rows)
    return element("dl", *(Html(pair) for pair in pairs), class_="facts")
