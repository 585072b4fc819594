"""Files and frames in, checked records out: read whole and clean, or refused with every breach listed."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes import delimited
from outcomes.checking import breaches
from outcomes.contract import COLUMN, REQUIRED
from outcomes.engines import ROW, collect, duckdb_connection, hold, lazy
from outcomes.errors import Breach, OutcomesError, RecordsError, UsageError
from outcomes.reading import COURSE, as_text, typed
from outcomes.scales import ENDPOINTS

SAMPLE = "sample"
"""The source that stands for the invented records that travel with the package."""

_NTH = "nth_record"
_TABLE = (".csv", ".tsv", ".txt")
_SHEET = (".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class Records:
    """Session records that keep the contract, one row per visit of a course.

    `frame` is lazy and stays on its engine: every column of the contract in its own kind (null where the source lacks
    it, numbers as integers, scores and other number columns in hundredths), `source_row` and `course`, a key made of
    patient and course or area. `unknown` are columns of the source that the contract does not know and nothing reads.
    """

    frame: nw.LazyFrame[Any]
    source: str
    path: Path | None
    rows: int
    courses: int
    patients: int
    sessions: int
    present: tuple[str, ...]
    unknown: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the source file in hex; empty for a frame."""
        if self.path is None:
            return ""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def endpoints(self) -> tuple[str, ...]:
        """Names of the endpoints that have a score anywhere."""
        counts = collect(self.frame.select(*(nw.col(endpoint.score_column).count() for endpoint in ENDPOINTS.values())))
        return tuple(name for name, endpoint in ENDPOINTS.items() if counts[endpoint.score_column].iloc[0] > 0)

    def __repr__(self) -> str:
        return f"Records({self.source}: {self.rows:,} rows, {self.courses:,} courses, {self.patients:,} patients)"


def read_records(source: Any) -> Records:
    """Session records, checked.

    `source` is the path of a CSV, Parquet or Excel file, ``"sample"`` for the invented records that come with the
    package, or a pandas, Polars or PySpark frame with one row per visit. Files and pandas frames run on DuckDB;
    Polars and PySpark frames stay on their engine.

    Raises:
        RecordsError: the file is missing, empty or unreadable, or any row breaks the contract; all breaches are listed.
        UsageError: a file of a kind that is not read.
        TypeError: neither a path nor such a frame.
    """
    path = _path(source) if isinstance(source, str | Path) else None
    name = path.name if path else "the frame"
    with _readable(name, path):
        text, unknown = _text(_cells(path) if path else _frame(source, name), name)
    columns = text.collect_schema().names()
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise RecordsError(
            name, [Breach(None, None, f"column {column} is missing; it holds {COLUMN[column].meaning}") for column in missing]
        )
    with _readable(name, path):
        held = hold(typed(text))
        found = breaches(text, held)
        if found and path and (numbers := _shifted(path)):
            text, _ = _text(_cells(path, numbers), name)
            found = breaches(text, hold(typed(text))) or found
        size = collect(
            held.select(
                nw.len().alias("rows"),
                nw.col(COURSE).n_unique().alias("courses"),
                nw.col("patient_id").n_unique().alias("patients"),
                nw.col("sessions_completed").max().alias("sessions"),
            )
        ).iloc[0]
    if size["rows"] == 0:
        raise RecordsError(name, [Breach(None, None, "no rows below the header; one row per visit is needed")])
    if found:
        raise RecordsError(name, found)
    return Records(
        frame=held,
        source=name,
        path=path,
        rows=int(size["rows"]),
        courses=int(size["courses"]),
        patients=int(size["patients"]),
        sessions=int(size["sessions"]),
        present=tuple(column for column in COLUMN if column in columns),
        unknown=unknown,
    )


def _path(source: str | Path) -> Path:
    path = sample_path() if source == SAMPLE else Path(source)
    if not path.exists():
        raise RecordsError(str(source), [Breach(None, None, "there is no such file")])
    if path.is_dir():
        raise RecordsError(str(source), [Breach(None, None, "this is a folder; name the file of session records")])
    if path.suffix.lower() not in (*_TABLE, ".parquet", *_SHEET):
        raise UsageError(
            f"{path.name}: session records are read from .csv, .tsv, .parquet and .xlsx files, not {path.suffix or 'files without an ending'}"
        )
    if path.stat().st_size == 0:
        raise RecordsError(path.name, [Breach(None, None, "the file is empty")])
    return path


def sample_path() -> Path:
    """Where the invented records are: in an installed package, or in the checkout."""
    installed = Path(__file__).parent / "sample.csv"
    return installed if installed.exists() else Path(__file__).parents[2] / "data" / "sample" / "sessions.csv"


