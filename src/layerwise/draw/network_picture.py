"""A network as nodes in columns, joined by lines: its weights, or one row's way through it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from layerwise.architecture.lookup import check_count
from layerwise.draw.drawn_model import DrawnRow, describe_model
from layerwise.draw.inline import tell
from layerwise.draw.network_layout import NodeColumn, choose_nodes, heights, visible_layers
from layerwise.draw.network_numbers import NetworkNumbers, flow_of, gradients_of, weights_of
from layerwise.draw.network_words import NetworkWords
from layerwise.draw.sheet import Sheet, clip_label, clip_text, text_width, wrap_text
from layerwise.draw.theme import Theme, find_theme, readable_on
from layerwise.language import speaks, tr
from layerwise.texts import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from layerwise.architecture import Architecture
    from layerwise.store.model_files import Model

_MARGIN, _AWAY = 14.0, 5.0
_TITLE, _LABEL, _SMALL, _IN_NODE = 11.5, 9.0, 8.0, 7.0  # sizes of text
_LINE = 12.5  # from one line of text to the next
_WIDEST_LABEL, _LEAST_WIDTH, _LEAST_GAP = 150.0, 250.0, 88.0
_MOST_COLUMNS = 7
_ROOMY = 13  # up to so many rows stand as far apart as can be
_PITCH, _LEAST_PITCH = 34.0, 14.0
_RADIUS, _READABLE = 12.5, 11.5  # the largest node, and the smallest with a text in it
_THINNEST, _THICKEST = 0.35, 3.6
_MANY_LINES = 60  # more of them are drawn thinner
_MARK = 18.0  # length of a line in the key


@speaks
def draw_network(
    model: "Model | Architecture | str",
    row: object = None,
    *,
    target: object = None,
    gradients: bool = False,
    member: int = 0,
    nodes: int = 10,
    each_input: bool = False,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    theme: str = "light",
    language: str | None = None,
) -> "Figure":
    """Draw a network: nodes in columns, a line for each weight.

    The thicker a line, the larger its number beside the others of its layer; its colour is the
    number's sign. The number in a node is its bias. With a row, lines are what enters times its
    weight, and nodes show what they give on; with gradients, lines and nodes show the loss's
    derivative by them. A node's colour says the same as its number, which is left out where nodes
    are small. Of a long layer those nodes are drawn whose lines are strongest.

    The inputs of a table's model are the table's columns. One that became several inputs (pieces,
    columns of 0 and 1, a vector) has one line to each node: what they add together, or, of weights
    and gradients, the root of the sum of their squares, in grey since it has no sign.

    Parameters
    ----------
    model : Architecture, str, Network, or a fitted model of this package
        An architecture has no numbers: all its lines are alike.
    row : data frame of one row, dict, or array-like of shape (n_inputs + n_codes,), or None
        As the model takes it: raw for a table's model.
    target : object or None
        The row's known answer; None: what the row itself holds in the target's column.
    gradients : bool
        Whether to draw the derivatives of the row's loss.
    member : int
        Of a model that averages networks: which one, from 0.
    nodes : int
        A longer layer is shortened to so many, inputs that have names to twice as many.
    each_input : bool
        Whether to draw all that reaches the first layer one by one.
    input_names, output_names : sequence of str or None
        For an architecture or a network.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Figure
        Save it with ``figure.savefig("network.svg")``.

    Raises
    ------
    TypeError
        For what is no network.
    ValueError
        For a member, names or a row that do not fit, gradients without an answer, or a network
        whose numbers are not finite.

    Examples
    --------
    >>> from layerwise.draw import draw_network
    >>> figure = draw_network("3-4-4-1")
    >>> [text.get_text() for text in figure.axes[0].texts][:2]
    ['3-4-4-1', '41 parameters: 32 weights + 9 biases']
    """
    check_count("nodes", nodes, 2)
    drawn = describe_model(
        model,
        member=member,
        input_names=input_names,
        output_names=output_names,
        each_input=each_input,
    )
    seen: DrawnRow | None = None
    numbers: NetworkNumbers | None = None
    if row is not None:
        seen = drawn.row(row, target)
        numbers = gradients_of(drawn, seen) if gradients else flow_of(drawn, seen)
    elif gradients or target is not None:
        raise ValueError("gradients and target are of one row: give the row too")
    elif drawn.network is not None:
        numbers = weights_of(drawn)
    words = NetworkWords(drawn, numbers, seen, gradients, member)
    return _paint(_place(words, nodes), find_theme(theme))


@dataclass(frozen=True)
class _Column:
    """A column of nodes in its place."""

    nodes: NodeColumn
    x: float
    ys: list[float]  # of the nodes shown
    gap_y: float | None  # of the row for those left out
    radius: float


@dataclass(frozen=True)
class _Placed:
    """Everything in its place; lengths in points, heights from the top."""

    words: NetworkWords
    width: float
    height: float
    columns: list[_Column]
    hole_x: float | None  # where layers are left out
    headings_y: float  # the middle of the first line above the nodes
    middle_y: float  # of the nodes
    counts_y: float
    subtitle: list[str]
    keys: list[list[tuple[str, str, float]]]  # lines of (mark, text, place)
    keys_y: float


def _place(words: NetworkWords, most: int) -> _Placed:
    """Measure all words, then put columns as far apart as they need."""
    drawn = words.drawn
    layers, hole = visible_layers(drawn.architecture.depth + 2, _MOST_COLUMNS)
    chosen = [_choose(words, layer, most) for layer in layers]
    headings = [words.heading(layer) for layer in layers]
    gap = _gap_between(words, layers, headings)
    left = _side(words.input_labels, chosen[0], headings[0])
    right = _side(words.output_labels, chosen[-1], headings[-1])
    n_gaps = len(layers) - 1 + (hole is not None)
    width = max(left + gap * n_gaps + right, _LEAST_WIDTH)
    gap = (width - left - right) / n_gaps
    inner = width - 2 * _MARGIN
    subtitle = wrap_text(words.subtitle, inner, _SMALL)
    headings_y = _MARGIN + _TITLE + 8 + _LINE * (len(subtitle) + 0.5)
    nodes_y = headings_y + _LINE * (max(map(len, headings)) - 0.5) + 8
    total = _total_height(chosen)
    places = [k + (hole is not None and k >= hole) for k in range(len(layers))]
    columns = [
        _column_at(column, left + gap * place, nodes_y, total)
        for column, place in zip(chosen, places, strict=True)
    ]
    counts_y = nodes_y + total + 8 + _LINE / 2
    keys_y = counts_y + _LINE * (1.5 if words.numbers is None else 2.5) + 4
    shown = any(_has_number(column, words) for column in columns)
    keys = _flow(words.keys(numbers_shown=shown), inner)
    return _Placed(
        words,
        width,
        keys_y + _LINE * (len(keys) - 0.5) + _MARGIN - 2,
        columns,
        hole_x=None if hole is None else left + gap * hole,
        headings_y=headings_y,
        middle_y=nodes_y + total / 2,
        counts_y=counts_y,
        subtitle=subtitle,
        keys=keys,
        keys_y=keys_y,
    )


def _choose(words: NetworkWords, layer: int, most: int) -> NodeColumn:
    drawn, strengths = words.drawn, None
    if words.numbers is not None and layer <= drawn.architecture.depth:
        strengths = words.numbers.lines[layer].strengths
    if layer == 0:
        n_nodes, most = len(drawn.columns), most * (2 if drawn.is_named else 1)
    else:
        n_nodes = drawn.architecture.sizes[layer]
    return choose_nodes(layer, n_nodes, most, strengths)


def _gap_between(words: NetworkWords, layers: list[int], headings: list[list[str]]) -> float:
    """How far columns must be apart for the words above, in and below them."""
    above = max(_width_of(lines) for lines in headings)
    below = [text_width(words.biases(layer), _SMALL) for layer in layers]
    between = [
        max(text_width(line, _SMALL) for line in words.weights(layer)) for layer in layers[1:]
    ]
    return max(_LEAST_GAP, above + 14, max(below) + max(between) + 16)


def _width_of(heading: list[str]) -> float:
    small = [text_width(line, _SMALL) for line in heading[1:]]
    return max([text_width(heading[0], _LABEL, bold=True), *small])


def _side(labels: list[str], column: NodeColumn, heading: list[str]) -> float:
    """How far the first or last column stands from its side of the picture."""
    shown = [labels[node] for node in column.shown] + [_left_out(column)] * (column.gap is not None)
    widest = min(max(text_width(_one_line(text), _LABEL) for text in shown), _WIDEST_LABEL)
    return _MARGIN + max(widest + _RADIUS + _AWAY, _width_of(heading) / 2)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _left_out(column: NodeColumn) -> str:
    return tr("⋮ {n:,} more", n=column.n_left_out)


def _total_height(columns: list[NodeColumn]) -> float:
    """Rows stand far apart where they are few, and never closer than a line of text."""
    most = max(column.n_rows for column in columns)
    pitch = _PITCH if most <= _ROOMY else max(_LEAST_PITCH, _PITCH * _ROOMY / most)
    return pitch * most


def _column_at(column: NodeColumn, x: float, top: float, total: float) -> _Column:
    rows = [top + y for y in heights(column, total, _PITCH)]
    pitch = rows[1] - rows[0] if len(rows) > 1 else _PITCH
    gap_y = None if column.gap is None else rows.pop(column.gap)
    return _Column(column, x, rows, gap_y, min(_RADIUS, 0.37 * pitch))


def _has_number(column: _Column, words: NetworkWords) -> bool:
    """Whether texts fit into a column's nodes, and there are any."""
    return column.radius >= _READABLE and any(
        words.in_node(column.nodes.layer, node) for node in column.nodes.shown
    )


