"""Numbers and truth values: brought to a spread of about 1 around 0, whatever their outliers.

Times of day, whose last is followed by the first, are given as a place on a circle too.

And what every encoder gives, of whatever kind its column is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Codes, Floats, Reals

LIMIT = 3.0  # what squashed numbers come near to
_ROWS_AT_ONCE = 65_536
_SCALINGS = ("scaling", "beside_scaling")


@dataclass
class Encoded:
    """A column as the network gets it.

    Attributes
    ----------
    numbers : list of ndarray of float32, each of shape (n,)
        One for each name of the encoder's `inputs`.
    codes : ndarray of int32, shape (n,), or None
    n_unknown : int
        Cells with a value that was not there when the encoder was fitted.
    """

    numbers: list[NDArray[np.float32]] = field(default_factory=list)
    codes: Codes | None = None
    n_unknown: int = 0


def squash(z: Reals) -> NDArray[np.float32]:
    """Bring scaled numbers smoothly to within -3 and 3: z / sqrt(1 + (z / 3)²).

    Holzmüller et al. 2024, "Better by Default", equation 3. Infinite ones become ±3.

    Examples
    --------
    >>> squash(np.array([-np.inf, -1.0, 0.0, 100.0])).round(3)
    array([-3.   , -0.949,  0.   ,  2.999], dtype=float32)
    """
    z = np.clip(z, -1e9, 1e9)
    squashed: NDArray[np.float32] = (z / np.sqrt(1.0 + (z / LIMIT) ** 2)).astype(np.float32)
    return squashed


def widened(x: NDArray[np.float32], limit: float) -> NDArray[np.float32]:
    """What `squash` would have given with another limit, of what it gave.

    Examples
    --------
    >>> widened(squash(np.array([-np.inf, -1.0, 0.0, 6.0])), 8.0).round(3)
    array([-8.   , -0.992,  0.   ,  4.8  ], dtype=float32)
    """
    within = np.clip(x.astype(np.float64), -LIMIT, LIMIT)
    wide = within / np.sqrt(1.0 - within**2 * (1.0 / LIMIT**2 - 1.0 / limit**2))
    return np.asarray(wide.astype(np.float32))


def is_missing_name(column: str) -> str:
    """The name of the input that says whether a column's cell is missing."""
    return f"{column} is missing"


@dataclass(frozen=True)
class Scaling:
    """From a number x to z = (x - center) scale, then squashed.

    Attributes
    ----------
    center : float
        The median.
    scale : float
        1 over the distance between the quartiles; where that is 0, 2 over the range.
    """

    center: float
    scale: float

    def __call__(self, x: Floats) -> NDArray[np.float32]:
        """Scaled and squashed; NaN becomes 0, the place of the median."""
        scaled = np.empty(len(x), np.float32)
        for start in range(0, len(x), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            with np.errstate(over="ignore", invalid="ignore"):  # infinity times a scale of 0
                z = (x[part] - self.center) * self.scale
            scaled[part] = squash(np.nan_to_num(z, posinf=1e9, neginf=-1e9))
        return scaled


def scaling_of(x: Floats) -> Scaling:
    """The scaling that goes with a column's finite numbers.

    Holzmüller et al. 2024, "Better by Default", section 3.

    Examples
    --------
    >>> scaling_of(np.array([1.0, 2.0, 3.0, 4.0, 1000.0, np.nan]))
    Scaling(center=3.0, scale=0.5)
    """
    finite = x[np.isfinite(x)]
    if not len(finite):
        return Scaling(0.0, 0.0)
    low, first, median, third, high = np.quantile(finite, [0.0, 0.25, 0.5, 0.75, 1.0])
    with np.errstate(over="ignore"):
        spread = third - first or 0.5 * (high - low)
        scale = 1.0 / spread if spread > 0 and np.isfinite(spread) else 0.0
    return Scaling(float(median), float(scale) if np.isfinite(scale) else 0.0)


def waves_of(x: Floats, period: float) -> list[NDArray[np.float32]]:
    """Sine and cosine of a number's place in its period, 0 where it is missing or infinite.

    Examples
    --------
    >>> [wave.round(2).tolist() for wave in waves_of(np.array([0.0, 6.0, np.nan]), 24.0)]
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    with np.errstate(invalid="ignore"):  # infinity has no place
        angle = 2 * np.pi * x / period
        return [np.nan_to_num(wave(angle)).astype(np.float32) for wave in (np.sin, np.cos)]


@dataclass(frozen=True)
class NumberEncoder:
    """A column of numbers, or of truth values, which become -1 and 1.

    Attributes
    ----------
    column : str
    scaling : Scaling
    has_missing : bool
        Whether cells were missing; then an input of its own says so.
    period : float
        After how much the numbers begin anew, as times of day do; 0: never.
    beside : str
        What a second input says of a cell beside its number, "" if there is none.
    beside_scaling : Scaling
        Of that input.

    Examples
    --------
    >>> encoder = NumberEncoder.fit("age", np.array([20.0, 30.0, 40.0, np.nan]))
    >>> encoder.inputs
    ('age', 'age is missing')
    >>> [part.round(2).tolist() for part in encoder.encode(np.array([30.0, 40.0, np.nan])).numbers]
    [[0.0, 0.949999988079071, 0.0], [0.0, 0.0, 1.0]]
    """

    column: str
    scaling: Scaling
    has_missing: bool
    period: float = 0.0
    beside: str = ""
    beside_scaling: Scaling = Scaling(0.0, 1.0)

    @classmethod
    def fit(
        cls,
        column: str,
        x: Floats,
        *,
        is_boolean: bool = False,
        period: float = 0.0,
        beside: str = "",
        second: Floats | None = None,
    ) -> "NumberEncoder":
        """Fit it to a column, shape (n,), NaN where a cell is missing, and what stands beside."""
        scaling = Scaling(0.5, 2.0) if is_boolean else scaling_of(x)
        of_second = Scaling(0.0, 1.0) if second is None else scaling_of(second)
        return cls(column, scaling, bool(np.isnan(x).any()), period, beside, of_second)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the numbers it gives."""
        missing = (is_missing_name(self.column),) if self.has_missing else ()
        return (self.column, *self.waves, *missing, *filter(None, [self.beside_name]))

    @property
    def beside_name(self) -> str:
        """The name of the input of what stands beside the number, "" if there is none."""
        return f"{self.column}, {self.beside}" if self.beside else ""

    @property
    def waves(self) -> tuple[str, ...]:
        """Names of the sine and the cosine among them, if it has a period."""
        return (f"{self.column}, sine", f"{self.column}, cosine") if self.period else ()

    def encode(self, x: Floats, second: Floats | None = None) -> Encoded:
        """Encode a column, shape (n,), and what stands beside its numbers."""
        numbers = [self.scaling(x)]
        if self.period:
            numbers += waves_of(x, self.period)
        if self.has_missing:
            numbers.append(np.isnan(x).astype(np.float32))
        if self.beside:
            numbers.append(self.beside_scaling(np.zeros(len(x)) if second is None else second))
        return Encoded(numbers)

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "NumberEncoder":
        """Read what `to_json` gave."""
        scalings = {name: Scaling(**data[name]) for name in _SCALINGS if name in data}
        return cls(**{**data, **scalings})  # format 1 had neither a period nor a second input
