"""What groups of courses are called, and what is compared of them: the words that prose, tables and pictures share."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.display.words import Shown, event_words, percent, rate, session_words, shown, signed
from outcomes.measures.group_comparison import BEYOND, CHANGE, EVENT, FAR_BEYOND, IMPROVED, TOO_FEW

_NAMES = {"provider_id": "providers", "area": "areas", "device": "devices", "clinic_id": "clinics", "start_year": "years"}


def called(by: str) -> str:
    """What the groups of a column are: ``providers``; of several cohorts ``clinics``."""
    return _NAMES.get(by, "clinics")


def of_groups(compared: pd.DataFrame) -> str:
    """What these groups are called."""
    return called(str(compared["grouped_by"].iloc[0] if len(compared) else compared.attrs.get("grouped_by", "")))


def judged(compared: pd.DataFrame) -> pd.DataFrame:
    """The rows with a verdict."""
    return compared[compared["verdict"] != TOO_FEW]


def outside(compared: pd.DataFrame) -> pd.DataFrame:
    """The rows beyond limits, those far beyond first; else in their order."""
    beyond = compared[compared["verdict"].isin([BEYOND, FAR_BEYOND])]
    return pd.concat([beyond[beyond["verdict"] == FAR_BEYOND], beyond[beyond["verdict"] == BEYOND]])


def measure_words(row: Any) -> str:
    """What is compared: ``change in acne scarring``, ``acne scarring improved``, ``any adverse event``."""
    if row["measure"] == CHANGE:
        return f"change in {ENDPOINTS[row['endpoint']].label}"
    if row["measure"] == IMPROVED:
        return f"{ENDPOINTS[row['endpoint']].label} improved"
    return "any adverse event" if row["event"] == ANY else event_words(row["event"])


def how_words(row: Any) -> str:
    """How a group beyond limits differs: ``more improvement in acne scarring than expected``."""
    is_more = row["estimate"] > row["expected"]
    if row["measure"] == CHANGE:
        return f"{'less' if is_more else 'more'} improvement in {ENDPOINTS[row['endpoint']].label} than expected"
    more = "more" if is_more else "fewer"
    if row["measure"] == IMPROVED:
        return f"{more} courses with improved {ENDPOINTS[row['endpoint']].label} than expected"
    what = "an adverse event" if row["event"] == ANY else event_words(row["event"])
    return f"{more} courses with {what} than expected"


def value_words(row: Any, name: str = "estimate") -> str:
    """A value of the row as its unit is written."""
    if row["measure"] == CHANGE:
        return signed(row[name])
    return percent(row[name]) if row["measure"] == IMPROVED else rate(row[name])


def unit_words(row: Any) -> str:
    """What stands after a value: `` grades`` of a change, nothing after per cent."""
    return f" {SCALES[row['scale']].unit}" if row["measure"] == CHANGE else ""


def of_unit(row: Any) -> str:
    """What a heading says of the unit: ``, grades after 3 sessions``, or of what it is a share."""
    after = f" {session_words(row['session'])}" if row["measure"] != EVENT else ""
    return f", {SCALES[row['scale']].unit}{after}" if row["measure"] == CHANGE else f", % of courses{after}"


def beside_limits(row: Any) -> Shown:
    """The value, and between which ends chance leaves 95 % of such groups."""
    decimals, unit = (0, "%") if row["measure"] == IMPROVED else (1, "" if row["measure"] == CHANGE else "%")
    return shown(row["estimate"], row["inner_low"], row["inner_high"], decimals, unit=unit)


def limits_words(row: Any) -> str:
    """``beyond 95% limits``."""
    return f"{row['verdict']} limits"
