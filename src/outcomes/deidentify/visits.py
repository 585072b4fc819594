"""The rows of an export in time: constants carried, visits merged, sessions counted, scores at their own day, days and ages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from outcomes.definitions.columns import COLUMN, CONSTANT_WITHIN_COURSE, CONSTANT_WITHIN_PATIENT, EVENTS, START_YEAR
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.deidentify.dates import years_between
from outcomes.deidentify.mapping import APPOINTMENT, SCORED_ON, SESSION, Mapping
from outcomes.deidentify.values import BORN, DATE
from outcomes.errors import Breach
from outcomes.tabular.engines import ROW

COURSE = "course"
SCORED_AT = "scored_at"
"""The date of the visit in whose row of the export the scores stand."""

ADDED = "is_added"
"""Whether a row is an assessment that the export holds in the row of a visit on another day."""

OLDEST = 90
_YEAR = 365.25
_SCALES = tuple(endpoint.scale_column for endpoint in ENDPOINTS.values())
SCORES = (
    *(endpoint.score_column for endpoint in ENDPOINTS.values()),
    "gais",
    "gais_by",
    "satisfaction",
    "assessor_id",
    "blinded",
)
EVENTS_TOLD = (*EVENTS, "event_days")
_OF_A_PATIENT = {**CONSTANT_WITHIN_PATIENT, BORN: "date of birth"}
_WHO_AND_WHERE = ("patient_id", "course_id", "area", "clinic_id", "provider_id", "assessor_id")
_LONGEST = COLUMN["day"].high
_FIRST_DAY = date(1950, 1, 1).toordinal()


class Timed(NamedTuple):
    """`visits`: one row per visit of a course with every column of the contract that is recorded, `date` and
    `scored_at`. `breaches`: what does not fit together. The counts explain why there are more or fewer visits than rows.
    """

    visits: pd.DataFrame
    breaches: list[Breach]
    undated: int
    unticked: int
    merged: int
    added: int
    ages_topped: int
    filled: int


def in_courses(rows: pd.DataFrame, mapping: Mapping) -> tuple[pd.DataFrame, list[Breach]]:
    """Rows with `course`, what is constant within a patient or course carried to its other rows; and where it is not constant."""
    rows = rows.copy()
    for column in {"area", "course_id", "clinic_id"} & set(rows):
        by_patient = rows.groupby("patient_id")[column]
        single = by_patient.transform("nunique") == 1
        rows[column] = rows[column].where(rows[column].notna() | ~single, by_patient.transform("first"))
    within = rows.get("course_id", pd.Series(None, index=rows.index, dtype=object))
    if "area" in rows:
        within = within.where(within.notna(), rows["area"])
    rows[COURSE] = rows["patient_id"] + "/" + within.fillna("").astype(object)
    breaches: list[Breach] = []
    for key, group, constants in (("patient_id", "patient", _OF_A_PATIENT), (COURSE, "course", CONSTANT_WITHIN_COURSE)):
        for column in [name for name in constants if name in rows]:
            place = mapping.place("age" if column == BORN else column)
            rule = f"the {constants[column]} is the same on all rows of a {group}"
            breaches += [
                Breach(row, place, f"differs from row {first}; {rule}") for row, first in _differing(rows, [key], column)
            ]
            rows[column] = rows[column].where(rows[column].notna(), rows.groupby(key)[column].transform("first"))
    # Said of the patient as a whole, in a row that is of no course: it holds for every course that says nothing else.
    whole = rows[rows[COURSE].str.endswith("/") & rows[DATE].isna()].drop_duplicates("patient_id").set_index("patient_id")
    for column in [name for name in CONSTANT_WITHIN_COURSE if name in rows]:
        rows[column] = rows[column].where(rows[column].notna(), rows["patient_id"].map(whole[column]))
    return rows, breaches


def timed(rows: pd.DataFrame, mapping: Mapping, blanks: dict[str, Any]) -> Timed:
    """Rows of `in_courses` -> visits with `day`, `start_year`, `age`, `sessions_completed` and `treated`.

    `blanks`: column -> what its blank means in a visit, where the mapping says so.
    """
    undated, unticked = _undated_values(rows, mapping)
    breaches = [*undated, *_misdated(rows, mapping)]
    dated = rows[rows[DATE].notna()].assign(**{DATE: lambda frame: frame[DATE].astype("int64")})
    if dated.empty:
        return Timed(dated, breaches, len(rows) - unticked, unticked, 0, 0, 0, 0)
    dated, rated, twice = _further_raters(dated, mapping)
    breaches += twice
    visits, clashes = _merged(dated.drop(columns=[name for name in ("age", BORN) if name in dated]), mapping)
    breaches += clashes
    told = len(visits)
    visits = visits.sort_values([COURSE, DATE], ignore_index=True)
    filled = 0
    for column, value in blanks.items():
        filled += int(visits[column].isna().sum())
        visits[column] = visits[column].where(visits[column].notna(), value)
    visits, uncounted = _counted(visits, mapping)
    visits, unplaced = _scores_at_their_day(visits, mapping)
    breaches += [*uncounted, *unplaced]
    after, clashes = _merged(visits, mapping)
    after["treated"] = after["treated"].where(~after.pop(ADDED), "no")
    added = len(after) - told
    after = _with_raters(after, rated)
    ages, misfits, topped = _ages(rows, mapping)
    after["age"] = after["patient_id"].map(ages)
    began = after.groupby(COURSE)[DATE].transform("min")
    after["day"] = after[DATE] - began
    after, misplaced = _with_start_year(after, began, mapping)
    # A score that could not be placed stands where it may differ from what is there.
    breaches += [*([] if unplaced else clashes), *misfits, *misplaced]
    late = after[after["day"] > _LONGEST]
    breaches += [
        Breach(int(row), mapping.place("day"), f"is more than {_LONGEST:,} days after the first visit of the course")
        for row in late[ROW]
    ]
    return Timed(
        after, breaches, len(rows) - len(dated) - unticked, unticked, len(dated) - told - len(rated), added, topped, filled
    )


def _differing(rows: pd.DataFrame, keys: Sequence[str], column: str) -> Iterator[tuple[int, int]]:
    """Rows whose value is not that of the first row of their group that has one, with that row."""
    known = rows[rows[column].notna()].sort_values(ROW, kind="stable")
    first = known.drop_duplicates(list(keys)).set_index(list(keys))[[ROW, column]]
    joined = known[[*keys, ROW, column]].merge(first, left_on=list(keys), right_index=True, suffixes=("", "_first"))
    other = joined[joined[column] != joined[f"{column}_first"]]
    yield from zip(other[ROW].astype(int), other[f"{ROW}_first"].astype(int), strict=True)


def _merged(rows: pd.DataFrame, mapping: Mapping) -> tuple[pd.DataFrame, list[Breach]]:
    """One row per course and date, blanks filled from the other rows; and where two rows say different things."""
    keys = [COURSE, DATE]
    twice = rows.duplicated(keys, keep=False)
    if not twice.any():
        return rows, []
    # Visits stand first: where an assessment falls on a visit, the visit's own count and treatment hold.
    shared = rows[twice].sort_values([name for name in (ADDED, ROW) if name in rows], kind="stable")
    apart = (*keys, ROW, SCORED_AT, ADDED, *(("sessions_completed",) if ADDED in rows else ()))
    told = [name for name in rows if name not in apart]
    counts = shared.groupby(keys)[told].nunique()
    breaches = [
        Breach(row, mapping.place(column), f"differs from row {first}, which is of the same visit")
        for column in counts.columns[counts.gt(1).any()]
        # What is constant within a patient or course has been compared there.
        if column not in (*_OF_A_PATIENT, *CONSTANT_WITHIN_COURSE)
        for row, first in _differing(shared, keys, column)
    ]
    one = shared.groupby(keys, sort=False).first().reset_index()
    return pd.concat([rows[~twice], one[list(rows)]], ignore_index=True), breaches


def _further_raters(rows: pd.DataFrame, mapping: Mapping) -> tuple[pd.DataFrame, pd.DataFrame, list[Breach]]:
    """Rows without the scores of a visit's further assessors, these scores apart, and where one assessor says two things of a visit."""
    keys = [COURSE, DATE]
    of_rater = [name for name in SCORES if name in rows and name not in ("satisfaction", "assessor_id", *mapping.constants)]
    scores = [name for name in of_rater if name not in ("gais_by", "blinded")]
    if "assessor_id" not in rows or not scores:
        return rows, rows.iloc[:0], []
    rater = rows["assessor_id"].where(rows[scores].notna().any(axis=1))
    is_further = rater.notna() & (rater != rater.groupby([rows[name] for name in keys]).transform("first"))
    if not is_further.any():
        return rows, rows.iloc[:0], []
    own = [*keys, "assessor_id"]
    further = rows.loc[is_further, [*own, ROW, *of_rater]]
    breaches = [
        Breach(row, mapping.place(column), f"differs from row {first}, which is of the same visit and assessor")
        for column in of_rater
        for row, first in _differing(further, own, column)
    ]
    left = rows.copy()
    left.loc[is_further, [*of_rater, "assessor_id"]] = None
    return left, further.groupby(own, sort=False).first().reset_index(), breaches


