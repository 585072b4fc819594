"""Every broken rule of a set of records, listed by row; nothing is repaired or dropped here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import groupby
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.definitions.columns import COLUMN, CONSTANT_WITHIN_COURSE, CONSTANT_WITHIN_PATIENT
from outcomes.definitions.endpoints import ENDPOINTS, Endpoint
from outcomes.definitions.scales import SCALES
from outcomes.errors import Breach, counted
from outcomes.records.names import is_name
from outcomes.records.parse import BROKEN, COURSE, row_rules
from outcomes.records.raters import OF_THE_VISIT, VISIT, Visits
from outcomes.tabular.cell_text import NO_TEXT, UNCLEAR
from outcomes.tabular.engines import ROW, collect, count, hold

MOST = 1_000_000
"""The most broken rows, and the most clashing courses of one kind, that are listed one by one; the rest is counted."""

ONE_VISIT = "several assessors' rows of one day differ only in assessor_id, blinded, the scores and a clinician's gais"

_CHUNK = 20_000
# What may be repeated in a message: a short number, or a word so short or so near to an allowed one that it names nobody. More
# digits or a second dot could be a date, a telephone number or a postcode.
_SAID = ("unknown", "none", "null", "yes", "maybe", "true", "false")
_SHORT = re.compile(rf"[-+]?[0-9]{{1,4}}([.,][0-9]{{1,4}})?|[A-Za-z/?-]{{1,3}}|{'|'.join(_SAID)}", re.IGNORECASE)
_VOCABULARY = sorted(
    {*COLUMN, *(spelling for column in COLUMN.values() for each in column.categories.values() for spelling in each)}
)
_LONG = re.compile(r"[0-9]{1,3}\.[0-9]{3,}")
_COMMA = re.compile(r"[-+]?[0-9][0-9.,' ]*,[0-9]+|[0-9]{1,3}([., '][0-9]{3})+")


def whole(typed: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The rows that break no rule by themselves: rules between rows compare only these."""
    return typed.filter(nw.col(BROKEN) == 0)


def breaches(read: nw.LazyFrame[Any], typed: nw.LazyFrame[Any], visits: Visits) -> list[Breach]:
    """Every breach of the contract in the order of the rows; empty for clean records.

    `read` is what `parse.read` gives for the rows that may be broken, `typed` what `parse.typed` made of all, and `visits` those
    of its rows that are `whole`. Only the rows that break a rule leave the engine.
    """
    found = [
        *_of_rows(read),
        *_two_on_a_day(visits.frame),
        *_second_baselines(visits.frame),
        *_falling(visits.frame),
        *_changing(whole(typed)),
        *_disagreeing(visits.rated),
    ]
    return sorted(found, key=lambda breach: (breach.row or 0, breach.column or ""))


def _of_rows(read: nw.LazyFrame[Any]) -> Iterator[Breach]:
    broken = read.filter(nw.col(BROKEN) > 0)
    rows = count(broken)
    if rows == 0:
        return
    names = [name for name in read.collect_schema().names() if name in COLUMN]
    rules = row_rules(names)
    for marked in parts(broken.select(ROW, BROKEN, *names), rows):
        for row in marked.to_dict("records"):
            for bit, rule in enumerate(rules):
                if int(row[BROKEN]) >> bit & 1:
                    yield Breach(_row(row[ROW]), rule.column, _problem(rule.column, rule.kind, row), rule.kind)
    yield from _not_listed(rows, "broken rows")


def broken_keys(typed: nw.LazyFrame[Any], visits: Visits, key: str) -> nw.LazyFrame[Any]:
    """The `COURSE` or "patient_id" of every course or patient that breaks a rule between rows that are whole by themselves."""
    changed = _any_changed(_spans(typed, [key], CONSTANT[key]), CONSTANT[key])
    baselines = [_several_baselines(visits.frame, endpoint) for endpoint in ENDPOINTS.values()]
    disagreed = [] if visits.rated is None else [_any_changed(_of_visits(visits.rated), OF_THE_VISIT)]
    of_courses = [_shared_days(visits.frame), _fallen(visits.frame), *baselines, *disagreed] if key == COURSE else []
    return nw.concat([frame.select(key) for frame in (changed, *of_courses)]).unique()


