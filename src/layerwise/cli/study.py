"""`layerwise study`: from a file and the name of a column to an answer, a page and a model."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from layerwise.cli.options import target_names
from layerwise.cli.output_files import check_outputs, is_written, table_name
from layerwise.cli.printing import make_console, print_json
from layerwise.cli.refusals import FAILED, INTERRUPTED, complain
from layerwise.language import counted, message, retold, said, tr
from layerwise.screen import Text
from layerwise.signals import raising_after
from layerwise.texts import times

if TYPE_CHECKING:
    import pyarrow as pa

    from layerwise.cli.study_options import StudyOptions
    from layerwise.screen import Screen
    from layerwise.study.depth_study import DepthStudy
    from layerwise.study.plan import Plan
    from layerwise.study.stored_study import KeptStudy
    from layerwise.tables.reading import ReadTable
    from layerwise.training.time_limit import Deadline

# Of a limit of time, where a model is trained at the end, and where only the page is written.
_SHARE_OF_STUDY, _SHARE_WITHOUT_MODEL = 0.7, 0.95
_MANY_FITS = 2_000
_PAGE_SECONDS = 3.0  # which are left for it, where the limit is not so short that it is half


def run_study(options: StudyOptions, command: str, deadline: Deadline) -> None:
    """Read, study, answer; write the page, and the model if one was asked for."""
    from layerwise.cli.study_result import print_answers, result
    from layerwise.cli.words import print_reading
    from layerwise.study.live_study import LiveStudy
    from layerwise.study.results import StudyInterrupted
    from layerwise.study.words_on_pairs import named_networks
    from layerwise.tables.reading import read_table
    from layerwise.training.progress import find_place

    console = make_console()
    console.quiet = options.as_json
    name = table_name(options.source)
    report = options.report or Path(f"{name}.study.html")
    study = _study(options, name)
    _check_paths(options, report, _shown(study.database))
    # What is no limit of time is refused below, in words.
    seconds = deadline.left if (options.time_limit or 0.0) > 0 else math.inf
    try:
        with LiveStudy(find_place()) as live, raising_after(seconds) as call_off:
            read = read_table(options.source, **options.reading.arguments())
            print_reading(console, read)
            if seconds < math.inf and deadline.is_over:
                raise TimeoutError  # what was read with may have taken the alarm for its own

            def begin(plan: Plan) -> None:
                call_off()
                live.begin(plan)

            study.set_params(on_progress=live)
            _fit(study, read, options, console, begin, _share(deadline, options))
    except TimeoutError:
        said = "the time limit was over before the first fit: reading and preparing the table took"
        raise typer.Exit(complain(f"{said} all of it; allow for more", FAILED)) from None
    except StudyInterrupted as error:
        raise typer.Exit(complain(str(error), INTERRUPTED)) from None
    study.set_params(on_progress=None)
    compare = None
    if options.compare:
        compare = [c.name for c in named_networks(study.study_.configurations, options.compare)]
    print_answers(console, study, compare)
    stopped = study.study_.stopped
    if stopped:
        text = tr(
            "The study ended early ({why}); this is the answer so far. The same command with "
            "--resume goes on with it.",
            why=study.study_.why_stopped,
        )
        console.print(Text(text, "yellow"))
    reported = is_written(
        lambda: _write_page(study, read, report, command, compare), "the page of answers"
    )
    saved = None
    if options.output is not None and stopped != "interrupted":
        saved = _save_model(study, read, options, deadline)
    elif options.output is not None:
        text = tr("{path} was not written: go on with --resume", path=options.output)
        console.print(Text(text, "yellow"))
    console.print()
    if reported:
        console.print(Text(tr("answers {path}", path=report), overflow="fold"))
    console.print(Text(tr("fits    {path}", path=_shown(study.database)), overflow="fold"))
    if saved:
        console.print(Text(tr("model   {path}", path=options.output), overflow="fold"))
    if options.as_json:
        files = {
            "report": str(report) if reported else None,
            "model": str(options.output) if saved else None,
            "database": _shown(study.database),
        }
        print_json(result(study, compare) | files)
    if not reported or saved is False:
        raise typer.Exit(FAILED)


def _share(deadline: Deadline, options: StudyOptions) -> Deadline:
    """The study's own limit of time: something is left for the page, and for a model."""
    if options.output:
        return deadline.share(_SHARE_OF_STUDY)
    for_page = _PAGE_SECONDS / max(deadline.left, _PAGE_SECONDS)
    return deadline.share(min(max(0.5, 1.0 - for_page), _SHARE_WITHOUT_MODEL))


