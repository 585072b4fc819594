"""How far scores fall back by themselves where courses were enrolled for a high score: regression to the mean.

Noise in the score that decides is expected to be gone at the next one. Where only scores from a threshold on are enrolled, the
mean falls by ``v h``: `v` the variance within a patient, `h` the share of those enrolled that lies at the threshold, per unit.
With normal scores this is (1 - ICC) sd phi(z) / (1 - Phi(z)); it needs normal noise only, not normal patients (Stein's lemma).

References:
    Gardner & Heady (1973), J Chronic Dis 26:781-795; Davis (1976), Am J Epidemiol 104:493-498; Stein (1981), Ann Stat
    9:1135-1151, lemma 1; Barnett, van der Pols & Dobson (2005), Int J Epidemiol 34:215-220.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from outcomes.statistics.arrays import Floats
from outcomes.statistics.distributions import normal_log_density, normal_log_upper_tail, normal_share, normal_upper_tail

EXCEPTIONS = 0.05
"""Share of courses that may begin below a threshold, as exceptions; and that has to be missing there for a cut to be seen."""

_FARTHEST = 5.0
"""Standard deviations by which the mean of all may lie below the threshold: from there the tail is all but exponential."""


class Measured(NamedTuple):
    """A value with its standard error."""

    value: float
    error: float


class Density(NamedTuple):
    """Share of those at or above a threshold that lies at it, per unit of score, with its standard error.

    `is_limit`: the most it can be, where two scores only are told apart. `missing`: how many there would be below, per one above.
    """

    value: float
    error: float
    is_limit: bool
    missing: float


def variance_within(scores: Floats, count: Floats) -> tuple[Measured, int]:
    """Variance of a patient's scores around each other, and the patients it comes from; scores (P, T) with nan, `count` (P,).

    Half the variance of the change from one score to the next there is, about the mean change of those two visits. Unlike paces
    are in it, so it is rather too large. nan where no two visits were both scored of two patients.

    References:
        von Neumann et al. (1941), Ann Math Stat 12:153-162; Rice (1984), Ann Stat 12:1215-1230.
    """
    seen = ~np.isnan(scores)
    squares, pairs = np.zeros(len(scores)), np.zeros(len(scores))
    for first in range(scores.shape[1]):
        waiting = seen[:, first].copy()
        for second in range(first + 1, scores.shape[1]):
            rows = waiting & seen[:, second]
            waiting &= ~seen[:, second]
            n = count[rows].sum()
            if n > 1:
                change = scores[rows, second] - scores[rows, first]
                squares[rows] += (change - count[rows] @ change / n) ** 2 * n / (n - 1) / 2
                pairs[rows] += 1
    total = count @ pairs
    if total == 0:
        return Measured(np.nan, np.nan), 0
    value = count @ squares / total
    return Measured(float(value), float(np.sqrt(count @ (squares - value * pairs) ** 2) / total)), int(count @ (pairs > 0))


def threshold(levels: Floats, counts: Floats) -> int:
    """Which of the `levels` (L,), in rising order, is the lowest with no more than `EXCEPTIONS` of the `counts` (L,) below it."""
    return int(np.flatnonzero(np.cumsum(counts) > EXCEPTIONS * counts.sum())[0])


def density_at_threshold(levels: Floats, counts: Floats, step: float, top: float) -> Density:
    """Density at the lowest of the `levels` (L,), `step` apart or multiples of it, `counts` (L,) courses each; `top` ends the scale.

    By a normal distribution of which nothing below was enrolled, fitted by maximum likelihood, where that bounds it best and
    fits the scores nearest the threshold: there are no more of them, by a standard error, than it has. Else the most it can be:
    the hazard over those scores, the first half standard deviation or step, as a hazard that nowhere falls is no larger at its
    start. nan where all scores are alike.
    """
    if len(levels) < 2:
        return Density(np.nan, np.nan, True, np.nan)
    near = levels < levels[0] - step / 2 + _width(levels, counts, step)
    limit = _limit(levels, counts, step, near)
    if len(levels) == 2:
        return limit
    normal, share = _normal(levels, counts, step, top, near)
    n = counts.sum()
    fits = counts[near].sum() / n <= share + sqrt(share * (1 - share) / n)
    bounds = normal.value + 2 * normal.error < limit.value + 2 * limit.error
    return normal if fits and bounds else limit._replace(missing=normal.missing)


def _width(levels: Floats, counts: Floats, step: float) -> float:
    return step * max(1, round(_spread(levels, counts) / 2 / step))


def _limit(levels: Floats, counts: Floats, step: float, near: NDArray[np.bool_]) -> Density:
    n, width = counts.sum(), _width(levels, counts, step)
    share = min(counts[near].sum(), n - 0.5) / n
    return Density(float(-np.log1p(-share) / width), sqrt(share / (1 - share) / n) / width, True, np.inf)


def _normal(levels: Floats, counts: Floats, step: float, top: float, near: NDArray[np.bool_]) -> tuple[Density, float]:
    """The density, and the share of those at or above the threshold that are `near` it."""
    n, start = counts.sum(), levels[0] - step / 2
    lower = levels - step / 2
    upper = np.where(levels >= top, np.inf, levels + step / 2)

    def log_cells(at: Floats) -> Floats:
        # at: how many standard deviations the threshold lies above the mean, and the log standard deviation.
        tails = [normal_log_upper_tail(at[0] + (edge - start) / exp(at[1])) for edge in (lower, upper)]
        return np.maximum(tails[0] + np.log1p(-np.exp(np.minimum(tails[1] - tails[0], -1e-12))), -700) - normal_log_upper_tail(
            at[0]
        )

    def loss(at: Floats) -> float:
        within = abs(at[0]) <= _FARTHEST and abs(at[1] - first[1]) <= 3
        return float(-counts @ log_cells(at) / n) if within else 1e3

    spread = _spread(levels, counts)
    first = np.array([(start - counts @ levels / n) / spread, log(spread)])
    at = scipy.optimize.minimize(loss, first, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 2000}).x

    def density(at: Floats) -> float:
        return float(np.exp(normal_log_density(at[0]) - normal_log_upper_tail(at[0]) - at[1]))

    steps = 1e-4 * np.eye(2)
    slopes = np.stack([(log_cells(at + d) - log_cells(at - d)) / 2e-4 for d in steps], axis=1)
    information = n * slopes.T @ (np.exp(log_cells(at))[:, None] * slopes)
    slope = np.array([(density(at + d) - density(at - d)) / 2e-4 for d in steps])
    known = np.linalg.cond(information) < 1e12
    error = float(np.sqrt(slope @ np.linalg.solve(information, slope))) if known else np.inf
    missing = float(normal_share(at[0]) / normal_upper_tail(at[0]))
    return Density(density(at), error, False, missing), min(float(np.exp(log_cells(at))[near].sum()), 1.0)


def _spread(levels: Floats, counts: Floats) -> float:
    n = counts.sum()
    return float(np.sqrt(counts @ (levels - counts @ levels / n) ** 2 / n))
