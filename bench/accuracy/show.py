"""The result as tables on the screen, and as one for a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from parts.tables import titled
from rich.table import Table

from accuracy.models import DEFAULT, LIGHTGBM, MLP, OURS, REALMLP
from accuracy.results import BUSY, disturbed
from accuracy.summary import ROWS_FOR_TIME, Judged, Summary, fit_seconds, score, shown


def scores_and_times(summary: Summary, models: Sequence[str]) -> Table:
    """A row for each table, then what they come to; the best score of a row is bold."""
    table = titled(
        "Log loss or 1 - R2 (mean over seeds, lower is better), seconds to fit (median)", *models
    )
    for each in summary.tables:
        scores = [summary.score(model, each.name) for model in models]
        best = min((s for s in scores if s is not None), default=None)
        cells = [
            _cell(value, summary.seconds(model, each.name), best)
            for model, value in zip(models, scores, strict=True)
        ]
        table.add_row(f"{each.name} ({each.rows:,})", *cells)
    table.add_section()
    ranks = summary.rank(models)
    table.add_row("rank", *(f"{ranks[m]:.2f}" if m in ranks else "-" for m in models))
    for label, other, value in (
        ("score / RealMLP-TD's", REALMLP, score),
        ("score / LightGBM's", LIGHTGBM, score),
        ("score / the MLP's", MLP, score),
        ("fit time / RealMLP-TD's", REALMLP, fit_seconds),
    ):
        ratios = [summary.ratio(model, other, value) for model in models]
        table.add_row(label, *("-" if r is None else shown(r, summary) for r in ratios))
    for label, what in (("seconds, fits", "fit_seconds"), ("predictions", "predict_seconds")):
        table.add_row(f"{label}, all tables", *(_total(summary, m, what) for m in models))
    return table


def targets(summary: Summary, models: Sequence[str]) -> Table | None:
    """A row for each target, a column for each of our efforts."""
    ours = [model for model in OURS if model in models]
    if not ours:
        return None
    seeds = ",".join(map(str, summary.seeds))
    measured = f"{len(summary.tables)} tables, seeds {seeds}"
    table = titled(f"Targets of {DEFAULT} on {measured}; the others beside it", *ours)
    judged = [summary.targets(model) for model in ours]
    for row in zip(*judged, strict=True):
        table.add_row(row[0].target, *(_judged(each) for each in row))
    table.add_section()
    for each in summary.tables:
        times = [summary.times(model).get(each.name) for model in ours]
        if each.rows > ROWS_FOR_TIME and any(time is not None for time in times):
            cells = ("-" if time is None else f"{time:.3f}" for time in times)
            table.add_row(f"fit time / RealMLP-TD's, {each.name}", *cells)
    return table


def remarks(summary: Summary) -> list[str]:
    """What a reader of the times must know."""
    lines = []
    machines = {(fit["processor"], fit["cores"]) for fit in summary.fits.values()}
    if len(machines) > 1:
        names = "; ".join(f"{name}, {cores} cores" for name, cores in sorted(machines))
        lines.append(f"These fits ran on different machines, so times do not compare: {names}")
    counts = Counter(fit["model"] for fit in summary.fits.values() if disturbed(fit))
    if counts:
        which = ", ".join(f"{count} of {model}" for model, count in counts.items())
        lines.append(
            f"Others kept over {BUSY} cores busy during some fits, whose times are therefore too "
            f"long: {which}. --again disturbed measures them anew."
        )
    return lines


def as_json(summary: Summary, models: Sequence[str]) -> dict[str, Any]:
    """All of it, for a file."""
    ratios = {
        model: {
            f"{name} / {other}": found._asdict()
            for other in (REALMLP, LIGHTGBM, MLP)
            for name, value in (("score", score), ("fit_seconds", fit_seconds))
            if (found := summary.ratio(model, other, value)) is not None
        }
        for model in models
    }
    return {
        "ranks": summary.rank(models),
        "ratios": ratios,
        "targets": {
            model: [each._asdict() for each in summary.targets(model)]
            for model in OURS
            if model in models
        },
        "fits": list(summary.fits.values()),
    }


def _cell(score: float | None, seconds: float | None, best: float | None) -> str:
    if score is None or seconds is None:
        return "-"
    figure = f"{score:.4f}"
    return (f"[bold]{figure}[/]" if score == best else figure) + f" {_seconds(seconds):>5}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 99.5 else f"{seconds:.3g}"


def _total(summary: Summary, model: str, what: str) -> str:
    times = [summary.seconds(model, table.name, what) for table in summary.tables]
    if any(time is None for time in times):
        return "-"
    return _seconds(sum(time for time in times if time is not None))


def _judged(each: Judged) -> str:
    if each.met is None:
        return f"{each.found}: fits missing" if each.found != "-" else "-"
    colour, mark = ("green", "met") if each.met else ("red", "not met")
    return f"[{colour}]{each.found}: {mark}[/]"
