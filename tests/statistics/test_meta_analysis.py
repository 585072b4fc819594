"""Random-effects summaries: metafor's answers, a case by hand, edges and symmetries."""

from __future__ import annotations

from math import isnan, nan, sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.statistics.meta_analysis import random_effects

MEANS_AND_ERRORS = {
    "three": ([-1.52, -0.84, -0.91], [0.103, 0.078, 0.069]),
    "five": ([-1.06, -1.52, -0.84, -0.91, -0.33], [0.11, 0.103, 0.078, 0.069, 0.25]),
    "alike": ([-0.95, -1.0, -0.97, -1.02], [0.1, 0.2, 0.15, 0.12]),
    "points": ([-8.61, -5.2, -12.4, -7.7, -9.9, -3.1], [0.63, 1.4, 2.2, 0.9, 1.1, 3.0]),
}
"""The cases of `meta.R`."""

METAFOR = {
    name: [float(number) for number in numbers]
    for name, *numbers in map(
        str.split, (Path(__file__).parents[1] / "oracles" / "meta.txt").read_text(encoding="utf-8").splitlines()
    )
}


@pytest.mark.parametrize("case", MEANS_AND_ERRORS)
def test_it_agrees_with_metafor_in_the_nine_digits_printed(case: str) -> None:
    of = random_effects(*MEANS_AND_ERRORS[case])
    assert [of.mean, of.error, *of.interval, *of.prediction, of.tau2, of.q] == pytest.approx(METAFOR[case], rel=2e-8, abs=1e-12)


def test_studies_of_one_error_are_a_plain_mean_with_a_t_interval() -> None:
    """Means 1, 2, 3: variance 1 = tau2 + error^2; the standard error is sqrt(1 / 3), t with 2 df 4.3027."""
    of = random_effects([1, 2, 3], [0.6, 0.6, 0.6])
    assert of.tau2 == pytest.approx(1 - 0.36)
    assert of.mean == pytest.approx(2)
    assert of.interval == pytest.approx((2 - 4.302653 / sqrt(3), 2 + 4.302653 / sqrt(3)), abs=1e-6)
    assert of.q == pytest.approx(2 / 0.36)


def test_studies_that_are_too_alike_do_not_narrow_the_interval() -> None:
    """Without spread between them Hartung and Knapp's factor is 0; the studies' own errors remain."""
    of = random_effects([1, 1, 1, 1], [0.2] * 4)
    assert (of.tau2, of.error) == (0, pytest.approx(0.1))


def test_two_studies_have_no_prediction_interval() -> None:
    of = random_effects([-1, -2], [0.1, 0.1])
    assert not isnan(of.interval.low)
    assert isnan(of.prediction.low)
    assert isnan(of.prediction.high)


@pytest.mark.parametrize(
    ("means", "errors", "problem"),
    [
        ([1], [0.1], "at least 2 studies are needed, got 1 and 1"),
        ([1, 2], [0.1], "at least 2 studies are needed, got 2 and 1"),
        ([1, nan], [0.1, 0.1], "must be finite"),
        ([1, 2], [0.1, 0], "errors above 0"),
        ([1, 2], [0.1, -0.1], "errors above 0"),
    ],
)
def test_what_can_not_be_summed_up_is_a_mistake_of_the_caller(means: list[float], errors: list[float], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        random_effects(means, errors)


studies = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.05, 2)), min_size=3, max_size=8)


@given(studies=studies, by=st.floats(-3, 3))
def test_a_constant_added_to_every_study_moves_the_summary_by_it(studies: list[tuple[float, float]], by: float) -> None:
    means, errors = zip(*studies, strict=True)
    of, moved = random_effects(means, errors), random_effects([mean + by for mean in means], errors)
    assert moved.mean == pytest.approx(of.mean + by, abs=1e-6)
    assert moved.tau2 == pytest.approx(of.tau2, abs=1e-6)


@given(studies=studies)
def test_the_order_of_studies_changes_nothing(studies: list[tuple[float, float]]) -> None:
    means, errors = zip(*studies, strict=True)
    of, turned = random_effects(means, errors), random_effects(means[::-1], errors[::-1])
    assert (turned.mean, turned.tau2) == pytest.approx((of.mean, of.tau2), abs=1e-6)
    assert of.prediction.low <= of.interval.low <= of.mean <= of.interval.high <= of.prediction.high
