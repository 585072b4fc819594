"""What a release says, in sentences: from `outcomes.release` alone, whose counts are rounded or withheld."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.columns import NEW_PIH
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.thresholds import ROUNDED_TO, SMALLEST_RELEASED
from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import bound, label
from outcomes.display.prose.continued import headline
from outcomes.display.texts import Nothing, Prose, of_each_endpoint
from outcomes.display.words import INTERVAL, change_of, counted, first_down, first_up, listed, rate_of, session_words, skin, types
from outcomes.measures.release import TREATED, released_session
from outcomes.measures.release_draft import PATIENTS

FEWEST = f"fewer than {SMALLEST_RELEASED}"


def released_change(change: pd.DataFrame) -> Prose:
    """How much better and how many improved after the session that a release speaks of, from `Release.change`."""
    session = released_session(change)
    if not session:
        return Nothing("Too few courses were assessed after a session to publish how much better.")
    told = headline(change[change["session"] == session])
    untold = [name for name in dict.fromkeys(change["endpoint"]) if not _has(change, name, session)]
    if not untold:
        return told
    names = listed([ENDPOINTS[name].label for name in untold])
    return Prose(f"{told}\n\nToo few courses were assessed for {names} {session_words(session)} to publish.")


def _has(change: pd.DataFrame, endpoint: str, session: int) -> bool:
    rows = change[(change["endpoint"] == endpoint) & (change["measure"] == "change")]
    return bool((rows["session"] == session).any())


def released_by_skin_types(by_types: pd.DataFrame, change: pd.DataFrame) -> Prose:
    """How much better in each group of skin types by the session that a release speaks of, from `Release.by_skin_types` and `Release.change`."""
    after = by_types[by_types["session"].between(1, released_session(change))]
    if after.empty:
        return Nothing("There are too few courses to publish groups of skin types apart.")
    return Prose(f"{of_each_endpoint(after, _apart)}\n\nWhether the groups differ is not tested here.")


def _apart(rows: pd.DataFrame, said: str) -> str:
    at = rows[rows["session"] == _last_with_most(rows)].to_dict("records")
    label, unit = ENDPOINTS[at[0]["endpoint"]].label, at[0]["unit"]
    each = [
        f"{told.estimate} {unit} in {first_down(types(str(row['skin_types'])))} ({told.ci}; {counted(int(row['n']), 'courses')})"
        for row in at
        for told in (change_of(row),)
    ]
    why = "" if said else " had every patient continued (below 0 is better),"
    return f"{first_up(session_words(at[0]['session']))},{why} **{label}** would have changed by {listed(each)}."


def _last_with_most(rows: pd.DataFrame) -> int:
    """The last session at which as many groups as at any are told."""
    groups = rows.groupby("session")["skin_types"].nunique()
    return int(groups[groups == groups.max()].index.max())


def released_events(events: pd.DataFrame) -> Prose:
    """In how many courses any event and new PIH were recorded, from `Release.events`."""
    whole = events[events["skin_types"].isna()] if "skin_types" in events else events
    rows = {row["event"]: row for row in whole.to_dict("records")}
    if not rows or rows[ANY]["n"] == 0:
        return Nothing("Adverse events are not recorded; not recorded does not mean none.")
    if pd.isna(rows[ANY]["n"]):
        return Nothing("Too few courses were asked about adverse events to publish.")
    told = [
        _recorded("An adverse event", rows[ANY]),
        _recorded(f"**{first_up(label(NEW_PIH))}** (absent before treatment)", rows[NEW_PIH]),
    ]
    return Prose(" ".join([*told, *_by_half(events)]))


def _recorded(name: str, row: Any) -> str:
    if row["n"] == 0:
        return f"{name} is not recorded, which does not mean none."
    of = "courses" if pd.isna(row["n"]) else counted(int(row["n"]), "courses")
    if NoteCode.WITHHELD in codes(row) or pd.isna(row["n"]):
        return f"{name} was recorded in some courses; how many is not published."
    if pd.isna(row["events"]):
        return f"{name} was recorded in {note_of(row)} of {of}."
    if row["events"] == 0:
        return f"{name} was recorded in none of {of}; {bound(row)}."
    told = rate_of(row)
    return f"{name} was recorded in {int(row['events']):,} of {of} ({told.estimate}; {INTERVAL}{told.interval})."


def _by_half(events: pd.DataFrame) -> list[str]:
    """Any event in skin types I-III and IV-VI, where both are published."""
    if "skin_types" not in events:
        return []
    rows = events[events["skin_types"].notna() & (events["event"] == ANY) & events["events"].notna()].to_dict("records")
    each = [
        f"{int(row['events']):,} of {counted(int(row['n']), 'courses')} in types {skin(str(row['skin_types']))} ({rate_of(row).estimate}; {INTERVAL}{rate_of(row).interval})"
        for row in rows
        if row["n"] == row["n"]
    ]
    return [f"Any event was recorded in {listed(each)}."] if len(each) > 1 else []


def released_treated(treated: pd.DataFrame) -> Prose:
    """How many patients and courses there are, from `Release.treated`."""
    numbers = treated[treated["measure"] == TREATED].set_index("level")["n"]
    if numbers.isna().any():
        return Nothing("There are too few patients to publish how many.")
    patients, courses = (int(numbers[name]) for name in (PATIENTS, "courses"))
    return Prose(f"The records hold about **{counted(patients, 'patients')}** with {counted(courses, 'courses')} of treatment.")


def what_is_released() -> Prose:
    """What was done to the numbers of a release."""
    return Prose(
        f"- **Counts are rounded** to the nearest {ROUNDED_TO}, so they need not add up. A count of 1 to {SMALLEST_RELEASED - 1} is not given, nor is one that would "
        "give such a count back.\n"
        f"- **Nothing is shown of {FEWEST} courses**: a row or a point that is missing rests on too few.\n"
        "- **Per cents** of courses are those of rounded counts, and intervals are a little wider than in the clinic's own report."
    )


def what_released_events_count() -> Prose:
    """How events of a release are counted."""
    return Prose(
        "- Only courses with a **later visit at which the question was answered** are counted, each once, however many sessions it had. "
        "Intervals take courses as independent.\n"
        "- These figures do not show what caused an event."
    )
