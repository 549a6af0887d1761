"""The pictures that `layerwise draw` makes: one entry for each, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwise.cli import pictures_of_models as of_models
from layerwise.cli.output_files import check_outputs, model_name
from layerwise.cli.picture_request import DrawOptions, PictureRequest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from layerwise.cli.options import Reading
    from layerwise.store.model_files import Model


@dataclass(frozen=True)
class Picture:
    """One kind of picture.

    Attributes
    ----------
    about : str
        What it shows, in a few words for the help.
    draw : callable
        From a `PictureRequest` to a Matplotlib figure, or to the bytes of a finished file.
    uses : frozenset of str
        The options that it uses, and "table" if it is of a table's rows.
    suffixes : tuple of str
        Endings that a file with it may have.
    needs_model : bool
    """

    about: str
    draw: Callable[[PictureRequest], Figure | bytes]
    uses: frozenset[str]
    suffixes: tuple[str, ...] = (".svg", ".png", ".pdf")
    needs_model: bool = True


def _network(request: PictureRequest) -> Figure:
    from layerwise.draw import draw_network

    options, row = request.options, request.one_row
    if row is None and request.table is not None:
        raise ValueError("a table without --row: say which of its rows goes through the network")
    if row is None and options.gradients:
        raise ValueError("--gradients are those of one row's loss: give a table, and --row")
    assert request.model is not None
    return draw_network(
        request.model,
        row,
        gradients=options.gradients,
        member=request.member,
        nodes=options.nodes or 10,
        each_input=options.each_input,
        theme=request.theme,
    )


def _picture(
    about: str, draw: Callable[[PictureRequest], Figure | bytes], uses: str = "", **others: Any
) -> Picture:
    return Picture(about, draw, frozenset(uses.split()), **others)


PICTURES: dict[str, Picture] = {
    "network": _picture(
        "nodes and weights, or one row's way through them", _network,
        "table row gradients member nodes each_input",
    ),
    "history": _picture(
        "training and held-out loss, and the learning rate", of_models.history, "member"
    ),
    "training": _picture(
        "all that was measured in training, layer by layer", of_models.training, "member"
    ),
    "weights": _picture(
        "how the weights of each layer are distributed", of_models.weights, "member"
    ),
    "boundary": _picture(
        "what is predicted for two columns (needs TABLE)", of_models.boundary, "table columns"
    ),
    "nodes": _picture(
        "what each hidden node gives on (needs TABLE)", of_models.nodes,
        "table columns nodes member",
    ),
    "landscape": _picture(
        "the loss around the weights (needs TABLE)", of_models.landscape, "table member"
    ),
    "learning": _picture(
        "a new network as it learns, .gif (needs TABLE)", of_models.learning,
        "table columns member", suffixes=(".gif",),
    ),
    "softmax": _picture(
        "one row's scores to probabilities (needs TABLE, --row)", of_models.softmax,
        "table row member",
    ),
    "loss": _picture(
        "-ln(p), and a table's rows on it", of_models.loss, "table", needs_model=False
    ),
    "activations": _picture(
        "f(z) and f'(z): all, or those of a model", of_models.activations, needs_model=False
    ),
}  # fmt: skip


def draw_picture(
    what: str,
    output: Path | None,
    model: str | None,
    source: str | None,
    theme: str,
    options: DrawOptions,
    reading: Reading,
) -> Path:
    """Draw one and write it; returns where it was written.

    Raises
    ------
    ValueError
        For a picture that is not there, one that cannot be drawn of what was given, or an option
        that it does not use.
    """
    from layerwise.architecture.lookup import look_up
    from layerwise.draw.saving import save_figure
    from layerwise.draw.theme import THEMES
    from layerwise.files.atomic_writing import write_whole
    from layerwise.files.cache_folders import find_matplotlib_folder
    from layerwise.tables.reading import read_table
    from layerwise.tables.targets import with_targets_of_file

    picture = look_up(what, PICTURES, "picture")
    look_up(theme, THEMES, "theme")
    name = f"{model_name(model)}.{what}" if model is not None and _is_file(model) else what
    path = Path(f"{name}{picture.suffixes[0]}") if output is None else output
    if path.suffix.lower() not in picture.suffixes:
        wanted = " or ".join(picture.suffixes)
        raise ValueError(f"--output {path}: the picture {what!r} goes into a file {wanted}")
    check_outputs([path], [source], model)
    find_matplotlib_folder(path.parent)
    if picture.needs_model and model is None:
        raise ValueError(f"the picture {what!r} is of a model: name its file, or an architecture")
    _refuse_unused(what, source, options, reading)
    table = None if source is None else read_table(source, **reading.arguments()).data
    loaded: Model | str | None = model
    if model is not None and _is_file(model):
        from layerwise.store import load

        loaded = load(model)
        if table is not None and (task := getattr(loaded, "task_", None)) is not None:
            table = with_targets_of_file(table, task.names, task.classes)
    drawn = picture.draw(PictureRequest(loaded, table, theme, options))
    if isinstance(drawn, bytes):
        write_whole(path, drawn)
    else:
        save_figure(drawn, path)
    return path


def _is_file(model: str) -> bool:
    """Whether it is a model file that is named, not an architecture."""
    return bool(Path(model).suffix) or Path(model).exists()


def _refuse_unused(what: str, source: str | None, options: DrawOptions, reading: Reading) -> None:
    for name, value in {"table": source, **vars(options)}.items():
        if value and name not in PICTURES[what].uses:
            given = f"the table {value}" if name == "table" else f"--{name.replace('_', '-')}"
            others = ", ".join(other for other in PICTURES if name in PICTURES[other].uses)
            raise ValueError(f"{given}: the picture {what!r} does not use it; it is for {others}")
    if source is None and reading.arguments():
        raise ValueError("how to read a table was said, and there is no TABLE after the model")
