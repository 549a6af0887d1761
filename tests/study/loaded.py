"""Loads whatever a study needs, as it is imported: for processes that are forked from there."""

import sklearn.ensemble  # noqa: F401

from tests.study.circles import found_by_study

found_by_study(trees=False, depth=[1], folds=2, seeds=1, epochs=1)
