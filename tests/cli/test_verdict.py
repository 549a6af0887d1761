"""What is said of a result: each sentence where it is true, and not where its opposite is."""

from types import SimpleNamespace

import numpy as np
import pytest

from layerwise.cli.verdict import verdict
from layerwise.estimators.scores import class_scores, number_scores
from layerwise.estimators.trial import TREES, TRIVIAL

SENTENCES = {
    "nothing": "nothing that was learned shows on the",
    "off": "are off, though they put the rows in order",
    "by chance": "by more than chance gives on",
    "level": "Networks and gradient-boosted trees are level (",
    "cannot tell": "are level as far as",
    "networks": "The networks are better than gradient-boosted trees",
    "trees": "Gradient-boosted trees are better here",
}


def trial_of(y, ours, trees, trivial, *, metric, weight=None):
    """What a verdict looks at."""
    classes = ours.ndim == 2
    score = (lambda p: class_scores(y, p, None, weight)) if classes else (
        lambda p: number_scores(y, p, weight)
    )  # fmt: skip
    outputs = {TRIVIAL: trivial, TREES: trees}
    return SimpleNamespace(
        model=SimpleNamespace(
            task_=SimpleNamespace(classes=[0, 1] if classes else []), metric=metric
        ),
        judged=SimpleNamespace(y=y, outputs=ours, scores=score(ours), weight=weight),
        outputs=outputs,
        baselines={name: score(p) for name, p in outputs.items()},
    )


def of_classes(ours, trees, n=2000, metric="log_loss"):
    """Probabilities whose logits are the true ones times a factor, plus a shift."""
    random = np.random.default_rng(0)
    logit = random.normal(-1.5, 1.2, n)
    y = (random.random(n) < 1 / (1 + np.exp(-logit))).astype(int)

    def p(factor, shift, noise=0.0):
        yes = 1 / (1 + np.exp(-(factor * logit + shift + noise * random.normal(size=n))))
        return np.stack([1 - yes, yes], axis=1)

    trivial = np.tile([1 - y.mean(), y.mean()], (n, 1))
    return trial_of(y, p(*ours), p(*trees), trivial, metric=metric)


def of_numbers(ours, trees, n=2000, metric="r2"):
    """Predictions that follow the truth with a factor, a shift and noise."""
    random = np.random.default_rng(0)
    y = random.normal(size=n)

    def predicted(factor, shift, noise):
        return factor * y + shift + noise * random.normal(size=n)

    return trial_of(y, predicted(*ours), predicted(*trees), np.zeros(n), metric=metric)


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (of_classes((1, 0), (1, 0, 1.5)), "networks"),
        (of_classes((1, 0, 0.7), (1, 0)), "trees"),
        (of_classes((1, 0), (1.02, 0)), "level"),
        (of_classes((1, 0), (1, 0, 0.3), n=120), "cannot tell"),
        (of_classes((1, 3), (1, 0)), "off"),  # as weights that are not taken back leave it
        (of_classes((0, 1.5, 1.0), (1, 0)), "nothing"),
        (of_classes((0.15, -1.6), (1, 0), n=60), "by chance"),
        (of_numbers((1, 0, 0.3), (1, 0, 0.9)), "networks"),
        (of_numbers((1, 0, 0.9), (1, 0, 0.3)), "trees"),
        (of_numbers((1, 0, 0.5), (1, 0.02, 0.5), n=20000), "level"),
        (of_numbers((1, 0, 0.5), (1, 0, 0.51), n=30), "cannot tell"),
        (of_numbers((1, 5, 0.3), (1, 0, 0.9)), "off"),
        (of_numbers((0, 5, 0.3), (1, 0, 0.9)), "nothing"),
        (of_numbers((0.3, 0, 0.5), (1, 0, 0.1), n=20), "by chance"),
        (of_numbers((1, 0, 0.3), (1, 0, 0.9), metric="mae"), "networks"),
    ],
)
def test_one_sentence_is_said_and_none_of_the_others(trial, said):
    text = verdict(trial)
    assert [name for name, words in SENTENCES.items() if words in text] == [said]


@pytest.mark.parametrize("of", [of_classes, of_numbers])
def test_where_there_are_no_trees_none_are_named(of):
    for ours, said in (
        ((1, 0, 0.3), "better than the trivial prediction ("),
        ((0, 5, 1), "nothing"),
    ):
        trial = of(ours, (1, 0, 0.5))
        del trial.outputs[TREES], trial.baselines[TREES]
        text = verdict(trial)
        assert said in text
        assert "trees" not in text


def test_it_is_judged_by_what_was_made_small():
    assert "(log loss" in verdict(of_classes((1, 0), (1, 0, 1.5)))
    assert "(RMSE" in verdict(of_numbers((1, 0, 0.3), (1, 0, 0.9)))
    assert "(mean absolute error" in verdict(of_numbers((1, 0, 0.3), (1, 0, 0.9), metric="mae"))


def test_a_metric_that_was_asked_for_is_named_with_both_values():
    trial = of_classes((1, 0), (1, 0, 1.5), metric="f1")
    ours, trees = trial.judged.scores["f1"], trial.baselines[TREES]["f1"]
    assert verdict(trial).endswith(f" By f1: {ours:.4g}, the trees {trees:.4g}.")
    assert "By " not in verdict(of_classes((1, 0), (1, 0, 1.5)))


def test_rows_count_by_their_weight():
    """Rows that do not count decide nothing."""
    trial = of_numbers((1, 0, 0.3), (1, 0, 0.9))
    y, ours = trial.judged.y, trial.judged.outputs.copy()
    ours[:1000] += 9
    weight = np.where(np.arange(2000) < 1000, 1e-12, 1.0)
    counted = (trial.outputs[TREES], trial.outputs[TRIVIAL])
    assert SENTENCES["off"] in verdict(trial_of(y, ours, *counted, metric="r2"))
    weighted = trial_of(y, ours, *counted, metric="r2", weight=weight)
    assert SENTENCES["networks"] in verdict(weighted)
