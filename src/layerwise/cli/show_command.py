"""The command `layerwise show` and its options."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from layerwise.cli.options import Json, Language, as_command, option
from layerwise.cli.refusals import complain


@dataclass(frozen=True, kw_only=True)
class _Network:
    """What an architecture is beside its sizes; see `layerwise.Architecture`."""

    activation: str = option(
        "f of the hidden layers: relu, leaky_relu, prelu, elu, selu, gelu, silu, mish, "
        "softplus, tanh, sigmoid, hard_sigmoid, identity.",
        default="relu",
        metavar="NAME",
    )
    output: str | None = option(
        "What makes the outputs of the last layer's scores: identity (numbers), softmax (one "
        "of several classes), sigmoid (yes or no), exp (counts).",
        metavar="NAME",
        shown="identity",
    )
    normalization: str | None = option(
        "Bring each layer's input to mean 0 and spread 1 before its weights, from the second "
        "layer on.",
        metavar="batch|layer",
        shown="none",
    )
    residual: bool = option(
        "Add its input to a hidden layer's share of what it computes, where both are of one "
        "width. With normalisation, it is what lets very deep networks learn.",
        "--residual",
        default=False,
    )
    dropout: float = option(
        "Share of each hidden layer's outputs set to 0 at random while training.",
        default=0.0,
        metavar="SHARE",
    )


@as_command
def show(
    *,
    architecture: Annotated[
        str,
        typer.Argument(
            help="A model file; or inputs, nodes of each hidden layer, outputs, joined by '-'. A "
            "size may be followed by ':' and the activation of its layer, the last one by ':' and "
            "the output, as in 20-64-32:tanh-5:softmax.",
            metavar="MODEL|ARCHITECTURE",
            show_default=False,
        ),
    ],
    network: _Network,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Print what a model file holds, or what a network consists of: its layers and their weights.

    A layer computes f(x W + b). [bold]W[/] holds a weight for each pair of a number
    that comes in (fan_in) and a node, [bold]b[/] a bias for each node: 3-4-4-1 has
    3x4 + 4x4 + 4x1 weights and 4 + 4 + 1 biases.

    [bold]Examples[/]
      layerwise show houses.layerwise
      layerwise show 3-4-4-1
      layerwise show 20-64-32:tanh-5:softmax
      layerwise show 30-64-64-64-2:softmax --normalization layer --residual
      layerwise show 3-4-4-1 --json
    """
    if Path(architecture).suffix or Path(architecture).exists():
        from layerwise.cli.use import show_model

        show_model(Path(architecture), as_json=as_json)
        return
    from layerwise.architecture import Architecture, get_activation

    given = {name: value for name, value in vars(network).items() if value not in {None, ""}}
    try:
        get_activation(
            network.activation
        )  # which no layer may have, but a slip is one all the same
        described = Architecture.parse(architecture, **given)
    except ValueError as error:
        raise typer.Exit(complain(str(error))) from None
    if network.output and network.output != described.output:
        problem = (
            f"the output is {described.output!r} in {architecture!r} and {network.output!r} in "
            "--output"
        )
        raise typer.Exit(complain(f"{problem}: leave out one of them"))
    if as_json:
        from layerwise.cli.show import as_json as written

        typer.echo(written(described))
    else:
        from layerwise.cli.printing import make_console
        from layerwise.cli.show import layer_table

        console = make_console()
        console.print(layer_table(described))
        console.print(described.summary)
