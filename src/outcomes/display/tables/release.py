"""The tables of a release."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.fitzpatrick import UNKNOWN_TYPE
from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import label
from outcomes.display.tables.estimates import numbers
from outcomes.display.tables.table import Table
from outcomes.display.texts import Nothing
from outcomes.display.words import first_up, percent, rate_of, skin
from outcomes.measures.patients import SHARE


def released_numbers(changes: pd.DataFrame) -> Table | Nothing:
    """The numbers behind a picture of a release, folded; nothing where no change is published."""
    return numbers(changes) if (changes["session"] > 0).any() else Nothing("No change is published.")


def released_treated(treated: pd.DataFrame) -> Table:
    """Patients of each skin type, from `Release.treated`."""
    rows = tuple((_type(row["level"]), *_count(row)) for row in treated[treated["measure"] == SHARE].to_dict("records"))
    return Table("Patients by Fitzpatrick skin type", ("", "patients", "per cent"), rows, estimates=treated, numbers=(1, 2))


def _type(name: str) -> str:
    return first_up(name) if name == UNKNOWN_TYPE else f"Type {name}"


def _count(row: Any) -> tuple[str, str]:
    if pd.isna(row["events"]):
        return note_of(row), ""
    return f"{int(row['events']):,}", "" if pd.isna(row["estimate"]) else percent(row["estimate"]) if row["events"] else "0%"


def released_events(events: pd.DataFrame) -> Table:
    """Every event of `Release.events`, folded."""
    rows = tuple((_named(row), *_of(row)) for row in events.to_dict("records"))
    columns = ("event", "courses", "per cent of courses (exact 95% CI)")
    return Table("Courses with each event", columns, rows, folded=True, estimates=events, numbers=(1, 2))


def _named(row: Any) -> str:
    group = row.get("skin_types")
    return first_up(label(row["event"])) + (f", types {skin(str(group))}" if isinstance(group, str) else "")


def _of(row: Any) -> tuple[str, str]:
    """``10 of 225`` with its per cent; ``1 to 7 of 225``; why there is nothing."""
    if pd.isna(row["n"]) or row["n"] == 0:
        return note_of(row), ""
    n = f"{int(row['n']):,}"
    if pd.isna(row["events"]):
        return f"{note_of(row)} of {n}" if row["note"][0].n else note_of(row), ""
    return f"{int(row['events']):,} of {n}", rate_of(row).cell
