"""The section on the table's columns: kinds, reasons, distributions, and what became of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerwise.report.elements import Html, details, element, section
from layerwise.report.report_data import Bars, ColumnFacts, Histogram
from layerwise.texts import clip, number, percent, plural

__all__ = ["MOST_OPEN", "columns_section"]

# The columns beyond these stand folded up and without pictures, so that wide tables stay readable.
MOST_OPEN = 100
_WIDTH, _HEIGHT, _MOST_BARS = 132, 30, 40
_HEADINGS = ("column", "kind", "distribution", "missing", "distinct", "why, and what became of it")


def columns_section(columns: Sequence[ColumnFacts]) -> Html | None:
    """A line for each column, and the dropped ones named above; None without columns."""
    if not columns:
        return None
    used = [column for column in columns if column.is_used]
    dropped = [column for column in columns if not column.is_used]
    words = f"{plural(len(used), 'column')} of {len(columns):,} "
    words += "reaches the network." if len(used) == 1 else "reach the network."
    more = [
        details(
            f"The other {plural(len(columns) - MOST_OPEN, 'column')}",
            _table(columns[MOST_OPEN:], pictures=False),
        )
    ]
    return section(
        "columns",
        "The columns",
        element("p", words),
        _dropped(dropped),
        _table(columns[:MOST_OPEN], pictures=True),
        *(more if len(columns) > MOST_OPEN else []),
    )


def _dropped(columns: Sequence[ColumnFacts]) -> Html | None:
    if not columns:
        return None
    items = [
        element("li", element("strong", column.name), f": {column.reason}", class_="note")
        for column in columns
    ]
    heading = element("p", f"Left out: {plural(len(columns), 'column')}.")
    if len(items) > MOST_OPEN:
        return details(f"Left out: {plural(len(columns), 'column')}", element("ul", *items))
    return Html(heading + element("ul", *items, class_="findings"))


def _table(columns: Sequence[ColumnFacts], *, pictures: bool) -> Html:
    """A table whose lines become cards on a narrow page; the roles keep it a table there too."""
    head = element("tr", *(element("th", name, scope="col") for name in _HEADINGS))
    lines = [_line(column, pictures=pictures) for column in columns]
    body = element(
        "table", element("thead", head), element("tbody", *lines, role="rowgroup"),
        class_="columns", role="table",
    )  # fmt: skip
    return element(
        "div", body, class_="scroll", role="region", aria_label="The columns", tabindex="0"
    )


def _line(column: ColumnFacts, *, pictures: bool) -> Html:
    drawn = column.distribution if pictures else None
    return element(
        "tr",
        element("th", column.name, scope="row", role="rowheader"),
        element("td", element("span", column.kind, class_="tag"), role="cell"),
        element("td", None if drawn is None else _picture(drawn), role="cell", class_="picture"),
        element(
            "td", percent(column.missing), role="cell", class_="n", data_label="missing"
        ),
        element("td", f"{column.n_distinct:,}", role="cell", class_="n", data_label="distinct"),
        element(
            "td",
            element("span", column.reason, class_="muted") if column.reason else None,
            Html("<br>") if column.became and column.reason else None,
            f"→ {column.became}" if column.became else None,
            role="cell", class_="why",
        ),
        role="row",
        class_=None if column.is_used else "dropped",
    )  # fmt: skip


def _picture(distribution: Histogram | Bars) -> Html | None:
    counts = np.asarray(distribution.counts, np.float64)[:_MOST_BARS]
    if not counts.sum():
        return None
    if isinstance(distribution, Histogram):
        counts = _merged(np.asarray(distribution.counts, np.float64))
        low, high = distribution.ends or _ends(distribution)
        words, gap, class_ = f"{low} to {high}", 0.5, "box first"
    else:
        words, gap, class_ = _shares(distribution), 2.0, "box plain"
        counts = np.append(counts, distribution.n_others) if distribution.n_others else counts
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


def _ends(histogram: Histogram) -> tuple[str, str]:
    """The first and the last edge; one that is 0 but for rounding is written so."""
    ends = [float(histogram.edges[0]), float(histogram.edges[-1])]
    small = 1e-9 * max(map(abs, ends))
    low, high = (number(0.0 if abs(end) < small else end) for end in ends)
    return low, high


def _merged(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Neighbouring bins added up where there are more than can be seen."""
    times = -(-len(counts) // _MOST_BARS)
    padded = np.pad(counts, (0, -len(counts) % times))
    return np.asarray(padded.reshape(-1, times).sum(axis=1))


def _shares(bars: Bars) -> str:
    """The most frequent values and their shares, in words."""
    total = sum(bars.counts) + bars.n_others
    pairs = sorted(zip(bars.counts, bars.names, strict=True), key=lambda pair: -pair[0])
    parts = [f"{clip(name, 24)} {percent(count / total, 0)}" for count, name in pairs[:3]]
    return ", ".join(parts) + (", …" if len(pairs) > 3 or bars.n_others else "")
