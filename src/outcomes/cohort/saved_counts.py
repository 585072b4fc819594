"""What the counts of a saved cohort may be: anybody can write such a file, so each table is looked at whole before it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import pandas as pd

from outcomes.cohort import (
    checks,
    counting,
    courses,
    events,
    follow_up,
    guidance,
    paths,
    patients,
    providers,
    raters,
)
from outcomes.cohort.groups import GROUPED_BY, NUMBERS, SEVERAL
from outcomes.cohort.parts import COMPARED, PARTS, Key, keys_of
from outcomes.definitions.columns import COLUMN, NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.fitzpatrick import SKIN_TYPES, UNKNOWN_TYPE
from outcomes.definitions.guidance import LIMITS
from outcomes.definitions.scales import SCALES
from outcomes.records import session_days
from outcomes.records.privacy import private_headers, private_rules

MOST = 10**12
"""More than that of anything is no count of a registry."""

_MODULES = (checks, counting, courses, events, follow_up, guidance, paths, patients, providers, raters)
_CLOSED = {"skin_type": {*SKIN_TYPES, UNKNOWN_TYPE}, "endpoint": {*ENDPOINTS}, "scale": {*SCALES}}
_LONGEST, _LONGEST_NAME = 100, 255


def faults(
    parts: Mapping[Key, pd.DataFrame], names: Sequence[str] = tuple(PARTS), scores: Sequence[str] = (paths.EVERY, paths.BLIND)
) -> Iterator[str]:
    """Why these can't be the counts of a cohort, or of a group of which the parts of these `names` and `scores` are kept, one sentence each."""
    if ("scales",) not in parts or any(key not in parts for key in keys_of(names, parts["scales",], scores)):
        yield "a part of it is missing"
        return
    words = _words()
    for key, table in parts.items():
        for column in table:
            values = table[column]
            if pd.api.types.is_integer_dtype(values):
                least = 0 if column in PARTS[key[0]].sums else -MOST
                if not values.between(least, MOST).all():
                    yield f"{key[0]} holds a number in {column} that is no count"
            elif not all(_is_said(str(column), str(value), words) for value in values.unique()):
                yield f"{key[0]} holds a text in {column} that counts never have"


NUMBER = "group_number"
"""In a table of all groups of a column: the place of the group."""


def group_faults(about: Mapping[str, Any], split: Sequence[Any]) -> Iterator[str]:
    """Why these can't be the groups of the cohort, one sentence each; `split` has `column`, `kept`, `groups` and `tables` for each column."""
    columns = [of.column for of in split]
    if len({*columns}) < len(columns) or not {*columns} <= {*GROUPED_BY} & {*about["present"]}:
        yield "it holds groups that no cohort has"
        return
    for of in split:
        if not {*COMPARED} <= {*of.kept} <= {*PARTS}:
            yield f"of its groups by {of.column} it holds too few parts, or some that no cohort has"
            return
        values = [group["value"] for group in of.groups]
        if len({*values}) < len(values) or not all(is_value(of.column, value) for value in values):
            yield f"a group by {of.column} has a name that records never have, or that of another"
        every = [group["numbers"] for group in of.groups]
        if any(
            {*numbers} != {*NUMBERS} or not all(_is_count(numbers[name], about[name]) for name in NUMBERS) for numbers in every
        ):
            yield f"a group by {of.column} holds more than the whole, or what is no count"
        elif sum(numbers["courses"] for numbers in every) > about["courses"]:
            yield f"its groups by {of.column} hold more courses than the whole"
        yield from faults(of.tables, of.kept, (paths.EVERY,))
        if any(
            NUMBER not in table or not table[NUMBER].between(0, len(every) - 1).all()
            for table in of.tables.values()
            if len(table.columns)
        ):
            yield f"its groups by {of.column} hold counts of a group that there is not"


def _is_count(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def is_value(column: str, value: Any) -> bool:
    """Whether records can hold a value, or a group of several or none be called so."""
    if value in (SEVERAL, NOT_RECORDED):
        return True
    of = COLUMN[column]
    if of.categories:
        return value in of.categories
    if of.kind == "whole":
        return value.isdecimal() and of.low <= int(value) <= of.high
    if of.kind == "id" and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
        return False
    return _is_free(value, column)


def about_faults(about: Mapping[str, Any]) -> Iterator[str]:
    """Why this can't be known of a cohort beside its counts, one sentence each."""
    for name in (*NUMBERS, "rows_aside"):
        if type(about[name]) is not int or not 0 <= about[name] <= MOST:
            yield f"{name} is no count"
    if not {*about["present"]} <= {*COLUMN}:
        yield "it names columns that records do not have"
    if private_headers(about["unknown"]):
        yield "it names a column that identifies a person"
    if {*about["limits"]} != {*LIMITS} or not all(0 <= limit <= MOST for limit in about["limits"].values()):
        yield "its limits are none"
    if not all(text.isprintable() and len(text) <= _LONGEST_NAME for text in (about["source"], *about["unknown"])):
        yield "it names what is no name of a file or a column"


def _is_said(column: str, value: str, words: frozenset[str]) -> bool:
    """Whether counts can hold a text: a word of this version, a code as records have it, or a model."""
    if value == "":
        return True
    if column in _CLOSED:
        return value in _CLOSED[column]
    if column == "provider" or column.startswith("gave_"):
        return value in words or (_is_free(value, "provider_id") and " " not in value)
    return value in words or (column == "level" and _is_free(value, "device"))


def _is_free(value: str, column: str) -> bool:
    """Whether nothing in a text could identify a person, as in a column of the records."""
    (rule,) = private_rules([column])
    return len(value) <= _LONGEST and value.isprintable() and not any(re.search(each, value) for each in rule.patterns.values())


def _words() -> frozenset[str]:
    """The words in which counts speak: those of the modules that count, and of the contract."""
    from outcomes.cohort import score_account

    named = {word for module in (*_MODULES, session_days, score_account) for word in _texts(module)}
    return frozenset(named | {*COLUMN} | {word for column in COLUMN.values() for word in column.categories})


def _texts(module: ModuleType) -> Iterator[str]:
    def within(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list | set | frozenset | dict):
            for each in value:
                yield from within(each)

    for name, value in vars(module).items():
        if not name.startswith("__"):
            yield from within(value)
