"""Change and share responding after session k had every patient continued, for any pattern of scoring; grades and points alike.

Patients who stop are not like those who stay, and few clinics score every session. What is recorded of a course up to session
k, its history, is known of everyone who attends, scored or not. Those who go on are weighted by 1 / P(going on | history), so
that they stand for all; weighted regressions carry the mean history of everyone who began from one ATTENDED session to the
next; and it is read off by a regression of the scores at k on the history before. A score is needed only at the session that
is reported, and nobody is drawn to "no change". Where nobody stops and all are scored at k, it is the observed mean.

It rests on one assumption: those who stopped would have gone on like patients with the same recorded scores. `tilt` says what
follows where leaving also depended on the gain that nobody recorded.

References: Robins, Rotnitzky & Zhao (1995), J Am Stat Assoc 90:106-121 (weights); Bang & Robins (2005), Biometrics 61:962-973
(chained regressions); Deville & Sarndal (1992), J Am Stat Assoc 87:376-382 (calibration); Sun & Tchetgen Tchetgen (2018), J Am
Stat Assoc 113:369-379 (being scored); Scharfstein, Rotnitzky & Robins (1999), J Am Stat Assoc 94:1096-1120 (tilt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy

from outcomes.statistics.alike import Alike, Weights, alike_by_session, weights_by_session
from outcomes.statistics.arrays import Floats
from outcomes.statistics.attendance import ENOUGH, Courses, History, Rule, Staying, history_of, without_exit_scores
from outcomes.statistics.distributions import t_quantile
from outcomes.statistics.jackknife import Replicates, jackknife

ENOUGH_EFFECTIVE = 3.0
"""Effective patients, 1 / the sum of their squared weights, below which nothing is estimated."""

MOST_ALONE, LIKE = 0.30, 0.75
"""The largest share of courses that nobody scored was like, within so many standard deviations of baseline and of gain."""

LARGEST_WEIGHT, LARGEST_HAZARD, SMALLEST_SCORING = 20.0, 0.95, 0.02

# Pseudo-courses that draw sparse slopes to 0: never the intercept, so that sparse data are drawn to the weighted mean of those scored.
CHANGE_RIDGE = np.array([0, 0.05, 0.05, 10, 1, 1])
SHARE_RIDGE = np.array([0, 0.05, 1, 1, 3])

LARGEST_TILT, SMALLEST_TILT = 6.0, 0.2
"""The log odds of leaving are tilted by at most so much; the mean tilt of a history is at least this share of the mean of all."""

EXIT, FEW, ALONE, THIN = "scored only where courses ended", "too few scored", "nobody like those who left", "rests on too few"
"""Why nothing is estimated at a session."""

NO_SPREAD = 1e-9
"""A standard error, in units of the scale, up to which all are alike but for rounding."""

_AT_ONCE = 2_000_000  # numbers in one array of replicates and those not alike at each session


@dataclass(frozen=True)
class Continued:
    """Estimates by session (T,), nan where there is a `reason`, which is blank where there is none; session 0 is the baseline.

    `change` in units of the scale, negative is improvement, with its covariance (T, T); `improved`, the share responding of
    those who could, with its own; `shares` (T, L) of each level with their standard errors. `n` courses and `people` patients
    scored; `n_eff` effective patients; `alone` the share of courses that nobody scored then was like; `enrolled` and `able`
    courses that began, and that could respond.
    """

    change: Floats
    change_cov: Floats
    improved: Floats
    improved_cov: Floats
    shares: Floats
    shares_error: Floats
    n: Floats
    people: Floats
    n_eff: Floats
    alone: Floats
    reason: tuple[str, ...]
    enrolled: float
    able: float

    @property
    def degrees(self) -> Floats:
        """Degrees of freedom of Student's t at each session (T,): people scored, or twice the effective ones, less 1."""
        return np.maximum(np.minimum(self.people, 2 * self.n_eff) - 1, 1)

    def change_interval(self, level: float) -> tuple[Floats, Floats]:
        """Ends of the interval of the change (T,); nan without spread."""
        return t_ends(self.change, np.sqrt(np.diag(self.change_cov)), self.degrees, level)

    def improved_interval(self, level: float) -> tuple[Floats, Floats]:
        """Ends of the interval of the share responding (T,), 0 to 1."""
        return share_ends(self.improved, np.sqrt(np.diag(self.improved_cov)), self.n_eff, self.degrees, level)