def _study(options: StudyOptions, name: str) -> DepthStudy:
    from layerwise.study.configurations import parse_numbers
    from layerwise.study.depth_study import DepthStudy
    from layerwise.study.results import StudyError
    from layerwise.study.variations import parse_variations

    names = DepthStudy().get_params()
    as_they_are = {key: value for key, value in vars(options).items() if key in names}
    of_text: dict[str, Any] = {
        "name": options.name or name,
        "database": options.database or f"{name}.study.db",
        "vary": parse_variations(options.vary or ()) or None,
    }
    for key in ("depth", "width", "activation"):
        typed = as_they_are.pop(key)
        if typed is None:
            continue
        if key in (of_text["vary"] or ()):
            raise StudyError(f"{key} is given twice, as --{key} and as --vary: leave out one")
        of_text[key] = (
            [part.strip() for part in typed.split(",") if part.strip()]
            if key == "activation"
            else parse_numbers(typed, key)
        )
    return DepthStudy(
        **(as_they_are | of_text),
        early_stopping=not options.no_early_stopping,
        pruning=not options.no_prune,
        trees=not options.no_trees,
        fit_score=not options.no_fit_score,
        selection=not options.no_selection,
        learning_curves=options.rows,
        random_state=options.seed,
    )


def _fit(
    study: DepthStudy,
    read: ReadTable,
    options: StudyOptions,
    console: Screen,
    begin: Callable[[Plan], None],
    deadline: Deadline,
) -> None:
    from layerwise.cli.words import print_findings
    from layerwise.study.plan import make_plan
    from layerwise.tables.findings import check_table

    study.set_params(**options.columns.named(read.table.column_names))
    table, targets, groups = _parts(read.data, options)
    rows = study.rows(table, target=targets, groups=groups)
    y, _ = rows.task.encode(*(table.column(target) for target in targets))
    if options.compare:
        _check_compared(make_plan(study, rows), options.compare)

    def begun(kept: KeptStudy) -> None:
        plan = kept.plan
        console.print()
        console.print(f"{', '.join(rows.task.names)}: {retold(rows.task.reason)}")
        is_squared = plan.metric != "mae"
        findings = check_table(table, rows.columns, rows.task, y, is_squared=is_squared)
        print_findings(console, findings)
        for line in _plan_lines(plan, len(rows)):
            console.print(line)
        if kept.widening:
            progress = kept.progress()
            text = tr(
                "The study is widened: {widening}. {done} of its {n} fits are done already",
                widening=kept.widening,
                done=progress.done,
                n=progress.done + progress.left,
            )
            console.print(text)
        begin(plan)

    study.fit_rows(rows, begun, deadline=deadline)


def _check_compared(plan: Plan, names: list[str]) -> None:
    """Refuse names of networks that are not among those to be fitted, before any is."""
    from layerwise.study.results import StudyError
    from layerwise.study.words_on_pairs import named_networks

    try:
        n = len(named_networks(plan.configurations, names))
    except ValueError as error:
        raise StudyError(f"--compare: {error}") from None
    if n < 2:
        raise StudyError(f"--compare takes two networks or more, each named so; got {names[0]!r}")


def _parts(
    table: pa.Table, options: StudyOptions
) -> tuple[pa.Table, list[str], pa.ChunkedArray | None]:
    """The table without its groups, the targets' names, and the groups."""
    from layerwise.tables.names import check_names
    from layerwise.tables.targets import with_targets_of_file

    targets = target_names(options.targets, table.column_names)
    table = with_targets_of_file(table, targets)
    if options.group_column is None:
        return table, targets, None
    of_groups = check_names([options.group_column], table.column_names, "named for groups")
    return table.drop_columns(of_groups), targets, table.column(of_groups[0])


