"""Rates of patients asked several times: by hand, at their edges, and how often their intervals hold the truth."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest

from outcomes.statistics.clustered_rates import Patients, design_effect, per_course, per_session, unasked
from outcomes.statistics.intervals import clopper_pearson


def sessions(*patients: str) -> Patients:
    """Patients of one course each: a mark for each session, ``y`` with the event, ``n`` without it, ``.`` not asked."""
    answers = np.array([list(each) for each in patients])
    asked, yes = answers != ".", answers == "y"
    return one_course(asked, yes)


def one_course(asked: Any, yes: Any, patient: Any = None) -> Patients:
    """Courses as patients, a row each; or as the courses of the `patient` of each row, all asked about as many sessions."""
    before = np.cumsum(yes, axis=1) - yes > 0
    risk = asked & ~before
    patient = np.arange(len(asked)) if patient is None else patient
    numbers = np.column_stack([asked.sum(axis=1), yes.sum(axis=1), risk, risk & yes]).astype(np.int64)
    summed = np.zeros((patient.max() + 1, numbers.shape[1]), np.int64)
    np.add.at(summed, patient, numbers)
    longest = np.zeros(len(summed), np.int64)
    np.maximum.at(longest, patient, asked.sum(axis=1))
    summed, longest = summed[summed[:, 0] > 0], longest[summed[:, 0] > 0]
    k = asked.shape[1]
    return Patients(np.ones(len(summed), np.int64), summed[:, 0], summed[:, 1], longest, summed[:, 2 : 2 + k], summed[:, 2 + k :])


# Per course


def test_a_life_table_by_hand() -> None:
    """After session 1 one of four, after session 2 one of two without it before who were asked: 1 - 3/4 * 1/2."""
    assert per_course(sessions("yn", "ny", "nn", "n.")).share == pytest.approx(1 - 3 / 4 * 1 / 2)


def test_complete_courses_have_the_exact_interval_of_their_number() -> None:
    found = per_course(sessions("nny", "ynn", *["nnn"] * 18))
    assert found.share == pytest.approx(2 / 20)
    assert found.effective == pytest.approx(20)
    assert found.interval == pytest.approx(clopper_pearson(2, 20))


def test_courses_cut_short_tell_less_than_whole_ones() -> None:
    found = per_course(sessions("yn", "ny", *["nn"] * 28, *["n."] * 30))
    assert found.share == pytest.approx(1 - 59 / 60 * 28 / 29)
    assert 29 < found.effective < 60


def test_all_who_were_asked_having_the_event_is_a_rate_of_one_though_nobody_is_left_to_ask() -> None:
    found = per_course(sessions("y..", "y..", "y.."))
    assert (found.share, unasked(sessions("y..", "y..", "y.."))) == (1.0, [])
    assert found.interval == pytest.approx(clopper_pearson(3, 3))


def test_a_session_without_anybody_asked_has_no_rate() -> None:
    of = sessions("n.n", "y.n")
    assert isnan(per_course(of).share)
    assert unasked(of) == [2]
    assert isnan(per_course(sessions(".", ".")).share)


def test_an_event_more_never_lowers_the_upper_end() -> None:
    """The event is after the first session, of which most were asked; few were asked after the second."""
    none, one = (per_course(sessions(first, *["nn"] * 9, *["n."] * 90)) for first in ("nn", "yn"))
    assert none.interval.high == pytest.approx(clopper_pearson(0, 10).high)
    assert one.interval.high > none.interval.high


# Per session


@pytest.mark.parametrize("yes", [0, 1, 7, 19, 20])
def test_patients_asked_once_are_independent(yes: int) -> None:
    of = sessions(*["y"] * yes, *["n"] * (20 - yes))
    assert design_effect(of) == pytest.approx(1)
    assert per_session(of).interval == pytest.approx(clopper_pearson(yes, 20))


def test_sessions_that_are_all_alike_within_a_patient_are_as_many_as_patients() -> None:
    of = sessions(*["yyyy"] * 50, *["nnnn"] * 150)
    assert per_session(of).effective == pytest.approx(200, rel=0.01)


def test_without_an_event_patients_are_counted() -> None:
    found = per_session(sessions(*["nnnn"] * 31))
    assert found.effective == 31
    assert found.interval.high == pytest.approx(clopper_pearson(0, 31).high)


def test_a_second_course_like_the_first_adds_nothing() -> None:
    asked, yes = np.ones((40, 3), bool), np.zeros((40, 3), bool)
    yes[:6, 1] = True
    once = one_course(asked, yes)
    twice = one_course(np.vstack([asked, asked]), np.vstack([yes, yes]), np.tile(np.arange(40), 2))
    for rate in (per_session, per_course):
        assert rate(twice).share == rate(once).share
        assert rate(twice).effective <= rate(once).effective + 1e-9
        assert rate(twice).interval.high >= rate(once).interval.high - 1e-9


# How often the truth is held


def beta(rng: np.random.Generator, share: float, alike: float, n: int) -> Any:
    """Each patient's own share: mean `share`, and answers of one patient correlated by `alike`."""
    return np.full(n, share) if alike == 0 else rng.beta(share * (1 / alike - 1), (1 - share) * (1 / alike - 1), n)