def continued(
    courses: Courses,
    responded: Rule,
    able: Rule | None = None,
    *,
    levels: Sequence[float] = (),
    tilt: float = 0.0,
    unit: float = 1.0,
) -> Continued:
    """The estimates of one group of courses.

    `able` keeps courses that cannot respond, by their baseline, out of the share. `tilt` is the log odds ratio of leaving per
    `unit` gained that was not recorded, 0 where leaving depends on what is recorded.
    """
    could = np.ones(len(courses.scores)) if able is None else np.asarray(able(*[courses.scores[:, 0]] * 2), float)
    if courses.patients.sum() < 2:
        return _nothing(courses, could, len(levels))
    usable, is_exit = without_exit_scores(courses)
    scores, n = usable.scores, usable.n
    seen = ~np.isnan(scores)
    history = history_of(usable, responded)
    of = _group(usable, history, responded, able, levels, tilt, unit)
    drawn = jackknife(courses.patients)
    change, improved, shares, own = of.estimates(drawn)
    of_patient = np.stack([np.bincount(usable.kind, column, len(courses.patients)) for column in own.T])
    n_eff = 1 / np.maximum(of_patient**2 @ courses.patients, 1 / courses.patients.sum())
    alone = _alone(history, usable, [one.alike for one in of.sessions])
    reason = [
        EXIT
        if exit_
        else FEW
        if here < ENOUGH
        else ALONE
        if without > MOST_ALONE
        else THIN
        if effective < ENOUGH_EFFECTIVE - 1e-9  # three patients alike are three, but for rounding
        else ""
        for exit_, here, without, effective in zip(is_exit, n @ seen, alone, n_eff, strict=True)
    ]
    unknown = np.array([why != "" for why in reason])
    for values in (change, improved, shares):
        values[:, unknown] = np.nan
    return Continued(
        change=change[0],
        change_cov=drawn.covariance(change),
        improved=np.clip(improved[0], 0, 1),
        improved_cov=drawn.covariance(improved),
        shares=np.clip(shares[0], 0, 1),
        shares_error=np.sqrt(np.einsum("j,jtl->tl", drawn.shares, (shares[1:] - shares[0]) ** 2)),
        n=n @ ~np.isnan(courses.scores),
        people=np.array(
            [courses.patients @ (np.bincount(usable.kind[at], minlength=len(courses.patients)) > 0) for at in seen.T]
        ),
        n_eff=n_eff,
        alone=alone,
        reason=tuple(reason),
        enrolled=float(n.sum()),
        able=float(n @ could),
    )


def _nothing(courses: Courses, could: Floats, levels: int) -> Continued:
    """Of one patient or none: nobody can be left out."""
    sessions, n = courses.scores.shape[1], courses.n
    none, square, zero = np.full(sessions, np.nan), np.full((sessions, sessions), np.nan), np.zeros(sessions)
    by_level, seen = np.full((sessions, levels), np.nan), n @ ~np.isnan(courses.scores)
    return Continued(
        none,
        square,
        none,
        square,
        by_level,
        by_level,
        seen,
        zero,
        zero,
        zero,
        (FEW,) * sessions,
        float(n.sum()),
        float(n @ could),
    )


def t_ends(estimate: Floats, error: Floats, degrees: Floats, level: float) -> tuple[Floats, Floats]:
    """Ends of Student's interval; nan where there is no spread."""
    half = np.where(error > NO_SPREAD, t_quantile((1 + level) / 2, degrees) * error, np.nan)
    return estimate - half, estimate + half


