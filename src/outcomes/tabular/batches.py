"""Rows that come one by one, put into a table of an engine some at a time, so that few of them are in memory twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from outcomes.errors import Breach, RecordsError, counted
from outcomes.tabular.engines import in_quotes
from outcomes.tabular.room import enough_room

_AT_ONCE = 20_000
_MOST_CHARACTERS = 16_000_000

_NUMBER = "case when {0} is not null then coalesce(try_cast({0} as double), 'inf'::double) end"
"""A number that a float can't hold is unclear, as infinity is, and not blank."""


def poured(connection: Any, names: Sequence[str], rows: Iterable[Sequence[str | None]], numbers: Collection[int] = ()) -> Any:
    """A DuckDB relation with the rows of text in their order; the columns at the places in `numbers` are numbers."""
    kinds = [f"{in_quotes(name)} {'DOUBLE' if place in numbers else 'VARCHAR'}" for place, name in enumerate(names)]
    cells = [(_NUMBER if place in numbers else "{0}").format(in_quotes(str(place))) for place in range(len(names))]
    connection.execute(f"create table poured ({', '.join(kinds)})")
    for some in _some(rows):
        batch = pd.DataFrame(some, columns=[str(place) for place in range(len(names))], dtype=object)
        with enough_room():
            connection.register("batch", batch)
            connection.execute(f"insert into poured select {', '.join(cells)} from batch")
            connection.unregister("batch")
    return connection.table("poured")


def _some(rows: Iterable[Sequence[str | None]]) -> Iterator[list[Sequence[str | None]]]:
    some: list[Sequence[str | None]] = []
    characters = 0
    for row in rows:
        some.append(row)
        characters += sum(map(len, filter(None, row)))
        if len(some) == _AT_ONCE or characters > _MOST_CHARACTERS:
            yield some
            some, characters = [], 0
    if some:
        yield some


def check_all_read(name: str, rows: int, of: int | None) -> None:
    """Refuses a source of whose rows some are lost on the way, or there twice; `of` is None where it is not known.

    Raises:
        RecordsError: so many rows are not as many as it holds.
    """
    if of is not None and rows != of:
        problem = f"it holds {counted(of, 'rows')}, but {rows:,} were read; save it as CSV UTF-8 and try again"
        raise RecordsError(name, [Breach(None, None, problem)])
