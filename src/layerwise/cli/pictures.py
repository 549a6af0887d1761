"""The pictures that `layerwise draw` makes: one entry for each, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure

__all__ = ["PICTURES", "Picture", "PictureRequest", "draw_picture"]


@dataclass(frozen=True)
class PictureRequest:
    """What was asked for.

    Attributes
    ----------
    model : object or None
        A loaded model, or an architecture as text.
    table : pyarrow.Table or None
    row : int or None
        Of the table, from 1.
    theme : str
    options : dict
        What only some pictures take, by the name of the option.
    """

    model: Any
    table: pa.Table | None
    row: int | None
    theme: str
    options: dict[str, Any]


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

    options = request.options
    check_member(request)
    row = None
    if request.row is not None:
        if request.table is None:
            raise ValueError("--row is one of a table: give the table after the model")
        n = request.table.num_rows
        if not 1 <= request.row <= n:
            raise ValueError(f"--row {request.row}: the table has the rows 1 to {n:,}")
        row = request.table.slice(request.row - 1, 1)
    elif request.table is not None:
        raise ValueError("a table without --row: say which of its rows goes through the network")
    elif options["gradients"]:
        raise ValueError("--gradients are those of one row's loss: give a table, and --row")
    return draw_network(
        request.model,
        row,
        gradients=options["gradients"],
        member=options["member"] - 1,
        nodes=options["nodes"],
        each_input=options["each_input"],
        theme=request.theme,
    )


def _history(request: PictureRequest) -> Figure:
    from layerwise.draw import draw_history

    return draw_history(history_of(request), learning_rate=True, theme=request.theme)


def history_of(request: PictureRequest) -> Any:
    """The history of the network that was asked for."""
    check_member(request)
    model = request.model
    if hasattr(model, "history_"):
        return model.history_
    if not hasattr(model, "ensemble_"):
        raise ValueError("a bare network or architecture has no history; give a fitted model")
    return model.ensemble_.members[request.options["member"] - 1].history


def check_member(request: PictureRequest) -> None:
    """Refuse the number of a network that the model does not have."""
    member = request.options["member"]
    n = len(getattr(request.model, "networks_", [None]))
    if member > n:
        has = f"the model averages {n} networks, 1 to {n}" if n > 1 else "there is one network"
        raise ValueError(f"--member {member}: {has}")


PICTURES: dict[str, Picture] = {
    "network": Picture("nodes and weights, or one row's way through them", _network),
    "history": Picture("training and held-out loss, and the learning rate", _history),
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
    path = Path(f"{what}{picture.suffixes[0]}") if output is None else output
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


def _load(model: str) -> Any:
    """A model file's model, or the architecture itself."""
    if Path(model).suffix or Path(model).exists():
        from layerwise.store import load

        return load(model)
    return model
