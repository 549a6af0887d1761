"""Numbers: a network in place of scikit-learn's `MLPRegressor`."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_consistent_length

from layerwise.architecture import LOSSES, Loss
from layerwise.architecture.lookup import look_up
from layerwise.arrays import Reals
from layerwise.estimators.input_checks import (
    Given,
    Matrix,
    as_targets,
    checked_rows,
    checked_targets,
    checked_weights,
)
from layerwise.estimators.mlp import BaseMLP
from layerwise.estimators.parameters import one_of, parameter, with_parameters


def _losses() -> dict[str, Loss]:
    return {entry.scikit_learn: entry for entry in LOSSES.values() if entry.scikit_learn}


@with_parameters
class _LossParameter(BaseEstimator):
    """What stands before all that `MLPClassifier` has, too, as in scikit-learn."""

    loss: str = parameter(one_of(_losses), default="squared_error", kw_only=False)


@with_parameters
class MLPRegressor(RegressorMixin, BaseMLP, _LossParameter):
    """A network for numbers, in place of scikit-learn's class of this name.

    One target or several. What scikit-learn's class has, in its meaning; and more activations,
    solvers, and what keeps deep networks in order. A network computes in float32 for float32
    rows, else in float64.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}, default="squared_error"
        Half the squared error, or half the Poisson deviance, for counts, whose output is an
        exponential.
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Nodes of each hidden layer; () for none: linear regression.
    activation : str or sequence of str, default="relu"
        One for all hidden layers, or one for each: any of ``layerwise.architecture.ACTIVATIONS``
        ("logistic" is "sigmoid").
    solver : {"adam", "adamw", "sgd", "rmsprop", "lbfgs"}, default="adam"
    alpha : float, default=0.0001
        L2 penalty, divided by the number of rows of a batch; for "adamw" the decoupled weight
        decay.
    batch_size : int or "auto", default="auto"
        Rows of a step; "auto" is 200, or all if they are fewer.
    learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
        How the learning rate changes, for "sgd".
    learning_rate_init : float, default=0.001
    power_t : float, default=0.5
        Exponent of "invscaling".
    max_iter : int, default=200
        Most epochs, or iterations of "lbfgs".
    shuffle : bool, default=True
    random_state : int, RandomState or None, default=None
    tol : float, default=0.0001
        An epoch that improves by less has not improved.
    verbose : bool, default=False
    warm_start : bool, default=False
        Whether `fit` goes on with the network there is.
    momentum : float, default=0.9
        Of "sgd".
    nesterovs_momentum : bool, default=True
    early_stopping : bool, default=False
        Whether to hold out rows, to end when their score stops improving, and to keep the best
        weights.
    validation_fraction : float, default=0.1
        Share of the rows that early stopping holds out.
    beta_1, beta_2, epsilon : float, default=0.9, 0.999, 1e-8
        Of "adam" and "adamw"; "rmsprop" takes the last two.
    n_iter_no_change : int or inf, default=10
        Epochs without improvement before training ends.
    max_fun : int, default=15000
        Most evaluations of the loss, for "lbfgs".
    dropout : float or sequence of float, default=0.0
        Share of each hidden layer's outputs dropped while training.
    normalization : {None, "batch", "layer"}, default=None
        What each layer's input is normalised by.
    residual : bool, default=False
        Whether hidden layers of their input's width add their input to what they compute, divided
        by k^0.75 where there are k of them: any number of them learns as it stands.
    gradient_clipping : float or None, default=None
        Longest gradient.
    schedule : str or None, default=None
        How the learning rate changes, for every solver but "lbfgs": a name of
        ``layerwise.training.SCHEDULES``. None: as `learning_rate` says.
    ema : float or None, default=None
        Decay of a moving average of the weights, which the network ends with.
    n_threads : int or None, default=None
        None: as many as help and are free. Results do not depend on it.
    progress : bool, default=False
        Whether to show a progress bar on standard error.
    callbacks : sequence of callable or None, default=None
        Each is called as ``callback(network, epoch)`` after an epoch, and ends the training by
        returning something true.

    Attributes
    ----------
    network_ : layerwise.Network
        The trained network.
    history_ : layerwise.History
        What was measured in the last call, epoch by epoch and layer by layer.
    coefs_, intercepts_ : list of ndarray
        Views of the network's weights and biases.
    loss_ : float
        Loss of the last epoch, with the penalty.
    best_loss_ : float or None
        Smallest loss; None with early stopping.
    loss_curve_ : list of float
    validation_scores_ : list of float or None
        R² on held-out rows, where there are any.
    best_validation_score_ : float or None
    n_iter_ : int
        Epochs, or iterations, of the last call.
    t_ : int
        Rows seen.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Names of the columns, if the rows came with names.
    n_layers_, n_outputs_ : int
    out_activation_ : str

    Examples
    --------
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = MLPRegressor(
    ...     hidden_layer_sizes=32, activation="tanh", solver="lbfgs", random_state=0
    ... )
    >>> model = model.fit(X, X[:, 0] ** 2)
    >>> bool(model.score(X, X[:, 0] ** 2) > 0.99)
    True
    """

    def _prepare(
        self, y: Reals, weight: Reals | None, *, incremental: bool, reset: bool
    ) -> tuple[Reals, Reals | None, str]:
        targets = y.reshape(len(y), -1)
        n_outputs = targets.shape[1]
        if not reset and n_outputs != self.n_outputs_:
            raise ValueError(
                f"y has {n_outputs} targets; the network there is has {self.n_outputs_}"
            )
        self.n_outputs_ = n_outputs
        self._offset: float = self._loss_offset(targets, weight)
        return targets, weight, self.loss_entry.output

    def _loss_offset(self, targets: Reals, weight: Reals | None) -> float:
        """What the engine's loss leaves out of scikit-learn's, as it does not change the fit."""
        least = self.loss_entry.least
        if least is None:
            return 0.0
        return -float(np.average(least(targets.astype(np.float64)), axis=0, weights=weight).sum())

    @property
    def loss_entry(self) -> Loss:
        """The loss that the network learns by."""
        return look_up(self.loss, _losses(), "loss")

    def _reported(self, loss: float) -> float:
        return (loss + self._offset) / self.n_outputs_

    def _encode_held_out(self, X: Given, y: ArrayLike) -> tuple[Matrix, Reals]:
        X = checked_rows(self, X)
        targets = checked_targets(y, dtype="numeric")
        check_consistent_length(X, targets)
        return X, targets.reshape(len(targets), -1)

    def predict(self, X: Given) -> Reals:
        """Return the predictions, shape (n,) or (n, n_targets)."""
        outputs = self._outputs(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def score(self, X: Given, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return R² on rows, weighted."""
        return float(super().score(X, as_targets(y), checked_weights(sample_weight, y)))

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn may expect: several targets at once are welcome."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
