"""Results by the year in which courses began, as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.columns import START_YEAR
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.prose.years import by_year as said_by_year
from outcomes.display.tables.table import Table, count_cell, told, with_direction
from outcomes.display.texts import Nothing
from outcomes.display.words import counted, heading, percent, session_words, shown
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.years import CHANGE, NO_YEAR, PER_YEAR, RESPONDERS, UNDER_WAY, trends


def by_year(found: pd.DataFrame) -> Table | Nothing:
    """`outcomes.by_year` as a folded table: under the name of each measure its years and, last, its change per year; nothing without years."""
    if found.empty:
        return Nothing(said_by_year(found))
    told_of = found[found["measure"] != NO_YEAR]
    of = told_of["measure"].str.removesuffix(PER_YEAR)
    groups = [(_heading(rows), _rows(rows)) for _, rows in told_of.groupby([of, told_of["endpoint"].fillna("")], sort=False)]
    return Table(
        with_direction(
            f"The numbers by year; a trend is clear if it stands out among {_tested(found)}", found.dropna(subset="scale")
        ),
        ("", "n", "estimate (95% CI)"),
        tuple(row for _, rows in groups for row in rows),
        folded=True,
        estimates=found,
        groups=tuple((words, len(rows)) for words, rows in groups),
        numbers=(1, 2),
    )


def _tested(found: pd.DataFrame) -> str:
    n = int(trends(found)["p_value"].notna().sum())
    return f"all {n}" if n > 1 else "its years"


def _heading(rows: pd.DataFrame) -> str:
    """What the rows of a group are, and what is counted."""
    first = rows.iloc[0]
    after = "" if pd.isna(first["session"]) else session_words(first["session"])
    if first["measure"] == CHANGE:
        return f"{heading(ENDPOINTS[first['endpoint']])}: mean change {after}, {SCALES[first['scale']].unit} (courses)"
    if first["measure"] == RESPONDERS:
        return f"{heading(ENDPOINTS[first['endpoint']])}: improved {after} (courses)"
    if first["measure"] == PER_COURSE:
        return f"New PIH in a course of {counted(float(first['session']), 'sessions')} (courses asked about)"
    if first["measure"] == UNDER_WAY:
        return f"Still under way (courses with baseline {ENDPOINTS[first['endpoint']].label} scores)"
    return "Outside guidance (sessions given)"


def _rows(rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [_trend(row) if pd.isna(row[START_YEAR]) else _year(row) for row in rows.to_dict("records")]


def _year(row: dict[str, Any]) -> tuple[str, str, str]:
    name = f"{row[START_YEAR]}"
    if row["measure"] in (CHANGE, RESPONDERS):
        return name, f"{row['n']:,}", told(row).cell or note_of(row)
    if codes(row) & {NoteCode.TOO_FEW, NoteCode.NO_COURSES}:
        return name, "", note_of(row)
    if row["measure"] == UNDER_WAY:
        return name, f"{row['events']:,} of {row['n']:,}", percent(row["estimate"])
    return name, *count_cell(row)


def _trend(row: dict[str, Any]) -> tuple[str, str, str]:
    if pd.isna(row["conf_low"]):
        return "per year", "", note_of(row)
    decimals = 2 if row["measure"].startswith(CHANGE) else 1
    return "per year", "", f"{shown(row['estimate'], row['conf_low'], row['conf_high'], decimals, plus=True).cell} {row['unit']}"
