"""The headline in sentences: change and share improved had every patient continued."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import ENOUGH_FOR_PERCENT, FEW
from outcomes.display.notes import note_of, note_words, only
from outcomes.display.texts import Nothing, Prose
from outcomes.display.words import (
    change_of,
    counted,
    direction_note,
    first_up,
    improved_by,
    is_clear,
    number,
    session_words,
    share_of,
    size_of,
    typeset,
    verb,
)

CONTINUED = "had every patient continued"
NOBODY = "No course was assessed after a session."
TOO_FEW_SCORED = "Too few courses were assessed after a session to report."


def headline(estimates: pd.DataFrame) -> Prose:
    """How much better and how many improved had every patient continued; a paragraph for each endpoint of `outcomes.headline`."""
    rows = estimates[estimates["estimand"] == "continued"].groupby("endpoint", sort=False)
    by_endpoint = [of for _, frame in rows if "change" in (of := frame.set_index("measure")).index]
    told = [_headline(of) for of in by_endpoint if not isnan(of.at["change", "estimate"])]
    untold = [too_few(of.loc["change"]) for of in by_endpoint if isnan(of.at["change", "estimate"])]
    if not told:
        return Nothing(" ".join(untold) or TOO_FEW_SCORED)
    return Prose("\n\n".join([*told, *([" ".join(untold)] if untold else [])]))


def _headline(of: pd.DataFrame) -> str:
    change = of.loc["change"]
    label, scale = f"**{ENDPOINTS[change['endpoint']].label}**", SCALES[change["scale"]]
    check = typeset(note_words(only(change, NoteCode.CHECK_OUTSIDE)))
    disagrees = f" The check disagrees: {check}." if check else ""
    note = "" if is_clear(change) else direction_note([scale.name])
    return f"{first_up(session_words(change['session']))}, {would_have(change, label)}.{disagrees}{_share_improved(of)}{note}"


def would_have(change: Any, label: str) -> str:
    """``acne scarring would have improved by **0.9 grades** on average, from 3.1 to about 2.2 (...), had every patient continued (...)``."""
    unit, assessed = SCALES[change["scale"]].unit, f"{counted(int(change['n']), 'courses')} assessed"
    moved, told = from_to(change), change_of(change)
    if isnan(change["conf_low"]):
        return f"{label} would have changed by **{told.estimate} {unit}** on average{moved}, {CONTINUED} ({assessed}, all alike: no interval)"
    if not is_clear(change):
        said = f"{told.estimate} {unit}; {told.ci}; {assessed}"
        return f"there would have been **no clear change** in {label}, {CONTINUED} ({said})"
    told = size_of(change)
    return (
        f"{label} would have {verb(change)} by **{told.estimate} {unit}** on average{moved}, {CONTINUED} ({told.ci}; {assessed})"
    )


def in_short(change: Any, label: str, when: str) -> str:
    """``acne scarring would have improved by **0.9 grades** after 3 sessions (95% CI 0.8–1.0; 141 courses assessed)``, beside another result."""
    unit, assessed = SCALES[change["scale"]].unit, f"{counted(int(change['n']), 'courses')} assessed"
    if isnan(change["conf_low"]):
        return f"{label} would have changed by **{change_of(change).estimate} {unit}** {when} (no interval; {assessed})"
    told = size_of(change)
    if not is_clear(change):
        return f"there would have been **no clear change** in {label} {when} ({told.estimate} {unit}; {told.ci}; {assessed})"
    return f"{label} would have {verb(change)} by **{told.estimate} {unit}** {when} ({told.ci}; {assessed})"


def from_to(change: Any) -> str:
    """``, from 3.1 to about 2.2 (scale 1 to 4)``; blank where the average before treatment is not told."""
    before, scale = change.get("baseline", nan), SCALES[change["scale"]]
    if isnan(before):
        return ""
    after = scale.turned(scale.turned(before) + change["estimate"])
    return f", from {number(before)} to about {number(after)} (scale {scale.low} to {scale.high:,})"


def too_few(change: Any) -> str:
    """Why there is no estimate: too few assessed, or too few began, or what is noted."""
    label, n = f"**{ENDPOINTS[change['endpoint']].label}**", int(change["n"])
    for began in only(change, NoteCode.TOO_FEW_BEGAN):
        return f"Too few courses ({began.n:,}) began with {label} to estimate how it would have changed, {CONTINUED}."
    if n < FEW:
        return f"Too few courses were assessed for {label} to report ({n}; {FEW} are needed)."
    return f"How {label} would have changed, {CONTINUED}, cannot be estimated: {note_of(change)}."


def _share_improved(of: pd.DataFrame) -> str:
    change = of.loc["change"]
    by = improved_by(SCALES[change["scale"]])
    if "responders" not in of.index or isnan(of.at["responders", "estimate"]):
        return f" How many courses would have improved {by} cannot be told."
    row = of.loc["responders"]
    told, when = share_of(row), first_up(session_words(row["session"]))
    few = f"; {counted(int(row['n']), 'courses')} assessed" if row["n"] < ENOUGH_FOR_PERCENT else ""
    return f" {when}, **{told.estimate}** of courses would have improved {by} ({told.ci}{few})."


def why_continued() -> Prose:
    """What "had every patient continued" means and assumes, in every report that uses it."""
    return Prose(
        "**Had every patient continued** is an estimate of the result if everyone had attended that session. Patients who stopped are "
        "taken to have progressed like patients with the same recorded scores who stayed. The estimate would be wrong if patients "
        "stopped for reasons that the records do not show."
    )
