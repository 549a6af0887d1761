"""`layerwise play`: the server begun, for the command and for notebooks."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from layerwise.estimators import TableClassifier, TableRegressor
from layerwise.files.passwords import hide_secrets
from layerwise.harmless_text import as_markup
from layerwise.language import speaking, tr
from layerwise.playground.choices import Choices
from layerwise.playground.explained import weight_formula
from layerwise.playground.exported import FRAME, TableSource
from layerwise.playground.input_plane import Plane
from layerwise.playground.learner import Learner
from layerwise.playground.material import Material
from layerwise.playground.messages import MOST_BYTES
from layerwise.playground.page_frames import Point, drawn_rows, picture
from layerwise.playground.page_table import PageTable
from layerwise.playground.trained import TrainedModel
from layerwise.tables.frames import as_table
from layerwise.tables.reading import read_table
from layerwise.training.trainer import load_engine

if TYPE_CHECKING:
    import uvicorn

    from layerwise.playground.server import Room


class MissingServer(ImportError):  # noqa: N818  what it is
    """The libraries of the server are not installed."""


class Playing:
    """A playground that is open.

    Attributes
    ----------
    address : str
        What opens it in a browser.
    address_for_students : str
        In a classroom, what all others open; else "".
    notes : tuple of str
        What the reader left out of the table.
    """

    def __init__(self, server: uvicorn.Server, room: Room, listening: socket.socket) -> None:
        self._server, self._room, self._listening = server, room, listening
        self._thread: threading.Thread | None = None
        self.notes = () if room.table is None else room.table.notes
        roles = set(room.access.tokens.values())
        is_classroom = "teacher" in roles
        self._role = "teacher" if is_classroom else "page"
        self.address = room.access.address(self._role)
        self.address_for_students = room.access.address("student") if is_classroom else ""

    def serve(self) -> None:
        """Serve until Ctrl-C."""
        self._server.run(sockets=[self._listening])

    def serve_beside(self) -> None:
        """Serve in a thread, until `close`."""
        self._thread = threading.Thread(target=self.serve, name="layerwise-play", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()

    def __repr__(self) -> str:
        return f"<a playground at {self.address}>"

    def _repr_html_(self) -> str:
        framed = as_markup(self._room.access.address_in_frame(self._role))
        address = as_markup(self._room.access.address(self._role))
        with speaking(None):
            words = as_markup(tr("Nothing to be seen? Open the page by itself:"))
        return (
            f'<iframe src="{framed}" title="Layerwise playground" width="100%" height="760" '
            f'style="border: 0"></iframe><p>{words} '
            f'<a href="{address}" target="_blank" rel="noreferrer">{address}</a></p>'
        )


def begin(
    thing: object = None,
    *,
    target: str = "",
    name: str = "",
    reading: Mapping[str, Any] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    classroom: bool = False,
    in_frames: bool = False,
) -> Playing:
    """Make a playground ready to be served.

    Parameters
    ----------
    thing : path, data frame, TableClassifier, TableRegressor or None
        A table, or a fitted model; None: toy data.
    target : str
        The table's column to predict; "": guessed.
    name : str
        What the table is called on the page.
    reading : mapping, optional
        What `layerwise.tables.reading.read_table` is told of a path.
    host : str
        The address to be bound to.
    port : int
        0: one that is free.
    classroom : bool
        Whether there is a teacher's page, and students'.
    in_frames : bool
        Whether other sites' pages, such as a notebook, may show it in a frame.

    Raises
    ------
    MissingServer
        Without Starlette and uvicorn.
    TableError
        If the table cannot be read.
    OSError
        If the port is taken.
    """
    try:
        import uvicorn

        from layerwise.playground.guard import Access
        from layerwise.playground.server import Room, application
    except ImportError as error:
        raise MissingServer(
            f"the playground needs {error.name}, which is not installed: "
            "pip install 'layerwise[play]'"
        ) from None
    table = model = None
    if isinstance(thing, (TableClassifier, TableRegressor)):
        model = TrainedModel(thing)
    elif isinstance(thing, (str, os.PathLike)):
        read = read_table(thing, **(reading or {}))
        notes = tuple(str(problem) for problem in read.problems[:5])
        source = TableSource.of_file(os.fspath(thing), reading)
        name = name or hide_secrets(os.fspath(thing))
        table = PageTable.of(name, read.table, source, target=target, notes=notes)
    elif thing is not None:
        table = PageTable.of(name or "table", as_table(thing), FRAME, target=target)
    load_engine()
    _warm_up()
    listening = _listening(host, port)
    port = listening.getsockname()[1]
    roles = ("teacher", "student") if classroom else ("page",)
    room = Room(Access.made(host, port, roles, in_frames), table, model)
    config = uvicorn.Config(
        application(room),
        http=room.connections.protocol,
        proxy_headers=False,  # a connection is known by the address at its other end
        log_level="warning",
        access_log=False,
        ws_max_size=4 * MOST_BYTES,  # of what is longer than allowed it is said that it is
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    return Playing(uvicorn.Server(config), room, listening)


def _warm_up() -> None:
    """Compile and load all that a page uses, before anyone waits for it."""
    learner = Learner(Choices.of({"rows": 10}), Material.of_toy("circles", 10))
    learner.take(1)
    row = Point(learner.material.x[:1], learner.material.codes[:1], 0.0, 0)
    picture(learner, Plane.of(learner.choices, learner.material), row, drawn_rows(learner))
    weight_formula(learner, row, 0, 0, 0)
    learner.close()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def play(thing: object = None, *, target: str = "", **options: Any) -> Playing:
    """Open a playground: in a notebook the page stands in the cell.

    Parameters
    ----------
    thing : path, data frame, TableClassifier, TableRegressor or None
        A table, or a fitted model; None: toy data.
    target : str
        The table's column to predict; "": guessed.
    **options
        As for `begin`.

    Returns
    -------
    Playing
        With the `address` to open, and `close` to end it.

    Raises
    ------
    MissingServer
        Without Starlette and uvicorn: ``pip install 'layerwise[play]'``.

    Examples
    --------
    >>> import layerwise
    >>> playing = layerwise.play()
    >>> playing.address.startswith("http://127.0.0.1:")
    True
    >>> playing.close()
    """
    playing = begin(thing, target=target, in_frames=True, **options)
    playing.serve_beside()
    return playing
