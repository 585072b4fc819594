"""How many sessions a lasting improvement takes, in sentences."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd

from outcomes.display.words import Prose, between, first_down, percent


def response_by_session(responded: pd.DataFrame, session: int) -> Prose:
    """How many have a lasting improvement by this session, as a range, from `outcomes.response_by_session`."""
    return Prose(lasting(responded, session) or "There were too few courses to tell how many sessions an improvement takes.")


def lasting(responded: pd.DataFrame, session: float) -> str:
    """The range by this session in a sentence; blank where it cannot be told."""
    at = responded[responded["session"] == session].set_index("measure")["estimate"]
    least, most = (at.get(f"responded by, {end}", nan) for end in ("at least", "at most"))
    if isnan(least) or isnan(most):
        return ""
    by_then = f"By session {session:g}, **{first_down(between(least, most))}** of courses had a lasting improvement"
    low, high = percent(least), percent(most)
    if low == high:
        return f"{by_then}, whatever became of patients who stopped early."
    return (
        f"{by_then}: {low} if no patient who stopped early would have improved later, {high} if they would have done as well as those "
        "who stayed."
    )
