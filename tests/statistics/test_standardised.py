"""Groups against the whole: expected by strata, limits by chance, and how often chance alone lies beyond them."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from outcomes.statistics.standardised import LEVELS, against_whole, between, pooled


def test_small_strata_are_pooled_level_by_level() -> None:
    types = np.array([1, 2, 3, 4, 5])
    bands = np.array([1, 1, 2, 2, 3])
    assert pooled([types, bands], np.array([12, 6, 6, 5, 9])).tolist() == [0, 2, 1, 1, 2]


def test_expected_is_the_mean_of_each_stratum_and_the_variance_that_of_dealing_courses() -> None:
    """Stratum 0: 1, 2, 3, 6 (mean 3), stratum 1: 0 and 4 (mean 2). Group 0 has the courses with 6 and with 0: 6 observed, 5 expected."""
    stratum, value = np.array([0, 0, 0, 0, 1, 1]), np.array([1.0, 2, 3, 6, 0, 4])
    group = np.array([1, 1, 1, 0, 0, 1])
    one, other = against_whole(group, 2, stratum, np.ones(6, int), value)
    assert (one.n, one.observed, one.expected) == (2, 6.0, 5.0)
    assert (other.n, other.observed, other.expected) == (4, 10.0, 11.0)
    # One of four with variance 3.5, and one of two with variance 4.
    half = 1.959964 * sqrt(3.5 + 4)
    assert one.inner == pytest.approx((5 - half, 5 + half))
    assert one.outer == pytest.approx((5 - half * 3.090232 / 1.959964, 5 + half * 3.090232 / 1.959964))


def test_exact_limits_leave_at_most_the_tail_beyond_either() -> None:
    """10 of 40 drawn, 20 of the 40 with the event: R, qhyper(c(.025, .975), 20, 20, 10) is 2 and 8; at .001 and .999 it is 1 and 9."""
    group, value = np.array([0, 0, 1, 1]), np.array([1.0, 0, 1, 0])
    one, _ = against_whole(group, 2, np.zeros(4, int), np.array([5, 5, 15, 15]), value, counts=True)
    assert tuple(one.inner) == (2, 8)
    assert tuple(one.outer) == (1, 9)
    wider, _ = against_whole(group, 2, np.zeros(4, int), np.array([5, 5, 15, 15]), value, counts=True, design_effect=4.0)
    assert tuple(wider.inner) == (-1, 11)


def test_exact_limits_of_a_million_courses_are_those_of_the_normal() -> None:
    n = np.array([35_000, 65_000, 265_000, 635_000])
    group, value = np.array([0, 0, 1, 1]), np.array([1.0, 0, 1, 0])
    exact, _ = against_whole(group, 2, np.zeros(4, int), n, value, counts=True)
    normal, _ = against_whole(group, 2, np.zeros(4, int), n, value)
    assert exact.outer == pytest.approx(normal.outer, abs=1.5)


def test_the_spread_of_ten_groups_widens_their_limits() -> None:
    n, apart, variance = np.full(10, 20), np.array([-40.0, -30, -20, -10, -10, 10, 10, 20, 30, 40]), np.full(10, 25.0)
    # z are 8, 6, 4 and 2 fives of a root; those of 8 are taken for 6. Each weighs 20 ** 2 / 25 = 16.
    mean_square = (4 * 36 + 2 * 16 + 4 * 4) / 10
    assert between(n, apart, variance) == pytest.approx((10 * mean_square / 0.679 - 9) / (16 * 10 - 16))
    assert between(n[:9], apart[:9], variance[:9]) == 0.0
    assert between(n, np.zeros(10), variance) == 0.0


def beyond(rng: np.random.Generator, groups: int, *, rate: float | None, apart: float = 0.0) -> np.ndarray:
    """Of each group with 8 to 80 courses of six strata, whether it lies beyond the inner and the outer limits (groups, 2).

    Means of changes of whole grades, or counts at a rate that differs by stratum; true values of groups differ by sd `apart`.
    """
    size = rng.integers(8, 81, groups)
    group = np.repeat(np.arange(groups), size)
    stratum = rng.choice(6, len(group), p=[0.3, 0.25, 0.2, 0.15, 0.07, 0.03])
    shift = rng.normal(0, apart, groups)[group] if apart else 0.0
    if rate is None:
        value = np.rint(rng.normal(-0.6 - 0.15 * stratum + shift, 0.8))
    else:
        value = (rng.random(len(group)) < np.clip(rate * (0.6 + 0.2 * stratum) + shift, 0, 1)).astype(float)
    ones = np.ones(len(group), np.int64)
    found = against_whole(group, groups, pooled([stratum], ones), ones, value, counts=rate is not None)
    return np.array([[not low <= each.observed <= high for low, high in (each.inner, each.outer)] for each in found])


@pytest.mark.slow
@pytest.mark.parametrize("groups", [3, 10, 40])
@pytest.mark.parametrize("rate", [None, 0.6, 0.2, 0.04], ids=["mean", "60 %", "20 %", "4 %"])
def test_chance_alone_lies_beyond_as_often_as_is_said(groups: int, rate: float | None) -> None:
    rng = np.random.default_rng(groups)
    runs = 6_000 // groups
    found = np.concatenate([beyond(rng, groups, rate=rate) for _ in range(runs)])
    inner, outer = found.mean(axis=0)
    slack = 4 * np.sqrt((1 - np.array(LEVELS)) * np.array(LEVELS) / len(found))
    assert inner <= 1 - LEVELS[0] + slack[0]
    assert outer <= 1 - LEVELS[1] + slack[1]
    if rate is None:
        assert inner >= 0.025


@pytest.mark.slow
def test_groups_that_all_differ_a_little_are_not_each_taken_for_an_exception() -> None:
    """Limits of chance alone leave 32 % of these beyond 95 %."""
    rng = np.random.default_rng(1)
    inner, outer = np.concatenate([beyond(rng, 40, rate=None, apart=0.25) for _ in range(100)]).mean(axis=0)
    assert 0.03 <= inner <= 0.07
    assert outer <= 0.008
