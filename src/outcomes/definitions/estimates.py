"""The one long table of estimates: its columns, and what estimates can be split by."""

from __future__ import annotations

from outcomes.definitions.fitzpatrick import SKIN_BANDS, SKIN_TYPES

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
        "skin_type",
        "skin_band",
        "skin_types",
        "provider_id",
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
"""Columns of the one long table of estimates, in order; group, grade and event columns only where they apply."""
