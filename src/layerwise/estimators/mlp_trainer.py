"""From scikit-learn's parameters to a `Trainer`."""

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from layerwise.arrays import Floats, Integers
from layerwise.estimators.mlp_parameters import MLPParameters
from layerwise.texts import warn
from layerwise.training import LBFGS, OPTIMIZERS, Adam, Optimizer, Trainer
from layerwise.training.schedules import Schedule, get_schedule

__all__ = ["trainer_of"]

# SciPy's default, which scikit-learn leaves as it is.
_LBFGS_LEAST_DECREASE = 2.220446049250313e-09

# What scikit-learn calls the settings of optimisers.
_SCIKIT_LEARNS = {
    "learning_rate": "learning_rate_init",
    "momentum": "momentum",
    "nesterov": "nesterovs_momentum",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "epsilon": "epsilon",
}


@dataclass(frozen=True, kw_only=True)
class ScikitLearnAdam(Adam):
    """Adam with epsilon beside the uncorrected second moment (Kingma and Ba 2015, section 2)."""

    def step_numbers(self, rates: Floats, steps: Integers) -> dict[str, Floats]:
        """Both bias corrections within the rate."""
        numbers = super().step_numbers(rates, steps)
        root = numbers["root"]
        return {"rate": numbers["rate"] / root, "root": np.ones_like(root)}


def trainer_of(estimator: MLPParameters, n_rows: int, *, epochs: int, **common: Any) -> Trainer:
    """What trains an estimator on n rows; `common` are settings of `Trainer` as they are."""
    common |= {
        "epochs": epochs,
        "penalize": "sum",
        "gradient_clipping": estimator.gradient_clipping,
        "ema": estimator.ema,
        "n_threads": estimator.n_threads,
        "progress": bool(estimator.progress),
    }
    if estimator.solver == "lbfgs":
        optimizer = LBFGS(
            tolerance=estimator.tol,
            max_evaluations=estimator.max_fun,
            least_decrease=_LBFGS_LEAST_DECREASE,
        )
        return Trainer(**common, optimizer=optimizer, l2=estimator.alpha, monitor="training_loss")
    patience = estimator.n_iter_no_change
    return Trainer(
        **common,
        optimizer=_optimizer(estimator),
        batch_size=_batch_size(estimator.batch_size, n_rows),
        schedule=_schedule(estimator),
        l2=0.0 if _decays(OPTIMIZERS[estimator.solver]) else estimator.alpha,
        shuffle=bool(estimator.shuffle),
        # scikit-learn ends after more than so many epochs.
        patience=None if math.isinf(patience) else int(patience) + 1,
        min_improvement=estimator.tol,
        monitor="score" if estimator.early_stopping else "training_loss",
    )


def _optimizer(estimator: MLPParameters) -> Optimizer:
    """The solver's entry, with its settings by scikit-learn's names."""
    entry: Any = OPTIMIZERS[estimator.solver]
    entry = ScikitLearnAdam if entry is Adam else entry
    names = {each.name: _SCIKIT_LEARNS.get(each.name) for each in fields(entry)}
    settings = {name: getattr(estimator, theirs) for name, theirs in names.items() if theirs}
    if _decays(entry):
        settings["weight_decay"] = estimator.alpha
    optimizer: Optimizer = entry(**settings)
    return optimizer


def _decays(entry: type[Optimizer] | type[LBFGS]) -> bool:
    """Whether an optimiser decays weights by itself: `alpha` is then no penalty."""
    return getattr(entry, "weight_decay", 0.0) > 0


def _schedule(estimator: MLPParameters) -> Schedule:
    name = estimator.schedule
    if name is None:
        name = estimator.learning_rate if estimator.solver == "sgd" else "constant"
    schedule = get_schedule(name)
    if math.isinf(estimator.n_iter_no_change):
        schedule = replace(schedule, divisor=None)  # it is never long without improvement
    return schedule.with_power(estimator.power_t) if schedule.with_power else schedule


def _batch_size(wanted: int | str, n_rows: int) -> int:
    if isinstance(wanted, str):  # "auto"
        return min(200, n_rows)
    if wanted > n_rows:
        warn("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped")
    return min(int(wanted), n_rows)
