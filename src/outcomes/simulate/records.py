"""The columns of the invented records: what a clinic would write down at each visit. Arrays are one entry per row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from outcomes.definitions.columns import COLUMN, COLUMNS, START_YEAR
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.simulate.attendance import (
    EVENTS_PER_SESSION,
    NEW_PIH_PER_SESSION,
    SESSIONS,
    Courses,
    Stopping,
    Visits,
    draw_start_years,
    planted,
)
from outcomes.simulate.histories import HISTORIES, History, Kept
from outcomes.simulate.scores import EFFECTS, Array

ASSESSORS = ("A1", "A4", "A6")


def draw_records(
    random: np.random.Generator,
    patients: int,
    first: int,
    keys: Array,
    stopping: Stopping,
    kept: Kept,
    of_years: np.random.Generator,
) -> pd.DataFrame:
    """The records of so many patients, one row per visit; `first` is the number of the first of them in the sample.

    The years in which courses began are drawn by `of_years`, a generator of their own.

    Text columns are categories and whole numbers nullable integers, so that they are written fast.
    """
    history = HISTORIES[kept](random, patients, stopping)
    courses, visits = history.courses, history.visits
    events = _events(random, history)
    columns = {
        **_identity(random, history, first, keys[:4]),
        START_YEAR: _whole(draw_start_years(of_years, history.attendance)[history.visits.course]),
        **_assessments(random, history, events["new_pih"] == 1),
        **_global_scores(random, history),
        **_treatment(random, courses, visits, first, keys[4:]),
        **_screening(random, courses, visits),
        **{name: _whole(codes) if name == "event_days" else _yes_no(codes) for name, codes in events.items()},
    }
    return _rated_again(pd.DataFrame({column.name: columns[column.name] for column in COLUMNS}), history)


def _identity(random: np.random.Generator, history: History, first: int, keys: Array) -> dict[str, Any]:
    courses, attendance, visits = history.courses, history.attendance, history.visits
    course = visits.course
    names = _codes("P", np.arange(first, first + courses.patient[-1] + 1), keys)
    provider = random.integers(0, 3, len(courses.patient))
    return {
        "patient_id": _words(names, courses.patient[course]),
        "area": _category("area", courses.area[course]),
        "course_id": _words(["C1", "C2"], courses.number[course]),
        "clinic_id": _words([history.clinic], np.zeros(len(course))),
        "provider_id": _words(["D2", "D5", "D8"], provider[course]),
        "fitzpatrick": _category("fitzpatrick", courses.skin_type[course]),
        "age": _whole(courses.age[course]),
        "sex": _category("sex", courses.sex[course]),
        "planned_sessions": _whole(attendance.planned[course]),
        "status": _category("status", attendance.status[course]),
        "day": _whole(visits.day),
        "sessions_completed": _whole(visits.sessions),
    }


def _assessments(random: np.random.Generator, history: History, new_pih: Array) -> dict[str, Any]:
    visits, has_pih = history.visits, history.courses.has_pih
    columns: dict[str, Any] = {}
    for name, effect in EFFECTS.items():
        score = history.scores[name][visits.course, visits.slot]
        if name == "pih":
            score = np.where(has_pih[visits.course], score, SCALES[effect.scale].low + 3 * new_pih)
        is_scored = history.is_scored[name][visits.course, visits.slot]
        columns[ENDPOINTS[name].scale_column] = _words([effect.scale], np.where(is_scored, 0, -1))
        columns[ENDPOINTS[name].score_column] = _whole(np.where(is_scored, SCALES[effect.scale].turned(score), -1))
    return {**columns, **_raters(random, history)}


def _raters(random: np.random.Generator, history: History) -> dict[str, Any]:
    """Who scored, A6 blind, where a score was taken; sometimes nobody noted whether blind."""
    is_judged = history.is_judged[history.visits.course, history.visits.slot]
    assessor = random.integers(0, 3, len(is_judged))
    is_noted = random.random(len(assessor)) > 0.1
    if history.is_blind is not None:
        assessor = np.where(history.is_blind[history.visits.course, history.visits.slot], 2, 0)
    return {
        "assessor_id": _words(ASSESSORS, np.where(is_judged, assessor, -1)),
        "blinded": _yes_no(np.where(is_judged & is_noted, assessor == 2, -1)),
    }


def _rated_again(records: pd.DataFrame, history: History) -> pd.DataFrame:
    """A second row after each visit that the other rater scored as well; it differs in the rater and the scores."""
    visits = history.visits
    rows = np.flatnonzero(history.is_rated_twice[visits.course, visits.slot])
    if history.is_blind is None or not len(rows):
        return records
    course, slot = visits.course[rows], visits.slot[rows]
    is_blind = ~history.is_blind[course, slot]
    second = records.iloc[rows].assign(assessor_id=_words(ASSESSORS, 2 * is_blind), blinded=_yes_no(is_blind))
    for name, effect in EFFECTS.items():
        column = ENDPOINTS[name].score_column
        score = SCALES[effect.scale].turned(history.second[name][course, slot])
        # PIH that is not there is scored alike by everyone.
        is_new = second[column].notna().to_numpy() & (history.courses.has_pih[course] | (name != "pih"))
        second[column] = _whole(np.where(is_new, score, second[column].fillna(-1)))
    return pd.concat([records, second]).sort_index(kind="stable", ignore_index=True)


def _global_scores(random: np.random.Generator, history: History) -> dict[str, Any]:
    """Impressions from the first session on; they follow the grades gained, with noise of their own."""
    visits, scores = history.visits, history.scores["scarring"]
    gained = scores[visits.course, 0] - scores[visits.course, visits.slot]
    gais = np.clip(np.rint(2 * (3.6 - 0.9 * gained + random.normal(0, 0.5, len(gained)))) / 2, 1, 5)
    satisfaction = np.clip(np.rint(5 + 1.8 * gained + random.normal(0, 1.5, len(gained))), 0, 10)
    is_open = history.is_judged[visits.course, visits.slot] & (visits.slot > 0)
    is_judged = (random.random(len(gained)) > 0.1) & is_open
    is_asked = (random.random(len(gained)) > 0.15) & is_open
    by_clinician = random.random(len(gained)) < 0.7
    return {
        "gais": np.where(is_judged, gais, np.nan),
        "gais_by": _category("gais_by", np.where(is_judged, by_clinician, -1)),
        "satisfaction": _whole(np.where(is_asked, satisfaction, -1)),
    }


def _treatment(random: np.random.Generator, courses: Courses, visits: Visits, first: int, keys: Array) -> dict[str, Any]:
    treated, n = visits.is_treated, len(visits.course)
    on_face = courses.area[visits.course] <= 6
    depth = 10 + np.rint(10 * (random.random(n) + random.random(n)))
    depth = np.where(planted(treated & on_face, 30, 320), 35, depth)
    visit = ((first + courses.patient) * 2 + courses.number)[visits.course] * (SESSIONS + 1) + np.minimum(visits.slot, SESSIONS)
    same_course = np.append(False, visits.course[1:] == visits.course[:-1])
    reused = planted(treated & np.append(False, treated[:-1]) & same_course, 12, 230)
    visit[reused] = visit[np.flatnonzero(reused) - 1]
    return {
        "treated": _yes_no(treated),
        "device": _words(["powered pen 1", "powered pen 2"], np.where(treated, random.random(n) < 0.3, -1)),
        "depth_mm": np.where(treated, depth * 5 / 100, np.nan),
        "passes": _whole(np.where(treated, random.integers(2, 7, n), -1)),
        "adjunct": _category("adjunct", np.where(treated, random.choice(6, n, p=[0.78, 0.10, 0.03, 0.07, 0.01, 0.01]), -1)),
        "tip_code": np.where(treated, _codes("T", visit, keys), np.array(None)),
    }


def _screening(random: np.random.Generator, courses: Courses, visits: Visits) -> dict[str, Any]:
    treated, patient = visits.is_treated, courses.patient[visits.course]
    patients = int(courses.patient[-1]) + 1
    is_asked = random.random(len(patient)) > 0.03
    is_female = courses.sex[visits.course] == 0
    answer = np.where(is_asked, 0, -1)
    since = np.where(random.random(patients) < 0.05, random.integers(12, 90, patients), -1)
    since[20::120] = 2
    has_blood_disorder = np.zeros(patients, bool)
    has_blood_disorder[50::180] = True
    return {
        "pregnant": _yes_no(np.where(is_female, np.where(planted(treated & is_female, 25, 400), 1, answer), -1)),
        "breastfeeding": _yes_no(np.where(is_female, np.where(planted(treated & is_female, 40, 350), 1, answer), -1)),
        "active_skin_cancer": _yes_no(np.where(planted(treated, 70, 600), 1, answer)),
        "blood_disorder": _yes_no(np.where(has_blood_disorder[patient], 1, answer)),
        "isotretinoin_months": _or_never(since[patient], visits.day // 30),
    }


def _events(random: np.random.Generator, history: History) -> dict[str, Array]:
    """Column -> 1 yes, 0 no, -1 not recorded; asked at the visit after each session, not at first visits or follow-ups."""
    courses, visits = history.courses, history.visits
    n = len(visits.course)
    is_asked = (visits.slot > 0) & (visits.slot <= SESSIONS) & (random.random(n) > 0.02)
    is_asked &= history.is_asked[visits.course, visits.slot]
    rates: dict[str, Any] = {"new_pih": np.take(NEW_PIH_PER_SESSION, courses.skin_type)[visits.course], **EVENTS_PER_SESSION}
    events = {name: np.where(is_asked, random.random(n) < rate, -1) for name, rate in rates.items()}
    is_adverse = np.any([events[name] == 1 for name in EVENTS_PER_SESSION], axis=0)
    return {**events, "event_days": np.where(is_adverse, 3 + np.floor(4 * random.standard_gamma(2.0, n)), -1)}


# A code or number below 0 is not recorded.


def _words(words: Iterable[str], codes: Array) -> pd.Categorical:
    return pd.Categorical.from_codes(codes.astype(np.int32), pd.Index(words))


def _category(column: str, codes: Array) -> pd.Categorical:
    return _words(COLUMN[column].categories, codes)


def _yes_no(codes: Array) -> pd.Categorical:
    return _words(["no", "yes"], codes)


def _whole(values: Array) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(values.astype(np.int16), values < 0)


def _or_never(since: Array, later: Array) -> Array:
    """Months since something as text, so much `later`; ``never`` where that is below 0."""
    return np.where(since >= 0, (since + later).astype("U5"), "never").astype(object)


# Digits and letters in turn: no code is a word, a name or a telephone number.
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = np.array([f"{digit}{letter}" for digit in _DIGITS for letter in _LETTERS], dtype="S2")
CODE = rf"[A-Z]([{_DIGITS}][{_LETTERS}]){{4}}\b"
"""What a code looks like, as a regular expression."""


def _codes(prefix: str, index: Array, keys: Array) -> Array:
    """Random-looking codes, a different one for each index below 220 ** 4: `index` is enciphered, not drawn.

    References:
        Luby & Rackoff (1988) SIAM J Comput 17:373-386: four rounds on two halves.
    """
    half = np.uint64(len(_PAIRS) ** 2)
    left, right = np.divmod(index.astype(np.uint64), half)
    for key in keys:
        mixed = (right + key) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        left, right = right, (left + (mixed >> np.uint64(32))) % half
    pairs = [pair for part in (left, right) for pair in np.divmod(part, np.uint64(len(_PAIRS)))]
    text = np.ascontiguousarray(_PAIRS[np.column_stack(pairs).astype(np.int16)]).view("S8").ravel().astype("U8")
    return np.char.add(prefix, text)
