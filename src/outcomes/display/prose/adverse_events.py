"""Adverse events in sentences. None is given with what that leaves possible."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.columns import NEW_PIH
from outcomes.definitions.thresholds import FEW
from outcomes.display.notes import note_of
from outcomes.display.texts import Prose
from outcomes.display.words import INTERVAL, counted, difference_of, event_words, first_up, rate, rate_of, skin
from outcomes.measures.adverse_events import PER_COURSE, PER_SESSION

label = event_words

_COUNTED = {"% of courses": "courses", "% of sessions": "sessions"}
"""What a rate is counted in, by its unit."""


def how_often(row: Any, of: str = "", *, interval: str = INTERVAL) -> str:
    """``3 of 854 sessions (0.4%; 95% CI 0.1–1.0%)``, or of none what that leaves possible: ``none of 31 courses (up to 11.2% is ...)``.

    `of` is what the rate is of: ``(19.9% of courses of 4 sessions; ...)``. A rate per course is of courses of that length, which
    is said once beside it (`of_sessions`).
    """
    unit, n, events = _COUNTED[row["unit"]], int(row["n"]), int(row["events"])
    if n == 0:
        return note_of(row)
    seen = f"{events:,} of {counted(n, unit)}" if events else f"none of {counted(n, unit)}"
    if isnan(row["estimate"]):
        return f"{seen} (no rate: {note_of(row)})"
    if n < FEW:
        return f"{seen} (too few for a rate)"
    if events == 0:
        return f"{seen} ({bound(row, of)}{_asked(row)})"
    told = rate_of(row)
    when = f", only after more than {counted(int(row['session']), 'sessions')}" if is_later(row) else ""
    return f"{seen}{when} ({told.estimate}{_of(of)}; {interval}{told.interval})"


def is_later(row: Any) -> bool:
    """Whether an event was recorded only after more sessions than the usual course has, of which its rate per course is."""
    return bool(row["events"] > 0 and row["estimate"] == 0)


def _asked(row: Any) -> str:
    """Of fewer patients than courses where not each was asked about each session."""
    return f"; {note_of(row)}" if row["note"] else ""


def of_sessions(row: Any) -> str:
    """``courses of 4 sessions``: what a rate per course is of; nothing for one per session or of none."""
    session = row.get("session", nan)
    return "" if isnan(session) else f"courses of {counted(int(session), 'sessions')}"


def percent_of(row: Any) -> str:
    """``per cent of courses of 4 sessions``, or ``per cent``: what rates in a list or in a picture are."""
    return f"per cent{_of(of_sessions(row))}"


def _of(what: str) -> str:
    return f" of {what}" if what else ""


def bound(row: Any, of: str = "") -> str:
    """What none recorded leaves possible: the upper end of the exact two-sided interval, and of what."""
    return f"a rate of up to {rate(row['conf_high'])}{_of(of)} is compatible with the records"


def adverse_events(overall: pd.DataFrame, by_skin_types: pd.DataFrame) -> Prose:
    """Two sentences from `outcomes.adverse_events`: any event at all, and new PIH in skin types I-III and IV-VI."""
    of = overall.set_index(["measure", "event"])
    course, session = of.loc[(PER_COURSE, ANY)], of.loc[(PER_SESSION, ANY)]
    if course["n"] == 0:
        return Prose(
            "**Adverse events are not recorded**: no visit after a session says yes or no. Not recorded does not mean none, so no rate "
            "can be given."
        )
    pih = by_skin_types[(by_skin_types["measure"] == PER_COURSE) & (by_skin_types["event"] == NEW_PIH)]
    each = [f"in types {skin(row['skin_types'])}: {how_often(row)}" for row in pih.to_dict("records")]
    long = of_sessions(course)
    return Prose(
        f"An adverse event was recorded in {how_often(course, long)}, and after {how_often(session)}. **New PIH** (absent before "
        f"treatment) was recorded as follows, in {percent_of(course)}: {'; '.join(each)}."
    )


def adverse_event_differences(difference: pd.DataFrame, event: str = NEW_PIH) -> Prose:
    """Whether an event is more frequent in skin types IV-VI than in I-III, by the interval of the difference, from `outcomes.adverse_event_differences`."""
    (row,) = difference[difference["event"] == event].to_dict("records")
    dark, light = skin("IV-VI"), skin("I-III")
    if isnan(row["estimate"]):
        return Prose(f"{first_up(label(event))} **cannot be compared** between skin types {light} and {dark} ({note_of(row)}).")
    told = difference_of(row)
    apart = f"{told.estimate} percentage points{_of(of_sessions(row))}; {told.ci}"
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return Prose(
            f"With so few events, the records **cannot show whether the groups differ** (types {dark} less {light}: {apart})."
        )
    more = "more" if row["estimate"] > 0 else "less"
    return Prose(f"{first_up(label(event))} was **{more} frequent in types {dark}** than in types {light} ({apart}).")


def what_counts() -> Prose:
    """How events and sessions are counted, in every report that shows them."""
    return Prose(
        "- Only sessions with a **later visit at which the question was answered** are counted. Patients who never returned, or were not "
        "asked, are not counted as event-free. An event counts for the last session before the visit.\n"
        "- The **rate per course** is that of a course of the usual length, had each of its sessions been asked about. The counts given with it are of "
        "all that was recorded, so the two differ a little.\n"
        "- These figures do not show what caused an event."
    )
