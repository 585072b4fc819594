"""The result that nobody recorded, in sentences."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.prose.continued import NOBODY
from outcomes.display.texts import Nothing, Prose, of_each_endpoint
from outcomes.display.words import change_of, counted, percent, session_words, was_or_were


def tilt_sensitivity(band: pd.DataFrame) -> Prose:
    """How many courses ended without an assessment after their last session, and what the headline would be had that been why.

    From `outcomes.tilt_sensitivity`, a paragraph for each endpoint.
    """
    if band.empty:
        return Nothing(NOBODY)
    changes = band[band["measure"] == "change"]
    said = of_each_endpoint(changes, _unrecorded)
    return Prose(said) if changes["estimate"].notna().any() else Nothing(said)


_EVERY = "Every course that ended was assessed"
_AFTER = "After the last session, "
_UNKNOWN = " The records cannot tell which is nearer to the truth."


def _unrecorded(rows: pd.DataFrame, before: str) -> str:
    as_is, tilted = rows.to_dict("records")
    label, unscored, ended = ENDPOINTS[as_is["endpoint"]].label, int(as_is["unscored"]), int(as_is["ended"])
    if unscored == 0:
        return f"{_EVERY} for {label} after its last session."
    of = f"**{unscored:,}** of {counted(ended, 'courses')} that ended ({percent(100 * unscored / ended)})"
    first = (
        f"For {label}, it was {of}"
        if before.startswith(_AFTER) and _EVERY not in before
        else f"{_AFTER}{of} {was_or_were(unscored)} not assessed for {label}"
    )
    if as_is["stopped_unscored"] == 0:
        return f"{first}; they had all reached the end of their plan, so this tells nothing about who stops."
    if isnan(as_is["estimate"]):
        return f"{first}; too few courses were assessed to tell what that could change."
    if isnan(tilted["estimate"]):
        return f"{first}; what that could change cannot be told: {note_of(tilted)}."
    told, instead = change_of(tilted), change_of(as_is)
    would = f"**{told.estimate} {SCALES[as_is['scale']].unit}**{f' ({told.ci})' if told.interval else ''}"
    change = f"the change {session_words(as_is['session'])} would"
    had = ": the change would" if change in before else f": had they stopped because of how their skin looked, {change}"
    if told.estimate == instead.estimate:
        return f"{first}{had} still be {would}."
    return f"{first}{had} be {would} instead of {instead.estimate}.{'' if _UNKNOWN in before else _UNKNOWN}"
