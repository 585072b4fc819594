"""Which kinds of files are read, by their name and their first bytes."""

from __future__ import annotations

import stat
from pathlib import Path

from outcomes.errors import Breach, RecordsError, UsageError
from outcomes.tabular.addresses import check_no_address

TABLES = (".csv", ".tsv", ".txt")

SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")

DATABASES = (".sqlite", ".sqlite3", ".db", ".duckdb", ".ddb")

SQLITE, DUCKDB = "a SQLite database", "a DuckDB database"

_ARCHIVES = {".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz"}

_MAGIC = {
    b"PK\x03\x04": "a workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"SQLite f": SQLITE,
}
_DUCKDB_AT = 8
"""Where the name of DuckDB stands in its files, behind a checksum."""


def database_kind(path: Path) -> str:
    """`SQLITE` or `DUCKDB`, by the first bytes of a file and whatever its ending; "" for any other."""
    with path.open("rb") as file:
        begin = file.read(16)
    return DUCKDB if begin[_DUCKDB_AT:].startswith(b"DUCK") else SQLITE if begin == b"SQLite format 3\0" else ""


def why_unusable(path: Path) -> str:
    """Why the system can't tell what is at a path, such as a name that is too long or links that lead in a circle; "" where it can.

    >>> why_unusable(Path("x" * 300)), why_unusable(Path("nothing there"))
    ('File name too long', '')
    """
    try:
        path.resolve()
        path.stat()
    except FileNotFoundError:
        return ""
    except OSError as problem:
        return problem.strerror or "it can't be looked at"
    except RuntimeError:
        return "its links lead in a circle"
    return ""


def checked_path(source: str | Path) -> Path:
    """The path of a readable file of rows and columns.

    Raises:
        RecordsError: there is no such file, it is a folder, a link or a device, empty, or an archive under another ending.
        UsageError: a file of a kind that is not read, or the address of a database.
    """
    check_no_address(source)
    path = Path(source)
    try:
        return _checked(source, path)
    except OSError as problem:
        raise RecordsError(path.name, [Breach(None, None, f"can't be read ({problem.strerror})")]) from None


def _checked(source: str | Path, path: Path) -> Path:
    if path.is_symlink():
        raise RecordsError(path.name, [Breach(None, None, "this is a link; name the file that it leads to")])
    if why := why_unusable(path):
        raise RecordsError(path.name, [Breach(None, None, f"can't be read ({why})")])
    if not path.exists():
        raise RecordsError(str(source), [Breach(None, None, "there is no such file")])
    if path.is_dir():
        raise RecordsError(str(source), [Breach(None, None, "this is a folder; name the file of session records")])
    if not stat.S_ISREG(path.stat().st_mode):
        raise RecordsError(path.name, [Breach(None, None, "this is a device or a pipe; save the records as a file")])
    ending = path.suffix.lower()
    if ending not in (*TABLES, ".parquet", *SHEETS, *DATABASES):
        unpack = "; unpack it first" if ending in _ARCHIVES else ""
        raise UsageError(
            f"{path.name}: session records are read from .csv, .tsv, .parquet, .xlsx, .sqlite and .duckdb files,"
            f" not {path.suffix or 'files without an ending'}{unpack}"
        )
    if path.stat().st_size == 0:
        raise RecordsError(path.name, [Breach(None, None, "the file is empty")])
    with path.open("rb") as file:
        begin = file.read(8)
    kind = next((kind for magic, kind in _MAGIC.items() if begin.startswith(magic)), None)
    if kind and ending in TABLES:
        raise RecordsError(path.name, [Breach(None, None, f"this is {kind}, not text; give it its own ending, or unpack it")])
    if ending in DATABASES and not database_kind(path):
        raise RecordsError(path.name, [Breach(None, None, "this is neither a SQLite nor a DuckDB database, or it is encrypted")])
    return path