def _with_raters(visits: pd.DataFrame, rated: pd.DataFrame) -> pd.DataFrame:
    """Visits with a row for each further assessor: as that of the first, but for what the assessor says."""
    if rated.empty:
        return visits
    of_rater = [name for name in rated if name not in (COURSE, DATE)]
    told = rated.rename(columns={DATE: SCORED_AT}).astype({SCORED_AT: "float64"})
    others = visits.drop(columns=of_rater).astype({SCORED_AT: "float64"}).merge(told, on=[COURSE, SCORED_AT])
    return pd.concat([visits, others[list(visits)]], ignore_index=True)


def _undated_values(rows: pd.DataFrame, mapping: Mapping) -> tuple[list[Breach], int]:
    """Rows that hold what only a visit has, but no date; and how many hold nothing of it but boxes that are not ticked.

    A form that was never filled in is exported with every box as 0: such a row is no visit.
    """
    fixed = {*_WHO_AND_WHERE, *_OF_A_PATIENT, *CONSTANT_WITHIN_COURSE, *mapping.constants, *_SCALES, "age", COURSE, ROW, DATE}
    of_visits = rows.loc[rows[DATE].isna(), [name for name in rows if name not in fixed]]
    said = of_visits.notna()
    for column in [name for name in of_visits if name in COLUMN and COLUMN[name].kind == "yes/no"]:
        said[column] &= of_visits[column] != "no"
    is_visit = said.any(axis=1)
    unticked = of_visits.notna().any(axis=1) & ~is_visit
    problem = "blank, but the row holds values of a visit"
    numbers = rows.loc[is_visit[is_visit].index, ROW]
    return [Breach(int(row), mapping.place("day"), problem) for row in numbers], int(unticked.sum())