@pytest.mark.slow
@pytest.mark.parametrize("patients", [30, 200])
@pytest.mark.parametrize("share", [0.02, 0.06, 0.2])
@pytest.mark.parametrize("alike", [0, 0.1, 0.3])
def test_intervals_per_session_hold_the_truth_at_least_95_times_in_100(patients: int, share: float, alike: float) -> None:
    """1 to 7 sessions a patient. Measured in 1,500 runs of 30, 60 and 200 patients at rates of .5, 2, 6 and 20 %: .946 to .999, correlated by .3
    .955 to .995; sessions taken as independent cover .82 to .94 there.
    """
    rng = np.random.default_rng(11)
    runs = 600
    held = plain = 0
    for _ in range(runs):
        lengths = rng.integers(1, 8, patients)
        asked = np.arange(7) < lengths[:, None]
        yes = asked & (rng.random((patients, 7)) < beta(rng, share, alike, patients)[:, None])
        low, high = per_session(one_course(asked, yes)).interval
        held += low <= share <= high
        low, high = clopper_pearson(int(yes.sum()), int(asked.sum()))
        plain += low <= share <= high
    # Of 600 runs at a coverage of .95 fewer than .93 are 1 in 60.
    assert held / runs >= 0.93
    if alike == 0.3 and patients == 200:
        assert plain / runs < 0.9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("patients", "share", "asked", "alike", "courses"),
    [(60, 0.05, 1, 0, 1), (60, 0.05, 0.5, 0, 1), (150, 0.2, 0.5, 0, 1), (400, 0.05, 0.5, 0.1, 1), (150, 0.05, 0.5, 0.3, 3)],
)
def test_intervals_per_course_hold_the_truth_at_least_95_times_in_100(
    patients: int, share: float, asked: float, alike: float, courses: int
) -> None:
    """Four sessions, each with the same risk; `alike` correlates the courses of a patient, and within one its sessions.

    Measured in 1,500 runs: .951 or more for 30 to 400 patients, shares of 5 and 20 %, all or half of the sessions asked about, also
    where courses end early or the risk is all in the last session. At `alike` .3 with half asked and 20 %: .945 at 150 patients,
    .90 to .92 at 400, as the share is 21.6 % on average then.
    """
    rng = np.random.default_rng(12)
    runs, held = 500, 0
    for _ in range(runs):
        patient = np.repeat(np.arange(patients), rng.integers(1, courses + 1, patients))
        risk = 1 - (1 - beta(rng, share, alike, patients)[patient]) ** 0.25
        was_asked = rng.random((len(patient), 4)) < asked
        low, high = per_course(
            one_course(was_asked, was_asked & (rng.random((len(patient), 4)) < risk[:, None]), patient)
        ).interval
        held += low <= share <= high
    assert held / runs >= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("courses", [84, 150, 250])
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (0, 0, 0, 1)], ids=["each session", "the last session"])
def test_no_damage_is_hardly_ever_supported_where_5_in_100_have_it(courses: int, shape: tuple[int, ...]) -> None:
    """Half of the sessions are asked about; supported: none seen, and the upper end below 5 %.

    Measured in 20,000 runs of 84, 150 and 250 courses, with the same risk after each session or all of it after the last: .000, .005 and
    .002. Were courses asked about at all taken for whole ones: .12, .02 and .002.
    """
    rng = np.random.default_rng(13)
    at = np.array(shape) / sum(shape)
    risk = 1 - 0.95**at
    runs, supported, whole = 2_000, 0, 0
    for _ in range(runs):
        asked = rng.random((courses, 4)) < 0.5
        if (asked & (rng.random((courses, 4)) < risk)).any():
            continue
        supported += per_course(one_course(asked, np.zeros_like(asked))).interval.high < 0.05
        whole += clopper_pearson(0, int(asked.any(axis=1).sum())).high < 0.05
    assert supported / runs <= 0.03
    if courses == 84:
        assert whole / runs > 0.08
