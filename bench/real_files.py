"""What is decided on the columns of real files, and how much of it a careful person would say.

    python bench/real_files.py FOLDER --labels bench/real_files_labels.tsv --out new.tsv
    python bench/real_files.py FOLDER --out new.tsv --compare old.tsv
    python bench/real_files.py FOLDER --fits 5

Reads every CSV file below the folder, which holds one folder for each collection. The collections
of the labels are github.com/fivethirtyeight/data, as `fivethirtyeight`, the csv folder of
github.com/vincentarelbundock/Rdatasets, as `rdatasets`, github.com/plotly/datasets, as `plotly`,
and, with some files each, curran/data as `curran`, corazzon/OpenDataWrangling as
`opendatawrangling`, selva86/datasets as `selva86`, jokecamp/FootballData as `footballdata`,
allisonhorst/palmerpenguins as `palmerpenguins`, weecology/PortalData as `portaldata`,
chadwickbureau/baseballdatabank as `baseballdatabank`, YBI-Foundation/Dataset as `ybi`,
amankharwal/Website-data as `amankharwal`, OpenIntroStat/openintro as `openintro`,
prasertcbs/basic-dataset as `basicdataset`, okfn-brasil/serenata-de-amor as `rosie`,
italia/covid19-opendata-vaccini as `vaccini`, kaz-ogiwara/covid19 as `covidjapan`,
turicas/covid19-br as `covidbrazil`, rmcelreath/rethinking as `rethinking`,
datasets/s-and-p-500-companies as `sp500`, chendaniely/pandas_for_everyone as `pandasforeveryone`,
zygmuntz/goodbooks-10k as `goodbooks`, jalapic/engsoccerdata as `engsoccer` and
the-pudding/data as `pudding`. For each column it prints its kind and what
it is read as; for each file whether its first line was taken for names, the lines left out, and the
seconds it took to read beside pandas. What is printed has the same order every time, so that two
runs can be compared; the seconds are left out of that.

With labels, those files alone are read, and what is wrong by them is printed at the end: exit code
1 unless 97 % of the columns and every header are right, no giveaway is false, and no file takes
longer than twice pandas. With `--fits`, so many files, those with the most cells and classes, are
fitted and judged too, on one thread: exit code 1 if one takes the processor longer than 30 s.
`--smoke` makes a few files of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from joblib import Parallel, delayed
from parts.common import progress
from real.decisions import CRASHED, READ, REFUSED, Decisions, decide, kind_of, read_as
from real.fits import MOST_SECONDS, fit, fits_table, most_work
from real.labels import (
    FileLabels,
    Verdict,
    false_giveaways,
    header_fault,
    judge,
    read_labels,
)
from rich.console import Console
from rich.table import Table

LEAST_RIGHT = 0.97
MOST_TIMES_PANDAS = 2.0
SHORT = 0.02
"""Seconds: of files that are read faster the ratio says little."""

MOST_SLOW = 12
COLUMNS = ("file", "column", "name", "kind", "read as")
SMOKE_LABELS = {
    "made/sizes.csv": ["number", "category|boolean", "date"],
    "made/without names.csv": ["number", "number"],
    "made/page.csv": [],
}
Row = tuple[str, ...]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", help="of folders of CSV files")
    parser.add_argument("--labels", type=Path, metavar="TSV", help="what is right, file by file")
    parser.add_argument("--only", default="", metavar="TEXT", help="files with this in their path")
    parser.add_argument("--out", type=Path, metavar="TSV", help="write the decisions there too")
    parser.add_argument("--compare", type=Path, metavar="TSV", help="what changed since this --out")
    parser.add_argument("--fits", type=int, default=0, metavar="N", help="fit the N largest too")
    parser.add_argument("--workers", type=int, default=1, help="processes; times are best with 1")
    parser.add_argument("--smoke", action="store_true", help="a few files of its own")
    chosen = parser.parse_args()
    if (chosen.folder is None) != chosen.smoke:
        parser.error("name the folder of files, or --smoke, which makes its own")
    return chosen


def rows_of(found: Decisions) -> Iterator[Row]:
    """A file's line in the table of decisions, and one for each of its columns."""
    read = found.read
    if read is None:
        yield found.file, "0", "", found.outcome, found.said
        return
    header = "names" if found.has_names else "no names"
    told = [f"{read.n_rows} rows", f"{read.encoding}", f"{read.delimiter!r} between cells"]
    if read.problems:
        told.append(f"{len(read.problems)} lines left out, {found.n_above} above the header")
    if found.target:
        told.append(f"target {found.target}")
    if found.said:
        told.append(f"{found.outcome}: {found.said}")
    yield found.file, "0", "", header, "; ".join(told)
    for number, column in enumerate(found.columns, start=1):
        yield found.file, str(number), column.name, kind_of(column), read_as(column)
    for said in sorted(found.giveaways):
        yield found.file, "0", said, "giveaway", ""


