"""Rows that can't be read or do not fit, set aside with their courses so that the others become records: none is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from outcomes.deidentify.making import Made, made
from outcomes.deidentify.mapping import Mapping
from outcomes.deidentify.values import Converted
from outcomes.deidentify.visits import COURSE, in_courses
from outcomes.errors import Breach
from outcomes.tabular.engines import ROW

_OF_PATIENTS = ("patient_id", "area", "course_id", "clinic_id", "age", "sex", "fitzpatrick")


class Apart(NamedTuple):
    """What became records, and what was set aside: `breaches` are the reasons, of the `rows` of these numbers in `courses` of `patients`."""

    made: Made
    breaches: tuple[Breach, ...] = ()
    rows: tuple[int, ...] = ()
    courses: int = 0
    patients: int = 0


def all_or_none(
    cells: Converted, mapping: Mapping, breaches: list[Breach], check: Callable[[Made], list[Breach]]
) -> tuple[Apart | None, list[Breach]]:
    """Records of every row, or all that forbids them; `check` tells what of the records breaks the contract."""
    if breaches:
        return None, breaches
    whole = made(cells.rows, cells.is_other, mapping, cells.blanks)
    found = whole.breaches or check(whole)
    return (None, found) if found else (Apart(whole), [])


def set_apart(
    cells: Converted, mapping: Mapping, breaches: list[Breach], check: Callable[[Made], list[Breach]]
) -> tuple[Apart | None, list[Breach]]:
    """Records of the courses in which nothing is broken, those of the others set aside; or what forbids any record.

    What is the same for a patient sets aside all courses of the patient where it is broken. `check` tells what of the records breaks the
    contract.
    """
    rows = cells.rows
    whole = rows[rows["patient_id"].notna()]
    course = in_courses(whole, mapping)[0][COURSE].reindex(rows.index)
    left, reasons = pd.Series(True, index=rows.index), []
    while True:
        if breaches:
            broken = {breach.row for breach in breaches} - {None}
            if not broken:
                return None, breaches
            reasons += breaches
            before = int(left.sum())
            left &= ~_with_their_courses(rows, course, breaches, mapping)
            if int(left.sum()) == before or not left.any():
                return None, reasons
        found = made(rows[left], cells.is_other[left], mapping, cells.blanks)
        breaches = found.breaches or check(found)
        if not breaches:
            break
        if all(breach.row is None for breach in breaches):
            return None, [*reasons, *breaches]
    gone = rows[~left]
    keys = {*course[~left].dropna()}
    # A row that tells only what is constant is of no course of its own where its patient has others.
    courses = [key for key in keys if not (key.endswith("/") and any(key != other and other.startswith(key) for other in keys))]
    return Apart(found, tuple(reasons), tuple(gone[ROW].tolist()), len(courses), gone["patient_id"].nunique()), []


def _with_their_courses(rows: pd.DataFrame, course: pd.Series, breaches: list[Breach], mapping: Mapping) -> pd.Series:
    """The rows of broken courses, of patients of whom something is broken, and rows that are of no patient."""
    places = {mapping.place(name) for name in _OF_PATIENTS if name in mapping.columns}
    numbers = {breach.row for breach in breaches}
    of_patients = {breach.row for breach in breaches if breach.column in places}
    broken = rows[ROW].isin(numbers)
    patients = rows.loc[rows[ROW].isin(of_patients), "patient_id"].dropna()
    return broken | course.isin(course[broken].dropna()) | rows["patient_id"].isin(patients)