def _plan_lines(plan: Plan, n_rows: int) -> list[str]:
    """What is going to be done."""
    from layerwise.ensemble.named_settings import named_settings
    from layerwise.study.results import settings_tried

    configurations = plan.configurations
    deep = [c for c in configurations if c.depth]
    n, text = counted(len(configurations), "network"), message("{networks}: a linear model")
    if deep:
        text = message("{networks}: a linear model, and {depths} with {widths} and {activations}")
    depths, widths = sorted({c.depth for c in deep}), sorted({c.width for c in deep})
    several_depths = _several(message("depth {values}"), message("depths {values}"), depths)
    several_widths = _several(message("width {values}"), message("widths {values}"), widths)
    networks = tr(
        text,
        networks=n,
        depths=several_depths,
        widths=several_widths,
        activations=", ".join(dict.fromkeys(str(c.activation) for c in deep)),
    )
    known, tried = named_settings(), settings_tried(configurations)
    if tried:
        several = (
            f"{tr(known[name].noun)} {', '.join(map(retold, map(known[name].label, values)))}"
            for name, values in tried.items()
        )
        networks += tr("; each with {settings}", settings="; ".join(several))
        if any(len(c.settings) < len(tried) for c in configurations):
            networks += tr(", of these what it has a use for")
    epochs = max(tried.get("epochs", [plan.epochs]))
    ends = message("at most {n} epochs, fewer if {patience} bring nothing")
    if plan.patience is None:
        ends = message("up to {n} epochs") if "epochs" in tried else message("{n} epochs")
    settled = []
    if "batch_size" not in tried:
        settled.append(tr("batches of {n}", n=plan.batch_size))
    if "learning_rate" not in tried:
        rate = plan.learning_rate
        own = said("each optimiser's own learning rate")
        written = own if rate is None else known["learning_rate"].written(rate)
        settled.append(tr(written))
    settled.append(tr("seed {seed}", seed=plan.seed))
    n_fits = plan.folds * plan.repeats
    fits = tr(
        "{rows} in {folds} folds, {times}; for each network {n:,} fits of {epochs} ({settings})",
        rows=counted(n_rows, "row"),
        folds=plan.folds,
        times=times(plan.repeats),
        n=n_fits,
        epochs=tr(ends, n=epochs, patience=plan.patience),
        settings=", ".join(settled),
    )
    lines = [networks, fits]
    if plan.shares:
        n_train = n_rows - -(-n_rows // plan.folds)
        text = message(
            "Then the linear model, the recommended network and one of each depth on {n} samples "
            "of the rows, from {rows:,} on"
        )
        if plan.trees:
            text = message(
                "Then the linear model, the recommended network, one of each depth and the trees "
                "on {n} samples of the rows, from {rows:,} on"
            )
        lines.append(tr(text, n=len(plan.shares) - 1, rows=round(plan.shares[0] * n_train)))
    total = len(configurations) * n_fits
    if total > _MANY_FITS:
        text = message(
            "That is {n:,} fits: how long they take is shown once some are done; --time-limit "
            "SECONDS ends it with what there is by then"
        )
        if plan.repeats > 1:
            text = message(
                "That is {n:,} fits: how long they take is shown once some are done; --seeds 1 "
                "makes it {once:,}; --time-limit SECONDS ends it with what there is by then"
            )
        lines.append(tr(text, n=total, once=total // plan.repeats))
    return lines


def _several(one: str, many: str, values: list[int]) -> str:
    """Some numbers and what they are, by a text of the catalogue."""
    shown = ", ".join(map(str, values))
    if len(values) > 3 and values == list(range(values[0], values[-1] + 1)):
        shown = tr("{low} to {high}", low=values[0], high=values[-1])
    return tr(many if len(values) > 1 else one, values=shown)


def _write_page(
    study: DepthStudy, read: ReadTable, path: Path, command: str, compare: list[str] | None
) -> None:
    from layerwise.report.page import write_page
    from layerwise.report.study_page import render_study_page
    from layerwise.version import versions

    render = partial(
        render_study_page,
        study.study_,
        study.recommendation_,
        command=command,
        title=f"{read.files[0]}: {study.study_.target}",
        date=dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        versions=versions(),
        compare=compare,
    )
    write_page(render, path)


def _save_model(
    study: DepthStudy, read: ReadTable, options: StudyOptions, deadline: Deadline
) -> bool:
    """Train the recommended network on all rows, and save the model."""
    from layerwise.cli.fit_result import stopped_early
    from layerwise.ensemble.live_training import LiveTraining
    from layerwise.store import save
    from layerwise.training.progress import find_place

    assert options.output is not None
    table, targets, groups = _parts(read.data, options)
    # Once there is an epoch there is a model, which the deadline then ends in good order.
    try:
        with LiveTraining(find_place()) as live, raising_after(deadline.left) as call_off:

            def on_epoch(*epoch: Any) -> None:
                call_off()
                live(*epoch)

            model = study.best_model(on_epoch=on_epoch)
            with model.part_of_more(deadline):
                model.fit(table, target=targets if len(targets) > 1 else targets[0], groups=groups)
    except TimeoutError:
        said = "the time limit was over before the first epoch of the model, which is not written"
        complain(f"{said}; with --resume and more time it is all that is left to do")
        return False
    model.set_params(on_epoch=None)
    for note in [stopped_early(model), *model.notes_]:
        if note:
            complain(tr("the model: {note}", note=note))
    output = options.output
    return is_written(lambda: save(model, output), "the model")


def _shown(database: object) -> str:
    from layerwise.study.database import shown_address

    return shown_address(str(database))


def _check_paths(options: StudyOptions, report: Path, database: str) -> None:
    """Make sure of where files go before any time is spent."""
    from layerwise.files.atomic_writing import declare_output
    from layerwise.tables.errors import TableError

    outputs = [path for path in (options.output, report) if path is not None]
    for path in outputs:
        if "://" not in database and path.resolve() == Path(database).resolve():
            raise TableError(f"{path} is the study's database; name another file to write to")
    if "://" not in database:
        declare_output(Path(database))
    check_outputs(outputs, [options.source])