def share_ends(share: Floats, error: Floats, n_eff: Floats, degrees: Floats, level: float) -> tuple[Floats, Floats]:
    """Ends of the score interval of a share, 0 to 1, on its `effective_numbers`.

    References:
        Newcombe (1998), Stat Med 17:857-872, method 3.
    """
    t = t_quantile((1 + level) / 2, degrees)
    number = effective_numbers(share, error, n_eff)
    middle, half = share + t**2 / 2 / number, t * np.sqrt(share * (1 - share) / number + t**2 / 4 / number**2)
    ends = [(middle + sign * half) / (1 + t**2 / number) for sign in (-1, 1)]
    return np.where(share <= 0, 0.0, ends[0]) + 0 * share, np.where(share >= 1, 1.0, ends[1]) + 0 * share


def effective_numbers(share: Floats, error: Floats, n_eff: Floats) -> Floats:
    """Of how many independent courses a share, 0 to 1, is that of: share (1 - share) / error^2.

    Where fewer than 3 effective patients differ from the rest, that number is at most `n_eff`: 500 of 500 has an interval.

    References:
        Korn & Graubard (1998), Surv Methodol 24:193-201.
    """
    of_error = share * (1 - share) / np.maximum(error, NO_SPREAD) ** 2
    number = np.where(error > NO_SPREAD, of_error, n_eff)
    return np.maximum(np.where(np.minimum(share, 1 - share) * n_eff < 3, np.minimum(number, n_eff), number), 1)


def _outcomes(before: Floats, after: Floats, responded: Rule, able: Rule | None, levels: Sequence[float]) -> Floats:
    """What is averaged (n, 3 + L): responded and could, could, change, then each level."""
    seen = ~np.isnan(after)
    could = np.ones_like(before) if able is None else np.asarray(able(before, before), float)
    has_responded = np.where(seen, np.asarray(responded(before, after), float), 0)
    at_level = [np.isclose(after, level) * 1.0 for level in levels]
    return np.stack([has_responded * could, could, np.where(seen, after - before, 0), *at_level], axis=1)


class _Session(NamedTuple):
    """Those who came to one session, alike ones as one of n: patients (n,), regressors (n, p) and outcomes (n, 3 + L)."""

    alike: Alike
    n: Floats
    change: Floats
    share: Floats
    outcomes: Floats


