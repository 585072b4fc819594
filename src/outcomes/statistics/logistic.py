"""Logistic regression on counts, by Newton's method: the one piece that two rooms need and that is not worth a library's start-up."""

from __future__ import annotations

import numpy as np
import scipy

from outcomes.statistics.arrays import Floats

_MOST_ITERATIONS = 50


def logistic(x: Floats, events: Floats, at_risk: Floats, penalty: Floats | None = None) -> tuple[Floats, Floats] | None:
    """Coefficients (q,) and their covariance (q, q) from regressors x (n, q), the share of events (n,) and subjects (n,).

    `penalty` (q, q) is half the second derivative of a ridge; with it there is always an answer. None where events and
    the others are told apart completely, so that no maximum exists.
    """
    ridge = np.zeros((x.shape[1], x.shape[1])) if penalty is None else penalty
    coefficients = np.zeros(x.shape[1])
    for _ in range(_MOST_ITERATIONS):
        chance = probability(x, coefficients)
        information = (x.T * (chance * (1 - chance) * at_risk)) @ x + ridge
        if np.linalg.cond(information) > 1e12:
            return None
        score = x.T @ ((events - chance) * at_risk) - ridge @ coefficients
        step: Floats = np.clip(np.linalg.solve(information, score), -2, 2)
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-10:
            return coefficients, np.asarray(np.linalg.inv(information), np.float64)
    return None


def probability(x: Floats, coefficients: Floats) -> Floats:
    """The fitted chance (...,) of regressors (..., q)."""
    return np.asarray(scipy.special.expit(x @ coefficients))
