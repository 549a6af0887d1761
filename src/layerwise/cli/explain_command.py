"""The command `layerwise explain`."""

from layerwise.cli.explain_options import ExplainOptions
from layerwise.cli.options import as_command

__all__ = ["explain"]


@as_command
def explain(options: ExplainOptions) -> None:
    """Take one row through a model, node by node, and say what each column contributed.

    Each node's formula with the row's numbers, h1_2 = relu(0.41·age - 1.2·income + 0.07)
    = relu(0.83) = 0.83: what is printed can be recomputed. Then softmax step by step, how
    several networks are averaged, and, where the answer is known, the loss and its
    gradients.

    [bold]Examples[/]
      layerwise explain loans.layerwise loans.csv --row 7
      layerwise explain loans.layerwise new.csv --answer yes --weight h1_2,h2_3
      layerwise explain loans.layerwise loans.csv --row 7 --baseline 8 --of no
      layerwise explain loans.layerwise loans.csv --row 7 --all -o row7.html
    """
    from layerwise.cli.explain import run_explain

    run_explain(options)
