"""The mapping of a clinic's export: a small TOML file that says which of its columns is which of the contract's."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from outcomes.definitions.columns import COLUMN, NO, YES
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.deidentify.dates import is_format
from outcomes.errors import UsageError
from outcomes.tabular.words import did_you_mean, folded

SESSION, SCORED_ON = "session", "scored_on"
"""Columns of an export that the contract has in other words: the number of the session given, the date of the scores."""

ANY_YES_NO = "yes/no"
"""Heading of the translations that hold for every yes/no column."""

MAPPED = (*COLUMN, SESSION, SCORED_ON)
"""What an export's columns may be mapped to."""

_KEYS = {
    "export": ("sheet", "dates", "decimal", "scores", "scores_days_after", "blank"),
    "columns": MAPPED,
    "values": (*MAPPED, ANY_YES_NO),
    "constants": tuple(name for name in COLUMN if name not in ("patient_id", "day", "sessions_completed", "age", "tip_code")),
    "long": ("measure", "value", "measures"),
}
_LONGEST_WAIT = 365


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
    unless `scored_on` is mapped. `blank` are texts (in lower case) that stand for nothing in any column.
    """

    columns: dict[str, tuple[str, ...]]
    scores: Literal["before", "after"] = "before"
    dates: str = "yyyy-mm-dd"
    decimal: str = "."
    sheet: str | None = None
    scores_days_after: int | None = None
    blank: frozenset[str] = frozenset()
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    long: Long | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """Every column of the export that is read, once."""
        long = (self.long.measure, self.long.value) if self.long else ()
        return tuple(dict.fromkeys([*(name for names in self.columns.values() for name in names), *long]))

    def place(self, column: str) -> str:
        """The export's own name for a contract column, as a message shows it."""
        if column in self.columns:
            return " + ".join(self.columns[column])
        if self.long and column in self.long.measures.values():
            return self.long.value
        if column == "sessions_completed":
            return next((self.place(name) for name in (SESSION, "treated", "day") if name in self.columns), column)
        return column


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
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{source}: is not TOML: brackets within brackets, too many to be read") from None
    except ValueError as problem:
        raise UsageError(f"{source}: is not TOML: {str(problem).partition(':')[0]}") from None
    found = _unknown(tables) or [*_misfits(tables)]
    if found:
        raise UsageError("\n".join(f"{source}: {problem}" for problem in found))
    mapping = _mapping(tables)
    if gaps := _gaps(mapping):
        raise UsageError("\n".join(f"{source}: {problem}" for problem in gaps))
    return mapping


def resolved(mapping: Mapping, headers: Sequence[str], source: str, shown: Sequence[str] | None = None) -> Mapping:
    """The same mapping with the export's own spelling of each column, whatever the case or spacing in the mapping.

    `shown` are the headers that a message may repeat; all of them where it is not given.

    Raises:
        UsageError: the export lacks a mapped column; all are named.
    """
    exact = set(headers)
    plain: dict[str, list[str]] = {}
    for name in headers:
        plain.setdefault(folded(name), []).append(name)
    own = {name: name if name in exact else (plain.get(folded(name)) or [name])[0] for name in mapping.used}
    if lacking := [name for name in mapping.used if own[name] not in exact]:
        raise UsageError(
            "\n".join(
                f"{source} has no column {name}{did_you_mean(name, headers if shown is None else shown)}" for name in lacking
            )
        )
    long = mapping.long and Long(own[mapping.long.measure], own[mapping.long.value], mapping.long.measures)
    columns = {column: tuple(own[name] for name in names) for column, names in mapping.columns.items()}
    return replace(mapping, columns=columns, long=long)


def _unknown(tables: dict[str, Any]) -> list[str]:
    """Headings and keys that do not exist, and tables that are none."""
    found = [f"[{name}] is unknown{did_you_mean(name, _KEYS)}" for name in tables if name not in _KEYS]
    for name, known in _KEYS.items():
        table = tables.get(name, {})
        if not isinstance(table, dict):
            found.append(f"{name} is a heading: write [{name}]")
            continue
        found += [f"[{name}] {key} is unknown{did_you_mean(key, known)}" for key in table if key not in known]
        if name == "values":
            found += [f"[values] {key}: write [values.{key}]" for key in table if not isinstance(table[key], dict)]
    return found


