"""What has changed since an earlier report, in sentences, and in a line for each tile of page one."""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.display.prose.appearance import JUDGES
from outcomes.display.texts import Nothing, Prose, paragraphs, points
from outcomes.display.words import (
    INTERVAL,
    Shown,
    counted,
    day_words,
    event_words,
    first_up,
    heading,
    improved_by,
    listed,
    number,
    percent,
    rate,
    session_words,
    shown,
    skin,
    typeset,
)
from outcomes.measures.adverse_events import PER_COURSE, PER_SESSION
from outcomes.measures.sessions_to_half import HALF, RESPONDERS
from outcomes.measures.since_last import (
    APPEARANCE,
    BETTER,
    CHANGE,
    DIFFERENCE,
    NEWLY_KNOWN,
    NO_CLEAR_CHANGE,
    NO_LONGER_KNOWN,
    NOT_COMPARED,
    OTHER_VERDICT,
    SATISFACTION,
    VERDICT,
    WORSE,
)

_CLEAR = (BETTER, WORSE)


def since_last(since: pd.DataFrame) -> Prose:
    """From `outcomes.since_last_report`: what is clearly better or worse, what is newly known, and which verdicts are others."""
    numbers, verdicts = differences(since), _verdicts(since)
    compared = [row for row in numbers if row["verdict"] in (*_CLEAR, NO_CLEAR_CHANGE)]
    if not compared and not verdicts and not any(row["verdict"] != NOT_COMPARED for row in numbers):
        return Nothing("The earlier report holds none of the numbers of this one, so there is nothing to compare.")
    told = []
    for verdict, words in ((NEWLY_KNOWN, "Newly known"), (NO_LONGER_KNOWN, "No longer known, as too few were assessed")):
        if names := [name_of(row) for row in numbers if row["verdict"] == verdict]:
            told.append(f"{words}: {listed(names)}.")
    clear = [_clear(row) for row in compared if row["verdict"] in _CLEAR]
    parts = [_count(compared, when(since)), "\n".join(clear), " ".join(told), _of_claims(verdicts)]
    return paragraphs(*filter(None, parts))


def since_tiles(since: pd.DataFrame) -> dict[str, str]:
    """One line for a tile of page one, by the section of the tile; none where there is nothing to compare."""
    if since.empty:
        return {}
    numbers, verdicts, day = differences(since), _verdicts(since), when(since)
    first = {name: next((row for row in numbers if _is(row, name)), None) for name in (RESPONDERS, PER_COURSE, PER_SESSION, HALF)}
    lines = {
        "improvement": _line(first[RESPONDERS], day),
        "sessions": _then_sessions(first[HALF], since),
        "safety": _line(first[PER_COURSE] or first[PER_SESSION], day),
        "claims": _changed(verdicts, day),
    }
    return {section: line for section, line in lines.items() if line}


def overlap(since: pd.DataFrame) -> Prose:
    """Whether the same patients are in both reports, and what that does to the intervals."""
    if since.empty:
        return Prose("")
    share = float(since["overlap"].iloc[0])
    if isnan(share):
        unknown = "How many patients are in both reports is **not known**, so the intervals are the widest: as if no patient were in both."
        # Both stand in the manifest.
        is_checked = bool(str(since["then_on"].iloc[0]))
        return Prose(
            unknown if is_checked else f"{unknown} Nor is it known by which window and limits the earlier one was counted."
        )
    if share == 0:
        return Prose(
            "**No patient code of the earlier report is in these records**: they are other patients, or their codes are new. Differences are "
            "as between different patients."
        )
    whole = "All" if share == 1 else "Nearly all" if share > 0.995 else percent(100 * share)
    return Prose(
        f"{whole} of the patients of the earlier report are in these records too, so that the two **share patients**; the intervals of the "
        "differences allow for that."
    )


