"""Adverse events as tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import label
from outcomes.display.tables.table import Table, count_cell
from outcomes.display.words import DASH, counted, difference_of, skin
from outcomes.measures.adverse_events import PER_COURSE, PER_SESSION, RESOLUTION


def adverse_events(
    *estimates: pd.DataFrame, caption: str = "Every event, most frequent first, per course and per session"
) -> Table:
    """Every event of `outcomes.adverse_events`, the most frequent first after that of any, with exact intervals and the days that it lasted; folded.

    One row for each event; where there are groups, such as skin types, each event is a heading with a row for each of them. An event
    that was never asked about comes last and is not recorded, which is not the same as none.
    """
    parts = [_part(each) for each in estimates]
    events = _most_frequent_first(parts[0])
    is_grouped = any(part["among"].any() for part in parts)
    groups = [(_named(event), [row for part in parts for row in _rows(part[part["event"] == event], event)]) for event in events]
    columns = ("among" if is_grouped else "event", "courses", _of_usual(estimates), "sessions", f"of sessions {_EXACT}", _LASTED)
    return Table(
        caption,
        columns,
        tuple(row for _, rows in groups for row in rows),
        folded=True,
        estimates=pd.concat(estimates, ignore_index=True),
        groups=tuple((words, len(rows)) for words, rows in groups) if is_grouped else (),
        numbers=(1, 2, 3, 4),
    )


_EXACT = "(exact 95% CI)"
_LASTED = "days it lasted, median (95% CI)"


def _part(estimates: pd.DataFrame) -> pd.DataFrame:
    """One frame of estimates with `among`, the words of its groups: ``type II``, ``types I–III``; blank where it is of all."""
    by = next((name for name in ("skin_type", "skin_band", "skin_types", "provider_id") if name in estimates), None)
    if by is None:
        return estimates.assign(among="")
    groups = estimates[by].astype(str)
    kind = "" if by == "provider_id" else "type " if by == "skin_type" else "types "
    return estimates.assign(among=[f"{kind}{skin(group) if kind else group}" for group in groups])


def _most_frequent_first(part: pd.DataFrame) -> list[str]:
    """`ANY`, then the events by the courses in which they were recorded, as the picture has them; those never asked about last."""
    courses = (
        part[part["measure"] == PER_COURSE].groupby("event", sort=False).agg({"events": "sum", "n": "sum", "estimate": "mean"})
    )
    ranked = courses.assign(is_other=courses.index != ANY, is_asked=courses["n"] > 0)
    keys = ["is_other", "is_asked", "events", "estimate"]
    return ranked.sort_values(keys, ascending=[True, False, False, False], kind="stable").index.tolist()


def _rows(of: pd.DataFrame, event: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for among, group in of.groupby("among", sort=False):
        measures = group.set_index("measure")
        course, session, lasted = (measures.loc[name] for name in (PER_COURSE, PER_SESSION, RESOLUTION))
        rows.append((str(among) or _named(event), *count_cell(course), *count_cell(session), _lasted(lasted)))
    return rows


def _named(event: str) -> str:
    """The event, with the word that clinicians use for it: ``prolonged redness (erythema)``."""
    return f"{label(event)} (erythema)" if event == "prolonged_erythema" else label(event)


def _of_usual(estimates: tuple[pd.DataFrame, ...]) -> str:
    """``of courses of 4 sessions (exact 95% CI)``: what the rate per course is of, the same in all."""
    usual = pd.concat(each["session"] for each in estimates).dropna()
    of = f"of courses of {counted(int(usual.iloc[0]), 'sessions')}" if len(usual) else "of courses"
    return f"{of} {_EXACT}"


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
