"""Whether one more session would add to the change, in sentences."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.prose.continued import CONTINUED, TOO_FEW_SCORED
from outcomes.display.words import Nothing, Prose, change_of, counted, is_clear, listed, nth_session, size_of

_TOO_FEW = "Too few courses were assessed"


def gain_by_session(gains: pd.DataFrame, headline: pd.DataFrame) -> Prose:
    """Whether one more session than the headline's brought more, from `outcomes.gain_by_session` and `outcomes.headline`.

    Where the next session was not assessed it is the next one that was, of all sessions since the headline's together.
    """
    at = headline[headline["measure"] == "change"].set_index("endpoint")["session"]
    said = [_another(gains[gains["endpoint"] == name], name, int(k)) for name, k in at.items()]
    told = [each for each in said if not each.startswith(_TOO_FEW)]
    return Prose("\n\n".join(said)) if told else Nothing(" ".join(said) or TOO_FEW_SCORED)


def _another(gains: pd.DataFrame, endpoint: Any, headline: int) -> str:
    label = ENDPOINTS[endpoint].label
    known = gains[(gains["session"] > headline) & (gains["n"] >= FEW)].dropna(subset="estimate")
    after = known[known["since"] == headline]
    if after.empty:
        return f"{_TOO_FEW} after session {headline + 1} to tell what it brings for {label}."
    row = after.iloc[0]
    last = int(row["session"])
    which = nth_session(last) if last == headline + 1 else f"Sessions {headline + 1} to {last} together"
    scale, assessed = SCALES[row["scale"]], f"{counted(int(row['n']), 'courses')} assessed"
    told = change_of(row)
    if isnan(row["conf_low"]):
        return f"{which} would have changed {label} by {told.estimate} {scale.unit}, {CONTINUED} ({assessed}, all alike: no interval)."
    if not is_clear(row):
        benefit = "a small benefit" if -row["conf_low"] < scale.margin else "a benefit"
        said = f"({told.ci}; {assessed}), although {benefit} remains possible."
        return (
            f"{which} brought **no clear further improvement** in {label} {said}{_later(known[known['session'] > last], label)}"
        )
    told, what = size_of(row), "further improvement" if row["estimate"] < 0 else "worsening"
    return f"{which} brought a {what} of **{told.estimate} {scale.unit}** in {label} ({told.ci}; {assessed})."


def _later(gains: pd.DataFrame, label: str) -> str:
    """The sessions after that which did bring a clear improvement."""
    clear = [f"{k:g}" for k in gains.loc[gains["conf_high"] < 0, "session"]]
    if not clear:
        return ""
    sessions = f"Session{'s' if len(clear) > 1 else ''} {listed(clear)}"
    return f" {sessions} did for {label}, but fewer than half of courses were still assessed."
