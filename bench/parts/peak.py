"""How much of what the processor can do training uses, on the two larger networks.

What it can do is measured, not looked up: large float32 products by the best library there is,
in the same rounds as the training.
"""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from networks import Net
from peers import has_mkl
from rich.table import Table
from worker import Subject, Worker, interleave

from parts.common import Scale, our_own, progress, workers_for
from parts.tables import best_of, titled

SIZES = (1024, 2048, 4096)
SMOKE_SIZES = (256,)


def run(scale: Scale) -> dict[str, Any]:
    """Seconds per step of ours, and per operation of the products, in every round."""
    own, missing = our_own(scale)
    products = [
        Subject(f"product {library}", "product", min(2, scale.cores))
        for library in (("scipy", "mkl") if has_mkl() else ("scipy",))
    ]
    nets = []
    with workers_for([*products, *own]) as workers:
        for net in scale.nets[-2:]:
            progress(f"peak: {net.name}")
            ways = {worker.subject.label: _prepare(worker, net, scale) for worker in workers}
            turns = {worker.subject.label: partial(worker.ask, "round") for worker in workers}
            rounds = interleave(turns, scale.rounds)
            nets.append(
                {"net": net.name, "step_flops": net.step_flops, "ways": ways, "rounds": rounds}
            )
            for worker in workers:
                worker.ask("forget")
    return {"missing": missing, "nets": nets}


def _prepare(worker: Worker, net: Net, scale: Scale) -> dict[str, Any]:
    if worker.subject.peer == "product":
        library = worker.subject.label.split()[1]
        sizes = SMOKE_SIZES if scale.smoke else SIZES
        task: dict[str, Any] = {"task": "product", "library": library, "sizes": sizes}
    else:
        task = {
            "task": "training",
            "sizes": list(net.sizes),
            "batch": net.batch,
            "rows": scale.train_rows,
        }
    answer: dict[str, Any] = worker.ask("prepare", seconds=scale.seconds, **task)
    return answer


def share(net: dict[str, Any], label: str, peak: str) -> float:
    """Share of the peak that a subject's training reaches, the median over the rounds."""
    shares = [
        net["step_flops"] / step * per_operation
        for step, per_operation in zip(net["rounds"][label], net["rounds"][peak], strict=True)
    ]
    return float(median(shares))


def show(result: dict[str, Any], scale: Scale) -> list[Table]:
    """GFLOP/s, and what they are of the best product's."""
    table = titled("Operations in training, GFLOP/s, and their share of the peak")
    for net in result["nets"]:
        table.add_column(net["net"], justify="right")
        table.add_column("of the peak", justify="right")
    for label in result["nets"][0]["rounds"]:
        cells = []
        for net in result["nets"]:
            is_product = label.startswith("product ")
            operations = 1 if is_product else net["step_flops"]
            peak = best_of(net["rounds"], "product")
            assert peak is not None
            cells.append(f"{operations / median(net['rounds'][label]) * 1e-9:,.0f}")
            if is_product:
                cells.append("the peak" if label == peak else "")
            else:
                cells.append(f"{share(net, label, peak):.0%}")
        table.add_row(label, *cells)
    if result["missing"]:
        table.add_row("Layerwise", *["not installed", ""] * len(result["nets"]))
    return [table]
