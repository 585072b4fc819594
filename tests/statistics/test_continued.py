"""Had every patient continued: the plain cases it must give back, what it refuses and why, and what makes no difference."""

from __future__ import annotations

from math import nan, sqrt

import numpy as np
import pandas as pd
import pytest

import outcomes
from outcomes.errors import UsageError
from outcomes.statistics.attendance import ENOUGH, Courses
from outcomes.statistics.continued import ALONE, EXIT, FEW, MOST_ALONE, THIN, Continued, continued
from outcomes.statistics.jackknife import kinds_of

SESSIONS = np.arange(7)
GRADES = (1.0, 2.0, 3.0, 4.0)


def down(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Down by a grade; no score is no response."""
    return np.nan_to_num(before - after) >= 1


def courses_of(scores: np.ndarray, attended: np.ndarray | None = None, patient: np.ndarray | None = None) -> Courses:
    """One row a course, each of a patient of its own where none is named, attended until last scored where not said."""
    scores = np.asarray(scores, float)
    last = (~np.isnan(scores) * np.arange(scores.shape[1])).max(axis=1) if attended is None else np.asarray(attended)
    kind = np.arange(len(scores)) if patient is None else np.asarray(patient)
    return Courses(scores, last, np.ones(len(scores), bool), kind, np.ones(kind.max(initial=-1) + 1))


def grades(n: int, seed: int = 1) -> np.ndarray:
    """Grades 1 to 4 after each of 6 sessions, falling by one or two; everyone is scored every time."""
    rng = np.random.default_rng(seed)
    fall = rng.lognormal(-0.1, 0.5, (n, 1)) * 1.5 * (1 - 0.75**SESSIONS)
    return np.clip(np.rint(rng.normal(3.2, 0.6, (n, 1)) - fall + rng.normal(0, 0.3, (n, 7))), 1, 4)


def stopping(n: int, seed: int = 1, missed: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Grades as recorded where those who gained a grade often stop, and the last session that each attends."""
    rng, scores = np.random.default_rng([seed, 1]), grades(n, seed)
    leaves = (rng.random(scores.shape) < np.where(scores[:, :1] - scores >= 1, 0.25, 0.08)) & (SESSIONS > 0)
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), 6)
    seen = (last[:, None] >= SESSIONS) & ((rng.random(scores.shape) >= missed) | (SESSIONS == 0))
    return np.where(seen, scores, nan), last


def same(one: Continued, other: Continued, atol: float = 1e-9) -> None:
    for name in ("change", "change_cov", "improved", "improved_cov", "shares", "shares_error", "n", "n_eff", "alone"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=atol, err_msg=name)
    assert one.reason == other.reason


# The plain cases


@pytest.mark.parametrize("between", [(), (3,), (2, 4), (1, 2, 3, 4, 5)], ids=str)
def test_where_nobody_is_unseen_it_is_the_observed_mean_and_share_whatever_was_scored_between(between: tuple[int, ...]) -> None:
    scores = grades(50)
    scores[:, [k for k in range(1, 6) if k not in between]] = nan
    of = continued(courses_of(scores, np.full(50, 6)), down, levels=GRADES)
    change = scores[:, 6] - scores[:, 0]
    assert of.change[6] == pytest.approx(change.mean(), abs=1e-12)
    assert sqrt(of.change_cov[6, 6]) == pytest.approx(change.std(ddof=1) / sqrt(50), abs=1e-12)
    assert of.improved[6] == pytest.approx((change <= -1).mean(), abs=1e-12)
    np.testing.assert_allclose(of.shares[6], [(scores[:, 6] == grade).mean() for grade in GRADES], atol=1e-12)
    assert (of.n[6], of.people[6], of.alone[6], of.reason[6]) == (50, 50, 0, "")
    assert of.n_eff[6] == pytest.approx(50)


def test_a_session_missed_by_some_in_between_changes_nothing_either() -> None:
    scores = grades(50)
    scores[::3, 2] = scores[1::3, 4] = nan
    of = continued(courses_of(scores), down)
    assert of.change[6] == pytest.approx((scores[:, 6] - scores[:, 0]).mean(), abs=1e-12)


def test_those_who_could_not_respond_are_left_out_of_the_share() -> None:
    scores = grades(60)
    scores[:6] = 1
    of = continued(courses_of(scores), down, lambda before, _: before > 1)
    assert (of.enrolled, of.able) == (60, (scores[:, 0] > 1).sum())
    assert of.improved[6] == pytest.approx(down(scores[:, 0], scores[:, 6])[scores[:, 0] > 1].mean(), abs=1e-12)


def test_shares_of_the_levels_sum_to_1_at_every_session() -> None:
    of = continued(courses_of(*stopping(120)), down, levels=GRADES)
    assert of.reason[:5] == ("",) * 5
    np.testing.assert_allclose(of.shares[:5].sum(axis=1), 1, atol=1e-9)


