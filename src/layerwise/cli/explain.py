"""What `layerwise explain` does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwise.architecture.lookup import look_up
from layerwise.cli.output_files import check_outputs
from layerwise.cli.printing import make_console
from layerwise.cli.refusals import say
from layerwise.harmless_text import as_json
from layerwise.language import tr

if TYPE_CHECKING:
    import pyarrow as pa

    from layerwise.cli.explain_options import ExplainOptions
    from layerwise.explanation import Explanation
    from layerwise.store.model_files import Model

_FORMATS = ("terminal", "text", "markdown", "html", "json")
_MANY_WEIGHTS = 20_000
_BY_SUFFIX = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
              ".json": "json"}  # fmt: skip


def run_explain(options: ExplainOptions) -> None:
    """Explain one row of a table, on the screen or into a file."""
    written = _format_of(options)
    if options.output is not None:
        check_outputs([options.output], [options.source], options.path)
    from layerwise.estimators.table import BaseTable
    from layerwise.store import load
    from layerwise.tables.reading import read_table
    from layerwise.tables.targets import with_targets_of_file

    model = load(options.path)
    read = read_table(options.source, **options.reading.arguments())
    source = _called(options.source)
    table = read.data
    if isinstance(model, BaseTable):
        table = with_targets_of_file(table, model.task_.names, model.task_.classes)
        table = model.preparation_.as_trained(table)  # one row alone may not tell how
    row = _row(table, options.row, source)
    explanation = _explanation(model, table, row, source, options)
    for problem in read.problems[:5]:
        say(tr("not read: {problem}", problem=problem.said))
    _write(explanation, written, options.output)


def _format_of(options: ExplainOptions) -> str:
    if options.as_json:
        return "json"
    if options.written is not None:
        return look_up(options.written, {name: name for name in _FORMATS}, "format")
    if options.output is not None:
        return _BY_SUFFIX.get(options.output.suffix.lower(), "text")
    return "terminal" if sys.stdout.isatty() else "text"


def _called(source: str) -> str:
    """The table, as it is named beside the row's number."""
    from layerwise.files.passwords import without_password
    from layerwise.tables.reading.databases import is_server
    from layerwise.tables.reading.sources import STANDARD_INPUT

    if source == "-":
        return STANDARD_INPUT
    return without_password(source) if is_server(source) else Path(source).name


def _row(table: pa.Table, number: int, source: str) -> pa.Table:
    n = table.num_rows
    if number > n:
        rows = "1 row" if n == 1 else f"{n:,} rows, 1 to {n:,}"
        raise ValueError(f"there is no row {number:,}: {source} has {rows}")
    return table.slice(number - 1, 1)


def _explanation(
    model: Model, table: pa.Table, row: pa.Table, source: str, options: ExplainOptions
) -> Explanation:
    from layerwise.estimators.table import BaseTable
    from layerwise.explanation import explain

    given: dict[str, Any] = {
        "of": options.of,
        "member": options.member,
        "weights": tuple(options.weights or ()),
        "top": None if options.everything else options.top,
        "title": tr("row {row:,} of {source}", row=options.row, source=source),
    }
    base = None if options.baseline is None else _row(table, options.baseline, source)
    if isinstance(model, BaseTable):
        several = model.task_.n_targets > 1 and options.answer is not None
        given["answer"] = (
            options.answer.split(",") if several and options.answer else options.answer
        )
        if not options.importance:
            return explain(model, row, baseline=base, **given)
        from layerwise.training.progress import LINES, LiveBar, find_place

        place = find_place()
        with LiveBar(tr("shuffling columns"), "" if place == LINES else place) as bar:

            def show(done: int, total: int) -> None:
                bar.show(done, total, f"{done:,}/{total:,}")

            return explain(model, row, baseline=base, table=table, progress=show, **given)
    given["answer"] = None if options.answer is None else _numbers_or_class(options.answer)
    cells = None if base is None else _cells(base)
    return explain(model, _cells(row), baseline=cells, **given)


def _cells(row: pa.Table) -> dict[str, object]:
    return {name: values[0] for name, values in row.to_pydict().items()}


def _numbers_or_class(answer: str) -> str | float | list[float]:
    """An answer as numbers, where it is some; a class else."""
    try:
        numbers = [float(part) for part in answer.split(",")]
    except ValueError:
        return answer
    if len(numbers) > 1:
        return numbers
    return int(numbers[0]) if numbers[0].is_integer() else numbers[0]


def _write(explanation: Explanation, written: str, output: Path | None) -> None:
    n_weights = sum(layer.weights.size for layer in explanation.layers)
    if explanation.top is None and written != "json" and n_weights > _MANY_WEIGHTS:
        say(tr("writing out {n:,} weights, some seconds ...", n=n_weights))
    if written == "terminal" and output is None:
        make_console().print(explanation)
        return
    if written == "json":
        text = as_json(explanation.to_dict()) + "\n"
    elif written == "html":
        text = explanation.to_html()
    elif written == "markdown":
        text = explanation.to_markdown()
    else:
        text = explanation.to_text()
    if output is None:
        sys.stdout.write(text)
        return
    from layerwise.files.atomic_writing import write_whole

    write_whole(output, text.encode("utf-8"))
    say(tr("written to {path}", path=output))
