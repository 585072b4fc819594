"""The headline in sentences: change and response had every patient continued."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.notes import note_of, note_words, only
from outcomes.display.words import (
    Prose,
    around,
    counted,
    direction_note,
    first_up,
    heading,
    in_ten,
    moved,
    session_words,
    signed,
    span,
    with_minus,
)

NOBODY = "No course was scored after a session."
TOO_FEW_SCORED = "Too few courses were scored after a session to say."


def headline(estimates: pd.DataFrame) -> Prose:
    """How much better and how many responded had every patient continued; a paragraph for each endpoint of `outcomes.headline`."""
    rows = estimates[estimates["estimand"] == "continued"].groupby("endpoint", sort=False)
    by_endpoint = [frame.set_index("measure") for _, frame in rows]
    return Prose("\n\n".join(_headline(of) for of in by_endpoint if "change" in of.index) or TOO_FEW_SCORED)


def _headline(of: pd.DataFrame) -> str:
    change = of.loc["change"]
    name, scale, scored = heading(ENDPOINTS[change["endpoint"]]), SCALES[change["scale"]], counted(int(change["n"]), "courses")
    if isnan(change["estimate"]):
        enough = change["n"] >= FEW and NoteCode.TOO_FEW_BEGAN not in codes(change)
        why = f"cannot be estimated: {note_of(change)}" if enough else f"too few courses ({change['n']}) to say"
        return f"**{name}**: {why}."
    when = f"{session_words(change['session'])}, had every patient continued"
    if isnan(change["conf_low"]):
        moves = f"changed by {signed(change['estimate'])} {scale.unit} {when} ({scored} scored then, all alike: no interval)"
    else:
        moves = f"{moved(change, scale.unit)} {when} ({around(change)}; {scored} scored then)"
    check = with_minus(note_words(only(change, NoteCode.CHECK_OUTSIDE)))
    disagrees = f" The check disagrees: {check}." if check else ""
    return f"**{name}** {moves}.{disagrees}{_would_respond(of)}{direction_note([scale.name])}"


def _would_respond(of: pd.DataFrame) -> str:
    if "responders" not in of.index or isnan(of.at["responders", "estimate"]):
        return " How many would have responded can't be told."
    row = of.loc["responders"]
    share = in_ten(row["estimate"])
    interval = "no interval" if isnan(row["conf_low"]) else span(row["conf_low"], row["conf_high"])
    return f" **{first_up(share)}** would have responded ({interval}): {SCALES[row['scale']].rule}."


def why_continued() -> Prose:
    """What "had every patient continued" means and assumes, in every report that uses it."""
    return Prose(
        "**Had every patient continued** means: what patients like these would have reached had all of them come to that session, those who stopped "
        "going on like patients with the same recorded scores who stayed. Whoever stays stands in for those who left. It assumes that "
        "nothing that was not recorded made patients stop."
    )
