"""Whether a mapping can be one: every heading and key known, every value of its kind, nothing missing or said twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from outcomes.definitions.columns import COLUMN, NO, START_YEAR, YES
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.deidentify.appointments import MEANINGS
from outcomes.deidentify.dates import SERIAL, contradictions, is_format
from outcomes.deidentify.mapping import (
    ALL,
    ANY_YES_NO,
    APPOINTMENT,
    MAPPED,
    OF_PATIENTS,
    OF_ROWS,
    SCORED_ON,
    SESSION,
    VISIT,
    Mapping,
    text_of,
)
from outcomes.tabular.words import did_you_mean

_OF_VISITS = tuple(name for name in (*MAPPED, *OF_ROWS) if name not in OF_PATIENTS)
_KEYS = {
    "export": ("sheet", "sheets", "header", "dates", "decimal", "scores", "scores_days_after", "blank", START_YEAR),
    "columns": (*MAPPED, *OF_ROWS),
    "visits": (*_OF_VISITS, "days_after"),
    "values": (*MAPPED, APPOINTMENT, ANY_YES_NO),
    "constants": tuple(
        name for name in COLUMN if name not in ("patient_id", "day", "sessions_completed", "age", START_YEAR, "tip_code")
    ),
    "long": ("measure", "value", "measures"),
}
_MEASURES = tuple(name for name in (*MAPPED, *OF_ROWS) if name not in ("patient_id", VISIT))
_LONGEST_WAIT = 365
_LAST_HEADER = 1000
_DATES = (
    "[export] dates must be made of dd, mm (or mmm for a name) and yyyy (or yy) in the order they are written, such as dd.mm.yyyy;"
    f" or be {' or '.join(SERIAL)} where they are numbers; or a list of these"
)


def unknown(tables: dict[str, Any]) -> list[str]:
    """Headings and keys that do not exist, and tables that are none."""
    found = [f"[{name}] is unknown{did_you_mean(name, _KEYS)}" for name in tables if name not in _KEYS]
    for name, known in _KEYS.items():
        table = tables.get(name, {})
        if not isinstance(table, dict):
            found.append(f"{name} is a heading: write [{name}]")
            continue
        wrong = [key for key in table if key not in known]
        if name == "visits":
            moved = [key for key in wrong if key in OF_PATIENTS]
            found += [f"[visits] {key} is the same at all visits: write it under [columns]" for key in moved]
            wrong = [key for key in wrong if key not in moved]
        found += [f"[{name}] {key} is unknown{did_you_mean(key, known)}" for key in wrong]
        if name == "values":
            found += [f"[values] {key}: write [values.{key}]" for key in table if not isinstance(table[key], dict)]
    return found


def misfits(tables: dict[str, Any]) -> Iterable[str]:
    """Values of a kind or spelling that does not fit."""
    yield from _export(tables.get("export", {}))
    for column, names in tables.get("columns", {}).items():
        if not names or not (isinstance(names, str) or _is_texts(names)):
            yield f"[columns] {column} must be the name of a column of the export"
        elif not isinstance(names, str) and column != VISIT and (column not in COLUMN or COLUMN[column].kind != "id"):
            yield f"[columns] {column} must be one column; only ids may be made of several"
    yield from _visits(tables.get("visits", {}))
    for column, value in tables.get("constants", {}).items():
        yield from _misfit("constants", column, value)
    for column, values in tables.get("values", {}).items():
        for value in values.values():
            yield from _misfit(f"values.{column}", column, value)
    yield from _long(tables.get("long", {}))


def _export(export: dict[str, Any]) -> Iterable[str]:
    if export.get("scores") not in ("before", "after"):
        yield '[export] scores must be "before" or "after": the scores of a row were taken before or after the session of that row'
    dates = export.get("dates", "yyyy-mm-dd")
    forms = [dates] if isinstance(dates, str) else dates
    if not _is_texts(forms) or not forms or not all(map(is_format, forms)):
        yield _DATES
    else:
        for one, other in contradictions(forms):
            yield f"[export] dates: {one} and {other} would read the same figures as different days; keep the one that is written"
    if export.get("decimal", ".") not in (".", ","):
        yield '[export] decimal must be "." or ","'
    if not isinstance(export.get("sheet", ""), str):
        yield "[export] sheet must be the name of a sheet"
    if "sheets" in export and export["sheets"] != ALL and not (_is_texts(export["sheets"]) and export["sheets"]):
        yield f'[export] sheets must be a list of names, such as ["2023", "2024"], or "{ALL}"'
    if {"sheet", "sheets"} <= export.keys():
        yield "[export] sheet and sheets are two ways to name sheets; keep one of them"
    header = export.get("header", 1)
    rows = header if isinstance(header, list) else [header]
    if (
        not all(type(row) is int and 1 <= row <= _LAST_HEADER for row in rows)
        or rows != sorted(set(rows))
        or len(rows) not in (1, 2)
    ):
        yield "[export] header must be the row of the header as the spreadsheet numbers it, such as 4, or two of them, such as [2, 3]"
    if not _is_texts(export.get("blank", [])):
        yield '[export] blank must be a list of texts, such as ["-", "n/a"]'
    wait = export.get("scores_days_after", 1)
    if type(wait) is not int or not 1 <= wait <= _LONGEST_WAIT:
        yield f"[export] scores_days_after must be a whole number between 1 and {_LONGEST_WAIT}"
    if type(export.get(START_YEAR, True)) is not bool:
        yield "[export] start_year must be true or false: whether the year of each course's first visit is passed on"


def _visits(visits: dict[str, Any]) -> Iterable[str]:
    days = visits.get("days_after", [0, 1])
    if (
        not isinstance(days, list)
        or not all(type(day) is int and day >= 0 for day in days)
        or days != sorted(set(days))
        or len(days) < 2
    ):
        yield "[visits] days_after must be whole numbers that rise, such as [0, 30, 60]"
    for column, names in visits.items():
        if column == "days_after":
            continue
        of_numbers = [name for name in names if not isinstance(name, str)] if isinstance(names, list) else []
        if column == "day" and "days_after" in visits:
            if not isinstance(names, str) or not names or "{n}" in names:
                yield "[visits] day must be one column where days_after tells the days of the visits"
        elif not names or not (isinstance(names, list) or (isinstance(names, str) and "{n}" in names)):
            yield (
                f'[visits] {column} must be a list with the column of each visit, such as ["Visit 1 date", "Visit 2 date"], '
                'or their name with {n} for the number, such as "Visit {n} date"; what is the same at all visits stands under [columns]'
            )
        elif column == "day" and of_numbers:
            yield "[visits] day must be names of columns"
        elif not all(isinstance(value, str | int | float) for value in of_numbers):
            yield f"[visits] {column} must be a list of names of columns, or of numbers that hold for the visits"
        elif any(name.count("{n}") > 1 for name in ([names] if isinstance(names, str) else names) if isinstance(name, str)):
            yield f"[visits] {column}: {{n}} may stand in a name once"


def _long(long: dict[str, Any]) -> Iterable[str]:
    if not long:
        return
    if not all(isinstance(long.get(key), str) and long[key] for key in ("measure", "value")):
        yield "[long] needs measure and value, the names of two columns of the export"
    measures = long.get("measures")
    if not isinstance(measures, dict) or not measures:
        yield "[long.measures] must say which measure is which column of the contract"
        return
    for shown in measures.values():
        if shown not in _MEASURES:
            yield f"[long.measures] {shown} is unknown{did_you_mean(str(shown), _MEASURES)}"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _misfit(heading: str, column: str, value: Any) -> Iterable[str]:
    if isinstance(value, dict | list):
        yield f"[{heading}] every line must be text = text"
        return
    text = text_of(value)
    if column == ANY_YES_NO:
        if text and text.casefold() not in (*YES, *NO):
            yield f"[{heading}] {text} is not yes or no"
    elif column == APPOINTMENT:
        if text and text.casefold() not in MEANINGS:
            yield f"[{heading}] {text} is not one of {', '.join(MEANINGS)}{did_you_mean(text, MEANINGS)}"
    elif column in COLUMN and COLUMN[column].kind == "category":
        spellings = {spelling for all_of in COLUMN[column].categories.values() for spelling in all_of}
        if text and text.casefold() not in spellings:
            yield f"[{heading}] {text} is not {COLUMN[column].allowed}{did_you_mean(text, COLUMN[column].categories)}"
    elif column in COLUMN and COLUMN[column].kind == "yes/no" and text and text.casefold() not in (*YES, *NO):
        yield f"[{heading}] {text} is not yes or no"


def gaps(mapping: Mapping) -> list[str]:
    """What is missing, said twice, or does not go together."""
    measured = set(mapping.long.measures.values()) if mapping.long else set()
    ways = (mapping.columns, mapping.visits, mapping.constants, measured)
    given = set().union(*ways)
    found = [f"[columns] {name} is missing: {COLUMN[name].meaning}" for name in ("patient_id", "day") if name not in given]
    headings = "[columns], [visits], [constants] or [long.measures]"
    found += [f"{name} is given twice, under {headings}" for name in (*MAPPED, *OF_ROWS) if sum(name in way for way in ways) > 1]
    if mapping.visits and mapping.long:
        found.append("[visits] and [long] are two shapes of a table; keep one of them")
    if START_YEAR in given and not mapping.has_start_year:
        found.append("[columns] start_year and [export] start_year = false contradict each other; keep one of them")
    if SESSION in given and "sessions_completed" in given:
        found.append("[columns] session and sessions_completed are two ways to count sessions; map one of them")
    if mapping.days_after and not given & {SESSION, "sessions_completed", "treated"}:
        numbers = ", ".join(map(str, range(len(mapping.days_after))))
        found.append(
            f"[visits] days_after needs sessions_completed = [{numbers}], the sessions given before the scores of each visit, or session or treated"
        )
    for endpoint in ENDPOINTS.values():
        if endpoint.score_column in given and endpoint.scale_column not in given:
            found.append(
                f"{endpoint.score_column} needs {endpoint.scale_column}: map it, or write it under [constants] as one of {', '.join(endpoint.scales)}"
            )
    if mapping.scores == "after" and SCORED_ON not in given and mapping.scores_days_after is None:
        found.append(
            '[export] scores = "after" needs [columns] scored_on, the date of the scores, or [export] scores_days_after: '
            "a score on the day of the session itself is too soon to count, it counts from 14 days after"
        )
    return found
