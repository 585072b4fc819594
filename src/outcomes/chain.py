"""Mean change had all continued, for sums and near-continuous scores: the weighted chain of regressions.

The form of `outcomes.states` for scores with too many values to count: states are replaced by regressors of the recorded
history, transitions by weighted least squares from one session to the next, and the hazard of stopping by a logistic
regression on the change so far. Standard errors come from each patient's influence on the estimate.

References: Bang & Robins (2005), Biometrics 61:962-973 (the family); MacKinnon & White (1985), J Econom 29:305-325 (HC3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from outcomes.logistic import logistic, probability

Floats = NDArray[np.float64]
Outcome = Callable[[Floats, Floats], Floats]
"""From scores at baseline and at a session, (P,) each, to what is averaged."""

RIDGE, RIDGE_OF_SCORES = 0.3, 0.02
HAZARD_PENALTY = np.diag([0.01, 0.2, 0.2, 0.2])
LARGEST_WEIGHT, LARGEST_HAZARD, LARGEST_LEVERAGE = 20.0, 0.95, 0.9


@dataclass(frozen=True)
class Histories:
    """Distinct recorded histories of one group: `scores` (P, T) with nan where missed and the baseline always seen,
    `count` (P,) patients, `stopped` (P,) whether the end was the patient's choice."""

    scores: Floats
    count: Floats
    stopped: NDArray[np.bool_]

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.scores)

    @cached_property
    def filled(self) -> Floats:
        """Missed scores between two recorded ones on the line between them, after the last one as it was (P, T)."""
        sessions = np.arange(self.scores.shape[1])
        out = self.scores.copy()
        for row in np.flatnonzero(~self.seen.all(axis=1)):
            seen = self.seen[row]
            out[row] = np.interp(sessions, sessions[seen], self.scores[row, seen])
        return out

    @cached_property
    def latest(self) -> Floats:
        """The score of each session, that of the last one seen before where it was missed (P, T)."""
        place = np.maximum.accumulate(self.seen * np.arange(self.scores.shape[1]), axis=1)
        return np.take_along_axis(self.scores, place, axis=1)

    @cached_property
    def spread(self) -> float:
        """Standard deviation of all recorded scores; 1 where they are all equal."""
        weight = np.broadcast_to(self.count[:, None], self.scores.shape)[self.seen]
        values = self.scores[self.seen]
        mean = np.average(values, weights=weight)
        return float(np.sqrt(np.average((values - mean) ** 2, weights=weight))) or 1.0

    @cached_property
    def centre(self) -> float:
        weight = np.broadcast_to(self.count[:, None], self.scores.shape)[self.seen]
        return float(np.average(self.scores[self.seen], weights=weight))


class Chained(NamedTuple):
    """`estimate` (T,) of an outcome after each session and `influence` (T, P), each patient's part in it, times n."""

    estimate: Floats
    influence: Floats


def chained(histories: Histories, outcome: Outcome) -> Chained:
    """The mean of an outcome after each session, had all continued."""
    steps = _Steps(histories)
    count, sessions = histories.count, histories.scores.shape[1]
    estimate, influence = np.zeros(sessions), np.zeros((sessions, len(count)))
    for last in range(sessions):
        value = outcome(histories.scores[:, 0], histories.scores[:, last])
        part = np.zeros(len(count))
        for k in range(last - 1, -1, -1):
            expected = steps.expected(k, value)
            known = steps.weights[k] > 0
            left_over = np.where(known, np.nan_to_num(value) - expected, 0)
            part += steps.reach[k] / count * left_over / (1 - steps.leverage(k))
            value = expected
        estimate[last] = count @ value / count.sum()
        influence[last] = part + value - estimate[last]
    return Chained(estimate, influence)


def covariance(histories: Histories, influence: Floats) -> Floats:
    """Covariance (k, k) of statistics from their influence (k, P)."""
    return (influence * histories.count) @ influence.T / histories.count.sum() ** 2