def _flow(keys: list[tuple[str, str]], width: float) -> list[list[tuple[str, str, float]]]:
    """The key as lines that fit, each entry with its place from the left."""
    lines: list[list[tuple[str, str, float]]] = [[]]
    place = 0.0
    for mark, text in keys:
        needed = (_MARK + 4 if mark else 0) + text_width(text, _SMALL)
        if lines[-1] and place + needed > width:
            lines.append([])
            place = 0.0
        lines[-1].append((mark, text, place))
        place += needed + 14
    return lines


def _paint(placed: _Placed, theme: Theme) -> "Figure":
    sheet = Sheet(placed.width, placed.height, theme)
    inner = placed.width - 2 * _MARGIN
    words, columns = placed.words, placed.columns
    title = clip_text(words.title, inner, _TITLE, bold=True)
    sheet.text(_MARGIN, _MARGIN + _TITLE / 2, title, _TITLE, bold=True)
    for k, line in enumerate(placed.subtitle):
        sheet.text(_MARGIN, _MARGIN + _TITLE + 4 + _LINE * (k + 0.5), line, _SMALL)
    for before, after in pairwise(columns):
        if after.nodes.layer == before.nodes.layer + 1:
            _paint_lines(sheet, words, before, after)
            x = (before.x + after.x) / 2
            for k, line in enumerate(words.weights(after.nodes.layer)):
                sheet.text(x, placed.counts_y + _LINE * k, line, _SMALL, align="center")
    for column in columns:
        for k, line in enumerate(words.heading(column.nodes.layer)):
            sheet.text(
                column.x, placed.headings_y + _LINE * k, line, _SMALL if k else _LABEL,
                align="center", bold=not k,
            )  # fmt: skip
        _paint_nodes(sheet, words, column)
        biases = words.biases(column.nodes.layer)
        sheet.text(column.x, placed.counts_y, biases, _SMALL, align="center")
    _paint_labels(sheet, words.input_labels, columns[0], "right")
    _paint_labels(sheet, words.output_labels, columns[-1], "left")
    if placed.hole_x is not None:
        n_left_out = words.drawn.architecture.depth + 2 - len(columns)
        sheet.text(placed.hole_x, placed.middle_y, "…", 14, align="center")
        for k, line in enumerate((tr("{n:,} more", n=n_left_out), tr("hidden layers"))):
            y = placed.headings_y + _LINE * k
            sheet.text(placed.hole_x, y, line, _SMALL, align="center")
    _paint_keys(sheet, placed)
    return sheet.figure