def _misfits(tables: dict[str, Any]) -> Iterable[str]:
    """Values of a kind or spelling that does not fit."""
    export, long = tables.get("export", {}), tables.get("long", {})
    if export.get("scores") not in ("before", "after"):
        yield '[export] scores must be "before" or "after": the scores of a row were taken before or after the session of that row'
    if not isinstance(export.get("dates", ""), str) or ("dates" in export and not is_format(export["dates"])):
        yield "[export] dates must be made of dd, mm (or mmm for a name) and yyyy (or yy) in the order they are written, such as dd.mm.yyyy"
    if export.get("decimal", ".") not in (".", ","):
        yield '[export] decimal must be "." or ","'
    if not isinstance(export.get("sheet", ""), str):
        yield "[export] sheet must be the name of a sheet"
    if not _is_texts(export.get("blank", [])):
        yield '[export] blank must be a list of texts, such as ["-", "n/a"]'
    wait = export.get("scores_days_after", 1)
    if type(wait) is not int or not 1 <= wait <= _LONGEST_WAIT:
        yield f"[export] scores_days_after must be a whole number between 1 and {_LONGEST_WAIT}"
    for column, names in tables.get("columns", {}).items():
        if not names or not (isinstance(names, str) or _is_texts(names)):
            yield f"[columns] {column} must be the name of a column of the export"
        elif not isinstance(names, str) and (column not in COLUMN or COLUMN[column].kind != "id"):
            yield f"[columns] {column} must be one column; only ids may be made of several"
    for column, value in tables.get("constants", {}).items():
        yield from _misfit("constants", column, value)
    for column, values in tables.get("values", {}).items():
        for value in values.values():
            yield from _misfit(f"values.{column}", column, value)
    if long:
        if not all(isinstance(long.get(key), str) and long[key] for key in ("measure", "value")):
            yield "[long] needs measure and value, the names of two columns of the export"
        measures = long.get("measures")
        if not isinstance(measures, dict) or not measures:
            yield "[long.measures] must say which measure is which column of the contract"
        else:
            known = [name for name in COLUMN if name not in ("patient_id", "day")]
            yield from (
                f"[long.measures] {shown} is unknown{did_you_mean(str(shown), known)}"
                for shown in measures.values()
                if shown not in known
            )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _misfit(heading: str, column: str, value: Any) -> Iterable[str]:
    if isinstance(value, dict | list):
        yield f"[{heading}] every line must be text = text"
        return
    text = _text(value)
    if column == ANY_YES_NO:
        if text and text.casefold() not in (*YES, *NO):
            yield f"[{heading}] {text} is not yes or no"
    elif column in COLUMN and COLUMN[column].kind == "category":
        spellings = {spelling for all_of in COLUMN[column].categories.values() for spelling in all_of}
        if text and text.casefold() not in spellings:
            yield f"[{heading}] {text} is not {COLUMN[column].allowed}{did_you_mean(text, COLUMN[column].categories)}"
    elif column in COLUMN and COLUMN[column].kind == "yes/no" and text and text.casefold() not in (*YES, *NO):
        yield f"[{heading}] {text} is not yes or no"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _mapping(tables: dict[str, Any]) -> Mapping:
    export, long = tables["export"], tables.get("long")
    columns = {name: (given,) if isinstance(given, str) else tuple(given) for name, given in tables.get("columns", {}).items()}
    return Mapping(
        columns=columns,
        scores=export["scores"],
        dates=export.get("dates", "yyyy-mm-dd"),
        decimal=export.get("decimal", "."),
        sheet=export.get("sheet"),
        scores_days_after=export.get("scores_days_after"),
        blank=frozenset(folded(text) for text in export.get("blank", [])),
        values={
            name: {folded(key): _text(value) for key, value in table.items()} for name, table in tables.get("values", {}).items()
        },
        constants={name: _text(value) for name, value in tables.get("constants", {}).items()},
        long=Long(long["measure"], long["value"], {folded(key): name for key, name in long["measures"].items()})
        if long
        else None,
    )


def _gaps(mapping: Mapping) -> list[str]:
    """What is missing, said twice, or does not go together."""
    measured = set(mapping.long.measures.values()) if mapping.long else set()
    given = {*mapping.columns, *mapping.constants, *measured}
    found = [
        f"[columns] {name} is missing: {COLUMN[name].meaning}" for name in ("patient_id", "day") if name not in mapping.columns
    ]
    if "fitzpatrick" not in given:
        found.append(f"[columns] fitzpatrick is missing: {COLUMN['fitzpatrick'].meaning}")
    found += [
        f"{name} is given twice, under [columns], [constants] or [long.measures]"
        for name in MAPPED
        if (name in mapping.columns) + (name in mapping.constants) + (name in measured) > 1
    ]
    if SESSION in given and "sessions_completed" in given:
        found.append("[columns] session and sessions_completed are two ways to count sessions; map one of them")
    for endpoint in ENDPOINTS.values():
        if endpoint.score_column in given and endpoint.scale_column not in given:
            found.append(
                f"{endpoint.score_column} needs {endpoint.scale_column}: map it, or write it under [constants] as one of {', '.join(endpoint.scales)}"
            )
    if mapping.scores == "after" and SCORED_ON not in mapping.columns and mapping.scores_days_after is None:
        found.append(
            '[export] scores = "after" needs [columns] scored_on, the date of the scores, or [export] scores_days_after: '
            "a score on the day of the session itself is too soon to count, it counts from 14 days after"
        )
    return found