def _misdated(rows: pd.DataFrame, mapping: Mapping) -> Iterator[Breach]:
    """Visits that can't have been: an appointment yet to come would be counted as a session."""
    day, place = rows[DATE].astype(float), mapping.place("day")
    booked = "" if APPOINTMENT in mapping.columns else f"; a booking is no visit: map what became of it as {APPOINTMENT}"
    for row in rows.loc[day < _FIRST_DAY, ROW]:
        yield Breach(int(row), place, "is not between 1950 and today")
    for row in rows.loc[day > date.today().toordinal(), ROW]:
        yield Breach(int(row), place, f"is not between 1950 and today{booked}")


def _counted(visits: pd.DataFrame, mapping: Mapping) -> tuple[pd.DataFrame, list[Breach]]:
    """Visits in order -> with `sessions_completed`, the sessions given before each, and `treated`."""
    breaches: list[Breach] = []
    given = visits["treated"] if "treated" in visits else pd.Series(None, index=visits.index, dtype=object)
    if SESSION in visits:
        number = visits[SESSION].astype(float).where(lambda n: n >= 1)
        unnumbered = visits[number.isna() & given.eq("yes")]
        problem = "blank, but the row says that a session was given"
        breaches += [Breach(int(row), mapping.place(SESSION), problem) for row in unnumbered[ROW]]
        number = number.where(~given.eq("no"))
        before = number.groupby(visits[COURSE]).cummax().groupby(visits[COURSE]).ffill().groupby(visits[COURSE]).shift().fillna(0)
        completed = (number - 1).where(number.notna(), before)
        treated = given.where(given.notna(), number.notna().map({True: "yes", False: "no"}))
    elif "sessions_completed" in visits:
        completed = visits["sessions_completed"].astype(float)
        treated = pd.Series("yes", index=visits.index) if mapping.scores == "after" and "treated" not in visits else given
    else:
        treated = given if "treated" in visits else pd.Series("yes", index=visits.index)
        problem = 'blank, but sessions are counted from it; if a blank means no, write "" = "no" under [values.treated]'
        breaches += [Breach(int(row), mapping.place("treated"), problem) for row in visits.loc[treated.isna(), ROW]]
        is_given = treated.eq("yes").astype(float)
        completed = is_given.groupby(visits[COURSE]).cumsum() - is_given
    kept = visits.drop(columns=[name for name in (SESSION,) if name in visits])
    return kept.assign(treated=treated.astype(object), sessions_completed=completed), breaches


