"""How parts print: times, ratios, and whether a target is met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from peers import NAMES, PEERS
from rich.table import Table
from timing import paired_ratio

Rounds = Mapping[str, Sequence[float]]
Wanted = Callable[[str, int, str], float | None]
"""What is asked against that peer, on the network of that number, with that product."""

Shown = Table | str
"""What a part has printed: tables, or a line."""

PRODUCTS = ("scipy", "mkl")


def ours(product: str) -> str:
    """The label of ours with that product and its own choice of threads."""
    return f"layerwise {product} auto"


def titled(title: str, *columns: str) -> Table:
    """A table: a column of names, then columns of figures."""
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def at_least(figure: float, wanted: float | None, form: str = ".2f") -> str:
    """A figure beside a target it should reach, and whether it does."""
    return _judged(figure, wanted, form, wanted is not None and figure >= wanted)


def at_most(figure: float, wanted: float | None, form: str = ".2f") -> str:
    """A figure beside a target it should not exceed, and whether it keeps to it."""
    return _judged(figure, wanted, form, wanted is not None and figure <= wanted)


def _judged(figure: float, wanted: float | None, form: str, met: bool) -> str:
    if wanted is None:
        return f"{figure:{form}}"
    colour, mark = ("green", "met") if met else ("red", "not met")
    return f"[{colour}]{figure:{form}} / {wanted:g} {mark}[/]"


def best_of(rounds: Rounds, start: str) -> str | None:
    """The label, of those that start so, with the lowest median."""
    labels = [label for label in rounds if label.startswith(start + " ")]
    return min(labels, key=lambda label: median(rounds[label]), default=None)


def times_table(
    title: str,
    nets: Sequence[Mapping[str, Any]],
    missing: Iterable[str],
    unit: float,
    form: str = ",.1f",
    most: Sequence[float | None] = (),
) -> Table:
    """Median times, a row for each subject and a column for each network.

    `most` holds what ours may take at most, network by network.
    """
    most = most or [None] * len(nets)
    table = titled(title, *(net["net"] for net in nets))
    for label in nets[0]["rounds"] if nets else ():
        limits = most if label.startswith("layerwise ") else [None] * len(nets)
        table.add_row(
            label,
            *(
                at_most(median(net["rounds"][label]) / unit, limit, form)
                for net, limit in zip(nets, limits, strict=True)
            ),
        )
    for peer in missing:
        table.add_row(NAMES[peer], *("not installed" for _ in nets))
    return table


def ratios_table(title: str, nets: Sequence[Mapping[str, Any]], wanted: Wanted) -> list[Table]:
    """How many times faster ours is than each peer at its best; none where there is no pair."""
    table = titled(title, "against", *(net["net"] for net in nets))
    for product in PRODUCTS:
        for peer in PEERS:
            cells = []
            for number, net in enumerate(nets):
                theirs = best_of(net["rounds"], peer)
                if theirs is None or ours(product) not in net["rounds"]:
                    break
                ratio = paired_ratio(net["rounds"][theirs], net["rounds"][ours(product)])
                cells.append(at_least(ratio, wanted(peer, number, product)))
            else:
                table.add_row(ours(product), NAMES[peer], *cells)
    return [table] if table.row_count else []
