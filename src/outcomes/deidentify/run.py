"""A clinic's export -> session records without names, numbers or dates, and an account of what became of every row."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pandas as pd

from outcomes.definitions.columns import COLUMN, REQUIRED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.deidentify.account import Deidentified
from outcomes.deidentify.k_anonymity import shared
from outcomes.deidentify.mapping import SESSION, Mapping, resolved
from outcomes.deidentify.pseudonyms import check_apart, is_coded, read_linkage, write_linkage
from outcomes.deidentify.template import is_cell, shown_header
from outcomes.deidentify.values import DATE, converted
from outcomes.deidentify.visits import COURSE, EVENTS_TOLD, SCORED_AT, SCORES, in_courses, timed
from outcomes.errors import Breach, PrivacyError, RecordsError, UsageError
from outcomes.records.read import read_records
from outcomes.tabular.atomic import check_output, written_whole
from outcomes.tabular.csv_writer import write_rows
from outcomes.tabular.engines import ROW
from outcomes.tabular.files import text_table
from outcomes.tabular.formats import why_unusable

_TYPED = (".parquet", ".xlsx", ".xlsm", ".xls", ".ods")


def deidentify(
    export: Path, mapping: Mapping, out: Path, *, linkage: Path, rng: random.Random | None = None, force: bool = False
) -> Deidentified:
    """Writes session records made from a clinic's export, and returns what became of its rows and columns.

    Patients, staff, clinics and tips become random codes, kept in the file `linkage` for the next export; dates become
    days since the course's first visit, dates of birth the age at the patient's first visit, 90 for 90 and over. What is
    not mapped is dropped. `out` is written only once all of it keeps the contract; otherwise neither file changes.
    A file at `out` is replaced where its patients have such codes, and any other by `force`. `rng` is for tests.

    Raises:
        RecordsError: the export can't be read or does not fit the contract; every breach with the export's own row and
            column, never a value.
        UsageError: the export lacks a mapped column; a file can't be written or would be overwritten, or `linkage` would travel with `out`.
    """
    export, out, linkage = Path(export), Path(out), Path(linkage)
    _check_files(export, out, linkage, force=force)
    codes = read_linkage(linkage, rng=rng)
    table = text_table(export, sheet=mapping.sheet)
    headers = [name for name in table if name != ROW]
    mapping = resolved(mapping, headers, export.name, [name for name in headers if not is_cell(name)])
    cells = converted(table, mapping, codes, is_typed=export.suffix.lower() in _TYPED)
    _refuse(export, cells.breaches)
    is_other = cells.is_other & ~_is_session(cells.rows)
    rows, breaches = in_courses(_without_other_measures(cells.rows, is_other), mapping)
    visits = timed(rows, mapping, cells.blanks)
    if visits.visits.empty and not visits.breaches:
        breaches.append(Breach(None, None, "no row is a visit: none has a date"))
    _refuse(export, [*breaches, *visits.breaches])
    # In the order of random codes: the export's own order may be that of names or dates.
    records = visits.visits.sort_values(["patient_id", COURSE, "day"], ignore_index=True)
    columns = [name for name in COLUMN if name in records and (name in REQUIRED or records[name].notna().any())]
    written = records[columns].astype(object)
    text = written.where(written.notna(), "").map(_plain)
    # Checked before anything is written: what is refused never lies in the folder that is passed on.
    _check_records(text.astype(str), export, mapping, rows, records)
    try:
        with written_whole(out) as passing:
            write_rows(passing, columns, text.itertuples(index=False, name=None))
            # A code that is in the records is known; one that is in no records yet does no harm.
            was_open = write_linkage(linkage, codes)
    except OSError as problem:
        raise UsageError(f"{out.name}: can't be written ({problem.strerror})") from None
    people = records.drop_duplicates("patient_id")
    other = int(is_other.sum())
    return Deidentified(
        out=out,
        linkage=linkage,
        rows_in=len(table),
        blank=len(table) - len(rows),
        undated=visits.undated - other,
        other_measures=other,
        merged=visits.merged,
        added=visits.added,
        rows_out=len(records),
        patients=len(people),
        courses=records[COURSE].nunique(),
        without_baseline=_without_baseline(records),
        dropped=tuple(shown_header(name, place) for place, name in enumerate(headers, start=1) if name not in mapping.used),
        translated=cells.translated + visits.filled,
        cut=cells.cut,
        topped=visits.ages_topped,
        texts=records["device"].nunique() if "device" in columns else 0,
        new_codes=codes.new,
        respelt=len(codes.respelt),
        alike=tuple(cells.alike),
        was_open=was_open,
        shared=tuple(shared(people)),
    )


def _without_baseline(records: pd.DataFrame) -> int:
    scores = [endpoint.score_column for endpoint in ENDPOINTS.values() if endpoint.score_column in records]
    baselines = records[records["sessions_completed"].astype(float).eq(0) & records[scores].notna().any(axis=1)]
    return int(records[COURSE].nunique() - baselines[COURSE].nunique())


def _check_files(export: Path, out: Path, linkage: Path, *, force: bool) -> None:
    for path in (export, out, linkage):
        if why := why_unusable(path):
            raise UsageError(f"{path.name}: can't be used ({why})")
    if out.suffix.lower() != ".csv":
        raise UsageError(f"{out.name}: the records are written as .csv")
    check_output(out, inputs=[export, linkage], is_ours=is_coded, force=force)
    check_output(linkage, inputs=[export])
    if not linkage.resolve().parent.is_dir():
        raise UsageError(f"{linkage}: there is no such folder")
    check_apart(linkage, out)
    try:
        out.resolve().parent.mkdir(exist_ok=True)
    except OSError as problem:
        raise UsageError(f"{out}: its folder can't be made ({problem.strerror})") from None


def _refuse(export: Path, breaches: list[Breach]) -> None:
    if breaches:
        raise RecordsError(export.name, sorted(breaches, key=lambda breach: (breach.row or 0, breach.column or "")))


def _is_session(rows: pd.DataFrame) -> pd.Series:
    """Rows that say that a session was given: they tell a visit, whatever was measured at it."""
    nothing = pd.Series(None, index=rows.index, dtype=object)
    return rows.get(SESSION, nothing).astype(float).ge(1) | rows.get("treated", nothing).eq("yes")


def _without_other_measures(rows: pd.DataFrame, is_other: pd.Series) -> pd.DataFrame:
    """Rows of a measure that is not mapped tell only what is constant: a weight taken on some day is no visit."""
    if not is_other.any():
        return rows
    rows = rows.copy()
    rows.loc[is_other, [name for name in rows if name not in (ROW, "patient_id", *_OF_PATIENT_OR_COURSE)]] = None
    return rows


_OF_PATIENT_OR_COURSE = ("course_id", "area", "clinic_id", "fitzpatrick", "sex", "age", "born", "planned_sessions", "status")


def _plain(cell: object) -> object:
    """Counts pass through columns with gaps as floats."""
    return int(cell) if isinstance(cell, float) else cell


def _check_records(text: pd.DataFrame, export: Path, mapping: Mapping, rows: pd.DataFrame, records: pd.DataFrame) -> None:
    """Reads the records as anyone will read the file made of them; what breaks the contract is told by the export's rows and columns, without values."""
    try:
        read_records(text)
    except RecordsError as error:
        _refuse(export, [_told(breach, mapping, rows, records) for breach in error.breaches])
    except PrivacyError as error:
        # Every other column is a code, a number or a word of the contract by now.
        problem = "holds what could identify a patient; leave it out of the mapping, or translate it under [values.device]"
        raise RecordsError(export.name, [Breach(None, mapping.place("device"), problem)]) from error


def _told(breach: Breach, mapping: Mapping, rows: pd.DataFrame, records: pd.DataFrame) -> Breach:
    place = mapping.place(breach.column) if breach.column else None
    other = re.search(r"\(row (\d+)\)", breach.problem)
    problem = _without_value(breach.problem)
    if other:
        problem += f"; see row {_source(int(other[1]), breach.column, rows, records)}"
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
