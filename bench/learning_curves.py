"""Whether the power laws of learning curves foretell the largest size from the smaller ones.

    python bench/learning_curves.py folder --kept curves

For each table that the folder's index.csv lists: at most `--rows` rows are studied with learning
curves (a linear model, 1 x 32 relu and gradient-boosted trees; six sizes up to four fifths of the
rows, five folds). It prints what the smaller sizes alone foretell of the largest, what was
measured, and what twice the rows would bring; and how many of the intervals hold what was measured.

Each table's study is a file of the folder `--kept`, and tables that have one are not done again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import machine
import numpy as np
from accuracy.tables import Table, listed, made

from layerwise.study import DepthStudy, StudyResults
from layerwise.study.learning_curves import LearningCurve, LearningCurves, learning_curves
from layerwise.study.recommendation import recommend
from layerwise.study.written_scores import Units

_LEVELS = (0.5, 0.8, 0.95)


def studied(table: Table, options: argparse.Namespace) -> StudyResults:
    """What a study of one table found, from its file where there is one."""
    file = options.kept / f"{table.name}.json"
    if not file.exists():
        frame = table.frame()
        drawn = np.random.default_rng(0).permutation(len(frame))[: options.rows]
        study = DepthStudy(
            depth=[0, 1],
            width=[options.width],
            activation=["relu"],
            seeds=1,
            epochs=options.epochs,
            task=table.task,
            workers=options.workers,
            fit_score=False,
            learning_curves=True,
        )
        study.fit(frame.iloc[drawn].reset_index(drop=True), target=table.target)
        file.write_text(study.study_.to_json())
    return StudyResults.from_json(file.read_text())


def curves_of(results: StudyResults) -> LearningCurves:
    """The learning curves of a study that has some."""
    answer = recommend(results)
    found = None if answer is None else learning_curves(results, answer)
    assert found is not None
    return found


def show(table: str, results: StudyResults) -> list[LearningCurve]:
    """A line for each model."""
    units, found = Units(results.metric), curves_of(results)
    for curve in found.models:
        foretold = units.score_between(curve.foretold.low, curve.foretold.high)
        gain = units.difference_between(curve.gain.low, curve.gain.high)
        print(
            f"{table:20}{curve.name.removeprefix('gradient-boosted '):15}{curve.rows:7,.0f}"
            f"{foretold:>20}{units.value(curve.score):>9}{'' if curve.is_foretold else ' !':2}"
            f"{gain:>24}  {curve.verdict(len(found.models))}",
            flush=True,
        )
        table = ""
    return list(found.models)


def close(curves: Sequence[LearningCurve]) -> None:
    """How many intervals hold what was measured."""
    for level in _LEVELS:
        n = sum(curve.score in curve.foretold_at(level) for curve in curves)
        print(
            f"intervals of {level:.0%} told from the smaller sizes hold the score of the largest: "
            f"{n} of {len(curves)} ({n / len(curves):.0%})"
        )


def main() -> None:
    """Study what is not done yet, and print all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", help="with an index.csv")
    parser.add_argument("--kept", type=Path, help="a folder for the studies")
    parser.add_argument("--only", help="names of tables, with commas between them")
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--workers", type=int, default=machine.cores())
    parser.add_argument("--smoke", action="store_true", help="two tiny tables")
    options = parser.parse_args()
    if options.smoke:
        options.width, options.epochs, options.workers = 4, 2, 1
        tables = made(160)
    elif options.folder is None:
        parser.error("name the folder of the tables")
    else:
        tables = listed(options.folder)
    if options.only:
        tables = [table for table in tables if table.name in options.only.split(",")]
    with ExitStack() as stack:
        if options.kept is None:
            options.kept = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        options.kept.mkdir(parents=True, exist_ok=True)
        print(
            f"{'table':20}{'model':15}{'rows':>7}{'foretold':>20}{'measured':>9}{'':2}"
            f"{'twice the rows bring':>24}"
        )
        started = time.process_time()
        curves = [curve for t in tables for curve in show(t.name, studied(t, options))]
    close(curves)
    if options.workers == 1:
        print(f"{time.process_time() - started:.0f} s of the processor")


if __name__ == "__main__":
    main()
