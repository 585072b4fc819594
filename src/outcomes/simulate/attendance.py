"""How an invented patient attends: who comes, who stops when, which visits there are, and what goes unrecorded.

Arrays are course x visit.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from outcomes.definitions.columns import ADVERSE, COLUMN
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.simulate.scores import EFFECTS, Array

Stopping = Literal["random", "satisfied", "disappointed"]
SESSIONS = 8
"""The most sessions of one course."""

VISITS = np.arange(SESSIONS + 1)
"""A course's regular visits, each after so many sessions; 0 is the baseline."""

SKIN_TYPE_SHARES = (0.08, 0.20, 0.28, 0.24, 0.14, 0.06)
PIH_AT_BASELINE = (0.25, 0.35, 0.50, 0.70, 0.80, 0.85)
NEW_PIH_PER_SESSION = (0.01, 0.01, 0.01, 0.03, 0.03, 0.03)
"""By skin type, I to VI."""

USUAL_RATE = 0.005
EVENTS_PER_SESSION = dict.fromkeys(ADVERSE, USUAL_RATE) | {
    "prolonged_erythema": 0.03,
    "infection": 0.003,
    "herpes_flare": 0.005,
    "tram_tracks": 0.003,
    "scar_worsening": 0.003,
    "other_event": 0.01,
}
"""Every adverse event of the contract; one without a rate of its own has the usual one."""

STOPPING_PER_GRADE = {"random": 0.0, "satisfied": 2.0, "disappointed": -2.0}
"""Log odds of not going on, per grade gained; half of it in skin types IV to VI."""

STOPPING_AT_ONE_GRADE = -1.9
"""Log odds of not going on at a gain of one grade."""

ONGOING, FINISHED, STOPPED = (list(COLUMN["status"].categories).index(name) for name in ("ongoing", "finished", "stopped"))
START_YEARS = {2022: (0.0, 0.28), 2023: (0.0, 0.29), 2024: (0.15, 0.28), 2025: (0.85, 0.15)}
"""Year -> its share of the courses that were recent when the records were exported, and of the others."""

FOLLOW_UP_DAYS = (91, 183, 365)
FOLLOW_UP_GAIN = (1.13, 1.18, 1.20)
"""Improvement goes on after the last session: the gain at each follow-up as a multiple of that at one month."""


class Courses(NamedTuple):
    """Who is treated, one entry per course; `patient` counts from 0 within a chunk, `number` is 0 or 1 within a patient."""

    patient: Array
    number: Array
    skin_type: Array
    age: Array
    sex: Array
    area: Array
    has_pih: Array


class Misses(NamedTuple):
    """What goes unrecorded, whatever the scores: rows (course x visit), visits over 60 days late, scores by endpoint."""

    is_absent: Array
    is_late: Array
    is_scored: dict[str, Array]


class Attendance(NamedTuple):
    """How each course goes. `last` is the visit after the last session; who `leaves` was treated there, and is not seen again.

    `is_recent`: the records were exported before the course could have run as agreed, whatever became of it.
    """

    planned: Array
    last: Array
    status: Array
    leaves: Array
    is_recent: Array


class Visits(NamedTuple):
    """One entry per recorded row. `slot` 0 to 8 is the visit after that many sessions, 9 to 11 are follow-ups."""

    course: Array
    slot: Array
    day: Array
    sessions: Array
    is_treated: Array


def draw_courses(random: np.random.Generator, patients: int, two_areas: float = 0.05) -> Courses:
    """Who comes: skin types in their shares, a share of `two_areas` with a second course on another area."""
    skin_type = _in_shares(random, SKIN_TYPE_SHARES, patients)
    age = np.clip(np.rint(17 + 4.2 * random.standard_gamma(4.0, patients)), 18, 62).astype(np.int16)
    age[10::110] = 20
    patient = np.repeat(np.arange(patients), 1 + (random.random(patients) < two_areas))
    number = np.append(0, patient[1:] == patient[:-1])
    sex = random.choice(3, patients, p=[0.70, 0.29, 0.01])
    area = random.choice(10, patients, p=[0.34, 0.34, 0.08, 0.12, 0.02, 0.05, 0.03, 0.01, 0.005, 0.005])
    # A second course is on another area.
    areas = (area[patient] + number * random.integers(1, 6, len(patient))) % 10
    has_pih = random.random(len(patient)) < np.take(PIH_AT_BASELINE, skin_type)[patient]
    return Courses(patient, number, skin_type[patient], age[patient], sex[patient], areas, has_pih)


def _in_shares(random: np.random.Generator, shares: tuple[float, ...], n: int) -> Array:
    """`n` codes in just these shares, up to rounding, in random order."""
    ends = np.rint(np.cumsum(shares) * n).astype(int)
    return random.permutation(np.repeat(np.arange(len(shares)), np.diff(ends, prepend=0)))


def draw_misses(random: np.random.Generator, courses: Courses) -> Misses:
    """What goes unrecorded, by chance alone."""
    n = len(courses.patient)
    is_absent = random.random((n, SESSIONS + 1)) < 0.02
    is_absent[:, 0] &= ~is_absent[:, 1]
    is_late = random.random((n, SESSIONS + 1)) < 0.015
    is_late[:, 0] = False
    is_late[3::90, 1] = True
    is_scored = {name: random.random((n, SESSIONS + 1 + len(FOLLOW_UP_DAYS))) > 0.04 for name in EFFECTS}
    is_scored["scarring"][5::90, 0] = False
    is_scored["pih"][random.random(n) < 0.12] = False
    is_scored["fine_lines"][courses.age < 36] = False
    return Misses(is_absent, is_late, is_scored)


