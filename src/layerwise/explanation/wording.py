"""Words that the parts of an explanation share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwise.explanation.explanation import Explanation

__all__ = ["of_many", "plural", "result_name", "result_words"]


def plural(n: int, noun: str) -> str:
    """A count and its noun.

    Examples
    --------
    >>> plural(1, "node"), plural(1200, "node")
    ('1 node', '1,200 nodes')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def of_many(shown: int, n: int, noun: str) -> str:
    """Say that not all are shown.

    Examples
    --------
    >>> of_many(6, 256, "nodes")
    '6 of 256 nodes are shown'
    """
    return f"{shown:,} of {n:,} {noun} {'is' if shown == 1 else 'are'} shown"


def result_name(seen: Explanation) -> str:
    """What stands for the result that is explained, in formulas: "p(yes)", "price"."""
    name = seen.subject.results[seen.of]
    return f"p({name})" if seen.subject.is_classes else name


def result_words(seen: Explanation) -> str:
    """The same in a sentence."""
    name = seen.subject.results[seen.of]
    return f"the probability of {name}" if seen.subject.is_classes else name
