"""Several differences at once: the max-t quantile against tables, Holm by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from outcomes.statistics.multiplicity import holm, max_t_quantile


def test_one_dimension_is_students_t() -> None:
    assert max_t_quantile(np.array([[1.0, -1.0], [-1.0, 1.0]]), 0.95, 7.5) == pytest.approx(stats.t.ppf(0.975, 7.5), rel=1e-12)


@pytest.mark.parametrize(
    ("correlation", "df", "quantile"),
    [
        (np.eye(3), 10, 2.829),  # studentized maximum modulus: 3 statistics, 10 degrees of freedom
        (np.eye(6), np.inf, stats.norm.ppf((1 + 0.95 ** (1 / 6)) / 2)),  # Sidak
        (np.full((4, 4), 0.5) + np.eye(4) / 2, np.inf, 2.44),  # Dunnett, two-sided, 4 treatments
    ],
)
def test_max_t_quantiles_are_those_of_tables(correlation: np.ndarray, df: float, quantile: float) -> None:
    assert max_t_quantile(correlation, 0.95, df) == pytest.approx(quantile, abs=0.02)


def test_the_same_draws_give_the_same_quantile() -> None:
    assert max_t_quantile(np.eye(3), 0.9, 12) == max_t_quantile(np.eye(3), 0.9, 12)


def test_holm_by_hand() -> None:
    assert holm(np.array([0.04, 0.01, 0.03, 0.5])) == pytest.approx([0.09, 0.04, 0.09, 0.5])
    assert holm(np.array([0.6, 0.7])) == pytest.approx([1, 1])
