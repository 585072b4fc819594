"""A table or view of a PostgreSQL database, read in one transaction that can't write; passwords are left to PostgreSQL's own library.

No message repeats what the library or the server says: either may name the host, the user or a cell.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from outcomes.errors import Breach, RecordsError, UsageError
from outcomes.tabular.addresses import Address
from outcomes.tabular.batches import check_all_read, poured
from outcomes.tabular.cell_text import NO_TEXT
from outcomes.tabular.csv_reader import told_apart
from outcomes.tabular.engines import ROW, count, duckdb_connection
from outcomes.tabular.table_names import Table, table_named
from outcomes.tabular.text import between_lines

SOURCE = "the records"
"""What messages and reports call them: no server, database or table."""

_NO_DRIVER = "PostgreSQL is read by psycopg, which is not installed here: pip install 'microneedling-outcomes[postgresql]'"

_PATIENCE = {"connect_timeout": 15, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""Seconds until a server that does not answer is given up, where the address does not say."""

_CELL = 8
"""About how many bytes of text a cell is."""

_TEXTS = {"int2", "int4", "int8", "bool", "uuid", "date", "timestamp", "timestamptz"}
_NUMBERS = {"float4", "float8", "numeric"}
_TEXT_CATEGORIES = {"S", "E"}
"""Texts and enumerations."""

_WRITTEN_ALIKE = ("datestyle = 'ISO'", "timezone = 'UTC'", "extra_float_digits = 1", "synchronize_seqscans = off")
"""However a server is set, cells are written alike, and the rows of a table come in their own order."""

_TABLES = """
select n.nspname, c.relname, pg_table_is_visible(c.oid)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
order by 3 desc, 1, 2
"""

_CUT = "the connection was cut while the rows were read, so none of them was used; try again"
_NO_RIGHT = "this user has no right to read the table, or not all of its columns; ask for the right, or name a view"
_GIVEN_UP = "the server gave up reading, as after its time limit; try again, or ask for a longer one"
_BROKEN = "the table can't be read; is it a view that fails?"
_NO_TEXT = "a cell holds bytes that are no text"


class Read(NamedTuple):
    """The cells of a table with `ROW`, how many rows the server counts, and about how many bytes they are."""

    cells: nw.LazyFrame[Any]
    rows: int
    size: int


def read(address: Address, once: Sequence[str] = ()) -> Read:
    """The rows of the table of an address, in the order in which the server gives them.

    Raises:
        UsageError: the driver is not installed.
        RecordsError: the server can't be reached or refuses, there is no such table, or it can't be read.
    """
    try:
        import psycopg
    except ImportError:
        raise UsageError(_NO_DRIVER) from None
    faults = (
        (psycopg.errors.InsufficientPrivilege, _NO_RIGHT),
        (psycopg.errors.QueryCanceled, _GIVEN_UP),
        ((psycopg.errors.CharacterNotInRepertoire, psycopg.errors.UntranslatableCharacter), _NO_TEXT),
        (psycopg.OperationalError, _CUT),
        (psycopg.Error, _BROKEN),
    )
    # Closed and no more: the driver would tell where it was connected if it could not roll back.
    with closing(_connected(psycopg, address)) as connection:
        try:
            return _held(connection, address, once)
        except psycopg.Error as failure:
            fault = next(told for kind, told in faults if isinstance(failure, kind))
        except UnicodeDecodeError:
            fault = _NO_TEXT
    raise RecordsError(SOURCE, [Breach(None, None, fault)])


def _connected(psycopg: Any, address: Address) -> Any:
    log, fault = logging.getLogger("psycopg"), ""
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    try:
        connection = psycopg.connect(
            "", **(_PATIENCE | {"fallback_application_name": "outcomes"} | address.settings), client_encoding="utf8"
        )
        connection.read_only = True
        # Count and rows are of one state of the database.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return connection
    except psycopg.Error as failure:
        fault = _refusal(failure)
    # Not within the handler: the failure knows the password.
    raise RecordsError(SOURCE, [Breach(None, None, fault)])


