"""How many sessions a lasting improvement takes, in sentences."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.display.words import Nothing, Prose, between, first_down, listed, percent


def response_by_session(responded: pd.DataFrame, session: int) -> Prose:
    """How many have a lasting improvement by this session, as a range; a paragraph for each endpoint of `outcomes.response_by_session`."""
    each = [(f"**{ENDPOINTS[name].label}**", rows) for name, rows in responded.groupby("endpoint", sort=False)]
    told = [(label, rows) for label, rows in each if lasting(rows, session)]
    said = [lasting(rows, session, label, is_first=not place) for place, (label, rows) in enumerate(told)]
    few = [label for label, rows in each if not lasting(rows, session)]
    if few:
        said.append(f"There were too few courses to tell how many sessions an improvement in {listed(few, 'or')} takes.")
    return Prose("\n\n".join(said)) if told else Nothing(said[-1])


def lasting(responded: pd.DataFrame, session: float, label: str = "", *, is_first: bool = True) -> str:
    """The range by this session in a sentence; blank where it cannot be told. What both ends mean is said of the first alone."""
    at = responded[responded["session"] == session].set_index("measure")["estimate"]
    least, most = (at.get(f"responded by, {end}", nan) for end in ("at least", "at most"))
    if isnan(least) or isnan(most):
        return ""
    by_then = f"By session {session:g}, **{first_down(between(least, most))}** of courses had a lasting improvement{f' in {label}' if label else ''}"
    low, high = percent(least), percent(most)
    if low == high:
        return f"{by_then}, whatever became of patients who stopped early."
    if not is_first:
        return f"{by_then}."
    return (
        f"{by_then}: {low} if no patient who stopped early would have improved later, {high} if they would have done as well as those "
        "who stayed."
    )
