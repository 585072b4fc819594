"""What could overturn the headline, in a sentence."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of, only
from outcomes.display.words import Nothing, Prose, first_up, percent, session_words, size


def tipping_point(delta: pd.DataFrame, session: int) -> Prose:
    """How wrong that assumption would have to be after this session; a paragraph for each endpoint of `outcomes.tipping_point`."""
    said = [_tipping(rows, session, place) for place, (_, rows) in enumerate(delta.groupby("endpoint", sort=False))]
    if delta.loc[delta["session"] == session, "estimate"].isna().all():
        return Nothing(" ".join(said) or f"{first_up(session_words(session))}, there is no conclusion to overturn.")
    return Prose("\n\n".join(said))


def _tipping(delta: pd.DataFrame, session: int, place: int) -> str:
    row = {**delta.iloc[0].to_dict(), "estimate": nan, "note": ()}
    rows = delta[delta["session"] == session].to_dict("records")
    row = rows[0] if rows else row
    scale, label = SCALES[row["scale"]], ENDPOINTS[row["endpoint"]].label
    if isnan(row["estimate"]):
        why = note_of(row) or "too few courses were assessed then"
        return f"{first_up(session_words(session))}, there is no conclusion on {label} to overturn: {why}."
    conclusion, how = ("improvement", "worse") if row["estimate"] > 0 else ("worsening", "better")
    unseen, shift = percent(only(row, NoteCode.UNSEEN)[0].n or 0), f"**{size(row['estimate'])} {scale.unit} {how}**"
    beyond = " This is more than the scale allows." if abs(row["estimate"]) > scale.high - scale.low else ""
    if place:
        return f"The {conclusion} in {label} would disappear only if the {unseen} not assessed scored {shift}.{beyond}"
    return (
        f"The {conclusion} in {label} would disappear only if the {unseen} of patients not assessed {session_words(session)} scored, on "
        f"average, {shift} than otherwise similar patients who stayed.{beyond}"
    )
