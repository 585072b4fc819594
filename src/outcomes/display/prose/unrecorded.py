"""The result that nobody recorded, in sentences."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.prose.continued import NOBODY
from outcomes.display.words import Nothing, Prose, change_of, counted, percent, session_words, was_or_were


def tilt_sensitivity(band: pd.DataFrame) -> Prose:
    """How many courses ended without an assessment after their last session, and what the headline would be had that been why.

    From `outcomes.tilt_sensitivity`, a paragraph for each endpoint.
    """
    changes = band[band["measure"] == "change"] if len(band) else band
    rows = [frame.to_dict("records") for _, frame in changes.groupby("endpoint", sort=False)] if len(band) else []
    if len(changes) == 0 or changes["estimate"].isna().all():
        return Nothing(" ".join(_unrecorded(as_is, tilted, place) for place, (as_is, tilted) in enumerate(rows)) or NOBODY)
    return Prose("\n\n".join(_unrecorded(as_is, tilted, place) for place, (as_is, tilted) in enumerate(rows)) or NOBODY)


def _unrecorded(as_is: dict[str, Any], tilted: dict[str, Any], place: int) -> str:
    label, unscored, ended = ENDPOINTS[as_is["endpoint"]].label, int(as_is["unscored"]), int(as_is["ended"])
    if unscored == 0:
        return f"Every course that ended was assessed for {label} after its last session."
    of = f"**{unscored:,}** of {counted(ended, 'courses')} that ended ({percent(100 * unscored / ended)})"
    first = (
        f"For {label}, it was {of}" if place else f"After the last session, {of} {was_or_were(unscored)} not assessed for {label}"
    )
    if as_is["stopped_unscored"] == 0:
        return f"{first}; they had all reached the end of their plan, so this tells nothing about who stops."
    if isnan(as_is["estimate"]):
        return f"{first}; too few courses were assessed to tell what that could change."
    if isnan(tilted["estimate"]):
        return f"{first}; what that could change cannot be told: {note_of(tilted)}."
    told, before = change_of(tilted), change_of(as_is)
    would = f"**{told.estimate} {SCALES[as_is['scale']].unit}**{f' ({told.ci})' if told.interval else ''}"
    had = (
        ": the change"
        if place
        else f": had they stopped because of how their skin looked, the change {session_words(as_is['session'])}"
    )
    if told.estimate == before.estimate:
        return f"{first}{had} would still be {would}."
    return f"{first}{had} would be {would} instead of {before.estimate}. The records cannot tell which is nearer to the truth."
