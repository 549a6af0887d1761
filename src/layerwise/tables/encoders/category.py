"""Categories: a code for each known value, 0 for all others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Integers
from layerwise.language import said
from layerwise.tables.encoders.number import Encoded, Scaling, scaling_of
from layerwise.tables.names import bare

# A value seen less often teaches nothing; as one of the others it teaches what a rare value means.
_LEAST_OFTEN = 2


@dataclass(frozen=True)
class CategoryEncoder:
    """A column of categories.

    Attributes
    ----------
    column : str
    values : tuple of str
        Value k has the code k + 1, the most frequent one 1.
    has_missing : bool
        Whether cells were missing; then that is the last code.
    order : tuple of (float or None)
        For each value its place in the order, if they have one; then an input of its own says it.

    Examples
    --------
    >>> encoder = CategoryEncoder.fit("city", np.array(["Ulm", "Bonn"]), np.array([0, 0, 1, 1, 0]))
    >>> encoder.values, encoder.n_codes
    (('Ulm', 'Bonn'), 3)
    >>> encoder.encode(np.array(["Bonn", "Rome"]), np.array([1, 0, -1])).codes.tolist()
    [0, 2, 0]
    """

    column: str
    values: tuple[str, ...]
    has_missing: bool
    order: tuple[float | None, ...] = ()

    @classmethod
    def fit(
        cls,
        column: str,
        texts: Sequence[str],
        places: Integers,
        order: Mapping[str, float | None] | None = None,
    ) -> "CategoryEncoder":
        """Fit it to a column.

        Parameters
        ----------
        texts : array-like of str, shape (n_texts,)
        places : ndarray of int, shape (n,)
            Each cell's place in `texts`, -1 for a missing one.
        order : mapping of str to float or None
            Places in the order of texts in lower case.
        """
        counts: Counter[str] = Counter()
        each = np.bincount(places[places >= 0], minlength=len(texts)).tolist()
        for text, count in zip(texts, each, strict=True):  # as numbers, two may be equal
            counts[str(text)] += count
        known = [text for text, count in counts.items() if count >= _LEAST_OFTEN]
        known.sort(key=lambda text: (-counts[text], text))
        in_order = tuple(order.get(bare(text).lower()) for text in known) if order else ()
        return cls(column, tuple(known), bool((places < 0).any()), in_order)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The name of the place in the order, if there is one; it gives no other number."""
        return (f"{self.column}, order",) if self.order else ()

    @cached_property
    def order_scaling(self) -> Scaling:
        """The scaling of the places in the order."""
        return scaling_of(np.array([np.nan if x is None else x for x in self.order], np.float64))

    @cached_property
    def numbers_of_codes(self) -> NDArray[np.float32]:
        """For each code the place in the order as the network gets it, 0 where it has none."""
        numbers = np.full(self.n_codes, np.nan)
        numbers[1 : 1 + len(self.order)] = [np.nan if x is None else x for x in self.order]
        return self.order_scaling(numbers)

    @property
    def n_codes(self) -> int:
        """How many codes there are, with 0; at least 2, since one says nothing."""
        return max(2, 1 + len(self.values) + self.has_missing)

    @cached_property
    def code_of(self) -> dict[str, int]:
        """Codes of the values, and of them without blanks around; "" is missing."""
        codes = {value: code for code, value in enumerate(self.values, 1)}
        alike = {bare(value): code for value, code in reversed(codes.items())}
        return {"": self._missing, **alike, **codes}

    @property
    def _missing(self) -> int:
        return self.n_codes - 1 if self.has_missing else 0

    def name_of(self, code: int) -> str:
        """What a code stands for."""
        if code == 0:
            return said("another value")
        return said("missing") if code > len(self.values) else self.values[code - 1]

    def encode(self, texts: Sequence[str], places: Integers) -> Encoded:
        """Encode a column, given as in `fit`.

        A text that is no value as it stands is the one that differs in blanks around it alone.
        """
        code_of = self.code_of
        bares = [bare(str(text)) for text in texts]
        of_texts = [
            code_of.get(str(text), code_of.get(alike, 0))
            for text, alike in zip(texts, bares, strict=True)
        ]
        codes = np.array([*of_texts, self._missing], np.int32)[places]
        is_unknown = [not code and alike != "" for code, alike in zip(of_texts, bares, strict=True)]
        unknown = int(np.array([*is_unknown, False])[places].sum())
        numbers = [self.numbers_of_codes[codes]] if self.order else []
        return Encoded(numbers, codes=codes, n_unknown=unknown)

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "CategoryEncoder":
        """Read what `to_json` gave."""
        order = tuple(data.get("order", ()))  # formats 1 and 2 had none
        return cls(data["column"], tuple(data["values"]), bool(data["has_missing"]), order)