def since_limits(since: pd.DataFrame) -> Prose:
    """What to be careful about with differences between two reports, as points."""
    told = (
        "A difference is between **all patients then and all patients now**: what was done otherwise since shows only as far as new patients "
        "have been assessed, so it shows late."
    )
    return points(told) if len(since) else Prose("")


def when(since: pd.DataFrame) -> str:
    """``Since 15 June 2026``, or ``Since the earlier report`` where its date is not known."""
    issued = str(since["then_on"].iloc[0]) if len(since) else ""
    return f"Since {day_words(date.fromisoformat(issued))}" if issued else "Since the earlier report"


def differences(since: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of numbers."""
    return since[since["measure"] == DIFFERENCE].to_dict("records")


def name_of(row: Any) -> str:
    """What is compared, as a sentence goes on with it: ``new PIH in skin types IV–VI``."""
    after = session_words(row["session"]) if "session" in row and not pd.isna(row["session"]) else ""
    if row["compared"] == CHANGE:
        return f"the change in {ENDPOINTS[row['endpoint']].label} {after}"
    if row["compared"] == RESPONDERS:
        return f"courses improved in {ENDPOINTS[row['endpoint']].label} {after}"
    if row["compared"] == APPEARANCE:
        return f"overall appearance improved {after} by {JUDGES[row['gais_by']]}"
    if row["compared"] == SATISFACTION:
        return f"satisfaction {after}"
    if row["compared"] == HALF:
        return "the session by which half of courses would have improved"
    what = "adverse events" if row["event"] == ANY else event_words(row["event"])
    types = row.get("skin_types")
    return f"{what} in skin types {skin(types)}" if isinstance(types, str) and types else what


def topic_of(row: Any) -> str:
    """The heading that it stands under, with others like it."""
    if row["compared"] in (CHANGE, RESPONDERS):
        return f"{heading(ENDPOINTS[row['endpoint']])} {session_words(row['session'])}, all patients (estimated)"
    if row["compared"] == HALF:
        return "How many sessions"
    if row["compared"] in (APPEARANCE, SATISFACTION):
        return f"How it is judged {session_words(row['session'])}"
    if row["compared"] == PER_SESSION:
        return "Adverse events, of sessions asked about (the usual course is not as long as then)"
    length = row.get("session")
    return "Adverse events" if pd.isna(length) else f"Adverse events, of courses of {counted(float(length), 'sessions')}"


def label_of(row: Any) -> str:
    """What is compared, under the heading of its topic: ``New PIH, types IV–VI``."""
    return first_up(_label(row))


def _label(row: Any) -> str:
    if row["compared"] == CHANGE:
        return f"change, {SCALES[row['scale']].unit}"
    if row["compared"] == RESPONDERS:
        return f"improved {improved_by(SCALES[row['scale']])}"
    if row["compared"] == APPEARANCE:
        return f"appearance improved, {JUDGES[row['gais_by']]}"
    if row["compared"] == SATISFACTION:
        return "satisfaction, 0 to 10"
    if row["compared"] == HALF:
        return "session by which half would have improved"
    what = "any event" if row["event"] == ANY else event_words(row["event"])
    types = row.get("skin_types")
    return f"{what}, types {skin(types)}" if isinstance(types, str) and types else what


def value_of(row: Any, side: str) -> str:
    """The number `now` or `then`, without its interval; blank where it was not known."""
    value = row[side]
    if pd.isna(value):
        return ""
    if row["compared"] in (RESPONDERS, APPEARANCE):
        return percent(value)
    if row["compared"] in (PER_COURSE, PER_SESSION):
        return rate(value) if value else "0.0%"
    if row["compared"] == HALF or pd.isna(row["estimate"]):
        return f"{value:g}" if row["compared"] == HALF else number(value)
    # As many decimals as the difference between the two.
    return number(value, len(difference_since(row).estimate.partition(".")[2]))


def difference_since(row: Any) -> Shown:
    """The difference with its sign, and its interval: whole percentage points for shares of courses improved, else one decimal."""
    decimals = 0 if row["compared"] in (RESPONDERS, APPEARANCE) else 1
    return shown(row["estimate"], row["conf_low"], row["conf_high"], decimals, none=0, plus=True)


def unit_of(row: Any) -> str:
    """The unit of the difference: ``grades``, ``percentage points``."""
    return "points" if row["compared"] == SATISFACTION else str(row["unit"])


def _count(compared: list[dict[str, Any]], day: str) -> str:
    if not compared:
        return f"{day}, no number can be compared."
    clear = {verdict: sum(row["verdict"] == verdict for row in compared) for verdict in _CLEAR}
    numbers = counted(len(compared), "numbers")
    if not any(clear.values()):
        return f"{day}, **nothing has clearly changed**: of {numbers} compared, none is clearly better or worse."
    told = listed([f"**{n} {'is' if n == 1 else 'are'} {verdict}**" for verdict, n in clear.items() if n])
    others = "; the others show no clear change" if sum(clear.values()) < len(compared) else ""
    return f"{day}, of {numbers} compared, {told}{others}. By chance alone, about 1 in 20 would be."


def _clear(row: Any) -> str:
    told = difference_since(row)
    return (
        f"- **{first_up(row['verdict'])}:** {name_of(row)}, {value_of(row, 'now')} now and {value_of(row, 'then')} then "
        f"({told.estimate} {unit_of(row)}; {INTERVAL}{told.interval})."
    )


def _verdicts(since: pd.DataFrame) -> list[dict[str, Any]]:
    rows = since[since["measure"] == VERDICT].to_dict("records")
    return [row for row in rows if row["verdict"] != NOT_COMPARED]


def _of_claims(verdicts: list[dict[str, Any]]) -> str:
    if not verdicts:
        return ""
    others = [row for row in verdicts if row["verdict"] in (OTHER_VERDICT, NEWLY_KNOWN, NO_LONGER_KNOWN)]
    if not others:
        return "The verdict on each statement that patients hear is the same as then."
    said = [f"“{typeset(row['said'])}” is now **{row['verdict_now']}**, and was {row['verdict_then']}" for row in others]
    return f"{'; '.join(said)}. A verdict may also become another one by chance."


def _is(row: Any, compared: str) -> bool:
    """Whether it is the row that a tile speaks of: of all skin types, and of adverse events together."""
    has_types = isinstance(row.get("skin_types"), str) and bool(row["skin_types"])
    return row["compared"] == compared and not has_types and (compared not in (PER_COURSE, PER_SESSION) or row["event"] == ANY)


def _line(row: Any, day: str) -> str:
    if row is None:
        return ""
    if row["verdict"] in (NEWLY_KNOWN, NO_LONGER_KNOWN):
        return f"{day}: {row['verdict']}"
    if row["verdict"] == NOT_COMPARED:
        return ""
    told = difference_since(row)
    is_clear = row["verdict"] in _CLEAR
    change = f"{told.estimate} points, {row['verdict']}" if is_clear else row["verdict"]
    # The rate in the tile is per course.
    change += ", per session" if row["compared"] == PER_SESSION else ""
    return f"{day}: {change} ({INTERVAL}{told.interval}{'' if is_clear else ' points'})"


def _then_sessions(row: Any, since: pd.DataFrame) -> str:
    if row is None or pd.isna(row["then"]):
        return ""
    day = when(since).removeprefix("Since ")
    return f"{'In the earlier report' if day.startswith('the') else f'On {day}'}: {counted(float(row['then']), 'sessions')}"


def _changed(verdicts: list[dict[str, Any]], day: str) -> str:
    if not verdicts:
        return ""
    n = sum(row["verdict"] in (OTHER_VERDICT, NEWLY_KNOWN, NO_LONGER_KNOWN) for row in verdicts)
    return f"{day}: {counted(n, 'verdicts')} changed" if n else f"{day}: no verdict changed"
