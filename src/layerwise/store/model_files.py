"""`save` and `load`: a model as one file."""

import os
from typing import Any, TypeAlias, TypeVar, get_args, overload

from layerwise.architecture import Architecture
from layerwise.architecture.steps.codes import Embedding, OneHot
from layerwise.ensemble.ensemble import Ensemble, Member
from layerwise.ensemble.importance import HeldOutRows
from layerwise.ensemble.intervals import Intervals
from layerwise.ensemble.recipe import Recipe
from layerwise.estimators import MLPClassifier, MLPRegressor, TableClassifier, TableRegressor
from layerwise.estimators.fitted_state import model_of, state_of
from layerwise.estimators.labels import Labels
from layerwise.files.atomic_writing import ModelFileError, note_input
from layerwise.files.container import read_container, write_container
from layerwise.network import Network
from layerwise.tables.columns import Column
from layerwise.tables.encoders.category import CategoryEncoder
from layerwise.tables.encoders.date import DateEncoder
from layerwise.tables.encoders.number import NumberEncoder, Scaling
from layerwise.tables.encoders.text import TextEncoder
from layerwise.tables.parsing.distinct import Amounts, Reading
from layerwise.tables.preparation import Preparation
from layerwise.tables.profiles import Profile
from layerwise.tables.task import Task
from layerwise.training.history import Epoch, History, LayerStatistics
from layerwise.training.state import TrainerState

Model: TypeAlias = TableClassifier | TableRegressor | MLPClassifier | MLPRegressor | Network
_Kind = TypeVar("_Kind")
# What can be kept, by the name that stands in the file.
_KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Model)}

# What fitted models are made of, apart from numbers, text and arrays.
_PARTS = (
    Amounts, Architecture, CategoryEncoder, Column, DateEncoder, Embedding, Ensemble, Epoch,
    HeldOutRows, History, Intervals, Labels, LayerStatistics, Member, NumberEncoder, OneHot,
    Preparation, Profile, Reading, Recipe, Scaling, Task, TextEncoder, TrainerState,
)  # fmt: skip


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Keep a fitted model, or a network, in one file.

    The file holds no code: arrays in the safetensors format, and a JSON text of all else. It is
    at all times either the old or the new one, whole.

    Parameters
    ----------
    model : TableClassifier, TableRegressor, MLPClassifier, MLPRegressor or Network
    path : path

    Raises
    ------
    TypeError
        If it is no such model.
    NotFittedError
        If it has not been fitted.
    ModelFileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from layerwise import Network
    >>> net = Network("3-4-1", seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(net, Path(folder, "net.layerwise"))
    ...     back = load(Path(folder, "net.layerwise"))
    >>> (back.vector == net.vector).all()
    np.True_
    """
    kind = type(model)
    if _KINDS.get(kind.__name__) is not kind:
        raise TypeError(
            f"one of Layerwise's {', '.join(_KINDS)} is wanted; got "
            f"{kind.__module__}.{kind.__qualname__}"
        )
    facts, arrays = state_of(model)
    write_container(path, facts, arrays)


@overload
def load(path: str | os.PathLike[str]) -> Model: ...
@overload
def load(path: str | os.PathLike[str], kind: type[_Kind]) -> _Kind: ...
def load(path: str | os.PathLike[str], kind: type[Any] = object) -> Any:
    """Return the model that a file holds; its predictions are the same to the last bit.

    Loading runs no code from the file.

    Parameters
    ----------
    path : path
    kind : type
        What is wanted, such as ``TableClassifier``; type checkers then know what comes.

    Returns
    -------
    TableClassifier, TableRegressor, MLPClassifier, MLPRegressor or Network

    Raises
    ------
    ModelFileError
        If there is no such file, it holds no model or none of this kind, is damaged, or is from a
        newer version.
    """
    note_input(path, "the model")
    facts, arrays = read_container(path)
    name = facts.get("kind")
    if not isinstance(name, str) or name not in _KINDS:
        raise ModelFileError(
            f"{path} holds a model of an unknown kind, {name!r}; known: {', '.join(_KINDS)}"
        )
    if not issubclass(_KINDS[name], kind):
        raise ModelFileError(f"{path} holds a {name}; a {kind.__name__} is wanted")
    try:
        return model_of(_KINDS[name], facts, arrays)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(
            f"{path} does not hold all of a {name} ({error}); take another copy of the file, or "
            "train the model again"
        ) from error


def trusted_types() -> list[str]:
    """Names of the types that fitted models are made of, for skops, and for MLflow, which uses it.

    Both ask which types a file may make objects of. These hold data and run nothing when they are
    made.

    Returns
    -------
    list of str

    Examples
    --------
    >>> trusted_types()[0]
    'layerwise.architecture.architecture.Architecture'
    """
    return sorted(f"{kind.__module__}.{kind.__qualname__}" for kind in (*_KINDS.values(), *_PARTS))
