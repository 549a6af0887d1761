"""Classes: a network in place of scikit-learn's `MLPClassifier`."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import check_consistent_length

from layerwise.architecture import Loss, get_loss
from layerwise.arrays import Array
from layerwise.estimators.input_checks import (
    Given,
    Matrix,
    as_targets,
    checked_rows,
    checked_targets,
    checked_weights,
)
from layerwise.estimators.labels import Labels
from layerwise.estimators.mlp import BaseMLP, if_step_by_step
from layerwise.estimators.parameters import (
    NONE,
    check_parameters,
    instance,
    one_of,
    parameter,
    real,
    with_parameters,
)


@with_parameters
class MLPClassifier(ClassifierMixin, BaseMLP):
    """A network for classes, in place of scikit-learn's class of this name.

    Two classes, several, or several labels at once (y of 0 and 1 in columns). What
    scikit-learn's class has, in its meaning; and more activations, solvers, and what keeps deep
    networks in order. A network computes in float32 for float32 rows, else in float64.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Nodes of each hidden layer; () for none: logistic or softmax regression.
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
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, by label; "balanced" makes all classes weigh the same. As in
        scikit-learn, probabilities are then those of a table whose classes have these weights, and
        not brought back to the rows' own rates (`TableClassifier` does that).
    label_smoothing : float, default=0.0
        Share of the certainty about the true class that goes to all classes (Szegedy et al. 2016).
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
    classes_ : ndarray
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
        Accuracy on held-out rows, where there are any.
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
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((16, 16), activation="silu", schedule="cosine", random_state=0)
    >>> model = model.set_params(learning_rate_init=0.01).fit(X / X.max(axis=0), y)
    >>> bool(model.score(X / X.max(axis=0), y) > 0.95)
    True
    >>> model.network_.architecture
    Architecture([4, 16, 16, 3], activation='silu', output='softmax', initialization='scikit_learn')
    """

    class_weight: Mapping[Any, float] | str | None = parameter(
        instance(dict), one_of(["balanced"]), NONE, default=None
    )
    label_smoothing: float = parameter(real(0, 1), default=0.0)

    classes_: Array = field(init=False)

    def _prepare(
        self, y: Array, weight: Array | None, *, incremental: bool, reset: bool
    ) -> tuple[Array, Array | None, str]:
        if not hasattr(self, "classes_") or (not self.warm_start and not incremental):
            self._learn_labels(y)
        else:
            self._check_labels(y)
        weight = self._class_weights(y, weight, incremental=incremental)
        return self._labels.encode(y), weight, self._labels.output

    def _learn_labels(self, y: ArrayLike) -> None:
        self._labels = Labels(y)
        self.classes_ = self._labels.classes
        self.n_outputs_ = self._labels.n_outputs

    def _check_labels(self, y: Array) -> None:
        if self.warm_start:
            classes = self._labels.among(y)
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the "
                    f"previous call to fit. Previously got {self.classes_}, `y` has {classes}"
                )
        self._refuse_unknown(y)

    def _refuse_unknown(self, y: Array) -> None:
        if len(self._labels.unknown(y)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. "
                f"'y' has {self._labels.among(y)}."
            )

    def _class_weights(self, y: Array, weight: Array | None, *, incremental: bool) -> Array | None:
        """The rows' weights times those of their classes."""
        if self.class_weight is None:
            return weight
        if self._labels.kind == "multilabel-indicator":
            raise ValueError(
                "class_weight is for one label in each row, and y has several: use sample_weight"
            )
        if incremental and self.class_weight == "balanced":
            raise ValueError(
                "class_weight 'balanced' is not supported for partial_fit, which does not see all "
                "rows: use compute_class_weight('balanced', classes=classes, y=y) on all labels, "
                "and give its result as a dict"
            )
        if isinstance(self.class_weight, dict):
            given: dict[Any, Any] = self.class_weight
            unknown = [label for label in given if label not in set(self.classes_)]
            if unknown:
                raise ValueError(
                    f"class_weight has weights for {unknown}, which y does not hold; the classes "
                    f"are {self.classes_.tolist()}"
                )
            for label, value in given.items():
                if not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
                    raise ValueError(
                        "class_weight must hold finite numbers of at least 0; got "
                        f"{value!r} for {label!r}"
                    )
            weights = np.array([given.get(c, 1.0) for c in self.classes_.tolist()])
        else:
            weights = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        by_row = weights[np.searchsorted(self.classes_, y)]
        return by_row if weight is None else weight * by_row

    @property
    def loss_entry(self) -> Loss:
        """The loss that the network learns by, with its smoothing."""
        return get_loss(self._labels.output, label_smoothing=self.label_smoothing)

    def _encode_held_out(self, X: Given, y: ArrayLike) -> tuple[Matrix, Array]:
        X = checked_rows(self, X)
        y = checked_targets(y)
        check_consistent_length(X, y)
        self._refuse_unknown(y)
        return X, self._labels.encode(y)

    @if_step_by_step
    def partial_fit(
        self,
        X: Given,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Go on with one epoch over these rows.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array-like or None
            All labels there will ever be; needed at the first call.
        """
        check_parameters(self)
        y, classes = as_targets(y), as_targets(classes)
        if not hasattr(self, "classes_"):
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            self._learn_labels(y if type_of_target(y).startswith("multilabel") else classes)
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        self._fit(X, y, sample_weight, None, incremental=True)
        return self

    def predict(self, X: Given) -> Array:
        """Return the most probable label of each row (each label above 0.5, for several)."""
        outputs = self._outputs(X)
        return self._labels.decode(outputs)

    def predict_proba(self, X: Given) -> Array:
        """Return the probability of each class, (n, n_classes), in the order of `classes_`."""
        outputs = self._outputs(X)
        return self._labels.probabilities(outputs)

    def score(self, X: Given, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of rows whose label, or labels, are predicted, weighted."""
        return float(super().score(X, as_targets(y), checked_weights(sample_weight, y)))

    def predict_log_proba(self, X: Given) -> Array:
        """Return the logarithm of `predict_proba`."""
        probabilities = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(probabilities, out=probabilities)

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn may expect: several labels at once are welcome."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
