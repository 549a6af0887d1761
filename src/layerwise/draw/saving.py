"""Pictures written to files: whole, and the same bytes for the same picture."""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwise.draw.fonts import with_font_stack
from layerwise.files.atomic_writing import write_whole
from layerwise.harmless_text import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf")
# Nothing in the file says when, or with what, it was made.
_NAMELESS = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def figure_bytes(figure: "Figure", kind: str, dpi: float = 150) -> bytes:
    """Return a picture as the bytes of a file.

    SVG keeps text as text: it can be found and read aloud, in the fonts of whoever opens it.

    Parameters
    ----------
    figure : Figure
    kind : {"svg", "png", "pdf"}
    dpi : float
        Pixels to an inch, for PNG.
    """
    from matplotlib import rc_context

    file = io.BytesIO()
    if kind != "svg":
        figure.savefig(file, format=kind, dpi=dpi, metadata=_NAMELESS[kind])
        return file.getvalue()
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    canvas, before = figure.canvas, figure.dpi
    with rc_context({"svg.hashsalt": "layerwise", "svg.fonttype": "none"}):
        try:  # `savefig` would draw it twice
            figure.dpi = dpi
            svg: Any = FigureCanvasSVG(figure)
            svg.print_svg(file, metadata=_NAMELESS[kind])
        finally:
            figure.set_canvas(canvas)
            figure.dpi = before
    return with_font_stack(visible(file.getvalue().decode()).encode())


def save_figure(figure: "Figure", path: str | os.PathLike[str], dpi: float = 150) -> None:
    """Write a picture to a file, whose name says the format.

    Raises
    ------
    ValueError
        For another ending than .svg, .png or .pdf.
    ModelFileError
        If the file cannot be written.
    """
    kind = Path(path).suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise ValueError(f"{os.fspath(path)!r}: the name of a picture ends in .svg, .png or .pdf")
    write_whole(path, figure_bytes(figure, kind, dpi))
