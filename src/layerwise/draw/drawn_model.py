"""Any model as what a picture of its network needs: its numbers, and what people call things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.architecture import Architecture
from layerwise.arrays import Codes, Reals
from layerwise.draw.model_rows import check_member
from layerwise.draw.network_inputs import (
    InputColumn,
    columns_of_network,
    each_feature,
    feature_places,
)
from layerwise.network.inputs import as_array, as_numbers
from layerwise.texts import cell_text, shortened

if TYPE_CHECKING:
    from layerwise.estimators.table import BaseTable
    from layerwise.network import Network
    from layerwise.store.model_files import Model
    from layerwise.tables.targets import Targets

_LONGEST = 200  # letters of a label; measuring more takes minutes


@dataclass(frozen=True)
class DrawnRow:
    """One row as a network takes it.

    Attributes
    ----------
    x, codes : ndarray, shapes (1, n_inputs) and (1, n_codes)
    cells : dict of str to str
        By column, what stands in the table.
    y : ndarray or None
        The known answer as the loss takes it.
    answer : str
        The known answer in words, "" where there is none.
    """

    x: Reals
    codes: Codes
    cells: Mapping[str, str]
    y: "Targets | None" = None
    answer: str = ""


@dataclass(frozen=True)
class DrawnModel:
    """What a picture needs to know of a model.

    Attributes
    ----------
    architecture : Architecture
    network : Network or None
        None: only the architecture is known.
    columns : list of InputColumn
        The inputs as a person knows them.
    output_names : sequence of str
    is_named : bool
        Whether the inputs have names of their own, which are worth showing.
    n_networks : int
        How many networks the model averages.
    model : Network, fitted estimator, Architecture or None
        What was given.
    """

    architecture: Architecture
    network: "Network | None"
    columns: list[InputColumn]
    output_names: Sequence[str]
    is_named: bool = False
    n_networks: int = 1
    model: "Model | Architecture | None" = None

    def row(self, row: object, target: object = None) -> DrawnRow:
        """Prepare one row, and its known answer, for the network.

        Raises
        ------
        ValueError
            For several rows, or an answer that is no class of the model.
        """
        from layerwise.estimators.table import BaseTable

        if isinstance(self.model, BaseTable):
            return _row_of_table(self.model, row, target)
        return _row_of_numbers(self, row, target)

    def output_texts(self, outputs: Reals) -> list[str]:
        """The names of the outputs with their values, numbers in the target's own units."""
        values = np.asarray(outputs, np.float64)
        model: Any = self.model
        if hasattr(model, "target_scale_"):
            values = values * model.target_scale_ + model.target_mean_
        return [
            f"{name} = {_cell(float(value))}"
            for name, value in zip(self.output_names, values, strict=True)
        ]


def describe_model(
    model: "Model | Architecture | str",
    *,
    member: int = 0,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    each_input: bool = False,
) -> DrawnModel:
    """Describe what was given to be drawn.

    Parameters
    ----------
    model : Architecture, str, Network, or a fitted estimator of this package
    member : int
        Which of the networks that the model averages, from 0.
    input_names, output_names : sequence of str or None
        For what has no names of its own.
    each_input : bool
        Whether everything that reaches the first layer stands by itself, not by column.

    Raises
    ------
    TypeError
        For what is no network.
    ValueError
        For a member that is not there, or names that do not fit.
    NotFittedError
    """
    given_names = input_names is not None
    network: Any = None
    if isinstance(model, str):
        model = Architecture.parse(model)
    if not isinstance(model, Architecture):  # to draw one, nothing of estimators is imported
        from layerwise.estimators.mlp import BaseMLP
        from layerwise.estimators.table import BaseTable
        from layerwise.network import Network

        if isinstance(model, BaseTable):
            if given_names or output_names is not None:
                raise ValueError("a table's model has names already: leave out the other ones")
            return _of_table(model, member, each_input)
        if isinstance(model, BaseMLP):
            from sklearn.utils.validation import check_is_fitted

            check_is_fitted(model, "network_")
            network = model.network_
            names = getattr(model, "feature_names_in_", None)
            if input_names is None and names is not None:
                input_names, given_names = [str(name) for name in names], True
            classes = getattr(model, "classes_", None)
            if output_names is None and classes is not None:
                labels = [shortened(label, _LONGEST) for label in classes]
                output_names = labels[-network.architecture.n_outputs :]
        elif isinstance(model, Network):
            network = model
        else:
            raise TypeError(
                "an Architecture, a text like '3-4-4-1', a Network or a fitted model of this "
                f"package is wanted; got {type(model).__name__}"
            )
    check_member(member, 1)
    architecture = model if isinstance(model, Architecture) else network.architecture
    if input_names is None:
        input_names = [f"x{i + 1}" for i in range(architecture.n_inputs)]
    if output_names is None:
        output_names = [f"y{i + 1}" for i in range(architecture.n_outputs)]
    code_names = [f"code {i + 1}" for i in range(architecture.n_codes)]
    if len(input_names) == architecture.n_inputs + architecture.n_codes:
        code_names = list(input_names[architecture.n_inputs :])
        input_names = input_names[: architecture.n_inputs]
    _check_names("input_names", input_names, architecture.n_inputs)
    _check_names("output_names", output_names, architecture.n_outputs)
    if each_input:
        columns = each_feature(architecture, input_names, code_names, [()] * len(code_names))
    else:
        columns = columns_of_network(architecture, input_names, code_names)
    return DrawnModel(
        architecture, network, columns, list(output_names), is_named=given_names, model=model
    )