def _refusal(failure: Any) -> str:
    """Why there is no connection, by what the library knows of it; servers speak the language of their machine."""
    tried, told = failure.pgconn, str(failure)
    user, database = (getattr(tried, name, None) for name in ("user", "db"))
    if tried is not None and tried.needs_password:
        return "the server asks for a password; write it into the file ~/.pgpass or the variable PGPASSWORD"
    if tried is not None and tried.used_password and not (database != user and f'"{(database or b"").decode()}"' in told):
        return "the server does not accept this user with this password"
    if "service file" in told or "definition of service" in told:
        return "there is no service of this name in the file of services"
    # A server's own words follow on how grave it is, a colon and two blanks.
    if ":  " in told:
        return (
            "the server refuses the connection: no such database or user, none that may come in from here, or it takes nobody now"
        )
    return "the server can't be reached; is the address right, and does it run?"


def _held(connection: Any, address: Address, once: Sequence[str]) -> Read:
    from psycopg import sql

    for setting in _WRITTEN_ALIKE:
        connection.execute(f"set local {setting}")
    tables = [Table(*each) for each in connection.execute(_TABLES).fetchall()]
    chosen = table_named(address.table, tables, SOURCE)
    table = sql.Identifier(chosen.schema, chosen.name)
    (rows,) = connection.execute(sql.SQL("select count(*) from {}").format(table)).fetchone()
    columns = _columns(connection, table)
    names = told_apart([each.name for each in columns], SOURCE, once)
    if not names:
        raise RecordsError(SOURCE, [Breach(None, None, "the table has no columns")])
    size = rows * len(names) * _CELL
    cells = sql.SQL(", ").join(sql.SQL(each.asked).format(sql.Identifier(each.name)) for each in columns)
    with connection.cursor() as cursor, cursor.copy(sql.SQL("copy (select {} from {}) to stdout").format(cells, table)) as copy:
        relation = poured(
            duckdb_connection(size, len(names)),
            names,
            _rows(copy, [place for place, each in enumerate(columns) if each.is_odd]),
            [place for place, each in enumerate(columns) if each.kind in _NUMBERS],
        )
    check_all_read(SOURCE, count(nw.from_native(relation)), rows)
    return Read(nw.from_native(relation.project(f"row_number() over () + 1 as {ROW}, *")), rows, size)


class _Column(NamedTuple):
    """A column, and its kind as PostgreSQL names kinds and their categories; of a domain, the kind beneath it."""

    name: str
    kind: str
    category: str

    @property
    def is_odd(self) -> bool:
        """Whether its cells are lists, records, bytes, spans of time and the like."""
        return self.kind not in _TEXTS | _NUMBERS and self.category not in _TEXT_CATEGORIES

    @property
    def asked(self) -> str:
        """How the server is asked for it."""
        return "encode({}, 'escape')" if self.kind == "bytea" else "{}::text"


def _columns(connection: Any, table: Any) -> list[_Column]:
    from psycopg import sql

    found = connection.execute(sql.SQL("select * from {} limit 0").format(table)).description or []
    asked = "select oid, typname, typcategory from pg_type where oid = any(%s)"
    kinds = {number: kind for number, *kind in connection.execute(asked, [[each.type_code for each in found]])}
    return [_Column(each.name, *kinds[each.type_code]) for each in found]


def _rows(copy: Any, odd: Sequence[int]) -> Iterator[Sequence[str | None]]:
    """The rows of a copy; lists, records, bytes and spans of time as `as_text` writes them."""
    for row in copy.rows():
        if not odd:
            yield row
            continue
        cells = list(row)
        for place in odd:
            cells[place] = _no_text(cells[place])
        yield cells


def _no_text(cell: str | None) -> str | None:
    return None if cell is None else f"{NO_TEXT}\n{between_lines(cell.replace(',', ', '))}"
