"""Courses alike up to a session count as one there: which they are, and what their weights add up to."""

from __future__ import annotations

from math import nan

import numpy as np
import scipy

from outcomes.statistics.alike import alike_by_session, weights_by_session
from outcomes.statistics.attendance import Courses

SCORES = np.array(
    [
        [3.0, 2.0, 1.0],
        [3.0, 2.0, nan],
        [3.0, nan, 1.0],
        [3.0, 2.0, 2.0],
        [2.0, nan, nan],
        [3.0, 2.0, 1.0],
    ]
)
ATTENDED = np.array([2, 1, 2, 2, 0, 2])
COURSES = Courses(SCORES, ATTENDED, np.ones(6, bool), np.arange(6), np.ones(6))


def test_those_who_came_with_the_same_scores_so_far_are_one() -> None:
    places = [one.place.tolist() for one in alike_by_session(COURSES)]
    assert places == [[1, 1, 1, 1, 0, 1], [1, 1, 0, 1, -1, 1], [1, -1, 0, 2, -1, 1]]


def test_each_knows_those_before_that_it_comes_from_and_whether_it_is_scored() -> None:
    _, second, third = alike_by_session(COURSES)
    assert (second.parent.tolist(), second.seen.tolist()) == ([1, 1], [False, True])
    assert (third.parent.tolist(), third.seen.tolist()) == ([0, 1, 1], [True, True, True])


def test_weights_add_up_to_who_came_left_went_on_and_was_missed() -> None:
    weights = np.array([[1.0, 2, 4, 8, 16, 32], [0.0, 2, 0, 0, 0, 0]])
    of = weights_by_session(alike_by_session(COURSES), weights)
    assert [came.tolist() for came in of.came] == [[[16, 47], [0, 2]], [[4, 43], [0, 2]], [[4, 33, 8], [0, 0, 0]]]
    assert [left.tolist() for left in of.left] == [[[16, 0], [0, 0]], [[0, 2], [0, 2]]]
    assert [went_on.tolist() for went_on in of.went_on] == [[[0, 47], [0, 2]], [[4, 41], [0, 0]]]
    assert [missed.tolist() for missed in of.missed] == [[[0, 4], [0, 0]], [[0, 0], [0, 0]]]


def test_a_session_that_nobody_came_to_has_nobody() -> None:
    courses = COURSES._replace(attended=np.zeros(6, np.int64), scores=np.where(np.arange(3) > 0, nan, SCORES))
    of = weights_by_session(alike_by_session(courses), np.ones((1, 6)))
    assert [came.tolist() for came in of.came] == [[[1, 5]], [[]], [[]]]


def test_who_is_gone_is_taken_off_as_if_never_weighed() -> None:
    alike, weights = alike_by_session(COURSES), np.array([[1.0, 2, 4, 8, 16, 32]])
    gone = np.array([[0.0, 0, 0, 0, 0, 0], [1.0, 0, 0, 3, 16, 0]])
    taken_off = weights_by_session(alike, weights, scipy.sparse.csr_array(gone))
    for found, expected in zip(taken_off, weights_by_session(alike, weights - gone), strict=True):
        assert [each.tolist() for each in found] == [each.tolist() for each in expected]
