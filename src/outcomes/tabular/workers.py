"""PySpark's workers asked: each brings the rows of one part of a frame, part after part, into a DuckDB of its own.

It goes without pyarrow: Spark packs each row into one text, and DuckDB unpacks it in the worker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.tabular.engines import duckdb_connection, in_quotes

Ask = Callable[[Any], Iterable[Any]]

WORTH_A_WORKER = 50_000
"""Rows that a worker is asked about at once: to write the questions takes longer than to answer them of fewer."""

_BETWEEN, _ESCAPE = "\x1f", "\x1a"
_AT_ONCE = 20_000


def places_for(rows: int) -> int:
    """How many parts so many rows are worth."""
    return max(1, -(-rows // WORTH_A_WORKER))


def of_workers(frame: nw.LazyFrame[Any], rows: int, ask: Ask, then: Ask | None = None) -> list[Any]:
    """What `ask`, a function of a module, makes of each part of a PySpark frame in a worker, in one job; nothing of a part without rows.

    `ask` takes the rows of a part as a DuckDB frame. Where `then` follows, it gives pairs of a place and something, and `then` takes
    all that came to one of `places_for` the rows. `rows` are those of the whole frame: its parts are taken together, whole, until
    each has about `WORTH_A_WORKER` of them. An empty text comes back as null, every other as it is.
    """
    from pyspark.sql import functions

    native = frame.to_native()
    kinds = dict(native.dtypes)
    cells = [functions.coalesce(functions.col(f"`{name}`").cast("string"), functions.lit("")) for name in kinds]
    packed = native.select(
        functions.concat_ws(_BETWEEN, *(_escaped(cell, functions.regexp_replace) for cell in cells)).alias("packed")
    ).rdd
    places = places_for(rows)
    with _same_python(packed.context):
        found = packed.coalesce(min(places, packed.getNumPartitions())).mapPartitions(partial(_asked, kinds, ask))
        return list((found.partitionBy(places, int).mapPartitions(then) if then else found).collect())


def _escaped(cell: Any, replaced: Callable[[Any, str, str], Any]) -> Any:
    """A text in which nothing stands that stands between two."""
    return replaced(replaced(cell, _ESCAPE, f"{_ESCAPE}A"), _BETWEEN, f"{_ESCAPE}B")


def _whole(cell: str) -> str:
    """The same turned round, as SQL."""
    return f"replace(replace({cell}, chr({ord(_ESCAPE)}) || 'B', chr({ord(_BETWEEN)})), chr({ord(_ESCAPE)}) || 'A', chr({ord(_ESCAPE)}))"


@contextmanager
def _same_python(context: Any) -> Iterator[None]:
    """Where Spark runs on this machine alone, its workers are of the Python that asks; by itself it takes the first `python3` of the path."""
    own = context.pythonExec
    if context.master.startswith("local") and own == "python3":
        context.pythonExec = sys.executable
    try:
        yield
    finally:
        context.pythonExec = own


def _asked(kinds: dict[str, str], ask: Ask, packed: Iterable[Any]) -> Iterable[Any]:
    texts = (row[0] for row in packed)
    first = next(texts, None)
    return () if first is None else ask(_unpacked(kinds, chain([first], texts)))


def _unpacked(kinds: dict[str, str], texts: Iterator[str]) -> nw.LazyFrame[Any]:
    connection = duckdb_connection()
    # Spark starts a worker for each core.
    connection.execute("set threads = 1")
    # Spark's names of its kinds are DuckDB's too.
    connection.execute(f"create table rows_of_part ({', '.join(f'{in_quotes(name)} {kind}' for name, kind in kinds.items())})")
    cells = ", ".join(f"nullif({_whole(f'cells[{place}]')}, '')::{kind}" for place, kind in enumerate(kinds.values(), start=1))
    split = f"select string_split(packed, chr({ord(_BETWEEN)})) as cells from batch"
    while some := list(islice(texts, _AT_ONCE)):
        connection.register("batch", pd.DataFrame({"packed": pd.Series(some, dtype=object)}))
        connection.execute(f"insert into rows_of_part select {cells} from ({split})")
    connection.unregister("batch")
    return nw.from_native(connection.table("rows_of_part"))
