"""The networks that learning curves compare: the linear, the recommended, one of each depth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerwise.study.curves import best_of_each
from layerwise.study.recommendation import Recommendation, recommend
from layerwise.study.results import StudyResults

_MOST_DEPTHS = 6  # with hidden layers


def compared_networks(results: StudyResults, recommendation: Recommendation) -> dict[int, int]:
    """A network of each depth, by its number of hidden layers, in order.

    At the recommended depth the recommended one, at the others those that differ from it in depth
    alone; where a linear model is recommended, from the best with hidden layers. Of many depths
    some, as far apart as can be.
    """
    ours = results.configurations[recommendation.number]
    if not ours.hidden:
        hidden = [c for c in results.configurations if c.hidden]
        best = best_of_each(results, hidden, lambda c: True)
        ours = results.configurations[next(iter(best), ours.number)]
    is_one_size = results.settings.get("parameters") is not None
    alike = {
        c.depth: c.number
        for c in results.configurations
        if c.hidden
        and c.number not in results.failed
        and (c.activation, c.settings) == (ours.activation, ours.settings)
        and (is_one_size or c.width == ours.width)
    }
    depths = sorted(alike)
    if len(depths) > _MOST_DEPTHS:
        places = np.linspace(0, len(depths) - 1, _MOST_DEPTHS).round().astype(int)
        some = {depths[i] for i in places} - {ours.depth}
        nearest = min(some, key=lambda depth: abs(depth - ours.depth))
        depths = sorted(some - ({nearest} if len(some) == _MOST_DEPTHS else set()) | {ours.depth})
    linear = recommendation.choice.linear
    first = {} if linear is None else {0: linear}
    return first | {depth: alike[depth] for depth in depths}


def sample_steps(
    shares: Sequence[float], results: StudyResults
) -> list[tuple[int | None, int, int, float]]:
    """The fits of learning curves, in the order in which they are begun.

    A split after the other, so that curves are whole on some whenever a study ends; on all rows
    what was not pursued to the end.

    Returns
    -------
    list of (number or None, repeat, fold, share)
        None: the gradient-boosted trees.
    """
    answer = recommend(results) if shares else None
    if answer is None:
        return []
    numbers = [*compared_networks(results, answer).values()][::-1]
    whole = {
        (fit.configuration, fit.repeat, fit.fold)
        for fits in (results.fits, results.failed_fits)
        for fit in fits
    }
    return [
        (number, *split, share)
        for split in results.splits
        for share in shares
        for number in [*([None] if results.trees else []), *numbers]
        if share < 1.0 or (number is not None and (number, *split) not in whole)
    ]
