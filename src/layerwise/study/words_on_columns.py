"""What a study says of the columns that it left out, split by split."""

from collections import Counter

from layerwise.harmless_text import on_one_line
from layerwise.language import counted, message, tr
from layerwise.study.results import StudyResults
from layerwise.tables.names import some_names

_MOST_NAMES = 5


def times_left_out(results: StudyResults) -> dict[str, int]:
    """On how many of the splits in `left_out` each column was left out, the most often first."""
    return dict(
        Counter(name for names in results.left_out.values() for name in names).most_common()
    )


def columns_words(results: StudyResults) -> str:
    """Which columns no network was given, and why; "" where none was left out.

    Examples
    --------
    >>> left_out = {(0, 0): ("hue", "id"), (0, 1): ("hue",)}
    >>> results = StudyResults("binary", "y", "accuracy", True, [], [], left_out=left_out)
    >>> print(columns_words(results))
    1 column is left out on every split: hue. On some of the 2 splits also id (1). By the rows
    trained on they tell no more of y than chance would, or than another column that they nearly
    repeat. The others are given to all networks, the linear one too (--keep NAME, --no-selection).
    """
    n, counts = len(results.left_out), times_left_out(results)
    if not counts:
        return ""
    always = [name for name, count in counts.items() if count == n]
    sometimes = [f"{on_one_line(name)} ({count})" for name, count in counts.items() if count < n]
    told = []
    if always:
        which = message("{columns} are left out on every split: {names}.")
        if len(always) == 1:
            which = message("{columns} is left out on every split: {names}.")
        names = some_names(always, _MOST_NAMES)
        told.append(tr(which, columns=counted(len(always), "column"), names=names))
    if sometimes:
        which = message("On some of the {n} splits these columns are left out: {names}.")
        if always:
            which = message("On some of the {n} splits also {names}.")
        told.append(tr(which, n=n, names=some_names(sometimes, _MOST_NAMES)))
    told.append(
        tr(
            "By the rows trained on they tell no more of {target} than chance would, or than "
            "another column that they nearly repeat.",
            target=on_one_line(results.target),
        )
    )
    if results.sample_fits:
        told.append(tr("On samples of the rows they are chosen anew."))
    given = message(
        "The others are given to all networks, the linear one too (--keep NAME, --no-selection)."
    )
    if results.trees:
        given = message(
            "The others are given to all networks, the linear one too, and to the trees (--keep "
            "NAME, --no-selection)."
        )
    told.append(tr(given))
    return " ".join(told)
