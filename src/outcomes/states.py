"""Share of patients in each grade after each session, had all continued: inverse-probability-weighted state occupation.

Patients who stop are not like those who stay. Each transition between two sessions is weighted by 1 / P(still attending |
recorded scores), which makes those who stay stand for all; chained from the baseline of all patients, the weighted
transitions give the share in every grade whether or not grades are Markov. Nothing is iterated and nothing is random, so
it can't fail to converge.

References: Datta & Satten (2002), Biometrics 58:792-802; Robins, Rotnitzky & Zhao (1995), J Am Stat Assoc 90:106-121.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

UNSEEN = -1
"""The state of a session at which no score was recorded."""

STOP_PRIOR = 4.0
"""Pseudo-patients by which a sparse hazard of stopping is drawn to the coarser one above it."""

MOVE_PRIOR = 2.0
"""Pseudo-patients by which sparse transitions are drawn to the coarser ones above them."""

LARGEST_WEIGHT = 20.0
LARGEST_HAZARD = 0.95
MOST_REPLICATES = 2_000
DELETED_GROUPS = 200
_SEED = 5077
_AT_ONCE, _MOST_NUMBERS = 256, 2_000_000  # replicates, and numbers in one session's table of moves: some 16 MB


@dataclass(frozen=True)
class Paths:
    """Distinct recorded paths of one group of patients.

    `states` (P, T): 0 .. levels - 1, `UNSEEN` where missed; the baseline is always seen. `count` (P,) patients. `stopped`
    (P,): whether the end of the path was the patient's choice; False where the course goes on or was finished as planned.
    """

    states: Integers
    count: Floats
    stopped: NDArray[np.bool_]
    levels: int

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        return self.states != UNSEEN

    @cached_property
    def end(self) -> Integers:
        """The last session seen (P,)."""
        return (self.seen * np.arange(self.states.shape[1])).max(axis=1)

    @cached_property
    def latest(self) -> Integers:
        """The state of each session, that of the last one seen before where it was missed (P, T)."""
        place = np.maximum.accumulate(self.seen * np.arange(self.states.shape[1]), axis=1)
        return np.take_along_axis(self.states, place, axis=1)


def distinct(paths: Paths) -> Paths:
    """The same patients with equal paths counted together, in the order of the paths."""
    rows, place = np.unique(np.column_stack([paths.states, paths.stopped]), axis=0, return_inverse=True)
    count = np.bincount(place.ravel(), weights=paths.count).astype(np.float64)
    return Paths(rows[:, :-1].astype(np.int64), count, rows[:, -1].astype(bool), paths.levels)


def occupation(paths: Paths, weights: Floats) -> Floats:
    """Share of patients with each baseline in each state after each session (B, T, levels, levels), for B sets of weights (B, P).

    Axes: replicate, session, state at baseline, state then; the last two sum to 1.
    """
    at_once = max(1, min(_AT_ONCE, _MOST_NUMBERS // paths.levels**4))
    parts = [_occupation(paths, weights[first : first + at_once]) for first in range(0, len(weights), at_once)]
    return np.concatenate(parts)


def _occupation(paths: Paths, weights: Floats) -> Floats:
    attending = attending_weights(paths, weights)
    start = weights @ _one_hot(paths.latest[:, 0], paths.levels)
    diagonal = np.arange(paths.levels)
    now = np.zeros((len(weights), *(paths.levels,) * 3))  # baseline, before, latest
    now[:, diagonal, diagonal, diagonal] = start / start.sum(axis=1, keepdims=True)
    shares = [now.sum(axis=2)]
    nobody_unseen = np.logical_and.accumulate(paths.seen.all(axis=0))
    for k, moves in enumerate(_smoothed(_transitions(paths, weights, attending)), start=1):
        # Where nobody is unseen nothing is estimated, and nothing sparse is drawn anywhere.
        now = _counted(paths, weights, k) if nobody_unseen[k] else np.einsum("zbhi,zbhij->zbij", now, moves, optimize=True)
        shares.append(now.sum(axis=2))
    return np.stack(shares, axis=1)


def _counted(paths: Paths, weights: Floats, k: int) -> Floats:
    """Share of patients (B, baseline, before, latest) after session k, when all were seen."""
    m = paths.levels
    code = (paths.states[:, 0] * m + paths.states[:, k - 1]) * m + paths.states[:, k]
    counts = weights @ _one_hot(code, m**3)
    return (counts / counts.sum(axis=1, keepdims=True)).reshape(-1, m, m, m)


def attending_weights(paths: Paths, weights: Floats) -> Floats:
    """1 / P(still attending session k | recorded scores) by replicate, path and session (B, P, T), at most `LARGEST_WEIGHT`.

    The hazard of stopping after session k depends on the baseline and the latest state, drawn to coarser histories where
    sparse, times a ratio by the state before: patients who stop when they no longer improve are seen only there.
    """
    m, sessions = paths.levels, paths.states.shape[1]
    history = paths.latest[:, :1] * m + paths.latest  # baseline and latest
    longer = history * m + np.concatenate([paths.latest[:, :1], paths.latest[:, :-1]], axis=1)  # and the one before
    at_risk, stops = np.zeros((2, len(weights), sessions, m * m))
    risk_longer, stops_longer = np.zeros((len(weights), m**3)), np.zeros((len(weights), m**3))
    for k in range(1, sessions - 1):
        leaves = (paths.end == k) & paths.stopped
        stays = (paths.end > k) | leaves
        at_risk[:, k] = weights[:, stays] @ _one_hot(history[stays, k], m * m)
        stops[:, k] = weights[:, leaves] @ _one_hot(history[leaves, k], m * m)
        risk_longer += weights[:, stays] @ _one_hot(longer[stays, k], m**3)
        stops_longer += weights[:, leaves] @ _one_hot(longer[leaves, k], m**3)
    by_session, over_sessions = _hazards(at_risk, stops, m)
    expected = np.repeat(over_sessions, m, axis=1)
    ratio = (stops_longer + STOP_PRIOR * expected) / (risk_longer + STOP_PRIOR) / np.maximum(expected, 1e-9)
    out = np.ones((len(weights), len(history), sessions))
    for k in range(1, sessions - 1):
        hazard = by_session[:, k][:, history[:, k]] * ratio[:, longer[:, k]]
        out[:, :, k + 1] = out[:, :, k] / (1 - np.minimum(hazard, LARGEST_HAZARD))
    return np.minimum(out, LARGEST_WEIGHT)


def _hazards(at_risk: Floats, stops: Floats, m: int) -> tuple[Floats, Floats]:
    """Hazards by (session, history) (B, T, m*m) and by history over all sessions (B, m*m), from everyone's to the finest."""
    drop = (np.subtract.outer(np.arange(m), np.arange(m)) + m - 1).ravel()
    by_drop = _one_hot(drop, 2 * m - 1)
    all_risk, all_stops = at_risk.sum(axis=1), stops.sum(axis=1)
    everyone = (all_stops.sum(axis=1, keepdims=True) + 1e-9) / (all_risk.sum(axis=1, keepdims=True) + 1e-9)
    of_drop = (all_stops @ by_drop + STOP_PRIOR * everyone) / (all_risk @ by_drop + STOP_PRIOR)
    of_history = (all_stops + STOP_PRIOR * of_drop[:, drop]) / (all_risk + STOP_PRIOR)
    return (stops + STOP_PRIOR * of_history[:, None]) / (at_risk + STOP_PRIOR), of_history


