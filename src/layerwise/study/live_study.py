"""What is seen while a study runs: the best networks so far, how far it is, the time left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from layerwise.language import counted, retold, tr
from layerwise.study.metrics import higher_is_better
from layerwise.study.written_scores import Units
from layerwise.training.progress import TERMINAL, LiveBar

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live
    from rich.table import Table

    from layerwise.study.plan import Plan
    from layerwise.study.stored_study import Progress

_MOST_ROWS, _MOST_ENDED = 8, 4


class LiveStudy:
    """A table and a bar in a terminal; elsewhere a line, with the best network so far.

    Where lines are all there is, one tells of each configuration that ends, a few in one line where
    they end within 5 seconds.

    Parameters
    ----------
    place : str
    stays : bool
        As of a `LiveBar`.
    """

    def __init__(self, place: str, *, stays: bool = False) -> None:
        self._bar = LiveBar(tr("studying"), "" if place == TERMINAL else place, stays=stays)
        self._place, self._stays = place, stays
        self._live: Live | None = None
        self._plan: Plan | None = None
        self._first: tuple[float, float] | None = None
        self._told: frozenset[int] = frozenset()  # that they have ended

    def begin(self, plan: Plan) -> None:
        """Show what comes of this plan."""
        self._plan = plan
        if self._place != TERMINAL:
            self._bar.start()
            return
        from rich.live import Live

        from layerwise.screen import Screen

        self._live = Live(
            console=Screen(stderr=True), transient=not self._stays, refresh_per_second=4
        )
        self._live.start()

    def __call__(self, progress: Progress) -> None:
        """Show how far it is."""
        if self._first is None:
            self._first = time.monotonic(), progress.work_done
        if self._live is not None:
            self._live.update(self._picture(progress))
        elif self._place != TERMINAL and self._plan is not None:
            total = progress.work_done + progress.work_left
            self._told &= progress.ended  # some may have been taken up again
            news = self._news(progress)
            if self._bar.show(progress.work_done, total, self._line(progress), news=news):
                self._told |= progress.ended

    @property
    def _metric(self) -> str:
        assert self._plan is not None
        return Units(self._plan.metric).heading

    def _news(self, progress: Progress) -> str:
        """Which configurations have ended since a line told so."""
        assert self._plan is not None
        ended = sorted(progress.ended - self._told)
        if not ended:
            return ""
        told = []
        for number in ended[:_MOST_ENDED]:
            scores = progress.scores.get(number)
            what = tr("failed") if not scores else f"{self._metric} {_mean(scores):.4f}"
            also = tr(", not pursued") if number in progress.pruned else ""
            told.append(f"{retold(self._plan.configurations[number].name)} ({what}{also})")
        more = len(ended) - len(told)
        names = ", ".join(told) + (tr(" and {n} more", n=more) if more else "")
        return tr("; ended: {networks}", networks=names)

    def _line(self, progress: Progress) -> str:
        assert self._plan is not None
        line = ", ".join([_done(progress), *self._time_left(progress)])
        for number in self.ranking(progress)[:1]:
            line += tr(
                "; best so far: {network}, {metric} {mean:.4f}",
                network=self._plan.configurations[number].name,
                metric=self._metric,
                mean=_mean(progress.scores[number]),
            )
        return "; ".join([line, *_like_fit(progress)])

    def _time_left(self, progress: Progress) -> list[str]:
        left = self._seconds_left(progress)
        return [] if left is None else [tr("about {time} left", time=_duration(left))]

    def _picture(self, progress: Progress) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        line = Table.grid(padding=(0, 1))
        total = progress.work_done + progress.work_left
        line.add_row(
            tr("studying"),
            ProgressBar(total=max(total, 1e-9), completed=progress.work_done, width=24),
            _done(progress),
            *self._time_left(progress),
        )
        rows = self.ranking(progress)
        table = [self._table(rows, progress)] if rows else []
        return Group(*table, line, *_like_fit(progress))

    def ranking(self, progress: Progress) -> list[int]:
        """Numbers of the best configurations so far, the best first."""
        assert self._plan is not None
        sign = -1.0 if higher_is_better(self._plan.metric) else 1.0
        there = [n for n in progress.scores if n not in progress.pruned]
        return sorted(there, key=lambda n: sign * _mean(progress.scores[n]))[:_MOST_ROWS]

    def _table(self, rows: list[int], progress: Progress) -> Table:
        from rich import box
        from rich.table import Table

        assert self._plan is not None
        table = Table(box=box.HORIZONTALS, show_edge=False, pad_edge=False)
        table.add_column(tr("best so far"))
        table.add_column(tr("parameters"), justify="right")
        table.add_column(self._metric, justify="right")
        table.add_column(tr("fits"), justify="right")
        for number in rows:
            configuration, scores = self._plan.configurations[number], progress.scores[number]
            table.add_row(
                retold(configuration.name),
                f"{configuration.n_parameters:,}",
                f"{_mean(scores):.4f}",
                str(len(scores)),
            )
        return table

    def _seconds_left(self, progress: Progress) -> float | None:
        """By the work done since this command began; None where there is none to tell."""
        if self._first is None or not progress.work_left:
            return None
        began, before = self._first
        took, done = time.monotonic() - began, progress.work_done - before
        return progress.work_left * took / done if done > 0 and took >= 1 else None

    def __enter__(self) -> LiveStudy:
        return self

    def end(self) -> None:
        """Show nothing more."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        self._bar.__exit__(kind, error, trace)


def _done(progress: Progress) -> str:
    return tr(
        "{done} of {n} fits, {networks} not pursued",
        done=progress.done,
        n=progress.done + progress.left,
        networks=counted(len(progress.pruned), "network"),
    )


def _like_fit(progress: Progress) -> list[str]:
    if progress.like_fit is None:
        return []
    fold, of = progress.like_fit
    return [tr("the recommended network as fit trains it, fold {i} of {n}", i=fold, n=of)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _duration(seconds: float) -> str:
    """About how long, in words.

    Examples
    --------
    >>> _duration(42.3), _duration(95), _duration(4_000)
    ('42 s', '2 min', '1 h 7 min')
    """
    if seconds < 60:
        return tr("{seconds} s", seconds=f"{seconds:.0f}")
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("{minutes} min", minutes=minutes)
    return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
