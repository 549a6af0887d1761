"""Fonts of pictures: Latin, Hangul and their neighbours look alike on any machine.

Matplotlib brings DejaVu Sans, the package koreanize-matplotlib NanumGothic (SIL Open Font
License). What neither has is looked for among the fonts of the machine; what none has is said.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from matplotlib.backend_bases import Event
    from matplotlib.figure import Figure

_FAMILIES = ("DejaVu Sans", "NanumGothic")
# Comes with Matplotlib: for every letter a box that shows its script.
_BOXES = "Last Resort High-Efficiency"
# Verdana is as wide as DejaVu Sans; the others have Hangul: Linux, Windows, macOS.
_SVG_STACK = (
    "'DejaVu Sans', Verdana, NanumGothic, 'Noto Sans CJK KR', 'Noto Sans KR', 'Malgun Gothic', "
    "'Apple SD Gothic Neo', sans-serif"
)
_MOST_LISTED = 5
# Characters that leave no mark: control, format, spaces.
_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}

_lent: dict[str, str | None] = {}  # the family of an installed font that has a character
_reported: set[str] = set()  # scripts that no font has
_watched: "WeakSet[Figure]" = WeakSet()


@cache
def _known_characters() -> tuple[frozenset[int], frozenset[int]]:
    """What the first font has, and what the first two have, once Matplotlib knows both."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

    # The package is not imported: doing so changes Matplotlib's settings.
    package = distribution("koreanize-matplotlib")
    fonts = [
        str(package.locate_file(f"koreanize_matplotlib/fonts/{name}.ttf"))
        for name in ("NanumGothic", "NanumGothicBold")
    ]
    for path in fonts:
        fontManager.addfont(path)
    # Before those of the same name that the machine may have. The bold one is taken for 600, and
    # Matplotlib would log each time that it is no 700, as DejaVu's is.
    entries = [
        replace(font, weight=700) if font.fname == fonts[1] else font
        for font in fontManager.ttflist
    ]
    fontManager.ttflist = sorted(entries, key=lambda font: font.fname not in fonts)
    files = [findfont(FontProperties(family=name)) for name in _FAMILIES]
    first, second = (frozenset(get_font(file).get_charmap()) for file in files)
    return first, first | second


def font_families(text: str = "", *, bold: bool = False) -> list[str]:
    """Font families for a text, in the order in which they are asked for a letter.

    Parameters
    ----------
    text : str
        One font is enough for Latin, and quicker than several; installed fonts are added for what
        it has beyond Latin and Hangul. "": of any text.
    bold : bool
        Whether it is drawn so, which only the fonts of Latin and Hangul can be.

    Examples
    --------
    >>> font_families("age"), font_families("나이, age")
    (['DejaVu Sans'], ['DejaVu Sans', 'NanumGothic', 'Last Resort High-Efficiency'])
    """
    if text and _known_characters()[0].issuperset(map(ord, text)):
        return [*_FAMILIES[:1]]
    if bold:
        return [*_FAMILIES]
    characters = _beyond_the_known(text)
    _lend(characters)
    lent = [family for character in sorted(characters) if (family := _lent[character])]
    return [*_FAMILIES, *dict.fromkeys(lent), _BOXES]


def _beyond_the_known(text: str) -> set[str]:
    known = _known_characters()[1]
    return {
        character
        for character in set(text)
        if ord(character) not in known and unicodedata.category(character) not in _UNSEEN
    }


def _lend(characters: Iterable[str]) -> None:
    """Find the first installed font that has each character, and make it known to Matplotlib."""
    from matplotlib.font_manager import fontManager, get_font

    wanted = {character for character in characters if character not in _lent}
    for path in _installed_fonts() if wanted else ():
        try:
            font = get_font(path)
        except (OSError, RuntimeError):  # damaged, or of a kind that FreeType does not read
            continue
        if not font.scalable or "last resort" in font.family_name.lower():
            continue
        has = {character for character in wanted if font.get_char_index(ord(character))}
        if has:
            fontManager.addfont(path)
            _lent.update(dict.fromkeys(has, font.family_name))
            wanted -= has
            if not wanted:
                return
    _lent.update(dict.fromkeys(wanted, None))


@cache
def _installed_fonts() -> list[str]:
    """Font files of the machine as it is now, plain ones without serifs first."""
    from matplotlib.font_manager import findSystemFonts

    def preference(path: str) -> tuple[bool, bool, str]:
        name = Path(path).stem.lower()
        return "sans" not in name, "regular" not in name, name

    return sorted(findSystemFonts(), key=preference)


def report_missing_letters(figure: "Figure") -> None:
    """Warn, whenever a figure is drawn, of letters that no font has; once for each script.

    Parameters
    ----------
    figure : Figure
    """
    if figure not in _watched:
        _watched.add(figure)
        figure.canvas.mpl_connect("draw_event", _report_missing)


def _report_missing(event: "Event") -> None:
    from matplotlib import rcParams
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.text import Text

    if isinstance(event.canvas, FigureCanvasSVG) and rcParams["svg.fonttype"] == "none":
        return  # whoever opens it may have the fonts
    artists = event.canvas.figure.findobj(Text, include_self=False)
    text = "".join(artist.get_text() for artist in artists if artist.get_visible())
    characters = _beyond_the_known(text)
    _lend(characters)
    by_script: dict[str, list[str]] = {}
    for character in sorted(characters):
        if _lent[character] is None:
            by_script.setdefault(_script(character), []).append(character)
    new = [script for script in by_script if script not in _reported]
    if new:
        _reported.update(new)
        missing = " or ".join(_listed(script, by_script[script]) for script in new)
        warnings.warn(
            f"no font here has {missing}: boxes stand for such letters in the picture. Install a "
            "font with them, or save the picture as .svg, which keeps text as text",
            stacklevel=2,
        )


def _listed(script: str, letters: list[str]) -> str:
    shown = ", ".join(map(repr, letters[:_MOST_LISTED]))
    more = f" and {len(letters) - _MOST_LISTED} more" if len(letters) > _MOST_LISTED else ""
    return f"{shown}{more} ({script})"


def _script(character: str) -> str:
    """What a character belongs to, by its name in Unicode, whose first word it is for letters.

    Examples
    --------
    >>> _script("ไ"), _script("हि"[0]), _script("→")
    ('Thai', 'Devanagari', 'symbols')
    """
    if unicodedata.category(character)[0] not in "LMN":
        return "symbols"
    first = unicodedata.name(character, "unknown").split()[0]
    return first if first == "CJK" else first.capitalize()


def with_font_stack(svg: bytes) -> bytes:
    """An SVG of Matplotlib's whose text asks for the fonts that are usual on each system.

    Parameters
    ----------
    svg : bytes

    Examples
    --------
    >>> with_font_stack(b"<text font-family: 'DejaVu Sans', 'NanumGothic'>")[-12:]
    b' sans-serif>'
    """
    # Only inside of tags: text holds no bare "<".
    families = rb"(<t[^<>]*font-family: )'DejaVu Sans'(, '[^']*')*"
    return re.sub(families, rb"\1" + _SVG_STACK.encode(), svg)
