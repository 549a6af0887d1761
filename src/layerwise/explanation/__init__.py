"""One row through a model: every node's formula, every gradient, each column's contribution.

The room is called after what `explain` gives. It cannot be called `explain`: a module of that name
would take the place of the function `layerwise.explain` as soon as it is imported.
"""

from layerwise.explanation.explain_row import explain
from layerwise.explanation.explanation import Explanation

__all__ = ["Explanation", "explain"]
