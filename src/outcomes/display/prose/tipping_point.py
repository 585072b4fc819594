"""What could overturn the headline, in a sentence."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of, only
from outcomes.display.words import Prose, first_up, percent, session_words, size


def tipping_point(delta: pd.DataFrame, session: int) -> Prose:
    """How wrong that assumption would have to be after this session, from `outcomes.tipping_point`."""
    rows = delta[delta["session"] == session].to_dict("records")
    none = f"{first_up(session_words(session))}, there is no conclusion to overturn"
    if not rows:
        return Prose(f"{none}: too few courses were assessed then.")
    row = rows[0]
    if isnan(row["estimate"]):
        return Prose(f"{none}: {note_of(row)}.")
    scale, label = SCALES[row["scale"]], ENDPOINTS[row["endpoint"]].label
    conclusion, how = ("improvement", "worse") if row["estimate"] > 0 else ("worsening", "better")
    unseen = percent(only(row, NoteCode.UNSEEN)[0].n or 0)
    beyond = " This is more than the scale allows." if abs(row["estimate"]) > scale.high - scale.low else ""
    return Prose(
        f"The {conclusion} in {label} would disappear only if the {unseen} of patients not assessed {session_words(session)} scored, on "
        f"average, **{size(row['estimate'])} {scale.unit} {how}** than otherwise similar patients who stayed.{beyond}"
    )
