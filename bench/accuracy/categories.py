"""Categories in the form that each library of trees takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class KnownCategories(TransformerMixin, BaseEstimator):
    """Columns as pandas categories: those seen while fitting, others are missing values.

    A column of more than `most` of them becomes their codes.
    """

    def __init__(self, columns: Sequence[str], most: int) -> None:
        self.columns = columns
        self.most = most

    def fit(self, x: pd.DataFrame, y: object = None) -> Self:
        """Remember the categories."""
        self.categories_ = {name: pd.Categorical(x[name]).categories for name in self.columns}
        return self

    def transform(self, x: pd.DataFrame) -> pd.DataFrame:
        """The same columns, in their new form."""
        x = x.copy()
        for name, known in self.categories_.items():
            coded = pd.Series(pd.Categorical(x[name], categories=known), index=x.index)
            codes = coded.cat.codes.where(coded.notna()).astype(float)
            x[name] = codes if len(known) > self.most else coded
        return x


class WrittenCategories(TransformerMixin, BaseEstimator):
    """Columns as text, a missing value as a word of its own."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns

    def fit(self, x: pd.DataFrame, y: object = None) -> Self:
        """Nothing to remember."""
        self.fitted_ = True
        return self

    def transform(self, x: pd.DataFrame) -> pd.DataFrame:
        """The same columns, in their new form."""
        written = {name: x[name].astype(object).fillna("(missing)") for name in self.columns}
        return x.assign(**written)
