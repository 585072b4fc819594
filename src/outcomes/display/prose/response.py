"""How many sessions a response takes, and what one more adds, in sentences."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.prose.continued import TOO_FEW_SCORED
from outcomes.display.words import Prose, around, between, counted, further, heading, signed, size, whole


def gain_by_session(gains: pd.DataFrame, headline: pd.DataFrame) -> Prose:
    """Whether one more session than the headline's would add, from `outcomes.gain_by_session` and `outcomes.headline`.

    Where the next session was not assessed it is the next one that was, of all sessions since the headline's together.
    """
    at = headline[headline["measure"] == "change"].set_index("endpoint")["session"]
    return Prose(
        "\n\n".join(_another(gains[gains["endpoint"] == name], name, int(k)) for name, k in at.items()) or TOO_FEW_SCORED
    )


def _another(gains: pd.DataFrame, endpoint: Any, headline: int) -> str:
    label = heading(ENDPOINTS[endpoint])
    after = gains[(gains["since"] == headline) & (gains["session"] > headline) & (gains["n"] >= FEW)].dropna(subset="estimate")
    if after.empty:
        return f"{label}: too few courses were assessed after session {headline + 1} to say what it adds."
    row = after.iloc[0]
    last = int(row["session"])
    which = f"session {last}" if last == headline + 1 else f"sessions {headline + 1} to {last} together"
    unit, scored = SCALES[row["scale"]].unit, f"{counted(int(row['n']), 'courses')} scored then"
    if isnan(row["conf_low"]):
        return f"{label}: {signed(row['estimate'])} {unit} with {which}, had every patient continued ({scored}, all alike: no interval)."
    said = f"{around(row)}; {scored}"
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return f"{label}: **no clear further change** with {which}, had every patient continued ({said}); that does not rule one out."
    change = f"{size(row['estimate'])} {unit} {further(row)}"
    return f"{label}: **{change}** with {which}, had every patient continued ({said})."


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
