"""Intervals on plain numbers: published examples, R's answers, edges and symmetries."""

from __future__ import annotations

from math import isnan, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.statistics.intervals import (
    Interval,
    chance_limits,
    clopper_pearson,
    fieller,
    median_ranks,
    newcombe,
    ratio,
    t_interval,
    wilson,
)

R = [line.split() for line in (Path(__file__).parents[1] / "oracles" / "intervals.txt").read_text(encoding="utf-8").splitlines()]
"""What `intervals.R`, beside it, printed: the name, the arguments, the level, the two ends; ten digits each."""


def printed_by_r(name: str) -> list[tuple[float, ...]]:
    return [tuple(map(float, numbers)) for case, *numbers in R if case == name]


def is_nan(interval: Interval) -> bool:
    return isnan(interval.low) and isnan(interval.high)


# Proportions


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_four_examples_of_newcombe(k: int, n: int, low: float, high: float) -> None:
    """Newcombe (1998), Stat Med 17:857-872, Table I, method 3."""
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("k", "n", "level", "low", "high"), printed_by_r("wilson"))
def test_wilson_agrees_with_r(k: float, n: float, level: float, low: float, high: float) -> None:
    assert wilson(int(k), int(n), level) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(("k", "n", "level", "low", "high"), printed_by_r("clopper_pearson"))
def test_clopper_pearson_agrees_with_r(k: float, n: float, level: float, low: float, high: float) -> None:
    assert clopper_pearson(int(k), int(n), level) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_of_proportions_gives_the_eight_examples_of_newcombe(counts, low: float, high: float) -> None:
    """Newcombe (1998), Stat Med 17:873-890, Table II, method 10."""
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)
    assert newcombe(*counts[2:], *counts[:2]) == pytest.approx((-high, -low), abs=5e-5)


def test_a_difference_from_nobody_is_not_estimable() -> None:
    assert is_nan(newcombe(0, 0, 3, 10))
    assert is_nan(newcombe(3, 10, 0, 0))


@given(st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(1.0, 20.0))
def test_fewer_effective_answers_of_the_same_share_make_an_exact_interval_wider(count: tuple[int, int], effect: float) -> None:
    k, n = count
    fewer, all_of_them = clopper_pearson(k / effect, n / effect), clopper_pearson(k, n)
    assert fewer.low <= all_of_them.low + 1e-12
    assert fewer.high >= all_of_them.high - 1e-12


@pytest.mark.parametrize(("n", "share", "level", "low", "high"), printed_by_r("chance_limits"))
def test_limits_of_chance_agree_with_r(n: float, share: float, level: float, low: float, high: float) -> None:
    assert chance_limits(int(n), share, level) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(("n", "low", "high"), printed_by_r("median_ranks"))
def test_ranks_of_the_median_agree_with_r(n: float, low: float, high: float) -> None:
    assert median_ranks(int(n)) == (low, high)


@pytest.mark.parametrize("n", range(6))
def test_five_values_have_no_interval_of_their_median(n: int) -> None:
    assert median_ranks(n) is None


@pytest.mark.parametrize(("n", "share"), [(0, 0.1), (5, nan)])
def test_chance_has_no_limits_without_sessions_or_a_share(n: int, share: float) -> None:
    assert is_nan(chance_limits(n, share))


def test_nobody_and_everybody_reach_the_ends_exactly() -> None:
    for interval in (wilson, clopper_pearson):
        assert interval(0, 7).low == 0.0
        assert interval(7, 7).high == 1.0


def test_a_proportion_of_nobody_is_not_estimable() -> None:
    assert is_nan(wilson(0, 0))
    assert is_nan(clopper_pearson(0, 0))


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (1, 0), (nan, 5)])
def test_more_than_everybody_is_a_mistake_of_the_caller(k: float, n: int) -> None:
    with pytest.raises(ValueError, match=rf"k must be between 0 and n={n}, got {k}"):
        wilson(k, n)
    with pytest.raises(ValueError, match=rf"k must be between 0 and n={n}, got {k}"):
        clopper_pearson(k, n)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, nan])
