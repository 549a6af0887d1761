"""The section on which columns matter: permutation importances with their spread."""

import math

import numpy as np

from layerwise.report.data import Importances
from layerwise.report.html import Html, element, section, table
from layerwise.report.wording import clip, number, plural

__all__ = ["importance_section"]

_MOST_COLUMNS = 30
_WIDTH = 400.0


def importance_section(importances: Importances | None) -> Html | None:
    """A bar for each column, the most important first."""
    if importances is None or not len(importances.names):
        return None
    values = np.asarray(importances.values, np.float64)
    means, spreads = values.mean(axis=1), values.std(axis=1)
    order = [int(i) for i in np.argsort(-means, kind="stable")[:_MOST_COLUMNS]]
    low = min(0.0, float(np.min((means - spreads)[order])))
    high = max(0.0, float(np.max((means + spreads)[order])))
    scale = _WIDTH / ((high - low) or 1.0)
    # As many decimals for all as give the largest four digits.
    digits = min(max(3 - math.floor(math.log10(max(high, -low, 1e-12))), 0), 12)
    lines = [
        [
            importances.names[i],
            _bar(float(means[i]), float(spreads[i]), low, scale),
            f"{_fixed(float(means[i]), digits)} ± {_fixed(float(spreads[i]), digits)}",
        ]
        for i in order
    ]
    best = order[0]
    repeats = plural(values.shape[1], "time")
    words = (
        f"The cells of one column at a time were shuffled among the test rows, {repeats}: the "
        f"longer the bar, the worse {importances.score} became, so the more the network relies "
        f"on that column. The line across a bar's end is the spread over the repeats."
    )
    if means[best] > spreads[best]:
        words += (
            f" “{clip(importances.names[best], 40)}” matters most: with its cells "
            f"shuffled, {importances.score} is worse by {number(float(means[best]), 3)}."
        )
    useless = int(np.sum(means <= spreads))
    if useless:
        words += (
            f" {plural(useless, 'column')} cannot be told from no effect at all; of columns that "
            "say the same, each alone may look like that."
        )
    rest = len(means) - len(order)
    return section(
        "importance",
        "Which columns matter",
        table(
            ["column", "importance", f"{importances.score} worse by"], lines,
            caption="Permutation importances", numeric=[2], class_="bars",
        ),
        element("p", f"And {plural(rest, 'column')} of less importance.") if rest else None,
        element("p", words),
    )  # fmt: skip


def _fixed(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def _bar(mean: float, spread: float, low: float, scale: float) -> Html:
    zero, end = -low * scale, (mean - low) * scale
    left, width = min(zero, end), max(abs(end - zero), 0.5)
    a, b = (mean - spread - low) * scale, (mean + spread - low) * scale
    bar = element(
        "rect", x=f"{left:.1f}", y=3, width=f"{width:.1f}", height=12,
        class_="box first" if mean >= 0 else "box plain",
    )  # fmt: skip
    whisker = element("path", d=f"M{a:.1f} 5v8m0 -4H{b:.1f}m0 -4v8", class_="spread")
    return element(
        "svg", bar, whisker, viewBox=f"0 0 {_WIDTH:.0f} 18", preserveAspectRatio="none",
        aria_hidden="true",
    )  # fmt: skip
