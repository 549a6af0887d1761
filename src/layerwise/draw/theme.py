"""What pictures share: colours for light and dark pages, and a figure without pyplot."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from layerwise.architecture.lookup import look_up
from layerwise.draw.fonts import font_families, report_missing_letters

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Theme:
    """The colours of a picture.

    The three that carry meaning are of the palette of Okabe and Ito 2008, "Color Universal
    Design", which people with any of the common kinds of colour blindness can tell apart. A
    background of its own comes with each theme, so that a saved picture reads on any page.

    Attributes
    ----------
    background, text, faint : str
        Behind everything; words and axes; grid lines.
    first, second, third : str
        Training or right; held out or wrong; what is marked.
    more : tuple of str
        For what is beyond these. Okabe's and Ito's that would be too pale on a white ground have
        darker ones in their place.
    strongest : float
        The largest share of a colour behind words.
    """

    background: str
    text: str
    faint: str
    first: str
    second: str
    third: str
    more: tuple[str, ...]
    strongest: float = 1.0

    @property
    def palette(self) -> tuple[str, ...]:
        """Seven colours that can be told apart by the colour-blind.

        Examples
        --------
        >>> THEMES["light"].palette[:3]
        ('#0072b2', '#d55e00', '#009e73')
        """
        return (self.first, self.second, self.third, *self.more)


THEMES: dict[str, Theme] = {
    "light": Theme(
        "#ffffff", "#222222", "#dddddd", "#0072b2", "#d55e00", "#009e73",
        ("#cc79a7", "#66331a", "#7a1fe0", "#3a9bd0"),
    ),
    "dark": Theme(
        "#16191d", "#e6e6e6", "#3a4047", "#56b4e9", "#e69f00", "#009e73",
        ("#cc79a7", "#d55e00", "#f0e442", "#9a5cff"),
    ),
}  # fmt: skip
# In a page its colours give way to the page's own: words are dark on a light ground or light on a
# dark one, so that what is behind them is never strong. See `layerwise.draw.inline`.
PAGE = replace(THEMES["light"], strongest=0.6)


def find_theme(name: str) -> Theme:
    """Find a theme by name.

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> find_theme("dark").background
    '#16191d'
    """
    return PAGE if name == "page" else look_up(name, THEMES, "theme")


def new_figure(width: float, height: float) -> "Figure":
    """Make a figure that draws into memory, of a size in inches."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from layerwise.draw.shown_figure import ShownFigure

    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12)  # inches
    return ShownFigure(width, height, layout=layout)


def figure_of(artist: "Artist") -> "Figure":
    """The figure that axes, or what is drawn in them, are part of."""
    figure = artist.get_figure(root=True)
    assert figure is not None
    return figure


def dress(ax: "Axes", theme: Theme) -> None:
    """Give axes, and the figure around them, a theme's colours and the fonts their texts need."""
    from matplotlib.dates import DateLocator
    from matplotlib.text import Text
    from matplotlib.ticker import FixedLocator

    figure = figure_of(ax)
    figure.set_facecolor(theme.background)
    report_missing_letters(figure)
    ax.set_facecolor(theme.background)
    # Numbers are not asked for: that would place all ticks once more.
    of_texts = (DateLocator, FixedLocator)
    named = [
        axis for axis in (ax.xaxis, ax.yaxis) if isinstance(axis.get_major_locator(), of_texts)
    ]
    ticks = [label for axis in named for label in axis.get_ticklabels()]
    families = font_families("".join(tick.get_text() for tick in ticks) if named else "0")
    ax.tick_params(which="both", colors=theme.text, labelfontfamily=families)
    for side, spine in ax.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(theme.text)
    titles = [each for each in ax.get_children() if isinstance(each, Text)]
    texts = [title for title in titles if title not in ax.texts]
    texts += [ax.xaxis.label, ax.yaxis.label]
    legend = ax.get_legend()
    if legend is not None:
        legend.get_frame().set(facecolor=theme.background, edgecolor=theme.faint, alpha=0.9)
        texts += legend.get_texts()
    for text in texts:
        text.set_color(theme.text)
    for text in (*texts, *ax.texts):  # the latter have colours of their own
        text.set_fontfamily(font_families(text.get_text()))
    for text in (*texts, *ax.texts, *ticks):
        text.set_parse_math(False)  # as in a `ShownFigure`, where the axes are of another


def readable_on(rgb: ArrayLike) -> str:
    """Black or white, whichever stands out more (WCAG 2.2, relative luminance).

    Examples
    --------
    >>> readable_on((1.0, 0.9, 0.8)), readable_on((0.0, 0.2, 0.4))
    ('#000000', '#ffffff')
    """
    rgb = np.asarray(rgb, np.float64)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return "#000000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"
