"""Results of made-up studies: any scores on any splits."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from layerwise.study.results import Configuration, FailedFit, FitResult, Pruned, StudyResults


def grid(depths=(0, 1, 2, 3), widths=(16, 64), activations=("relu",), n_inputs=10):
    """Configurations as a study makes them: depth 0 once, at the first place."""
    hidden = [((), None)] if 0 in depths else []
    hidden += [
        ((width,) * depth, name)
        for depth in depths
        if depth
        for width in widths
        for name in activations
    ]
    made = []
    for number, (nodes, name) in enumerate(hidden):
        sizes = [n_inputs, *nodes, 1]
        parameters = sum((a + 1) * b for a, b in pairwise(sizes))
        made.append(Configuration(number, nodes, name, parameters))
    return made


def varied(values, name="learning_rate", depths=(0, 1), activations=("relu",)):
    """Configurations of a width of 8 with each of these values of a setting."""
    made = [
        replace(c, settings=((name, value),))
        for c in grid(depths, (8,), activations)
        for value in values
    ]
    return [replace(c, number=number) for number, c in enumerate(made)]


def study_of(
    scores,
    configurations=None,
    *,
    repeats=1,
    folds=None,
    metric="accuracy",
    higher_is_better=True,
    pruned=None,
    failed=None,
    trees=None,
    sizes=(80, 20),
    training=None,
    **changes,
):
    """Results with these scores, shape (n_configurations, n_splits); NaN: no such fit.

    `pruned` and `failed` are configuration numbers with a reason, those that failed having no fit
    at all; `trees` one score or one for each split; `training` is how much better scores are on
    the training rows.
    """
    scores = np.array(scores, float)
    scores[list(failed or {})] = np.nan
    folds = folds or scores.shape[1] // repeats
    splits = [(repeat, fold) for repeat in range(repeats) for fold in range(folds)]
    if configurations is None:
        configurations = [
            Configuration(i, (4,) * i, "relu" if i else None, 10 + 20 * i)
            for i in range(len(scores))
        ]
    lead = training if training is not None else np.full(len(scores), 0.01)
    sign = 1 if higher_is_better else -1
    fits = [
        FitResult(
            i, *split, float(scores[i, j]), float(scores[i, j] + sign * lead[i]), 0.5, 0.4,
            0.1 * (1 + configurations[i].depth) + 0.001 * j, 20, 0.01,
            tuple(0.1 * 0.5 ** np.arange(configurations[i].depth, -1, -1)),
            tuple(0.01 * 0.8 ** np.arange(configurations[i].depth, -1, -1)),
            (0.9, 0.6, 0.4), (0.8, 0.6, 0.5),
        )
        for i in range(len(scores))
        for j, split in enumerate(splits)
        if not np.isnan(scores[i, j])
    ]  # fmt: skip
    given_up = {
        number: Pruned(int((~np.isnan(scores[number])).sum()), reason)
        for number, reason in (pruned or {}).items()
    }
    failures = [
        FailedFit(number, *split, reason)
        for number, reason in (failed or {}).items()
        for split in splits
    ]
    if trees is not None:
        trees = np.broadcast_to(trees, len(splits)).tolist()
    settings = {"folds": folds, "repeats": repeats, "epochs": 50, "batch_size": 32, "seed": 0}
    return StudyResults(
        "binary" if higher_is_better else "regression", "y", metric, higher_is_better,
        configurations, fits, pruned=given_up, failed_fits=failures,
        trees=dict(zip(splits, trees or [], strict=False)),
        split_sizes=dict.fromkeys(splits, sizes), **({"settings": settings} | changes),
    )  # fmt: skip


SHARES = tuple(0.5**k for k in range(5, -1, -1))


def with_samples(results, lost=0.01, exponent=0.5, *, trees=None, seed=None):
    """The same with learning curves: power laws down to the scores that there are.

    `lost` is what a quarter of the rows costs, one number or one for each configuration; `seed`:
    with noise on samples of the rows.
    """
    random = np.random.default_rng(seed)
    sign = 1 if results.higher_is_better else -1
    lost = np.broadcast_to(lost, len(results.configurations))

    def fallen(score, of_one, share):
        noise = 0.0 if seed is None else random.normal(0, 0.1 * of_one)
        return score - sign * (of_one * (share**-exponent - 1) + noise)

    n_train = results.split_sizes[results.splits[0]][0]
    return replace(
        results,
        sample_sizes={share: n_train * share for share in SHARES},
        sample_fits=[
            replace(f, score=fallen(f.score, lost[f.configuration], share), share=share)
            for f in results.fits
            for share in SHARES[:-1]
        ],
        sample_trees={
            share: {split: fallen(score, trees or lost[-1], share) for split, score in scores}
            for scores in [results.trees.items()]
            for share in SHARES[:-1]
        },
    )


def noisy(means, n_splits=5, *, spread=0.01, shared=0.02, seed=0):
    """Scores around means: a part that all share on a split, and a part of each one's own."""
    random = np.random.default_rng(seed)
    means = np.asarray(means, float)
    own = random.normal(0, spread, (len(means), n_splits))
    return means[:, None] + random.normal(0, shared, n_splits) + own
