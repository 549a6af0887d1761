"""What every part is given, and the small print that parts share."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from networks import NETS, SMOKE_NETS, Net
from peers import PEERS, installed, our_subjects, peer_subjects
from worker import Subject, Worker, interleave


@dataclass(frozen=True)
class Scale:
    """How long and how large everything is; `smoke` is only to see that it runs."""

    rounds: int
    smoke: bool
    cores: int

    @property
    def nets(self) -> tuple[Net, ...]:
        return SMOKE_NETS if self.smoke else NETS

    @property
    def seconds(self) -> float:
        """Length of one round of one subject."""
        return 0.01 if self.smoke else 0.25

    @property
    def train_rows(self) -> int:
        return 256 if self.smoke else 8192

    @property
    def predict_rows(self) -> int:
        return 1000 if self.smoke else 100_000

    def target(self, wanted: float) -> float | None:
        """A target; at a tiny size nothing is asked."""
        return None if self.smoke else wanted


def progress(text: str) -> None:
    """A line to whoever waits."""
    print(text, file=sys.stderr, flush=True)


def everyone(scale: Scale) -> tuple[list[Subject], list[str]]:
    """All that is installed here, and the names of what is not."""
    present = [peer for peer in PEERS if installed(peer)]
    missing = [peer for peer in PEERS if not installed(peer)]
    subjects = [s for peer in present for s in peer_subjects(peer, scale.cores)]
    if installed("layerwise"):
        subjects += our_subjects(scale.cores)
    else:
        missing.append("layerwise")
    return subjects, missing


def our_own(scale: Scale) -> tuple[list[Subject], list[str]]:
    """Ours with each product and its own choice of threads, or that it is not installed."""
    if not installed("layerwise"):
        return [], ["layerwise"]
    return [subject for subject in our_subjects(scale.cores) if subject.threads is None], []


@contextmanager
def workers_for(subjects: Sequence[Subject]) -> Iterator[list[Worker]]:
    """Processes for them all, ended whatever happens."""
    with ExitStack() as stack:
        workers = []
        for subject in subjects:
            worker = Worker(subject)
            stack.callback(worker.close)
            workers.append(worker)
        yield workers


def measure(workers: Sequence[Worker], scale: Scale, task: str, **arguments: Any) -> dict[str, Any]:
    """Prepare the same task everywhere, run the rounds, let go of it again."""
    ways = {
        worker.subject.label: worker.ask("prepare", task=task, seconds=scale.seconds, **arguments)
        for worker in workers
    }
    turns = {worker.subject.label: partial(worker.ask, "round") for worker in workers}
    rounds = interleave(turns, scale.rounds)
    for worker in workers:
        worker.ask("forget")
    return {"ways": ways, "rounds": rounds}
