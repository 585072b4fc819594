"""Files of rows and columns as text: CSV of any usual encoding, Parquet, workbooks and tables of databases; refused where reading would guess.

Nothing here knows what a session record is.
"""

from __future__ import annotations

import glob
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.errors import Breach, OutcomesError, RecordsError
from outcomes.tabular import csv_reader, database_files, excel
from outcomes.tabular.batches import check_all_read
from outcomes.tabular.encoding import encoding_of
from outcomes.tabular.engines import ROW, collect, count, duckdb_connection, lazy
from outcomes.tabular.formats import DATABASES, SHEETS, TABLES, checked_path
from outcomes.tabular.room import memory_limit
from outcomes.tabular.text import as_text
from outcomes.tabular.words import unquoted

_PACKED = 10
"""About how many times smaller Parquet and workbooks are than what they hold."""

_NTH = "nth_record"


def text_table(path: Path, *, sheet: str | None = None) -> pd.DataFrame:
    """Every column of a file as trimmed text, blank cells None, and `source_row` as a spreadsheet numbers it.

    Raises:
        RecordsError, UsageError: the file can't be read as one table of text.
    """
    checked_path(path)
    with readable(path.name, path):
        source = cells(path, path.name, sheet=sheet)
        table = collect(as_text(source))
        check_all_read(path.name, len(table), rows_in(path, source, len(table)))
        if path.suffix.lower() in TABLES:
            table = table.sort_values(ROW, ignore_index=True)
            if numbers := shifted(path):
                table[ROW] = numbers
    return table


def cells(
    path: Path,
    source: str,
    *,
    sheet: str | None = None,
    wanted: Sequence[str] = (),
    once: Sequence[str] = (),
    numbers: Sequence[int] | None = (),
) -> nw.LazyFrame[Any]:
    """The cells of a file with `ROW`: counted by the engine, or for a text file with blank lines given as `numbers`.

    Without `numbers`, as None, rows are not counted where that would take an engine long, and there is no `ROW`.

    `wanted` are the columns by which the sheet of a workbook is found, where none is named; those in `once` may not be
    there twice. Of a database, `sheet` names the table.
    """
    ending = path.suffix.lower()
    if ending in DATABASES:
        return _numbered(database_files.table(path, sheet or "", once, size_of(path)))
    if ending in SHEETS:
        return lazy(excel.table(path, sheet, wanted, once))
    if ending == ".parquet":
        return scanned(path) if numbers is None else _numbered(scanned(path).to_native())
    header = csv_reader.header(path)
    connection = duckdb_connection(size_of(path), len(header.names))
    if not header.names:
        raise RecordsError(source, [Breach(None, None, "the file is empty")])
    names = csv_reader.told_apart(header.names, source, once)
    if encoding_of(path):
        relation = csv_reader.decode(connection, path, header, names)
    else:
        relation = csv_reader.read(connection, _literal(path), header, names)
    if numbers is None:
        return nw.from_native(relation)
    if not numbers:
        return _numbered(relation)
    numbered = connection.from_df(pd.DataFrame({_NTH: range(1, len(numbers) + 1), ROW: numbers}))
    joined = relation.project(f"row_number() over () as {_NTH}, *").join(numbered, _NTH)
    return nw.from_native(joined.project(f"* exclude ({_NTH})"))


def size_of(path: Path) -> int:
    """About how many bytes of text a file holds."""
    return path.stat().st_size * (1 if path.suffix.lower() in TABLES else _PACKED)


def _numbered(relation: Any) -> nw.LazyFrame[Any]:
    return nw.from_native(relation.project(f"row_number() over () + 1 as {ROW}, *"))


def _literal(path: Path) -> str:
    """A path as an engine takes it literally, even where it holds [ ] or *."""
    return glob.escape(str(path))


def scanned(path: Path) -> nw.LazyFrame[Any]:
    """A Parquet file as it stands, read anew by each question."""
    connection = duckdb_connection(size_of(path))
    return nw.from_native(connection.read_parquet(_literal(path)))


def is_trimmed(path: Path) -> bool:
    """Whether it is sure that no cell of a text file is empty between quotation marks or begins or ends with a blank."""
    return path.suffix.lower() in TABLES and csv_reader.is_trimmed(path)


def rows_in(path: Path, cells: nw.LazyFrame[Any], read: int) -> int:
    """How many rows stand in a file below its header, counted without the engine that has `read` so many.

    Of a workbook they are the rows of its `cells`, which its reader compares with the XML of the sheet, as that of a database with
    the database's own count.
    """
    if path.suffix.lower() in (*SHEETS, *DATABASES):
        return count(cells)
    if path.suffix.lower() == ".parquet":
        told = duckdb_connection().execute("select num_rows from parquet_file_metadata(?)", [_literal(path)]).fetchall()
        return sum(rows for (rows,) in told)
    rows = csv_reader.lines(path).records
    # A quotation mark within a cell is no bracket: a second, slower count tells it from one that is.
    return rows if rows == read else len(csv_reader.numbering(path))


def shifted(path: Path) -> list[int]:
    """The rows of a text file as a spreadsheet numbers them, where blank lines shift them from the engine's count."""
    if path.suffix.lower() not in TABLES or csv_reader.lines(path).blank == 0:
        return []
    numbers = csv_reader.numbering(path)
    return [] if numbers == list(range(2, len(numbers) + 2)) else numbers


@contextmanager
def readable(source: str, path: Path | None) -> Iterator[None]:
    """Turns an engine's or a workbook's failure to read the source into one message, without what it read."""
    import duckdb
    from python_calamine import CalamineError

    try:
        yield
    except OutcomesError:
        raise
    except (duckdb.Error, CalamineError, UnicodeDecodeError, zipfile.BadZipFile, ElementTree.ParseError) as failure:
        raise RecordsError(source, _faults(path, failure)) from None


def _faults(path: Path | None, failure: Exception) -> list[Breach]:
    if path and path.suffix.lower() in TABLES:
        unclear = "the file can't be read as a table; open it in a spreadsheet and save it as CSV UTF-8"
        found = csv_reader.faults(path)
        if not found and memory_limit():
            raise MemoryError
        return found or [Breach(None, None, unclear)]
    reason = str(failure)
    if path:
        reason = reason.replace(str(path.absolute()), path.name).replace(str(path), path.name)
    shown = unquoted(reason).removeprefix("Invalid Input Error: ")
    return [Breach(None, None, f"the file can't be read as a table ({shown})" if path else f"can't be read as a table ({shown})")]
