"""Where scikit-learn's optimisers differ from the papers' by a detail."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerwise.engine import columns as at
from layerwise.training import Adam
from layerwise.training.schedules import Schedule

__all__ = ["ScikitLearnAdam", "inverse_scaling"]


@dataclass(frozen=True, kw_only=True)
class ScikitLearnAdam(Adam):
    """Adam with epsilon beside the uncorrected second moment (Kingma and Ba 2015, section 2)."""

    def step_numbers(
        self, rates: NDArray[np.float64], decays: NDArray[np.float64], steps: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The rows of numbers the engine takes for steps."""
        hyper = super().step_numbers(rates, decays, steps)
        hyper[:, at.RATE] /= hyper[:, at.SECOND_ROOT]
        hyper[:, at.SECOND_ROOT] = 1.0
        return hyper


def inverse_scaling(power: float) -> Schedule:
    """The learning rate over (1 + rows seen)^power, as scikit-learn's `power_t` has it."""
    return Schedule(
        "invscaling",
        f"1 / (1 + rows seen)^{power:g}",
        lambda t, n: np.ones_like(t) / (1.0 + n) ** power,
        "scikit-learn's MLPClassifier",
    )
