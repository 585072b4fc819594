"""The three engines behind one lazy frame: DuckDB for files and pandas, Polars where these are small; Polars and PySpark frames stay where they are.

Everything is written in Narwhals; here stands the little that differs from engine to engine.
"""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.tabular.cell_text import texts
from outcomes.tabular.private_folder import PrivateFolder
from outcomes.tabular.room import enough_room, memory_for

ROW = "source_row"
"""Column with the row as a spreadsheet numbers it: the header is row 1, the first record row 2."""

_QUOTE = "'"
_STAND_IN = "outcomes_source"

SMALL = 8_000_000
"""Bytes of a source, some 50,000 visits, up to which Polars takes less time: DuckDB plans each question for some hundredths of a second."""

MANY = 200
"""Columns from which on DuckDB takes longer to plan a question than to answer it."""

Make = Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]

_numbers = itertools.count()
_folders: list[Any] = []
_connections: WeakValueDictionary[int, Any] = WeakValueDictionary()


def lazy(frame: Any) -> nw.LazyFrame[Any]:
    """A pandas, Polars or PySpark frame as a lazy frame with `ROW`; null there where the engine keeps no order.

    Raises:
        TypeError: for anything else.
    """
    native = nw.from_native(frame, pass_through=True)
    if not isinstance(native, nw.DataFrame | nw.LazyFrame):
        raise TypeError(f"records must be a path or a pandas, Polars or PySpark frame, got {type(frame).__name__}")
    if native.implementation.is_pandas():
        columns = [texts(frame.iloc[:, place]) for place in range(len(frame.columns))]
        numbered = pd.concat([*columns, pd.Series(range(2, len(frame) + 2), index=frame.index)], axis=1)
        numbered.columns = [*map(str, frame.columns), ROW]
        return nw.from_native(duckdb_connection(int(numbered.memory_usage().sum()), len(numbered.columns)).from_df(numbered))
    if native.implementation.is_polars():
        return nw.from_native(frame.lazy().with_row_index(ROW, offset=2))
    if native.implementation.is_pyspark():
        return native.lazy().with_columns(nw.lit(None).cast(nw.Int64).alias(ROW))
    raise TypeError(f"records must be a path or a pandas, Polars or PySpark frame, got a frame of {native.implementation}")