@pytest.mark.parametrize(
    "interval",
    [
        lambda level: wilson(1, 2, level),
        lambda level: wilson(0, 0, level),
        lambda level: clopper_pearson(1, 2, level),
        lambda level: clopper_pearson(0, 0, level),
        lambda level: newcombe(1, 2, 1, 2, level),
        lambda level: newcombe(0, 0, 0, 0, level),
        lambda level: chance_limits(0, nan, level),
        lambda level: t_interval(5, 1.0, 1.0, level),
        lambda level: t_interval(0, nan, 0.0, level),
        lambda level: fieller(5, 1.0, 2.0, 1.0, 1.0, 0.5, level),
        lambda level: fieller(0, nan, nan, 0.0, 0.0, 0.0, level),
    ],
)
def test_a_level_is_between_0_and_1_even_where_nothing_is_estimable(interval, level: float) -> None:
    with pytest.raises(ValueError, match="level must be between 0 and 1, got"):
        interval(level)


counts = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_counting_the_others_mirrors_the_interval(count: tuple[int, int]) -> None:
    k, n = count
    low, high = wilson(k, n)
    assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(counts)
def test_the_exact_interval_of_nobody_or_everybody_has_a_closed_form(count: tuple[int, int]) -> None:
    _, n = count
    assert clopper_pearson(0, n).high == pytest.approx(1 - 0.025 ** (1 / n), rel=1e-9)
    assert clopper_pearson(n, n).low == pytest.approx(0.025 ** (1 / n), rel=1e-9)


@given(counts, st.floats(0.5, 0.999))
def test_an_interval_of_a_proportion_holds_it_and_stays_within_0_and_1(count: tuple[int, int], level: float) -> None:
    k, n = count
    low, high = wilson(k, n, level)
    assert 0 <= low <= k / n + 1e-15
    assert k / n - 1e-15 <= high <= 1
    assert low < high


@given(counts)
def test_more_confidence_is_a_wider_interval(count: tuple[int, int]) -> None:
    narrow, wide = wilson(*count, level=0.8), wilson(*count, level=0.99)
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


def test_the_ends_are_plain_numbers_of_python() -> None:
    for interval in (
        wilson(1, 3),
        clopper_pearson(1, 3),
        newcombe(1, 3, 2, 4),
        chance_limits(9, 0.2),
        t_interval(5, 1.0, 1.0),
        fieller(5, 1.0, 2.0, 1.0, 1.0, 0.5),
        ratio(1.0, 2.0, 0.01, 0.01, 0.005, 2.0),
    ):
        assert [type(end) for end in interval] == [float, float]


# Means


@pytest.mark.parametrize(("n", "mean", "variance", "level", "low", "high"), printed_by_r("t"))
def test_the_t_interval_agrees_with_r(n: float, mean: float, variance: float, level: float, low: float, high: float) -> None:
    assert t_interval(int(n), mean, variance, level) == pytest.approx((low, high), rel=1e-9)


def test_the_t_interval_of_two_values_uses_one_degree_of_freedom() -> None:
    """Mean 0, variance 2, n = 2: the standard error is 1 and the half width the 97.5 % point of t with 1 df, 12.706."""
    assert t_interval(2, 0.0, 2.0) == pytest.approx((-12.706, 12.706), abs=5e-4)


@pytest.mark.parametrize(("n", "variance"), [(0, 0.0), (1, 0.0), (1, 3.0), (12, 0.0)])
def test_a_mean_of_one_value_or_of_equal_values_has_no_interval(n: int, variance: float) -> None:
    assert is_nan(t_interval(n, 1.0, variance))


def test_a_negative_variance_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="variance must not be negative, got -1"):
        t_interval(5, 0.0, -1)


# Ratios of means


@pytest.mark.parametrize("case", printed_by_r("fieller"))
def test_fieller_holds_the_ratios_that_a_paired_t_test_of_r_does_not_reject(case: tuple[float, ...]) -> None:
    n, *moments, level, low, high = case
    assert fieller(int(n), *moments, level) == pytest.approx((low, high), rel=1e-8)