def _check_names(what: str, names: Sequence[str], n: int) -> None:
    if len(names) != n:
        raise ValueError(f"{what} must hold {n} names; got {len(names)}")


def _of_table(model: "BaseTable", member: int, each_input: bool) -> DrawnModel:
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(model, "ensemble_")
    networks = model.networks_
    check_member(member, len(networks))
    network, preparation = networks[member], model.preparation_
    if each_input:
        columns = each_feature(
            network.architecture,
            preparation.input_names,
            preparation.code_names,
            [
                [encoder.name_of(code) for code in range(encoder.n_codes)]
                for encoder in preparation.code_encoders
            ],
        )
    else:
        columns = _table_columns(model, network.architecture)
    classes = model.task_.classes
    return DrawnModel(
        network.architecture,
        network,
        columns,
        [shortened(label, _LONGEST) for label in classes] or list(model.task_.names),
        is_named=True,
        n_networks=len(networks),
        model=model,
    )


def _table_columns(model: "BaseTable", architecture: Architecture) -> list[InputColumn]:
    numbers, codes = feature_places(architecture)
    columns = []
    for column in model.preparation_.used:
        own_numbers, own_codes = model.preparation_.inputs_of(column.name)
        features = [place for i in own_numbers for place in numbers[i]]
        features += [place for i in own_codes for place in codes[i]]
        is_number = column.kind in {"number", "boolean"}
        number = own_numbers[0] if is_number and own_numbers else None
        columns.append(InputColumn(column.name, tuple(features), number))
    return columns


def _row_of_table(model: "BaseTable", row: Any, target: Any) -> DrawnRow:
    from layerwise.tables.frames import as_column, as_table
    from layerwise.tables.names import spelled_as

    if isinstance(row, Mapping) or (hasattr(row, "to_dict") and not hasattr(row, "columns")):
        cells = row if isinstance(row, Mapping) else row.to_dict()
        row = {
            name: cell if hasattr(cell, "__len__") and not isinstance(cell, str) else [cell]
            for name, cell in cells.items()
        }
    names = model.task_.names
    used = model.preparation_.used
    table = spelled_as(as_table(row), [*names, *(column.name for column in used)])
    if table.num_rows != 1:
        raise ValueError(f"one row is drawn; got {table.num_rows:,} rows: give one of them")
    prepared = model.prepare(table)
    texts = {column.name: _cell(table.column(column.name)[0].as_py()) for column in used}
    if target is None and all(name in table.column_names for name in names):
        answers = [table.column(name) for name in names]
    elif target is not None:
        values = target if len(names) > 1 else [target]
        answers = [as_column([v], name) for v, name in zip(values, names, strict=True)]
    else:
        return DrawnRow(prepared.x, prepared.codes, texts)
    y, missing = model.task_.encode(*answers)
    if missing.any():
        return DrawnRow(prepared.x, prepared.codes, texts)
    if hasattr(model, "target_scale_"):
        y = (y.reshape(1, -1) - model.target_mean_) / model.target_scale_
    answer = ", ".join(_cell(column[0].as_py()) for column in answers)
    return DrawnRow(prepared.x, prepared.codes, texts, y, answer)


def _row_of_numbers(drawn: DrawnModel, row: object, target: object) -> DrawnRow:
    """A row of numbers, then codes, for a network or an estimator of matrices."""
    architecture = drawn.architecture
    numbers = as_numbers(row, "a row").astype(np.float64)
    if numbers.ndim == 2 and len(numbers) == 1:
        numbers = numbers[0]
    wanted = architecture.n_inputs + architecture.n_codes
    if numbers.shape != (wanted,):
        codes_too = f" ({architecture.n_codes} codes last)" if architecture.n_codes else ""
        raise ValueError(f"a row of {wanted} numbers{codes_too} is wanted; got {numbers.shape}")
    x = numbers[None, : architecture.n_inputs]
    codes = numbers[None, architecture.n_inputs :].astype(np.int32)
    cells = {c.name: _cell(float(v)) for c, v in zip(drawn.columns, numbers, strict=False)}
    if target is None:
        return DrawnRow(x, codes, cells)
    y = np.atleast_1d(as_array(target, "target"))
    classes = getattr(drawn.model, "classes_", None)
    if classes is not None and len(y) == 1:
        if y[0] not in classes:
            raise ValueError(f"{target!r} is none of the classes {[*classes[:8]]}")
        y = np.searchsorted(classes, y)
    return DrawnRow(x, codes, cells, np.asarray(y, np.float64), _cell(target))


def _cell(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, float):
        written = f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
        return written.replace("-", "−", 1) if value < 0 else written
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    return shortened(cell_text(value), _LONGEST)
