"""`DepthStudy`: how deep, how wide, which activation, measured on one table."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from layerwise.engine.threads import available_cores
from layerwise.estimators.parameters import with_parameters
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_parameters import COLUMN_KINDS, check_column_lists
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.files.passwords import hide_secrets
from layerwise.language import speaks
from layerwise.signals import Interrupt
from layerwise.study.answers import answers, headline
from layerwise.study.backends import Backend
from layerwise.study.charts import draw_study
from layerwise.study.configurations import DEFAULT_ACTIVATIONS, DEFAULT_DEPTHS
from layerwise.study.database import Database
from layerwise.study.fit_scores import with_fit_scores
from layerwise.study.learning_curves import LearningCurves, learning_curves
from layerwise.study.live_study import LiveStudy
from layerwise.study.plan import facts_of, make_plan
from layerwise.study.recommendation import Recommendation, recommend
from layerwise.study.results import (
    DIVERGED,
    Configuration,
    StudyError,
    StudyInterrupted,
    StudyResults,
)
from layerwise.study.running import run_study
from layerwise.study.stored_study import KeptStudy, Progress
from layerwise.study.study_table import StudyTable, as_given
from layerwise.texts import plural
from layerwise.training.progress import find_place
from layerwise.training.time_limit import Deadline

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAME = "study"


@with_parameters
class DepthStudy(BaseEstimator):
    """Networks of many depths, widths and activations on the same folds, compared.

    Each configuration is trained in a repeated cross-validation, on the same folds and from the
    same seeds, and given the same budget. A linear model (depth 0) is always among them, and
    gradient-boosted trees are scored on the same folds. What would hardly change the answer is not
    pursued (see `layerwise.study.racing`), and `recommended_` is what a stated rule says (see
    `layerwise.study.recommendation_rule`).

    Networks are plain and single: `depth` hidden layers of one width and one activation, numbers
    not cut into pieces, and but for what `vary` names no dropout. `TableClassifier` and
    `TableRegressor` average several and cut numbers into pieces: with `like_fit` networks are
    trained that way.

    Parameters
    ----------
    depth : sequence of int
        Numbers of hidden layers to try; 0 is always tried.
    width : sequence of int or None
        Nodes of each hidden layer; None: a narrow and a wide one, by the table's size.
    activation : sequence of str
    parameters : int or None
        Instead of `width`: one size of all networks, within 2 %, so that depth alone differs.
    vary : dict of str to sequence, or None
        What else to try several of, by name, as in ``{"learning_rate": [0.001, 0.1], "optimizer":
        ["sgd", "adam"]}``: see `layerwise.ensemble.named_settings`; depth, width and activation may
        stand here too. Every combination is tried; a linear model with those of its training
        alone. An optimiser that is named comes with its own learning rate and weight decay, where
        those are not named.
    metric : str or None
        "accuracy", "balanced_accuracy", "log_loss", "roc_auc"; for numbers "r2", "rmse", "mae".
        None: accuracy or R².
    task : {"classification", "regression"} or None
        None: found out.
    folds : int
    seeds : int or None
        How often the cross-validation is repeated, with other folds and first weights; None: 3
        times below 2,000 rows, 2 times below 20,000, else once.
    epochs, batch_size : int or None
        None: what suits the table's size. With `early_stopping`, `epochs` are at most so many.
    learning_rate : float or None
    early_stopping : bool
        Whether a fit ends once the loss on a share of its training rows, which it then does not
        train on, gets no better, and takes the weights it was best with. False: every fit runs
        all epochs, and takes the last ones.
    pruning : bool
        Whether configurations stop early whose further fits would hardly change the answer.
    trees : bool
        Whether gradient-boosted trees are scored on the same folds.
    like_fit : bool
        Whether networks are trained as ``TableClassifier(effort="low")`` does: several in the place
        of each, averaged, each without one part of the rows, with pieces and dropout. That takes
        some ten times as long. A linear model stays one, without pieces; parameters are counted
        without pieces, of one network.
    fit_score : bool
        Whether, at the end of a study that is not like fit, the recommended network is trained that
        way on up to three of the folds, so that it is known what it would score. Not for a linear
        model, nor once the time is over.
    learning_curves : bool
        Whether, at the end, the recommended network, the linear one, one of each depth and the
        trees are fitted on growing shares of the rows too: would more rows help, and from how many
        on do deeper networks pay? See `layerwise.study.learning_curves`.
    time_limit : float or None
        Seconds after which the study ends with what there is. Fits under way are dropped; what is
        not cut is the preparation of the rows before them.
    workers : int or None
        Fits at once, each on one thread; None: one for each core. Results do not depend on it.
    backend : {"loky", "dask", "ray"}
        Processes of this machine, a Dask cluster, or Ray.
    address : str or None
        Of the cluster's scheduler.
    database : path, str or None
        Where the study is kept: a file, or ``postgresql://...``. None: in a file that is removed.
    name : str
        Of the study in the database.
    resume : bool
        Go on with the study that is in the database, or join others who work on it. With more
        depths, widths, activations or seeds than it has, it is widened, and its fits are kept.
    categorical, numeric, text, dates, drop : sequence of str
        Columns whose kind is to be this, whatever they look like. The format of dates may follow
        the name: "sold=%d/%m/%Y".
    keep : sequence of str
        Columns to be used even if they only name the row, or tell nothing.
    selection : bool
        Whether, in each fold, columns are left out that tell no more of the target than chance
        would, by the rows trained on, as `TableClassifier` does. All networks of a fold, the linear
        one and the trees are given the same columns; with `learning_curves` they are chosen again
        on each sample.
    random_state : int
    verbose : int
        Above 0, `fit` shows how far it is and the best network so far: in a terminal, in a
        notebook, else in lines now and then.
    on_progress : callable or None
        Called now and then as on_progress(progress); see `layerwise.study.stored_study.Progress`.

    Attributes
    ----------
    results_ : data frame
        A row for each fit: of pandas, Polars or PyArrow, as X was (else of PyArrow).
    study_ : StudyResults
        All that was found.
    recommended_ : Configuration
    recommendation_ : Recommendation
        With the tests it rests on.
    learning_curves_ : LearningCurves or None
        Scores against rows, where they were asked for and are known.
    task_ : Task
    columns_ : tuple of Column

    Examples
    --------
    >>> from sklearn.datasets import make_circles
    >>> X, y = make_circles(300, noise=0.05, factor=0.5, random_state=0)
    >>> study = DepthStudy(
    ...     depth=[0, 1, 2],
    ...     width=[16],
    ...     activation=["relu"],
    ...     seeds=1,
    ...     workers=1,
    ...     epochs=30,
    ...     learning_rate=0.03,
    ... ).fit(X, y)
    >>> study.recommended_.name
    '1 x 16 relu'
    >>> study.results_.num_rows  # of 3 networks on 5 folds: 2 x 16 relu was not pursued
    13
    >>> print(study.summary())
    Recommended: 1 x 16 relu, with ... parameters; accuracy ...
    >>> figure = study.draw("depth")
    """

    depth: Sequence[int] = DEFAULT_DEPTHS
    width: Sequence[int] | None = None
    activation: Sequence[str] = DEFAULT_ACTIVATIONS
    parameters: int | None = None
    vary: Mapping[str, Any] | None = None
    metric: str | None = None
    task: str | None = None
    folds: int = 5
    seeds: int | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    early_stopping: bool = True
    pruning: bool = True
    trees: bool = True
    like_fit: bool = False
    fit_score: bool = True
    learning_curves: bool = False
    time_limit: float | None = None
    workers: int | None = None
    backend: str = "loky"
    address: str | None = None
    database: str | os.PathLike[str] | None = None
    name: str = _NAME
    resume: bool = False
    categorical: Sequence[str] = ()
    numeric: Sequence[str] = ()
    text: Sequence[str] = ()
    dates: Sequence[str] = ()
    drop: Sequence[str] = ()
    keep: Sequence[str] = ()
    selection: bool = True
    random_state: int = 0
    verbose: int = 0
    on_progress: Callable[[Progress], None] | None = None

    results_: Any = field(init=False)
    study_: StudyResults = field(init=False)
    recommended_: Configuration = field(init=False)
    recommendation_: Recommendation = field(init=False)
    learning_curves_: LearningCurves | None = field(init=False)

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        """As scikit-learn writes a model; without the database's password."""
        return hide_secrets(super().__repr__(N_CHAR_MAX))

    def fit(
        self,
        X: object,
        y: object = None,
        *,
        target: str | Sequence[str] | None = None,
        groups: object = None,
    ) -> Self:
        """Do the study.

        Parameters
        ----------
        X : data frame of pandas, Polars or PyArrow, dict of columns, or array, shape (n, n_columns)
            Raw: numbers, categories, dates, free text, missing cells.
        y : array-like, shape (n,) or (n, n_targets), or None
            What is to be predicted; or else
        target : str or sequence of str or None
            Which columns of X are.
        groups : array-like, shape (n,), or None
            Rows of one group are never parted by a fold; those that name none, with None or NaN,
            are one group together.

        Returns
        -------
        self

        Raises
        ------
        StudyError
            For a grid, rows, a database or workers that no study can be made with.
        TableError
            For a table that nothing can be learned from.
        """
        deadline = self._deadline()
        self.fit_rows(self.rows(X, y, target=target, groups=groups), deadline=deadline)
        self.results_ = as_given(X, self.study_.table())
        if self.study_.stopped == "interrupted":
            rests = f": the answer so far rests on {plural(len(self.study_.fits), 'fit')}"
            warnings.warn(Interrupt.words(rests), stacklevel=2)
        return self

    def fit_rows(
        self,
        rows: StudyTable,
        begun: Callable[[KeptStudy], None] | None = None,
        *,
        deadline: Deadline | None = None,
    ) -> Self:
        """Do the study of rows that `rows` gave; `results_` is then of PyArrow.

        Parameters
        ----------
        rows : StudyTable
        begun : callable or None
            Called as begun(kept) once all is settled, before the first fit.
        deadline : Deadline or None
            None: `time_limit` from now on.
        """
        own = self._deadline()  # refuses a limit that is none, also where it has begun before
        deadline = own if deadline is None else deadline
        backend = Backend(self.backend, self.address, self.workers)
        plan = make_plan(self, rows)

        def told(progress: Progress) -> None:
            live(progress)
            if self.on_progress is not None:
                self.on_progress(progress)

        # Workers first: where there are none, nothing is to be left in the database.
        with (
            backend.started() as workers,
            _database(self.database) as database,
            LiveStudy(find_place() if self.verbose else "", stays=True) as live,
        ):
            kept = KeptStudy.begin(
                database,
                self.name,
                plan,
                rows.fingerprint,
                facts_of(rows, plan),
                resume=self.resume,
            )
            if begun is not None:
                begun(kept)
            live.begin(plan)
            self.study_ = run_study(kept, rows, workers, deadline=deadline, on_progress=told)
            answer = recommend(self.study_)
            if answer is None:
                raise _nothing_found(self.study_)
            self.recommended_ = self.study_.configurations[answer.number]
            is_asked = self.fit_score and self.recommended_.hidden and not self.like_fit
            if is_asked and not self.study_.stopped:
                self.study_ = with_fit_scores(
                    kept,
                    rows,
                    self.study_,
                    answer.number,
                    n_threads=self.workers or available_cores(),
                    deadline=deadline,
                    on_progress=told,
                )
        self.recommendation_ = answer
        self.learning_curves_ = learning_curves(self.study_, answer)
        self.task_, self.columns_ = rows.task, rows.columns
        self.results_ = self.study_.table()
        return self

    def _deadline(self) -> Deadline:
        limit = self.time_limit
        if limit is not None and not limit > 0:
            raise StudyError(f"time_limit must be seconds, above 0; got {limit!r}")
        return Deadline.after(limit)

    def rows(
        self,
        X: object,
        y: object = None,
        *,
        target: str | Sequence[str] | None = None,
        groups: object = None,
    ) -> StudyTable:
        """Take the rows that have a target, and decide of what kind each column is; see `fit`."""
        check_column_lists(self)
        kinds = {name: list(getattr(self, name)) for name in COLUMN_KINDS}
        return StudyTable.of(
            X,
            y,
            target=target,
            groups=groups,
            task=self.task,
            kinds=kinds,
            selection=self.selection,
        )

    @speaks
    def summary(self, *, language: str | None = None) -> str:
        """Return what was found in the sentences a person would say, one on each line.

        Parameters
        ----------
        language : {"en", "ko"} or None
            Of them; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.
        """
        check_is_fitted(self, "recommended_")
        found = self.study_, self.recommendation_
        return "\n".join([headline(*found), *(answer.text for answer in answers(*found))])

    def draw(
        self,
        picture: str = "depth",
        *,
        compare: Sequence[str] | None = None,
        theme: str = "light",
        language: str | None = None,
    ) -> "Figure":
        """Draw one of the study's pictures; see `layerwise.study.charts.draw_study`.

        Parameters
        ----------
        picture : {"depth", "rows", "depth_by_rows", "size", "training", "time", "gradients", \
                "folds"} or str
            Score against depth, against rows (of the models, of each depth), against the number of
            parameters; training and held-out score together, time against depth, the gradient that
            reaches each layer, the scores of single folds; or score against a setting that is
            varied, by its name: "learning_rate".
        compare : sequence of str or None
            For "folds": which networks, by name, as in ["linear", "2 x 64 relu"].
        theme : {"light", "dark"}
        language : {"en", "ko"} or None
            Of its words; None: as of `summary`.

        Returns
        -------
        matplotlib.figure.Figure
        """
        check_is_fitted(self, "recommended_")
        return draw_study(self.study_, picture, compare=compare, theme=theme, language=language)

    def best_model(self, **settings: Any) -> BaseTable:
        """Make a model of the recommended network, to be fitted to all rows.

        Parameters
        ----------
        **settings
            Further ones of `TableClassifier` or `TableRegressor`, such as ``effort="low"``.

        Returns
        -------
        TableClassifier or TableRegressor
            Not fitted: ``study.best_model().fit(X, y)``. It averages several such networks, each
            trained without one fold of the rows.
        """
        check_is_fitted(self, "recommended_")
        plan = self.study_.settings
        kind = TableRegressor if self.study_.task == "regression" else TableClassifier
        is_plain = not (plan["like_fit"] and self.recommended_.hidden)
        own: dict[str, Any] = {
            "hidden": self.recommended_.hidden,
            "activation": self.recommended_.activation,
            **({"dropout": 0.0, "n_pieces": 0} if is_plain else {}),
            "epochs": plan["epochs"],
            "batch_size": plan["batch_size"],
            "learning_rate": plan["learning_rate"],
            "random_state": plan["seed"],
            "selection": plan["selection"],
            **{name: list(getattr(self, name)) for name in COLUMN_KINDS},
        }
        further: dict[str, Any] = {}
        for name, value in self.recommended_.settings:
            (own if name in kind().get_params() else further)[name] = value
        return kind(**own | {"settings": further or None} | settings)


@contextmanager
def _database(address: str | os.PathLike[str] | None) -> Iterator[Database]:
    """The database at an address, or in a file that is removed afterwards."""
    with ExitStack() as stack:
        if address is None:
            try:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="layerwise-"))
            except OSError as error:
                raise StudyError(
                    "a study keeps its fits in a file, and no temporary folder can be written to "
                    f"({error.strerror or error}): name a file as database, or set TMPDIR"
                ) from None
            address = Path(folder) / "study.db"
        database = Database(os.fspath(address))
        stack.callback(database.close)
        yield database


def _nothing_found(results: StudyResults) -> StudyError:
    if results.stopped:
        kind = StudyInterrupted if results.stopped == "interrupted" else StudyError
        return kind(
            f"the study ended ({results.stopped}) before any configuration was fitted; nothing is "
            "known yet. Fits that were done are in its database, if one was named: resume it"
        )
    why = next(iter(results.failed.values()), "").removeprefix(DIVERGED)
    return StudyError(f"no configuration could be trained: {why}")
