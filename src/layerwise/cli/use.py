"""`layerwise predict`, `evaluate`, `export` and `show` of a model file."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from layerwise.cli.options import Reading, names
from layerwise.cli.output_files import check_outputs
from layerwise.cli.printing import make_console, print_json
from layerwise.cli.refusals import DIFFERENT, complain, say
from layerwise.harmless_text import visible
from layerwise.language import counted, retold, tr
from layerwise.screen import Text

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    import pyarrow as pa

    from layerwise.estimators.table import BaseTable
    from layerwise.tables.drift import Comparison
    from layerwise.tables.prepared import Prepared


def load_table_model(path: Path) -> BaseTable:
    """Load a model of a table; another kind of model is refused."""
    from layerwise.estimators.table import BaseTable
    from layerwise.store import ModelFileError, load

    model = load(path)
    if not isinstance(model, BaseTable):
        raise ModelFileError(
            f"{path} holds a {type(model).__name__}, which predicts from matrices; here a model of "
            "a table is wanted, as `layerwise fit` writes it"
        )
    return model


def run_predict(
    path: Path,
    source: str,
    output: str,
    keep: Sequence[str],
    reading: Reading,
    *,
    is_strict: bool = False,
    as_json: bool = False,
) -> None:
    """Predict the rows of a table and write them, and say how they differ from those trained on."""
    import pyarrow as pa

    from layerwise.cli.words import compared_columns, difference_lines, unread_lines
    from layerwise.tables.names import check_names
    from layerwise.tables.reading import read_table, write_table

    if as_json and output == "-":
        raise typer.BadParameter("--json needs -o FILE: predictions go to standard output")
    if output != "-":
        check_outputs([Path(output)], [source], path)
    model = load_table_model(path)
    read = read_table(source, may_be_empty=True, **reading.arguments())
    if not read.table.num_columns:  # an empty array of JSON
        wanted = [column.name for column in model.columns_] + names(keep, [])
        read = replace(read, table=pa.table({name: pa.nulls(0) for name in wanted}))
    columns_there = list(read.table.column_names)
    kept = columns_there if list(keep) == ["all"] else names(keep, columns_there)
    check_names(kept, columns_there, "to be kept")
    prepared = model.prepare(read.data)
    comparison = model.compare(read.data)
    notes = [
        *unread_lines(read),
        *read.notes,
        *prepared.notes_without(compared_columns(comparison)),
    ]
    for note in [*map(retold, notes), *(line for line, _ in difference_lines(comparison))]:
        say(note)
    is_stopped = is_strict and _stops(comparison, path)
    if not is_stopped:
        predicted = _predictions(model, prepared, {name: read.table.column(name) for name in kept})
        if output == "-":
            _print_csv(predicted)
        else:
            write_table(predicted, output)
    if as_json:
        print_json(
            {
                "model": str(path),
                "source": read.to_json(),
                "rows": len(prepared),
                "output": None if is_stopped else output,
                "notes": notes,
                "comparison": comparison.to_json(),
            }
        )
    if is_stopped:
        raise typer.Exit(complain("nothing is predicted, as --strict asks", DIFFERENT))
    if output != "-":
        n = counted(len(prepared), "prediction")
        say(tr("{predictions} written to {path}", predictions=n, path=output))


def _print_csv(table: pa.Table) -> None:
    """The data itself for a file or a program; on a terminal, what shows it."""
    from layerwise.tables.reading import write_table

    if not sys.stdout.isatty():
        write_table(table, sys.stdout.buffer)
        return
    content = io.BytesIO()
    write_table(table, content)
    sys.stdout.write(visible(content.getvalue().decode()))


def _stops(comparison: Comparison, path: Path) -> bool:
    """Whether rows look so different that a job is to stop."""
    from layerwise.store import ModelFileError

    if comparison.n_trained is None:
        raise ModelFileError(
            f"--strict cannot be kept: {path} was saved by an earlier version and does not hold "
            "what the rows looked like that it was trained on; train it again"
        )
    return bool(comparison.warnings)


def _predictions(model: BaseTable, prepared: Prepared, kept: dict[str, Any]) -> pa.Table:
    """What is predicted of each row, beside the columns that are kept."""
    import pyarrow as pa

    from layerwise.estimators.table_classifier import TableClassifier

    outputs = model.outputs(prepared.x, prepared.codes)
    columns = dict(kept)
    targets = model.task_.names
    if isinstance(model, TableClassifier):
        labels = model.classes_[model.decide(outputs)]
        columns[_free(targets[0], columns)] = pa.array(labels.tolist())
        for k in model.task_.order_for_people:
            columns[_free(f"probability of {model.classes_[k]}", columns)] = outputs[:, k]
    else:
        for k, name in enumerate(targets):
            columns[_free(name, columns)] = outputs.reshape(len(prepared), -1)[:, k]
        if getattr(model, "intervals_", None) is not None:
            low, high = model.interval_of(prepared.x, prepared.codes)
            for end, values in (("low", low), ("high", high)):
                for k, name in enumerate(targets):
                    columns[_free(f"{name}, {end}", columns)] = values.reshape(len(prepared), -1)[
                        :, k
                    ]
    return pa.table(columns)


def _free(name: str, taken: Container[str]) -> str:
    while name in taken:
        name = f"{name} (predicted)"
    return name


def run_evaluate(
    path: Path,
    source: str,
    reading: Reading,
    weight_column: str | None = None,
    *,
    is_strict: bool = False,
    as_json: bool = False,
) -> None:
    """Score a model on a table that has the answers."""
    from layerwise.cli.words import compared_columns, difference_lines, print_reading, print_scores
    from layerwise.report.judging import judge
    from layerwise.report.row_roles import RowRoles
    from layerwise.report.trial import NETWORK
    from layerwise.tables.reading import read_table

    model = load_table_model(path)
    console = make_console()
    console.quiet = as_json
    read = read_table(source, **reading.arguments())
    print_reading(console, read)
    comparison = model.compare(read.data)
    is_stopped = is_strict and _stops(comparison, path)
    roles = RowRoles(weight_column=weight_column).among(read.table.column_names)
    weight = roles.weights(read.data)
    judged = None if is_stopped else judge(model, read.data, weight)
    models = {} if judged is None else {NETWORK: (judged.outputs, judged.decided)}
    notes = [] if judged is None else judged.notes_without(compared_columns(comparison))
    for line, is_warning in difference_lines(comparison):
        console.print(Text(line, "yellow" if is_warning else ""))
    if as_json:
        result = {
            "model": str(path),
            "source": read.to_json(),
            "rows": None if judged is None else len(judged.rows),
            "weight_column": roles.weight_column,
            "metrics": None if judged is None else judged.scores,
            "unweighted": None if judged is None else judged.unweighted(models),
            "by_target": None if judged is None else judged.by_target(models),
            "coverage": None if judged is None else judged.coverage,
            "notes": notes,
            "comparison": comparison.to_json(),
        }
        print_json(result)
    if judged is None:
        raise typer.Exit(complain("nothing is scored, as --strict asks", DIFFERENT))
    rows, targets = counted(len(judged.rows), "row"), ", ".join(model.task_.names)
    console.print(
        tr("{rows} with {targets}, each counted once", rows=rows, targets=targets)
        if weight is None
        else tr(
            "{rows} with {targets}, counted by {column}",
            rows=rows,
            targets=targets,
            column=str(roles.weight_column),
        )
    )
    print_scores(console, judged, model, models, roles.weight_column)
    if judged.coverage is not None:
        text = tr("prediction intervals hold {held:.1%} of the rows", held=judged.coverage)
        if judged.endless:
            text += tr(" ({share:.0%} of them have no end)", share=judged.endless)
        console.print(text)
    for note in notes:
        console.print(retold(note))


def run_export(path: Path, output: Path, like: str | None, *, weights: bool) -> None:
    """Write a model as ONNX, and print how to feed it; or write its bare weights."""
    from layerwise.store.onnx import export_onnx
    from layerwise.store.weights import export_weights
    from layerwise.tables.reading import read_table

    if weights and like is not None:
        raise typer.BadParameter("--like is for the graph's inputs, and bare weights have none")
    check_outputs([output], [like], path)
    model = load_table_model(path)
    if weights:
        export_weights(model, output)
    else:
        export_onnx(model, output, None if like is None else read_table(like).data)
    say(tr("written to {path}", path=output))
    if not weights:
        from layerwise.store.onnx_example import feeding_example

        sys.stdout.write(feeding_example(output))


def show_model(path: Path, *, as_json: bool) -> None:
    """Print what a model file holds: the task, the columns, the networks, how it was trained."""
    from layerwise.cli.show import layer_table
    from layerwise.cli.words import columns_table
    from layerwise.ensemble.named_settings import written
    from layerwise.report.model_words import averaging

    model = load_table_model(path)
    task, recipe = model.task_, model.recipe_
    architecture = model.networks_[0].architecture
    if as_json:
        result = {
            "task": task.to_json(),
            "columns": [column.to_json() for column in model.columns_],
            "recipe": {name: getattr(recipe, name) for name in recipe.__dataclass_fields__},
            "network": architecture.title,
            "architecture": json.loads(architecture.to_json()),
            "n_networks": len(model.networks_),
            "n_parameters": sum(network.n_parameters for network in model.networks_),
            "epochs": [len(member.history) for member in model.ensemble_.members],
            "weights": model.ensemble_.weights.tolist(),
            "validation_loss": model.validation_loss_,
            "seed": model.seed_,
            "fit_seconds": model.fit_seconds_,
            "diverged": model.ensemble_.diverged,
            "notes": model.notes_,
        }
        print_json(result)
        return
    console = make_console()
    targets = ", ".join(task.names)
    console.print(
        tr(
            "{path}: predicts {targets} ({reason})",
            path=path,
            targets=targets,
            reason=task.reason,
        )
    )
    console.print(columns_table(model.columns_, model.preparation_))
    console.print()
    console.print(
        tr(
            "{n} networks, averaged: {how} (seed {seed}). The first of them:",
            n=len(model.networks_),
            how=averaging(model),
            seed=model.seed_,
        )
    )
    console.print(layer_table(architecture))
    console.print(architecture.summary)
    kept = [member.history.best_epoch for member in model.ensemble_.members]
    further = "".join(f", {retold(written(*setting))}" for setting in recipe.settings.items())
    console.print(
        tr(
            "trained in {seconds:.1f} s with batches of {n} rows and the learning rate "
            "{rate:g}{further}; the epochs kept: {epochs}",
            seconds=model.fit_seconds_["training"],
            n=recipe.batch_size,
            rate=recipe.learning_rate,
            further=further,
            epochs=", ".join(map(str, kept[:12])) + ", ..." * (len(kept) > 12),
        )
    )
    console.print(tr("held-out loss {loss:.4g}", loss=model.validation_loss_))
    for note in model.notes_:
        console.print(Text(retold(note), "yellow"))
