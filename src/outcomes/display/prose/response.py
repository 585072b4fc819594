"""How many sessions a response takes, and what one more adds, in sentences."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd

from outcomes.display.words import Prose, between, whole


def response_by_session(responded: pd.DataFrame, session: int) -> Prose:
    """How many have responded by this session, as a range, from `outcomes.response_by_session`."""
    at = responded[responded["session"] == session].set_index("measure")["estimate"]
    least, most = (at.get(f"responded by, {end}", nan) for end in ("at least", "at most"))
    if isnan(least) or isnan(most):
        return Prose("Too few courses to say how many sessions a response takes.")
    by_then = f"**{between(least, most)}** had responded by session {session:g}, and still had at the next score"
    low, high = whole(least), whole(most)
    if low == high:
        return Prose(f"{by_then}, whatever became of those who stopped early.")
    return Prose(
        f"{by_then}: {low} of 100 if nobody who stopped early would have responded later, {high} if they are like those who stayed."
    )
