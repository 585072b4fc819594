"""How appearance was judged and how satisfied patients are, in sentences."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.thresholds import ENOUGH_SCORED, FEW
from outcomes.display.words import Nothing, Prose, counted, first_up, listed, session_words, share_of, shown

JUDGES = {
    "patient": "patients' ratings",
    "clinician": "clinicians' ratings",
    NOT_RECORDED: "ratings by a judge who is not recorded",
}
"""Who judged the appearance, as their ratings are called."""


def appearance(appearance: pd.DataFrame, session: int | None = None) -> Prose:
    """How appearance and satisfaction were judged, all after one session that enough answered, from `outcomes.appearance`.

    `session` is that of the headline; another one is taken where too few were asked after it.
    """
    judged = {by: _enough(appearance[appearance["gais_by"] == by]) for by in JUDGES}
    asked = _enough(appearance[appearance["measure"] == "satisfaction"])
    of_each = [*judged.values(), asked]
    after = session if any(session in rows.index for rows in of_each) else _session(of_each)
    if after is None:
        return Nothing("Overall appearance and satisfaction are not recorded often enough to report.")
    when = first_up(session_words(after))
    ratings = [_ratings(by, rows.loc[after]) for by, rows in judged.items() if after in rows.index]
    said = [f"{when}, {listed(ratings)} were “improved” or better."] if ratings else []
    if after in asked.index:
        row = asked.loc[after]
        told = shown(row["estimate"], max(row["conf_low"], 0), min(row["conf_high"], 10))
        before = "" if ratings else f"{when}, "
        satisfaction = "satisfaction" if before else "Satisfaction"
        said.append(
            f"{before}{satisfaction} was **{told.estimate} of 10** on average ({told.ci}; {counted(int(row['n']), 'courses')})."
        )
    return Prose(f"{' '.join(said)} Only patients still attending are included.")


def _enough(rows: pd.DataFrame) -> pd.DataFrame:
    """Sessions after which at least half as many were asked as at most, and `FEW`."""
    known = rows[rows["n"] >= FEW].dropna(subset="conf_low")
    return known[known["n"] >= ENOUGH_SCORED * known["n"].max()].set_index("session")


def _session(judged: list[pd.DataFrame]) -> float | None:
    """The last session after which most of those who judge were asked: one for all, or their numbers could not be compared."""
    asked = Counter(session for rows in judged for session in rows.index)
    return max(asked, key=lambda session: (asked[session], session), default=None)


def _ratings(by: str, row: pd.Series) -> str:
    told = share_of(row)
    return f"**{told.estimate}** of {JUDGES[by]} ({told.ci}; {counted(int(row['n']), 'courses')})"
