"""The demo's first part: a raw table, as it came from the field, through fit and predict."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from layerwise.cli.fit import run_fit
from layerwise.cli.fit_options import FitOptions, Training
from layerwise.cli.options import Reading
from layerwise.cli.use import run_predict
from layerwise.files.atomic_writing import keeping_inputs
from layerwise.language import tr
from layerwise.screen import Screen, Text
from layerwise.tables.examples import PENGUINS
from layerwise.tables.reading import read_table, write_table
from layerwise.training.time_limit import NEVER

_TARGET = "Sex"
_N_NEW = 40


def write_penguins(folder: Path, seed: int) -> tuple[pa.Table, pa.Table]:
    """Write the table to fit, and that of some penguins set aside, whose sex is left out.

    Returns
    -------
    known, aside : Table
        Both with the penguins' sex.
    """
    table = read_table(PENGUINS).table
    has_sex = np.flatnonzero(~np.array(table.column(_TARGET).is_null()))
    new = np.sort(np.random.default_rng(seed).permutation(has_sex)[:_N_NEW])
    known = table.take(pa.array(np.setdiff1d(np.arange(table.num_rows), new)))
    aside = table.take(pa.array(new))
    write_table(known, folder / "penguins.csv")
    write_table(aside.drop_columns([_TARGET]), folder / "new-penguins.csv")
    return known, aside


def demo_fit(
    console: Screen, folder: Path, epochs: int | None, seed: int, language: str | None = None
) -> None:
    """Set some penguins aside as new ones, fit the others, predict the new ones, and compare."""
    known, aside = write_penguins(folder, seed)
    files = {
        "all": folder / "penguins.csv",
        "new": folder / "new-penguins.csv",
        "model": folder / "penguins.layerwise",
        "predicted": folder / "predicted.csv",
    }
    truth = aside.column(_TARGET).to_pylist()
    console.print(
        tr(
            "A table as it came from the field: {n} penguins, with categories, dates, notes and "
            "missing cells. Which are female, which male? {k} of them are set aside as new ones.",
            n=known.num_rows + aside.num_rows,
            k=_N_NEW,
        )
    )
    asked_language = "" if language is None else f" --language {language}"
    fit = f"layerwise fit {files['all']} --target {_TARGET} -o {files['model']} --seed {seed}"
    fit += ("" if epochs is None else f" --epochs {epochs}") + asked_language
    predict = f"layerwise predict {files['model']} {files['new']} -o {files['predicted']}"
    predict += asked_language
    _say(console, fit)
    asked = FitOptions(
        source=str(files["all"]),
        targets=[_TARGET],
        output=files["model"],
        training=Training(seed=seed, epochs=epochs),
    )
    with keeping_inputs():
        run_fit(asked, fit, NEVER)
    _say(console, predict)
    with keeping_inputs():
        run_predict(files["model"], str(files["new"]), str(files["predicted"]), [], Reading())
    predicted = read_table(files["predicted"]).table
    for line in files["predicted"].read_text("utf-8").splitlines()[:4]:
        console.print(line)
    right = sum(a == b for a, b in zip(predicted.column(_TARGET).to_pylist(), truth, strict=True))
    console.print(
        tr(
            "... Of the {n} new penguins, {right} were predicted as they are. Open the report in a "
            "browser to see why.",
            n=_N_NEW,
            right=right,
        )
    )


def _say(console: Screen, command: str) -> None:
    console.print()
    console.print(Text(f"$ {command}", style="bold"), soft_wrap=True)