def written(rows: Iterable[Row]) -> str:
    """Rows as TSV; spaces take the place of what would end a cell."""
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def changes(old: str, new: str) -> list[str]:
    """The lines that differ, those of before and now below each other."""
    before, now = set(old.splitlines()), set(new.splitlines())
    lines = [(line, "- ") for line in before - now] + [(line, "+ ") for line in now - before]
    return [f"{sign}{line}" for line, sign in sorted(lines, key=_place)]


def _place(line: tuple[str, str]) -> tuple[str, int, bool, str]:
    file, number, *_ = line[0].split("\t")
    return file, int(number) if number.isdigit() else -1, line[1] == "+ ", line[0]


def files_of(chosen: argparse.Namespace, labels: dict[str, FileLabels]) -> list[str]:
    """The files to read, in sorted order."""
    there = sorted(
        path.relative_to(chosen.folder).as_posix()
        for path in chosen.folder.rglob("*")
        if path.suffix.lower() == ".csv" and chosen.only in path.as_posix()
    )
    if not labels:
        return there
    missing = sorted(set(labels) - set(there)) if not chosen.only else []
    if missing:
        progress(f"{len(missing)} labelled files are not there, such as {missing[0]}")
    return [file for file in there if file in labels]


def show_files(found: Sequence[Decisions], console: Console) -> None:
    """How many were read, what was refused, and which took long."""
    outcomes = Counter(one.outcome for one in found)
    n_columns = sum(len(one.columns) for one in found)
    console.print(
        f"{len(found):,} files, {n_columns:,} columns: {outcomes[READ]:,} read, "
        f"{outcomes[REFUSED]:,} refused, {outcomes[CRASHED]:,} crashed"
    )
    for one in found:
        if one.outcome != READ:
            console.print(f"  {one.outcome}: {one.file}: {one.said}", markup=False)
    timed = [one for one in found if one.ratio is not None]
    n_slow = sum((one.ratio or 0) > MOST_TIMES_PANDAS for one in timed)
    console.print(
        f"pandas cannot read {sum(one.pandas_seconds is None for one in found if one.read)} of "
        f"them; the others took {sum(one.seconds for one in timed):.1f} s, and pandas "
        f"{sum(one.pandas_seconds or 0 for one in timed):.1f} s: {n_slow} of {len(timed)} longer "
        f"than {MOST_TIMES_PANDAS:g} times, {len(too_slow(found))} of these more than {SHORT} s"
    )
    table = Table("slowest beside pandas", "seconds", "pandas", "times")
    for one in sorted(timed, key=lambda one: -(one.ratio or 0) * (one.seconds > SHORT))[:MOST_SLOW]:
        table.add_row(
            one.file, f"{one.seconds:.3f}", f"{one.pandas_seconds:.3f}", f"{one.ratio:.1f}"
        )
    console.print(table)


def too_slow(found: Iterable[Decisions]) -> list[Decisions]:
    """Files that took longer than is wanted."""
    return [one for one in found if one.seconds > SHORT and (one.ratio or 0) > MOST_TIMES_PANDAS]


def show_verdicts(
    found: Sequence[Decisions], labels: dict[str, FileLabels], folder: Path, console: Console
) -> bool:
    """Right and wrong by kind, and all that is wrong; returns whether it is good enough."""
    verdicts = [v for one in found for v in judge(one, labels[one.file])]
    faults = {
        one.file: fault
        for one in found
        if (fault := header_fault(one, labels[one.file], folder / one.file))
    }
    false = {one.file: said for one in found if (said := false_giveaways(one, labels[one.file]))}
    console.print(by_kind(verdicts))
    for verdict in verdicts:
        if not verdict.is_right and not verdict.is_nearly:
            label, right = verdict.label, " or ".join(verdict.label.kinds)
            console.print(
                f"  {verdict.file}, column {label.column} {label.name[:40]!r}: "
                f"{verdict.why or f'{verdict.kind}, where {right} is right'}",
                markup=False,
            )
    for file, fault in faults.items():
        console.print(f"  header of {file}: {fault}", markup=False)
    for file, said in false.items():
        for one in said:
            console.print(f"  false giveaway in {file}: {one}", markup=False)
    n, n_files = len(verdicts), len(found)
    n_right = sum(verdict.is_right for verdict in verdicts)
    n_nearly = sum(verdict.is_nearly for verdict in verdicts)
    n_false = sum(map(len, false.values()))
    console.print(
        f"columns right: {n_right:,} of {n:,} ({n_right / n:.2%}); with categories whose order was "
        f"not seen {n_right + n_nearly:,} ({(n_right + n_nearly) / n:.2%}). Headers right: "
        f"{n_files - len(faults)} of {n_files}. False giveaways: {n_false}, in {len(false)} files"
    )
    return (n_right + n_nearly) / n >= LEAST_RIGHT and not faults and not false


