"""The pictures that `layerwise draw` makes: one entry for each, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwise.cli import pictures_of_models as of_models
from layerwise.cli.output_files import model_name
from layerwise.cli.picture_request import PictureRequest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PICTURES", "Picture", "draw_picture"]


@dataclass(frozen=True)
class Picture:
    """One kind of picture.

    Attributes
    ----------
    about : str
        What it shows, in a few words for the help.
    draw : callable
        From a `PictureRequest` to a Matplotlib figure, or to the bytes of a finished file.
    suffixes : tuple of str
        Endings that a file with it may have.
    needs_model : bool
    """

    about: str
    draw: Callable[[PictureRequest], Figure | bytes]
    suffixes: tuple[str, ...] = (".svg", ".png", ".pdf")
    needs_model: bool = True


def _network(request: PictureRequest) -> Figure:
    from layerwise.draw import draw_network

    options, row = request.options, request.one_row
    if row is None and request.table is not None:
        raise ValueError("a table without --row: say which of its rows goes through the network")
    if row is None and options["gradients"]:
        raise ValueError("--gradients are those of one row's loss: give a table, and --row")
    return draw_network(
        request.model,
        row,
        gradients=options["gradients"],
        member=request.member,
        nodes=options["nodes"],
        each_input=options["each_input"],
        theme=request.theme,
    )


_MOVING = (".gif",)

PICTURES: dict[str, Picture] = {
    "network": Picture("nodes and weights, or one row's way through them", _network),
    "history": Picture("training and held-out loss, and the learning rate", of_models.history),
    "training": Picture("all that was measured in training, layer by layer", of_models.training),
    "weights": Picture("how the weights of each layer are distributed", of_models.weights),
    "boundary": Picture("what is predicted for two columns (needs TABLE)", of_models.boundary),
    "nodes": Picture("what each hidden node gives on (needs TABLE)", of_models.nodes),
    "landscape": Picture("the loss around the weights (needs TABLE)", of_models.landscape),
    "learning": Picture(
        "a new network as it learns, .gif (needs TABLE)", of_models.learning, _MOVING
    ),
    "softmax": Picture("one row's scores to probabilities (needs TABLE, --row)", of_models.softmax),
    "loss": Picture("-log(p), and a table's rows on it", of_models.loss, needs_model=False),
    "activations": Picture(
        "f(z) and f'(z): all, or those of a model", of_models.activations, needs_model=False
    ),
}


def draw_picture(
    what: str,
    output: Path | None,
    model: str | None,
    source: str | None,
    row: int | None,
    theme: str,
    options: dict[str, Any],
    reading: dict[str, Any],
) -> Path:
    """Draw one and write it; returns where it was written.

    Raises
    ------
    ValueError
        For a picture that is not there, or one that cannot be drawn of what was given.
    """
    from layerwise.architecture.lookup import look_up
    from layerwise.draw.saving import save_figure
    from layerwise.draw.theme import find_theme
    from layerwise.files.writing import write_whole
    from layerwise.tables.reading import read_table

    picture = look_up(what, PICTURES, "picture")
    find_theme(theme)
    name = f"{model_name(model)}.{what}" if model is not None and _is_file(model) else what
    path = Path(f"{name}{picture.suffixes[0]}") if output is None else output
    if path.suffix.lower() not in picture.suffixes:
        wanted = " or ".join(picture.suffixes)
        raise ValueError(f"--output {path}: the picture {what!r} goes into a file {wanted}")
    if picture.needs_model and model is None:
        raise ValueError(f"the picture {what!r} is of a model: name its file, or an architecture")
    table = None if source is None else read_table(source, **reading).table
    request = PictureRequest(None if model is None else _load(model), table, row, theme, options)
    drawn = picture.draw(request)
    if isinstance(drawn, bytes):
        write_whole(path, drawn)
    else:
        save_figure(drawn, path)
    return path


def _is_file(model: str) -> bool:
    """Whether it is a model file that is named, not an architecture."""
    return bool(Path(model).suffix) or Path(model).exists()


def _load(model: str) -> Any:
    """A model file's model, or the architecture itself."""
    if _is_file(model):
        from layerwise.store import load

        return load(model)
    return model
