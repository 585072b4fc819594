"""Intervals on plain numbers. Not estimable is nan."""

from __future__ import annotations

from math import hypot, isnan, nan, sqrt
from typing import NamedTuple

from outcomes.statistics.distributions import (
    beta_quantile,
    beta_upper_quantile,
    binomial_quantile,
    normal_upper_quantile,
    t_quantile,
)


class Interval(NamedTuple):
    """A two-sided confidence interval; nan on both sides where it can't be estimated."""

    low: float
    high: float


NOT_ESTIMABLE = Interval(nan, nan)


def wilson(k: float, n: float, level: float = 0.95) -> Interval:
    """Interval of a proportion, 0 to 1, from k of n by the score method; nan when n is 0.

    Raises:
        ValueError: k is not between 0 and n, or level not between 0 and 1.

    References:
        Newcombe (1998), Stat Med 17:857-872, method 3.

    Example:
        >>> [round(x, 4) for x in wilson(81, 263)]
        [0.2553, 0.3662]
    """
    if not 0 <= k <= n:
        raise ValueError(f"k must be between 0 and n={n}, got {k}")
    if n == 0:
        _check_level(level)
        return NOT_ESTIMABLE
    z2 = float(normal_upper_quantile((1 - _check_level(level)) / 2)) ** 2
    centre = 2 * k + z2
    spread = sqrt(z2 * (z2 + 4 * k * (n - k) / n))
    # The ends are exact where nobody or everybody counts; rounding must not leave 0 to 1.
    low = 0.0 if k == 0 else (centre - spread) / (2 * (n + z2))
    high = 1.0 if k == n else (centre + spread) / (2 * (n + z2))
    return Interval(low, high)


def clopper_pearson(k: float, n: float, level: float = 0.95) -> Interval:
    """Exact two-sided interval of a proportion, 0 to 1, from k of n: it covers at least `level`; nan when n is 0.

    k and n need not be whole: of answers that are not independent n is the effective number, and k / n the share.

    Raises:
        ValueError: k is not between 0 and n, or level not between 0 and 1.

    References:
        Clopper & Pearson (1934), Biometrika 26:404-413; Korn & Graubard (1998), Survey Methodology 24:193-201 (effective numbers).

    Example:
        >>> [round(x, 4) for x in clopper_pearson(0, 31)]
        [0.0, 0.1122]
    """
    if not 0 <= k <= n:
        raise ValueError(f"k must be between 0 and n={n}, got {k}")
    tail = (1 - _check_level(level)) / 2
    if n == 0:
        return NOT_ESTIMABLE
    low = 0.0 if k == 0 else beta_quantile(tail, k, n - k + 1)
    high = 1.0 if k == n else beta_upper_quantile(tail, k + 1, n - k)
    return Interval(low, high)


def newcombe(k1: float, n1: float, k2: float, n2: float, level: float = 0.95) -> Interval:
    """Interval of the difference of two independent proportions, k1 / n1 less k2 / n2, from their score intervals.

    Holds 0 or not; between -1 and 1. As in `clopper_pearson` numbers need not be whole. nan when n1 or n2 is 0.

    Raises:
        ValueError: a k is not between 0 and its n, or level not between 0 and 1.

    References:
        Newcombe (1998), Stat Med 17:873-890, method 10.

    Example:
        >>> [round(x, 4) for x in newcombe(56, 70, 48, 80)]
        [0.0524, 0.3339]
    """
    one, other = wilson(k1, n1, level), wilson(k2, n2, level)
    if n1 == 0 or n2 == 0:
        return NOT_ESTIMABLE
    p1, p2 = k1 / n1, k2 / n2
    below, above = hypot(p1 - one.low, other.high - p2), hypot(one.high - p1, p2 - other.low)
    return Interval(p1 - p2 - below, p1 - p2 + above)


