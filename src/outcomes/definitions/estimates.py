"""The one long table of estimates: its columns, and what estimates can be split by."""

from __future__ import annotations

from typing import Required, TypedDict

from outcomes.definitions.fitzpatrick import SKIN_BANDS, SKIN_TYPES
from outcomes.definitions.notes import Notes

GROUPS = {"skin_type": SKIN_TYPES, "skin_band": tuple(dict.fromkeys(SKIN_BANDS.values()))}
"""What estimates can be split by -> every group in order; groups without patients stay as rows with n = 0."""

ESTIMATES = (
    *(
        "endpoint",
        "scale",
        "measure",
        "estimand",
        "event",
        "rule",
        "variable",
        "level",
        "skin_type",
        "skin_band",
        "skin_types",
        "provider_id",
        "start_year",
        "gais_by",
        "tilt",
    ),
    *(
        "session",
        "since",
        "month",
        "before",
        "after",
        "n",
        "events",
        "estimate",
        "conf_low",
        "conf_high",
        "unit",
        "method",
        "note",
    ),
)
"""Columns of the one long table of estimates, in order; group, grade and event columns only where they apply.

`note` holds a tuple of `outcomes.definitions.notes.Note`, empty where nothing is to be noted; in ``estimates.csv`` it is in words."""


class Estimate(TypedDict, total=False):
    """One row of the long table: its numbers, what they are of, and how they were found. Its keys are `ESTIMATES`.

    Every row has `n` counted, the estimate with its interval, nan where there is none, and what is noted.
    """

    endpoint: str
    scale: str
    measure: str
    estimand: str
    event: str
    rule: str
    variable: str
    level: str
    skin_type: str
    skin_band: str
    skin_types: str
    provider_id: str
    start_year: int
    gais_by: str
    tilt: float
    session: float
    since: float
    month: int
    before: int
    after: int
    n: Required[int]
    events: int
    estimate: Required[float]
    conf_low: Required[float]
    conf_high: Required[float]
    unit: str
    method: str
    note: Required[Notes]
