"""Text in, typed columns out: one expression per kind of column, the same on every engine.

A cell is text until its rule has read it: a value, null where it cannot be read. A cell with text but no value is
broken. The broken cells of a row are the bits of one integer, so that one pass over the source reads and checks it, and looks
for what could identify a patient.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from outcomes.definitions.columns import COLUMN, COLUMNS, LONGEST_TEXT, NO, YES, Column
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import HUNDREDTHS, SCALES
from outcomes.records import privacy
from outcomes.tabular.cell_text import NO_TEXT
from outcomes.tabular.engines import ROW

BROKEN = "broken_bits"
PRIVATE = "is_private"
RECORDED = "is_recorded"
STRAY = "is_stray"
BLANK = "is_blank"
COURSE = "course"

# Not with three decimals: 1.500 is one and a half in one country and fifteen hundred in another.
_WHOLE = r"^[0-9]{1,9}(\.(0{1,2}|0{4,}))?\z"
_NUMBER = r"^[0-9]{1,4}(\.([0-9]{1,2}|[0-9]{2}0{2,}))?\z"
_ID = r"^[A-Za-z0-9_-]{1,64}\z"
# Its small letter is the plain i to one engine, and two letters to others.
_DOTTED = "İ"

# nw.Expr and nw.when chains have different static types.
Expr = Any


class RowRule(NamedTuple):
    """One rule that a single row can break: the column it is reported at, and when it is broken."""

    column: str
    kind: str
    is_broken: Expr


def typed(text: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Text -> every column of the contract in its own kind, `ROW` where the text has it, `COURSE`, `BROKEN`, `PRIVATE`, `BLANK`.

    Numbers become integers (scores and other number columns in hundredths of their unit), yes/no become booleans,
    categories their one spelling. Columns that the source lacks are null throughout.
    """
    return contract_of(read(text))


