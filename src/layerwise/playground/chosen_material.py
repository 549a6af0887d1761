"""From what is chosen on a page to the rows that it learns from."""

from __future__ import annotations

from layerwise.playground.choices import POINTS, TABLE, Choices, WrongChoice, split
from layerwise.playground.material import Material
from layerwise.playground.uploads import PageTable

__all__ = ["chosen_material", "with_plane_of"]


def chosen_material(choices: Choices, table: PageTable | None) -> Material:
    """Make the rows that are chosen.

    Parameters
    ----------
    choices : Choices
    table : PageTable or None
        The page's.

    Raises
    ------
    WrongChoice
        If a table is chosen, and the page has none.
    TableError
        If they cannot be learned from.
    """
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
    return Material.of_table(
        table.table,
        choices.target or table.target,
        inputs=split(choices.inputs),
        test=choices.test,
        seed=choices.seed,
    )


def with_plane_of(choices: Choices, material: Material, before: Choices) -> Choices:
    """The choices without a plane that belongs to the data before."""
    if choices.plane == before.plane and choices.held == before.held:
        names = {one.name for one in material.inputs}
        if not set(split(choices.plane)) <= names:
            return choices.changed({"plane": "", "held": ""})
    return choices
