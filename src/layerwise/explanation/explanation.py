"""`Explanation`: one row's way through a model, which shows itself."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sklearn import get_config

from layerwise.explanation.compose import compose
from layerwise.explanation.data import to_dict
from layerwise.explanation.document import Block
from layerwise.explanation.explained_row import ExplainedRow
from layerwise.explanation.html import to_fragment, to_page
from layerwise.explanation.markdown import to_markdown
from layerwise.explanation.plain import to_text
from layerwise.harmless_text import on_one_line
from layerwise.language import speaking

if TYPE_CHECKING:
    from rich.console import RenderableType


class Explanation(ExplainedRow):
    """One row's way through a model; `layerwise.explain` makes it.

    It shows itself in a notebook and when printed. Everything in it was computed in double
    precision, from the networks' own numbers.

    Attributes
    ----------
    title : str
    subject : Subject
        The networks and the row.
    of : int
        Which result is explained: a class, or a target.
    member : int
        Which of the networks is walked through, from 0.
    top : int or None
        How many columns, nodes and terms are shown of many; None for all.
    outputs : ndarray, shape (n_networks, n_outputs)
        What each network gives.
    results : ndarray, shape (n_results,)
        What they combine to: probabilities of classes, or numbers, before these are kept within
        the targets trained on.
    feature_names : tuple of str
        What the first layer of the network gets, before learned factors.
    features, factors : ndarray, shape (input_width,)
        These numbers, and what each is multiplied by: 1 where nothing is learned.
    sources : tuple of int
        Which input, or, counted on from the inputs, which code each came from.
    layers : list of LayerSeen
    effects : list of ndarray
        For each layer, how each node moves the score that is explained: its value times the
        score's derivative by it.
    backward : Backward or None
        With a known answer.
    chains : list of Chain
        The chain rule for the weights asked for.
    attribution : Attribution
    importance : Importance or None
        Of a whole table.
    language : str
        What it is written in, "en" or "ko".

    Examples
    --------
    >>> from layerwise import Network, explain
    >>> net = Network("2-2-1", seed=0, dtype="float64")
    >>> net.weights[0] = [[1, -1], [0.5, 2]]
    >>> net.weights[1] = [[2], [1]]
    >>> explanation = explain(net, [1, 0.5], input_names=["age", "income"])
    >>> [round(float(z), 2) for z in explanation.layers[0].pre_activation]
    [1.25, 0.0]
    >>> explanation.results.tolist()
    [2.5]
    >>> print(*[line for line in explanation.to_text().splitlines() if line.startswith("h1_1")])
    h1_1 = relu(age + 0.5·income + 0) = relu(1·1 + 0.5·0.5 + 0) = relu(1.25) = 1.25
    """

    @cached_property
    def blocks(self) -> list[Block]:
        """The explanation as headings, sentences, formulas and tables."""
        with speaking(self.language):
            return compose(self)

    def to_text(self, width: int = 100) -> str:
        """Plain text, in lines of at most `width` characters where they can be broken."""
        with speaking(self.language):
            return to_text(self.blocks, width)

    def to_markdown(self) -> str:
        """Markdown, with the formulas in LaTeX."""
        with speaking(self.language):
            return to_markdown(self.blocks)

    def to_html(self) -> str:
        """One page of HTML, which needs nothing else."""
        with speaking(self.language):
            return to_page(self.blocks, self.title)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: every node's values and gradients; with ``top=None`` every weight too."""
        with speaking(self.language):
            return to_dict(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        of = self.subject.results[self.of]
        return on_one_line(f"<Explanation of {self.title}: {of} {self.results[self.of]:.4g}>")

    def __rich__(self) -> RenderableType:
        from layerwise.explanation.terminal import to_rich

        with speaking(self.language):
            return to_rich(self.blocks)

    def _repr_html_(self) -> str | None:
        # None where who works asks scikit-learn for texts alone.
        if get_config()["display"] == "text":
            return None
        with speaking(self.language):
            return to_fragment(self.blocks)
