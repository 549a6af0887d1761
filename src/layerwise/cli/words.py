"""What the commands on tables print: columns and decisions, findings, scores beside baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from layerwise.cli.refusals import say
from layerwise.language import counted, retold, said, said_count, tr
from layerwise.screen import Text
from layerwise.texts import clip

if TYPE_CHECKING:
    from layerwise.estimators.table import BaseTable
    from layerwise.report.judging import Judgement, Outputs
    from layerwise.screen import Screen
    from layerwise.tables.columns import Column
    from layerwise.tables.drift import Comparison
    from layerwise.tables.finding import Finding
    from layerwise.tables.preparation import Preparation
    from layerwise.tables.reading import ReadTable

_MOST_COLUMNS = 40
_MOST_TARGETS = 12
_MOST_PROBLEMS = 5
_MOST_DIFFERENCES = 5
_MOST_LINES = 12  # of the screen, for what may spoil a model


def unread_lines(read: ReadTable) -> list[str]:
    """The first lines that could not be read, each with its number, and how many more there are.

    As `said` gives them.
    """
    found: list[str] = [
        said("not read: {problem}", problem=problem.said)
        for problem in read.problems[:_MOST_PROBLEMS]
    ]
    if more := len(read.problems) - len(found):
        found.append(said("not read: {problem}", problem=said_count(more, "more line")))
    return found


def compared_columns(comparison: Comparison) -> list[str]:
    """Columns on the cells of which no more is to be noted.

    All that differ, and those whose rare categories are as frequent as is to be expected.
    """
    return [one.column for one in comparison.columns if one.severity or one.unknown[0]]


def difference_lines(comparison: Comparison) -> list[tuple[str, bool]]:
    """How new rows differ from those trained on: the columns that differ most, the rest counted.

    With each line, whether it is a warning.
    """
    if comparison.n_trained is None:
        note = tr(
            "the model was saved by an earlier version and does not hold what the rows looked like "
            "that it was trained on, so that these rows could not be compared with them"
        )
        return [(note, False)]
    found = comparison.differences
    lines = [
        _of_severity(one.severity, sentence)
        for one, sentence in zip(found, comparison.sentences(), strict=True)
    ][:_MOST_DIFFERENCES]
    if more := len(found) - len(lines):
        values = {"k": more, "n": len(comparison.columns)}
        rest = (
            tr(
                "{k:,} more of {n:,} columns differs from what the model was trained on; --json "
                "names them all",
                **values,
            )
            if more == 1
            else tr(
                "{k:,} more of {n:,} columns differ from what the model was trained on; --json "
                "names them all",
                **values,
            )
        )
        lines.append((rest, False))
    return lines


def _of_severity(severity: str | None, text: str) -> tuple[str, bool]:
    """A line behind the word for how severe it is, and whether it is a warning."""
    is_warning = severity == "warning"
    word = tr("warning") if is_warning else tr("note")
    return f"{word}: {text}", is_warning


def print_reading(console: Screen, read: ReadTable) -> None:
    """Say what was read, and which lines could not be; where all else is silent, those alone."""
    if console.quiet:
        for line in unread_lines(read):
            say(retold(line))
        return
    how = [read.format]
    if read.encoding:
        how.append(read.encoding)
    if read.delimiter:
        delimiter = tr("tab") if read.delimiter == "\t" else repr(read.delimiter)
        how.append(tr("delimiter {delimiter}", delimiter=delimiter))
    names = ", ".join(read.files[:3])
    if len(read.files) > 3:
        names += tr(" and {n} more", n=len(read.files) - 3)
    rows = counted(read.n_rows, "row")
    columns = counted(read.table.num_columns, "column")
    console.print(f"{names}: {rows}, {columns} ({', '.join(how)})")
    for line in unread_lines(read):
        console.print(Text(retold(line), style="yellow"))
    for note in read.notes:
        console.print(retold(note))


def columns_table(columns: Sequence[Column], preparation: Preparation | None = None) -> Table:
    """A row for each column: its kind, why, and what the network gets of it."""
    from layerwise.report.model_words import became

    table = Table(box=box.HORIZONTALS, show_edge=False, pad_edge=False, collapse_padding=True)
    for i, heading in enumerate((tr("column"), tr("kind"), tr("because"))):
        table.add_column(heading, no_wrap=i == 1)
    if preparation is not None:
        table.add_column(tr("the network gets"))
    shown = list(columns[:_MOST_COLUMNS])
    for column in shown:
        cells: list[str | Text] = [Text(column.name), tr(column.kind), Text(retold(column.reason))]
        if preparation is not None:
            cells.append(Text(became(column, preparation)))
        style = None if column.is_used else "dim"
        table.add_row(*cells, style=style)
    if len(columns) > len(shown):
        rest = columns[len(shown) :]
        kinds = [
            tr("{n:,} {kind}", n=sum(c.kind == kind for c in rest), kind=tr(kind))
            for kind in sorted({c.kind for c in rest})
        ]
        table.add_row(tr("... {n:,} more", n=len(rest)), ", ".join(kinds), "")
    return table


def print_findings(console: Screen, findings: Sequence[Finding], elsewhere: str = "") -> None:
    """Print what may spoil a model; a few lines of it where all is said elsewhere."""
    n_lines = 0
    for i, finding in enumerate(findings):
        line, is_warning = _of_severity(finding.severity, retold(finding.message))
        text = Text(line, style="yellow" if is_warning else "")
        n_lines += len(text.wrap(console, console.width))
        if i and elsewhere and n_lines > _MOST_LINES - (i + 1 < len(findings)):
            rest = findings[i:]
            n_warnings = sum(one.severity == "warning" for one in rest)
            left = (
                tr("{n:,} more, {k:,} of them warnings", n=len(rest), k=n_warnings)
                if n_warnings
                else tr("{n:,} more", n=len(rest))
            )
            console.print(tr("{left}: see {place}", left=left, place=elsewhere))
            return
        console.print(text)


def print_scores(
    console: Screen,
    judged: Judgement,
    model: BaseTable,
    models: Outputs,
    weight_column: str | None,
) -> None:
    """Print models' scores, how rows count in them, and of several targets those of each."""
    from layerwise.report.model_words import metrics_of

    metrics = metrics_of(model)
    scores = {who: judged.scored(*said) for who, said in models.items()}
    how = "" if weight_column is None else tr("rows by {column}", column=weight_column)
    of_all = metrics
    if judged.targets:
        of_all = {"r2": metrics["r2"]}  # which has no unit
        mean = tr("mean of {n} targets", n=len(judged.targets))
        how = f"{mean}, {how}" if how else mean
    console.print(_scores_table(scores, of_all, how))
    if once := judged.unweighted(models):
        console.print(_scores_table(once, of_all, tr("each row once")))
    of_targets = list(judged.by_target(models).items())
    for name, scores in of_targets[:_MOST_TARGETS]:
        console.print(_scores_table(scores, metrics, clip(name, 40)))
    if len(of_targets) > _MOST_TARGETS:
        more = len(of_targets) - _MOST_TARGETS
        console.print(tr("and {n:,} more; --json has them all", n=more))


def _scores_table(
    models: Mapping[str, Mapping[str, float | None]], metrics: Mapping[str, str], heading: str
) -> Table:
    """Models as rows, metrics as columns, the best of each in bold."""
    from layerwise.ensemble.scores import HIGHER_IS_BETTER

    table = Table(box=box.HORIZONTALS, show_edge=False, pad_edge=False, collapse_padding=True)
    table.add_column(Text(heading))
    best: dict[str, float] = {}
    for name, title in metrics.items():
        table.add_column(title, justify="right", no_wrap=True)
        values = [v for scores in models.values() if (v := scores[name]) is not None]
        if values:
            best[name] = max(values) if HIGHER_IS_BETTER[name] else min(values)
    for who, scores in models.items():
        cells = [
            Text(
                "-" if scores[name] is None else f"{scores[name]:.4g}",
                style="bold" if scores[name] == best.get(name) and len(models) > 1 else "",
            )
            for name in metrics
        ]
        table.add_row(tr(who), *cells)
    return table
