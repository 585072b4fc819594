"""Whether records that were made keep the contract, told by the rows and columns of the export and without values."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from outcomes.deidentify.making import Made
from outcomes.deidentify.mapping import Mapping
from outcomes.deidentify.values import DATE
from outcomes.deidentify.visits import COURSE, EVENTS_TOLD, SCORED_AT, SCORES
from outcomes.errors import Breach, PrivacyError, RecordsError
from outcomes.records.read import read_records
from outcomes.tabular.engines import ROW


def contract_breaches(source: Any, mapping: Mapping, made: Made) -> list[Breach]:
    """Reads the records as anyone will, from the file or frame `source`; what breaks the contract, by the rows they were made of."""
    try:
        read_records(source)
    except RecordsError as error:
        return [_told(breach, mapping, made.rows, made.records) for breach in error.breaches]
    except PrivacyError:
        # Every other column is a code, a number or a word of the contract by now.
        problem = "holds what could identify a patient; leave it out of the mapping, or translate it under [values.device]"
        return [Breach(None, mapping.place("device"), problem)]
    return []


def _told(breach: Breach, mapping: Mapping, rows: pd.DataFrame, records: pd.DataFrame) -> Breach:
    place = mapping.place(breach.column) if breach.column else None
    other = re.search(r"\(row (\d+)\)", breach.problem)
    problem = _without_value(breach.problem)
    if other:
        problem += f"; see row {_source(int(other[1]), breach.column, rows, records)}"
    if breach.column == "sessions_completed" and "never falls" in problem:
        problem += "; if another course began, map the column that tells courses apart as course_id"
    row = None if breach.row is None else _source(breach.row, breach.column, rows, records)
    return Breach(row, place, problem)


def _source(row: int, column: str | None, rows: pd.DataFrame, records: pd.DataFrame) -> int:
    """The row of the export that a cell of the written records comes from."""
    record = records.iloc[row - 2]
    is_moved = column in (*SCORES, *EVENTS_TOLD) and pd.notna(record[SCORED_AT])
    told = rows[(rows[COURSE] == record[COURSE]) & (rows[DATE] == (record[SCORED_AT] if is_moved else record[DATE]))]
    recorded = told[told[column].notna()] if column in told else told
    return int((recorded if len(recorded) else told)[ROW].min()) if len(told) else int(record[ROW])


def _without_value(problem: str) -> str:
    """A problem of the contract without the value that it begins with.

    >>> _without_value("7 is not between 1 and 4"), _without_value("3 stands twice in one course; a course has one row per day")
    ('is not between 1 and 4', 'a course has one row per day')
    """
    if "; " in problem and not re.search(r" (is not|has no) ", problem):
        return problem.rpartition("; ")[2]
    begun = re.search(r"(is not|has no) .*", problem)
    return begun[0] if begun and not problem.startswith("blank") else problem
