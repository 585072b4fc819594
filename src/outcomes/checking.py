"""Every broken rule of a set of records, listed by row; nothing is repaired or dropped here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.contract import COLUMN, CONSTANT_WITHIN_COURSE, CONSTANT_WITHIN_PATIENT
from outcomes.engines import ROW, collect
from outcomes.errors import Breach
from outcomes.reading import BROKEN, COURSE, read, row_rules
from outcomes.scales import ENDPOINTS, SCALES

# What may be repeated in a message: a short number or a single short word. A longer text could name a person; more
# digits or a second dot could be a date, a telephone number or a postcode.
_HARMLESS = re.compile(r"[-+]?[0-9]{1,4}([.,][0-9]{1,4})?|[A-Za-z_]{1,20}")


def breaches(text: nw.LazyFrame[Any], typed: nw.LazyFrame[Any]) -> list[Breach]:
    """Every breach of the contract in the order of the rows; empty for clean records.

    `text` holds the source's cells and `typed` what `reading.typed` made of them. Clean records cost one count;
    only the rows that break a rule leave the engine.
    """
    found = [*_of_rows(text, typed)]
    # Rules across rows compare cells that have been read; where cells are broken, those are to be mended first.
    if not found:
        found = [*_two_on_a_day(typed), *_second_baselines(typed), *_falling(typed), *_changing(typed)]
    return sorted(found, key=lambda breach: (breach.row or 0, breach.column or ""))


def quoted(value: str) -> str:
    """A value as a message may show it: itself where harmless, else only its length."""
    return value if _HARMLESS.fullmatch(value) else f"a text of {len(value)} {'character' if len(value) == 1 else 'characters'}"


def _of_rows(text: nw.LazyFrame[Any], typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    if _count(typed.filter(nw.col(BROKEN) > 0)) == 0:
        return
    names = [name for name in text.collect_schema().names() if name != ROW]
    rules = row_rules(names)
    # Read again, not joined by row: an engine that keeps no order has no row number to join on.
    marked = collect(read(text).filter(nw.col(BROKEN) > 0))
    for row in marked.to_dict("records"):
        for bit, rule in enumerate(rules):
            if int(row[BROKEN]) >> bit & 1:
                yield Breach(_row(row[ROW]), rule.column, _problem(rule.column, rule.kind, row))


def _problem(column: str, kind: str, row: dict[str, Any]) -> str:
    definition = COLUMN[column]
    if kind == "blank":
        return f"blank, but it must be {definition.allowed}"
    if definition.kind in ("id", "text"):
        return f"the value is not {definition.allowed}"
    shown = quoted(row[column])
    if kind == "unscaled":
        endpoint = next(endpoint for endpoint in ENDPOINTS.values() if endpoint.score_column == column)
        return f"{shown} has no scale; {endpoint.scale_column} must be one of {', '.join(endpoint.scales)}"
    if kind == "range":
        endpoint = next(endpoint for endpoint in ENDPOINTS.values() if endpoint.score_column == column)
        scale = SCALES[row[endpoint.scale_column].lower()]
        return f"{shown} is not between {scale.low} and {scale.high}"
    return f"{shown} is not {definition.allowed}"


def _two_on_a_day(typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    shared = typed.group_by(COURSE, "day").agg(nw.len().alias("rows")).filter(nw.col("rows") > 1)
    for rows in _groups(typed, shared, [COURSE, "day"], [COURSE, "day"]):
        for row in rows[1:]:
            yield Breach(
                _row(row[ROW]), "day", f"{row['day']} stands twice in one course{_also(rows[0])}; a course has one row per day"
            )


def _second_baselines(typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    for endpoint in ENDPOINTS.values():
        column = endpoint.score_column
        baselines = typed.filter(nw.col("sessions_completed") == 0, ~nw.col(column).is_null())
        shared = baselines.group_by(COURSE).agg(nw.len().alias("rows")).filter(nw.col("rows") > 1)
        for rows in _groups(baselines, shared, [COURSE], [COURSE, column]):
            for row in rows[1:]:
                yield Breach(
                    _row(row[ROW]), column, f"a second score before the first session{_also(rows[0])}; a course has one baseline"
                )


def _falling(typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    before = nw.col("sessions_completed").shift(1).over(COURSE, order_by=["day", "sessions_completed"])
    fallen = typed.with_columns(before.alias("before")).filter(nw.col("sessions_completed") < nw.col("before"))
    for row in collect(fallen.select(ROW, "sessions_completed", "before")).to_dict("records"):
        problem = f"{row['sessions_completed']} comes after {int(row['before'])} in the same course; it never falls as days rise"
        yield Breach(_row(row[ROW]), "sessions_completed", problem)


def _changing(typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    scales = {endpoint.scale_column: "scale" for endpoint in ENDPOINTS.values()}
    for key, group, constant in (
        (COURSE, "course", {**CONSTANT_WITHIN_COURSE, **scales}),
        ("patient_id", "patient", {**CONSTANT_WITHIN_PATIENT, "age": "age, give or take a year,"}),
    ):
        extremes = [f(column).alias(f"{f.__name__}_{column}") for column in constant for f in (nw.min, nw.max)]
        spans = typed.group_by(key).agg(*extremes)
        for column, word in constant.items():
            low, high = nw.col(f"min_{column}"), nw.col(f"max_{column}")
            changed = spans.filter(high - low > 1 if column == "age" else high != low)
            recorded = typed.filter(~nw.col(column).is_null())
            for rows in _groups(recorded, changed, [key], [key, column]):
                yield from _differing(rows, column, f"the {word} is the same on all rows of a {group}")


def _differing(rows: list[dict[str, Any]], column: str, rule: str) -> Iterator[Breach]:
    for place, row in enumerate(rows[1:], start=1):
        # An age may be a year off either way, so that 31 and 29 can both agree with the 30 in the first row.
        before = rows[:place] if column == "age" else rows[:1]
        clash = next((other for other in before if _is_other(row[column], other[column], column)), None)
        if clash:
            yield Breach(_row(row[ROW]), column, f"{row[column]} here, {clash[column]} before{_also(clash)}; {rule}")


def _is_other(here: Any, there: Any, column: str) -> bool:
    return bool(abs(here - there) > 1 if column == "age" else here != there)


def _groups(typed: nw.LazyFrame[Any], keys: nw.LazyFrame[Any], on: list[str], show: list[str]) -> Iterator[list[dict[str, Any]]]:
    """The rows of `typed` that share the keys of `keys`, group by group, each in the order of its rows."""
    if _count(keys) == 0:
        return
    order = dict.fromkeys([*show, ROW, "day"])
    rows = collect(typed.join(keys.select(*on), on=on, how="semi").select(*order))
    ordered = rows.sort_values([*on, ROW, "day"], kind="stable").to_dict("records")
    for _, group in groupby(ordered, key=lambda row: tuple(row[name] for name in on)):
        yield list(group)


def _count(frame: nw.LazyFrame[Any]) -> int:
    return int(collect(frame.select(nw.len().alias("rows")))["rows"].iloc[0])


def _row(number: Any) -> int | None:
    return None if pd.isna(number) else int(number)


def _also(first: dict[str, Any]) -> str:
    row = _row(first[ROW])
    return "" if row is None else f" (row {row})"
