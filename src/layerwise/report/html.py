"""HTML and SVG elements, written so that text can never become markup."""

import re
from collections.abc import Iterable, Sequence

__all__ = ["Html", "details", "element", "escape", "figure", "join", "legend", "section", "table"]

# Characters that HTML forbids, and halves of surrogate pairs, which UTF-8 cannot hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ENTITIES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"},
)


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | None


def escape(text: str) -> Html:
    """Text as markup that shows it; what is `Html` stays as it is.

    Examples
    --------
    >>> escape("a < b & <script>")
    'a &lt; b &amp; &lt;script&gt;'
    """
    if isinstance(text, Html):
        return text
    return Html(_FORBIDDEN.sub("�", text).translate(_ENTITIES))


def join(children: Iterable[Child]) -> Html:
    """Several pieces of text or markup as one; None is left out."""
    return Html("".join(escape(child) for child in children if child is not None))


def element(tag: str, *children: Child, **attributes: str | float | None) -> Html:
    """One element with what it holds.

    Parameters
    ----------
    tag : str
    *children : str or None
        Text is escaped, `Html` is not; None is left out.
    **attributes : str or float or None
        `class_` is written "class", `aria_label` "aria-label"; None is left out.

    Examples
    --------
    >>> element("p", "5 > 3", class_="note")
    '<p class="note">5 &gt; 3</p>'
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Html(f"<{tag}{written}>{join(children)}</{tag}>")


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[Child]],
    *,
    caption: str,
    numeric: Iterable[int] = (),
    class_: str = "",
    row_classes: Sequence[str] = (),
) -> Html:
    """A table that scrolls sideways where the page is narrow.

    Parameters
    ----------
    headings : sequence of str
    rows : iterable of sequences
        The cells, text or markup. A row's first cell is its heading.
    caption : str
        What it is about, for who cannot see it.
    numeric : iterable of int
        Columns whose cells stand to the right.
    class_ : str
    row_classes : sequence of str
        A class for each row, "" for none; (): none has any.
    """
    right = set(numeric)
    kind = ["n" if i in right else None for i in range(len(headings))]
    head = element(
        "tr",
        *(element("th", name, scope="col", class_=kind[i]) for i, name in enumerate(headings)),
    )
    lines = []
    for i, cells in enumerate(rows):
        own = row_classes[i] if row_classes else ""
        first = element("th", cells[0], scope="row", class_=kind[0])
        others = (element("td", cell, class_=kind[j]) for j, cell in enumerate(cells[1:], start=1))
        lines.append(element("tr", first, *others, class_=own or None))
    body = element("table", element("thead", head), element("tbody", *lines), class_=class_ or None)
    return element("div", body, class_="scroll", role="region", aria_label=caption, tabindex="0")


def details(summary: str, *children: Child) -> Html:
    """Something to open."""
    return element("details", element("summary", summary), *children)


def figure(
    picture: Html,
    caption: str,
    *,
    heading: str | None = None,
    keys: Html | None = None,
    numbers: Html | None = None,
) -> Html:
    """A picture with its heading, its legend, what to see in it, and its numbers as a table."""
    return element(
        "figure",
        None if heading is None else element("h3", heading),
        picture,
        keys,
        element("figcaption", caption),
        None if numbers is None else details("The numbers", numbers),
    )


def legend(*keys: tuple[str, str]) -> Html:
    """What the marks mean: pairs of a mark's CSS classes and its name.

    A mark is a line, unless its classes say "dot", "diamond" or "box".
    """
    return element(
        "p",
        *(element("span", _mark(classes), name, class_="key") for classes, name in keys),
        class_="legend",
    )


def _mark(classes: str) -> Html:
    shapes = {
        "dot": '<circle cx="12" cy="6" r="4" class="{}"/>',
        "diamond": '<path d="M12 1l5 5l-5 5l-5 -5z" class="{}"/>',
        "box": '<rect x="4" y="1" width="16" height="10" class="{}"/>',
    }
    shape = next((shapes[name] for name in classes.split() if name in shapes), None)
    shape = shape or '<line x1="1" y1="6" x2="23" y2="6" class="{}"/>'
    inner = Html(shape.format(escape(classes)))
    return element("svg", inner, viewBox="0 0 24 12", width="24", height="12", aria_hidden="true")


def section(name: str, heading: str, *children: Child) -> Html:
    """A section of the page, which `name` links to."""
    return element(
        "section", element("h2", heading, id=f"{name}-heading"), *children,
        id=name, aria_labelledby=f"{name}-heading",
    )  # fmt: skip
