"""Rows of the one long table of estimates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.estimates import ESTIMATES, GROUPS
from outcomes.definitions.thresholds import FEW
from outcomes.errors import counted

Tallies = Tally | Sequence[Tally]


def estimate_row(n: int, estimate: float, interval: tuple[float, float], note: str) -> dict[str, Any]:
    """One estimate with its interval; the note begins with what makes n too few."""
    few = "no courses" if n == 0 else f"{counted(n, 'courses')}, too few" if n < FEW else ""
    notes = dict.fromkeys(text for text in (few, note) if text)
    return {"n": n, "estimate": estimate, "conf_low": interval[0], "conf_high": interval[1], "note": "; ".join(notes)}


def framed(rows: list[dict[str, Any]], tally: Tally, estimand: str, measure: str, unit: str, method: str) -> pd.DataFrame:
    """Rows of one measure as estimates: the constant columns added, all in the order of `ESTIMATES`."""
    constants = {
        "endpoint": tally.endpoint.name,
        "scale": tally.scale.name,
        "measure": measure,
        "estimand": estimand,
        "unit": unit,
        "method": method,
    }
    return long_frame([constants | row for row in rows])


def long_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of estimates, at least one, with their columns in the order of `ESTIMATES` and skin types as ordered categories."""
    frame = pd.DataFrame(rows)
    for by, names in GROUPS.items():
        if by in frame:
            frame[by] = pd.Categorical(frame[by], categories=names, ordered=True)
    return frame[[name for name in ESTIMATES if name in frame]]
