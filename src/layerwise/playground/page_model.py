"""A trained model's page: a row is predicted at once, and its reasons come when there is time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from layerwise.playground.trained import TrainedModel


class PageModel:
    """Answers for a trained model.

    Parameters
    ----------
    model : TrainedModel
    send : callable
        send(dict): hands a message over to the page.

    Attributes
    ----------
    described : dict
        What the page is told of it.
    """

    def __init__(self, model: TrainedModel, send: Callable[[dict[str, Any]], None]) -> None:
        self.described = model.described()
        self._model, self._send = model, send
        self._wanted: dict[str, Any] | None = None  # the row whose reasons are still to come

    def predict(self, cells: Mapping[str, object]) -> None:
        """Say what is predicted for a row, in which some cells are given.

        Raises
        ------
        WrongChoice
            If a cell cannot be read.
        """
        row = {**self._model.typical, **cells}
        results = self._model.results(row)
        self._send({"type": "prediction", "results": results, "cells": row})
        self._wanted = row

    def say_reasons(self) -> None:
        """Say what each column contributed to the last prediction, if it has not been said.

        It takes longer than a prediction.

        Raises
        ------
        WrongChoice
        """
        if self._wanted is not None:
            row, self._wanted = self._wanted, None
            self._send({"type": "reasons", "cells": row, **self._model.contributions(row)})