def test_500_of_500_who_responded_have_an_interval() -> None:
    scores = np.tile([3.0, 2.0], (500, 1))
    low, high = continued(courses_of(scores), down).improved_interval(0.95)
    assert (round(100 * low[1], 1), high[1]) == (99.2, 1)


def test_where_all_change_alike_the_change_has_no_interval() -> None:
    low, high = continued(courses_of(np.tile([3.0, 2.0], (40, 1))), down).change_interval(0.95)
    assert np.isnan([low[1], high[1]]).all()


def test_who_attends_without_a_score_is_not_taken_for_gone() -> None:
    """60 % missed and nobody stops: those scored are everyone by chance, and their mean is near."""
    rng, scores = np.random.default_rng(7), grades(400)
    scores[(rng.random(scores.shape) < 0.6) & (SESSIONS > 0)] = nan
    of = continued(courses_of(scores, np.full(400, 6)), down)
    assert abs(of.change[6] - np.nanmean(scores[:, 6] - scores[:, 0])) < 0.05
    assert of.alone[6] < 0.02


# What is refused


def test_a_session_scored_only_where_courses_end_is_refused_and_its_scores_are_not_used() -> None:
    scores = grades(80)
    last = np.where(np.arange(80) < 40, 3, 6)
    scores[:, [1, 2, 4, 5]] = nan
    scores[last == 6, 3] = scores[last == 3, 6] = nan
    of = continued(courses_of(scores, last), down)
    assert of.reason[3] == EXIT
    assert np.isnan([of.change[3], of.improved[3]]).all()
    without = scores.copy()
    without[:, 3] = nan
    assert of.change[6] == pytest.approx(continued(courses_of(without, last), down).change[6], abs=1e-12)


@pytest.mark.parametrize(("scored", "reason"), [(ENOUGH - 1, FEW), (ENOUGH, "")])
def test_under_5_scored_are_too_few(scored: int, reason: str) -> None:
    scores = grades(30)[:, :3]
    scores[:, 0] = 3
    scores[scored:, 2] = nan
    of = continued(courses_of(scores, np.full(30, 2)), down)
    assert (of.n[2], of.reason[2], bool(np.isnan(of.change[2]))) == (scored, reason, bool(reason))


def test_five_courses_of_one_patient_are_too_few() -> None:
    scores = np.tile([3.0, 2.0, 2.0], (40, 1))
    scores[::2, 2], scores[5:, 2] = 1, nan
    of = continued(courses_of(scores, np.full(40, 2), np.maximum(np.arange(40) - 4, 0)), down)
    assert (of.n[2], of.people[2], of.reason[2]) == (5, 1, THIN)
    assert np.isnan(of.change[2])


def test_nothing_is_said_of_patients_that_nobody_scored_was_like() -> None:
    """Planned by severity: the mild have 3 sessions and the severe 6, so that nobody mild is there after 6."""
    scores = np.tile([4.0, 4, 3, 3, 3, 2, 2], (60, 1))
    scores[::2] = [2.0, 2, 1, 1, nan, nan, nan]
    of = continued(courses_of(scores), down)
    assert of.reason == ("",) * 4 + (ALONE,) * 3
    assert of.alone[6] == 0.5 > MOST_ALONE
    assert np.isnan([of.change[6], of.improved[6]]).all()


def test_of_nobody_nothing_is_estimated() -> None:
    of = continued(courses_of(np.zeros((0, 7))), down, levels=GRADES)
    assert (of.enrolled, of.reason) == (0, (FEW,) * 7)
    assert of.shares.shape == (7, 4)
    for values in (of.change, of.improved, of.shares, *of.change_interval(0.95), *of.improved_interval(0.95)):
        assert np.isnan(values).all()


# What makes no difference


def test_points_added_to_all_scores_leave_the_change() -> None:
    scores, last = stopping(90)
    one, other = (continued(courses_of(scores + more, last), down) for more in (0, 50))
    same(one, other)


def test_the_order_of_the_patients_makes_no_difference() -> None:
    (scores, last), order = stopping(90), np.random.default_rng(3).permutation(90)
    same(
        continued(courses_of(scores, last), down, levels=GRADES),
        continued(courses_of(scores[order], last[order]), down, levels=GRADES),
    )


def test_patients_that_are_alike_may_be_counted_instead_of_written_out() -> None:
    scores, last = stopping(150)
    kinds = kinds_of(np.column_stack([np.nan_to_num(scores, nan=-1), last]).astype(np.int64), np.arange(150))
    assert len(kinds.patients) < 150
    counted = Courses(scores[kinds.row], last[kinds.row], np.ones(len(kinds.row), bool), kinds.kind, kinds.patients.astype(float))
    same(continued(courses_of(scores, last), down, levels=GRADES), continued(counted, down, levels=GRADES))