def quoted(value: str) -> str:
    """A value as a message may show it: itself where it can name nobody, else only its length.

    What can name nobody is a short number, up to three letters that are no name, and what is, begins or is nearly a word of the contract.
    """
    word = value.lower()
    if word in _VOCABULARY or (len(word) > 3 and any(known.startswith(word) for known in _VOCABULARY)):
        return value
    is_near = len(word) <= 20 and bool(get_close_matches(word, _VOCABULARY, 1, 0.85))
    # Lee and Kim are short, and Chinn is near to chin.
    is_known = (is_near and not (len(word) > 4 and is_name(word))) or (
        _SHORT.fullmatch(value) and (word in _SAID or not is_name(word))
    )
    if is_known:
        return value
    return unshown(value)


def unshown(value: str) -> str:
    """What stands in the place of a value that may name somebody: how long it is."""
    if value == UNCLEAR:
        return "a number of too many digits"
    return "a value of another kind" if value.startswith(NO_TEXT) else f"a text of {counted(len(value), 'characters')}"


def _not_listed(n: int, what: str, column: str | None = None) -> Iterator[Breach]:
    if n > MOST:
        yield Breach(None, column, f"{n - MOST:,} more {what} are not listed")


def parts(frame: nw.LazyFrame[Any], rows: int, most: int = MOST) -> Iterator[pd.DataFrame]:
    """The `rows` of a frame in their order, at most `most` of them, in parts that are small in memory."""
    if rows <= _CHUNK:
        ordered = collect(frame)
        yield ordered.sort_values(ROW, ignore_index=True)
        return
    held, last, taken = hold(frame), -1, 0
    has_order = count(held.filter(nw.col(ROW).is_null())) == 0
    while taken < min(rows, most):
        part = collect(held.filter(nw.col(ROW) > last).sort(ROW).head(_CHUNK) if has_order else held.head(most))
        yield part
        last, taken = part[ROW].max(), taken + len(part)


def _problem(column: str, kind: str, row: dict[str, Any]) -> str:
    definition = COLUMN[column]
    if kind == "blank":
        return f"blank, but it must be {definition.allowed}"
    if kind == "stray":
        return "blank, as is every column that is read, but another is not; put the row's cells where they belong, or delete it"
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
    comma = "; write decimals with a point, and thousands without a separator" if _COMMA.fullmatch(row[column]) else ""
    if definition.kind == "number" and _LONG.fullmatch(row[column]):
        comma = "; round it to two decimals"
    return f"{shown} is not {definition.allowed}{comma if definition.kind in ('whole', 'number') else ''}"


