"""What patients are told, held against the clinic's own records, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.columns import NEW_PIH, NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import adverse_event_differences, bound, how_often, label, of_sessions, percent_of
from outcomes.display.words import (
    INTERVAL,
    Prose,
    around,
    counted,
    first_down,
    first_up,
    listed,
    lower,
    percent,
    session_words,
    signed,
    size,
    span,
    types,
    whole,
)
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.claim_rules import CONTRADICTED, KEPT, NOT_ENOUGH, NOT_KEPT, SUPPORTED, RuleCode
from outcomes.measures.sessions_to_half import FIRST_CLAIMED, HALF, RESPONDERS


def _is_done(judged: pd.DataFrame) -> pd.Series:
    """Which claims are about what was done, not about what came of it."""
    return judged["rule"].map(lambda rule: rule.code is RuleCode.KEEPS)


def claims(judged: pd.DataFrame) -> Prose:
    """Two sentences from `outcomes.claims`: how many are supported, contradicted or can't be judged, and which are contradicted."""
    outcome = judged[~_is_done(judged)]
    n = outcome["verdict"].value_counts()
    said = [f"**support {n.get(SUPPORTED, 0)}**", f"**contradict {n.get(CONTRADICTED, 0)}**"]
    said += [f"have **not enough patients for {n[NOT_ENOUGH]}**"] if NOT_ENOUGH in n else []
    said += [f"say **nothing of {n[NOT_RECORDED]}**, not recorded"] if NOT_RECORDED in n else []
    first = f"Of {len(outcome)} things that patients are told about the outcome, our own records {listed(said)}."
    against = outcome[outcome["verdict"] == CONTRADICTED].to_dict("records")
    if not against:
        return Prose(f"{first} None is contradicted, which is not the same as all being true.")
    each = "; ".join(f"**{row['said']}** \N{EN DASH} {claim_number(row)}" for row in against)
    return Prose(f"{first} Contradicted: {each}.")


def claim_number(row: Any, interval: str = INTERVAL) -> str:
    """The clinic's own number on a claim with its interval and n, from a row of `outcomes.claims`.

    `interval` stands before its ends; blank where the head of a column says it.
    """
    if row["verdict"] == NOT_RECORDED:
        return "not recorded"
    if row["measure"] in _OF:
        return _OF[row["measure"]](row, interval)
    return (
        f"{int(row['events']):,} of {counted(int(row['n']), 'sessions')} against it"
        if row["events"]
        else f"none of {counted(int(row['n']), 'sessions')} against it"
    )


def _change(row: Any, interval: str) -> str:
    if pd.isna(row["conf_low"]):
        return _too_few(row)
    unit, when, said = SCALES[row["scale"]].unit, session_words(row["session"]), f"{_ends(row, interval)}; {_scored(row)}"
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return f"not clearly changed {when}: {signed(row['estimate'])} {unit} ({said})"
    more = f", {note_of(row)}" if row["note"] else ""
    return f"{size(row['estimate'])} {unit} {lower(row)} {when} ({said}){more}"


def _responded(row: Any, interval: str) -> str:
    if pd.isna(row["conf_low"]):
        return _too_few(row)
    said = f"{interval}{span(row['conf_low'], row['conf_high'])}; {_scored(row)}"
    share = f"{percent(row['estimate'])} would have responded {session_words(row['session'])}"
    return f"{share} ({said}): {SCALES[row['scale']].rule}, not corrected"


def _difference(row: Any, interval: str) -> str:
    if pd.isna(row["conf_low"]):
        return _too_few(row)
    far = f"{size(row['estimate'])} {SCALES[row['scale']].unit} {'more' if row['estimate'] < 0 else 'less'} improvement than all others"
    reached = "" if pd.isna(row["kept"]) else f"; {percent(row['kept'])} of their improvement"
    said = f"{_ends(row, interval)}; {counted(int(row['n']), 'courses')}{reached}"
    of = f"{ENDPOINTS[row['endpoint']].label} in {first_down(types(row['skin_types']))}"
    return f"farthest apart: {of}, {far} {session_words(row['session'])} ({said})"


def _ends(row: Any, interval: str) -> str:
    """The interval; an end that would round to no change is told apart from it."""
    low, high = row["conf_low"], row["conf_high"]
    if low <= 0 <= high:
        return around(row, interval)
    near, far = sorted((abs(low), abs(high)))
    return f"{interval}{size(near)} to {size(far)}"


def _scored(row: Any) -> str:
    return f"{int(row['n']):,} of {counted(int(row['began']), 'courses')}"


def _events(row: Any, interval: str) -> str:
    if row["n"] == 0:
        return _too_few(row)
    often = how_often(row, of_sessions(row), interval=interval, beside=f"; {bound(row['conf_high'])}")
    return f"{label(row['event'])}: {often}"


