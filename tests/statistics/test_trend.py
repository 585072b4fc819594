"""Trends over years against figures by hand, published ones, and scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from outcomes.statistics.trend import trend_of_means, trend_of_shares

NAN = np.nan


def test_means_of_equal_errors_are_those_by_hand() -> None:
    found = trend_of_means(np.array([2022, 2023, 2024]), np.array([1.0, 2.0, 4.0]), np.full(3, 0.5), np.full(3, 10.0))
    # The slope is (4 - 1) / 2, its variance 2 * .5**2 * .5**2 = .125, and 20 degrees of freedom are .125**2 / (2 * .0625**2 / 10).
    t = 1.5 / np.sqrt(0.125)
    assert found.slope == pytest.approx(1.5)
    assert found.p == pytest.approx(2 * stats.t.sf(t, 20))
    half = stats.t.ppf(0.975, 20) * np.sqrt(0.125)
    assert tuple(found.interval) == pytest.approx((1.5 - half, 1.5 + half))


def test_two_outer_years_alone_are_compared_as_welch_does() -> None:
    before, after = np.array([3.0, 1.0, 4.0, 1.0, 5.0]), np.array([6.0, 4.0, 7.0, 4.0, 8.0, 5.5])
    after = 6 + (after - after.mean()) * np.sqrt(
        before.var(ddof=1) / 5 / (after.var(ddof=1) / 6)
    )  # the same error, so that both weigh alike
    means, error = np.array([before.mean(), 4.4, after.mean()]), stats.sem(before)
    found = trend_of_means(np.arange(3.0), means, np.array([error, 1.0, error]), np.array([4.0, 9.0, 5.0]))
    assert found.slope == pytest.approx((after.mean() - before.mean()) / 2)
    assert found.p == pytest.approx(stats.ttest_ind(before, after, equal_var=False).pvalue)


def test_precise_years_weigh_more() -> None:
    years, means = np.arange(4.0), np.array([0.0, 1.0, 2.0, 9.0])
    found = trend_of_means(years, means, np.array([0.1, 0.1, 0.1, 100.0]), np.full(4, 20.0))
    assert found.slope == pytest.approx(1.0, abs=1e-4)


def test_malformations_by_alcohol_have_the_statistic_that_is_published() -> None:
    # Agresti (2002), Categorical Data Analysis, 2nd ed, sections 3.4.4 and 3.4.5: M2 = 6.570, p = .010, from 93 of 32,574 infants.
    malformed, others = np.array([48, 38, 5, 1, 1]), np.array([17_066, 14_464, 788, 126, 37])
    n = (malformed + others).astype(float)
    found = trend_of_shares(np.array([0, 0.5, 1.5, 4, 7]), malformed / n, n)
    error = (found.interval.high - found.slope) / stats.norm.ppf(0.975)
    assert (found.slope / error) ** 2 == pytest.approx(6.570, abs=5e-4)
    assert found.p == pytest.approx(0.0104, abs=5e-5)


def test_half_as_many_effective_courses_have_an_interval_wider_by_the_root_of_two() -> None:
    years, shares, numbers = np.arange(3.0), np.array([0.2, 0.4, 0.3]), np.array([1000.0, 1000.0, 1000.0])
    whole, half = (trend_of_shares(years, shares, n) for n in (numbers, numbers / 2))
    width = [found.interval.high - found.interval.low for found in (whole, half)]
    assert width[1] / width[0] == pytest.approx(np.sqrt(2), rel=1e-3)
    assert whole.slope == half.slope == pytest.approx(0.05)


@pytest.mark.parametrize("values", [[0.1, 0.2, NAN], [NAN, NAN, NAN]])
def test_fewer_than_three_years_have_no_trend(values: list[float]) -> None:
    of_means = trend_of_means(np.arange(3.0), np.array(values), np.full(3, 0.1), np.full(3, 9.0))
    of_shares = trend_of_shares(np.arange(3.0), np.array(values), np.full(3, 20.0))
    for found in (of_means, of_shares):
        assert found.years < 3
        assert np.isnan([found.slope, found.p, *found.interval]).all()


def test_a_year_without_spread_is_left_out_of_means_and_counts_for_shares() -> None:
    assert trend_of_means(np.arange(3.0), np.array([1.0, 2, 3]), np.array([0.1, 0.0, 0.1]), np.full(3, 9.0)).years == 2
    assert trend_of_shares(np.arange(3.0), np.array([0.0, 0.0, 0.5]), np.full(3, 20.0)).p < 0.001


def test_no_event_in_any_year_is_no_trend_without_an_interval() -> None:
    found = trend_of_shares(np.arange(3.0), np.zeros(3), np.full(3, 20.0))
    assert found.slope == 0
    assert np.isnan([found.p, *found.interval]).all()
