"""Quantiles and tails of the usual distributions, from `scipy.special`: the same numbers as `scipy.stats`, which takes 2 s to import."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy


def t_quantile(share: Any, df: Any) -> Any:
    """The value below which Student's t with `df` degrees of freedom lies with this probability.

    Example:
        >>> round(float(t_quantile(0.975, 10)), 3)
        2.228
    """
    return scipy.special.stdtrit(df, share)


def t_upper_tail(value: Any, df: Any) -> Any:
    """The probability that Student's t with `df` degrees of freedom lies above a value."""
    return scipy.special.stdtr(df, -np.asarray(value, float))


def normal_quantile(share: Any) -> Any:
    """The value below which a standard normal variable lies with this probability.

    Example:
        >>> round(float(normal_quantile(0.975)), 2)
        1.96
    """
    return scipy.special.ndtri(share)


def normal_upper_quantile(share: Any) -> Any:
    """The value above which it lies with this probability; for small ones more exact than from below."""
    return -scipy.special.ndtri(share)


def normal_share(value: Any) -> Any:
    """The probability that a standard normal variable lies below a value."""
    return scipy.special.ndtr(value)


def normal_upper_tail(value: Any) -> Any:
    """The probability that it lies above a value."""
    return scipy.special.ndtr(-np.asarray(value, float))


def normal_log_upper_tail(value: Any) -> Any:
    """The logarithm of that, exact far out too."""
    return scipy.special.log_ndtr(-np.asarray(value, float))


def normal_log_density(value: Any) -> Any:
    """The logarithm of the standard normal density."""
    return -(np.asarray(value, float) ** 2) / 2 - np.log(np.sqrt(2 * np.pi))


def beta_quantile(share: float, a: float, b: float) -> float:
    """The value below which a beta variable lies with this probability."""
    return float(scipy.special.betaincinv(a, b, share))


def beta_upper_quantile(share: float, a: float, b: float) -> float:
    """The value above which it lies with this probability."""
    return float(scipy.special.betainccinv(a, b, share))


def binomial_quantile(share: Any, n: Any, probability: Any) -> Any:
    """The least number of successes in `n` trials that is not exceeded with at least this probability.

    Example:
        >>> [float(binomial_quantile(0.5, 10, each)) for each in (0.0, 0.3, 1.0)]
        [0.0, 3.0, 10.0]
    """
    never = np.asarray(probability) <= 0
    of = np.where(never, 0.5, probability)
    above = np.ceil(scipy.special.bdtrik(share, n, of))
    below = np.maximum(above - 1, 0)
    return np.where(never, 0.0, np.where(scipy.special.bdtr(below, n, of) >= share, below, above))