def _paint_lines(sheet: Sheet, words: NetworkWords, before: _Column, after: _Column) -> None:
    """The lines from one column to the next, the strongest on top."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    theme = sheet.theme
    ends = np.array(
        [[(before.x, y), (after.x, z)] for y in before.ys for z in after.ys], np.float64
    )
    if words.numbers is None:
        plain = LineCollection(ends, colors=to_rgba(theme.text, 0.35), linewidths=0.8)  # type: ignore[arg-type]
        sheet.ax.add_artist(plain)
        return
    lines = words.numbers.lines[after.nodes.layer - 1]
    shown = np.ix_(before.nodes.shown, after.nodes.shown)
    size = (lines.size[shown] / (lines.size.max() or 1.0)).ravel()
    sign = lines.sign[shown].ravel().astype(int)
    thickest = _THICKEST * min(1.0, (_MANY_LINES / len(ends)) ** 0.3)
    palette = np.array([to_rgba(c) for c in (theme.second, theme.text, theme.first)])
    colours = palette[sign + 1]
    colours[:, 3] = 0.1 + 0.82 * size**1.5
    colours[sign == 0, 3] *= 0.7
    order = np.argsort(size, kind="stable")
    drawn = sheet.ax.add_artist(
        LineCollection(
            ends[order],  # type: ignore[arg-type]
            colors=colours[order].tolist(),
            linewidths=_THINNEST + (thickest - _THINNEST) * size[order],
        )
    )
    if words.row is None:
        values = (lines.size * lines.sign)[shown].ravel()[order]
        sizes = lines.size[shown].ravel()[order]
        tell(
            drawn,
            [
                tr("weight {value}", value=number(value, 3))
                if value or not size
                else tr("weights {value}", value=number(size, 3))
                for value, size in zip(values, sizes, strict=True)
            ],
        )


def _paint_nodes(sheet: Sheet, words: NetworkWords, column: _Column) -> None:
    """The nodes, coloured by their numbers, and those numbers where there is room."""
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Circle

    theme, layer = sheet.theme, column.nodes.layer
    values = None if words.numbers is None else words.numbers.nodes[layer]
    known = np.zeros(0) if values is None else np.abs(values[~np.isnan(values)])
    largest = float(known.max(initial=0.0)) or 1.0
    for y, node in zip(column.ys, column.nodes.shown, strict=True):
        value = 0.0 if values is None or np.isnan(values[node]) else float(values[node])
        full = to_rgb(theme.first if value > 0 else theme.second)
        ink = 0.85 * theme.strongest * abs(value) / largest
        fill = (1 - ink) * np.array(to_rgb(theme.background)) + ink * np.array(full)
        place = (column.x, y)
        # Two, so that a page's own colours can take their place.
        grounds = [theme.background, (*full, ink)] if ink else [theme.background]
        for k, ground in enumerate(grounds):
            circle = Circle(place, column.radius, fc=ground, ec=theme.text, lw=1.0 - k, zorder=3)
            sheet.ax.add_artist(circle)
        text = words.in_node(layer, node) if column.radius >= _READABLE else ""
        if text:
            room = (2 * column.radius - 1) / text_width(text, _IN_NODE)
            sheet.text(
                column.x, y, text, _IN_NODE * min(1.0, room), align="center",
                color=readable_on(fill), name=f"node-{layer}-{node + 1}",
            )  # fmt: skip
    is_end = layer in {0, words.drawn.architecture.depth + 1}
    if column.gap_y is not None and not is_end:
        text = _left_out(column.nodes)
        sheet.text(column.x, column.gap_y, text, _SMALL, align="center", behind=True)


def _paint_labels(sheet: Sheet, labels: list[str], column: _Column, align: str) -> None:
    away = column.radius + _AWAY
    x = column.x - away if align == "right" else column.x + away
    for y, node in zip(column.ys, column.nodes.shown, strict=True):
        sheet.text(x, y, clip_label(labels[node], _WIDEST_LABEL, _LABEL), _LABEL, align=align)
    if column.gap_y is not None:
        sheet.text(x, column.gap_y, _left_out(column.nodes), _LABEL, align=align)


def _paint_keys(sheet: Sheet, placed: _Placed) -> None:
    theme = sheet.theme
    colours = {"first": theme.first, "second": theme.second, "grey": theme.text}
    for k, line in enumerate(placed.keys):
        y = placed.keys_y + _LINE * k
        for mark, text, place in line:
            x = _MARGIN + place
            if mark:
                alpha = 0.6 if mark == "grey" else 1.0
                sheet.ax.plot([x, x + _MARK], [y, y], color=colours[mark], lw=2.2, alpha=alpha)
                x += _MARK + 4
            sheet.text(x, y, text, _SMALL)
