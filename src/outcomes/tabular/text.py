"""Cells of any kind as text, blanks as null, the same on every engine."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from outcomes.tabular.engines import ROW

# Named, as the engines differ in what they strip by themselves.
_BLANKS = " \t\n\r\v\f\u00a0\ufeff"

# Kinds that not every engine can write as text. No column of the contract is one.
_NO_TEXT = (nw.List, nw.Array, nw.Struct, nw.Binary, nw.Duration, nw.Object)


def as_text(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Every column but `ROW` as trimmed text, null where nothing is recorded; NaN is nothing."""
    schema = frame.collect_schema()
    return frame.select(*(nw.col(name) if name == ROW else _text(name, kind).alias(name) for name, kind in schema.items()))


def _text(name: str, kind: Any) -> Any:
    column = nw.col(name)
    if kind in _NO_TEXT:
        return nw.when(~column.is_null()).then(nw.lit("not a text"))
    if kind == nw.Decimal:
        column, kind = column.cast(nw.Float64), nw.Float64
    if kind in (nw.Float64, nw.Float32):
        # A column of whole numbers with blanks becomes floats in pandas: 12.0 is 12, also as a code or a category.
        column = nw.when(~column.is_nan()).then(column).cast(nw.String).str.replace_all(r"\.0$", "")
    text = column.cast(nw.String).str.strip_chars(_BLANKS)
    return nw.when(text.str.len_chars() > 0).then(text)
