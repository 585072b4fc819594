"""Can a reported number be true? Percentages and means of whole numbers, and spreads, that no such patients give."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor, sqrt


def is_possible_mean(reported: str, n: int) -> bool:
    """Whether n whole scores can have this mean, rounded either way to the digits reported; given as text, ``"3.20"``.

    The reverse is not proof: from 100 patients on, every mean of two decimals is possible, and halves from averaged raters
    make more means possible than whole scores do.

    Raises:
        ValueError: not a decimal number, or n below 1.

    References:
        Brown & Heathers (2017), Soc Psychol Personal Sci 8:363-369 (GRIM).

    Example:
        >>> is_possible_mean("3.29", 31), is_possible_mean("2.36", 40)
        (True, False)
    """
    low, high = _sums(reported, n)
    return ceil(low) <= floor(high)


def is_possible_percent(reported: str, n: int) -> bool:
    """Whether some whole number of n patients is this percentage, rounded either way to the digits reported.

    Raises:
        ValueError: not a decimal number, or n below 1.

    Example:
        >>> is_possible_percent("94.4", 36), is_possible_percent("95", 36)
        (True, False)
    """
    low, high = _sums(reported, n)
    return max(ceil(low / 100), 0) <= min(floor(high / 100), n)


def largest_sd(mean: float, n: int, low: float, high: float) -> float:
    """The largest sample standard deviation of n scores between low and high with that mean: all of them at the two ends.

    Raises:
        ValueError: a mean outside of low to high, or n below 2.

    References:
        Bhatia & Davis (2000), Am Math Mon 107:353-357.

    Example:
        >>> largest_sd(2.5, 2, 1, 4)
        2.1213203435596424
    """
    if not low <= mean <= high:
        raise ValueError(f"mean must be between {low} and {high}, got {mean}")
    if n < 2:
        raise ValueError(f"n must be at least 2, got {n}")
    return sqrt((mean - low) * (high - mean) * n / (n - 1))


def half_a_digit(reported: str) -> Fraction:
    """Half a unit of the last digit reported: how far rounding can have moved it.

    Raises:
        ValueError: not a decimal number.
    """
    try:
        exponent = Decimal(reported).as_tuple().exponent
    except InvalidOperation:
        exponent = "n"
    if not isinstance(exponent, int):
        raise ValueError(f"reported must be a decimal number as text, got {reported!r}")
    return Fraction(1, 2) * Fraction(10) ** exponent


def _sums(reported: str, n: int) -> tuple[Fraction, Fraction]:
    """Between which two sums of n values their mean is rounded to what was reported."""
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    half = half_a_digit(reported)
    return (Fraction(reported) - half) * n, (Fraction(reported) + half) * n