def last_recorded(scores: dict[str, Array], misses: Misses) -> dict[str, Array]:
    """What the records show at each regular visit: an unrecorded score leaves the one before it standing.

    Without a score at the baseline no gain is seen: the first score stands at every visit.
    """
    shown = {}
    for name, score in scores.items():
        is_seen = misses.is_scored[name][:, : SESSIONS + 1] & ~misses.is_absent & ~misses.is_late
        visit = np.maximum.accumulate(np.where(is_seen & is_seen[:, :1], VISITS, 0), axis=1)
        shown[name] = np.take_along_axis(score, visit, axis=1)
    return shown


def draw_attendance(random: np.random.Generator, courses: Courses, gained: Array, stopping: Stopping) -> Attendance:
    """Who stops when: early by the grades `gained` at each visit, else by the plan or at the export, whatever the scores."""
    n = len(gained)
    planned = random.choice([3, 4, 5, 6, 8], n, p=[0.16, 0.18, 0.14, 0.47, 0.05])
    agreed = np.minimum(planned + random.choice(3, n, p=[0.8, 0.12, 0.08]), SESSIONS)
    exported = np.where(random.random(n) < 0.22, np.floor(random.random(n) * planned), SESSIONS + 1)

    pull = STOPPING_PER_GRADE[stopping] * np.where(courses.skin_type >= SKIN_TYPES.index("IV"), 0.5, 1.0)
    hazard = 1 / (1 + np.exp(-STOPPING_AT_ONE_GRADE - pull[:, None] * (gained - 1)))
    hazard[:, 0] = 0.04
    stops = (random.random(gained.shape) < hazard) & (planned[:, None] > VISITS)
    stopped = np.where(stops.any(axis=1), stops.argmax(axis=1), SESSIONS + 1)

    is_ongoing = exported < np.minimum(stopped, agreed)
    last = np.minimum.reduce([stopped, agreed, exported]).astype(int)
    vanished = (random.random(n) < 0.12) & (stopped == last)
    status = np.where(is_ongoing, ONGOING, np.where(last >= planned, FINISHED, STOPPED))
    return Attendance(planned, last, status, is_ongoing | vanished, exported <= SESSIONS)


def draw_start_years(random: np.random.Generator, attendance: Attendance) -> Array:
    """The year in which each course began: most of those that were recent at the export in the last one. Nothing else depends on it."""
    years, recent, others = zip(*((year, *shares) for year, shares in START_YEARS.items()), strict=True)
    n = len(attendance.planned)
    return np.where(attendance.is_recent, random.choice(years, n, p=recent), random.choice(years, n, p=others))


def draw_waits(random: np.random.Generator, is_late: Array) -> Array:
    """Days since the visit before: about 30, or over 60 where a patient comes late."""
    wait = random.normal(30, 4, is_late.shape).clip(21, 59)
    return np.where(is_late, 62 + 17 * random.random(wait.shape), wait)


def draw_visits(random: np.random.Generator, attendance: Attendance, is_absent: Array, wait: Array) -> Visits:
    """The rows that are recorded: a visit `wait` days after the one before, unless `is_absent`, and some follow-ups."""
    last = attendance.last[:, None]
    regular = np.cumsum(np.where(VISITS == 0, 0, np.rint(wait)), axis=1)
    last_session = np.take_along_axis(regular, np.maximum(last - 1, 0), axis=1)
    later = np.rint(random.normal(FOLLOW_UP_DAYS, 3, (len(last), len(FOLLOW_UP_DAYS))).clip(85))

    chance = np.where(attendance.status[:, None] == FINISHED, (0.35, 0.20, 0.03), (0.15, 0.08, 0.02))
    follows = (random.random(chance.shape) < chance) & ~attendance.leaves[:, None] & (last > 0)
    # Nobody comes for a follow-up before the visit after the last session.
    follows &= last_session + later > np.take_along_axis(regular, last, axis=1)
    # The first visit is always in the records of those who came once.
    is_recorded = (last >= VISITS) & ~(is_absent & ((last > 0) | (VISITS > 0)))
    is_treated = (last > VISITS) | ((last == VISITS) & attendance.leaves[:, None])
    # A session entered once too often, at the assessment after the last one: the next count does not rise.
    is_assessed = np.take_along_axis(is_recorded, last, axis=1)[:, 0] & follows.any(axis=1)
    is_treated |= (last == VISITS) & planted(is_assessed, 2, 25)[:, None]

    exists = np.hstack([is_recorded, follows])
    course, slot = np.nonzero(exists)
    day = np.hstack([regular, last_session + later])[exists]
    treated = np.hstack([is_treated, np.zeros_like(follows)])[exists]
    return Visits(course, slot, day, np.minimum(slot, attendance.last[course]), treated)


def planted(eligible: Array, offset: int, every: int) -> Array:
    """True at one in `every` of those eligible, beginning after `offset`: a sample of 100 patients has at least one."""
    planted = np.zeros(len(eligible), bool)
    planted[np.flatnonzero(eligible)[offset::every]] = True
    return planted
