"""The mapping of a clinic's export: a small TOML file that says which of its columns is which of the contract's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from outcomes.definitions.columns import COLUMN, CONSTANT_WITHIN_COURSE, START_YEAR
from outcomes.errors import UsageError
from outcomes.tabular.words import did_you_mean, folded

SESSION, SCORED_ON = "session", "scored_on"
"""Columns of an export that the contract has in other words: the number of the session given, the date of the scores."""

APPOINTMENT, MISSED, CANCELLED, VISIT = "appointment", "missed", "cancelled", "visit"
"""Columns of an export that tell whether a row is a visit, and which rows are of the same one: what became of an appointment, that the
patient did not come, that it was cancelled, and what beside the patient tells a visit."""

ANY_YES_NO = "yes/no"
"""Heading of the translations that hold for every yes/no column."""

MAPPED = (*COLUMN, SESSION, SCORED_ON)
"""What an export's columns may be mapped to."""

OF_ROWS = (APPOINTMENT, MISSED, CANCELLED, VISIT)
"""What they may be mapped to besides, which is in no record."""

OF_PATIENTS = ("patient_id", "area", "course_id", "clinic_id", "fitzpatrick", "age", "sex", *CONSTANT_WITHIN_COURSE, VISIT)
"""What is the same at all visits of a patient or course, and so has no column for each."""

ALL = "all"
"""In place of the names of sheets: every sheet that can be seen and has the mapped columns."""

_NUMBER_IN = "{n}"


@dataclass(frozen=True)
class Long:
    """One measurement per row: the column of its name, the column of its value, and name (in lower case) -> contract column."""

    measure: str
    value: str
    measures: dict[str, str]


@dataclass(frozen=True)
class Mapping:
    """How to read one export. `columns`: contract column -> the export's columns that together hold it.

    `values`: contract column -> text in lower case -> what it means ("" is not recorded). `constants` hold for all
    rows. `scores`: taken ``"before"`` the session of their row or ``"after"`` it, then `scores_days_after` days later
    unless `scored_on` is mapped. The year of a course's first visit is passed on unless `has_start_year` is false. `blank` are texts (in lower case) that stand for nothing in any column. `dates` are forms, tried in
    order. `sheets` are the names of the sheets to read, or ``"all"``; `header` the rows of the header, found out where it is empty.

    `visits`, where a row tells several visits: contract column -> the export's column for each visit in order, "" where a visit has
    none; a column with ``{n}`` in its name is one for each number; what is no text stands for itself. `days_after` are the days of the
    visits after the one date that the row has. Of `columns`, ``visit`` tells with the patient which rows are of one visit, and
    ``appointment``, ``missed`` and ``cancelled`` which rows are none.
    """

    columns: dict[str, tuple[str, ...]]
    scores: Literal["before", "after"] = "before"
    dates: tuple[str, ...] = ("yyyy-mm-dd",)
    decimal: str = "."
    sheets: tuple[str, ...] = ()
    header: tuple[int, ...] = ()
    scores_days_after: int | None = None
    blank: frozenset[str] = frozenset()
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    long: Long | None = None
    visits: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    days_after: tuple[int, ...] = ()
    has_start_year: bool = True

    @property
    def used(self) -> tuple[str, ...]:
        """Every column of the export that is read, once; those of a numbered kind with ``{n}``."""
        long = (self.long.measure, self.long.value) if self.long else ()
        by_visit = [name for names in self.visits.values() for name in names if isinstance(name, str) and name]
        return tuple(dict.fromkeys([*(name for names in self.columns.values() for name in names), *long, *by_visit]))

    def place(self, column: str) -> str:
        """The export's own name for a contract column, as a message shows it."""
        if column in self.columns:
            return " + ".join(self.columns[column])
        if self.long and column in self.long.measures.values():
            return self.long.value
        if column in self.visits:
            return next((name for name in self.visits[column] if isinstance(name, str) and name), column)
        if column == "sessions_completed":
            known = {*self.columns, *self.visits}
            return next((self.place(name) for name in (SESSION, "treated", "day") if name in known), column)
        return column

    def lacking(self, headers: Sequence[str]) -> list[str]:
        """The columns of `used` that are not among `headers`, whatever their case and spacing."""
        plain = {folded(name) for name in headers}
        return [name for name in self.used if not (_numbers(name, plain) if _NUMBER_IN in name else folded(name) in plain)]


