"""HTML and SVG elements, written so that text can never become markup."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from layerwise.draw.inline import inline_svg
from layerwise.harmless_text import as_markup
from layerwise.language import tr

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    return Html(as_markup(text))


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


def pairs(named: Iterable[tuple[str, Child]], class_: str) -> Html:
    """Names, and what stands for each."""
    each = (join([element("dt", name), element("dd", value)]) for name, value in named)
    return element("dl", *each, class_=class_)


def details(summary: str, *children: Child) -> Html:
    """Something to open."""
    return element("details", element("summary", summary), *children)


def figure(
    drawn: Html,
    caption: str,
    *,
    heading: str | None = None,
    numbers: Html | None = None,
) -> Html:
    """A picture with its heading, what to see in it, and its numbers as a table."""
    return element(
        "figure",
        None if heading is None else element("h3", heading),
        drawn,
        element("figcaption", caption),
        None if numbers is None else details(tr("The numbers"), numbers),
    )


def picture(draw: Callable[[], "Figure"], description: str) -> Html:
    """A picture in the page's colours; a page without one is worth more than none.

    Parameters
    ----------
    draw : callable
        Draws it, in the theme "page".
    description : str
        For who cannot see it.
    """
    try:
        drawn = inline_svg(draw, description)
    except Exception as error:  # noqa: BLE001
        return element(
            "p", tr("This picture could not be drawn: {error}.", error=error), class_="muted"
        )
    return element("div", Html(drawn), class_="scroll")


def section(name: str, heading: str, *children: Child) -> Html:
    """A section of the page, which `name` links to."""
    return element(
        "section", element("h2", heading, id=f"{name}-heading"), *children,
        id=name, aria_labelledby=f"{name}-heading",
    )  # fmt: skip