def _text(cells: nw.LazyFrame[Any], source: str) -> tuple[nw.LazyFrame[Any], tuple[str, ...]]:
    """The contract's columns as text, without the rows in which none of them is recorded; and the other columns' names."""
    named = _named(cells, source)
    names = named.collect_schema().names()
    known = [name for name in names if name in COLUMN]
    text = as_text(named.select(ROW, *known))
    recorded = text.filter(~nw.coalesce(*(nw.col(name) for name in known)).is_null()) if known else text
    return recorded, tuple(name for name in names if name not in COLUMN and name != ROW)


def _frame(frame: Any, source: str) -> nw.LazyFrame[Any]:
    if isinstance(frame, pd.DataFrame):
        _told_apart([str(name) for name in frame.columns], source)
    return lazy(frame)


def _cells(path: Path, numbers: list[int] | None = None) -> nw.LazyFrame[Any]:
    """The cells of a file with `ROW`: counted by the engine, or for a text file with blank lines given as `numbers`."""
    ending = path.suffix.lower()
    if ending in _SHEET:
        return lazy(_sheet(path))
    connection = duckdb_connection()
    # The name is taken literally, even where it holds [ ] or *.
    literal = glob.escape(str(path))
    if ending == ".parquet":
        relation = connection.read_parquet(literal)
    else:
        header = delimited.header(path)
        if not header.names:
            raise RecordsError(path.name, [Breach(None, None, "the file is empty")])
        if not delimited.is_text(header.names):
            raise RecordsError(path.name, [Breach(1, None, delimited.NOT_TEXT)])
        relation = delimited.read(connection, literal, header, _told_apart(header.names, path.name))
    if numbers is None:
        return nw.from_native(relation.project(f"row_number() over () + 1 as {ROW}, *"))
    numbered = connection.from_df(pd.DataFrame({_NTH: range(1, len(numbers) + 1), ROW: numbers}))
    joined = relation.project(f"row_number() over () as {_NTH}, *").join(numbered, _NTH)
    return nw.from_native(joined.project(f"* exclude ({_NTH})"))


def _shifted(path: Path) -> list[int]:
    """The rows of a text file as a spreadsheet numbers them, where blank lines shift them from the engine's count."""
    numbers = delimited.numbering(path) if path.suffix.lower() in _TABLE else []
    return [] if numbers == list(range(2, len(numbers) + 2)) else numbers


def _told_apart(names: Sequence[str], source: str) -> list[str]:
    """The names of a source's columns, each once; a column of the contract must not be there twice."""
    plain = [name.strip().lower() for name in names]
    for column in COLUMN:
        if plain.count(column) > 1:
            raise RecordsError(source, [Breach(1, column, f"{plain.count(column)} columns have this name")])
    apart: list[str] = []
    taken = {ROW}
    for place, name in enumerate(names, start=1):
        own = name if name.strip() else f"column {place}"
        apart.append(own if own.lower() not in taken else f"{own} ({place})")
        taken.add(apart[-1].lower())
    return apart


def _sheet(path: Path) -> pd.DataFrame:
    """The first sheet of a workbook as text, its first row as the header."""
    from python_calamine import CalamineWorkbook

    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False) or [[]]
    names = _told_apart([str(name) for name in header], path.name)
    return pd.DataFrame([[_cell(value) for value in row] for row in rows], columns=names, dtype="str")


def _cell(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return None if value == "" else str(value)


def _named(cells: nw.LazyFrame[Any], source: str) -> nw.LazyFrame[Any]:
    """The same cells with the contract's spelling of each column, whatever its case or surrounding space."""
    names = cells.collect_schema().names()
    _told_apart(names, source)
    plain = {name: name.strip().lower() for name in names}
    return cells.rename({name: plain[name] for name in names if plain[name] in COLUMN and plain[name] != name})


@contextmanager
def _readable(source: str, path: Path | None) -> Iterator[None]:
    """Turns an engine's or a workbook's failure to read the source into one message, without what it read."""
    import duckdb
    from python_calamine import CalamineError

    try:
        yield
    except OutcomesError:
        raise
    except (duckdb.Error, CalamineError, UnicodeDecodeError) as failure:
        raise RecordsError(source, _faults(path, failure)) from failure


def _faults(path: Path | None, failure: Exception) -> list[Breach]:
    if path and path.suffix.lower() in _TABLE:
        unclear = "the file can't be read as a table; open it in a spreadsheet and save it as CSV UTF-8"
        return delimited.faults(path) or [Breach(None, None, unclear)]
    reason = str(failure).strip().splitlines()[0].removeprefix("Invalid Input Error: ")
    shown = reason.replace(str(path), path.name) if path else reason
    return [Breach(None, None, f"the file can't be read as a table ({shown})" if path else f"can't be read as a table ({shown})")]
