"""Adverse events in sentences. A zero is given with its upper bound."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.cohort.providers import OTHERS
from outcomes.definitions.columns import EVENTS, NEW_PIH, NOT_RECORDED
from outcomes.definitions.thresholds import FEW
from outcomes.display.notes import note_of
from outcomes.display.words import INTERVAL, Prose, counted, event_words, first_up, listed, one_in, rate, rates, signed
from outcomes.measures.adverse_events import BY_CHANCE, PER_COURSE, PER_SESSION, STANDARDISED

label = event_words

_COUNTED = {"% of courses": "courses", "% of sessions": "sessions"}
"""What a rate is counted in, by its unit."""


def how_often(row: Any, of: str = "", *, none: str = "none in", interval: str = INTERVAL, beside: str = "") -> str:
    """``3 of 854 sessions (0.4 %, 95 % interval 0.1 to 1.0 %)``, or of none the upper bound: ``none in 31 courses (... 1 in 8)``.

    `of` is what the rate is of: ``(20 % of courses of 4 sessions, ...)``. A rate per course is of courses of that length, which
    is said once beside it (`of_sessions`). `beside` goes on after the interval.
    """
    unit, n, events = _COUNTED[row["unit"]], int(row["n"]), int(row["events"])
    if n == 0:
        return note_of(row)
    seen = f"{events:,} of {counted(n, unit)}" if events else f"{none} {counted(n, unit)}"
    if isnan(row["estimate"]):
        return f"{seen} (no rate: {note_of(row)})"
    if events == 0:
        # Of fewer patients than courses where not each was asked about each session.
        asked = f"; {note_of(row)}" if row["note"] and n >= FEW else ""
        return f"{seen} ({bound(row['conf_high'], of)}{asked})"
    ends = f"{interval}{rates(row['conf_low'], row['conf_high'])}"
    return f"{seen} ({rate(row['estimate'])}{_of(of)}, {ends}{beside})"


def of_sessions(row: Any) -> str:
    """``courses of 4 sessions``: what a rate per course is of; nothing for one per session or of none."""
    session = row.get("session", nan)
    return "" if isnan(session) else f"courses of {counted(int(session), 'sessions')}"


def percent_of(row: Any) -> str:
    """``percent of courses of 4 sessions``, or ``percent``: what rates in a list or in a picture are."""
    return f"percent{_of(of_sessions(row))}"


def _of(what: str) -> str:
    return f" of {what}" if what else ""


def bound(high: float, of: str = "") -> str:
    """What none seen leaves possible: the upper end of the exact two-sided interval, as 1 in N, and of what."""
    most = one_in(high)
    return (
        f"with 95\N{NO-BREAK SPACE}% confidence fewer than 1 in {' '.join(filter(None, (f'{most:,}', of)))}"
        if most > 1
        else "too few to bound it"
    )


def adverse_events(overall: pd.DataFrame, by_skin_types: pd.DataFrame) -> Prose:
    """Two sentences from `outcomes.adverse_events`: any event at all, and new PIH in skin types I-III and IV-VI."""
    of = overall.set_index(["measure", "event"])
    course, session = of.loc[(PER_COURSE, ANY)], of.loc[(PER_SESSION, ANY)]
    if course["n"] == 0:
        return Prose(
            "**Adverse events are not recorded**: no visit after a session says yes or no. That is not the same as none, and nothing can be said."
        )
    pih = by_skin_types[(by_skin_types["measure"] == PER_COURSE) & (by_skin_types["event"] == NEW_PIH)]
    each = "; ".join(f"in types {row['skin_types']} {how_often(row)}" for row in pih.to_dict("records"))
    long = of_sessions(course)
    anything = f"{_recorded('in', course, long)}; {_recorded('after', session)}"
    return Prose(
        f"**Any adverse event or new PIH** was recorded {anything}. **New PIH**, not there before treatment,{_of(long)}: {each}."
    )


def _recorded(preposition: str, row: Any, of: str = "") -> str:
    return f"{preposition} {how_often(row, of, none='none of')}" if row["n"] else how_often(row, of)


def adverse_event_differences(difference: pd.DataFrame, event: str = NEW_PIH) -> Prose:
    """Whether an event is more frequent in skin types IV-VI than in I-III, by the interval of the difference, from `outcomes.adverse_event_differences`."""
    (row,) = difference[difference["event"] == event].to_dict("records")
    if isnan(row["estimate"]):
        return Prose(f"{first_up(label(event))} **cannot be compared** between skin types I-III and IV-VI ({note_of(row)}).")
    low, high = row["conf_low"], row["conf_high"]
    interval = f"{INTERVAL}{signed(low)} to {signed(high)}"
    apart = f"{signed(row['estimate'])} percentage points{_of(of_sessions(row))}, {interval}"
    if low <= 0 <= high:
        return Prose(
            f"With so few events, the records **cannot show whether the groups differ** (types IV-VI less I-III: {apart})."
        )
    more = "more" if row["estimate"] > 0 else "less"
    return Prose(f"{first_up(label(event))} was **{more} frequent in types IV-VI** than in I-III ({apart}).")


def none_seen(overall: pd.DataFrame) -> Prose:
    """The events that nobody had, each with its upper bound, and those that nobody was asked about."""
    rows = overall[(overall["measure"] == PER_COURSE) & overall["event"].isin(EVENTS)].to_dict("records")
    none = [f"{label(row['event'])}, {how_often(row)}" for row in rows if row["n"] and not row["events"]]
    unasked = [label(row["event"]) for row in rows if not row["n"]]
    said = [f"Not seen: {'; '.join(none)}. None seen is not none possible."] if none else []
    said += [f"Not recorded, which is not none: {listed(unasked)}."] if unasked else []
    return Prose(" ".join(said) or "Each kind of event was seen at least once; what is rare is known only roughly.")


def what_counts() -> Prose:
    """How events and sessions are counted, in every report that shows them."""
    return Prose(
        "Only sessions with a later visit that records the event, yes or no, are counted: patients who never came back, or were not asked, "
        "are not counted as free of it. An event counts for the last session before the visit. PIH that was there at baseline is "
        "never new. The rate per course is that of a course of the usual length here, had each of its sessions been asked about: a session "
        "that was not is taken to be like those that were. The counts beside it are of all that was recorded, whenever. Answers of one patient are not independent: intervals are exact "
        "(Clopper-Pearson, two-sided 95\N{NO-BREAK SPACE}%) on so many independent ones as tell as much, where no event was seen on the number of patients. "
        "**Fewer than 1 in N** is their upper end. Nothing here says what an event came from."
    )


def providers(by_provider: pd.DataFrame) -> Prose:
    """Which providers lie beyond the limits of chance, from `outcomes.adverse_events` by provider."""
    compared = provider_limits(by_provider)
    compared = compared[~compared["provider_id"].isin([OTHERS, NOT_RECORDED])]
    if len(compared) < 2:
        return Prose("Providers can't be compared: fewer than two have 5 courses or more.")
    if compared["all"].iloc[0] == 0:
        return Prose("No event was recorded of any provider, so they can't be told apart.")
    beyond = compared[compared["beyond"]]
    if beyond.empty:
        return Prose(
            f"**None of {len(compared)} providers** differs from all together by more than chance, the skin types of their patients and how much "
            "providers differ among themselves allowed for. That does not show them to be alike: with so few events only large differences "
            "would be seen."
        )
    each = [f"{row['provider_id']} with {how_often(row)}; {note_of(row)}" for row in beyond.to_dict("records")]
    return Prose(
        f"**Beyond chance: {listed(each)}**. Rates are standardised to the skin types of all. Look at the charts before judging: whoever "
        "treats the harder cases, or writes down more, has more events in the records."
    )


def provider_limits(by_provider: pd.DataFrame) -> pd.DataFrame:
    """One row per provider with sessions asked about: any event per session, standardised by skin type, `chance_low`, `chance_high`, and whether it is `beyond`."""
    of_any = by_provider[(by_provider["event"] == ANY) & (by_provider["n"] > 0)]
    chance = of_any[of_any["measure"] == BY_CHANCE].set_index("provider_id")
    rows = of_any[of_any["measure"] == STANDARDISED].reset_index(drop=True)
    limits = chance.loc[rows["provider_id"], ["estimate", "conf_low", "conf_high"]].reset_index(drop=True)
    rows = rows.assign(all=limits["estimate"], chance_low=limits["conf_low"], chance_high=limits["conf_high"])
    # The limits are scores of whole events, too, and only the same product of floats apart.
    slack = 1e-9
    return rows.assign(beyond=(rows["estimate"] < rows["chance_low"] - slack) | (rows["estimate"] > rows["chance_high"] + slack))
