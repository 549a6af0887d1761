"""What a study says of the columns that it left out, split by split."""

from collections import Counter

from layerwise.literal import on_one_line
from layerwise.study.results import StudyResults
from layerwise.tables.names import some_names
from layerwise.texts import plural

__all__ = ["columns_words", "times_left_out"]

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
        are = "is" if len(always) == 1 else "are"
        told.append(
            f"{plural(len(always), 'column')} {are} left out on every split: "
            f"{some_names(always, _MOST_NAMES)}."
        )
    if sometimes:
        which = "also " if always else "these columns are left out: "
        told.append(f"On some of the {n} splits {which}{some_names(sometimes, _MOST_NAMES)}.")
    told.append(
        f"By the rows trained on they tell no more of {on_one_line(results.target)} than chance "
        "would, or than another column that they nearly repeat."
    )
    if results.sample_fits:
        told.append("On samples of the rows they are chosen anew.")
    trees = ", and to the trees" if results.trees else ""
    told.append(
        f"The others are given to all networks, the linear one too{trees} (--keep NAME, "
        "--no-selection)."
    )
    return " ".join(told)
