"""How many more patients would settle what is undecided: plain numbers in, a number of further courses out.

Every function scales what is known now: further patients like those so far, stopping and scored as often. nan where no number
of them suffices, or where nothing is known to scale; 0 where there are enough and the numbers lie between the answers.
"""

from __future__ import annotations

from math import ceil, inf, isfinite, log, nan, sqrt

from outcomes.statistics.distributions import normal_upper_quantile

POWER = 0.8
"""Chance that the answer is found where it holds, unless given."""


def equivalence_error(margin: float, quantile: float = 1.645, power: float = POWER) -> float:
    """The standard error of a difference with which equivalence is shown with that power where there is no difference.

    `quantile` is that of the interval which has to lie within the margin: of a 90 % interval 1.645, more where several
    intervals hold at once. In the units of the margin.

    References:
        Julious (2004), Stat Med 23:1921-1986 (equivalence by two one-sided tests, no difference).

    Example:
        >>> round(equivalence_error(0.3), 4)
        0.1025
    """
    return margin / (quantile + float(normal_upper_quantile((1 - power) / 2)))


def more_of_one(n: float, own: float, rest: float, error: float) -> float:
    """Further courses of one group, of which there are n, until its difference from others has that standard error.

    `own` is the part of the squared standard error that falls as the group grows, `rest` the part that does not. nan where the
    rest alone is too much: no number of this group suffices.

    Example:
        >>> more_of_one(30, own=0.03, rest=0.004, error=0.1025)
        109.0
    """
    room = error**2 - rest
    return _more(n, own / room) if room > 1e-6 * error**2 else nan


def more_of_all(n: float, variance: float, error: float) -> float:
    """Further courses of all groups at the present mix, of which there are n, until that squared standard error has fallen so far."""
    return _more(n, variance / error**2) if error > 0 else nan


def more_to_exclude(n: float, low: float, high: float, margin: float) -> float:
    """Further courses until an interval is narrower than the margin, and so leaves out either no change or a change of the margin.

    Example:
        >>> more_to_exclude(40, low=-0.55, high=0.1, margin=0.5)
        28.0
    """
    return _more(n, ((high - low) / margin) ** 2)


def more_for_share(
    n: float, low: float, high: float, share: float, *, against: float = 0.5, level: float = 0.95, power: float = POWER
) -> float:
    """Further courses until the interval of a share leaves out `against` with that power, if the share stays what it is; 0 to 1.

    By the score test of one proportion, with the number of courses that this interval is worth. nan where the share is
    within a fiftieth of `against`: no practicable number tells them apart.

    References:
        Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed, chapter 2, without
        continuity correction.

    Example:
        >>> more_for_share(50, low=0.462, high=0.724, share=0.6)
        144.0
    """
    if not abs(share - against) > 0.02:
        return nan
    z, z_power = float(normal_upper_quantile((1 - level) / 2)), float(normal_upper_quantile(1 - power))
    wanted = ((z * sqrt(against * (1 - against)) + z_power * sqrt(share * (1 - share))) / (share - against)) ** 2
    middle = (low + high) / 2
    worth = z**2 * 4 * middle * (1 - middle) / (high - low) ** 2 - z**2
    return _more(n, wanted / worth) if worth > 0 else nan


def more_without_event(n: float, limit: float, level: float = 0.95) -> float:
    """Further courses, none with the event among them or the n so far, until the exact upper end lies below `limit`, 0 to 1.

    References:
        Clopper & Pearson (1934), Biometrika 26:404-413.

    Example:
        >>> more_without_event(31, 0.05)
        41.0
    """
    return float(max(0, ceil(log((1 - level) / 2) / log(1 - limit)) - n))


def _more(n: float, factor: float) -> float:
    # A hair is taken off, so that rounding of a factor of 1 is no further course.
    more = n * (factor - 1) if isfinite(factor) else inf
    return float(max(0, ceil(more - 1e-9))) if isfinite(more) else nan
