"""PyTorch as an expert would write it for small networks on a CPU: eager, fused Adam."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import torch
from memory_use import Growth, growth
from networks import table
from timing import Run, Timed, loop
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

PIECE = 4096

Gather = Callable[[Tensor, Tensor, int], Iterator[tuple[Tensor, Tensor]]]


def use_threads(threads: int | None) -> None:
    """Set the threads within an operation; nothing here runs operations side by side."""
    if threads is not None:
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)


def _module(sizes: list[int]) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _tensors(rows: int, sizes: list[int]) -> tuple[Tensor, Tensor]:
    x, y = table(rows, sizes[0], sizes[-1])
    return torch.from_numpy(x), torch.from_numpy(y)


def _gathered_at_once(x: Tensor, y: Tensor, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """One gather an epoch: fewest calls, best for small tables."""
    order = torch.randperm(len(x))
    return zip(
        x.index_select(0, order).split(batch), y.index_select(0, order).split(batch), strict=True
    )


def _gathered_by_batch(x: Tensor, y: Tensor, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """One gather a batch: the rows are still in the cache when they are used."""
    for rows in torch.randperm(len(x)).split(batch):
        yield x.index_select(0, rows), y.index_select(0, rows)


def training(sizes: list[int], batch: int, rows: int) -> dict[str, Run]:
    """Steps of a plain loop."""
    x, y = _tensors(rows, sizes)
    model = _module(sizes)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    steps_per_epoch = -(-rows // batch)

    def run_with(gather: Gather) -> Run:
        def run(repeats: int) -> Timed:
            start = time.perf_counter()
            for _ in range(repeats):
                for x_batch, y_batch in gather(x, y, batch):
                    cross_entropy(model(x_batch), y_batch).backward()
                    optimizer.step()
                    optimizer.zero_grad()
            return Timed(time.perf_counter() - start, repeats * steps_per_epoch)

        return run

    return {
        "gather by epoch": run_with(_gathered_at_once),
        "gather by batch": run_with(_gathered_by_batch),
    }


def _in_inference_mode(run: Run) -> Run:
    def inner(repeats: int) -> Timed:
        with torch.inference_mode():
            return run(repeats)

    return inner


def _predictor(sizes: list[int]) -> nn.Sequential:
    return nn.Sequential(*_module(sizes), nn.Softmax(dim=1)).eval()


def one_row(sizes: list[int]) -> dict[str, Run]:
    """The module on one row, already a tensor."""
    model = _predictor(sizes)
    row = _tensors(max(1, sizes[-1]), sizes)[0][:1].clone()
    return {"module": _in_inference_mode(loop(lambda: model(row)))}


def many_rows(sizes: list[int], rows: int) -> dict[str, Run]:
    """The module on a table, at once or in pieces that stay in the cache."""
    model = _predictor(sizes)
    x, _ = _tensors(rows, sizes)
    return {
        "at once": _in_inference_mode(loop(lambda: model(x))),
        "in pieces": _in_inference_mode(
            loop(lambda: torch.cat([model(piece) for piece in x.split(PIECE)]))
        ),
    }


def memory(sizes: list[int], batch: int, rows: int) -> Growth:
    """Growth of the process while it trains for one epoch."""
    training(sizes, batch, 512)["gather by batch"](1)
    model = _module(sizes)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def epoch(data: tuple[Tensor, Tensor]) -> None:
        for x_batch, y_batch in _gathered_by_batch(*data, batch):
            cross_entropy(model(x_batch), y_batch).backward()
            optimizer.step()
            optimizer.zero_grad()

    return growth(
        lambda: _tensors(rows, sizes), lambda data: sum(tensor.nbytes for tensor in data), epoch
    )