def _scores_at_their_day(visits: pd.DataFrame, mapping: Mapping) -> tuple[pd.DataFrame, list[Breach]]:
    """Scores taken on another day than the session of their row become a row of their own, marked `ADDED`.

    Scores taken after the session of their row count one session more, and what happened since is told with them.
    """
    is_after = mapping.scores == "after"
    own = visits.get(SCORED_ON, pd.Series(None, index=visits.index, dtype=object)).astype(float)
    visits = visits.drop(columns=[SCORED_ON], errors="ignore").assign(**{SCORED_AT: visits[DATE], ADDED: False})
    movable = [name for name in (*SCORES, *(EVENTS_TOLD if is_after else ())) if name in visits and name not in mapping.constants]
    # Who scored, and how, is no score.
    scored = visits[[name for name in movable if name not in ("gais_by", "assessor_id", "blinded")]].notna().any(axis=1)
    treated = visits["treated"].eq("yes")
    late = scored & treated & is_after
    moved: pd.Series = late | (scored & own.notna() & (own != visits[DATE]))
    if not moved.any():
        return visits, []
    dates = visits.groupby(COURSE)[DATE]
    following = dates.shift(-1)
    # A visit that keeps scores of its own can't take those of the session before.
    is_full = (scored & ~moved).groupby(visits[COURSE]).shift(-1, fill_value=False)
    sessions = visits[DATE].where(treated).groupby(visits[COURSE])
    next_session = sessions.bfill().groupby(visits[COURSE]).shift(-1)
    last_session = sessions.ffill().groupby(visits[COURSE]).shift(1)
    waited = np.fmin(visits[DATE] + (mapping.scores_days_after or np.nan), following)
    waited = waited.where(~(is_full & (waited == following)), following - 1)
    target = own.where(own.notna(), waited.where(late & (mapping.scores_days_after is not None)))
    problems = {
        "blank, but the row has scores taken after its session": moved & target.isna(),
        'is not after the session of its row, but scores = "after"': late & own.notna() & (own <= visits[DATE]),
        'is after the session of its row, but scores = "before"': moved & treated & (not is_after) & (own > visits[DATE]),
        "is after the next session of the course": moved & (own > next_session),
        "is not after the session before": moved & ~late & (own <= last_session),
        "the next visit is too soon for scores after this session": late & own.isna() & (target <= visits[DATE]),
    }
    place = mapping.place(SCORED_ON if SCORED_ON in mapping.columns else "day")
    breaches = [Breach(int(row), place, problem) for problem, wrong in problems.items() for row in visits.loc[wrong, ROW]]
    target = target.where(target.notna(), visits[DATE])
    constant = [*_WHO_AND_WHERE, *CONSTANT_WITHIN_PATIENT, *CONSTANT_WITHIN_COURSE, *_SCALES, COURSE, ROW, SCORED_AT]
    staff = {"provider_id", "assessor_id"} - mapping.constants.keys()
    kept = [name for name in visits if name in (*constant, *mapping.constants) and name not in staff]
    assessed = visits.loc[moved, list(dict.fromkeys([*kept, *movable]))].assign(
        **{DATE: target[moved].astype("int64"), ADDED: True},
        sessions_completed=visits["sessions_completed"][moved] + late[moved].astype(float),
    )
    visits.loc[moved, movable] = None
    visits.loc[moved, SCORED_AT] = np.nan
    rest = visits.assign(**{SCORED_AT: visits[SCORED_AT].where(scored & ~moved)})
    return pd.concat([rest, assessed], ignore_index=True), breaches