def contract_of(read: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Of what `read` gives, the columns of `typed`."""
    present = set(read.collect_schema().names())
    kept = [nw.col(value_of(column.name)).alias(column.name) for column in COLUMNS if column.name in present]
    empty = [nw.lit(None).cast(_dtype(column)).alias(column.name) for column in COLUMNS if column.name not in present]
    return read.select(*_numbered(present), BROKEN, PRIVATE, BLANK, COURSE, *kept, *empty)


def read(text: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The contract's text columns, beside each its value (``<column>__value``); `ROW`, `COURSE`, `BROKEN`, `PRIVATE`, `BLANK`.

    A row is `RECORDED` by a cell in any column of the contract, `STRAY` where only others hold anything, and else `BLANK`. The
    others, of which there may be thousands, are looked at once and left behind.
    """
    schema = text.collect_schema().names()
    names = [name for name in schema if name != ROW]
    columns = [column for column in COLUMNS if column.name in names]
    # What can be read as a number, a category or yes/no identifies nobody; what can't is broken, and its row looked at again.
    free = [name for name in names if name not in COLUMN or COLUMN[name].kind in ("id", "text")]
    values = text.select(
        *_numbered(schema),
        *(column.name for column in columns),
        *(_read(column).alias(value_of(column.name)) for column in columns),
        _any_filled([column.name for column in columns]).alias(RECORDED),
        _any_filled([name for name in names if name not in COLUMN]).alias(STRAY),
        privacy.is_private(free).alias(PRIVATE),
    ).with_columns((nw.col(STRAY) & ~nw.col(RECORDED)).alias(STRAY))
    broken = [nw.when(rule.is_broken).then(2**bit).otherwise(0).cast(nw.Int64) for bit, rule in enumerate(row_rules(names))]
    return values.with_columns(
        nw.sum_horizontal(nw.lit(0), *broken).alias(BROKEN),
        (~nw.col(RECORDED) & ~nw.col(STRAY)).alias(BLANK),
        _course(names).alias(COURSE),
    )


def _any_filled(names: list[str]) -> Expr:
    return ~nw.coalesce(*(nw.col(name) for name in names)).is_null() if names else nw.lit(False)


def _numbered(present: Iterable[str]) -> list[str]:
    return [ROW] if ROW in present else []


def row_rules(present: Iterable[str]) -> list[RowRule]:
    """The rules that a row can break on its own, in the order of the bits of `BROKEN`; `present` are the source's columns.

    The expressions are over the text columns and their values (`<column>__value`), `RECORDED` and `STRAY`.
    """
    names = set(present)
    rules = []
    for column in COLUMNS:
        if column.name in names:
            rules.append(RowRule(column.name, "value", ~nw.col(column.name).is_null() & nw.col(value_of(column.name)).is_null()))
            if column.required and not column.may_be_blank:
                rules.append(RowRule(column.name, "blank", nw.col(column.name).is_null() & nw.col(RECORDED)))
            if column.name == "patient_id":
                rules.append(RowRule(column.name, "stray", nw.col(STRAY)))
    for endpoint in ENDPOINTS.values():
        if endpoint.score_column not in names:
            continue
        score = nw.col(value_of(endpoint.score_column))
        if endpoint.scale_column not in names:
            rules.append(RowRule(endpoint.score_column, "unscaled", ~nw.col(endpoint.score_column).is_null()))
            continue
        scale = nw.col(value_of(endpoint.scale_column))
        unscaled = ~nw.col(endpoint.score_column).is_null() & nw.col(endpoint.scale_column).is_null()
        rules.append(RowRule(endpoint.score_column, "unscaled", unscaled))
        outside = [
            (scale == name) & ((score < SCALES[name].low * HUNDREDTHS) | (score > SCALES[name].high * HUNDREDTHS))
            for name in endpoint.scales
        ]
        rules.append(RowRule(endpoint.score_column, "range", reduce(or_, outside)))
    return rules


def value_of(name: str) -> str:
    """The column beside a text column that holds what it was read as."""
    return f"{name}__value"


def _read(column: Column) -> Expr:
    """The value of one cell from its text, null where the cell is blank or broken."""
    text = nw.col(column.name)
    lower = nw.when(~text.str.contains(_DOTTED, literal=True)).then(text.str.to_lowercase())
    if column.kind == "category":
        return nw.coalesce(*(nw.when(lower.is_in(spellings)).then(nw.lit(name)) for name, spellings in column.categories.items()))
    if column.kind == "yes/no":
        return (
            # The usual spellings first: to make a cell small takes longer than all comparisons.
            nw.when(text == NO[0]).then(nw.lit(False))
            .when(text == YES[0]).then(nw.lit(True))
            .when(lower.is_in(YES)).then(nw.lit(True))
            .when(lower.is_in(NO)).then(nw.lit(False))
        )  # fmt: skip
    if column.kind in ("whole", "number"):
        return _read_number(column)
    if column.kind == "id":
        return nw.when(text.str.contains(_ID)).then(text)
    return nw.when((text.str.len_chars() <= LONGEST_TEXT) & ~text.str.starts_with(NO_TEXT)).then(text)


def _read_number(column: Column) -> Expr:
    text = nw.col(column.name)
    scale = 1 if column.kind == "whole" else HUNDREDTHS
    # Only text that is a number reaches the cast, on every engine: a failing cast would stop the whole source.
    digits = nw.when(text.str.contains(_WHOLE if column.kind == "whole" else _NUMBER)).then(text)
    value = (digits.cast(nw.Float64) * scale).round(0).cast(nw.Int64)
    fits = (value >= column.low * scale) & (value <= column.high * scale) & (value % column.step == 0)
    held: Expr = nw.when(fits).then(value)
    if column.words:
        lower = text.str.to_lowercase()
        held = nw.coalesce(held, *(nw.when(lower == word).then(nw.lit(number)) for word, number in column.words.items()))
    return held.cast(_dtype(column))


def _dtype(column: Column) -> Any:
    if column.kind == "yes/no":
        return nw.Boolean
    return nw.Int32 if column.kind in ("whole", "number") else nw.String


def _course(names: Iterable[str]) -> Expr:
    """Patient and course, or patient and area where there is none; null without a patient."""
    present = [name for name in ("course_id", "area") if name in names]
    within = nw.coalesce(*(nw.col(value_of(name)) for name in present), nw.lit(""))
    patient = nw.col(value_of("patient_id")) if "patient_id" in names else nw.lit(None).cast(nw.String)
    return nw.concat_str([patient, within], separator="/")
