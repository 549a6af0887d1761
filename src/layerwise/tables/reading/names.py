"""Names of columns: every column gets one, and no two the same."""

from collections.abc import Sequence

__all__ = ["unique_names"]


def unique_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names without a gap or a repetition, and a note for each that was changed.

    Spaces around a name are not part of it.

    Examples
    --------
    >>> unique_names(["a", "a", " b ", ""])
    (['a', 'a_2', 'b', 'column_4'],
     ['Column 2 is the second one named "a"; it is called "a_2".',
      'Column 4 has no name; it is called "column_4".'])
    """
    stripped = [name.strip() for name in names]
    taken = set(stripped)
    used: set[str] = set()
    counts: dict[str, int] = {}
    notes = []
    result = []
    for number, name in enumerate(stripped, start=1):
        chosen = name
        if not name:
            chosen = _free(f"column_{number}", taken)
            notes.append(f'Column {number} has no name; it is called "{chosen}".')
        elif name in used:
            counts[name] = counts.get(name, 1) + 1
            chosen = _free(f"{name}_{counts[name]}", taken)
            which = "the second one" if counts[name] == 2 else "another one"
            notes.append(f'Column {number} is {which} named "{name}"; it is called "{chosen}".')
        taken.add(chosen)
        used.add(chosen)
        result.append(chosen)
    return result, notes


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
