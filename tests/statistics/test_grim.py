"""Which reported numbers can be true of whole patients and whole scores: counted out by hand."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.statistics.grim import half_a_digit, is_possible_mean, is_possible_percent, largest_sd


@pytest.mark.parametrize(
    ("reported", "n", "possible"),
    [
        ("3.29", 31, True),  # 102 / 31 = 3.290
        ("2.36", 40, False),  # 94 / 40 = 2.350, 95 / 40 = 2.375
        ("16.39", 25, False),  # every mean of 25 ends in .x0, .x4 or .x8
        ("16.40", 25, True),
        ("2.5", 2, True),
        ("2.4", 2, False),
        ("3", 7, True),
        ("2.125", 8, True),
        ("2.12", 8, True),  # 2.125 rounded down,
        ("2.13", 8, True),  # and up: papers do either
    ],
)
def test_a_mean_of_whole_scores_is_a_whole_sum_over_n(reported: str, n: int, possible: bool) -> None:
    assert is_possible_mean(reported, n) is possible


@pytest.mark.parametrize(
    ("reported", "n", "possible"),
    [
        ("94.4", 36, True),
        ("94", 36, True),
        ("95", 36, False),
        ("0", 5, True),
        ("100", 5, True),
        ("33.3", 3, True),
        ("33", 4, False),
    ],
)
def test_a_percentage_of_patients_is_a_whole_number_of_them(reported: str, n: int, possible: bool) -> None:
    assert is_possible_percent(reported, n) is possible


def test_more_than_all_patients_is_no_percentage_of_them() -> None:
    assert is_possible_mean("120", 5)
    assert not is_possible_percent("120", 5)


@given(n=st.integers(1, 99), total=st.integers(0, 400), digits=st.integers(0, 3))
def test_every_mean_that_a_program_prints_is_possible(n: int, total: int, digits: int) -> None:
    assert is_possible_mean(f"{total / n:.{digits}f}", n)


@pytest.mark.parametrize("check", [is_possible_mean, is_possible_percent])
def test_what_is_no_number_or_has_no_patients_is_a_mistake_of_the_caller(check) -> None:
    with pytest.raises(ValueError, match="reported must be a decimal number as text, got 'high'"):
        check("high", 5)
    with pytest.raises(ValueError, match="reported must be a decimal number as text, got 'nan'"):
        check("nan", 5)
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        check("2.5", 0)


def test_half_a_digit_keeps_the_noughts_that_were_written() -> None:
    assert [float(half_a_digit(text)) for text in ("3", "3.2", "3.20")] == [0.5, 0.05, 0.005]


def test_the_largest_spread_has_everyone_at_the_ends() -> None:
    assert largest_sd(2.5, 4, 1, 4) == pytest.approx(sqrt(3))  # 1, 1, 4, 4
    assert largest_sd(1.0, 9, 1, 4) == 0
    with pytest.raises(ValueError, match=r"mean must be between 1 and 4, got 4\.2"):
        largest_sd(4.2, 4, 1, 4)
    with pytest.raises(ValueError, match="n must be at least 2, got 1"):
        largest_sd(2, 1, 1, 4)