def _transitions(paths: Paths, weights: Floats, attending: Floats) -> list[Floats]:
    """Weighted counts (B, baseline, before, latest, next) of the moves after each session."""
    m, sessions = paths.levels, paths.states.shape[1]
    out = []
    for k in range(sessions - 1):
        both = paths.seen[:, k] & paths.seen[:, k + 1] & paths.seen[:, max(k - 1, 0)]
        code = ((paths.latest[:, 0] * m + paths.latest[:, max(k - 1, 0)]) * m + paths.latest[:, k]) * m + paths.latest[:, k + 1]
        used, place = np.unique(code[both], return_inverse=True)
        counts = np.zeros((len(weights), m**4))
        counts[:, used] = (weights[:, both] * attending[:, both, k + 1]) @ _one_hot(place.ravel(), len(used))
        out.append(counts.reshape(len(weights), m, m, m, m))
    return out


def _smoothed(counts: list[Floats]) -> list[Floats]:
    """Transition probabilities (B, baseline, before, latest, next), sparse histories drawn step by step to staying put."""
    if not counts:
        return []
    m = counts[0].shape[-1]
    stay = np.eye(m)
    latest = [move.sum(axis=(1, 2)) for move in counts]
    any_session = sum(latest[1:], np.zeros_like(latest[0]))
    out = []
    for k, move in enumerate(counts):
        above = _drawn(any_session, stay) if k else np.broadcast_to(stay, any_session.shape)
        above = _drawn(latest[k], above)[:, None]
        above = _drawn(move.sum(axis=2), above)[:, :, None]
        out.append(_drawn(move, above))
    return out


def _drawn(counts: Floats, above: Floats) -> Floats:
    """Probabilities of counts along the last axis, drawn to those above by `MOVE_PRIOR` pseudo-patients."""
    return (counts + MOVE_PRIOR * above) / (counts.sum(axis=-1, keepdims=True) + MOVE_PRIOR)


def _one_hot(place: Integers, size: int) -> Floats:
    out = np.zeros((len(place), size))
    out[np.arange(len(place)), place] = 1
    return out


@dataclass(frozen=True)
class Replicates:
    """Weights of the jackknife: the whole first (1 + J, P), and how much each replicate's squared difference adds (J,)."""

    weights: Floats
    shares: Floats

    def covariance(self, values: Floats) -> Floats:
        """Covariance (k, k) of k statistics from their values (1 + J, k), the whole's first."""
        apart = values[1:] - values[0]
        return np.einsum("j,jk,jl->kl", self.shares, apart, apart)


def jackknife(count: Floats) -> Replicates:
    """Delete one patient of each distinct path, as often as the path has patients: exact, and the same every time.

    Above `MOST_REPLICATES` distinct paths, `DELETED_GROUPS` equal groups of patients are deleted instead, dealt at random but
    the same way every time; 200 groups know a standard error to 5 %.
    """
    n = count.sum()
    if len(count) <= MOST_REPLICATES:
        return Replicates(np.vstack([count, count - np.eye(len(count))]), count * (n - 1) / n)
    # Dealt in turn instead, along paths in order, each group would be a small likeness of all: too alike to tell a spread from.
    patients = np.random.default_rng(_SEED).permutation(np.repeat(np.arange(len(count)), count.astype(np.int64)))
    deleted = np.stack([np.bincount(group, minlength=len(count)) for group in np.array_split(patients, DELETED_GROUPS)])
    # Only shares are used: the others need not be weighted up.
    return Replicates(np.vstack([count, count - deleted]), np.full(DELETED_GROUPS, (DELETED_GROUPS - 1) / DELETED_GROUPS))
