"""The sections that frame the report: result, table, what it rests on, worst rows, to repeat."""

import math
from collections.abc import Mapping

import numpy as np

from layerwise.draw.judged import draw_importances
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.report.report_data import Importances, Metric, Scores, TableFacts, WorstRows
from layerwise.texts import clip, number, plural, seconds

__all__ = [
    "importance_section",
    "repeat_section",
    "result_section",
    "table_section",
    "worst_section",
]

_MOST_IMPORTANT = 30
_MOST_ROWS, _MOST_COLUMNS, _MOST_CHARACTERS = 20, 30, 120


def result_section(scores: Scores | None, table_facts: TableFacts | None) -> Html | None:
    """The test rows' scores beside the baselines', and a sentence on who predicts best."""
    if scores is None:
        return None
    rows = "rows" if table_facts is None else plural(table_facts.n_test, "row")
    tiles = [
        element(
            "div",
            element("dt", metric.name),
            element("dd", number(metric.values[0])),
            class_="lead" if i == 0 else None,
        )
        for i, metric in enumerate(scores.metrics[:6])
    ]
    headings = [
        "model",
        *(f"{m.name} {'↑' if m.higher_is_better else '↓'}" for m in scores.metrics),
    ]
    lines = [
        [model, *(_score(metric, i) for metric in scores.metrics)]
        for i, model in enumerate(scores.models)
    ]
    compared = table(
        headings, lines, caption="Scores of all models", numeric=range(1, len(headings)),
        class_="scores",
    )  # fmt: skip
    note = "★ marks the best of a column; ↑ higher is better, ↓ lower is better."
    return section(
        "result",
        "The result",
        element("p", f"On {rows} that it never saw in training, {scores.models[0]} reached:"),
        element("dl", *tiles, class_="tiles"),
        element("p", scores.verdict, class_="verdict") if scores.verdict else None,
        element("p", scores.counted) if scores.counted else None,
        compared,
        element("p", note, class_="muted"),
    )


def _score(metric: Metric, i: int) -> Html | str:
    value = metric.values[i]
    known = [other for other in metric.values if not math.isnan(other)]
    best = (max if metric.higher_is_better else min)(known, default=math.nan)
    text = number(value)
    return element("span", text, class_="best") if value == best and len(known) > 1 else text


def table_section(facts: TableFacts | None) -> Html | None:
    """What is predicted, from how many rows, and what was noticed on the way."""
    if facts is None:
        return None
    split = f"{facts.n_train:,} to train on, {facts.n_test:,} to test on"
    rows = [
        ("predicted", element("strong", facts.target)),
        ("task", facts.task),
        ("rows", f"{facts.n_rows:,}"),
        ("split", f"{split} ({facts.split})" if facts.split else split),
    ]
    found = [
        element(
            "li", element("strong", f"{severity.capitalize()}: "), message,
            class_="warning" if severity == "warning" else "note",
        )
        for severity, message in sorted(facts.findings, key=lambda f: f[0] != "warning")
    ]  # fmt: skip
    problems = [element("li", problem, class_="warning") for problem in facts.problems]
    return section(
        "table",
        "The table and the task",
        _facts(rows),
        element("h3", "What was noticed") if found else None,
        element("ul", *found, class_="findings") if found else None,
        element("h3", "What could not be read") if problems else None,
        element("ul", *problems, class_="findings") if problems else None,
    )


def importance_section(importances: Importances | None) -> Html | None:
    """A bar for each column, the most important first."""
    if importances is None or not len(importances.names):
        return None
    values = np.asarray(importances.values, np.float64)
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
        f"longer the bar, the worse {importances.score} became, so the more the network relies "
        f"on that column. The line across a bar's end is the spread over the repeats."
    )
    if means[best] > spreads[best]:
        words += (
            f" “{clip(importances.names[best], 40)}” matters most: with its cells "
            f"shuffled, {importances.score} is worse by {number(float(means[best]), 3)}."
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
                    shown, [line[1] for line in lines], importances.score, theme="page"
                ),
                f"Permutation importances. {words}",
            ),
            words,
            numbers=table(
                ["column", f"{importances.score} worse by"], lines,
                caption="Permutation importances", numeric=[1],
            ),
        ),
        element("p", f"And {plural(rest, 'column')} of less importance.") if rest else None,
    )  # fmt: skip


def _fixed(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def worst_section(worst: WorstRows | None) -> Html | None:
    """A table of the rows with the largest loss; None without rows."""
    if worst is None or not len(worst.rows):
        return None
    columns = list(worst.columns[:_MOST_COLUMNS])
    headings = ["row", "true", "predicted", worst.loss, *columns]
    lines = [
        [
            f"{worst.rows[i]:,}", worst.truths[i], worst.predictions[i],
            number(worst.losses[i], 3), *(_cell(cell) for cell in worst.cells[i][:_MOST_COLUMNS]),
        ]
        for i in range(min(len(worst.rows), _MOST_ROWS))
    ]  # fmt: skip
    rest = len(worst.columns) - len(columns)
    words = (
        "The test rows that the network got most wrong. Look here for mistakes in the data, and "
        f"for what the columns do not say: the first one, row {worst.rows[0]:,}, is "
        f"{clip(worst.truths[0], 60)} and was predicted to be {clip(worst.predictions[0], 60)}."
    )
    return section(
        "worst",
        "The worst-predicted rows",
        element("p", words),
        table(headings, lines, caption="The worst-predicted rows", numeric=[0, 3], class_="worst"),
        element("p", f"{plural(rest, 'more column')} not shown.", class_="muted") if rest else None,
    )


def _cell(value: object) -> Html | str:
    missing = value is None or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
    # What pandas has for a missing cell is not equal to itself or says so by its name.
    if missing or type(value).__name__ in {"NAType", "NaTType"}:
        return element("span", "missing", class_="muted")
    if isinstance(value, float | np.floating):
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
