"""What a study is asked to do, checked and settled: from the settings of `DepthStudy` to a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from layerwise.ensemble.recipe import recipe_for
from layerwise.study.configurations import Inputs, configurations_of, default_widths
from layerwise.study.errors import StudyError
from layerwise.study.folds import StudyTable
from layerwise.study.metrics import check_metric, why_undefined
from layerwise.study.plan import Plan
from layerwise.study.results import Configuration

if TYPE_CHECKING:
    from layerwise.study.study import DepthStudy

__all__ = ["facts_of", "make_plan"]

_ALWAYS_DEFINED = {"roc_auc": "log_loss", "r2": "rmse"}  # metrics to take instead


def make_plan(study: DepthStudy, table: StudyTable) -> Plan:
    """Settle what the study of a table is to do.

    Raises
    ------
    StudyError
        For what no study can be made with.
    """
    metric = check_metric(study.metric, table.task.kind)
    table.check(study.folds)
    inputs = table.inputs
    n = len(table)
    n_train = n - n // study.folds
    recipe = recipe_for(n_train, inputs.n_inputs + len(inputs.code_sizes))
    return Plan(
        tuple(_configurations(study, inputs, n)),
        metric,
        int(study.folds),
        _counted(study.seeds, "seeds", _default_seeds(n)),
        _seed(study.random_state),
        _counted(study.epochs, "epochs", recipe.epochs),
        _counted(study.batch_size, "batch_size", recipe.batch_size),
        _learning_rate(study.learning_rate, recipe.learning_rate),
        recipe.patience if study.early_stopping else None,
        bool(study.pruning),
        None if study.parameters is None else int(study.parameters),
        bool(study.trees),
    )


def facts_of(table: StudyTable, plan: Plan) -> dict[str, Any]:
    """Return what is kept of a table beside its results: the task, the target, rows of each split.

    Raises
    ------
    StudyError
        If the metric has no meaning on the rows that a fold holds out.
    """
    splits = table.splits(plan.folds, plan.repeats, plan.seed)
    sizes = [[*split, len(table) - len(rows), len(rows)] for split, rows in splits.items()]
    for (repeat, fold), rows in splits.items():
        why = why_undefined(plan.metric, table.y[rows])
        if why:
            raise StudyError(
                f"the metric {plan.metric} has no meaning on the rows that fold {fold + 1} of "
                f"repeat {repeat + 1} holds out: {why}. Take fewer folds, or the metric "
                f"{_ALWAYS_DEFINED[plan.metric]}"
            )
    return {"task": table.task.kind, "target": ", ".join(table.task.names), "split_sizes": sizes}


def _configurations(study: DepthStudy, inputs: Inputs, n_rows: int) -> list[Configuration]:
    n_parameters, width = study.parameters, study.width
    if n_parameters is not None and width is not None:
        raise StudyError(
            f"{n_parameters:,} parameters settle each depth's width; leave out the widths, or the "
            "number of parameters"
        )
    widths: Iterable[int] = () if n_parameters is not None else default_widths(n_rows)
    if width is not None:
        widths = _several(width)
    activations = _several(study.activation)
    return configurations_of(inputs, _several(study.depth), widths, activations, n_parameters)


def _several(values: Any) -> Sequence[Any]:
    return [values] if isinstance(values, str) or hasattr(values, "__index__") else list(values)


def _default_seeds(n_rows: int) -> int:
    return 3 if n_rows < 2_000 else 2 if n_rows < 20_000 else 1


def _counted(value: Any, name: str, default: int) -> int:
    if value is None:
        return default
    if not hasattr(value, "__index__") or value < 1:
        raise StudyError(f"{name} must be a whole number of at least 1; got {value!r}")
    return int(value)


def _seed(seed: Any) -> int:
    if not hasattr(seed, "__index__") or not 0 <= seed < 2**31:
        raise StudyError(
            f"random_state must be a whole number from 0 to 2^31 - 1, so that every worker draws "
            f"the same; got {seed!r}"
        )
    return int(seed)


def _learning_rate(rate: Any, default: float) -> float:
    if rate is None:
        return default
    if not (isinstance(rate, (int, float)) and 0 < rate < float("inf")):
        raise StudyError(f"learning_rate must be a number above 0; got {rate!r}")
    return float(rate)
