"""A table or view of a SQLite or DuckDB file, opened so that nothing can be written to it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from outcomes.errors import Breach, RecordsError
from outcomes.tabular.batches import check_all_read, poured
from outcomes.tabular.cell_text import cell_text
from outcomes.tabular.csv_reader import told_apart
from outcomes.tabular.engines import count, duckdb_connection, in_quotes
from outcomes.tabular.formats import DUCKDB, database_kind
from outcomes.tabular.table_names import Table, table_named

_BUSY = "another program has it open for writing; close that one and try again, or name a copy"
_UNFINISHED = (
    "what was last written to it is unfinished; open it once with the program that it belongs to, close that one and try again"
)
_DAMAGED = "the database is damaged, encrypted, or of a newer version than can be read"
_BROKEN = "the table can't be read; is it a view of what is not in this file?"
_NO_TEXT = "a cell holds bytes that are no text"

_SQLITE_FAULTS = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_READONLY": _UNFINISHED,
    "SQLITE_CANTOPEN": _UNFINISHED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_IOERR": _DAMAGED,
}

_HELD = "not set lock on file|used by another process"
"""What DuckDB says of a file that another program has open."""

_TEXT = {str, type(None)}
"""The types of cells that are text as they are."""

_WAL = b"\2"
"""The byte of a SQLite file whose changes wait in a second file beside it."""


def table(path: Path, name: str, once: Sequence[str], size: int) -> Any:
    """The rows of a table, in the order in which the database gives them, as a DuckDB relation; `size` is about how many bytes they are.

    Raises:
        RecordsError: no such table, or the database can't be read.
    """
    read = _duckdb if database_kind(path) == DUCKDB else _sqlite
    return read(path, name, once, size)


def _duckdb(path: Path, name: str, once: Sequence[str], size: int) -> Any:
    import duckdb

    connection = duckdb_connection(size)
    fault = ""
    try:
        connection.execute("set autoinstall_known_extensions = false")
        # Absolute: "~" would be somebody's home.
        connection.execute(f"attach '{str(path.absolute()).replace(chr(39), 2 * chr(39))}' as records (type duckdb, read_only)")
        # A view may name a file or an address of its own.
        connection.execute("set enable_external_access = false")
    except duckdb.Error as failure:
        fault = _BUSY if re.search(_HELD, str(failure)) else _DAMAGED
    if fault:
        raise RecordsError(path.name, [Breach(None, None, fault)])
    found = connection.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = 'records' order by all"
    ).fetchall()
    chosen = table_named(name, [Table(schema, each, schema == "main") for schema, each in found], path.name)
    try:
        relation = connection.sql(f"from records.{chosen.sql}")
    except duckdb.Error:
        fault = _BROKEN
    if fault:
        raise RecordsError(path.name, [Breach(None, None, fault)])
    names = told_apart(relation.columns, path.name, once)
    return relation.project(
        ", ".join(f"{in_quotes(own)} as {in_quotes(apart)}" for own, apart in zip(relation.columns, names, strict=True))
    )


def _sqlite(path: Path, name: str, once: Sequence[str], size: int) -> Any:
    fault = ""
    try:
        with closing(sqlite3.connect(_address(path), uri=True, isolation_level=None)) as database:
            database.execute("pragma query_only = on")
            database.execute("pragma trusted_schema = off")
            # Count and rows are of one state of the database.
            database.execute("begin")
            found = database.execute(
                "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\' order by name"
            ).fetchall()
            chosen = table_named(name, [Table("main", each, True) for (each,) in found], path.name)
            return _held(database, chosen, path, once, size)
    except sqlite3.Error as failure:
        code = "_".join(getattr(failure, "sqlite_errorname", "").split("_")[:2])
        # Python's own failure has no code, and quotes the text.
        fault = _SQLITE_FAULTS.get(code, _BROKEN) if code else _NO_TEXT
    raise RecordsError(path.name, [Breach(None, None, fault)])


def _held(database: Any, table: Table, path: Path, once: Sequence[str], size: int) -> Any:
    (rows,) = database.execute(f"select count(*) from {table.sql}").fetchone()
    cursor = database.execute(f"select * from {table.sql}")
    names = told_apart([each[0] for each in cursor.description], path.name, once)
    relation = poured(duckdb_connection(size, len(names)), names, _rows(cursor))
    check_all_read(path.name, count(nw.from_native(relation)), rows)
    return relation


def _rows(cursor: Any) -> Iterator[Sequence[str | None]]:
    for row in cursor:
        is_text = {*map(type, row)} <= _TEXT
        yield row if is_text else [value if type(value) in _TEXT else cell_text(value) for value in row]


def _address(path: Path) -> str:
    """A SQLite file to be read only; where nobody has changes waiting beside it, as one that stays as it is, so that nothing is made there."""
    with path.open("rb") as file:
        begin = file.read(20)
    is_still = begin[18:19] == _WAL and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_still else ''}"
