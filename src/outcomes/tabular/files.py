"""Files of rows and columns as text: CSV of any usual encoding, Parquet and workbooks; refused where reading would guess.

Nothing here knows what a session record is.
"""

from __future__ import annotations

import codecs
import glob
import re
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.errors import Breach, OutcomesError, RecordsError, UsageError
from outcomes.records.parse import as_text
from outcomes.tabular import csv_reader, excel
from outcomes.tabular.engines import ROW, collect, duckdb_connection, lazy

_TABLE = (".csv", ".tsv", ".txt")
_SHEET = (".xlsx", ".xlsm", ".xls", ".ods")
PACKED = 10
"""About how many times smaller Parquet is than what it holds."""

_NTH = "nth_record"
_CHUNK = 2**24
_ARCHIVES = {".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz"}
_MAGIC = {
    b"PK\x03\x04": "a workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
}


def checked_path(source: str | Path) -> Path:
    """The path of a readable file of rows and columns.

    Raises:
        RecordsError: there is no such file, it is a folder, a link or a device, empty, or an archive under another ending.
        UsageError: a file of a kind that is not read.
    """
    path = Path(source)
    if path.is_symlink():
        raise RecordsError(path.name, [Breach(None, None, "this is a link; name the file that it leads to")])
    if not path.exists():
        raise RecordsError(str(source), [Breach(None, None, "there is no such file")])
    if path.is_dir():
        raise RecordsError(str(source), [Breach(None, None, "this is a folder; name the file of session records")])
    if not stat.S_ISREG(path.stat().st_mode):
        raise RecordsError(path.name, [Breach(None, None, "this is a device or a pipe; save the records as a file")])
    ending = path.suffix.lower()
    if ending not in (*_TABLE, ".parquet", *_SHEET):
        unpack = "; unpack it first" if ending in _ARCHIVES else ""
        raise UsageError(
            f"{path.name}: session records are read from .csv, .tsv, .parquet and .xlsx files,"
            f" not {path.suffix or 'files without an ending'}{unpack}"
        )
    if path.stat().st_size == 0:
        raise RecordsError(path.name, [Breach(None, None, "the file is empty")])
    with path.open("rb") as file:
        begin = file.read(8)
    kind = next((kind for magic, kind in _MAGIC.items() if begin.startswith(magic)), None)
    if kind and ending in _TABLE:
        raise RecordsError(path.name, [Breach(None, None, f"this is {kind}, not text; give it its own ending, or unpack it")])
    return path


def text_table(path: Path, *, sheet: str | None = None) -> pd.DataFrame:
    """Every column of a file as trimmed text, blank cells None, and `source_row` as a spreadsheet numbers it.

    Raises:
        RecordsError, UsageError: the file can't be read as one table of text.
    """
    checked_path(path)
    with readable(path.name, path), as_utf8(path) as plain:
        table = collect(as_text(cells(plain, path.name, sheet=sheet)))
        if path.suffix.lower() in _TABLE:
            table = table.sort_values(ROW, ignore_index=True)
            if numbers := shifted(plain):
                table[ROW] = numbers
    return table


@contextmanager
def as_utf8(path: Path) -> Iterator[Path]:
    """The file itself, or for a text file in UTF-16 or Windows-1252 a private copy in UTF-8, gone afterwards.

    Raises:
        RecordsError: the text is of no encoding that can be told.
    """
    encoding = _encoding(path) if path.suffix.lower() in _TABLE else None
    if encoding is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="outcomes-") as folder:
        copy = Path(folder) / path.name
        with path.open(encoding=encoding, newline="") as lines, copy.open("w", encoding="utf-8", newline="") as file:
            try:
                while text := lines.read(_CHUNK):
                    file.write(text)
            except UnicodeError:
                raise RecordsError(path.name, [Breach(None, None, csv_reader.NOT_TEXT)]) from None
        yield copy


