"""What happened to invented patients and how much of it was kept: one history for each way of keeping records.

``fully``: nearly every visit is scored, and who stops looks at what the records show. ``patchily``: what clinics send.
Most courses are scored at baseline, after 3 sessions and after the last, by a rater who expects improvement or by one
who is blind; whoever stops goes by the skin, and most of them are not seen again after their last session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from outcomes.simulate.attendance import (
    FOLLOW_UP_DAYS,
    FOLLOW_UP_GAIN,
    ONGOING,
    SESSIONS,
    STOPPED,
    VISITS,
    Attendance,
    Courses,
    Stopping,
    Visits,
    draw_attendance,
    draw_courses,
    draw_misses,
    draw_visits,
    draw_waits,
    last_recorded,
)
from outcomes.simulate.scores import (
    EFFECTS,
    UNITS_OF_A_GRADE,
    Array,
    Effect,
    Hidden,
    draw_hidden,
    draw_marks,
    draw_scores,
    grades_gained,
    on_scale,
)

Kept = Literal["fully", "patchily"]

SLOTS = SESSIONS + 1 + len(FOLLOW_UP_DAYS)
"""Regular visits and follow-ups of a course."""


class History(NamedTuple):
    """What happened to each course. Arrays are course x slot; `skin` is course x regular visit.

    `skin`: what a blind rater would have marked at every regular visit, whether the patient came or not. `scores`: what
    the rater marked; recorded where `is_scored`. `is_blind`: who rated, None where the records do not depend on it.
    `is_judged`: somebody wrote down how the skin looks; `is_asked`: the patient was asked about adverse events.
    `second`: what the other rater marked; recorded, on a row of its own, where `is_rated_twice`.
    """

    clinic: str
    courses: Courses
    attendance: Attendance
    visits: Visits
    skin: dict[str, Array]
    scores: dict[str, Array]
    is_scored: dict[str, Array]
    is_blind: Array | None
    is_judged: Array
    is_asked: Array
    second: dict[str, Array]
    is_rated_twice: Array


@dataclass(frozen=True)
class Patches:
    """How patchy records are kept: shares of what could have been recorded, 0 to 1, where nothing else is said.

    `alike`: of the variance between courses in severity and pace, the patient's part. `unseen`: of those who stop
    before a visit, the part that does not come to it. `no_shows`: intervals of 61 to 120 days. `expected_grades`: how
    much lower a rater who is not blind marks once two sessions were given.
    """

    two_areas: float = 0.3
    alike: float = 0.8
    unseen: float = 0.7
    no_shows: float = 0.08
    visits_missed: float = 0.04
    scored_at_baseline: float = 0.97
    scored_after_3: float = 0.9
    scored_at_last: float = 0.9
    scored_elsewhere: float = 0.12
    scored_at_follow_up: float = 0.6
    courses_of_scored_rows: float = 0.12
    scored_blind: float = 0.5
    scored_by_both: float = 0.1
    expected_grades: float = 0.33
    asked_about_events: float = 0.6
    status_blank: float = 0.25


PATCHES = Patches()

EXPECTED_FROM = 2
"""Sessions given from which a rater who is not blind expects improvement."""
SCORED_SESSION = 3
"""The session after which a clinic with patchy records scores most patients, besides baseline and the last visit."""


def draw_fully(random: np.random.Generator, patients: int, stopping: Stopping) -> History:
    """Nearly every visit recorded and scored; stopping looks at nothing that the records do not show."""
    courses = draw_courses(random, patients)
    hidden = {name: draw_hidden(random, effect, courses.patient) for name, effect in EFFECTS.items()}
    skin = {name: draw_scores(random, effect, hidden[name], VISITS) for name, effect in EFFECTS.items()}
    misses = draw_misses(random, courses)
    gained = grades_gained(last_recorded(skin, misses), courses.has_pih)
    attendance = draw_attendance(random, courses, gained, stopping)
    visits = draw_visits(random, attendance, misses.is_absent, draw_waits(random, misses.is_late))
    after = _at_follow_ups(attendance.last)
    scores = {
        name: np.hstack([skin[name], draw_scores(random, effect, hidden[name], after, FOLLOW_UP_GAIN)])
        for name, effect in EFFECTS.items()
    }
    always = np.ones((len(courses.patient), SLOTS), bool)
    return History("K7", courses, attendance, visits, skin, scores, misses.is_scored, None, always, always, scores, ~always)


def draw_patchily(random: np.random.Generator, patients: int, stopping: Stopping) -> History:
    """Scored at some sessions, half of it by a rater who expects improvement; stopping looks at the skin, scored or not."""
    courses = draw_courses(random, patients, PATCHES.two_areas)
    n = len(courses.patient)
    hidden = {name: _draw_alike(random, effect, courses.patient) for name, effect in EFFECTS.items()}
    marks = {name: draw_marks(random, effect, hidden[name], VISITS) for name, effect in EFFECTS.items()}
    skin = {name: on_scale(effect, marks[name]) for name, effect in EFFECTS.items()}
    attendance = draw_attendance(random, courses, grades_gained(skin, courses.has_pih), stopping)
    attendance = _leaving_unseen(random, attendance)
    visits = draw_visits(random, attendance, _draw_missed(random, n), _draw_irregular_waits(random, n))

    after = _at_follow_ups(attendance.last)
    is_blind = random.random((n, SLOTS)) < PATCHES.scored_blind
    is_expectant = np.hstack([np.tile(VISITS, (n, 1)), after]) >= EXPECTED_FROM
    scores = {}
    for name, effect in EFFECTS.items():
        marks[name] = np.hstack([marks[name], draw_marks(random, effect, hidden[name], after, FOLLOW_UP_GAIN)])
        scores[name] = _as_expected(name, marks[name], is_expectant & ~is_blind)

    is_scored = _draw_scored(random, courses, attendance)
    is_judged = np.any(list(is_scored.values()), axis=0)
    is_asked = random.random((n, SLOTS)) < PATCHES.asked_about_events
    has_scored_rows_only = random.random(n) < PATCHES.courses_of_scored_rows
    is_kept = ~has_scored_rows_only[visits.course] | is_judged[visits.course, visits.slot] | (visits.slot == 0)
    visits = Visits(*(values[is_kept] for values in visits))
    status = np.where(random.random(n) < PATCHES.status_blank, -1, attendance.status)
    attendance = attendance._replace(status=status)

    is_rated_twice = is_judged & (random.random((n, SLOTS)) < PATCHES.scored_by_both)
    second = {}
    for name, effect in EFFECTS.items():
        # The other rater's noise is another one.
        again = draw_marks(random, effect, hidden[name], VISITS), draw_marks(random, effect, hidden[name], after, FOLLOW_UP_GAIN)
        second[name] = _as_expected(name, np.hstack(again), is_expectant & is_blind)
    return History(
        "K3", courses, attendance, visits, skin, scores, is_scored, is_blind, is_judged, is_asked, second, is_rated_twice
    )


HISTORIES: dict[Kept, Callable[[np.random.Generator, int, Stopping], History]] = {
    "fully": draw_fully,
    "patchily": draw_patchily,
}


def _as_expected(name: str, marks: Array, expects: Array) -> Array:
    """Scores of an endpoint, lower where the rater expects improvement."""
    return on_scale(EFFECTS[name], marks - PATCHES.expected_grades * UNITS_OF_A_GRADE[name] * expects)


def _at_follow_ups(last: Array) -> Array:
    return np.repeat(last[:, None], len(FOLLOW_UP_DAYS), axis=1)


def _draw_alike(random: np.random.Generator, effect: Effect, patient: Array) -> Hidden:
    """As `draw_hidden`, each course by itself alike; two courses of one patient resemble each other more."""
    patients, n = int(patient[-1]) + 1, len(patient)
    alike, own = PATCHES.alike, 1 - PATCHES.alike
    shared = random.standard_normal(patients)[patient]
    severity = np.sqrt(alike) * shared + np.sqrt(own) * random.standard_normal(n)
    pace = random.standard_gamma(4 * alike, patients)[patient] + random.standard_gamma(4 * own, n)
    return Hidden(effect.severity + effect.severity_sd * severity, pace / 4)


def _leaving_unseen(random: np.random.Generator, attendance: Attendance) -> Attendance:
    """Most of those who stop before a visit do not come to it: their last session was given at the visit before."""
    stops = (attendance.status == STOPPED) & (attendance.last > 0)
    is_unseen = stops & (random.random(len(stops)) < PATCHES.unseen)
    return attendance._replace(last=attendance.last - is_unseen, leaves=(attendance.status == ONGOING) | is_unseen)


def _draw_missed(random: np.random.Generator, n: int) -> Array:
    """Regular visits (course x visit) at which a session was given and no row was kept; never the first."""
    return (random.random((n, SESSIONS + 1)) < PATCHES.visits_missed) & (VISITS > 0)


def _draw_irregular_waits(random: np.random.Generator, n: int) -> Array:
    """Days since the visit before: some five weeks, give or take one, or 61 to 120 after an appointment that was not kept."""
    wait = random.normal(34, 8, (n, SESSIONS + 1)).clip(15, 59)
    is_no_show = random.random(wait.shape) < PATCHES.no_shows
    return np.where(is_no_show, random.integers(61, 121, wait.shape), wait)


def _draw_scored(random: np.random.Generator, courses: Courses, attendance: Attendance) -> dict[str, Array]:
    """Whether each endpoint was scored at each slot, had the patient come: the visit decides first, then the endpoint."""
    n = len(courses.patient)
    is_last = (attendance.last[:, None] == VISITS) & ~attendance.leaves[:, None]
    chance = np.full((n, SLOTS), PATCHES.scored_elsewhere)
    chance[:, : SESSIONS + 1][is_last] = PATCHES.scored_at_last
    chance[:, SCORED_SESSION] = PATCHES.scored_after_3
    chance[:, 0] = PATCHES.scored_at_baseline
    chance[:, SESSIONS + 1 :] = PATCHES.scored_at_follow_up
    is_scored_visit = random.random(chance.shape) < chance
    is_scored = {name: is_scored_visit & (random.random(chance.shape) > 0.03) for name in EFFECTS}
    is_scored["pih"][random.random(n) < 0.12] = False
    is_scored["fine_lines"][courses.age < 36] = False
    return is_scored