def in_memory(text: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A DuckDB frame of text and `ROW` as a Polars frame; another as it is."""
    if not text.implementation.is_duckdb():
        return text
    with _ctrl_c_kept():
        import polars as pl

    with enough_room():
        columns = text.to_native().fetchnumpy()
    kinds = {name: pl.Int64 if name == ROW else pl.String for name in columns}
    return nw.from_native(pl.LazyFrame({name: values.tolist() for name, values in columns.items()}, schema=kinds))


@contextmanager
def _ctrl_c_kept() -> Iterator[None]:
    """Polars takes Ctrl-C over when it is imported, and can lose it where nothing of Polars runs."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    if handler is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)


def duckdb_connection(size: int = 0, columns: int = 0) -> Any:
    """A new in-memory DuckDB that never draws a progress bar into a report, for a source of `size` bytes and so many `columns`."""
    import duckdb

    connection = duckdb.connect()
    # The number lets `hold` find the connection of a relation again; relations keep it alive.
    number = next(_numbers)
    _connections[number] = connection
    connection.execute(f"set variable outcomes_connection = {number}")
    # In Jupyter the setting exists, and is on, only where ipywidgets is installed.
    if connection.execute("select current_setting('enable_progress_bar')").fetchall()[0][0]:
        connection.execute("set enable_progress_bar = false")
    # A column of Python objects is text: its kind is not guessed from the first thousand rows.
    connection.execute("set pandas_analyze_sample = 0")
    # Short lists of spellings are compared one by one: as the joins that the optimizer makes of them they take three times as long.
    # What several columns have in common is looked for among all pairs of them.
    also = ", common_subexpressions" if columns > MANY else ""
    connection.execute(f"set disabled_optimizers = 'in_clause{also}'")
    # Not into the user's folder, as is its own way.
    memory = memory_for(size)
    folder = _waiting_room() if memory else ""
    connection.execute(f"set temp_directory = '{folder.replace(_QUOTE, 2 * _QUOTE)}'")
    if memory:
        connection.execute(f"set memory_limit = '{memory}'")
    return connection


@cache
def _waiting_room() -> str:
    """A private folder for what does not fit into memory, gone when the process ends."""
    folder = PrivateFolder()
    _folders.append(folder)
    return folder.name


def collect_made(make: Make, frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """A small result that `make`, a function of a module, makes of a held frame.

    DuckDB's SQL of it is written once for all frames of the same columns: to write it takes longer than to ask it of a small
    file.
    """
    if not frame.implementation.is_duckdb():
        return collect(make(frame))
    connection, sql = _made(make, frame, frame)
    with enough_room():
        return connection.execute(sql).df()


def _made(make: Make, frame: nw.LazyFrame[Any], source: nw.LazyFrame[Any]) -> tuple[Any, str]:
    """The connection of a DuckDB frame, and the SQL of what `make` makes of it, over a view of the frame."""
    native = frame.to_native()
    kinds = tuple((name, str(kind)) for name, kind in zip(native.columns, native.types, strict=True))
    sql = _sql(make, kinds)
    native.create_view(_STAND_IN, replace=True)
    return _connection_of(source.to_native()), sql


@lru_cache(maxsize=64)
def _sql(make: Make, kinds: tuple[tuple[str, str], ...]) -> str:
    connection = duckdb_connection()
    columns = ", ".join(f"{in_quotes(name)} {kind}" for name, kind in kinds)
    connection.execute(f"create table {_STAND_IN} ({columns})")
    return str(make(nw.from_native(connection.table(_STAND_IN))).to_native().sql_query())


def in_quotes(name: str) -> str:
    """A column's name as DuckDB's SQL takes it literally."""
    return '"' + name.replace('"', '""') + '"'


def hold(frame: nw.LazyFrame[Any], source: nw.LazyFrame[Any] | None = None) -> nw.LazyFrame[Any]:
    """The same frame computed once and kept by its engine, so that later questions do not read the source again.

    `source` is what the frame was made from, if known: it is quicker to ask for the connection.
    """
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        # The table is asked for by its name: derived from `native`, each later question would carry along all that made it.
        name = f"held_{next(_numbers)}"
        with enough_room():
            native.create(name)
        return nw.from_native(_connection_of(native if source is None else source.to_native()).table(name))
    if frame.implementation.is_polars():
        return nw.from_native(native.collect().lazy())
    return nw.from_native(native.persist())


def hold_by(frame: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
    """The same as `hold`; PySpark keeps all rows of a `key` together, in twice as many parts as it has cores."""
    if not frame.implementation.is_pyspark():
        return hold(frame)
    native = frame.to_native()
    return nw.from_native(native.repartition(2 * native.sparkSession.sparkContext.defaultParallelism, key).persist())


def hold_source(make: Make, frame: nw.LazyFrame[Any], source: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
    """What `make`, a function of a module, makes of a `source` row by row, held; with `ROW` where the engine keeps an order.

    DuckDB reads with all cores where it need not count rows: those of a table have their number from where they stand in it.
    PySpark keeps all rows of a `key` together, as `hold_by` does.
    """
    if not frame.implementation.is_duckdb():
        return hold_by(make(frame), key)
    connection, sql = _made(make, frame, source)
    name = f"held_{next(_numbers)}"
    with enough_room():
        connection.execute(f"create table {name} as {sql}")
    held = connection.table(name)
    return nw.from_native(held if ROW in held.columns else held.project(f"rowid + 2 as {ROW}, *"))


def _connection_of(native: Any) -> Any:
    number = native.query("unused", "select getvariable('outcomes_connection')").fetchall()[0][0]
    return _connections[number]


def hold_few(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The same for few rows that many later frames are made from: PySpark also forgets what they were made of.

    It carries the whole plan of a frame along wherever it is used again, held or not, until no memory is left for it.
    """
    if frame.implementation.is_pyspark():
        return nw.from_native(frame.to_native().localCheckpoint())
    return hold(frame)


def collect(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """A small result as a pandas frame, without pyarrow."""
    if frame.implementation.is_duckdb():
        with enough_room():
            return frame.collect(backend="pandas").to_native()
    if frame.implementation.is_polars():
        result = frame.to_native().collect()
        # Without rows pandas takes every column for numbers, text too.
        return pd.DataFrame(result.to_dict(as_series=False), dtype=object if result.is_empty() else None)
    return pd.DataFrame([row.asDict() for row in frame.to_native().collect()], columns=frame.collect_schema().names())


class Extent(NamedTuple):
    """How many rows and about how many bytes a frame has; None where an engine would have to compute it."""

    rows: int | None
    size: int | None


def extent(frame: Any) -> Extent:
    """Of a pandas or Polars frame; of any other nothing is known."""
    if isinstance(frame, pd.DataFrame):
        return Extent(len(frame), int(frame.memory_usage().sum()))
    native = nw.from_native(frame, pass_through=True)
    return Extent(len(native), int(native.estimated_size())) if isinstance(native, nw.DataFrame) else Extent(None, None)


def count(frame: nw.LazyFrame[Any]) -> int:
    """How many rows a frame has."""
    return int(collect(frame.select(nw.len().alias("rows")))["rows"].iloc[0])