def _encoding(path: Path) -> str | None:
    """The encoding of a text file where it is not UTF-8.

    Bytes that are no UTF-8 are Windows-1252, the other encoding in which spreadsheets save CSV; where some of them are
    UTF-8 all the same, two encodings are mixed and the file is refused.
    """
    with path.open("rb") as file:
        begin = file.read(4)
        if begin.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            return "utf-32"
        if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_utf8, is_mixed, lines = True, False, 1
        while chunk := file.read(_CHUNK):
            if control := re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", chunk):
                row = lines + chunk.count(b"\n", 0, control.start())
                raise RecordsError(path.name, [Breach(row, None, csv_reader.NOT_TEXT)])
            lines += chunk.count(b"\n")
            is_mixed |= bool(re.search(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}", chunk))
            if is_utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
    if not is_utf8 and is_mixed:
        raise RecordsError(path.name, [Breach(None, None, csv_reader.MIXED)])
    return None if is_utf8 else "cp1252"


def cells(
    path: Path,
    source: str,
    *,
    sheet: str | None = None,
    wanted: Sequence[str] = (),
    once: Sequence[str] = (),
    numbers: list[int] | None = None,
) -> nw.LazyFrame[Any]:
    """The cells of a file with `ROW`: counted by the engine, or for a text file with blank lines given as `numbers`.

    `wanted` are the columns by which the sheet of a workbook is found, where none is named; those in `once` may not be
    there twice.
    """
    ending = path.suffix.lower()
    if ending in _SHEET:
        return lazy(excel.table(path, sheet, wanted, once))
    if ending == ".parquet":
        return _numbered(scanned(path).to_native())
    connection = duckdb_connection(path.stat().st_size)
    header = csv_reader.header(path)
    if not header.names:
        raise RecordsError(source, [Breach(None, None, "the file is empty")])
    relation = csv_reader.read(connection, _literal(path), header, csv_reader.told_apart(header.names, source, once))
    if numbers is None:
        return _numbered(relation)
    numbered = connection.from_df(pd.DataFrame({_NTH: range(1, len(numbers) + 1), ROW: numbers}))
    joined = relation.project(f"row_number() over () as {_NTH}, *").join(numbered, _NTH)
    return nw.from_native(joined.project(f"* exclude ({_NTH})"))


def _numbered(relation: Any) -> nw.LazyFrame[Any]:
    return nw.from_native(relation.project(f"row_number() over () + 1 as {ROW}, *"))


def _literal(path: Path) -> str:
    """A path as an engine takes it literally, even where it holds [ ] or *."""
    return glob.escape(str(path))


def scanned(path: Path) -> nw.LazyFrame[Any]:
    """A Parquet file as it stands, read anew by each question."""
    return scanned_together([path])[0]


def scanned_together(paths: Sequence[Path]) -> list[nw.LazyFrame[Any]]:
    """Parquet files as they stand, on one connection, so that they can be joined."""
    connection = duckdb_connection(sum(path.stat().st_size for path in paths) * PACKED)
    return [nw.from_native(connection.read_parquet(_literal(path))) for path in paths]


def shifted(path: Path) -> list[int]:
    """The rows of a text file as a spreadsheet numbers them, where blank lines shift them from the engine's count."""
    numbers = csv_reader.numbering(path) if path.suffix.lower() in _TABLE else []
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
        raise RecordsError(source, _faults(path, failure)) from failure


def _faults(path: Path | None, failure: Exception) -> list[Breach]:
    if path and path.suffix.lower() in _TABLE:
        unclear = "the file can't be read as a table; open it in a spreadsheet and save it as CSV UTF-8"
        with as_utf8(path) as plain:
            return csv_reader.faults(plain) or [Breach(None, None, unclear)]
    reason = str(failure).strip().splitlines()[0].removeprefix("Invalid Input Error: ")
    shown = reason.replace(str(path), path.name) if path else reason
    return [Breach(None, None, f"the file can't be read as a table ({shown})" if path else f"can't be read as a table ({shown})")]
