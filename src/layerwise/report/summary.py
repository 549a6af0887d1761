"""The sections that frame the report: the result, the table and the task, how to repeat it."""

import math
from collections.abc import Mapping

from layerwise.report.data import Metric, Scores, TableFacts
from layerwise.report.html import Html, element, section, table
from layerwise.report.wording import number, plural, seconds

__all__ = ["repeat_section", "result_section", "table_section"]


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
