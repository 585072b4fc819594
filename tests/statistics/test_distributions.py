"""Quantiles and tails beside scipy.stats, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from outcomes.statistics import distributions as of

SHARES = np.concatenate([[1e-6, 0.0005, 0.025, 0.5, 0.975, 0.9995], np.random.default_rng(1).random(500)])
DF = np.random.default_rng(2).uniform(0.5, 3000, len(SHARES))
VALUES = np.random.default_rng(3).normal(0, 8, len(SHARES))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (of.t_quantile(SHARES, DF), stats.t.ppf(SHARES, DF)),
        (of.t_quantile(0.975, np.inf), stats.t.ppf(0.975, np.inf)),
        (of.t_upper_tail(VALUES, DF), stats.t.sf(VALUES, DF)),
        (of.normal_quantile(SHARES), stats.norm.ppf(SHARES)),
        (of.normal_upper_quantile(SHARES), stats.norm.isf(SHARES)),
        (of.normal_share(VALUES), stats.norm.cdf(VALUES)),
        (of.normal_upper_tail(VALUES), stats.norm.sf(VALUES)),
        (of.normal_log_upper_tail(VALUES), stats.norm.logsf(VALUES)),
        (of.normal_log_density(VALUES), stats.norm.logpdf(VALUES)),
    ],
)
def test_normal_and_t(ours: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("share", [0.0005, 0.025, 0.05])
def test_beta(share: float) -> None:
    for a, b in ((1, 30), (12.4, 3.6), (250, 250), (0.7, 90)):
        assert of.beta_quantile(share, a, b) == stats.beta.ppf(share, a, b)
        assert of.beta_upper_quantile(share, a, b) == stats.beta.isf(share, a, b)


@pytest.mark.parametrize("probability", [0.0, 0.003, 0.25, 0.5, 1.0])
def test_binomial(probability: float) -> None:
    n = np.arange(1, 1500)
    for share in (0.001, 0.025, 0.4, 0.999):  # at a half, ties hang on the last bit
        np.testing.assert_array_equal(of.binomial_quantile(share, n, probability), stats.binom.ppf(share, n, probability))
