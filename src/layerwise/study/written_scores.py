"""Scores, differences and p-values as people write them."""

import math

from layerwise.language import message, tr
from layerwise.study.statistics import Estimate

_SHARES = ("accuracy", "balanced_accuracy")
_ERRORS = ("log_loss", "mae", "rmse")
# What each is called over a column, where room is scarce, and in a sentence.
_NAMES = {
    message("accuracy"): message("accuracy"),
    message("balanced_accuracy"): message("balanced accuracy"),
    message("log_loss"): message("log loss"),
    message("mae"): message("mean absolute error"),
    message("r2"): message("R²"),
    message("rmse"): message("root mean squared error"),
    message("roc_auc"): message("area under the ROC curve"),
}
_AT_MOST_ONE = ("r2", "roc_auc")


class Units:
    """How one metric is written: shares in percent and their differences in points.

    Parameters
    ----------
    metric : str

    Attributes
    ----------
    name, heading : str
        What it is called in a sentence, and over a column, in the language spoken.

    Examples
    --------
    >>> units = Units("accuracy")
    >>> units.score(Estimate(0.9124, 0.0049, 5)), units.difference(Estimate(0.031, 0.0016, 5))
    ('91.2 ± 1.4 %', '3.1 ± 0.4 points')
    >>> units = Units("rmse")
    >>> units.score(Estimate(45210.0, 520.0, 5)), units.difference(Estimate(-1.25, 0.0, 5))
    ('45,200 ± 1,400', '1.2')

    No score is better than a perfect one, and neither is what it may be:

    >>> Units("accuracy").score(Estimate(0.983, 0.011, 5))
    '98.3 (95.2 to 100.0) %'

    An interval that leaves out nothing a score can be is none, nor is one of a difference:

    >>> Units("accuracy").score(Estimate(0.42, 0.165, 2))
    '42.0 % (too few fits for an interval)'
    >>> Units("accuracy").signed(Estimate(0.031, 0.165, 2))
    '+3.1 points'
    >>> Units("accuracy").difference(Estimate(0.575, 0.18, 5))
    '57 (8 to 100) points'
    """

    def __init__(self, metric: str) -> None:
        self.is_share = metric in _SHARES
        self._metric, self._is_error = metric, metric in _ERRORS
        self.heading, self.name = tr(metric), tr(_NAMES.get(metric, metric))

    @property
    def factor(self) -> float:
        """From the metric's own values to those written: 100 for shares."""
        return 100.0 if self.is_share else 1.0

    @property
    def bounds(self) -> tuple[float, float]:
        """What a score can be at least and at most, in the metric's own values."""
        low = -math.inf if self._metric == "r2" else 0.0
        return low, 1.0 if self.is_share or self._metric in _AT_MOST_ONE else math.inf

    @property
    def shown_bounds(self) -> tuple[float, float]:
        """The same in the values written."""
        low, high = self.bounds
        return low * self.factor, high * self.factor

    def small(self, score: float) -> float:
        """The difference that does not matter: 2 points, 0.02, or 2 % of an error."""
        return 0.02 * (abs(score) if self._is_error else 1.0)

    def is_bound(self, value: float) -> bool:
        """Whether a difference excludes anything at all that one may be."""
        low, high = self.bounds
        return math.isfinite(value) and value < high - low

    def bound(self, value: float) -> str:
        """How large a difference may be, rounded up: "1.4 points".

        Examples
        --------
        >>> Units("accuracy").bound(0.0132), Units("rmse").bound(1234.0), Units("r2").bound(0.2)
        ('1.4 points', '1,300', '0.20')
        """
        bound = self.bare_bound(value)
        return tr("{size} points", size=bound) if self.is_share else bound

    def bare_bound(self, value: float) -> str:
        """The same without a unit."""
        shown = max(value, 0.0) * self.factor
        decimals = _decimals(shown, 2) if not self.is_share else 1 if shown < 10 else 0
        up = math.ceil(shown * 10.0**decimals - 1e-9) / 10.0**decimals
        return rounded(up, decimals)

    def interval(self, score: Estimate) -> tuple[float, float]:
        """Ends of a score's 95 % confidence interval, within what a score can be."""
        (low, high), (least, most) = score.interval(), self.bounds
        return max(low, least), min(high, most)

    def score(self, score: Estimate) -> str:
        """A score with half its 95 % confidence interval behind a ±, or with the ends of a cut one.

        An interval is cut where it would reach beyond what a score can be.
        """
        ends = self.interval(score)
        if ends == self.bounds:
            return tr("{score} (too few fits for an interval)", score=self.value(score.mean))
        text = self._with_margin(score.mean, score.margin())
        return self._score(text, score.interval())

    def value(self, score: float) -> str:
        """A score alone."""
        return self._score(self._with_margin(score, math.nan), (score, score))

    def difference(self, difference: Estimate) -> str:
        """The size of a difference, whatever its sign, with half its 95 % confidence interval."""
        size = abs(difference.mean)
        text = self._with_margin(size, difference.margin(), digits=2)
        ends = (size - difference.margin(), size + difference.margin())
        return self._difference(text, ends)

    def score_between(self, low: float, high: float) -> str:
        """A score known by the ends of its interval.

        Examples
        --------
        >>> Units("accuracy").score_between(0.824, 0.848), Units("r2").score_between(0.9, 1.02)
        ('83.6 ± 1.2 %', '0.960 (0.900 to 1.000)')
        """
        text = self._with_margin((low + high) / 2, (high - low) / 2)
        return self._score(text, (low, high))

    def difference_between(self, low: float, high: float) -> str:
        """A difference known by the ends of its interval.

        Examples
        --------
        >>> Units("accuracy").difference_between(0.005, 0.011)
        '0.8 ± 0.3 points'
        """
        text = self._with_margin((low + high) / 2, (high - low) / 2, digits=2)
        return self._difference(text, (low, high))

    def spread(self, spread: float) -> str:
        """A standard deviation."""
        return self.difference(Estimate(spread, math.nan, 1))

    def signed(self, difference: Estimate) -> str:
        """A difference with its sign, and half its 95 % confidence interval."""
        text = self._with_margin(difference.mean, difference.margin(), digits=2)
        sign = "+" if difference.mean > 0 and not text.startswith("0 ") else ""
        return self._difference(sign + text, difference.interval())

    @property
    def _differences(self) -> tuple[float, float]:
        """What a difference of two scores can be at least and at most."""
        low, high = self.bounds
        return low - high, high - low

    def _score(self, text: str, ends: tuple[float, float]) -> str:
        plain, cut = message("{size} %"), message("{mean} ({low} to {high}) %")
        return self._written(text, ends, self.bounds, plain, cut)

    def _difference(self, text: str, ends: tuple[float, float]) -> str:
        plain, cut = message("{size} points"), message("{mean} ({low} to {high}) points")
        return self._written(text, ends, self._differences, plain, cut)

    def _written(
        self,
        text: str,
        ends: tuple[float, float],
        bounds: tuple[float, float],
        plain: str,
        cut: str,
    ) -> str:
        """Text with its unit, or with the ends of an interval that reaches beyond what can be."""
        if "±" not in text or (bounds[0] <= ends[0] and ends[1] <= bounds[1]):
            return tr(plain, size=text) if self.is_share else text
        mean, margin = (part.strip() for part in text.split("±"))
        decimals = len(margin.partition(".")[2])
        within = (min(max(end, bounds[0]), bounds[1]) for end in ends)
        low, high = (rounded(end * self.factor, decimals) for end in within)
        cut = cut if self.is_share else message("{mean} ({low} to {high})")
        return tr(cut, mean=mean, low=low, high=high)

    def _with_margin(self, mean: float, margin: float, digits: int = 4) -> str:
        """A mean and its margin; where there is none, the mean with so many digits."""
        if margin >= self.bounds[1] - self.bounds[0]:
            margin = math.nan
        mean, margin = mean * self.factor, margin * self.factor
        # What is smaller than rounding leaves is no margin.
        if not math.isfinite(margin) or margin <= 1e-9 * max(abs(mean), 1e-300):
            return rounded(mean, 1 if self.is_share else _decimals(mean, digits))
        decimals = max(_decimals(margin, 1), 1 if margin < 10 else 0)
        if not self.is_share:
            decimals = _decimals(margin, 2)
        return f"{rounded(mean, decimals)} ± {rounded(margin, decimals)}"


