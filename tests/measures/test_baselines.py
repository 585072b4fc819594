"""Baselines of groups and the slope within them, against means and least squares of the same courses."""

from __future__ import annotations

import numpy as np
import pytest

from outcomes.measures.baselines import baselines

GROUPS = {"II": "II", "V": "V", "VI": "VI"}
SCORES = np.array([[4, 3], [3, 3], [2, 2], [4, 2], [3, 2], [2, np.nan], [3, 3], [2, 2], [1, 1], [4, 4]])
TYPES = ["II"] * 5 + ["V"] * 5


def test_baselines_are_of_all_who_began(tally_of) -> None:
    found = baselines(tally_of(SCORES, TYPES), GROUPS, ("II", "V", "VI"), 1)
    assert found.mean[:2] == pytest.approx([3.2, 2.4])
    assert found.variance[:2] == pytest.approx([SCORES[:5, 0].var(ddof=1) / 5, SCORES[5:, 0].var(ddof=1) / 5])
    assert np.isnan([found.mean[2], found.variance[2]]).all()


def test_the_slope_is_that_within_groups_of_those_scored_then(tally_of) -> None:
    found = baselines(tally_of(SCORES, TYPES), GROUPS, ("II", "V", "VI"), 1)
    scored = ~np.isnan(SCORES[:, 1])
    design = np.column_stack([np.repeat([1, 0], 5), np.repeat([0, 1], 5), SCORES[:, 0]])[scored]
    change = (SCORES[:, 1] - SCORES[:, 0])[scored]
    fitted, *_ = np.linalg.lstsq(design, change, rcond=None)
    assert found.slope == pytest.approx(fitted[2])
    inverse = np.linalg.inv(design.T @ design)
    spread = design * (change - design @ fitted)[:, None]
    assert found.slope_variance == pytest.approx((inverse @ spread.T @ spread @ inverse)[2, 2])


def test_a_group_that_is_not_asked_for_does_not_count(tally_of) -> None:
    tally = tally_of(SCORES, TYPES)
    found = baselines(tally, {"II": "II"}, ("II", "V"), 1)
    assert found.slope == pytest.approx(np.polyfit(SCORES[:5, 0], SCORES[:5, 1] - SCORES[:5, 0], 1)[0])
    assert np.isnan(found.mean[1])


def test_baselines_that_do_not_vary_have_no_slope(tally_of) -> None:
    found = baselines(tally_of([[3, 2], [3, 3], [2, 1], [2, 2]], ["II"] * 2 + ["V"] * 2), GROUPS, ("II", "V", "VI"), 1)
    assert (found.slope, found.slope_variance) == (0, 0)
