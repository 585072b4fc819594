"""Cells of any kind as text, blanks as null, the same on every engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from outcomes.tabular.cell_text import LEAST, MOST, MOST_WHOLE, NO_TEXT, UNCLEAR, cell_text
from outcomes.tabular.engines import ROW, in_quotes

# Named, as the engines differ in what they strip by themselves.
BLANKS = " \t\n\r\v\f\u00a0\ufeff"
"""What is trimmed off both ends of a cell."""

# Kinds that not every engine can write as text, or not as the others do. No column of the contract is one.
_NO_TEXT = (nw.List, nw.Array, nw.Struct, nw.Binary, nw.Duration, nw.Time, nw.Object)

# Where an engine writes a list or a record: what stands between its values.
_BETWEEN = r"[\[\]{}'\"]|, |: |=|->"

# Blanks that are not ASCII take DuckDB as long to trim as all else takes it: only cells that may begin or end with one are trimmed.
_MAY_BE_BLANK = "^([^!-~]|$)|[^!-~]$"
_TRIMMED = f"case when regexp_matches({{0}}, '{_MAY_BE_BLANK}') then nullif(trim({{0}}, '{BLANKS}'), '') else {{0}} end"


def as_text(frame: nw.LazyFrame[Any], names: Mapping[str, str] | None = None, *, is_trimmed: bool = False) -> nw.LazyFrame[Any]:
    """Every column but `ROW` as trimmed text, null where nothing is recorded; NaN is nothing.

    `names` are what the columns are called from here on, where that is another name. With `is_trimmed` no cell of the frame is
    empty or begins or ends with a blank.
    """
    frame = _odd_as_text(frame)
    kinds = frame.collect_schema()
    named = {name: (names or {}).get(name, name) for name in kinds}
    if frame.implementation.is_duckdb() and all(kind == nw.String for name, kind in kinds.items() if name != ROW):
        trimmed = "{0}" if is_trimmed else _TRIMMED
        cells = [("{0}" if name == ROW else trimmed).format(in_quotes(name)) + f" as {in_quotes(named[name])}" for name in kinds]
        return nw.from_native(frame.to_native().project(", ".join(cells)))
    is_slow = frame.implementation.is_duckdb()
    return frame.select(
        *(nw.col(name) if name == ROW else _text(name, kind, is_slow).alias(named[name]) for name, kind in kinds.items())
    )


def between_lines(text: str) -> str:
    """What stands inside a list or a record that an engine has written, a line each."""
    return re.sub(_BETWEEN, "\n", text)


def _odd_as_text(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A Polars frame whose lists, records, bytes and the like are texts, cell by cell."""
    odd = [name for name, kind in frame.collect_schema().items() if kind in _NO_TEXT]
    if not odd or not frame.implementation.is_polars():
        return frame
    import polars as pl

    def texts_of(column: pl.Series) -> pl.Series:
        return pl.Series(column.name, [cell_text(each) for each in column.to_list()], dtype=pl.String)

    return nw.from_native(frame.to_native().with_columns(pl.col(odd).map_batches(texts_of, return_dtype=pl.String)))


def _text(name: str, kind: Any, is_slow: bool) -> Any:
    column = nw.col(name)
    if kind in _NO_TEXT:
        inside = column.cast(nw.String).str.replace_all(_BETWEEN, "\n")
        return nw.when(~column.is_null()).then(nw.concat_str([nw.lit(NO_TEXT), inside], separator="\n"))
    if kind == nw.Decimal:
        column, kind = column.cast(nw.Float64), nw.Float64
    if kind in (nw.Float64, nw.Float32):
        return _number(nw.when(~column.is_nan()).then(column))
    if kind.is_integer() or kind == nw.Boolean:
        return column.cast(nw.String)
    text = column.cast(nw.String)
    trimmed = text.str.strip_chars(BLANKS)
    recorded = nw.when(trimmed.str.len_chars() > 0).then(trimmed)
    return nw.when(text.str.contains(_MAY_BE_BLANK)).then(recorded).otherwise(text) if is_slow else recorded


def _number(column: Any) -> Any:
    """A float as `cell_text` writes one: a column of whole numbers with blanks becomes floats in pandas, and 12.0 is 12."""
    size = column.abs()
    whole = nw.when(size < MOST_WHOLE).then(column).cast(nw.Int64)
    return (
        nw.when(whole.cast(nw.Float64) == column).then(whole.cast(nw.String))
        .when((size >= LEAST) & (size < MOST)).then(column.cast(nw.String))
        .when(~column.is_null()).then(nw.lit(UNCLEAR))
    )  # fmt: skip
