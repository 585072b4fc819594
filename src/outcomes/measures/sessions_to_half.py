"""The session by which half would have responded, held against the number that patients are told."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.read import cohort_of
from outcomes.cohort.tally import Tally
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.thresholds import MAJORITY
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.estimates import estimate_row, framed
from outcomes.measures.response import response_by_session
from outcomes.records.records import Records

FIRST_CLAIMED, LAST_CLAIMED = 3, 6
"""Sessions that patients are told pitted scars take."""

RESPONDERS = "responders"

HALF = "session by which half would have responded"


def sessions_to_half(cohort: Cohort | Records, *, level: float = 0.95) -> pd.DataFrame:
    """How many sessions scars take: rows of `outcomes.definitions.estimates.ESTIMATES` after 3 and after 6 sessions, and until half have responded.

    ``responders``: percent who would have responded had every patient continued; where none is estimated after 6 sessions, the last one
    before. `HALF`: the first session at which at least half would have; its interval is that of the shares turned round, from
    the first session at which their upper end reaches half to the first at which the lower does. ``responded by, at least`` and
    ``at most``: the range of `outcomes.response_by_session`. One row with a note where scarring is not scored.

    References:
        Brookmeyer & Crowley (1982), Biometrics 38:29-41 (interval of a median by turning round those of the shares).

    Example:
        >>> import outcomes
        >>> found = outcomes.sessions_to_half(outcomes.read_cohort("sample")).set_index("measure")
        >>> float(found.loc["session by which half would have responded", "estimate"])
        2.0
    """
    of = scored_tally(cohort_of(cohort), "scarring")
    if of is None:
        nothing = no_numbers(
            NoteCode.NOT_RECORDED, endpoint="scarring", scale="", measure=RESPONDERS, estimand="continued", session=nan
        )
        return pd.DataFrame([nothing])[[name for name in ESTIMATES if name in nothing]]
    shares = shares_by_session(of, level)
    responded = response_by_session(of, level=level)
    claimed = claimed_shares(shares)
    parts = [claimed, _half(shares, of), responded[responded["session"].isin(claimed["session"])]]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def shares_by_session(of: Tally, level: float) -> pd.DataFrame:
    """Percent who would have responded after each session after which that is estimated."""
    return continued_by_session(of, level=level).query("measure == @RESPONDERS").dropna(subset="estimate")


def claimed_shares(shares: pd.DataFrame) -> pd.DataFrame:
    """Those after the first session of the claim, and after its last or the last before it."""
    return shares[shares["session"].isin([FIRST_CLAIMED, shares["session"][shares["session"] <= LAST_CLAIMED].max()])]


def _half(shares: pd.DataFrame, of: Tally) -> pd.DataFrame:
    """One row: the first session at which at least half would have responded; `n` scored then, or at the last where none is."""
    if shares.empty:
        return framed([{"session": nan} | estimate_row(0, nan, (nan, nan))], of, "continued", HALF, "sessions", "")
    reached = {end: shares.loc[shares[end] >= MAJORITY, "session"].min() for end in ("estimate", "conf_high", "conf_low")}
    first, low, high = map(float, reached.values())
    last = shares.iloc[-1]
    n = int(last["n"] if np.isnan(first) else shares.set_index("session").at[first, "n"])
    code = NoteCode.NOT_REACHED if np.isnan(first) else NoteCode.END_NOT_REACHED
    notes = [Note(code, float(last["session"]))] if np.isnan(high) else []
    row = {"session": nan} | estimate_row(n, first, (low, high), *notes)
    return framed([row], of, "continued", HALF, "sessions", last["method"])


def scored_tally(cohort: Cohort, endpoint: str) -> Tally | None:
    """The tally of an endpoint that is scored, else None."""
    return cohort.tally(endpoint) if endpoint in cohort.endpoints else None


def no_numbers(code: NoteCode, **of: Any) -> dict[str, Any]:
    """A row of which nothing is known, and why."""
    return {"n": 0, "estimate": nan, "conf_low": nan, "conf_high": nan, "unit": "", "method": "", **of, "note": (Note(code),)}