def read_mapping(path: str | Path) -> Mapping:
    """The mapping in a TOML file.

    Raises:
        UsageError: the file is missing or no TOML, or it has unknown keys or values that do not fit; all are named.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file.name}: holds characters that are not UTF-8; save it as UTF-8") from None
    except OSError as problem:
        raise UsageError(f"{file.name}: can't be read ({problem.strerror})") from None
    return parse_mapping(text, file.name)


def parse_mapping(text: str, source: str) -> Mapping:
    """The mapping in a TOML text; `source` names it in messages.

    Raises:
        UsageError: as `read_mapping`.
    """
    from outcomes.deidentify.mapping_checks import gaps, misfits, unknown

    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{source}: is not TOML: brackets within brackets, too many to be read") from None
    except ValueError as problem:
        raise UsageError(f"{source}: is not TOML: {str(problem).partition(':')[0]}") from None
    found = unknown(tables) or [*misfits(tables)]
    if found:
        raise UsageError("\n".join(f"{source}: {problem}" for problem in found))
    mapping = _mapping(tables)
    if found := gaps(mapping):
        raise UsageError("\n".join(f"{source}: {problem}" for problem in found))
    return mapping


def resolved(mapping: Mapping, headers: Sequence[str], source: str, shown: Sequence[str] | None = None) -> Mapping:
    """The same mapping with the export's own spelling of each column, whatever the case or spacing in the mapping.

    Of `visits`, each column then has one name for each visit. `shown` are the headers that a message may repeat; all of them where it is not
    given.

    Raises:
        UsageError: the export lacks a mapped column, or visits have different numbers of columns; all are named.
    """
    exact = set(headers)
    plain: dict[str, list[str]] = {}
    for name in headers:
        plain.setdefault(folded(name), []).append(name)

    def own(name: str) -> str:
        return name if name in exact else (plain.get(folded(name)) or [name])[0]

    if lacking := mapping.lacking(headers):
        raise UsageError(
            "\n".join(
                f"{source} has no column {name}{did_you_mean(name, headers if shown is None else shown)}" for name in lacking
            )
        )
    numbers = sorted({n for name in mapping.used if _NUMBER_IN in name for n in _numbers(name, plain)}, key=int)
    visits = {
        column: tuple(place for name in names for place in _each_visit(name, numbers, plain, own))
        for column, names in mapping.visits.items()
    }
    if mapping.days_after and "day" in visits:
        visits["day"] *= len(mapping.days_after)
    counts = {column: len(names) for column, names in visits.items()} | (
        {"days_after": len(mapping.days_after)} if mapping.days_after else {}
    )
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{column} {count}" for column, count in counts.items())
        raise UsageError(f'{source}: [visits] must tell as many visits in every line ("" where a visit has no column): {told}')
    long = mapping.long and Long(own(mapping.long.measure), own(mapping.long.value), mapping.long.measures)
    columns = {column: tuple(own(name) for name in names) for column, names in mapping.columns.items()}
    return replace(mapping, columns=columns, long=long, visits=visits)


def _each_visit(name: Any, numbers: Sequence[str], plain: dict[str, list[str]], own: Any) -> list[Any]:
    """The columns that stand in one place of a list of [visits]: one, or one for each number."""
    if not isinstance(name, str) or not name:
        return [name]
    if _NUMBER_IN not in name:
        return [own(name)]
    found = _numbers(name, plain)
    return [plain[found[number]][0] if number in found else "" for number in numbers]


def _numbers(pattern: str, plain: Any) -> dict[str, str]:
    """Number, without zeros before it -> the header (folded) that is `pattern` with this number."""
    begin, end = (re.escape(part) for part in folded(pattern).split(_NUMBER_IN))
    found = {name: re.fullmatch(rf"{begin}0*(\d{{1,3}}){end}", name) for name in plain}
    return {match[1]: name for name, match in found.items() if match}


def text_of(value: Any) -> str:
    """What stands behind = in a mapping, as text.

    >>> text_of(True), text_of(" face "), text_of(4)
    ('yes', 'face', '4')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _mapping(tables: dict[str, Any]) -> Mapping:
    export, long, visits = tables["export"], tables.get("long"), dict(tables.get("visits", {}))
    days_after = tuple(visits.pop("days_after", ()))
    return Mapping(
        columns={name: _listed(given) for name, given in tables.get("columns", {}).items()},
        scores=export["scores"],
        dates=_listed(export.get("dates", "yyyy-mm-dd")),
        decimal=export.get("decimal", "."),
        sheets=_listed(export.get("sheets", export.get("sheet", ()))),
        header=_listed(export.get("header", ())),
        scores_days_after=export.get("scores_days_after"),
        blank=frozenset(folded(text) for text in export.get("blank", [])),
        values={
            name: {folded(key): text_of(value) for key, value in table.items()}
            for name, table in tables.get("values", {}).items()
        },
        constants={name: text_of(value) for name, value in tables.get("constants", {}).items()},
        long=Long(long["measure"], long["value"], {folded(key): name for key, name in long["measures"].items()})
        if long
        else None,
        visits={name: _listed(given) for name, given in visits.items()},
        days_after=days_after,
        has_start_year=export.get(START_YEAR, True),
    )


def _listed(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, list | tuple) else (given,)
