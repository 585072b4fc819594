"""The result that nobody recorded, in sentences."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.prose.continued import NOBODY
from outcomes.display.words import Prose, counted, percent, session_words, signed


def tilt_sensitivity(band: pd.DataFrame) -> Prose:
    """How many courses ended without an assessment after their last session, and what the headline would be had that been why.

    From `outcomes.tilt_sensitivity`, a paragraph for each endpoint.
    """
    changes = band[band["measure"] == "change"] if len(band) else band
    rows = [frame.to_dict("records") for _, frame in changes.groupby("endpoint", sort=False)] if len(band) else []
    return Prose("\n\n".join(_unrecorded(*pair) for pair in rows) or NOBODY)


def _unrecorded(as_is: dict[str, Any], tilted: dict[str, Any]) -> str:
    label, unscored, ended = ENDPOINTS[as_is["endpoint"]].label, int(as_is["unscored"]), int(as_is["ended"])
    if unscored == 0:
        return f"Every course that ended was assessed for {label} after its last session."
    were = "was" if unscored == 1 else "were"
    first = (
        f"**{unscored:,} of {counted(ended, 'courses')}** that ended ({percent(100 * unscored / ended)}) {were} not assessed for {label} "
        "after the last session."
    )
    if as_is["stopped_unscored"] == 0:
        return f"{first} They had all gone on to the end of their plan, so this tells nothing of who stops."
    if isnan(as_is["estimate"]):
        return f"{first} Too few courses were assessed to say what that could change."
    if isnan(tilted["estimate"]):
        return f"{first} What that could change cannot be told: {note_of(tilted)}."
    unit, when = SCALES[as_is["scale"]].unit, session_words(as_is["session"])
    ends = [signed(tilted[end]) for end in ("conf_low", "conf_high")]
    interval = f" (95\N{NO-BREAK SPACE}% interval {ends[0]} to {ends[1]})" if not isnan(tilted["conf_low"]) else ""
    would = f"**{signed(tilted['estimate'])} {unit}**{interval}"
    supposed = "If those who stopped went by how their skin looked where nobody wrote it down, just as patients did where somebody did, the change"
    if signed(tilted["estimate"]) == signed(as_is["estimate"]):
        return f"{first} {supposed} {when} would be much the same: {would}."
    return (
        f"{first} {supposed} {when} would be {would} in place of {signed(as_is['estimate'])}. Nothing in the records can tell which is "
        "nearer to the truth."
    )
