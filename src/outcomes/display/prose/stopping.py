"""Who stops, in sentences."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.words import Prose, counted, one_of, ratio_of
from outcomes.measures.continued import tilt_unit


def odds_of_stopping(odds: pd.DataFrame) -> Prose:
    """Whether patients who improved more were more likely to stop, from `outcomes.odds_of_stopping`, in words."""
    if odds.empty or isnan(odds["conf_low"].iloc[0]):
        return Prose(f"Who stops cannot be told: {'no course was assessed again' if odds.empty else note_of(odds.iloc[0])}.")
    row = odds.iloc[0]
    scale = SCALES[row["scale"]]
    step = one_of(scale.unit) if tilt_unit(scale) == 1 else f"{tilt_unit(scale):g} {scale.unit}"
    told, stopped = ratio_of(row), f"{counted(int(row['n']), 'courses')} stopped"
    if row["conf_low"] <= 1 <= row["conf_high"]:
        return Prose(
            f"Whether patients who improve are more likely to stop is **not clear** (odds ratio {told.estimate} for each {step} of "
            f"improvement; {told.ci}; {stopped})."
        )
    return Prose(
        f"For each {step} of improvement, the odds of not returning were **{told.estimate} times as high** ({told.ci}; {stopped})."
    )
