"""Whether a mean or a share changes from year to year: the change per year, its interval and a test that there is none.

One line through the estimates of the years, numbers in and numbers out. What is tested is that all years are alike: where they differ
in no order, as chance does not explain, that shows as a trend more often than 1 in 20 times.
"""

from __future__ import annotations

from math import nan, sqrt
from typing import NamedTuple

import numpy as np

from outcomes.statistics.arrays import Floats
from outcomes.statistics.distributions import normal_upper_quantile, normal_upper_tail, t_quantile, t_upper_tail
from outcomes.statistics.intervals import NOT_ESTIMABLE, Interval

NO_SPREAD = 1e-9
"""A standard error up to which all are alike but for rounding."""

FEWEST_YEARS = 3
"""Years needed for a trend: two only differ."""


class Trend(NamedTuple):
    """The change per year with its interval, the p value of no change, and how many years it rests on; nan where not estimable."""

    slope: float
    interval: Interval
    p: float
    years: int


def trend_of_means(years: Floats, means: Floats, errors: Floats, degrees: Floats, level: float = 0.95) -> Trend:
    """The linear contrast of independent means (k,), weighted by their precision, from standard errors and degrees of freedom.

    Student's t with the degrees of freedom of Welch and Satterthwaite: years may differ in their spread. Years whose mean is nan, or
    whose error is nan or 0, are left out.

    References:
        Satterthwaite (1946), Biometrics Bull 2:110-114; Welch (1947), Biometrika 34:28-35.
    """
    known = np.isfinite(means) & np.isfinite(errors) & (np.asarray(errors, float) > NO_SPREAD)
    year, mean, error, df = (np.asarray(of, float)[known] for of in (years, means, errors, degrees))
    if len(np.unique(year)) < FEWEST_YEARS:
        return Trend(nan, NOT_ESTIMABLE, nan, len(year))
    contrast = _contrast(year, error**-2)
    slope, parts = float(contrast @ mean), (contrast * error) ** 2
    variance = float(parts.sum())
    freedom = variance**2 / float((parts**2 / df).sum())
    half = float(t_quantile((1 + level) / 2, freedom)) * sqrt(variance)
    p = 2 * float(t_upper_tail(abs(slope) / sqrt(variance), freedom))
    return Trend(slope, Interval(slope - half, slope + half), p, len(year))


def trend_of_shares(years: Floats, shares: Floats, numbers: Floats, level: float = 0.95) -> Trend:
    """The change per year of shares (k,), 0 to 1, each of an effective number of independent courses or sessions: Cochran and Armitage's test.

    The spread is that of one share in all years, so that a year without any event tells as much as another; the interval is that of
    the test. Years whose share is nan are left out.

    References:
        Armitage (1955), Biometrics 11:375-386; Rao & Scott (1992), Biometrics 48:577-585 (effective numbers).
    """
    known = np.isfinite(shares) & (np.asarray(numbers, float) > 0)
    year, share, number = (np.asarray(of, float)[known] for of in (years, shares, numbers))
    if len(np.unique(year)) < FEWEST_YEARS:
        return Trend(nan, NOT_ESTIMABLE, nan, len(year))
    total = float(number.sum())
    slope, overall = float(_contrast(year, number) @ share), float(number @ share) / total
    spread = float(number @ (year - number @ year / total) ** 2)
    error = sqrt(overall * (1 - overall) / spread * total / (total - 1)) if total > 1 else 0.0
    if error <= 0:
        return Trend(slope, NOT_ESTIMABLE, nan, len(year))
    half = float(normal_upper_quantile((1 - level) / 2)) * error
    return Trend(slope, Interval(slope - half, slope + half), 2 * float(normal_upper_tail(abs(slope) / error)), len(year))


def _contrast(year: Floats, weight: Floats) -> Floats:
    """The weights by which estimates of years sum to the slope of the line through them."""
    apart = year - weight @ year / weight.sum()
    return np.asarray(weight * apart / (weight @ apart**2))
