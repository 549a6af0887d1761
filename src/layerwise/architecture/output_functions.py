"""Output functions: one entry for each, from the last pre-activations to what a network returns.

The last pre-activations are the scores `s` (logits). Adding an output function is adding an entry
to `OUTPUTS`, before the first training: its formula, the function and its derivative ("slope") as
expressions of the score, and the words that explanations and pictures say it with.
"""

import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from layerwise.architecture.elementary import exp, one, sigmoid, where
from layerwise.language import message

__all__ = ["OUTPUTS", "RATE_LIMIT", "Output"]

# Scores beyond this are no counts a table holds (e^30 = 10^13). There the Poisson loss goes on
# along its tangent, and the rate stays at e^30, so that neither overflows.
RATE_LIMIT = 30.0


@dataclass(frozen=True)
class Output:
    """What one output function is.

    Attributes
    ----------
    name : str
        Its name in this library, and in an architecture.
    formula : str
        Its formula as people write it.
    source : str
        Author and year.
    function, slope : callable or None
        p(s) of one score, and dp/ds. None for softmax alone, whose outputs depend on all scores.
    written : callable or None
        p(s) as explanations write it out: with arithmetic, comparisons, `abs` and NumPy's
        functions. None: nothing is to be written.
    written_logarithm : callable or None
        ln(p) of the score, for an output next to 0. There any function of
        `layerwise.architecture.elementary` and any activation is a method: ``s.softplus()``.
    title : str
        What an explanation says above it.
    of_probabilities : bool
        Whether outputs are probabilities, of classes or of labels.
    limit : float
        Scores beyond it count as it.
    scikit_learn : str or None
        What `MLPClassifier.out_activation_` calls it, where that is another name.
    """

    name: str
    formula: str
    source: str
    function: Callable[..., Any] | None = None
    slope: Callable[..., Any] | None = None
    _: KW_ONLY
    written: Callable[..., Any] | None = None
    written_logarithm: Callable[..., Any] | None = None
    title: str = message("From scores to outputs")
    of_probabilities: bool = False
    limit: float = math.inf
    scikit_learn: str | None = None

    @property
    def of_classes(self) -> bool:
        """Whether the outputs are shares of 1, one for each class, that depend on all scores."""
        return self.function is None

    @property
    def of_labels(self) -> bool:
        """Whether each output is a probability of its own."""
        return self.of_probabilities and not self.of_classes


def score_itself(s: Any) -> Any:
    return s


def score_itself_slope(s: Any) -> Any:
    return one(s)


def logistic(s: Any) -> Any:
    return sigmoid(s)


def logistic_slope(s: Any) -> Any:
    return sigmoid(s) * sigmoid(-s)


def logistic_written(s: Any) -> Any:
    # Of a score far below 0, exp(-s) may be too large for a calculator.
    return np.exp(s) / (1 + np.exp(s)) if s < -30 else 1 / (1 + np.exp(-s))


def rate(s: Any) -> Any:
    return exp(where(s > RATE_LIMIT, RATE_LIMIT, s))


def rate_slope(s: Any) -> Any:
    return where(s > RATE_LIMIT, 0.0, exp(where(s > RATE_LIMIT, RATE_LIMIT, s)))


_ENTRIES = (
    Output("identity", "s", "linear algebra", score_itself, score_itself_slope),
    Output(
        "softmax",
        "exp(s_k) / sum_j exp(s_j)",
        "Bridle 1990",
        title=message("Softmax: from scores to probabilities"),
        of_probabilities=True,
    ),
    Output(
        "sigmoid",
        "1 / (1 + exp(-s))",
        "Verhulst 1838",
        logistic,
        logistic_slope,
        written=logistic_written,
        written_logarithm=lambda s: -(-s).softplus(),
        title=message("Sigmoid: from scores to probabilities"),
        of_probabilities=True,
        scikit_learn="logistic",
    ),
    Output(
        "exp",
        "exp(s)",
        "Nelder and Wedderburn 1972",
        rate,
        rate_slope,
        written=np.exp,
        written_logarithm=lambda s: s,
        title=message("From scores to rates"),
        limit=RATE_LIMIT,
    ),
)

OUTPUTS: dict[str, Output] = {entry.name: entry for entry in _ENTRIES}
