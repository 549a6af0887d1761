"""Dates: how long ago, which part of the year, the week and the day."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Floats
from layerwise.tables.encoders.number import Encoded, Scaling, is_missing_name, scaling_of, waves_of

_FITTED_ROWS = 200_000
_ROWS_AT_ONCE = 65_536
_DAY = np.timedelta64(1, "D")
# Of these parts, the last value is followed by the first: how many values there are.
CYCLES = {"day of year": 366.0, "weekday": 7.0, "hour": 24.0}


def date_parts(moments: NDArray[np.datetime64]) -> dict[str, Floats]:
    """The numbers that a date consists of, NaN where it is missing.

    "time" is in years since 2000, "weekday" counts from Monday, 0, and "hour" has its fraction.

    Examples
    --------
    >>> parts = date_parts(np.array(["2024-03-05T18:30"], "datetime64[us]"))
    >>> {
    ...     name: part.round(2).tolist() for name, part in parts.items()
    ... }  # doctest: +NORMALIZE_WHITESPACE
    {'time': [24.18], 'month': [3.0], 'day': [5.0], 'day of year': [65.0], 'weekday': [1.0],
     'hour': [18.5]}
    """
    missing = np.isnat(moments)
    known = np.where(missing, np.datetime64("2000-01-01", "us"), moments)
    days = known.astype("datetime64[D]")
    months = known.astype("datetime64[M]")
    years = known.astype("datetime64[Y]")
    since = (known - np.datetime64("2000-01-01", "us")) / _DAY
    parts = {
        "time": since / 365.2425,
        "month": (months - years).astype(np.float64) + 1,
        "day": (days - months).astype(np.float64) + 1,
        "day of year": (days - years).astype(np.float64) + 1,
        "weekday": (days.astype(np.int64) + 3) % 7 + 0.0,
        "hour": (known - days) / np.timedelta64(1, "h"),
    }
    return {name: np.where(missing, np.nan, part) for name, part in parts.items()}


@dataclass(frozen=True)
class DateEncoder:
    """A column of dates.

    Attributes
    ----------
    column : str
    scalings : dict of str to Scaling
        For each part that varies.
    has_missing : bool

    Examples
    --------
    >>> days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
    >>> DateEncoder.fit(
    ...     "sold", days.astype("datetime64[us]")
    ... ).inputs  # doctest: +NORMALIZE_WHITESPACE
    ('sold, time', 'sold, month', 'sold, day', 'sold, day of year', 'sold, weekday',
     'sold, sine of day of year', 'sold, cosine of day of year', 'sold, sine of weekday',
     'sold, cosine of weekday')
    """

    column: str
    scalings: Mapping[str, Scaling]
    has_missing: bool

    @classmethod
    def fit(cls, column: str, moments: NDArray[np.datetime64]) -> "DateEncoder":
        """Fit it to a column of datetime64[us], shape (n,), NaT where a cell is missing."""
        # Of many rows, some at equal distances say the same.
        some = moments[:: max(1, len(moments) // _FITTED_ROWS)]
        scalings = {name: scaling_of(part) for name, part in date_parts(some).items()}
        varying = {name: scaling for name, scaling in scalings.items() if scaling.scale > 0}
        return cls(column, varying, bool(np.isnat(moments).any()))

    @property
    def _cycles(self) -> list[str]:
        return [name for name in CYCLES if name in self.scalings]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the numbers it gives."""
        parts = [f"{self.column}, {name}" for name in self.scalings]
        cycles = [
            f"{self.column}, {wave} of {name}"
            for name in self._cycles
            for wave in ("sine", "cosine")
        ]
        missing = [is_missing_name(self.column)] if self.has_missing else []
        return (*parts, *cycles, *missing)

    def encode(self, moments: NDArray[np.datetime64]) -> Encoded:
        """Encode a column, shape (n,)."""
        if len(moments) > _ROWS_AT_ONCE:
            pieces = [
                self.encode(moments[start : start + _ROWS_AT_ONCE]).numbers
                for start in range(0, len(moments), _ROWS_AT_ONCE)
            ]
            return Encoded([np.concatenate(part) for part in zip(*pieces, strict=True)])
        parts = date_parts(moments)
        numbers = [scaling(parts[name]) for name, scaling in self.scalings.items()]
        for name in self._cycles:
            numbers += waves_of(parts[name], CYCLES[name])
        if self.has_missing:
            numbers.append(np.isnat(moments).astype(np.float32))
        return Encoded(numbers)

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DateEncoder":
        """Read what `to_json` gave."""
        scalings = {name: Scaling(**scaling) for name, scaling in data["scalings"].items()}
        return cls(data["column"], scalings, bool(data["has_missing"]))