class _Group(NamedTuple):
    """What the estimates of one group are made from."""

    courses: Courses
    sessions: list[_Session]
    staying: Staying
    scored: Staying
    tilt: float
    unit: float

    def estimates(self, drawn: Replicates) -> tuple[Floats, Floats, Floats, Floats]:
        """Change and share responding (1 + J, T), share of each level (1 + J, T, L), and `_weights_of_courses` (C, T)."""
        at_once = max(1, _AT_ONCE // sum(len(one.n) for one in self.sessions))
        portions = [self._carried(gone) for gone in drawn.portions(at_once)]
        changed, responding = (np.concatenate([means for means, _ in of]) for of in zip(*portions, strict=True))
        could = responding[..., 1]
        improved = np.divide(responding[..., 0], could, out=np.full_like(could, np.nan), where=could > 0)
        return changed[..., 0], improved, changed[..., 1:], self._weights_of_courses(portions[0][0][1])

    def _weights_of_courses(self, weights: Sequence[Floats]) -> Floats:
        """Each course's weight in the mean change of the whole (C, T), for one of the patients it stands for, from `weights` by session (n,)."""
        own = np.zeros(self.courses.scores.shape)
        for k, (one, of) in enumerate(zip(self.sessions, weights, strict=True)):
            came = one.alike.place >= 0
            own[came, k] = of[one.alike.place[came]]
        return own

    def _carried(self, gone: scipy.sparse.csr_array) -> tuple[tuple[Floats, list[Floats]], tuple[Floats, list[Floats]]]:
        """Without the patients of each kind that are `gone` (B, K), of changes and levels and of those who responded and could: `_chained`."""
        of = weights_by_session([one.alike for one in self.sessions], self.courses.n[None], gone[:, self.courses.kind])
        reached, here = self._standing_for_all(of), [of.came[0]]
        for one, now, scored in zip(self.sessions[1:], reached[1:], self.scored.of(of.went_on, of.missed), strict=True):
            seen = one.alike.seen
            here.append(now[:, seen] * scored[:, one.alike.parent[seen]])
        change = [(one.change, one.outcomes[:, 2:]) for one in self.sessions]
        share = [(one.share, one.outcomes[:, :2]) for one in self.sessions]
        return self._chained(change, CHANGE_RIDGE, reached, here), self._chained(share, SHARE_RIDGE, reached, here)

    def _standing_for_all(self, of: Weights) -> list[Floats]:
        """The weights of those who came to each session (B, n) by 1 / P(attending it | history), at most `LARGEST_WEIGHT`, tilted where asked for.

        With a tilt: the weight at the last scored session, times 1 + O (1 - c + c exp(tilt g) / mean exp(tilt g) of those who came
        with the same history), O being the odds of having left since and c the share of leaving that may have been a choice.
        """
        n, left = self.courses.n, self.courses.attended < len(self.sessions) - 1
        chosen = float(n @ (left & self.courses.chose)) / max(float(n @ left), 1)
        found, staying = [of.came[0]], self.staying.of(of.came[:-1], of.left)
        base = since = np.ones_like(of.came[0])
        for before, one, came, stayed in zip(self.sessions, self.sessions[1:], of.came[1:], staying, strict=False):
            parent, at = one.alike.parent, one.alike.seen
            base, since = base[:, parent], (since * stayed)[:, parent]
            now = base * since
            if self.tilt and one.n @ at >= ENOUGH:
                gain = -one.outcomes[at, 2] / self.unit
                tilted = np.exp(np.clip(self.tilt * gain, -LARGEST_TILT, LARGEST_TILT))
                x, v = before.change[parent[at]], came[:, at] * now[:, at]
                expected = _solved(_sums(v, x, x), CHANGE_RIDGE, (v * tilted) @ x) @ x.T
                floor = SMALLEST_TILT * (v @ tilted / v.sum(axis=1))[:, None]
                now[:, at] = base[:, at] * (1 + (since[:, at] - 1) * (1 - chosen + chosen * tilted / np.maximum(expected, floor)))
            found.append(came * np.minimum(now, LARGEST_WEIGHT))
            base, since = np.where(at, now, base), np.where(at, 1, since)
        return found

    def _chained(
        self, pairs: Sequence[tuple[Floats, Floats]], ridge: Floats, reached: Sequence[Floats], here: Sequence[Floats]
    ) -> tuple[Floats, list[Floats]]:
        """Means of outcomes had every patient continued (B, T, q), from regressors (n, p) and outcomes (n, q) of each session.

        nan where too few are scored; with the weight of each (n,) for one patient by the first replicate.
        """
        # What is enough and what a ridge weighs go by the whole, so that they are the same in every portion of the replicates.
        (x, y), began = pairs[0], self.sessions[0].n.sum()
        out = np.full((len(reached[0]), len(pairs), y.shape[1]), np.nan)
        own = [np.zeros(len(one.n)) for one in self.sessions]
        everyone = reached[0] / reached[0].sum(axis=1, keepdims=True)
        out[:, 0], own[0][:] = everyone @ y, 1 / began
        mean = everyone @ x  # of everyone who began
        for k in range(1, len(pairs)):
            one, past, (x, y) = self.sessions[k], x[self.sessions[k].alike.parent], pairs[k]
            seen, size = one.alike.seen, float(one.n @ one.alike.seen)
            if size >= ENOUGH:
                out[:, k], slopes = _standardised(here[k], past[seen], y[seen], size, ridge, mean)
                own[k][seen] = here[k][0] * (past[seen] @ slopes[0]) / one.n[seen]
            if one.n.sum() < 2:
                break
            mean = _standardised(reached[k], past, x, float(one.n.sum()), ridge, mean)[0]  # at session k, had all gone on
        return out, own


def _group(
    courses: Courses, history: History, responded: Rule, able: Rule | None, levels: Sequence[float], tilt: float, unit: float
) -> _Group:
    alike = alike_by_session(courses)
    whole = weights_by_session(alike, courses.n[None])
    sessions = [
        _Session(
            one,
            n[0],
            history.change(one.first, k),
            history.share(one.first, k),
            _outcomes(courses.scores[one.first, 0], courses.scores[one.first, k], responded, able, levels),
        )
        for k, (one, n) in enumerate(zip(alike, whole.came, strict=True))
    ]
    # Leaving and being scored look at the recorded past only, that of the session before.
    past = [history.leaving(one.first, k) for k, one in enumerate(alike[:-1])]
    staying = Staying(past, whole.came[:-1], whole.left, 1 / (1 - LARGEST_HAZARD))
    enough = [(came - missed).sum() >= ENOUGH for came, missed in zip(whole.went_on, whole.missed, strict=True)]
    asked, missed = ([n * has for n, has in zip(of, enough, strict=True)] for of in (whole.went_on, whole.missed))
    return _Group(courses, sessions, staying, Staying(past, asked, missed, 1 / SMALLEST_SCORING), tilt, unit)


def _standardised(v: Floats, x: Floats, y: Floats, size: float, ridge: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """The mean of y (n, q) over courses whose regressors average `mean` (B, p), by replicate (B, q).

    From a weighted regression on x (n, p), whose first is 1, the weights v (B, n) scaled to the number of courses, so that 1 in the
    ridge is one of them. Also slopes (B, p): each course's part in the mean is its weight times theirs and its x, and these sum to 1.
    """
    products, total = _sums(v, x, np.hstack([x, y])), v.sum(axis=1)
    if not total.all():
        # Without the one patient who has all of them nobody is left; what is rested on one patient is refused afterwards.
        v = np.where(total[:, None] > 0, v, 1)
        products, total = _sums(v, x, np.hstack([x, y])), v.sum(axis=1)
    products = products * (size / total)[:, None, None]
    slopes = _solved(products[:, :, : x.shape[1]], ridge, mean)
    return np.einsum("bp,bpq->bq", slopes, products[:, :, x.shape[1] :]), slopes * (size / total)[:, None]


def _sums(v: Floats, x: Floats, y: Floats) -> Floats:
    """x' v y by replicate (B, p, q), the weights v (B, n) of the rows of x (n, p) and y (n, q)."""
    # Each product of two columns lies in one piece: numpy multiplies long vectors several times as fast as many short ones.
    down, across = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)
    products = (down[:, None] * across).reshape(-1, len(x))
    return np.asarray((v @ products.T).reshape(len(v), len(down), len(across)))


def _solved(gram: Floats, ridge: Floats, right: Floats) -> Floats:
    """(gram + ridge)^-1 right, by replicate (B, p)."""
    return np.asarray(np.linalg.solve(gram + np.diag(ridge), right[..., None])[..., 0])


def _alone(history: History, courses: Courses, alike: Sequence[Alike]) -> Floats:
    """Share of all courses that nobody scored at a session (T,) was like when they were last there before it."""
    n, sessions = courses.n, courses.scores.shape[1]
    lost = np.zeros(sessions)
    for before, one in enumerate(alike[:-1]):
        if not len(one.first):
            break  # nobody came, nor to any session after it
        at = np.round(np.stack([history.baseline[one.first, before], history.gain[one.first, before]], axis=1), 2)
        at, which = np.unique(at, axis=0, return_inverse=True)
        of_course = which.ravel()[one.place]  # used of those who came
        for k in range(before + 1, sessions):
            seen = ~np.isnan(courses.scores[:, k])
            here = ~seen & (np.minimum(courses.attended, k - 1) == before)
            away = np.bincount(of_course[here], n[here], len(at))
            like = np.bincount(of_course[seen], minlength=len(at)) > 0
            last = away > 0
            if last.any():
                nearest, _ = scipy.spatial.KDTree(at[like]).query(at[last], p=np.inf)
                lost[k] += away[last] @ (nearest > LIKE + 1e-9)
    return lost / n.sum()
