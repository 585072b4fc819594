"""Courses that are alike up to a session, counted as one there: what follows from the scores so far is computed once for all of them.

Few courses differ early on and few are left later, so that there is far less to compute than for every course at every session.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from outcomes.statistics.arrays import Floats
from outcomes.statistics.attendance import Courses, Integers


class Alike(NamedTuple):
    """The courses that came to one session, those with the same scores up to it as one of n.

    `first` (n,) is one course of each; `parent` (n,), never falling, its place among the `before` there are at the session
    before; `place` (C,) that of each course among the n, -1 where it did not come.
    """

    first: Integers
    parent: Integers
    before: int
    place: Integers

    def of_parents(self, weights: Floats) -> Floats:
        """What the weights (B, n) add up to for each of those of the session before (B, `before`)."""
        out = np.zeros((len(weights), self.before))
        start = np.flatnonzero(np.diff(self.parent, prepend=-1))
        out[:, self.parent[start]] = np.add.reduceat(weights, start, axis=1)
        return out


def alike_by_session(courses: Courses) -> list[Alike]:
    """What is alike at each session, in order of the scores, so that the order of the courses makes no difference."""
    place, before, found = np.zeros(len(courses.scores), np.int64), 1, []
    for k, came in enumerate(courses.attends.T):
        values, score = np.unique(np.nan_to_num(courses.scores[:, k], nan=-np.inf), return_inverse=True)
        _, first, own = np.unique((place * len(values) + score)[came], return_index=True, return_inverse=True)
        parent, place = place[came][first], np.full(len(place), -1)
        place[came] = own
        found.append(Alike(np.flatnonzero(came)[first], parent, before, place))
        before = len(first)
    return found


def weights_by_session(alike: list[Alike], weights: Floats) -> list[Floats]:
    """What the weights of courses (B, C) add up to at each session (B, n)."""
    found: list[Floats] = []
    for one, later in zip(alike[::-1], [None, *alike[:0:-1]], strict=True):
        last = one.place >= 0 if later is None else (one.place >= 0) & (later.place < 0)
        own = np.stack([np.bincount(one.place[last], row, len(one.first)) for row in weights[:, last]])
        found.append(own if later is None else own + later.of_parents(found[-1]))
    return found[::-1]