class _Steps:
    """The regressions from each session to the next: `weights` (P,) and `reach` (P,) of session k, `expected` values."""

    def __init__(self, histories: Histories) -> None:
        self.count = histories.count
        sessions = histories.scores.shape[1]
        attending = _attending_weights(histories)
        self.regressors = [_regressors(histories, k) for k in range(sessions - 1)]
        seen = histories.seen
        self.weights = [seen[:, k] * seen[:, k + 1] * self.count * attending[:, k + 1] for k in range(sessions - 1)]
        self.inverse = [_ridged(x, w, first=k == 0) for k, (x, w) in enumerate(zip(self.regressors, self.weights, strict=True))]
        self.reach = self._reach()

    def _reach(self) -> list[Floats]:
        """How much a patient's next score counts in the chained mean, times n, session by session."""
        n = self.count.sum()
        out = []
        following = self.count
        for x, w, inverse in zip(self.regressors, self.weights, self.inverse, strict=True):
            following = x @ (inverse @ (following @ x / n)) * w * n
            out.append(following)
        return out

    def expected(self, k: int, value: Floats) -> Floats:
        """What is expected after session k + 1 of each history up to session k."""
        known = self.weights[k] > 0
        x = self.regressors[k]
        return x @ (self.inverse[k] @ (x[known].T @ (self.weights[k][known] * value[known])))

    def leverage(self, k: int) -> Floats:
        x = self.regressors[k]
        own = np.einsum("pi,ij,pj->p", x, self.inverse[k], x) * self.weights[k] / self.count
        return np.minimum(own, LARGEST_LEVERAGE)


def _regressors(histories: Histories, k: int) -> Floats:
    """1, baseline, latest score, its change squared, mean of the scores between; standardised."""
    standard = (histories.filled - histories.centre) / histories.spread
    one, baseline = np.ones(len(standard)), standard[:, 0]
    if k == 0:
        return np.column_stack([one, baseline, baseline**2])
    columns = [one, baseline, standard[:, k], (baseline - standard[:, k]) ** 2]
    if k > 1:
        columns.append(standard[:, 1:k].mean(axis=1))
    return np.column_stack(columns)


def _ridged(x: Floats, weights: Floats, *, first: bool) -> Floats:
    penalty = np.full(x.shape[1], RIDGE)
    penalty[0] = 1e-9
    penalty[1 : 2 if first else 3] = RIDGE_OF_SCORES
    return np.asarray(np.linalg.inv((x.T * weights) @ x + np.diag(penalty)), np.float64)


def _attending_weights(histories: Histories) -> Floats:
    """1 / P(still attending session k | recorded scores) (P, T), at most `LARGEST_WEIGHT`."""
    sessions = histories.scores.shape[1]
    out = np.ones((len(histories.count), sessions))
    if sessions < 3:
        return out
    drop = (histories.latest[:, :1] - histories.latest) / histories.spread
    time = np.broadcast_to((np.arange(sessions) - sessions / 2) / (sessions / 2), drop.shape)
    x = np.stack([np.ones_like(drop), drop, drop**2 / 3, time], axis=-1)[:, 1:-1]
    end = (histories.seen * np.arange(sessions)).max(axis=1)[:, None]
    after = np.arange(1, sessions - 1)
    stops = (end == after) & histories.stopped[:, None]
    at_risk = (stops | (end > after)) * histories.count[:, None]
    if not stops.any():
        return out
    # With a penalty there is always a maximum.
    found = logistic(x.reshape(-1, x.shape[-1]), stops.ravel().astype(float), at_risk.ravel(), HAZARD_PENALTY)
    hazard = probability(x, found[0]) if found else np.zeros(stops.shape)
    out[:, 2:] = np.cumprod(1 / (1 - np.minimum(hazard, LARGEST_HAZARD)), axis=1)
    return np.minimum(out, LARGEST_WEIGHT)
