"""Who stops, in sentences."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.texts import Nothing, Prose
from outcomes.display.words import counted, one_of, ratio_of
from outcomes.measures.continued import tilt_unit


def odds_of_stopping(odds: pd.DataFrame) -> Prose:
    """Whether patients who improved more were more likely to stop; a paragraph for each endpoint of `outcomes.odds_of_stopping`."""
    if odds["conf_low"].isna().all():
        return Nothing(f"Who stops cannot be told: {_why(odds) or 'no course was assessed again'}.")
    return Prose("\n\n".join(_stopped(rows.iloc[0]) for _, rows in odds.groupby("endpoint", sort=False)))


def _why(odds: pd.DataFrame) -> str:
    """The reason that all endpoints share, or that of each."""
    each = {ENDPOINTS[rows["endpoint"].iloc[0]].label: note_of(rows.iloc[0]) for _, rows in odds.groupby("endpoint", sort=False)}
    reasons = list(dict.fromkeys(each.values()))
    return reasons[0] if len(reasons) == 1 else "; ".join(f"for {label}, {why}" for label, why in each.items())


def _stopped(row: pd.Series) -> str:
    scale, label = SCALES[row["scale"]], f"**{ENDPOINTS[row['endpoint']].label}**"
    if isnan(row["conf_low"]):
        return f"Whether patients whose {label} improves are more likely to stop **cannot be told**: {note_of(row)}."
    step = one_of(scale.unit) if tilt_unit(scale) == 1 else f"{tilt_unit(scale):g} {scale.unit}"
    told, stopped = ratio_of(row), f"{counted(int(row['n']), 'courses')} stopped"
    if row["conf_low"] <= 1 <= row["conf_high"]:
        return (
            f"Whether patients whose {label} improves are more likely to stop is **not clear** (odds ratio {told.estimate} for each {step} of "
            f"improvement; {told.ci}; {stopped})."
        )
    return f"For each {step} of improvement in {label}, the odds of not returning were **{told.estimate} times as high** ({told.ci}; {stopped})."
