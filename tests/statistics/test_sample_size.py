"""How many more patients: printed values, the answers after adding as many, and where no number suffices."""

from __future__ import annotations

from math import isnan, nan, sqrt

import pytest
from scipy import stats

from outcomes.statistics.intervals import clopper_pearson, wilson
from outcomes.statistics.sample_size import (
    equivalence_error,
    more_for_share,
    more_of_all,
    more_of_one,
    more_to_exclude,
    more_without_event,
)


@pytest.mark.parametrize("power", [0.8, 0.9])
def test_equivalence_is_found_with_the_power_asked_for(power: float) -> None:
    """With no difference, both ends of the 90 % interval lie within the margin exactly so often."""
    error = equivalence_error(1.0, power=power)
    assert 2 * stats.norm.cdf(1 / error - 1.645) - 1 == pytest.approx(power, abs=1e-9)


def test_the_standard_error_wanted_is_the_margin_over_two_quantiles() -> None:
    assert equivalence_error(0.5) == pytest.approx(0.5 / (1.645 + 1.2816), abs=1e-5)
    assert equivalence_error(0.5, quantile=2.0) < equivalence_error(0.5)


def test_as_many_more_of_one_group_bring_the_standard_error_down_to_it() -> None:
    n, own, rest, error = 30, 0.03, 0.004, 0.1
    total = n + more_of_one(n, own, rest, error)
    assert sqrt(own * n / total + rest) <= error < sqrt(own * n / (total - 1) + rest)


def test_where_the_others_alone_are_too_few_no_number_of_one_group_suffices() -> None:
    assert isnan(more_of_one(30, 0.03, 0.01, 0.1))
    assert isnan(more_of_one(30, 0.03, 0.02, 0.1))
    # Of both together it takes four times as many as there are.
    assert more_of_all(80, 0.04, 0.1) == 240


def test_where_there_are_enough_none_more_are_needed() -> None:
    assert more_of_one(30, 0.004, 0.004, 0.1) == 0
    assert more_of_all(30, 0.01, 0.1) == 0
    assert more_to_exclude(30, -0.3, 0.2, 0.5) == 0


def test_four_times_as_many_halve_an_interval() -> None:
    assert more_to_exclude(40, -0.8, 0.2, 0.5) == 120


@pytest.mark.parametrize("values", [(nan, 0.01, 0.1), (0.03, nan, 0.1), (0.03, 0.01, nan)])
def test_what_is_not_known_gives_no_number(values: tuple[float, float, float]) -> None:
    assert isnan(more_of_one(30, *values))


def test_a_share_is_told_from_a_half_with_the_power_asked_for() -> None:
    """Of the binomial counts of 194 with a true share of .6, Wilson's interval leaves out a half in about 80 %."""
    n = 50 + int(more_for_share(50, *wilson(30, 50), 0.6))
    assert n == pytest.approx(194, abs=2)
    found = sum(stats.binom.pmf(k, n, 0.6) for k in range(n + 1) if wilson(k, n).low > 0.5)
    assert found == pytest.approx(0.8, abs=0.03)


def test_a_share_whose_interval_is_wider_than_its_count_needs_more() -> None:
    assert more_for_share(50, 0.40, 0.78, 0.6) > more_for_share(50, *wilson(30, 50), 0.6)


@pytest.mark.parametrize("share", [0.5, 0.49, 0.515, nan])
def test_a_share_close_to_a_half_is_not_told_from_it_by_any_number(share: float) -> None:
    assert isnan(more_for_share(50, 0.37, 0.64, share))


@pytest.mark.parametrize(("n", "limit"), [(31, 0.05), (10, 0.01), (0, 0.05)])
def test_without_an_event_the_exact_upper_end_is_below_the_limit_with_so_many_and_not_with_one_less(n: int, limit: float) -> None:
    total = n + int(more_without_event(n, limit))
    assert clopper_pearson(0, total).high < limit <= clopper_pearson(0, total - 1).high


def test_enough_without_an_event_need_no_more() -> None:
    assert more_without_event(72, 0.05) == 0
    assert more_without_event(500, 0.05) == 0