def _with_start_year(visits: pd.DataFrame, began: pd.Series, mapping: Mapping) -> tuple[pd.DataFrame, list[Breach]]:
    """Visits with the year in which their course began: that of its first visit, or an earlier one that the export says."""
    if not mapping.has_start_year:
        return visits, []
    year = began.map(lambda day: date.fromordinal(int(day)).year)
    told = visits[START_YEAR].astype(float) if START_YEAR in visits else pd.Series(np.nan, index=visits.index)
    late = visits[told > year].drop_duplicates(COURSE)
    problem = "is after the year of the course's first visit"
    breaches = [Breach(int(row), mapping.place(START_YEAR), problem) for row in late[ROW]]
    known = told.fillna(year.where(year >= COLUMN[START_YEAR].low))
    return visits.assign(**{START_YEAR: known.astype("Int64").astype(object)}), breaches


def _ages(rows: pd.DataFrame, mapping: Mapping) -> tuple[dict[str, int], list[Breach], int]:
    """Age at the first visit by patient, ages that don't fit, and how many were above 90 and became it."""
    first = rows.groupby("patient_id")[DATE].min().dropna().astype(int)
    ages: dict[str, int] = {}
    breaches: list[Breach] = []
    place = mapping.place("age")
    if BORN in rows:
        for patient, born, row in _first_of(rows, BORN):
            if patient in first:
                age = years_between(date.fromordinal(int(born)), date.fromordinal(first[patient]))
                if not 0 <= age <= 120:
                    breaches.append(Breach(row, place, "is not a date of birth up to 120 years before the first visit"))
                ages[patient] = age
    if "age" in rows:
        recorded = rows[rows["age"].notna() & rows["patient_id"].isin(first.index) & ~rows["patient_id"].isin(list(ages))]
        told = recorded[["patient_id", ROW]].assign(age=recorded["age"].astype(float), day=recorded[DATE].astype(float))
        told["day"] = told["day"].where(told["day"].notna(), told["patient_id"].map(first))
        start = told.sort_values(["day", ROW]).drop_duplicates("patient_id").set_index("patient_id")
        since_first = ((start["day"] - first.reindex(start.index)) / _YEAR).astype(int)
        ages |= (start["age"] - since_first).clip(lower=0).astype(int).to_dict()
        gained = told["age"] - told["patient_id"].map(start["age"])
        passed = (told["day"] - told["patient_id"].map(start["day"])) / _YEAR
        # The age at the start may stand in every row, or the age of the day.
        wrong = told[(gained.abs() > 1) & ((gained - passed).abs() > 1)]
        breaches += [Breach(int(row), place, "does not fit the patient's age in an earlier row") for row in wrong[ROW]]
    topped = sum(age > OLDEST - 1 for age in ages.values())
    return {patient: min(age, OLDEST) for patient, age in ages.items()}, breaches, topped


def _first_of(rows: pd.DataFrame, column: str) -> Iterator[tuple[str, int, int]]:
    known = rows[rows[column].notna()].drop_duplicates("patient_id")
    yield from zip(known["patient_id"], known[column].astype(int), known[ROW].astype(int), strict=True)