def test_replicates_taken_a_few_at_a_time_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first replicate of a later portion leaves patients out altogether."""
    courses = courses_of(*stopping(90))
    at_once = continued(courses, down, levels=GRADES)
    monkeypatch.setattr("outcomes.statistics.continued._AT_ONCE", 10 * courses.scores.size)
    same(continued(courses, down, levels=GRADES), at_once)


def test_courses_written_twice_for_the_same_patients_give_no_narrower_interval() -> None:
    """Where some are unseen, a ridge of so many courses weighs half as much among twice as many: widths differ by up to 1.5 %."""
    scores = grades(60)
    once = continued(courses_of(scores), down)
    twice = continued(courses_of(np.repeat(scores, 2, axis=0), patient=np.repeat(np.arange(60), 2)), down)
    assert twice.n[6] == 2 * once.n[6]
    assert twice.people[6] == once.people[6]
    np.testing.assert_allclose(twice.change_interval(0.95), once.change_interval(0.95), atol=1e-12)
    np.testing.assert_allclose(twice.improved_interval(0.95), once.improved_interval(0.95), atol=1e-12)
    scores, last = stopping(90)
    once = continued(courses_of(scores, last), down)
    twice = continued(courses_of(np.repeat(scores, 2, axis=0), np.repeat(last, 2), patient=np.repeat(np.arange(90), 2)), down)
    widths = [np.diff(of.change_interval(0.95), axis=0)[0, 1:5] for of in (once, twice)]
    np.testing.assert_allclose(widths[1] / widths[0], 1, atol=0.03)


def test_patients_are_alike_where_all_their_courses_are() -> None:
    """1 and 2 have the courses 7 and 8, in whatever order; 3 has 9 alone."""
    found = kinds_of(np.array([[7], [8], [8], [7], [9]]), np.array([1, 1, 2, 2, 3]))
    assert [values.tolist() for values in found] == [[4, 0, 1], [0, 1, 1], [1, 2]]


# From a frame or a tally


def long(**more: object) -> pd.DataFrame:
    """Three visits of 20 subjects who came until the last."""
    frame = pd.DataFrame(
        {"who": np.repeat(np.arange(20), 3), "at": [0, 1, 2] * 20, "grade": grades(20)[:, :3].ravel(), "last": 2}
    )
    return frame.assign(**more)


NAMED = {"subject": "who", "visit": "at", "score": "grade"}


def test_a_frame_is_estimated_by_its_visits() -> None:
    found, scores = outcomes.continued(long(), **NAMED, attended="last"), grades(20)[:, :3]
    np.testing.assert_allclose(found.change["estimate"], (scores[:, 1:] - scores[:, :1]).mean(axis=0), atol=1e-12)
    assert found.change["visit"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("frame", "columns", "message"),
    [
        (long(), NAMED | {"score": "points"}, "no column 'points'; it has 'who', 'at', 'grade', 'last'"),
        (long(), NAMED | {"attended": "until"}, "no column 'until'"),
        (long(), {"subject": "who", "visit": "at"}, "name the columns of the frame: score"),
        (long(last=[2, 2, 3] + [2] * 57), NAMED | {"attended": "last"}, "1 subjects have two values of last"),
        (long(last=1), NAMED | {"attended": "last"}, "20 subjects have a score after their last visit in last"),
        (long(), NAMED | {"level": 95}, "level must be between 0 and 1, got 95"),
        (long(), NAMED | {"tilt": nan}, "tilt must be a finite number, got nan"),
    ],
)
def test_a_frame_that_can_not_be_read_is_refused_in_words(frame: pd.DataFrame, columns: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        outcomes.continued(frame, **columns)


def test_a_tally_has_no_columns_to_name(tally_of) -> None:
    with pytest.raises(UsageError, match="a tally has no columns to name: leave out subject, attended"):
        outcomes.continued(tally_of(grades(20)), subject="who", attended="last")


@pytest.mark.parametrize("beyond", [1, 3])
def test_sessions_that_nobody_came_to_change_nothing_and_tell_nothing(beyond: int) -> None:
    scores = grades(40)
    longer = np.hstack([scores, np.full((40, beyond), nan)])
    attended = np.arange(40) % 7
    scores[np.arange(7) > attended[:, None]] = longer[:, :7][np.arange(7) > attended[:, None]] = nan
    one, other = (continued(courses_of(each, attended), down) for each in (scores, longer))
    np.testing.assert_array_equal(one.change, other.change[:7])
    np.testing.assert_array_equal(one.alone, other.alone[:7])
    assert other.reason[7:] == (FEW,) * beyond
