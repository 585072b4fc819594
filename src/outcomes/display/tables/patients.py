"""Who the patients are, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from outcomes.cohort.courses import NOT_PRESENT
from outcomes.cohort.patients import AGE, AREA, DEPTH, DEVICE, GIVEN, SEX, SKIN_TYPE
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW, MOST_DEVICES
from outcomes.display.tables.table import Table
from outcomes.display.words import DASH, counted, heading, number, percent
from outcomes.measures.patients import BASELINE, COURSES, HIGH, LOW, MEDIAN, SHARE, UNIT_OF

_LABELS = {
    AGE: "Age at first visit, years",
    SEX: "Sex",
    SKIN_TYPE: "Fitzpatrick skin type",
    AREA: "Area treated",
    GIVEN: "Sessions given",
    DEVICE: "Device",
    DEPTH: "Needle depth, mm",
}

_COUNTED = {
    "patients": ("patients", "patient"),
    "courses": ("courses", "course"),
    "sessions": ("sessions given", "session given"),
}
"""What is counted, of several and of one."""

_DECIMALS = {AGE: (0, 1), GIVEN: (0, 1), DEPTH: (1, 2), BASELINE: (1, 1)}
"""The fewest and the most decimals of a median and its quartiles."""

_LONGEST = 40
"""Letters of a device that are shown."""


def patients(found: pd.DataFrame) -> Table:
    """`outcomes.patients` as a table: a heading for each variable, which says of how many patients, courses or sessions, and its levels below.

    A level has its count and the percent of those recorded, a number its median and quartiles. What is not recorded is counted below
    where there is any. No percent of a level with fewer than `outcomes.definitions.thresholds.FEW`, and no quartiles of fewer.
    """
    several = found[(found["variable"] == COURSES) & (found["measure"] == SHARE)].iloc[0]
    described = found[found["variable"] != COURSES]
    groups = [
        (_heading(of), _rows(variable, of)) for (variable, _), of in described.groupby(["variable", "endpoint"], sort=False)
    ]
    caption = "Who the patients are; percentages are of those recorded"
    if several["events"]:
        caption += f". More than one course: {several['events']:,} of {counted(int(several['n']), 'patients')}"
    return Table(
        caption,
        ("", "n (%) or median (quartiles)"),
        tuple(row for _, rows in groups for row in rows),
        estimates=found,
        groups=tuple((words, len(rows)) for words, rows in groups),
        numbers=(1,),
    )


def _heading(of: pd.DataFrame) -> str:
    """``Sex (240 patients)``: all of them, also those of whom it is not recorded."""
    every = of[of["measure"] == NOT_RECORDED].iloc[0]
    variable = every["variable"]
    label = _LABELS.get(variable) or f"{heading(ENDPOINTS[every['endpoint']])} before treatment"
    return f"{label} ({counted(int(every['n']), *_COUNTED[UNIT_OF[variable]])})"


def _rows(variable: str, of: pd.DataFrame) -> list[tuple[str, str]]:
    shares, blank = (of[of["measure"] == measure] for measure in (SHARE, NOT_RECORDED))
    if variable == DEVICE:
        shares = _most_used(shares)
    levels = [(_level(row), _count(row)) for row in shares.to_dict("records") if row["n"]]
    missing, every = (int(blank[name].iloc[0]) for name in ("events", "n"))
    unrecorded = [(NOT_RECORDED, f"{missing:,}")] if missing else [] if every else [("no session is marked as given", "")]
    return [*levels, *_middles(variable, of), *unrecorded]


def _level(row: dict[str, Any]) -> str:
    level = str(row["level"])
    short = level if len(level) <= _LONGEST else f"{level[: _LONGEST - 1]}…"
    return "none" if level == NOT_PRESENT else short


def _count(row: dict[str, Any]) -> str:
    """``171 (71%)``; the count alone where it is none or too small."""
    return f"{row['events']:,}" if row["events"] < FEW else f"{row['events']:,} ({percent(row['estimate'])})"


def _middles(variable: str, of: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The median with its quartiles, of each scale; nothing where nothing is recorded."""
    measures = {name: of[of["measure"] == name].set_index("scale") for name in (LOW, MEDIAN, HIGH)}
    for scale, row in measures[MEDIAN].iterrows():
        n = int(row["n"])
        if n:
            three = [float(measures[name].at[scale, "estimate"]) for name in (MEDIAN, LOW, HIGH)]
            name = f"{SCALES[str(scale)].label}, {counted(n, 'courses')}" if scale else "median (quartiles)"
            yield name, _quartiles(three, *_DECIMALS[variable]) if n >= FEW else f"too few ({n})"


def _quartiles(three: list[float], least: int, most: int) -> str:
    """``33 (28–38)``, all in one precision: as many decimals as the numbers have, within these bounds."""
    enough = [places for places in range(least, most) if all(round(value, places) == value for value in three)]
    middle, low, high = (number(value, min([*enough, most])) for value in three)
    return f"{middle} ({low}{DASH}{high})"


def _most_used(devices: pd.DataFrame) -> pd.DataFrame:
    """The devices used most, the others together."""
    if len(devices) <= MOST_DEVICES + 1:
        return devices
    named, others = devices[:MOST_DEVICES], devices[MOST_DEVICES:]
    rest = others.iloc[[0]].assign(
        level=f"{len(others)} other devices", events=others["events"].sum(), estimate=others["estimate"].sum()
    )
    return pd.concat([named, rest])
