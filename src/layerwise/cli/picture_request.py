"""What `layerwise draw` was asked for, and the parts of it that several pictures look up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from layerwise.cli.options import option

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DrawOptions", "PictureRequest"]


@dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """What only some pictures use; None or False where not given."""

    row: Annotated[
        int | None,
        option(
            "Which row of the table goes through the network; the first is 1.",
            metavar="N",
            least=1,
        ),
    ] = None
    gradients: Annotated[
        bool,
        option("The derivatives of that row's loss, whose answer the table holds.", "--gradients"),
    ] = False
    member: Annotated[
        int | None,
        option("Which of the networks that a model averages.", metavar="N", default="1", least=1),
    ] = None
    nodes: Annotated[
        int | None,
        option(
            "Longer layers are shortened; columns to twice as many.",
            metavar="N",
            default="10; of nodes, 8",
            least=2,
        ),
    ] = None
    each_input: Annotated[
        bool,
        option("Every number that the network gets, not the table's columns.", "--each-input"),
    ] = False
    columns: Annotated[
        list[str] | None,
        option(
            "Of boundary, nodes, learning: the columns across and up; else those that tell most. "
            "Others are held at typical values.",
            metavar="A,B",
            default=False,
        ),
    ] = None


@dataclass(frozen=True)
class PictureRequest:
    """What was asked for.

    Attributes
    ----------
    model : object or None
        A loaded model, or an architecture as text.
    table : pyarrow.Table or None
    theme : str
    options : DrawOptions
        What only some pictures use.
    """

    model: Any
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
    def fitted(self) -> Any:
        """The model, which must be a fitted one.

        Raises
        ------
        ValueError
            If it is an architecture alone.
        """
        if isinstance(self.model, str):
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
    def table_model(self) -> Any:
        """The model, which must be of a raw table.

        Raises
        ------
        ValueError
            If it is of bare numbers: nothing says which of a table's columns they are.
        """
        if not hasattr(self.fitted, "preparation_"):
            raise ValueError(
                "this picture is of a table's model, as `layerwise fit` makes; draw other networks "
                "from Python, with layerwise.draw"
            )
        return self.model

    @property
    def history(self) -> Any:
        """The history of the network that was asked for.

        Raises
        ------
        ValueError
            If the model has none.
        """
        member = self.member
        if hasattr(self.model, "history_"):
            return self.model.history_
        if not hasattr(self.model, "ensemble_"):
            raise ValueError("a bare network or architecture has no history; give a fitted model")
        return self.model.ensemble_.members[member].history

    @property
    def network(self) -> Any:
        """The network that was asked for, with its numbers.

        Raises
        ------
        ValueError
            If there are no numbers.
        """
        model, member = self.fitted, self.member
        if hasattr(model, "networks_"):
            return model.networks_[member]
        return getattr(model, "network_", model)
