"""Pictures that `layerwise draw` makes of a fitted model, its training, or a function alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwise.language import tr

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from layerwise.cli.picture_request import PictureRequest
    from layerwise.estimators.table import BaseTable


def activations(request: PictureRequest) -> Figure:
    """Every activation, or those of an architecture or a model."""
    from layerwise.architecture import Architecture
    from layerwise.draw import draw_activations

    if request.model is None:
        return draw_activations(theme=request.theme)
    if isinstance(request.model, str):
        architecture = Architecture.parse(request.model)
    else:
        architecture = request.network.architecture
    if not architecture.activation:
        raise ValueError(f"{architecture.title} has no hidden layer, so no activation")
    return draw_activations(list(dict.fromkeys(architecture.activation)), theme=request.theme)


def history(request: PictureRequest) -> Figure:
    """Losses and learning rate."""
    from layerwise.draw import draw_history

    figure = draw_history(request.history, learning_rate=True, theme=request.theme)
    return _of_one_network(figure, request)


def training(request: PictureRequest) -> Figure:
    """All that was measured."""
    from layerwise.draw import draw_training

    return _of_one_network(draw_training(request.history, theme=request.theme), request)


def weights(request: PictureRequest) -> Figure:
    """A histogram of each layer."""
    from layerwise.draw import draw_weights

    return _of_one_network(draw_weights(request.network, theme=request.theme), request)


def loss(request: PictureRequest) -> Figure:
    """The loss of a probability, and a model's predictions on it."""
    from layerwise.draw import draw_loss
    from layerwise.draw.model_rows import rows_of

    if request.model is None:
        return draw_loss(theme=request.theme)
    rows = rows_of(_classifier(request), request.needed_table)
    if rows.y is None:
        raise ValueError(f"the table lacks the answers: the column {rows.target!r}")
    return draw_loss(rows.y, rows.outputs(rows.x, rows.codes), theme=request.theme)


def softmax(request: PictureRequest) -> Figure:
    """One row's scores as they become probabilities, in one network."""
    from layerwise.draw import draw_softmax
    from layerwise.draw.model_rows import rows_of
    from layerwise.tables.names import spelled_as

    model = _classifier(request)
    row = request.one_row
    if row is None:
        raise ValueError("softmax is drawn of one row: give a table, and --row")
    names = model.task_.names
    row = spelled_as(row, names)
    rows = rows_of(model, row.drop_columns(set(names) & set(row.column_names)))
    scores = request.network.scores(rows.x, rows.codes)
    figure = draw_softmax(scores, rows.classes, theme=request.theme)
    return _of_one_network(figure, request)


def boundary(request: PictureRequest) -> Figure:
    """What is predicted for all values of two columns."""
    from layerwise.draw import draw_boundary

    return draw_boundary(
        request.table_model, request.needed_table, columns=_columns(request), theme=request.theme
    )


def nodes(request: PictureRequest) -> Figure:
    """What each hidden node gives on."""
    from layerwise.draw import draw_nodes

    return draw_nodes(
        request.table_model,
        request.needed_table,
        columns=_columns(request),
        nodes=request.options.nodes or 8,
        member=request.member,
        theme=request.theme,
    )


def landscape(request: PictureRequest) -> Figure:
    """The loss around a network's numbers."""
    from layerwise.draw import draw_landscape

    return draw_landscape(
        request.table_model, request.needed_table, member=request.member, theme=request.theme
    )


def learning(request: PictureRequest) -> bytes:
    """A new network as it learns."""
    from layerwise.draw import draw_learning

    return draw_learning(
        request.table_model,
        request.needed_table,
        columns=_columns(request),
        member=request.member,
        theme=request.theme,
    ).data


def _of_one_network(figure: Figure, request: PictureRequest) -> Figure:
    """Say above a picture which network it is of, where the model averages several."""
    from layerwise.draw.panels import entitle
    from layerwise.draw.theme import find_theme

    n = len(getattr(request.model, "networks_", ()))
    if n > 1:
        which = tr("network {i} of {n} that are averaged", i=request.member + 1, n=n)
        title = ": ".join(filter(None, (which, figure.get_suptitle())))
        entitle(figure, find_theme(request.theme), title)
    return figure


def _classifier(request: PictureRequest) -> BaseTable:
    model = request.table_model
    if not model.task_.classes:
        raise ValueError("this picture is of probabilities; the model predicts a number")
    return model


def _columns(request: PictureRequest) -> list[str] | None:
    from layerwise.cli.options import names

    given = request.options.columns
    return names(given, request.needed_table.column_names) if given else None
