"""Cells of an export that were read -> the visits of session records, and what does not fit together; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from outcomes.definitions.columns import COLUMN, CONSTANT_WITHIN_COURSE, EVENTS, REQUIRED
from outcomes.deidentify.appointments import BOOKED, CANCELLED_IT, KEPT, MISSED_IT
from outcomes.deidentify.mapping import APPOINTMENT, CANCELLED, MISSED, SESSION, VISIT, Mapping
from outcomes.deidentify.values import DATE
from outcomes.deidentify.visits import COURSE, SCORES, Timed, in_courses, timed
from outcomes.errors import Breach
from outcomes.tabular.engines import ROW

NOT_KEPT = (MISSED_IT, CANCELLED_IT, BOOKED)

_OF_PATIENT_OR_COURSE = (
    *("course_id", "area", "clinic_id", "fitzpatrick", "sex", "age", "born"),
    *CONSTANT_WITHIN_COURSE,
)
_SAID_BY = ("gais_by", "assessor_id", "blinded")


class Made(NamedTuple):
    """`rows` in courses, `visits` and the `records` made of them in the contract's `columns`; `breaches` is what forbids them.

    `unkept`: what became of an appointment -> how many rows were none of a visit for it. `other` rows are of a measure that is not mapped.
    """

    rows: pd.DataFrame
    visits: Timed
    records: pd.DataFrame
    columns: list[str]
    breaches: list[Breach]
    unkept: dict[str, int]
    other: int

    def text(self) -> pd.DataFrame:
        """The records as they are written."""
        written = self.records[self.columns].astype(object)
        return written.where(written.notna(), "").map(_plain)


def made(rows: pd.DataFrame, is_other: pd.Series, mapping: Mapping, blanks: dict[str, Any]) -> Made:
    """Session records of the rows of an export, as `converted` reads them."""
    is_other = is_other & ~_is_session(rows)
    rows = _without_visit(_dated_by_visit(rows), is_other)
    breaches: list[Breach] = []
    unkept: dict[str, int] = {}
    if APPOINTMENT in rows:
        became = rows.pop(APPOINTMENT)
        is_unkept = became.isin(NOT_KEPT) & ~is_other
        breaches += _misfitting(rows, became, is_unkept, mapping)
        unkept = {meaning: count for meaning in NOT_KEPT if (count := int(became[is_unkept].eq(meaning).sum()))}
        rows = _without_visit(rows, is_unkept)
    rows, differing = in_courses(rows, mapping)
    visits = timed(rows, mapping, blanks)
    if visits.visits.empty and not visits.breaches:
        breaches.append(Breach(None, None, "no row is a visit: none has a date" + (" and was kept" if unkept else "")))
    breaches += [*differing, *visits.breaches]
    # In the order of random codes: the export's own order may be that of names or dates.
    records = visits.visits if breaches else visits.visits.sort_values(["patient_id", COURSE, "day"], ignore_index=True)
    # Records have the column in any case: where nobody recorded a skin type, it is blank.
    records = records.reindex(columns=[*records, *(name for name in REQUIRED if name not in records)])
    columns = [name for name in COLUMN if name in records and (name in REQUIRED or records[name].notna().any())]
    return Made(rows, visits, records, columns, breaches, unkept, int(is_other.sum()))


def _is_session(rows: pd.DataFrame) -> pd.Series:
    """Rows that say that a session was given: they tell a visit, whatever was measured at it."""
    nothing = pd.Series(None, index=rows.index, dtype=object)
    return rows.get(SESSION, nothing).astype(float).ge(1) | rows.get("treated", nothing).eq("yes")


def _dated_by_visit(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows without a date have that of the other rows of their patient and visit, where these have one."""
    if VISIT not in rows:
        return rows
    keys = [rows["patient_id"], rows[VISIT]]
    is_told = rows[VISIT].str.strip().ne("") & (rows.groupby(keys)[DATE].transform("nunique") == 1)
    dated = rows[DATE].where(rows[DATE].notna() | ~is_told, rows.groupby(keys)[DATE].transform("first"))
    return rows.drop(columns=VISIT).assign(**{DATE: dated.astype(object)})


def _without_visit(rows: pd.DataFrame, which: pd.Series) -> pd.DataFrame:
    """These rows tell only what is constant: a weight taken on some day is no visit, and neither is an appointment that was missed."""
    if not which.any():
        return rows
    rows = rows.copy()
    rows.loc[which, [name for name in rows if name not in (ROW, "patient_id", APPOINTMENT, *_OF_PATIENT_OR_COURSE)]] = None
    rows.loc[which, DATE] = None
    return rows


def _misfitting(rows: pd.DataFrame, became: pd.Series, is_unkept: pd.Series, mapping: Mapping) -> Iterator[Breach]:
    """Appointments that were not kept and yet hold what only a visit does, and those that were kept on no day."""
    names = [name for name in (*SCORES, *EVENTS) if name in rows and name not in (*mapping.constants, *_SAID_BY)]
    held = rows[names].notna() & ~rows[names].eq("no")
    place = next((mapping.place(name) for name in (APPOINTMENT, MISSED, CANCELLED) if name in mapping.columns), None)
    problem = f"the appointment was not {KEPT}, but the row holds values of a visit"
    yield from (Breach(int(row), place, problem) for row in rows.loc[is_unkept & held.any(axis=1), ROW])
    if APPOINTMENT in mapping.columns:
        undated = rows.loc[became.eq(KEPT) & rows[DATE].isna(), ROW]
        yield from (Breach(int(row), mapping.place("day"), f"blank, but the appointment was {KEPT}") for row in undated)


def _plain(cell: object) -> object:
    """Counts pass through columns with gaps as floats."""
    return int(cell) if isinstance(cell, float) else cell