def _decimals(value: float, digits: int) -> int:
    """How many decimals show so many significant digits; below 0 where fewer than all before."""
    if value == 0 or not math.isfinite(value):
        return 0
    return min(digits - 1 - math.floor(math.log10(abs(value))), 12)


def rounded(value: float, decimals: int) -> str:
    """A number with so many decimals, thousands set apart and a real minus.

    Examples
    --------
    >>> rounded(-1234.56, 1), rounded(-1234.56, -2), rounded(-0.001, 2), rounded(2.50, 3)
    ('−1,234.6', '−1,200', '0.00', '2.500')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    text = f"{round(value, decimals):,.{max(decimals, 0)}f}"
    is_zero = not text.strip("-0.,")
    return (text.lstrip("-") if is_zero else text).replace("-", "−")


def p_words(p: float) -> str:
    """A p-value.

    Examples
    --------
    >>> [p_words(p) for p in (0.43, 0.0517, 0.0483, 0.0042, 0.00001, 0.996)]
    ['p = 0.4', 'p = 0.052', 'p = 0.048', 'p = 0.004', 'p < 0.001', 'p = 1']
    """
    if math.isnan(p):
        return tr("p unknown: a single fit")
    if p < 0.001:
        return "p < 0.001"
    # Rounded so that it is never at the level of 5 % nor across it.
    for digits in range(1, 6):
        text = float(f"{p:.{digits}g}")
        if (text < 0.05) == (p < 0.05) and (text != 0.05 or p == 0.05):
            break
    return f"p = {text:g}"
