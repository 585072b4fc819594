"""Courses that are alike up to a session, counted as one there: what follows from the scores so far is computed once for all of them.

Few courses differ early on and few are left later, so that there is far less to compute than for every course at every session.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy

from outcomes.statistics.arrays import Floats
from outcomes.statistics.attendance import Booleans, Courses, Integers


class Alike(NamedTuple):
    """The courses that came to one session, those with the same scores up to it as one of n.

    `first` (n,) is one course of each; `parent` (n,), never falling, its place among those of the session before; `seen` (n,)
    whether it is scored; `place` (C,) that of each course among the n, -1 where it did not come.
    """

    first: Integers
    parent: Integers
    seen: Booleans
    place: Integers


def alike_by_session(courses: Courses) -> list[Alike]:
    """What is alike at each session, in order of the scores, so that the order of the courses makes no difference."""
    place, found = np.zeros(len(courses.scores), np.int64), []
    for k, came in enumerate(courses.attends.T):
        values, score = np.unique(np.nan_to_num(courses.scores[:, k], nan=-np.inf), return_inverse=True)
        _, first, own = np.unique((place * len(values) + score)[came], return_index=True, return_inverse=True)
        first = np.flatnonzero(came)[first]
        parent, place = place[first], np.full(len(place), -1)
        place[came] = own
        found.append(Alike(first, parent, ~np.isnan(courses.scores[first, k]), place))
    return found


class Weights(NamedTuple):
    """By session (B, n): those who `came`, and of them, but for the last session, who `left`, `went_on` and were `missed` at the next."""

    came: list[Floats]
    left: list[Floats]
    went_on: list[Floats]
    missed: list[Floats]


def weights_by_session(alike: Sequence[Alike], weights: Floats, gone: scipy.sparse.csr_array | None = None) -> Weights:
    """What the weights of courses (B, C) add up to; who is missed came without being scored.

    `gone` (B, C) is taken off weights (1, C): few courses are, so that it costs little to do so for many replicates.
    """
    found = Weights([_added(alike[-1], alike[-1].place >= 0, weights, gone)], [], [], [])
    for one, later in zip(alike[-2::-1], alike[:0:-1], strict=True):
        came, went_on, missed = found.came[-1], *np.zeros((2, len(found.came[-1]), len(one.first)))
        siblings = np.flatnonzero(np.diff(later.parent, prepend=-1))
        went_on[:, later.parent[siblings]] = np.add.reduceat(came, siblings, axis=1)
        missed[:, later.parent[~later.seen]] = came[:, ~later.seen]  # of the same parent they are all alike
        left = _added(one, (one.place >= 0) & (later.place < 0), weights, gone)
        for values, of in zip(found, (left + went_on, left, went_on, missed), strict=True):
            values.append(of)
    return Weights(*(values[::-1] for values in found))


def _added(one: Alike, chosen: Booleans, weights: Floats, gone: scipy.sparse.csr_array | None) -> Floats:
    """What the weights (B, C) of chosen courses, less what is gone of them, add up to (B, n)."""
    course = np.flatnonzero(chosen)
    to_place = scipy.sparse.csr_array((np.ones(len(course)), (course, one.place[course])), shape=(len(chosen), len(one.first)))
    added = np.asarray(weights @ to_place)
    return added if gone is None else added - (gone @ to_place).toarray()
