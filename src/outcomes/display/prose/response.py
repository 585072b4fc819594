"""How many sessions a lasting improvement takes, in sentences."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.display.words import Nothing, Prose, between, first_down, of_each_endpoint, percent


def response_by_session(responded: pd.DataFrame, session: int) -> Prose:
    """How many have a lasting improvement by this session, as a range; a paragraph for each endpoint of `outcomes.response_by_session`."""

    def told(rows: pd.DataFrame, before: str) -> str:
        label = ENDPOINTS[rows["endpoint"].iloc[0]].label
        range_ = lasting(rows, session, f"**{label}**", is_explained=_STOPPED in before)
        return range_ or f"There were too few courses to tell how many sessions an improvement in {label} takes."

    said = of_each_endpoint(responded, told) or "There were too few courses to tell how many sessions an improvement takes."
    return Prose(said) if any(lasting(rows, session) for _, rows in responded.groupby("endpoint")) else Nothing(said)


_STOPPED = "if no patient who stopped early would have improved later"


def lasting(responded: pd.DataFrame, session: float, label: str = "", *, is_explained: bool = False) -> str:
    """The range by this session in a sentence; blank where it cannot be told. What both ends mean is explained once."""
    at = responded[responded["session"] == session].set_index("measure")["estimate"]
    least, most = (at.get(f"responded by, {end}", nan) for end in ("at least", "at most"))
    if isnan(least) or isnan(most):
        return ""
    by_then = f"By session {session:g}, **{first_down(between(least, most))}** of courses had a lasting improvement{f' in {label}' if label else ''}"
    low, high = percent(least), percent(most)
    if low == high:
        return f"{by_then}, whatever became of patients who stopped early."
    if is_explained:
        return f"{by_then}."
    return f"{by_then}: {low} {_STOPPED}, {high} if they would have done as well as those who stayed."