def test_a_constant_denominator_only_scales_the_t_interval() -> None:
    low, high = t_interval(9, 3.0, 4.0)
    assert fieller(9, 3.0, 5.0, 4.0, 0.0, 0.0) == pytest.approx((low / 5, high / 5), rel=1e-12)


moments = st.lists(st.tuples(st.integers(-400, 400), st.integers(1, 400)), min_size=3, max_size=30)


@given(moments)
def test_fieller_ends_are_where_the_t_statistic_is_critical(pairs: list[tuple[int, int]]) -> None:
    import numpy as np
    from scipy import stats

    top, bottom = np.array(pairs, dtype=float).T
    (var_top, covariance), (_, var_bottom) = np.cov(top, bottom)
    interval = fieller(len(pairs), top.mean(), bottom.mean(), var_top, var_bottom, covariance)
    if is_nan(interval):
        return
    critical = stats.t.ppf(0.975, len(pairs) - 1)
    for end in interval:
        error = top - end * bottom
        scale = abs(top).max() + abs(end) * bottom.max()
        assert abs(error.mean()) == pytest.approx(critical * error.std(ddof=1) / len(pairs) ** 0.5, abs=1e-5 * scale)
    assert interval.low <= top.mean() / bottom.mean() <= interval.high


@pytest.mark.parametrize("n", [0, 1])
def test_a_ratio_needs_two_pairs(n: int) -> None:
    assert is_nan(fieller(n, 1.0, 2.0, 1.0, 1.0, 0.5))


@pytest.mark.parametrize("share", [0.0, 0.1, 1 / 3, 0.5, 1.0])
def test_pairs_that_all_have_the_same_ratio_have_no_interval(share: float) -> None:
    """Not an interval of width 0: nothing is known of the spread."""
    mean, variance = 731.0, 1234.5
    assert is_nan(fieller(20, share * mean, mean, share**2 * variance, variance, share * variance))


def test_a_denominator_that_may_be_0_has_no_interval() -> None:
    """Mean 1, standard error 1: the set of ratios not rejected is unbounded."""
    assert is_nan(fieller(16, 3.0, 1.0, 4.0, 16.0, 0.0))
    assert is_nan(fieller(16, 3.0, 0.0, 4.0, 16.0, 0.0))


# Ratios of two estimates


@pytest.mark.parametrize("case", printed_by_r("fieller"))
def test_a_ratio_of_estimates_that_are_means_of_pairs_agrees_with_r(case: tuple[float, ...]) -> None:
    from scipy import stats

    n, top, bottom, *spread, level, low, high = case
    found = ratio(top, bottom, *(value / n for value in spread), stats.t.ppf((1 + level) / 2, n - 1))
    assert found == pytest.approx((low, high), rel=1e-8)


@pytest.mark.parametrize("covariance", [0.0, 0.004, -0.004])
def test_the_ends_of_a_ratio_are_found_by_search_too(covariance: float) -> None:
    """Where top less r times bottom is 2.1 of its standard errors from 0, by bisection; independent and correlated estimates."""
    from scipy.optimize import brentq

    top, bottom, var_top, var_bottom = -0.6, -1.1, 0.02, 0.01

    def beyond(r: float) -> float:
        return (top - r * bottom) ** 2 - 2.1**2 * (var_top - 2 * r * covariance + r**2 * var_bottom)

    ends = brentq(beyond, -3, top / bottom), brentq(beyond, top / bottom, 3)
    assert ratio(top, bottom, var_top, var_bottom, covariance, 2.1) == pytest.approx(ends, rel=1e-9)


@pytest.mark.parametrize(
    ("top", "bottom", "var_top", "var_bottom"),
    [(-0.6, -0.2, 0.02, 0.01), (-0.6, 0.0, 0.02, 0.01), (-0.6, -1.1, 0.0, 0.0), (nan, -1.1, 0.02, 0.01), (-0.6, nan, 0.02, 0.01)],
)
def test_a_ratio_to_what_may_be_0_or_without_spread_has_no_interval(
    top: float, bottom: float, var_top: float, var_bottom: float
) -> None:
    assert is_nan(ratio(top, bottom, var_top, var_bottom, 0.0, 2.1))
