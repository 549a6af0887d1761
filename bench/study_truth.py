"""How often a study claims what is not so, on tables whose truth is known.

    python bench/study_truth.py --tables 100 --folder studies [--real TABLES_DIR]

Made tables of several kinds are studied whole: 9 networks, 10 splits; `--real` adds 200 rows drawn
from each of three public tables. What is true of a kind is the mean over all its studies. Each
study is then replayed as a race that stops what is not needed, and what it would have claimed is
counted against the truth; intervals against what the networks of the study score on new rows,
and, beside that, against the kind's mean. Studies are kept in the folder, so that a run goes on
where one ended.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
from truth.claims import Claims, judge
from truth.studies import study_of
from truth.tables import made_tables, real_tables


def main() -> None:
    """Make the studies that are missing, and print what they claimed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=100, help="tables of each kind")
    parser.add_argument("--folder", type=Path, help="where studies are kept")
    parser.add_argument("--real", type=Path, help="a folder of public tables")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="two tables of two kinds")
    options = parser.parse_args()
    with ExitStack() as stack:
        if options.folder is None:
            options.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        options.folder.mkdir(parents=True, exist_ok=True)
        _run(options)


def _run(options: argparse.Namespace) -> None:
    kinds = made_tables() | (real_tables(options.real) if options.real else {})
    if options.smoke:
        options.tables, kinds = 2, {name: kinds[name] for name in ("noise", "one layer")}
    with ProcessPoolExecutor(options.workers) as pool:
        for name, draw in kinds.items():
            do = partial(study_of, name, draw=draw, folder=options.folder)
            studies = list(pool.map(do, range(options.tables)))
            print(f"{name}: {len(studies)} tables", file=sys.stderr, flush=True)
            _print(name, judge(studies))


def _print(name: str, claims: Claims) -> None:
    depths = ", ".join(f"{depth}: {n}" for depth, n in sorted(claims.depths.items()))
    print(f"\n{name} ({claims.n} tables)")
    print(f"  recommended depth             {depths}")
    print(f"  shown that layers help        {_percent(claims.layers_help, claims.n)}")
    print(f"  better than guessing          {_percent(claims.beyond_guessing, claims.n)}")
    for kind, said in sorted(claims.said.items()):
        false = _percent(claims.false[kind], claims.n)
        print(f"  false: {kind:<22} {false} of the studies (claimed in {said})")
    for kind, covered in claims.covered.items():
        own, all_of_kind = 100 * np.mean(covered, axis=0)
        print(
            f"  95 % intervals, {kind:<13} cover {own:.1f} % of the table's own truth "
            f"({all_of_kind:.1f} % of the kind's)"
        )
    print(f"  behind the truly best         {np.mean(claims.regrets):.4f}")
    bias, own = np.mean(claims.biases), np.mean(claims.own_biases)
    print(f"  score given, too good by      {bias:+.4f} (own mean {own:+.4f})")
    print(f"  changed by stopping early     {_percent(claims.changed, claims.n)}")
    print(f"  time against none stopped     {np.mean(claims.costs):.2f}", flush=True)


def _percent(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %"


if __name__ == "__main__":
    main()
