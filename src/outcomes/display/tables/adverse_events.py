"""Adverse events as tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import label
from outcomes.display.tables.table import Table, count_cell
from outcomes.display.words import DASH, counted, difference_of, skin
from outcomes.measures.adverse_events import PER_COURSE, PER_SESSION, RESOLUTION


def adverse_events(*estimates: pd.DataFrame, caption: str = "Every event, per session and per course") -> Table:
    """One row for each event and group of `outcomes.adverse_events`, with intervals and the days that events lasted; folded."""
    rows = []
    for safety in estimates:
        by = next((name for name in ("skin_type", "skin_band", "skin_types", "provider_id") if name in safety), None)
        for (event, group), of in safety.assign(group=safety[by] if by else "all").groupby(
            ["event", "group"], sort=False, observed=True
        ):
            measures = of.set_index("measure")
            session, course, lasted = (measures.loc[name] for name in (PER_SESSION, PER_COURSE, RESOLUTION))
            group_words = (
                f"{'type' if by == 'skin_type' else 'types'} {skin(str(group))}" if by and by.startswith("skin") else str(group)
            )
            rows.append((_named(event), group_words, *count_cell(session), *count_cell(course), _lasted(lasted)))
    columns = ("event", "among", "sessions", "of sessions", "courses", _of_usual(estimates), "days it lasted, median (95% CI)")
    return Table(caption, columns, tuple(rows), folded=True, estimates=pd.concat(estimates, ignore_index=True))


def _named(event: str) -> str:
    """The event, with the word that clinicians use for it: ``prolonged redness (erythema)``."""
    return f"{label(event)} (erythema)" if event == "prolonged_erythema" else label(event)


def _of_usual(estimates: tuple[pd.DataFrame, ...]) -> str:
    """``of courses of 4 sessions``: what the rate per course is of, the same in all."""
    usual = pd.concat(each["session"] for each in estimates).dropna()
    return f"of courses of {counted(int(usual.iloc[0]), 'sessions')}" if len(usual) else "of courses"


def adverse_event_differences(difference: pd.DataFrame) -> Table:
    """One row for each event of `outcomes.adverse_event_differences`: by how many percentage points it is more frequent in types IV-VI; folded."""
    rows = [(label(row["event"]), f"{row['events']:,} of {row['n']:,}", _points(row)) for row in difference.to_dict("records")]
    columns = ("event", "courses of all types", f"types {skin('IV-VI')} less {skin('I-III')}, percentage points (95% CI)")
    return Table(
        f"Difference in events between skin types {skin('I-III')} and {skin('IV-VI')}",
        columns,
        tuple(rows),
        folded=True,
        estimates=difference,
    )


def _points(row: Any) -> str:
    if pd.isna(row["estimate"]):
        return note_of(row)
    return difference_of(row).cell


def _lasted(row: Any) -> str:
    if row["n"] == 0:
        return note_of(row)
    interval = "" if pd.isna(row["conf_low"]) else f" ({row['conf_low']:g}{DASH}{row['conf_high']:g})"
    return f"{row['estimate']:g}{interval}; {row['n']:,} of {row['events']:,} recorded"
