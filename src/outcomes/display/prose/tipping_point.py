"""What could overturn the headline, in a sentence."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of, only
from outcomes.display.words import Nothing, Prose, first_up, of_each_endpoint, percent, session_words, size


def tipping_point(delta: pd.DataFrame, session: int) -> Prose:
    """How wrong that assumption would have to be after this session; a paragraph for each endpoint of `outcomes.tipping_point`."""
    said = of_each_endpoint(delta, lambda rows, before: _tipping(rows, session, is_explained=_STAYED in before))
    said = said or f"{first_up(session_words(session))}, there is no conclusion to overturn: {_FEW}."
    return Prose(said) if delta.loc[delta["session"] == session, "estimate"].notna().any() else Nothing(said)


_STAYED = "than otherwise similar patients who stayed"
_FEW = "too few courses were assessed then"


def _tipping(delta: pd.DataFrame, session: int, *, is_explained: bool) -> str:
    row = {**delta.iloc[0].to_dict(), "estimate": nan, "note": ()}
    rows = delta[delta["session"] == session].to_dict("records")
    row = rows[0] if rows else row
    scale, label = SCALES[row["scale"]], ENDPOINTS[row["endpoint"]].label
    if isnan(row["estimate"]):
        why = note_of(row) or _FEW
        return f"{first_up(session_words(session))}, there is no conclusion on {label} to overturn: {why}."
    conclusion, how = ("improvement", "worse") if row["estimate"] > 0 else ("worsening", "better")
    unseen, shift = percent(only(row, NoteCode.UNSEEN)[0].n or 0), f"**{size(row['estimate'])} {scale.unit} {how}**"
    beyond = " This is more than the scale allows." if abs(row["estimate"]) > scale.high - scale.low else ""
    if is_explained:
        return f"The {conclusion} in {label} would disappear only if the {unseen} not assessed scored {shift}.{beyond}"
    return (
        f"The {conclusion} in {label} would disappear only if the {unseen} of patients not assessed {session_words(session)} scored, on "
        f"average, {shift} {_STAYED}.{beyond}"
    )