def chance_limits(n: int, share: float, level: float = 0.998) -> Interval:
    """Between which proportions of n chance alone leaves at least `level` of all counts, where `share` is the true one.

    The exact limits of a funnel plot: no more than half of the rest lies beyond either. nan when n is 0 or `share` is nan.

    Raises:
        ValueError: level is not between 0 and 1.

    References:
        Spiegelhalter (2005), Stat Med 24:1185-1202, section 3.1 and appendix A.1.1, without interpolation.
    """
    tail = (1 - _check_level(level)) / 2
    if n == 0 or isnan(share):
        return NOT_ESTIMABLE
    low, high = binomial_quantile(tail, n, share), binomial_quantile(1 - tail, n, share)
    return Interval(max(0.0, float(low)) / n, float(high) / n)


def median_ranks(n: int, level: float = 0.95) -> tuple[int, int] | None:
    """The ranks, from 1, of the values between which the median lies, by the binomial distribution; None where n is too small.

    References:
        Conover (1999), Practical Nonparametric Statistics, 3rd ed, section 3.2.
    """
    low = int(binomial_quantile((1 - _check_level(level)) / 2, n, 0.5)) if n else 0
    return (low, n - low + 1) if low else None


def t_interval(n: int, mean: float, variance: float, level: float = 0.95) -> Interval:
    """Interval of a mean from n independent values with that sample variance; nan below 2 values or without spread.

    Raises:
        ValueError: a negative variance, or level not between 0 and 1.
    """
    if variance < 0:
        raise ValueError(f"variance must not be negative, got {variance}")
    quantile = (1 + _check_level(level)) / 2
    if n < 2 or variance == 0:
        return NOT_ESTIMABLE
    half = float(t_quantile(quantile, n - 1)) * sqrt(variance / n)
    return Interval(mean - half, mean + half)


def fieller(
    n: int, top: float, bottom: float, var_top: float, var_bottom: float, covariance: float, level: float = 0.95
) -> Interval:
    """Interval of a ratio of two means, top / bottom, from n pairs with these sample variances and covariance.

    nan below 2 pairs, where every pair has the same ratio (no spread), or where the denominator is not clearly different
    from 0 (the interval would be unbounded).

    Raises:
        ValueError: level is not between 0 and 1.

    References:
        Fieller (1954), J R Stat Soc B 16:175-185.
    """
    quantile = (1 + _check_level(level)) / 2
    if n < 2:
        return NOT_ESTIMABLE
    return ratio(top, bottom, var_top / n, var_bottom / n, covariance / n, float(t_quantile(quantile, n - 1)))


def ratio(top: float, bottom: float, var_top: float, var_bottom: float, covariance: float, quantile: float) -> Interval:
    """Interval of the ratio top / bottom of two estimates with these squared standard errors and their covariance.

    `quantile` is that of t with the degrees of freedom of the estimates, or of max |t| where several ratios hold at once: it
    holds every r for which top - r * bottom is within so many of its standard errors of 0. nan where there is no spread, or
    where the denominator is not clearly different from 0 (the interval would be unbounded).

    References:
        Fieller (1954), J R Stat Soc B 16:175-185.

    Example:
        >>> [round(x, 3) for x in ratio(-0.45, -0.9, 0.01, 0.004, 0.0, 1.96)]
        [0.279, 0.74]
    """
    spread = bottom**2 * var_top - 2 * top * bottom * covariance + top**2 * var_bottom
    # Rounding leaves some 1e-16 of its terms where the spread is 0; a nan is not above it either.
    if not spread > 1e-12 * (bottom**2 * var_top + top**2 * var_bottom):
        return NOT_ESTIMABLE
    a = bottom**2 - quantile**2 * var_bottom
    b = top * bottom - quantile**2 * covariance
    c = top**2 - quantile**2 * var_top
    root = b**2 - a * c
    if not (a > 0 and root >= 0):
        return NOT_ESTIMABLE
    return Interval((b - sqrt(root)) / a, (b + sqrt(root)) / a)


def _check_level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level}")
    return level
