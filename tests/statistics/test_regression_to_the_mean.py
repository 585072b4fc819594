"""Regression to the mean on plain arrays: beside its closed form, by hand, and where nothing can be told."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from outcomes.statistics.regression_to_the_mean import density_at_threshold, threshold, variance_within


def cut_normal(mean: float, sd: float, levels: np.ndarray, top: float, n: int = 100_000) -> np.ndarray:
    """Courses expected at each whole score from the lowest on, of a normal distribution that is cut there."""
    upper = np.where(levels >= top, np.inf, levels + 0.5)
    share = stats.norm.sf(levels - 0.5, mean, sd) - stats.norm.sf(upper, mean, sd)
    return n * share / share.sum()


def hazard(mean: float, sd: float, start: float) -> float:
    return float(stats.norm.pdf(start, mean, sd) / stats.norm.sf(start, mean, sd))


# The variance within a patient


def test_it_is_half_the_variance_of_the_change_from_one_score_to_the_next() -> None:
    # Changes 0, 0, 1 and 1: variance 1/3 about their mean, half of it is 1/6.
    scores = np.array([[3.0, 3], [2, 2], [2, 3], [3, 4]])
    noise, patients = variance_within(scores, np.ones(4))
    assert noise.value == pytest.approx(1 / 6)
    assert patients == 4


def test_a_score_that_was_missed_joins_those_before_and_after() -> None:
    scores = np.array([[3.0, np.nan, 3], [2, np.nan, 2], [2, np.nan, 3], [3, np.nan, 4]])
    assert variance_within(scores, np.ones(4))[0].value == pytest.approx(1 / 6)


def test_patients_with_the_same_scores_count_as_often_as_they_are() -> None:
    scores, count = np.array([[3.0, 3], [2, 3]]), np.array([30.0, 10])
    (noise, patients), (each, all_of_them) = (
        variance_within(scores, count),
        variance_within(np.repeat(scores, [30, 10], axis=0), np.ones(40)),
    )
    assert noise == pytest.approx(each)
    assert patients == all_of_them == 40


def test_nobody_scored_twice_is_nan() -> None:
    noise, patients = variance_within(np.array([[3.0, np.nan], [np.nan, 2]]), np.ones(2))
    assert np.isnan(noise.value)
    assert patients == 0


def test_its_error_is_that_of_many_draws() -> None:
    rng = np.random.default_rng(1)
    drawn = [variance_within(rng.normal(0, 1, (50, 4)), np.ones(50))[0] for _ in range(400)]
    assert np.mean([noise.value for noise in drawn]) == pytest.approx(1, abs=0.03)
    assert np.mean([noise.error for noise in drawn]) == pytest.approx(np.std([noise.value for noise in drawn]), rel=0.15)


# The threshold and the density there


@pytest.mark.parametrize(
    ("counts", "lowest"), [([0, 60, 40], 1), ([5, 60, 35], 1), ([6, 60, 34], 0), ([1, 2, 97], 2), ([50, 30, 20], 0)]
)
def test_one_in_twenty_may_be_an_exception(counts: list[int], lowest: int) -> None:
    assert threshold(np.array([1.0, 2, 3]), np.array(counts, float)) == lowest


@pytest.mark.parametrize(("mean", "sd", "lowest"), [(2.2, 0.8, 2), (3.0, 1.0, 2), (0.5, 1.2, 1)])
def test_a_cut_normal_distribution_has_its_own_density_there(mean: float, sd: float, lowest: int) -> None:
    levels = np.arange(lowest, 5.0)
    found = density_at_threshold(levels, cut_normal(mean, sd, levels, 4), 1, 4)
    assert not found.is_limit
    assert found.value == pytest.approx(hazard(mean, sd, lowest - 0.5), abs=0.002)
    assert found.missing == pytest.approx(
        stats.norm.cdf(lowest - 0.5, mean, sd) / stats.norm.sf(lowest - 0.5, mean, sd), rel=0.02
    )


@pytest.mark.parametrize("start", [20, 30, 40])
def test_points_do_too(start: int) -> None:
    levels = np.arange(start, 85.0)
    found = density_at_threshold(levels, cut_normal(30, 14.4, levels, 84), 1, 84)
    assert found.value == pytest.approx(hazard(30, 14.4, start - 0.5), rel=0.01)


@pytest.mark.parametrize(("mean", "sd"), [(3.2, 0.7), (2.5, 0.8), (1.5, 1.0), (3.5, 0.5)])
def test_two_grades_alone_give_the_most_that_it_can_be(mean: float, sd: float) -> None:
    levels = np.array([3.0, 4])
    counts = cut_normal(mean, sd, levels, 4)
    found = density_at_threshold(levels, counts, 1, 4)
    assert found.is_limit
    assert found.value == pytest.approx(-np.log(counts[1] / counts.sum()))
    assert found.value >= hazard(mean, sd, 2.5)


def test_its_error_is_that_of_the_share_below() -> None:
    found = density_at_threshold(np.array([3.0, 4]), np.array([60.0, 40]), 1, 4)
    assert found.error == pytest.approx(sqrt(0.6 / 0.4 / 100))


def test_one_score_alone_has_no_density() -> None:
    assert np.isnan(density_at_threshold(np.array([4.0]), np.array([60.0]), 1, 4).value)


def test_the_closed_form_of_normal_scores_is_met() -> None:
    """Scores normal(30, 12) and noise 8, enrolled from 30 on: (1 - ICC) sd phi(z) / (1 - Phi(z)), Barnett et al. (2005)."""
    sd, icc = sqrt(12**2 + 8**2), 12**2 / (12**2 + 8**2)
    z = (29.5 - 30) / sd
    expected = (1 - icc) * sd * stats.norm.pdf(z) / stats.norm.sf(z)
    rng = np.random.default_rng(2)
    scores = np.rint(rng.normal(30, 12, (200_000, 1)) + rng.normal(0, 8, (200_000, 3)))
    enrolled = scores[scores[:, 0] >= 30]
    levels, counts = np.unique(enrolled[:, 0], return_counts=True)
    noise, _ = variance_within(enrolled[:, 1:], np.ones(len(enrolled)))
    shift = noise.value * density_at_threshold(levels, counts.astype(float), 1, 1e9).value
    assert shift == pytest.approx(expected, rel=0.02)
    assert enrolled[:, 0].mean() - enrolled[:, 1].mean() == pytest.approx(expected, rel=0.02)