def by_kind(verdicts: Sequence[Verdict]) -> Table:
    """Right and wrong by the best kind of the labels, and what the wrong ones were taken for."""
    table = Table("right kind", "columns", "right", "nearly", "wrong", "taken for")
    for kind in sorted({verdict.label.kinds[0] for verdict in verdicts}):
        own = [verdict for verdict in verdicts if verdict.label.kinds[0] == kind]
        n_right = sum(verdict.is_right for verdict in own)
        n_nearly = sum(verdict.is_nearly for verdict in own)
        wrong = Counter(
            f"{v.kind}, misread" if v.why else v.kind
            for v in own
            if not v.is_right and not v.is_nearly
        )
        taken = ", ".join(f"{other} {count}" for other, count in wrong.most_common())
        table.add_row(kind, *map(str, (len(own), n_right, n_nearly, wrong.total())), taken)
    return table


def make_smoke(folder: Path) -> dict[str, FileLabels]:
    """Three files, and what is right for them."""
    made = folder / "made"
    made.mkdir()
    sizes = [f"{i * 37 % 101},{'ab'[i % 2]},2024-01-{i % 28 + 1:02d}" for i in range(40)]
    made.joinpath("sizes.csv").write_text("\n".join(["size,kind,day", *sizes]) + "\n")
    made.joinpath("without names.csv").write_text(
        "".join(f"{i * 7 % 23 + 0.5},{i * 5 % 19 + 0.25}\n" for i in range(30))
    )
    made.joinpath("page.csv").write_text("<html>\n<body>\n")
    path = folder / "labels.tsv"
    rows: list[Row] = [("collection", "file", "column", "name", "kind", "cells")]
    for file, kinds in SMOKE_LABELS.items():
        header = {"page.csv": REFUSED, "without names.csv": "none"}.get(file[5:], "1")
        rows.append(("made", file[5:], "0", "(header)", header, ""))
        rows += [("made", file[5:], str(i), "", kind, "") for i, kind in enumerate(kinds, 1)]
    path.write_text(written(rows))
    return read_labels(path)


def main() -> None:
    """Read, print, compare, and complain with exit code 1."""
    chosen = arguments()
    console = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory() as temporary:
        if chosen.smoke:
            chosen.folder = Path(temporary)
        labels = make_smoke(chosen.folder) if chosen.smoke else {}
        if chosen.labels:
            labels = read_labels(chosen.labels)
        is_good = run(chosen, labels, console)
    if not is_good:
        sys.exit(1)


def run(chosen: argparse.Namespace, labels: dict[str, FileLabels], console: Console) -> bool:
    """All that is asked for; returns whether it is as good as it should be."""
    files = files_of(chosen, labels)
    if not files:
        sys.exit(f"{chosen.folder} holds no CSV file to be read")
    found: list[Decisions] = []
    jobs = (
        delayed(decide)(chosen.folder / file, file, labels[file].target if labels else "")
        for file in files
    )
    for one in Parallel(n_jobs=chosen.workers, return_as="generator")(jobs):
        found.append(one)
        if len(found) % 50 == 0:
            progress(f"{len(found):,} of {len(files):,}: {one.file}")
    text = written([COLUMNS, *(row for one in found for row in rows_of(one))])
    if chosen.out:
        chosen.out.write_text(text, encoding="utf-8")
    if not chosen.compare and not labels:
        sys.stdout.write(text)
    if chosen.compare:
        changed = changes(chosen.compare.read_text(encoding="utf-8"), text)
        console.print(f"{len(changed):,} lines differ from {chosen.compare}")
        console.print("\n".join(changed), markup=False)
    show_files(found, console)
    is_good = not any(one.outcome == CRASHED for one in found)
    if chosen.fits:
        fits = [fit(chosen.folder / one.file, one) for one in most_work(found, chosen.fits)]
        console.print(fits_table(fits))
        is_good &= chosen.smoke or all(one.total <= MOST_SECONDS for one in fits)
    if labels:
        is_good &= show_verdicts(found, labels, chosen.folder, console)
        is_good &= chosen.smoke or not too_slow(found)
    return is_good


if __name__ == "__main__":
    main()
