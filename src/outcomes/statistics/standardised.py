"""Groups against the whole: what each would have if its courses were like those of all in the same strata, and the limits that chance leaves.

Without any difference between groups, the courses of a stratum would have been dealt to them at random. Sums then have the mean
and the variance of sampling without replacement, and counts an exact distribution, each group being part of the whole it is held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from outcomes.statistics.arrays import Floats
from outcomes.statistics.distributions import normal_quantile
from outcomes.statistics.funnel import WINSORISED
from outcomes.statistics.intervals import Interval

Integers = NDArray[np.int64]

LEVELS = (0.95, 0.998)
"""The shares of groups that chance alone leaves within the inner and the outer limits: about two and three standard deviations."""

SMALLEST_STRATUM = 10
"""Courses below which a stratum is pooled with others."""

ENOUGH_GROUPS = 10
"""Groups from which on their own spread is judged."""

_OF_NORMAL = 0.679
"""The mean square of a standard normal variable whose tenth at either end is taken for the next one."""

_FARTHEST = 9.0
"""Counts farther from their mean than so many standard deviations are left out, where there are many."""


class Against(NamedTuple):
    """One group: its courses, their `observed` and `expected` sum, and the inner and the outer limits of the sum."""

    n: int
    observed: float
    expected: float
    inner: Interval
    outer: Interval


def pooled(levels: Sequence[Integers], n: Integers, least: int = SMALLEST_STRATUM) -> Integers:
    """The stratum of each row, which stands for `n` courses, from its codes in ever wider strata.

    A stratum of the first level holds where it has at least `least` courses. Rows of smaller ones go to that of the next level among
    themselves, and so on; what is left after the last level is one stratum.

    Example:
        >>> pooled([np.array([1, 1, 2, 3])], np.array([6, 6, 3, 4])).tolist()
        [0, 0, 1, 1]
    """
    found = np.full(len(n), -1)
    strata = 0
    for codes in levels:
        left = np.flatnonzero(found < 0)
        _, of = np.unique(codes[left], return_inverse=True)
        of = of.ravel()
        is_enough = np.bincount(of, n[left]) >= least
        names = np.cumsum(is_enough) - 1 + strata
        found[left[is_enough[of]]] = names[of[is_enough[of]]]
        strata += int(is_enough.sum())
    found[found < 0] = strata
    return found


def against_whole(
    group: Integers,
    groups: int,
    stratum: Integers,
    n: Integers,
    value: Floats,
    *,
    counts: bool = False,
    design_effect: float = 1.0,
    shown: NDArray[np.bool_] | None = None,
) -> list[Against]:
    """Each of so many groups, from rows of `n` courses of a group and a stratum that have the same value.

    Where the values are 0 or 1, `counts` asks for exact limits: at most 2.5 and 0.1 % of counts lie beyond either of them. The variance
    by chance is taken `design_effect` times, for patients with several courses, and that `between` the groups `shown` is added to it.

    References:
        Breslow & Day (1987), Statistical Methods in Cancer Research II, chapter 2 (indirect standardisation); Cochran (1977), Sampling
        Techniques, 3rd ed, sections 2.5 and 5.3 (strata); Spiegelhalter (2005), Stat Med 24:1185-1202 (limits of funnel plots).
    """
    strata = int(stratum.max(initial=-1)) + 1
    each = np.zeros((groups, strata), np.int64)
    np.add.at(each, (group, stratum), n)
    of_all = each.sum(axis=0)
    mean = np.bincount(stratum, n * value, strata) / np.maximum(of_all, 1)
    spread = np.bincount(stratum, n * (value - mean[stratum]) ** 2, strata) / np.maximum(of_all, 1)
    observed, expected = np.bincount(group, n * value, groups), each @ mean
    variance = (each * (of_all - each)) @ (spread / np.maximum(of_all - 1, 1))
    size = each.sum(axis=1)
    is_shown = (size > 0) & (np.ones(groups, bool) if shown is None else shown)
    by_chance = design_effect * variance
    apart = between(size[is_shown], (observed - expected)[is_shown], by_chance[is_shown])
    wider = np.sqrt(np.divide(by_chance + size**2 * apart, variance, out=np.ones(groups), where=variance > 0))
    yes = np.rint(mean * of_all).astype(np.int64)
    found = []
    for g in range(groups):
        if counts:
            ends = _exact(of_all, yes, each[g])
        else:
            ends = [_normal(float(expected[g]), float(variance[g]), level) for level in LEVELS]
        inner, outer = (Interval(*(float(expected[g] + wider[g] * (end - expected[g])) for end in interval)) for interval in ends)
        found.append(Against(int(size[g]), float(observed[g]), float(expected[g]), inner, outer))
    return found


def between(n: Integers, apart: Floats, variance: Floats) -> float:
    """The variance of the true means of groups beside what they have in common, from their sums' distance from what is expected.

    0 below `ENOUGH_GROUPS`. By moments from the mean square of z, the tenth at either end taken for the next one, so that a few
    far groups do not hide themselves; over what that is of a standard normal.

    References:
        DerSimonian & Laird (1986), Control Clin Trials 7:177-188; Spiegelhalter (2005), Stat Med 24:1185-1202, appendix A.3.2;
        Spiegelhalter et al. (2012), J R Stat Soc A 175:1-47.
    """
    known = variance > 0
    if known.sum() < ENOUGH_GROUPS:
        return 0.0
    z = np.sort(apart[known] / np.sqrt(variance[known]))
    cut = int(WINSORISED * len(z))
    z = np.clip(z, z[cut], z[len(z) - 1 - cut])
    weight = n[known] ** 2 / variance[known]
    beside = z @ z / _OF_NORMAL - (len(z) - 1)
    return max(0.0, float(beside / (weight.sum() - (weight**2).sum() / weight.sum())))


def _normal(expected: float, variance: float, level: float) -> tuple[float, float]:
    half = float(normal_quantile((1 + level) / 2)) * sqrt(variance)
    return expected - half, expected + half


def _exact(of_all: Integers, yes: Integers, own: Integers) -> list[tuple[float, float]]:
    """Between which counts at least each of `LEVELS` of all lie, no more than half of the rest beyond either, where strata are dealt at random."""
    first, chances = 0, np.ones(1)
    with_own = own > 0
    for whole, events, n in zip(of_all[with_own].tolist(), yes[with_own].tolist(), own[with_own].tolist(), strict=True):
        least, of_stratum = _dealt(whole, events, n)
        first, chances = first + least, np.convolve(chances, of_stratum)
    below = np.cumsum(chances)
    above = np.cumsum(chances[::-1])

    def ends(tail: float) -> tuple[float, float]:
        # The least count of which more than the tail lies at or below, and the greatest of which more lies at or above.
        return first + float(np.argmax(below > tail)), first + float(len(above) - 1 - np.argmax(above > tail))

    return [ends((1 - level) / 2) for level in LEVELS]


def _dealt(whole: int, events: int, n: int) -> tuple[int, Floats]:
    """The least count, and how likely it and each next one is, where n of the whole are drawn of which so many have the event."""
    low, high = max(0, n + events - whole), min(n, events)
    if whole > 1:
        mean = n * events / whole
        reach = _FARTHEST * sqrt(mean * (1 - events / whole) * (whole - n) / (whole - 1)) + _FARTHEST
        low, high = max(low, int(mean - reach)), min(high, int(mean + reach) + 1)
    k = np.arange(low, high + 1)

    def ways(of: int, chosen: Integers) -> Floats:
        factorial = scipy.special.gammaln
        return np.asarray(factorial(of + 1) - factorial(chosen + 1) - factorial(of - chosen + 1))

    chances = np.exp(ways(events, k) + ways(whole - events, n - k) - ways(whole, np.array(n)))
    return low, chances / chances.sum()
