"""`TableClassifier`: classes predicted from a raw table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import check_consistent_length

from layerwise.architecture import Loss, default_loss
from layerwise.architecture.lookup import look_up
from layerwise.arrays import Array, Integers, Mask
from layerwise.ensemble.calibration import calibrate, log_loss_of, temper
from layerwise.ensemble.decision import DECISION_METRICS, Decision
from layerwise.ensemble.folds import Problem
from layerwise.ensemble.named_settings import learned_loss
from layerwise.estimators.input_checks import checked_weights
from layerwise.estimators.labels import dtype_of_labels, known_labels
from layerwise.estimators.parameters import with_parameters
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_rows import GivenRows
from layerwise.language import message, said
from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_column, given_target
from layerwise.tables.names import composed
from layerwise.tables.task import Task
from layerwise.texts import warn


@with_parameters
class TableClassifier(ClassifierMixin, BaseTable):
    """A classifier of raw tables: several networks, each trained without one fold of the rows.

    Their probabilities are averaged, each with a weight (see `layerwise.ensemble.ensemble.weigh`),
    and brought to what they promise by one temperature, and a share of the uniform distribution
    that is as a rule as good as none. All are found on rows that the networks did not train on (see
    `layerwise.ensemble.calibration`).

    Parameters
    ----------
    effort : {"low", "medium", "high"}
        How many networks are trained: a quarter, a half or all of what the table's size asks for.
    hidden : sequence of int or None
        Nodes of each hidden layer; None here and below: what suits the table's size.
    activation : str or None
    dropout, learning_rate : float or None
    batch_size, epochs : int or None
        `epochs` are at most so many: each network ends when its held-out loss gets no better.
    n_pieces : int or None
        Most pieces that a number's range is cut into, so that steps can be learned; 0: none.
    n_folds, n_repeats : int or None
        ``n_folds * n_repeats`` networks, whatever the effort.
    settings : dict of str to value, or None
        What else is to be otherwise, by name, as in ``{"optimizer": "sgd", "residual": True}``: see
        `layerwise.ensemble.named_settings`. An optimiser brings its own learning rate and decay.
    time_limit : float or None
        Seconds that `fit` may take; training ends before, with what there is. Never cut are the
        preparation of the table and one epoch, three with intervals. Results then depend on the
        machine.
    metric : str
        For two classes, what the decision threshold is chosen for: "log_loss", "roc_auc" and
        "accuracy" take 1/2; "balanced_accuracy", "f1" and "matthews_corrcoef" what is best on
        held-out rows.
    class_weight : "balanced", dict of class to weight, or None
        What it costs to miss a row of a class. The networks are trained with these weights;
        probabilities are brought back to the rows' own rates, and decisions weigh them: that
        class is predicted whose probability times its weight is largest (where, of two classes,
        `metric` sets no threshold of its own).
    categorical, numeric, text, dates, drop : sequence of str
        Columns whose kind is to be this, whatever they look like. The format of dates may follow
        the name: "sold=%d/%m/%Y".
    keep : sequence of str
        Columns to be used even if they only name the row, or tell nothing of the target.
    selection : bool
        Whether columns that tell no more of the target than chance would, alone or with another,
        are left out: predictions then do not need them. Each network is moreover given only those
        that its own rows tell of, see `layerwise.ensemble.column_selection`.
    random_state : int, RandomState or None
    n_threads : int or None
        None: all cores. Results do not depend on it.
    checkpoint : path or None
        A folder in which what is trained so far is kept until the fit has ended; one that was
        killed goes on from it, if rows and settings are the same, and ends with the same bits. Of
        other files in it none is touched.
    verbose : int
        Above 0, `fit` shows how far it is: a bar in a terminal or a notebook, else lines now and
        then.
    on_epoch : callable or None
        Called as on_epoch(network, n_networks, epoch, most_epochs) after each epoch, from any
        thread.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
        The labels given, sorted as scikit-learn has them and of the type they were given in.
        Text stays as it is, letter for letter: blanks count, and "" is a class like others.
    task_ : Task
    columns_ : tuple of Column
        What was decided about each column, and why.
    preparation_ : Preparation
        How columns become inputs.
    ensemble_ : Ensemble
        The networks with their histories; see also `networks_`.
    recipe_ : Recipe
        The settings that were used.
    temperature_ : float
    threshold_ : float
        For two classes: the second is predicted where its probability is above this.
    class_weights_ : ndarray, shape (n_classes,), or None
        What `class_weight` came to.
    validation_loss_ : float
        Log loss of rows by the networks that did not train on them.
    feature_importances_ : ndarray, shape (n_columns,)
        By how much the log loss of held-out rows rises when a column's cells are shuffled.
    fit_seconds_ : dict of str to float
    notes_ : tuple of str
        What the model lacks or should not have, such as networks that diverged, or the target
        among the columns; `fit` warns of it.

    Examples
    --------
    >>> table = {
    ...     "city": ["Ulm", "Bonn"] * 20,
    ...     "rooms": [2, 3, 4, 5] * 10,
    ...     "let": ["yes", "no"] * 20,
    ... }
    >>> model = TableClassifier(effort="low", epochs=30, random_state=0)
    >>> model = model.fit(table, target="let")
    >>> model.predict({"rooms": [3, None], "city": ["Ulm", "Bonn"]}).tolist()
    ['yes', 'no']
    """

    metric: str = "log_loss"
    class_weight: str | Mapping[Any, float] | None = None

    _task = "classification"
    _not_settled = said("Probabilities are not calibrated, and the threshold is 1/2")
    _fitted_numbers: ClassVar[tuple[str, ...]] = (
        "validation_loss_",
        "temperature_",
        "temperatures_",
        "share_",
        "threshold_",
        "class_weights_",
        "classes_",
    )

    classes_: Array = field(init=False)
    temperature_: float = field(init=False)
    threshold_: float = field(init=False)
    # None also of models that were saved without it.
    class_weights_: Array | None = field(init=False, default=None)

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of rows whose class is predicted, weighted; of those that have one."""
        weight = checked_weights(sample_weight, y)
        labels, known = known_labels(y)
        predicted = self.predict(X)
        check_consistent_length(known, predicted)
        weight = weight if weight is None else weight[known]
        is_right = np.asarray(labels, object).ravel() == predicted[known].astype(object)
        return float(np.average(is_right, weights=weight))

    def predict_proba(self, X: Any) -> Array:
        """Return each class's probability, shape (n, n_classes), in the order of `classes_`."""
        return self._predicted(X)

    def predict_log_proba(self, X: Any) -> Array:
        """Return the natural logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self._predicted(X)))

    def outputs_of(self, average: Array) -> Array:
        """Return probabilities of the networks' average, shape (n, n_classes)."""
        return temper(average, self.temperature_, self.share_, self.class_weights_)

    @property
    def loss_name(self) -> str:
        """What `loss_of` gives, in words."""
        return message("log loss")

    def loss_of(self, outputs: Array, y: Array, weight: Array | None = None) -> float:
        """Return the log loss of probabilities; y: the true classes' numbers."""
        return log_loss_of(outputs, y, weight)

    def predict(self, X: Any) -> Array:
        """Return the class of each row, shape (n,)."""
        places = self.decide(self._predicted(X))
        return np.asarray(self.classes_[places])

    def decide(self, p: Array) -> Integers:
        """Return each row's class, as its place in `classes_`, from its probabilities."""
        return self.decision(p)

    @property
    def decision(self) -> Decision:
        """The rule that gives a row its class."""
        return Decision(self.threshold_, self.class_weights_)

    @property
    def is_calibrated(self) -> bool:
        """Whether temperature and threshold were found, and nothing went wrong there."""
        return not math.isnan(self.validation_loss_)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        metrics = ["log_loss", "roc_auc", *DECISION_METRICS]
        look_up(self.metric, dict.fromkeys(metrics), "metric")
        if self.class_weight is not None and not isinstance(self.class_weight, Mapping):
            look_up(self.class_weight, {"balanced": None}, "class_weight")

    def partial_fit(
        self,
        X: Any,
        y: Any = None,
        *,
        classes: ArrayLike | None = None,
        target: str | Sequence[str] | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        times: ArrayLike | None = None,
    ) -> Self:
        """Go on learning from new rows, with slower steps; before `fit`, do what it does.

        Columns are prepared as they were when the model was first fitted; what is found on held-out
        rows, such as the temperature, is found on the new ones.

        Parameters
        ----------
        X, y, target, sample_weight, groups, times
            As for `fit`; the same columns, and no classes but those of the first call.
        classes : array-like, shape (n_classes,), or None
            All labels that there will ever be, for the first call of a stream whose first rows do
            not hold them all; None: those of the first rows.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a later call names other classes than the first.
        """
        goes_on = hasattr(self, "ensemble_")
        named = np.asarray(classes, object).tolist()
        if goes_on and classes is not None and set(named) != set(self.classes_.tolist()):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        given = GivenRows(X, y, target, sample_weight, groups, times, classes)
        return self._learn(given, goes_on=goes_on)

    def _find_task(self, given: GivenRows, targets: pa.Table) -> Task:
        dtype = None
        if targets.num_columns > 1:
            raise TableError(
                f"y has {targets.num_columns} columns, and TableClassifier tells the classes of "
                "one apart; for several, a model for each is trained by "
                "sklearn.multioutput.MultiOutputClassifier(TableClassifier())"
            )
        if isinstance(given.y, np.ndarray) and given.y.ndim > 1:
            warn(
                "A column-vector y was passed when a 1d array was expected. Please change the "
                "shape of y to (n_samples,), for example using ravel().",
                DataConversionWarning,
            )
        if self._decision is None:
            (name,) = targets.column_names
            labels = given.classes
            if labels is None:
                labels = given_target(given.X, given.y, name)
            else:
                targets = pa.table({name: pa.chunked_array([as_column(labels, "classes")] * 2)})
            dtype = dtype_of_labels(labels, targets.column(0), name)
        task = super()._find_task(given, targets)
        self.classes_ = task.decode(np.arange(len(task.classes)))
        if dtype is not None:
            self.classes_ = self.classes_.astype(dtype)
        return task

    def _weighted(self, task: Task, y: Array, missing: Mask, weight: Array | None) -> Array | None:
        factors = self.class_weights_ = self._class_weights(task, y[~missing])
        if factors is None:
            return weight
        own = np.where(missing, 1.0, factors[np.maximum(y, 0)]).astype(np.float32)
        return own if weight is None else own * weight

    def _class_weights(self, task: Task, y: Array) -> Array | None:
        """What `class_weight` comes to; a model that goes on keeps the balance that it has."""
        given = self.class_weight
        if given is None:
            return None
        if not isinstance(given, Mapping):
            if task is getattr(self, "task_", None) and self.class_weights_ is not None:
                return self.class_weights_
            counts = np.bincount(y, minlength=len(task.classes))
            return np.asarray(counts.sum() / (len(counts) * np.maximum(counts, 1)))
        by_class = _by_class(given, task.classes)
        factors = np.array([by_class.get(label, 1.0) for label in task.classes])
        if not (np.isfinite(factors).all() and (factors >= 0).all() and factors.any()):
            raise ValueError(
                f"class_weight must hold finite numbers of at least 0, not all 0; got {given}"
            )
        return factors

    @property
    def loss_entry(self) -> Loss:
        """The loss that the networks learn by."""
        return learned_loss(self.settings or {}, default_loss("softmax"))

    def _targets(self, task: Task, y: Array) -> tuple[Array, int]:
        return y, len(task.classes)

    def _settle(self, problem: Problem) -> None:
        self.temperature_, self.temperatures_, self.threshold_ = 1.0, (1.0, 1.0), 0.5
        self.share_, self.validation_loss_ = 1.0 / (len(problem) + 1.0), math.nan
        found = calibrate(self.ensemble_, problem, self.metric, self.class_weights_, self.seed_)
        self.temperature_, self.temperatures_ = found.temperature, found.temperatures
        self.threshold_, self.share_ = found.threshold, found.share
        self.validation_loss_ = found.loss


def _by_class(given: Mapping[Any, float], classes: Sequence[Any]) -> dict[Any, float]:
    """The weight of each class named; of classes that are no text, "1" and "true" name them too."""
    spelled = composed if isinstance(classes[0], str) else _text
    texts = {spelled(label): label for label in classes}
    found: dict[Any, float] = {}
    unknown: list[str] = []
    for name, weight in given.items():
        label = name if name in classes else texts.get(spelled(str(name)))
        if label is None:
            unknown.append(str(name))
        else:
            found[label] = float(weight)
    if unknown:
        raise ValueError(
            f"class_weight names {unknown}, which are not among the classes {list(classes)}"
        )
    return found


def _text(label: Any) -> str:
    return str(label).lower().removesuffix(".0")
