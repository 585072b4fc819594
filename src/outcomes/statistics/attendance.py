"""Who goes on and who is scored, given what is recorded so far: histories, and the chances that weights are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from outcomes.statistics.arrays import Floats

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Rule = Callable[[Floats, Floats], Any]
"""From scores at baseline and later, arrays that broadcast, to whether that is a response."""

ENOUGH = 5
"""Courses scored at a session, below which nothing is estimated there."""

EXIT_Z, EXIT_RATIO = 4.0, 0.1
"""Scored so much more often where the course ends than where it goes on: such scores tell who leaves, and are not used."""

SESSION_RIDGE, SLOPE_RIDGE = 0.25, 0.5
_ITERATIONS, _CLOSE_ENOUGH, _LONGEST_STEP = 30, 1e-8, 2.0


class Courses(NamedTuple):
    """Recorded courses, those of one patient kept together.

    `scores` (C, T) in units of the scale, nan where none; the baseline is never nan. `attended` (C,) the last session after
    which the course has a visit, scored or not. `chose` (C,) whether leaving may have been the patient's choice: not where the
    course goes on or was finished as planned. `kind` (C,) indexes `patients` (K,), how many patients have just these courses.
    """

    scores: Floats
    attended: Integers
    chose: Booleans
    kind: Integers
    patients: Floats

    @property
    def n(self) -> Floats:
        """Patients that each course stands for (C,)."""
        return self.patients[self.kind]

    @property
    def attends(self) -> Booleans:
        """Whether the course has a visit after each session (C, T)."""
        return self.attended[:, None] >= np.arange(self.scores.shape[1])


def without_exit_scores(courses: Courses) -> tuple[Courses, Booleans]:
    """The courses less the scores of sessions that were scored only, or far more often, where the course ended; and which (T,)."""
    scores, n = courses.scores.copy(), courses.n
    is_exit = np.zeros(scores.shape[1], bool)
    for k in range(1, scores.shape[1]):
        seen, goes_on, ends = ~np.isnan(scores[:, k]), courses.attended > k, courses.attended == k
        on, off = n @ goes_on, n @ ends
        if on >= ENOUGH and off and n @ seen:
            rate_on, rate_off, rate = n @ (goes_on & seen) / on, n @ (ends & seen) / off, n @ seen / (on + off)
            z = (rate_off - rate_on) / np.sqrt(max(rate * (1 - rate), 1e-9) * (1 / on + 1 / off))
            is_exit[k] = n @ (goes_on & seen) < ENOUGH or (z > EXIT_Z and rate_on < EXIT_RATIO * rate_off)
    scores[:, is_exit] = np.nan
    return courses._replace(scores=scores), is_exit


class History(NamedTuple):
    """What is recorded of a course up to each session (C, T), in standard deviations of all scores; unscored sessions change nothing.

    `baseline`, `latest` and mean so far (`so_far`); `gain` so far and at the last step; whether it `stalled`; whether it has `responded`,
    and had before the last score. From these, regressors (n, p) of some courses at session `k`.
    """

    baseline: Floats
    latest: Floats
    so_far: Floats
    gain: Floats
    step: Floats
    stalled: Floats
    responded: Floats
    responded_before: Floats

    def leaving(self, courses: Integers, k: int) -> Floats:
        """Of leaving, and of being scored."""
        at = courses, k
        return np.stack([self.baseline[at], self.gain[at], self.gain[at] ** 2 / 2, self.step[at], self.stalled[at]], axis=1)

    def change(self, courses: Integers, k: int) -> Floats:
        """Of the change, the first is 1."""
        at = courses, k
        one, squared = np.ones(len(courses)), self.gain[at] ** 2
        return np.stack([one, self.baseline[at], self.latest[at], squared, self.step[at], self.so_far[at]], axis=1)

    def share(self, courses: Integers, k: int) -> Floats:
        """Of the share responding, the first is 1."""
        at = courses, k
        one = np.ones(len(courses))
        return np.stack([one, self.baseline[at], self.responded[at], self.responded_before[at], self.gain[at]], axis=1)


def history_of(courses: Courses, responded: Rule) -> History:
    """Histories from the scores up to each session: baseline, latest, gain, last step, mean so far, stalled, responded."""
    scores, seen = courses.scores, ~np.isnan(courses.scores)
    each = np.broadcast_to(courses.n[:, None], scores.shape)[seen]
    centre = np.average(scores[seen], weights=each)
    spread = float(np.sqrt(np.average((scores[seen] - centre) ** 2, weights=each))) or 1.0
    place = np.maximum.accumulate(seen * np.arange(scores.shape[1]), axis=1)
    latest_score = np.take_along_axis(scores, place, axis=1)
    has_responded = np.asarray(responded(scores[:, :1], latest_score), float)
    latest, baseline = (latest_score - centre) / spread, np.repeat((scores[:, :1] - centre) / spread, scores.shape[1], axis=1)
    before, responded_before = baseline.copy(), has_responded.copy()
    for k in range(1, scores.shape[1]):
        before[:, k] = np.where(seen[:, k], latest[:, k - 1], before[:, k - 1])
        responded_before[:, k] = np.where(seen[:, k], has_responded[:, k - 1], responded_before[:, k - 1])
    times = seen.cumsum(axis=1)
    so_far = np.where(seen, (scores - centre) / spread, 0).cumsum(axis=1) / times
    step = before - latest
    stalled = ((step <= 0) & (times > 2)).astype(float)
    return History(baseline, latest, so_far, baseline - latest, step, stalled, has_responded, responded_before)


class Staying:
    """1 / P(it does not happen | history, session), at most `largest`, by logistic regression over all sessions; where all at risk are alike, that.

    By session, of n different histories: `x` (n, p), patients `at_risk` (1, n) and those to whom it `happens` (1, n). The whole is
    fitted by Newton's method; `of` gives each replicate one more step from there.
    """

    def __init__(self, x: Sequence[Floats], at_risk: Sequence[Floats], happens: Sequence[Floats], largest: float) -> None:
        hits, risks = (np.array([each.sum() for each in values]) for values in (happens, at_risk))
        self._x, self._largest, self._alike = x, largest, np.where(hits > 0, largest, 1.0)
        self._sessions = np.flatnonzero((hits > 0) & (hits < risks)).tolist()
        m, p = len(self._sessions), x[0].shape[1] if x else 0
        self._penalty = np.r_[np.full(m, SESSION_RIDGE), np.full(p, SLOPE_RIDGE)]
        self._middle, self._fitted = 0.0, np.zeros(m + p)
        if self._sessions:
            hit, risk = hits[self._sessions].sum(), risks[self._sessions].sum()
            self._middle = float(np.log(hit / (risk - hit)))
            for _ in range(_ITERATIONS):
                step = np.clip(self._step(at_risk, happens, self._columns())[0], -_LONGEST_STEP, _LONGEST_STEP)
                self._fitted = self._fitted + step
                if np.abs(step).max() < _CLOSE_ENOUGH:
                    break
        self._at_the_fit = self._columns()

    def of(self, at_risk: Sequence[Floats], happens: Sequence[Floats]) -> list[Floats]:
        """By session (B, n), where so many are at risk, and it happens to so many, in each of the replicates (B, n)."""
        found = [np.full(each.shape, alike) for each, alike in zip(at_risk, self._alike, strict=True)]
        if self._sessions:
            fitted = self._fitted + self._step(at_risk, happens, self._at_the_fit)
            slopes = fitted[:, len(self._sessions) :]
            for j, k in enumerate(self._sessions):
                log_odds = slopes @ self._x[k].T + (self._middle + fitted[:, j])[:, None]
                np.minimum(log_odds, np.log(self._largest - 1), out=log_odds)
                found[k] = 1 + np.exp(log_odds, out=log_odds)
        return found

    def _columns(self) -> list[Floats]:
        """For each session what a step adds up over those at risk (n, q), at the coefficients of the whole."""
        m = len(self._sessions)
        found = []
        for j, k in enumerate(self._sessions):
            x = self._x[k]
            chance = scipy.special.expit(self._middle + self._fitted[j] + x @ self._fitted[m:])[:, None]
            varies = chance * (1 - chance)
            products = (varies[:, :, None] * x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
            found.append(np.hstack([varies, varies * x, products, chance, chance * x]))
        return found

    def _step(self, at_risk: Sequence[Floats], happens: Sequence[Floats], columns: list[Floats]) -> Floats:
        """One step of Newton's from the whole's coefficients, by replicate."""
        m, p = len(self._sessions), len(self._penalty) - len(self._sessions)
        replicates = len(at_risk[0])
        information = np.zeros((replicates, m + p, m + p))
        score = np.zeros((replicates, m + p))
        for j, (k, added) in enumerate(zip(self._sessions, columns, strict=True)):
            sums = at_risk[k] @ added
            information[:, j, j] = sums[:, 0]
            information[:, j, m:] = information[:, m:, j] = sums[:, 1 : 1 + p]
            information[:, m:, m:] += sums[:, 1 + p : 1 + p + p * p].reshape(-1, p, p)
            score[:, j] = happens[k].sum(axis=1) - sums[:, 1 + p + p * p]
            score[:, m:] += happens[k] @ self._x[k] - sums[:, 2 + p + p * p :]
        information += np.diag(self._penalty)
        return np.linalg.solve(information, (score - self._penalty * self._fitted)[..., None])[..., 0]