def _judged(row: Any, interval: str) -> str:
    if pd.isna(row["conf_low"]):
        return _too_few(row)
    by = {"patient": " by patients", "clinician": " by clinicians"}.get(row["gais_by"], "")
    of = f"{interval}{span(row['conf_low'], row['conf_high'])}; {counted(int(row['n']), 'courses')}"
    return f"{percent(row['estimate'])} judged improved{by} {session_words(row['session'])} ({of})"


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
    """After how many sessions how many would have responded, from `outcomes.sessions_to_half`."""
    shares = numbers[numbers["measure"] == RESPONDERS].dropna(subset="conf_low").to_dict("records")
    if not shares:
        recorded = any(NoteCode.NOT_RECORDED not in codes(row) for row in numbers.to_dict("records"))
        return Prose(
            "Too few courses to say how many sessions a response takes." if recorded else "Acne scarring is not recorded."
        )
    said = [
        f"{session_words(row['session'])} **{percent(row['estimate'])}** ({span(row['conf_low'], row['conf_high'])}; {_seen(row)})"
        for row in shares
    ]
    first = f"{first_up(' and '.join(said))} would have responded had every patient continued"
    last = shares[-1]["session"]
    if last <= FIRST_CLAIMED:
        first += "; the records reach no further"
    rule = f"Responded is {SCALES[shares[0]['scale']].rule}: better, **not corrected**."
    return Prose(f"{first}. {_half(numbers)}{_lasting(numbers, last)} {rule}")


def _seen(row: Any) -> str:
    return f"{counted(int(row['n']), 'courses')} scored then"


def _half(numbers: pd.DataFrame) -> str:
    row = numbers[numbers["measure"] == HALF].iloc[0]
    if pd.isna(row["estimate"]):
        return "Half would not have responded by the last session that can be told."
    low, high = row["conf_low"], row["conf_high"]
    interval = f"{low:g} or later" if pd.isna(high) else f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"Half would have by session **{row['estimate']:g}** ({INTERVAL}{interval})."


def _lasting(numbers: pd.DataFrame, session: float) -> str:
    at = numbers[numbers["session"] == session].set_index("measure")["estimate"]
    least, most = (at.get(f"responded by, {end}", float("nan")) for end in ("at least", "at most"))
    if pd.isna(least) or pd.isna(most):
        return ""
    return f" Responses that lasted to the next score came by session {session:g} in {whole(least)} of 100 at least and {whole(most)} at most."


def darker_skin(by_type: pd.DataFrame, difference: pd.DataFrame) -> Prose:
    """New PIH in each skin type by itself, per course, and whether types IV-VI differ from I-III: none is given with its upper bound.

    From `outcomes.adverse_events` by skin type, and from `outcomes.adverse_event_differences`.
    """
    rows = by_type[(by_type["event"] == NEW_PIH) & (by_type["measure"] == PER_COURSE)]
    if rows["n"].sum() == 0:
        return Prose("New PIH is **not recorded**: no visit after a session says yes or no. That is not the same as none.")
    each = "; ".join(f"type {row['skin_type']} {how_often(row)}" for row in rows.to_dict("records"))
    return Prose(
        f"New PIH, not there before treatment, in {percent_of(rows.iloc[0])}: {each}. {adverse_event_differences(difference)}"
    )


def kept(judged: pd.DataFrame) -> Prose:
    """Whether sessions were given as patients are told, by age and by contraindication, from `outcomes.claims`."""
    words = {KEPT: "kept", NOT_KEPT: "not kept", NOT_RECORDED: "not recorded"}
    rows = judged[_is_done(judged)].to_dict("records")
    said = [f"- {row['said']}: **{words[row['verdict']]}**{_how_kept(row)}." for row in rows]
    source = (
        "The device was granted a De Novo (DEN160029, 1 March 2018) for ages 22 and over. Its label says *currently taking* isotretinoin; "
        "a number of months is guidance, and can be set."
    )
    return Prose("\n".join([*said, "", source]))


def _how_kept(row: Any) -> str:
    if row["verdict"] == NOT_RECORDED:
        return ", as no visit says so"
    more = f"; {note_of(row)}" if row["note"] else ""
    return f", {claim_number(row)}{more}"


def claim_limits(judged: pd.DataFrame) -> Prose:
    """What a verdict can and cannot say, with how often several at once go wrong by chance."""
    n = int((~_is_done(judged) & (judged["verdict"] != NOT_RECORDED)).sum())
    several = (
        f"- {n} claims are judged, each by itself at 95\N{NO-BREAK SPACE}%, without a correction: in up to {min(5 * n, 100)} of 100 clinics at least one verdict would be wrong by chance alone.\n"
        if n > 1
        else ""
    )
    return Prose(
        "- **Supported means improved, not because of the sessions**: there is no control group.\n"
        f"{several}"
        "- *Not enough patients* speaks neither for nor against a claim. What is not recorded is not a no."
    )
