"""Differences of estimates that share patients: published figures, and what must hold whatever the numbers."""

from __future__ import annotations

from math import isnan, nan, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.statistics.intervals import newcombe, wilson
from outcomes.statistics.overlapping import difference_of_overlapping, shared_correlation


def test_two_correlations_of_one_sample_as_published() -> None:
    """Zou (2007), Psychol Methods 12:399-413, example 2: r = .396 and .179 of 66, which correlate by .0526: -0.093 to 0.517."""
    low, high = difference_of_overlapping((0.396, 0.170, 0.582), (0.179, -0.066, 0.404), 0.0526)
    assert (round(low, 3), round(high, 3)) == (-0.093, 0.517)


def test_of_proportions_without_a_patient_in_both_it_is_newcombes_method_10() -> None:
    one, other = wilson(56, 70), wilson(48, 80)
    assert difference_of_overlapping((56 / 70, *one), (48 / 80, *other)) == pytest.approx(newcombe(56, 70, 48, 80))


@given(n=st.integers(2, 500), more=st.integers(0, 500))
def test_of_a_mean_that_has_grown_it_is_the_interval_of_the_new_patients_part(n: int, more: int) -> None:
    """With one known spread s the variance of the difference is s² (1/n - 1/N)."""
    then, now = 1.96 / sqrt(n), 1.96 / sqrt(n + more)
    r = shared_correlation(1.0, n, n + more, 2 * then, 2 * now)
    low, high = difference_of_overlapping((1, 1 - now, 1 + now), (0, -then, then), r)
    assert high - 1 == pytest.approx(1.96 * sqrt(1 / n - 1 / (n + more)), abs=1e-6)
    assert 1 - low == pytest.approx(high - 1, abs=1e-6)


def test_the_same_patients_and_nothing_new_leave_no_interval() -> None:
    assert shared_correlation(1, 40, 40, 0.3, 0.3) == 1
    assert difference_of_overlapping((0.5, 0.4, 0.6), (0.5, 0.4, 0.6), 1) == (0, 0)


@given(share=st.floats(0, 1), n=st.integers(1, 1000), m=st.integers(1, 1000), wide=st.floats(0.01, 9), wider=st.floats(0.01, 9))
def test_the_more_is_shared_the_narrower_and_never_beyond_one(share: float, n: int, m: int, wide: float, wider: float) -> None:
    r = shared_correlation(share, n, m, wide, wider)
    assert 0 <= r <= 1
    assert shared_correlation(share / 2, n, m, wide, wider) <= r
    apart, shared = (difference_of_overlapping((0, -wider, wider), (0, -wide, wide), each) for each in (0.0, r))
    assert apart.low <= shared.low + 1e-12
    assert shared.high <= apart.high + 1e-12


def test_what_has_no_interval_has_no_difference_and_impossible_numbers_are_refused() -> None:
    assert all(map(isnan, difference_of_overlapping((1, nan, nan), (0, -1, 1))))
    assert shared_correlation(1, 0, 5, 1, 1) == shared_correlation(1, 5, 5, nan, 1) == 0
    with pytest.raises(ValueError, match="share must be between 0 and 1, got 2"):
        shared_correlation(2, 1, 1, 1, 1)
    with pytest.raises(ValueError, match="correlation must be between -1 and 1, got 2"):
        difference_of_overlapping((0, 0, 0), (0, 0, 0), 2)
