"""What could overturn the headline, in a sentence."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.definitions.notes import NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of, only
from outcomes.display.words import Prose, session_words, size


def tipping_point(delta: pd.DataFrame, session: int) -> Prose:
    """How wrong that assumption would have to be after this session, from `outcomes.tipping_point`."""
    rows = delta[delta["session"] == session].to_dict("records")
    if not rows:
        return Prose(f"No conclusion to overturn {session_words(session)}: too few courses were scored then.")
    row = rows[0]
    if isnan(row["estimate"]):
        return Prose(f"No conclusion to overturn {session_words(session)}: {note_of(row)}.")
    scale = SCALES[row["scale"]]
    unreachable = ", which is more than the scale holds" if abs(row["estimate"]) > scale.high - scale.low else ""
    conclusion, how = ("improvement", "worse") if row["estimate"] > 0 else ("worsening", "better")
    return Prose(
        f"To overturn this {conclusion}, patients not assessed {session_words(session)} would have to score "
        f"**{size(row['estimate'])} {scale.unit} {how}** on average than patients with the same scores who were{unreachable} "
        f"({only(row, NoteCode.UNSEEN)[0].n:.0f} % were not)."
    )
