"""What patients are told, held against the clinic's own records, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import how_often, label, of_sessions
from outcomes.display.prose.appearance import JUDGES
from outcomes.display.prose.continued import CONTINUED
from outcomes.display.texts import Nothing, Prose, points
from outcomes.display.words import (
    INTERVAL,
    counted,
    first_down,
    first_up,
    improved_by,
    is_clear,
    percent,
    session_words,
    sessions_interval,
    share_of,
    size_of,
    types,
    typeset,
    verb,
)
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.claim_rules import CONTRADICTED, SUPPORTED, UNDECIDED, RuleCode
from outcomes.measures.sessions_to_half import FIRST_CLAIMED, HALF, RESPONDERS


def _is_done(judged: pd.DataFrame) -> pd.Series:
    """Which claims are about what was done, not about what came of it."""
    return judged["rule"].map(lambda rule: rule.code is RuleCode.KEEPS)


def claims(judged: pd.DataFrame) -> Prose:
    """From `outcomes.claims`: how many statements are supported, contradicted or undecided, and what stands against or beside them."""
    outcome = judged[~_is_done(judged)]
    n = outcome["verdict"].value_counts()
    first = (
        f"Of the {len(outcome)} statements that patients hear about the outcome, our records **support {n.get(SUPPORTED, 0)}** and "
        f"**contradict {n.get(CONTRADICTED, 0)}**"
    )
    first += f"; **{n[UNDECIDED]}** {_is_or_are(n[UNDECIDED])} undecided" if UNDECIDED in n else ""
    first += f"; **{n[NOT_RECORDED]}** cannot be judged, as nothing is recorded" if NOT_RECORDED in n else ""
    rows = outcome.to_dict("records")
    against = [f"Contradicted: {quoted(row)}, because {claim_number(row)}." for row in rows if row["verdict"] == CONTRADICTED]
    small = [_small(row) for row in rows if row["verdict"] == SUPPORTED and NoteCode.SMALL in codes(row)]
    none = [] if against else ["None is contradicted, which does not make all of them true."]
    return Prose(" ".join([f"{first}.", *none, *against, *small]))


def quoted(row: Any) -> str:
    """What patients hear, as a quotation."""
    return f"“{typeset(row['said'])}”"


def _is_or_are(n: int) -> str:
    return "is" if n == 1 else "are"


def _small(row: Any) -> str:
    return f"{quoted(row)} is supported, but by only {size_of(row).estimate} {SCALES[row['scale']].unit}."


def claim_number(row: Any, interval: str = INTERVAL) -> str:
    """The clinic's own number on a claim with its interval and n, from a row of `outcomes.claims`.

    `interval` stands before its ends; blank where the head of a column says it.
    """
    if row["verdict"] == NOT_RECORDED:
        return "not recorded"
    if row["measure"] in _OF:
        return _OF[row["measure"]](row, interval)
    sessions = counted(int(row["n"]), "sessions")
    return f"{int(row['events']):,} of {sessions} outside guidance" if row["events"] else f"none of {sessions} outside guidance"


def _change(row: Any, interval: str) -> str:
    if pd.isna(row["conf_low"]):
        return _too_few(row)
    told, unit, when = size_of(row), SCALES[row["scale"]].unit, session_words(row["session"])
    said = f"({interval}{told.interval}; {_assessed(row)})"
    if not is_clear(row):
        return f"no clear change {when}: {told.estimate} {unit} {said}"
    more = f", {note_of(row)}" if row["note"] else ""
    return f"would have {verb(row)} by {told.estimate} {unit} {when} {said}{more}"


def _responded(row: Any, interval: str) -> str:
    if pd.isna(row["conf_low"]):
        return _too_few(row)
    told = share_of(row)
    improved = f"{told.estimate} would have improved {improved_by(SCALES[row['scale']])} {session_words(row['session'])}"
    return f"{improved} ({interval}{told.interval}; {_assessed(row)}), which is not a correction"


def _difference(row: Any, interval: str) -> str:
    if pd.isna(row["conf_low"]):
        return _too_few(row)
    told = size_of(row)
    far = f"{told.size} {SCALES[row['scale']].unit} {'more' if row['estimate'] < 0 else 'less'} improvement than all others"
    reached = "" if pd.isna(row["kept"]) else f"; {percent(row['kept'])} of their improvement"
    said = f"{interval}{told.interval}; {counted(int(row['n']), 'courses')}{reached}"
    of = f"{ENDPOINTS[row['endpoint']].label} in {first_down(types(row['skin_types']))}"
    return f"farthest apart: {of}, {far} {session_words(row['session'])} ({said})"


def _assessed(row: Any) -> str:
    return f"{int(row['n']):,} of {counted(int(row['began']), 'courses')}"


def _events(row: Any, interval: str) -> str:
    if row["n"] == 0:
        return _too_few(row)
    often = how_often(row, of_sessions(row), interval=interval)
    return f"{label(row['event'])} was recorded in {often}"


def _judged(row: Any, interval: str) -> str:
    if pd.isna(row["conf_low"]):
        return _too_few(row)
    told, ratings = share_of(row), JUDGES.get(row["gais_by"], "ratings")
    of = f"{interval}{told.interval}; {counted(int(row['n']), 'courses')}"
    return f"{told.estimate} of {ratings} were “improved” or better {session_words(row['session'])} ({of})"


def _too_few(row: Any) -> str:
    return note_of(row) or "no interval"


_OF = {
    "change": _change,
    RESPONDERS: _responded,
    "difference": _difference,
    PER_COURSE: _events,
    "improved appearance": _judged,
}


def sessions_to_half(numbers: pd.DataFrame) -> Prose:
    """After how many sessions how many would have improved, from `outcomes.sessions_to_half`."""
    shares = numbers[numbers["measure"] == RESPONDERS].dropna(subset="conf_low").to_dict("records")
    if not shares:
        recorded = any(NoteCode.NOT_RECORDED not in codes(row) for row in numbers.to_dict("records"))
        return Nothing(
            "There were too few courses to tell how many sessions an improvement takes."
            if recorded
            else "Acne scarring is not recorded."
        )
    by, last = improved_by(SCALES[shares[0]["scale"]]), shares[-1]
    reach = "; the records reach no further" if last["session"] <= FIRST_CLAIMED else ""
    return Prose(
        f"{_half(numbers, by)} {first_up(_improved(last))} of courses would have improved {by}, {CONTINUED} ({_seen(last)}){reach}. Improved is "
        "**not corrected**: it does not mean that scars are gone."
    )


def _improved(row: Any) -> str:
    return f"{session_words(row['session'])}, **{share_of(row).estimate}**"


def _seen(row: Any) -> str:
    return f"{share_of(row).ci}; {counted(int(row['n']), 'courses')} assessed"


def _half(numbers: pd.DataFrame, by: str) -> str:
    row = numbers[numbers["measure"] == HALF].iloc[0]
    if pd.isna(row["estimate"]):
        return f"Fewer than half of courses would have improved {by} by the last session that can be estimated."
    return f"Half of courses would have improved {by} by session **{row['estimate']:g}** ({INTERVAL}{sessions_interval(row)})."


def claim_limits(judged: pd.DataFrame) -> Prose:
    """What a verdict can and cannot say, with how often several at once go wrong by chance."""
    n = judged.loc[~_is_done(judged), "verdict"].value_counts()
    each = int(n.drop(NOT_RECORDED, errors="ignore").sum())
    several = (
        f"There are {each} claims, each judged by itself at 95% without a correction. In up to {min(5 * each, 100)} of 100 clinics, at least one "
        "verdict would be wrong by chance alone."
    )
    return points(
        "**Supported means that patients improved, not that the sessions were the cause**: there is no control group."
        if SUPPORTED in n
        else "",
        several if each > 1 and {SUPPORTED, CONTRADICTED} & {*n.index} else "",
        "The device was granted a De Novo (DEN160029, 1 March 2018) for ages 22 and over. Its label names patients *currently taking* "
        "isotretinoin; a number of months since is guidance.",
    )
