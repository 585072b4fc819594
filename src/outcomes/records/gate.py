"""The privacy gate over the codes and free texts of a source: each different one is looked at once, beside the others of its column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.definitions.columns import COLUMN
from outcomes.errors import counted
from outcomes.records import codes, texts
from outcomes.tabular.engines import ROW, collect

MOST = 100_000
"""Different cells of a column that are looked at, those first that are spelt most like names; a column of codes is all of a kind."""

# Most codes have neither three letters in a row nor four digits: they need not leave the engine.
_WORTH_A_LOOK = r"[A-Za-z]{3}|[0-9]{4}|[0-9][-_ ./][0-9]|[^ -~]|^[1-9][A-Z][A-Z0-9][0-9]-?[A-Z]"
_TEXT_WORTH_A_LOOK = r"[A-Za-z][^A-Za-z]*[A-Za-z]|[0-9]{4}|[0-9][-_ ./()][0-9]|[^ -~]"
_MOST_LIKE_NAMES = r"^[A-Za-z]{2,}[-_ ., ]+[A-Za-z]{3,}[0-9]{0,4}$"
_COLUMN, _CELL, _CELLS, _FIRST, _LIKE = "column", "cell", "cells", "first", "is_like"
_UNPIVOTED = 12
"""Columns from which on they are put below each other by the engine."""


class Found(NamedTuple):
    """What the cells of a column hold: how many, the first in which row; refused, or only warned of."""

    column: str
    holds: str
    cells: int
    first: int | None
    is_refused: bool

    def sentence(self, named: str) -> str:
        """The same as a message tells it; never what they hold."""
        where = "" if self.first is None else f", {'' if self.cells == 1 else 'the first '}in row {self.first}"
        return f"column {named} holds {self.holds} ({counted(self.cells, 'cells')}{where})"


def looked_over(frame: nw.LazyFrame[Any], known: Sequence[str], unknown: Sequence[str] = ()) -> list[Found]:
    """What could identify a patient in the columns of codes and texts among `known`, and in `unknown` ones, by all of their cells."""
    schema = frame.collect_schema().names()
    free = [name for name in known if name in schema and COLUMN[name].kind in ("id", "text")]
    taken = frame if ROW in schema else frame.with_columns(nw.lit(None).cast(nw.Int64).alias(ROW))
    by_kind = {"id": _WORTH_A_LOOK, "text": _TEXT_WORTH_A_LOOK}
    parts = [(_cells(taken, name), by_kind[COLUMN[name].kind]) for name in free]
    if len(unknown) >= _UNPIVOTED:
        below = taken.select(ROW, *unknown).unpivot([*unknown], index=[ROW], variable_name=_COLUMN, value_name=_CELL)
        parts.append((below.select(_COLUMN, _CELL, ROW), _TEXT_WORTH_A_LOOK))
    else:
        parts += [(_cells(taken, name), _TEXT_WORTH_A_LOOK) for name in unknown]
    if not parts:
        return []
    cells = collect(nw.concat([_different(part, pattern) for part, pattern in parts]))
    return [found for column in [*free, *unknown] for found in _of_column(column, cells[cells[_COLUMN] == column])]


def _cells(frame: nw.LazyFrame[Any], column: str) -> nw.LazyFrame[Any]:
    return frame.select(nw.lit(column).alias(_COLUMN), nw.col(column).alias(_CELL), ROW)


def _different(part: nw.LazyFrame[Any], pattern: str) -> nw.LazyFrame[Any]:
    """The different cells of columns that are worth a look, and one row for all others together: how often and where first."""
    cell = nw.col(_CELL)
    seen = nw.when(cell.str.contains(pattern) & ~cell.str.contains(codes.OWN)).then(cell)
    different = part.filter(~cell.is_null()).with_columns(seen.alias(_CELL)).group_by(_COLUMN, _CELL).agg(
        nw.len().alias(_CELLS), nw.col(ROW).min().alias(_FIRST)
    )  # fmt: skip
    is_like = nw.when(cell.is_null()).then(0).when(cell.str.contains(_MOST_LIKE_NAMES)).then(1).otherwise(2)
    return different.with_columns(is_like.alias(_LIKE)).sort(_LIKE, _CELL).head(MOST)


def _of_column(column: str, cells: pd.DataFrame) -> Iterable[Found]:
    looked_at = cells[cells[_CELL].notna()]
    if looked_at.empty:
        return
    others = int(cells[_CELLS].sum() - looked_at[_CELLS].sum())
    counts = dict(zip(looked_at[_CELL], looked_at[_CELLS].astype(int), strict=True))
    firsts = dict(zip(looked_at[_CELL], looked_at[_FIRST], strict=True))
    if column in COLUMN and COLUMN[column].kind == "id":
        doubts = codes.doubts(counts, others, places=column == "course_id")
    else:
        doubts = texts.doubts(counts, others, is_device=column in COLUMN)
    for doubt in doubts:
        rows = [firsts[code] for code in doubt.codes if not pd.isna(firsts[code])]
        n = sum(counts[code] for code in doubt.codes)
        yield Found(column, doubt.holds, n, int(min(rows)) if rows else None, doubt.is_refused)
