"""Who stops, in sentences."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.words import Prose, counted, number, one_of
from outcomes.measures.continued import tilt_unit


def odds_of_stopping(odds: pd.DataFrame) -> Prose:
    """Whether patients who improved more were more likely to stop, from `outcomes.odds_of_stopping`, in words."""
    if odds.empty or isnan(odds["conf_low"].iloc[0]):
        return Prose(f"Who stops can't be told: {'nobody was scored again' if odds.empty else note_of(odds.iloc[0])}.")
    row = odds.iloc[0]
    scale = SCALES[row["scale"]]
    step = f"one {one_of(scale.unit)}" if tilt_unit(scale) == 1 else f"{tilt_unit(scale):g} {scale.unit}"
    times = f"{_odds(row['estimate'])} times the odds of not coming back"
    interval = f"{_odds(row['conf_low'])} to {_odds(row['conf_high'])}; {counted(int(row['n']), 'courses')} stopped"
    if row["conf_low"] > 1:
        return Prose(f"Patients who had improved by {step} had **{times}** ({interval}): the satisfied leave.")
    if row["conf_high"] < 1:
        return Prose(f"Patients who had improved by {step} had only **{times}** ({interval}): the disappointed leave.")
    return Prose(
        f"Whether those who improve are the ones who leave is **not clear**: {times} for {step} of improvement ({interval})."
    )


def _odds(value: float) -> str:
    """One decimal; two where one would show no relation or nothing, as ``0.98`` and ``0.04``."""
    if value > 1000:
        return "more than 1,000"
    if 0 < value < 0.005:
        return "less than 0.01"
    return f"{value:.2f}" if number(value) in ("0.0", "1.0") else number(value)
