"""What each parameter of the estimators may be, and errors that offer the nearest known name."""

from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, InvalidParameterError, Options, StrOptions

from layerwise.architecture.activations import ACTIVATIONS

__all__ = ["COMMON_CONSTRAINTS", "SOLVERS", "with_nearest_name"]

# What `layerwise.training.SCHEDULES` has beyond scikit-learn; importing that would load the engine.
SCHEDULE_NAMES = ("cosine", "one_cycle", "flat_cosine", "multi_cycle_cosine")
SOLVERS = ("adam", "adamw", "lbfgs", "rmsprop", "sgd")

_ACTIVATION_NAMES = {
    name for entry in ACTIVATIONS.values() for name in (entry.name, *entry.aliases)
}

COMMON_CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [StrOptions(_ACTIVATION_NAMES), "array-like"],
    "solver": [StrOptions(set(SOLVERS))],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
    "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    "normalization": [StrOptions({"batch", "layer"}), None],
    "residual": ["boolean"],
    "gradient_clipping": [Interval(Real, 0, None, closed="neither"), None],
    "schedule": [str, None],
    "ema": [Interval(Real, 0, 1, closed="neither"), None],
    "n_threads": [Interval(Integral, 1, None, closed="left"), None],
    "progress": ["boolean"],
    "callbacks": ["array-like", None],
}


def with_nearest_name(
    error: InvalidParameterError, constraints: dict[str, list[Any]], parameters: dict[str, Any]
) -> InvalidParameterError:
    """The same error; where a name was misspelt, with the one that was probably meant."""
    text = str(error)
    for name, value in parameters.items():
        if not isinstance(value, str) or not text.startswith(f"The {name!r} parameter"):
            continue
        known = {
            option
            for constraint in constraints.get(name, [])
            if isinstance(constraint, StrOptions)
            for option in constraint.options
        }
        if name == "learning_rate" and value in SCHEDULE_NAMES:
            return InvalidParameterError(f"{text} Did you mean schedule={value!r}?")
        near = get_close_matches(value.lower(), known, n=1, cutoff=0.5)
        if near:
            return InvalidParameterError(f"{text} Did you mean {near[0]!r}?")
    return error
