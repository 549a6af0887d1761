"""From what is chosen on a page to the rows that it learns from, and the plane they stand on."""

from __future__ import annotations

from dataclasses import dataclass

from layerwise.playground.choices import POINTS, TABLE, Choices, WrongChoice, split
from layerwise.playground.input_plane import Plane
from layerwise.playground.material import Material
from layerwise.playground.page_table import PageTable


@dataclass(frozen=True, eq=False)
class ChosenMaterial:
    """Rows to learn from, by what was chosen.

    Attributes
    ----------
    choices : Choices
    table : PageTable or None
        The page's when they were made.
    material : Material
    plane : Plane
    """

    choices: Choices
    table: PageTable | None
    material: Material
    plane: Plane

    @classmethod
    def of(
        cls, choices: Choices, table: PageTable | None, before: ChosenMaterial | None
    ) -> ChosenMaterial:
        """Make the rows that are chosen; or keep those that are there, if they are the same.

        Of a large table it takes seconds.

        Raises
        ------
        WrongChoice
            If a table is chosen and the page has none; or for a plane that there is not.
        TableError
            If they cannot be learned from.
        """
        if before is not None and before.serves(choices, table):
            material = before.material
        else:
            material = _material(choices, table)
        if before is not None:
            choices = _with_plane_of(choices, material, before.choices)
        return cls(choices, table, material, Plane.of(choices, material))

    def keeps_network(self, choices: Choices, table: PageTable | None) -> bool:
        """Whether a network that learns from these goes on with other choices."""
        return choices.same_network(self.choices) and self.serves(choices, table)

    def serves(self, choices: Choices, table: PageTable | None) -> bool:
        """Whether these are the rows of other choices too.

        A table that came since may have columns of the same names, and is another all the same.
        """
        is_new = choices.data == TABLE and self.table is not table
        return choices.same_material(self.choices) and not is_new


def _material(choices: Choices, table: PageTable | None) -> Material:
    if choices.data == POINTS:
        return Material.of_points(choices.hand_drawn(), test=choices.test, seed=choices.seed)
    if choices.data != TABLE:
        return Material.of_toy(
            choices.data,
            choices.rows,
            choices.noise,
            count=choices.count,
            test=choices.test,
            seed=choices.seed,
        )
    if table is None:
        raise WrongChoice("there is no table on this page: drop one on it, or paste one")
    return table.material(
        choices.target or table.target,
        inputs=split(choices.inputs),
        test=choices.test,
        seed=choices.seed,
    )


def _with_plane_of(choices: Choices, material: Material, before: Choices) -> Choices:
    """The choices without a plane that belongs to the data before."""
    if choices.plane == before.plane and choices.held == before.held:
        names = {one.name for one in material.inputs}
        if not set(split(choices.plane)) <= names:
            return choices.changed({"plane": "", "held": ""})
    return choices
