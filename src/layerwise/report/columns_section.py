"""The section on the table's columns: kinds, reasons, distributions, and what became of them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from layerwise.arrays import Integers
from layerwise.language import counted, message, retold, tr
from layerwise.report.elements import Html, details, element, section
from layerwise.report.model_words import became, left_out_words
from layerwise.report.trial import Trial
from layerwise.tables.columns import LEFT_OUT, Column, category_cells, numbers_of
from layerwise.texts import clip, number, percent

# The columns beyond these stand folded up and without pictures, so that wide tables stay readable.
_MOST_OPEN = 100
_WIDTH, _HEIGHT = 132, 30
_BINS, _BARS = 20, 12
_MOST_CELLS = 100_000
_HEADINGS = (
    message("column"),
    message("kind"),
    message("distribution"),
    message("missing"),
    message("distinct"),
    message("why, and what became of it"),
)


def columns_section(trial: Trial, rows: pa.Table) -> Html | None:
    """A line for each column, and the dropped ones named above; None without columns.

    Parameters
    ----------
    trial : Trial
    rows : pyarrow.Table
        All of the table's.
    """
    columns = trial.model.columns_
    if not columns:
        return None
    lines = [_line(column, trial, rows, i < _MOST_OPEN) for i, column in enumerate(columns)]
    used = [column for column in columns if column.is_used]
    # Those left out for what they tell of the target may be many: the table has their reasons.
    dropped = [one for one in columns if not one.is_used and one.kind not in LEFT_OUT]
    values = {"columns": counted(len(used), "column"), "n": len(columns)}
    words = tr("{columns} of {n:,} reach the network.", **values)
    if len(used) == 1:
        words = tr("{columns} of {n:,} reaches the network.", **values)
    others = counted(len(columns) - _MOST_OPEN, "column")
    more = [
        details(
            tr("The other {columns}", columns=others),
            _table(lines[_MOST_OPEN:]),
        )
    ]
    return section(
        "columns",
        tr("The columns"),
        element("p", words),
        *(element("p", sentence + ".") for sentence in left_out_words(trial.model)),
        _dropped(dropped),
        _table(lines[:_MOST_OPEN]),
        *(more if len(columns) > _MOST_OPEN else []),
    )


def _dropped(columns: Sequence[Column]) -> Html | None:
    if not columns:
        return None
    items = [
        element("li", element("strong", column.name), ": ", retold(column.reason), class_="note")
        for column in columns
    ]
    words = tr("Left out: {columns}", columns=counted(len(columns), "column"))
    heading = element("p", words + ".")
    if len(items) > _MOST_OPEN:
        return details(words, element("ul", *items))
    return Html(heading + element("ul", *items, class_="findings"))


def _table(lines: Sequence[Html]) -> Html:
    """A table whose lines become cards on a narrow page; the roles keep it a table there too."""
    head = element("tr", *(element("th", tr(name), scope="col") for name in _HEADINGS))
    body = element(
        "table", element("thead", head), element("tbody", *lines, role="rowgroup"),
        class_="columns", role="table",
    )  # fmt: skip
    return element(
        "div", body, class_="scroll", role="region", aria_label=tr("The columns"), tabindex="0"
    )


def _line(column: Column, trial: Trial, rows: pa.Table, has_picture: bool) -> Html:
    values = rows.column(column.name)
    missing = column.n_missing / len(trial.split.train)
    if trial.before is not None:  # whose column it is: the rows that were looked at were others
        missing = values.null_count / len(values)
    return element(
        "tr",
        element("th", column.name, scope="row", role="rowheader"),
        element("td", element("span", tr(column.kind), class_="tag"), role="cell"),
        element(
            "td", _picture(column, values) if has_picture else None, role="cell", class_="picture"
        ),
        element("td", percent(missing), role="cell", class_="n", data_label=tr("missing")),
        element("td", f"{column.n_distinct:,}", role="cell", class_="n", data_label=tr("distinct")),
        element(
            "td",
            element("span", retold(column.reason), class_="muted") if column.reason else None,
            Html("<br>") if column.is_used and column.reason else None,
            f"→ {became(column, trial.model.preparation_)}" if column.is_used else None,
            role="cell", class_="why",
        ),
        role="row",
        class_=None if column.is_used else "dropped",
    )  # fmt: skip


def _picture(column: Column, values: pa.ChunkedArray) -> Html | None:
    """How the values of a column are spread: bars, and the most frequent or the ends in words."""
    values = values.slice(0, _MOST_CELLS)
    if column.kind in {"empty", "identifier", "text", "dropped"}:
        return None
    if column.kind in LEFT_OUT and column.stored != "number":
        return None  # of what kind it was is no longer known
    if column.kind in {"category", "boolean", "constant"} or column.stored == "boolean":
        texts, places = category_cells(values)
        counts = np.bincount(places[places >= 0], minlength=len(texts))
        order = np.argsort(-counts, kind="stable")
        if not counts.sum():
            return None
        words, gap, class_ = _shares([texts[i] for i in order], counts[order]), 2.0, "box plain"
        others = counts[order[_BARS:]].sum()
        counts = np.append(counts[order[:_BARS]], others) if others else counts[order[:_BARS]]
    else:
        numbers, ends = numbers_of(column, values)
        finite = numbers[np.isfinite(numbers)]
        if not len(finite):
            return None
        counts, edges = np.histogram(finite, min(_BINS, len(np.unique(finite))))
        low, high = ends or _ends(float(edges[0]), float(edges[-1]))
        words, gap, class_ = tr("{low} to {high}", low=low, high=high), 0.5, "box first"
    step = _WIDTH / max(len(counts), 4)
    # A bar that holds something is never invisible.
    heights = np.where(counts > 0, np.maximum(1.0, _HEIGHT * counts / counts.max()), 0.0)
    path = "".join(
        f"M{i * step:.1f} {_HEIGHT}v{-height:.1f}h{step - gap:.1f}v{height:.1f}z"
        for i, height in enumerate(heights)
        if height
    )
    bars = element("path", d=path, class_=class_)
    svg = element("svg", bars, class_="tiny", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", aria_hidden="true")
    return Html(svg + element("span", words))


def _ends(*ends: float) -> tuple[str, str]:
    """The first and the last edge; one that is 0 but for rounding is written so."""
    small = 1e-9 * max(map(abs, ends))
    low, high = (number(0.0 if abs(end) < small else end) for end in ends)
    return low, high


def _shares(names: Sequence[str], counts: Integers) -> str:
    """The most frequent values, which come first, and their shares, in words."""
    parts = [
        f"{clip(name, 24)} {percent(count / counts.sum(), 0)}"
        for name, count in zip(names[:3], counts.tolist(), strict=False)
    ]
    return ", ".join(parts) + (", …" if len(names) > 3 else "")