def _shared_days(typed: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return typed.group_by(COURSE, "day").agg(nw.len().alias("rows")).filter(nw.col("rows") > 1)


def _two_on_a_day(typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    for rows in _groups(typed, _shared_days(typed), [COURSE, "day"], [COURSE, "day"]):
        for row in rows[1:]:
            problem = f"{row['day']} stands twice in one course{_also(rows[0])}; a course has one row per day"
            yield Breach(_row(row[ROW]), "day", problem, "two on a day")


def _baselines(typed: nw.LazyFrame[Any], endpoint: Endpoint) -> nw.LazyFrame[Any]:
    return typed.filter(nw.col("sessions_completed") == 0, ~nw.col(endpoint.score_column).is_null())


def _several_baselines(typed: nw.LazyFrame[Any], endpoint: Endpoint) -> nw.LazyFrame[Any]:
    return _baselines(typed, endpoint).group_by(COURSE).agg(nw.len().alias("rows")).filter(nw.col("rows") > 1)


def _second_baselines(typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    for endpoint in ENDPOINTS.values():
        column, several = endpoint.score_column, _several_baselines(typed, endpoint)
        for rows in _groups(_baselines(typed, endpoint), several, [COURSE], [COURSE, column]):
            for row in rows[1:]:
                problem = f"a second score before the first session{_also(rows[0])}; a course has one baseline"
                yield Breach(_row(row[ROW]), column, problem, "second baseline")


def _fallen(typed: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    before = nw.col("sessions_completed").shift(1).over(COURSE, order_by=["day", "sessions_completed"])
    return typed.with_columns(before.alias("before")).filter(nw.col("sessions_completed") < nw.col("before"))


def _falling(typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    fallen = _fallen(typed).select(ROW, "sessions_completed", "before")
    for row in collect(fallen.head(MOST)).to_dict("records"):
        problem = f"{row['sessions_completed']} comes after {int(row['before'])} in the same course; it never falls as days rise"
        yield Breach(_row(row[ROW]), "sessions_completed", problem, "falling")
    yield from _not_listed(count(fallen), "rows", "sessions_completed")


CONSTANT = {
    COURSE: {**CONSTANT_WITHIN_COURSE, **{endpoint.scale_column: "scale" for endpoint in ENDPOINTS.values()}},
    "patient_id": {**CONSTANT_WITHIN_PATIENT, "age": "age, give or take a year,"},
}
"""Column that is the same on all rows of a course or a patient -> the word for it."""


def _spans(typed: nw.LazyFrame[Any], keys: Sequence[str], columns: Iterable[str]) -> nw.LazyFrame[Any]:
    recorded = typed.filter(*(~nw.col(key).is_null() for key in keys))
    return recorded.group_by(*keys).agg(
        *(f(column).alias(f"{f.__name__}_{column}") for column in columns for f in (nw.min, nw.max))
    )


def _any_changed(spans: nw.LazyFrame[Any], columns: Iterable[str]) -> nw.LazyFrame[Any]:
    return spans.filter(nw.any_horizontal(*(is_changed(column) for column in columns), ignore_nulls=True))


def is_changed(column: str) -> Any:
    """Whether the rows of a course or a patient differ in a column, by its ``min_`` and ``max_``."""
    lowest, highest = nw.col(f"min_{column}"), nw.col(f"max_{column}")
    return highest - lowest > 1 if column == "age" else highest != lowest


def _changing(typed: nw.LazyFrame[Any]) -> Iterator[Breach]:
    for key, group in ((COURSE, "course"), ("patient_id", "patient")):
        spans = _spans(typed, [key], CONSTANT[key])
        changed = _times_changed(spans, CONSTANT[key])
        for column, word in CONSTANT[key].items():
            if changed[column] > 0:
                recorded = typed.filter(~nw.col(column).is_null())
                for rows in _groups(recorded, spans.filter(is_changed(column)), [key], [key, column]):
                    yield from _differing(rows, column, f"the {word} is the same on all rows of a {group}")


def _times_changed(spans: nw.LazyFrame[Any], columns: Iterable[str]) -> Any:
    """How many groups differ in each column."""
    return collect(
        spans.select(*(nw.when(is_changed(column)).then(1).otherwise(0).sum().alias(column) for column in columns))
    ).iloc[0]


def _of_visits(rated: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return _spans(_as_compared(rated), VISIT, OF_THE_VISIT)


def _as_compared(rated: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Rows of visits without what each clinician judges anew."""
    of_others = nw.when(nw.col("gais_by").is_null() | (nw.col("gais_by") != "clinician")).then(nw.col("gais"))
    return rated.with_columns(of_others.alias("gais"))


def _disagreeing(rated: nw.LazyFrame[Any] | None) -> Iterator[Breach]:
    if rated is None:
        return
    spans = hold(_of_visits(rated))
    changed = _times_changed(spans, OF_THE_VISIT)
    for column in OF_THE_VISIT:
        if changed[column] > 0:
            recorded = _as_compared(rated).filter(~nw.col(column).is_null())
            for rows in _groups(recorded, spans.filter(is_changed(column)), list(VISIT), [*VISIT, column]):
                for row in rows[1:]:
                    if row[column] != rows[0][column]:
                        yield Breach(_row(row[ROW]), column, f"not the same as before{_also(rows[0])}; {ONE_VISIT}", ONE_VISIT)


def _differing(rows: list[dict[str, Any]], column: str, rule: str) -> Iterator[Breach]:
    for place, row in enumerate(rows[1:], start=1):
        # An age may be a year off either way, so that 31 and 29 can both agree with the 30 in the first row.
        before = rows[:place] if column == "age" else rows[:1]
        clash = next((other for other in before if _is_other(row[column], other[column], column)), None)
        if clash:
            yield Breach(_row(row[ROW]), column, f"{row[column]} here, {clash[column]} before{_also(clash)}; {rule}", rule)


def _is_other(here: Any, there: Any, column: str) -> bool:
    return bool(abs(here - there) > 1 if column == "age" else here != there)


def _groups(typed: nw.LazyFrame[Any], keys: nw.LazyFrame[Any], on: list[str], show: list[str]) -> Iterator[list[dict[str, Any]]]:
    """The rows of `typed` that share the keys of `keys`, group by group, each in the order of its rows."""
    groups = count(keys)
    if groups == 0:
        return
    if groups > MOST:
        keys = keys.sort(on).head(MOST)
    order = dict.fromkeys([*show, ROW, "day"])
    rows = collect(typed.join(keys.select(*on), on=on, how="semi").select(*order))
    ordered = rows.sort_values([*on, ROW, "day"], kind="stable").to_dict("records")
    for _, group in groupby(ordered, key=lambda row: tuple(row[name] for name in on)):
        yield list(group)


def _row(number: Any) -> int | None:
    return None if pd.isna(number) else int(number)


def _also(first: dict[str, Any]) -> str:
    row = _row(first[ROW])
    return "" if row is None else f" (row {row})"
