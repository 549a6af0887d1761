"""What `layerwise draw` was asked for, and the parts of it that several pictures look up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layerwise.cli.options import option

if TYPE_CHECKING:
    import pyarrow as pa

    from layerwise.estimators.table import BaseTable
    from layerwise.network import Network
    from layerwise.store.model_files import Model
    from layerwise.training import History


@dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """What only some pictures use; None or False where not given."""

    row: int | None = option(
        "Which row of the table goes through the network; the first is 1.", metavar="N", least=1
    )
    gradients: bool = option(
        "The derivatives of that row's loss, whose answer the table holds.",
        "--gradients",
        default=False,
    )
    member: int | None = option(
        "Which of the networks that a model averages.", metavar="N", shown="1", least=1
    )
    nodes: int | None = option(
        "Longer layers are shortened; columns to twice as many.",
        metavar="N",
        shown="10; of nodes, 8",
        least=2,
    )
    each_input: bool = option(
        "Every number that the network gets, not the table's columns.",
        "--each-input",
        default=False,
    )
    columns: list[str] | None = option(
        "Of boundary, nodes, learning: the columns across and up; else those that tell most. "
        "Others are held at typical values.",
        metavar="A,B",
        shown=False,
    )


@dataclass(frozen=True)
class PictureRequest:
    """What was asked for.

    Attributes
    ----------
    model : TableClassifier, TableRegressor, MLPClassifier, MLPRegressor, Network, str or None
        A loaded model, or an architecture as text.
    table : pyarrow.Table or None
    theme : str
    options : DrawOptions
        What only some pictures use.
    """

    model: Model | str | None
    table: pa.Table | None
    theme: str
    options: DrawOptions

    @property
    def member(self) -> int:
        """Which of the networks that the model averages, from 0.

        Raises
        ------
        ValueError
            If the model does not have it.
        """
        number = int(self.options.member or 1)
        n = len(getattr(self.model, "networks_", [None]))
        if number > n:
            has = f"the model averages {n} networks, 1 to {n}" if n > 1 else "there is one network"
            raise ValueError(f"--member {number}: {has}")
        return number - 1

    @property
    def one_row(self) -> pa.Table | None:
        """The row of the table that was asked for, as a table; None: none was.

        Raises
        ------
        ValueError
            If there is no table, or it has no such row.
        """
        row = self.options.row
        if row is None:
            return None
        if self.table is None:
            raise ValueError("--row is one of a table: give the table after the model")
        n = self.table.num_rows
        if not 1 <= row <= n:
            raise ValueError(f"--row {row}: the table has the rows 1 to {n:,}")
        return self.table.slice(row - 1, 1)

    @property
    def fitted(self) -> Model:
        """The model, which must be a fitted one.

        Raises
        ------
        ValueError
            If it is an architecture alone.
        """
        if self.model is None or isinstance(self.model, str):
            raise ValueError(f"{self.model!r} is an architecture alone; give a fitted model's file")
        return self.model

    @property
    def needed_table(self) -> pa.Table:
        """The table, which must be there.

        Raises
        ------
        ValueError
            If it is not.
        """
        if self.table is None:
            raise ValueError(
                "this picture is drawn of a table's rows: give the table after the model"
            )
        return self.table

    @property
    def table_model(self) -> BaseTable:
        """The model, which must be of a raw table.

        Raises
        ------
        ValueError
            If it is of bare numbers: nothing says which of a table's columns they are.
        """
        from layerwise.estimators.table import BaseTable

        model = self.fitted
        if not isinstance(model, BaseTable):
            raise ValueError(
                "this picture is of a table's model, as `layerwise fit` makes; draw other networks "
                "from Python, with layerwise.draw"
            )
        return model

    @property
    def history(self) -> History:
        """The history of the network that was asked for.

        Raises
        ------
        ValueError
            If the model has none.
        """
        from layerwise.estimators.mlp import BaseMLP
        from layerwise.estimators.table import BaseTable

        model, member = self.model, self.member
        if isinstance(model, BaseTable):
            return model.ensemble_.members[member].history
        if not isinstance(model, BaseMLP):
            raise ValueError("a bare network or architecture has no history; give a fitted model")
        return model.history_

    @property
    def network(self) -> Network:
        """The network that was asked for, with its numbers.

        Raises
        ------
        ValueError
            If there are no numbers.
        """
        from layerwise.estimators.table import BaseTable
        from layerwise.network import Network

        model, member = self.fitted, self.member
        if isinstance(model, BaseTable):
            return model.networks_[member]
        return model if isinstance(model, Network) else model.network_
