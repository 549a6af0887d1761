"""Who predicts best, as far as the test rows can tell: one verdict, for screen and report."""

import numpy as np

from layerwise.arrays import Reals
from layerwise.ensemble.scores import row_losses
from layerwise.language import counted, message, tr
from layerwise.report.comparison import TREES, TRIVIAL
from layerwise.report.model_words import metrics_of
from layerwise.report.trial import Trial

_LEVEL = 0.01  # scores nearer than this, in proportion, are called level
_ERRORS = 2.0  # standard errors within which a difference is what chance gives
_TITLES = {
    "log_loss": message("log loss"),
    "rmse": "RMSE",
    "mae": message("mean absolute error"),
    "r2": message("mean R²"),
}


def verdict(trial: Trial) -> str:
    """Whether anything was learned, and who is better, the networks or the trees.

    Judged by what the networks are trained to make small, row by row: a difference within twice
    its standard error over the test rows is none.
    """
    model, judged = trial.model, trial.judged
    name = _loss_of(trial)
    title, n = tr(_TITLES[name]), counted(len(judged.y), "test row")
    ours, nothing = judged.scores[name], trial.baselines[TRIVIAL][name]
    if ours is None or nothing is None:
        return tr(
            "No target varies among the {rows}, which so say nothing of who predicts better.",
            rows=n,
        )
    both = tr("{title} {ours:.4g} and {other:.4g}", title=title, ours=ours, other=nothing)
    if _loss(ours, name) >= _loss(nothing, name):
        order = _order(trial)
        if not order:
            return tr(
                "The networks are no better than the trivial prediction ({both}): nothing that was "
                "learned shows on the {rows}.",
                both=both,
                rows=n,
            )
        if model.task_.classes:
            return tr(
                "The networks are no better than the trivial prediction ({both}): their "
                "probabilities are off, though they put the rows in order ({order}).",
                both=both,
                order=order,
            )
        return tr(
            "The networks are no better than the trivial prediction ({both}): their numbers are "
            "off, though they put the rows in order ({order}).",
            both=both,
            order=order,
        )
    if not _differs(trial, TRIVIAL, name):
        return tr(
            "The networks ({title} {ours:.4g}) are not better than the trivial prediction "
            "({nothing:.4g}) by more than chance gives on {rows}.",
            title=title,
            ours=ours,
            nothing=nothing,
            rows=n,
        )
    if TREES not in trial.baselines:
        return tr("The networks are better than the trivial prediction ({both}).", both=both)
    trees = trial.baselines[TREES][name]
    assert trees is not None
    both = tr("{title} {ours:.4g} and {other:.4g}", title=title, ours=ours, other=trees)
    lead = _loss(trees, name) - _loss(ours, name)
    if abs(lead) <= _LEVEL * _loss(trees, name):
        text = tr("Networks and gradient-boosted trees are level ({both}).", both=both)
    elif not _differs(trial, TREES, name):
        text = tr(
            "Networks and gradient-boosted trees are level as far as {rows} can tell ({both}).",
            rows=n,
            both=both,
        )
    elif lead > 0:
        text = tr("The networks are better than gradient-boosted trees ({both}).", both=both)
    else:
        text = tr(
            "Gradient-boosted trees are better here ({title} {trees:.4g}, the networks "
            "{ours:.4g}): if the prediction is all that counts, use them.",
            title=title,
            trees=trees,
            ours=ours,
        )
    return text + _by_metric(trial)


def _loss_of(trial: Trial) -> str:
    if trial.model.task_.classes:
        return "log_loss"
    if trial.model.task_.n_targets > 1:
        return "r2"
    return "mae" if getattr(trial.model, "metric", "") == "mae" else "rmse"


def _loss(score: float, name: str) -> float:
    return 1 - score if name == "r2" else score


def _differs(trial: Trial, rival: str, name: str) -> bool:
    """Whether the rows' losses differ from a rival's by more than chance gives."""
    judged = trial.judged
    gains = row_losses(judged.y, judged.outputs, name)
    gains = gains - row_losses(judged.y, trial.outputs[rival], name)
    weight = np.ones(len(gains)) if judged.weight is None else judged.weight
    mean = np.average(gains, weights=weight)
    error = np.sqrt((weight**2 * (gains - mean) ** 2).sum()) / weight.sum()
    return bool(abs(mean) > _ERRORS * error)


def _order(trial: Trial) -> str:
    """By what, and how much more than chance gives, predictions are in the order of the truth."""
    judged = trial.judged
    n = len(judged.y)
    if trial.model.task_.classes:
        area = judged.scores["roc_auc"]
        if area is None:
            return ""
        counts = np.unique(judged.y, return_counts=True)[1]
        # Of a ranking by lot (Hanley and McNeil 1982), for the rarest class.
        error = np.sqrt((n + 1) / (12 * counts.min() * (n - counts.min())))
        return f"ROC AUC {area:.3g}" if area > 0.5 + _ERRORS * error else ""
    correlation = np.mean(
        [
            _correlation(a, b)
            for a, b in zip(_columns(judged.y), _columns(judged.outputs), strict=True)
        ]
    )
    if correlation > _ERRORS / np.sqrt(n):
        return tr("correlation {value:.2g}", value=correlation)
    return ""


def _columns(values: Reals) -> Reals:
    return values.reshape(len(values), -1).T


def _correlation(a: Reals, b: Reals) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size else 0.0


def _by_metric(trial: Trial) -> str:
    """The metric that was asked for, where it is none of the losses."""
    asked = str(getattr(trial.model, "metric", ""))
    ours, trees = trial.judged.scores.get(asked), trial.baselines[TREES].get(asked)
    if asked in _TITLES or ours is None or trees is None:
        return ""
    return tr(
        " By {metric}: {ours:.4g}, the trees {trees:.4g}.",
        metric=metrics_of(trial.model)[asked],
        ours=ours,
        trees=trees,
    )
