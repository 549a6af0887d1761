"""A network as it learns: an animation of its decision boundary, or of its curve."""

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from layerwise.architecture import OUTPUTS
from layerwise.architecture.lookup import check_count
from layerwise.arrays import Codes, Reals
from layerwise.draw.boundary import draw_rows, name_axes, shade
from layerwise.draw.model_rows import ModelRows, rows_of
from layerwise.draw.panels import entitle, finish, note
from layerwise.draw.plane import Plane, plane_of
from layerwise.draw.theme import Theme, find_theme, new_figure
from layerwise.files.atomic_writing import write_whole
from layerwise.language import speaking, speaks, tr

if TYPE_CHECKING:
    from matplotlib.text import Text

    from layerwise.network import Network
    from layerwise.store.model_files import Model
    from layerwise.training import Epoch, Trainer

Pixels = NDArray[np.uint8]
_DPI = 80
_LAST_FRAME_STAYS = 2_000  # milliseconds


@dataclass(frozen=True)
class Animation:
    """A finished GIF.

    Attributes
    ----------
    data : bytes
    epochs : tuple of int
        The epoch after which each frame was drawn; 0: before the first.
    """

    data: bytes
    epochs: tuple[int, ...]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file."""
        write_whole(path, self.data)

    def _repr_html_(self) -> str:
        from base64 import b64encode

        data = b64encode(self.data).decode()
        style = "max-width: 100%; height: auto"
        with speaking(None):
            alt = tr("learning")
        return f'<img src="data:image/gif;base64,{data}" alt="{alt}" style="{style}">'

    def __repr__(self) -> str:
        return f"<animation of {len(self.epochs)} frames, {len(self.data):,} bytes: save(path)>"


@speaks
def draw_learning(
    model: "Model",
    X: object,
    y: ArrayLike | None = None,
    trainer: "Trainer | None" = None,
    *,
    frames: int = 40,
    columns: Sequence[str | int] | None = None,
    member: int = 0,
    milliseconds: int = 120,
    theme: str = "light",
    language: str | None = None,
) -> Animation:
    """Train a network, and draw what it predicts after more and more epochs.

    Frames are closer together where more happens, at the beginning; the first is before training,
    the last shows the numbers that the network ends with.

    Parameters
    ----------
    model : Network, or a fitted model of this package
        A network is trained in place. A fitted model stays as it is: a new network of its
        architecture is trained on these rows, alone.
    X : what the model predicts from
        One input of a network: its curve is drawn. More: the plane of two columns, as
        `draw_boundary` does.
    y : array-like, shape (n,), or None
        Class numbers or numbers, for a network; None: the target's column of a table.
    trainer : Trainer or None
        Its callbacks are called too. None: 60 epochs.
    frames : int
        At most so many.
    columns : two names or numbers of columns, or None
    member : int
        Of a model that averages networks: whose architecture, from 0.
    milliseconds : int
        How long each frame stays; the last one stays two seconds.
    theme : {"light", "dark"}
    language : {"en", "ko"} or None
        Of its words; None: Korean where LC_ALL, LC_MESSAGES or LANG says so, else English.

    Returns
    -------
    Animation
        Save it with ``animation.save("learning.gif")``; a notebook shows it.

    Raises
    ------
    ValueError
        For fewer than 2 frames; no answers; several outputs that are no classes; the optimiser
        "lbfgs", which calls nobody between its steps.

    Examples
    --------
    >>> from layerwise import Network, Trainer
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> net = Network("1-8:tanh-1", seed=0)
    >>> draw_learning(net, x, x[:, 0] ** 2, Trainer(epochs=9, seed=0), frames=4).epochs
    (0, 1, 4, 9)
    """
    from layerwise.training import LBFGS, Trainer

    colors = find_theme(theme)
    trainer = Trainer(epochs=60, seed=0) if trainer is None else trainer
    check_count("frames", frames, 2)
    if milliseconds < 20:
        raise ValueError(f"milliseconds must be at least 20; got {milliseconds}")
    if isinstance(trainer.optimizer, LBFGS):
        raise ValueError("the optimiser 'lbfgs' shows nothing on its way; take another, as 'adam'")
    rows = rows_of(model, X, y, member=member)
    answers = rows.y_network
    if answers is None:
        raise ValueError("learning needs the rows' answers: give y, or a table with the target")
    plane = None if len(rows.names) == 1 and rows.table is None else plane_of(rows, columns)
    if rows.network is not model:
        rows = _with_a_new_network(rows, model, trainer)
    if rows.loss is not None and trainer.loss is None:
        trainer = replace(trainer, loss=rows.loss)
    draw = _curve_drawer(rows, colors) if plane is None else _plane_drawer(rows, plane, colors)
    wanted = _epochs_to_draw(trainer.epochs, frames)
    drawn = {0: draw(tr("before training"))}

    def watch(_: "Network", epoch: "Epoch") -> None:
        if epoch.number in wanted:
            title = tr("epoch {i}, training loss {loss:.3g}", i=epoch.number, loss=epoch.loss)
            drawn[epoch.number] = draw(title)

    history = replace(trainer, callbacks=(*trainer.callbacks, watch)).fit(
        rows.network, rows.x, answers, codes=rows.codes if rows.codes.shape[1] else None
    )
    numbers, images = [*drawn], [*drawn.values()]
    kept = history.best
    if kept.number != numbers[-1]:  # it ended early, or with the numbers of a better epoch
        numbers.append(kept.number)
        title = tr("kept: epoch {i}, training loss {loss:.3g}", i=kept.number, loss=kept.loss)
        images.append(draw(title))
    return Animation(_gif(images, milliseconds), tuple(numbers))


def _with_a_new_network(rows: ModelRows, model: "Model", trainer: "Trainer") -> ModelRows:
    """The rows with a network that has learned nothing yet, and what it alone predicts."""
    from layerwise.network import Network

    network = Network(rows.network.architecture, seed=trainer.seed, dtype=rows.network.dtype)
    for own, fitted in zip(network.edges, rows.network.edges, strict=True):
        own[...] = fitted
    scale, mean = getattr(model, "target_scale_", 1.0), getattr(model, "target_mean_", 0.0)
    is_binary = OUTPUTS[rows.network.architecture.output].of_labels

    def outputs(x: Reals, codes: Codes) -> Reals:
        found = np.asarray(network(x, codes if codes.shape[1] else None), np.float64)
        if is_binary:
            return np.hstack([1 - found, found])
        return found if rows.classes else (found * scale + mean)[:, 0]

    return replace(rows, network=network, outputs=outputs)


def _epochs_to_draw(n: int, frames: int) -> set[int]:
    """Epochs from 1 to n, closer together at the beginning."""
    share = np.linspace(0, 1, frames) ** 2
    return {max(1, round(n * t)) for t in share[1:]}


class _Stage:
    """One figure that every frame is drawn on; its panels are laid out once."""

    def __init__(self, width: float, height: float, colors: Theme) -> None:
        self.figure = new_figure(width, height)
        self.figure.set_dpi(_DPI)
        self.ax = self.figure.subplots()
        self.colors = colors
        self.title: Text | None = None

    def pixels(self, title: str) -> Pixels:
        """Draw the figure with a title; shape (height, width, 3)."""
        canvas: Any = self.figure.canvas
        if self.title is None:
            self.title = entitle(self.figure, self.colors, title)
            canvas.draw()
            self.figure.set_layout_engine("none")
        else:
            self.title.set_text(title)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _curve_drawer(rows: ModelRows, colors: Theme) -> Callable[[str], Pixels]:
    if len(rows.classes) > 2:
        raise ValueError("of one input and more than two classes there is no curve to draw")
    assert rows.y is not None
    x, y = rows.x[:, 0].astype(float), rows.y
    reach = 0.08 * float(np.ptp(x)) or 1.0
    along = np.linspace(x.min() - reach, x.max() + reach, 300)
    codes = np.zeros((len(along), 0), np.int32)
    low, high = (0.0, 1.0) if rows.classes else (float(y.min()), float(y.max()))
    margin = 0.15 * (high - low) or 1.0
    what = rows.target
    if rows.classes:
        what = tr("probability of class {name}", name=rows.classes[1])
    stage = _Stage(5.6, 4.2, colors)

    def draw(title: str) -> Pixels:
        outputs = rows.outputs(along[:, None].astype(rows.x.dtype), codes)
        ax = stage.ax
        ax.clear()
        ax.plot(x, y, "o", color=colors.first, ms=4, mec=colors.background, mew=0.4)
        ax.plot(along, outputs[:, 1] if rows.classes else outputs, color=colors.second, lw=2)
        ax.set(xlim=(along[0], along[-1]), ylim=(low - margin, high + margin))
        finish(ax, colors, "", rows.names[0], what)
        return stage.pixels(title)

    return draw


def _plane_drawer(rows: ModelRows, plane: Plane, colors: Theme) -> Callable[[str], Pixels]:
    from layerwise.ensemble.decision import Decision

    assert rows.y is not None
    limits = None if rows.classes else (float(rows.y.min()), float(rows.y.max()))
    stage = _Stage(5.8, 4.8, colors)
    note(stage.figure, colors, plane.statement)

    def draw(title: str) -> Pixels:
        ax = stage.ax
        ax.clear()
        # One network, trained without weights: its likeliest class is what it predicts.
        mesh = shade(ax, plane, rows.outputs(plane.x, plane.codes), rows, colors, Decision())
        if mesh is not None and limits is not None:
            mesh.set_clim(*limits)
        draw_rows(ax, plane, rows, colors, limits)
        name_axes(ax, plane)
        finish(ax, colors, "", *plane.axis_names(40, 36))
        return stage.pixels(title)

    return draw


def _gif(images: list[Pixels], milliseconds: int) -> bytes:
    """The images as one GIF that repeats, all in the colours of the last one."""
    from PIL import Image

    last = Image.fromarray(images[-1]).quantize(255)
    ground = images[-1][0, 0]  # which keeps its own colour, the palette's last
    palette = (last.getpalette() or [])[: 3 * 255]
    palette += [0] * (3 * 255 - len(palette)) + ground.tolist()
    frames = []
    for image in images:
        frame = Image.fromarray(image).quantize(palette=last, dither=Image.Dither.NONE)
        places = np.asarray(frame).copy()
        places[(image == ground).all(axis=2)] = 255
        frames.append(Image.fromarray(places, "P"))
        frames[-1].putpalette(palette)
    file = io.BytesIO()
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], loop=0,
        duration=[milliseconds] * (len(frames) - 1) + [_LAST_FRAME_STAYS],
    )  # fmt: skip
    return file.getvalue()
