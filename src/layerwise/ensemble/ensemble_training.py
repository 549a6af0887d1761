"""Training an ensemble: its networks, as many at once as there are threads."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from layerwise.architecture import Architecture, Embedding, OneHot
from layerwise.arrays import Array, Integers
from layerwise.engine.threads import SharedThreads
from layerwise.ensemble.ensemble import Ensemble, Member
from layerwise.ensemble.ensemble_checkpoint import EnsembleCheckpoint
from layerwise.ensemble.folds import Fold, Problem, round_of, windows_for
from layerwise.ensemble.named_settings import optimizer_kind, part_of
from layerwise.ensemble.network_columns import columns_of, own_columns, silence, with_columns
from layerwise.ensemble.piece_edges import (
    edges_by_quantiles,
    edges_by_target,
    jumps_of_classes,
    with_jumps,
)
from layerwise.ensemble.recipe import Recipe
from layerwise.network import Network
from layerwise.training import Epoch, Optimizer, Trainer, TrainingDiverged
from layerwise.training.time_limit import NEVER, Deadline
from layerwise.training.trainer import load_engine

_FEW_PIECES = 4
_MOST_TREES = 500  # one for each column; more would take longer than the training
_ROWS_TO_CUT_BY = 50_000
_SLOWER = 0.3  # the learning rate with which trained networks go on
# on_epoch(network's number, how many networks, epoch, most epochs); in the order of time, and for
# the ends of intervals, networks come again.
OnEpoch = Callable[[int, int, "Epoch", int], None]


def network_for(
    problem: Problem, rows: Integers, recipe: Recipe, number: int, seed: int
) -> Network:
    """Return a new network for the problem, the pieces of its inputs cut by the rows given.

    Networks that see a table differently err differently, and their average errs less. So they
    take turns: pieces cut by the target, as many as that has use for; half as many of equally many
    rows; and, for numbers, only a few such pieces, which leave the function smoother. Where
    the shares of classes jump, all have a step: what a limit decides is then no slope to any.
    """
    turn = _turn(problem, number)
    is_cut = problem.x.shape[1] <= _MOST_TREES
    n_pieces = recipe.n_pieces if is_cut and turn == 0 else -(-recipe.n_pieces // 2)
    if turn == 2:
        n_pieces = min(_FEW_PIECES, n_pieces)
    if len(rows) > _ROWS_TO_CUT_BY:
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:_ROWS_TO_CUT_BY])
    y = problem.y[rows]
    weight = None if problem.weight is None else problem.weight[rows]
    n_inputs = problem.x.shape[1]
    edges = []
    for i in range(n_inputs if n_pieces else 0):
        column = problem.x[rows, i]
        if column.min() == column.max() or _has_two_values(column):
            edges.append(np.zeros(0, np.float32))
            continue
        own = edges_by_quantiles(column, n_pieces)
        if is_cut and (turn == 0 or problem.is_classes):
            cuts = edges_by_target(
                column, y, recipe.n_pieces, classes=problem.is_classes, weight=weight, seed=seed
            )
            own = cuts if turn == 0 else own
            if problem.is_classes:
                own = with_jumps(own, jumps_of_classes(column, y, cuts[1:-1]))
        edges.append(own)
    n_hidden = len(recipe.hidden)
    architecture = Architecture(
        [n_inputs, *recipe.hidden, problem.n_outputs],
        [recipe.activation] * n_hidden,
        problem.loss.output,
        dropout=recipe.dropout,
        initialization=recipe.initialization,
        input_scale=True,
        embeddings=[
            OneHot(size) if size <= recipe.one_hot else Embedding(size, recipe.embedding_size)
            for size in problem.code_sizes
        ],
        pieces=[max(0, len(e) - 1) for e in edges],
        **part_of(recipe.settings, "network"),
    )
    network = Network(architecture, seed=seed)
    for i, own in enumerate(edges):
        if len(own) > 1:
            network.edges[i] = own
    return network


def _turn(problem: Problem, number: int) -> int:
    """Whose turn it is: by the target, by quantiles or, for numbers, with few pieces."""
    return number % (2 if problem.is_classes else 3)


def _has_two_values(x: Array) -> bool:
    low, high = x.min(), x.max()
    return bool(((x == low) | (x == high)).all())


def trainer_for(recipe: Recipe, problem: Problem, n_rows: int, seed: int) -> Trainer:
    """Return the trainer of one network on so many rows."""
    kind = optimizer_kind(recipe.settings)
    own: dict[str, Any] = part_of(recipe.settings, "optimizer")
    common: dict[str, Any] = {
        "loss": problem.loss,
        "epochs": recipe.epochs,
        "patience": recipe.patience,
        "seed": seed,
        "n_threads": 1,
        **part_of(recipe.settings, "training"),
    }
    if not issubclass(kind, Optimizer):
        return Trainer(**common | {"optimizer": kind()})
    if "optimizer" not in recipe.settings:
        own = {"beta2": 0.95} | own
    optimizer = kind(
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        rate_factors={"scales": recipe.scale_rate, "biases": recipe.bias_rate},
        **own,
    )
    return Trainer(
        **common | {"optimizer": optimizer},
        batch_size=min(recipe.batch_size, n_rows),
        ema=recipe.ema or None,
    )


@dataclass
class _Stop:
    """Whether training is to end, as a rule once the first of the networks has an epoch behind it.

    The first and not any, so that ensembles that are cut short have held-out rows in common.
    """

    n_networks: int
    interrupt: object
    deadline: Deadline
    needs_one: bool
    why: str = ""
    begun: set[int] = field(default_factory=set)
    diverged: dict[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        first = next((n for n in range(self.n_networks) if n not in self.diverged), None)
        if not self.why and (first in self.begun or not self.needs_one):
            if self.interrupt:
                self.why = "interrupted"
            elif self.deadline.is_over:
                self.why = "time limit"
        return bool(self.why)

    @property
    def most_diverged(self) -> bool:
        return 2 * len(self.diverged) > self.n_networks

    def leave_out(self, number: int, what: str) -> None:
        """Note that a network diverged; where most have, the others need not go on."""
        self.diverged[number] = what
        if self.most_diverged:
            self.why = "diverged"


def train_ensemble(
    problem: Problem,
    recipe: Recipe,
    *,
    seed: int,
    n_threads: int,
    deadline: Deadline = NEVER,
    on_epoch: OnEpoch | None = None,
    interrupt: object = False,
    checkpoint: Path | None = None,
    beside: Mapping[str, object] = MappingProxyType({}),
    before: Ensemble | None = None,
    needs_one: bool = True,
) -> Ensemble:
    """Train an ensemble's networks, as many at once as there are threads.

    The last ones have the threads of those that have ended too: results depend on no number of
    threads, and no core waits for the longest training.

    Parameters
    ----------
    problem : Problem
    recipe : Recipe
    seed : int
    n_threads : int
    deadline : Deadline
        After which training ends with what there is.
    on_epoch : callable or None
        Told of each epoch, from any thread.
    interrupt : object
        Training ends when it becomes true.
    checkpoint : Path or None
        A folder in which each network is kept once it is trained, and where those that are kept
        already are taken from.
    beside : mapping
        What the checkpoint is to be refused for beside other rows, settings and networks.
    before : Ensemble or None
        Its networks go on learning, from these rows, instead of new ones.
    needs_one : bool
        Whether nothing ends training before one network has an epoch behind it.

    Raises
    ------
    ValueError
        If the checkpoint is of another training.
    TrainingDiverged
        If most networks diverge, as soon as that is certain, or all that there was time for; fewer
        are left out.
    TimeoutError
        If it ended before that.
    """
    plan = _plan_of(problem, recipe, seed, before)
    if before is not None:
        recipe = replace(recipe, learning_rate=_SLOWER * recipe.learning_rate)
    kept = None
    if checkpoint is not None:
        going_on = [] if before is None else [member.network for member in before.members]
        kept = EnsembleCheckpoint(checkpoint, problem, recipe, seed, going_on, beside)
    n, every_row = len(plan), np.arange(len(problem))
    # In the order of time each network is trained three times: on the first rows, stopped by later
    # ones, to see how many epochs are best; for as many on all rows before those that measure it;
    # and on all rows. One that is not trained again is what it was before.
    results: list[Member | None] = [None] * (n if problem.times is None else 3 * n)
    diverged_later: dict[int, str] = {}
    stop = _Stop(n, interrupt, deadline, needs_one)
    lock = threading.Lock()
    shared = SharedThreads(max(1, n_threads))

    def train(number: int) -> None:
        again, place = divmod(number, n)
        rows, stopping, measuring = plan[place]
        if kept is not None:
            results[number] = kept.load(number)
        if results[number]:
            stop.begun.add(number)
        if results[number] or stop:
            return
        part = later = None  # None: of all rows
        if again:
            if results[number - n] is None:
                return
            rows = part = every_row if again == 2 else np.concatenate([rows, stopping])
        elif rows is None:
            is_held_out = np.zeros(len(problem), bool)
            is_held_out[stopping] = True
            rows, later = np.flatnonzero(~is_held_out), stopping
        else:
            part = np.concatenate([rows, stopping])
            later = np.arange(len(rows), len(part))
        own_seed = (seed * 1_000 + place) % 2**32
        if before is None:
            columns = own_columns(problem, rows)
            given = with_columns(problem, *columns)
            network = network_for(given, rows, recipe, place, own_seed)
            silence(network, *columns)
        else:
            network = before.members[place].network.copy()
            given = with_columns(problem, *columns_of(network))
        trainer = replace(trainer_for(recipe, problem, len(rows), own_seed), n_threads=None)
        if again:
            best = [member.history.best_epoch or 1 for member in results[:n] if member]
            trainer = replace(trainer, epochs=round(np.median(best)), patience=None)
        if kept is not None:
            trainer = replace(trainer, checkpoint=kept.epochs_of(number))

        def told(_: Network, epoch: Epoch) -> bool:
            if on_epoch is not None:
                with lock:
                    on_epoch(place, n, epoch, trainer.epochs)
            stop.begun.add(number)
            return bool(stop)

        def of_part(array: Array) -> Array:
            return array if part is None else array[part]

        try:
            with shared.part():
                history = replace(trainer, callbacks=(told,)).fit(
                    network,
                    of_part(given.x),
                    of_part(given.y),
                    codes=of_part(given.codes),
                    sample_weight=None if problem.weight is None else of_part(problem.weight),
                    validation_rows=later,
                    resume=trainer.checkpoint is not None,
                    stop=stop,
                )
        except TrainingDiverged as error:
            if again:
                diverged_later[place + 1] = error.what
            else:
                stop.leave_out(number, error.what)
            return
        if not len(history):
            return
        member = Member(network, history, measuring)
        is_whole = history.stopped not in {"callback", "interrupted"}
        if again and not is_whole:
            return  # the one before is better than one that is half trained
        if kept is not None and is_whole:
            try:
                kept.save(number, member)
            except OSError as error:  # a full disk, say: what is learned is worth more
                warnings.warn(f"{error}; training goes on without it", stacklevel=2)
        results[number] = member

    # Imported here, and not first in a thread, for what `load_engine` says.
    import safetensors.numpy  # noqa: F401
    import sklearn.tree  # noqa: F401

    load_engine()
    with ThreadPoolExecutor(max_workers=shared.most) as pool:
        try:
            for start in range(0, len(results), n):
                for future in [pool.submit(train, number) for number in range(start, start + n)]:
                    future.result()
        except BaseException:
            stop.why = "failed"  # or ended by a second signal: the others are not waited for
            raise
    if before is not None:  # networks whose turn did not come are what they were
        for number, (fold, old) in enumerate(zip(plan, before.members, strict=True)):
            if results[number] is None and number not in stop.diverged:
                results[number] = replace(old, held_out=fold.measuring, measured=None)
    members = []
    trained = zip_longest(results[:n], results[n : 2 * n], results[2 * n :])
    for place, (member, measured, last) in enumerate(trained):
        if member is None:
            continue
        kind, weight = _turn(problem, place), 1.0
        if before is not None:
            kind, weight = before.members[place].kind, before.members[place].weight
        found = replace(member, kind=kind, weight=weight)
        if measured is not None:
            network = (last or measured).network
            found = replace(found, network=network, measured=measured.network)
        members.append(found)
    diverged = {number + 1: what for number, what in sorted(stop.diverged.items())}
    if not members and not diverged:
        raise TimeoutError("training was ended before the first epoch")
    if stop.most_diverged or not members:
        first, what = next(iter(diverged.items()))
        raise TrainingDiverged(
            f"{len(diverged)} of {n} networks diverged, too many to go on without them: "
            f"of network {first}, {what}",
            f"Try a smaller learning rate, such as {recipe.learning_rate / 10:g}, and look for "
            "numbers that are far from all others",
        )
    return Ensemble(members, stop.why, diverged, dict(sorted(diverged_later.items())))


def rows_of_networks(problem: Problem, recipe: Recipe, seed: int) -> list[Integers]:
    """The rows that each network is first trained on."""
    rows = []
    for fold in _plan_of(problem, recipe, seed, None):
        rest = np.ones(len(problem), bool)
        rest[fold.stopping] = False
        rows.append(np.flatnonzero(rest) if fold.rows is None else fold.rows)
    return rows


def _plan_of(problem: Problem, recipe: Recipe, seed: int, before: Ensemble | None) -> list[Fold]:
    """The fold of each network."""
    n_networks = recipe.n_networks if before is None else len(before.members)
    by_time = problem.times is not None
    n_folds = windows_for(recipe, n_networks) if by_time else recipe.n_folds
    first = round_of(problem, n_folds, seed)
    n_rounds = recipe.n_repeats
    if by_time or before is not None:
        n_rounds = -(-n_networks // len(first))
    rounds = [first, *(round_of(problem, n_folds, seed + r) for r in range(1, n_rounds))]
    if by_time:  # the latest window first, in all rounds
        rounds = [[w for w in of_all if w] for of_all in zip_longest(*rounds)]
    return [fold for folds in rounds for fold in folds][:n_networks]
