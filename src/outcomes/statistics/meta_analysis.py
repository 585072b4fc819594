"""Random-effects summary of several studies, numbers in and numbers out. Not estimable is nan."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
import scipy

from outcomes.statistics.distributions import t_quantile
from outcomes.statistics.intervals import NOT_ESTIMABLE, Interval

FEWEST = 3
"""Studies needed for a prediction interval: its t distribution has k - 2 degrees of freedom."""


class Summary(NamedTuple):
    """The mean over studies with its standard error and interval; where a further study's own mean is expected.

    `tau2` is the variance between studies, `q` Cochran's Q at `tau2` 0.
    """

    studies: int
    mean: float
    error: float
    interval: Interval
    prediction: Interval
    tau2: float
    q: float


def random_effects(means: Sequence[float], errors: Sequence[float], level: float = 0.95) -> Summary:
    """The summary of k studies from their means and standard errors; the prediction interval is nan below 3 studies.

    Between-study variance by Paule and Mandel, interval by Hartung, Knapp, Sidik and Jonkman with k - 1 degrees of freedom,
    never narrower than a t interval with the studies' own errors; prediction interval with k - 2.

    Raises:
        ValueError: fewer than 2 studies, unequal lengths, a mean that is not finite or an error that is not above 0.

    References:
        Paule & Mandel (1982), J Res Natl Bur Stand 87:377-385. Knapp & Hartung (2003), Stat Med 22:2693-2710; the bound:
        Röver et al. (2015), BMC Med Res Methodol 15:99. Prediction: Partlett & Riley (2017), Stat Med 36:301-317.

    Example:
        >>> summary = random_effects([-1.0, -1.5, -0.8], [0.1, 0.1, 0.1])
        >>> round(summary.mean, 2), round(summary.tau2, 2)
        (-1.1, 0.12)
    """
    y, v = np.asarray(means, float), np.asarray(errors, float) ** 2
    k = len(y)
    if k < 2 or len(v) != k:
        raise ValueError(f"means and errors of at least 2 studies are needed, got {k} and {len(v)}")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (np.asarray(errors, float) > 0).all()):
        raise ValueError("means must be finite and errors above 0")

    def left(tau2: float) -> float:
        weights = 1 / (v + tau2)
        return float(weights @ (y - weights @ y / weights.sum()) ** 2) - (k - 1)

    # All weighted squares together are at most those about the plain mean, so that this tau2 leaves too little.
    most = float(((y - y.mean()) ** 2).sum()) / (k - 1)
    tau2 = float(scipy.optimize.brentq(left, 0, most, xtol=1e-14)) if left(0) > 0 else 0.0
    weights = 1 / (v + tau2)
    mean = float(weights @ y / weights.sum())
    # Paule and Mandel's tau2 makes the factor of Hartung and Knapp 1; where it is 0 the factor is below 1 and is not used.
    error = sqrt(1 / float(weights.sum()))
    half = float(t_quantile((1 + level) / 2, k - 1)) * error
    apart = float(t_quantile((1 + level) / 2, k - 2)) * sqrt(tau2 + error**2) if k >= FEWEST else np.nan
    prediction = Interval(mean - apart, mean + apart) if k >= FEWEST else NOT_ESTIMABLE
    return Summary(k, mean, error, Interval(mean - half, mean + half), prediction, tau2, left(0) + k - 1)
