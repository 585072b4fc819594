"""Who the patients are: what is recorded of them before treatment, of their courses, and of the sessions they were given."""

from __future__ import annotations

from math import nan
from typing import Any, Literal

import numpy as np
import pandas as pd

from outcomes.cohort.checks import SEVERAL_COURSES
from outcomes.cohort.cohort import Cohort
from outcomes.cohort.counts import MISSED
from outcomes.cohort.courses import NOT_PRESENT
from outcomes.cohort.paths import EVERY
from outcomes.cohort.patients import AGE, AREA, DEPTH, DEVICE, GIVEN, SEVERAL_AREAS, SEX, SKIN_TYPE
from outcomes.cohort.read import cohort_of
from outcomes.definitions.columns import COLUMN, NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.scales import HUNDREDTHS, SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.measures.estimates import long_frame
from outcomes.records.records import Records
from outcomes.statistics.quartiles import quartiles

SHARE = "share"
QUARTILES = LOW, MEDIAN, HIGH = "lower quartile", "median", "upper quartile"
"""What a row gives, beside how many are not recorded."""

COURSES, BASELINE = "courses", "baseline"
"""Variables beside those of `outcomes.cohort.patients`: how many courses a patient has, and the score before treatment."""

SEVERAL = "more than one"
"""The level of `COURSES`."""

Unit = Literal["patients", "courses", "sessions"]

UNIT_OF: dict[str, Unit] = {
    AGE: "patients",
    SEX: "patients",
    SKIN_TYPE: "patients",
    COURSES: "patients",
    AREA: "courses",
    BASELINE: "courses",
    GIVEN: "courses",
    DEVICE: "sessions",
    DEPTH: "sessions",
}
"""Every variable in order, and what is counted: a session is one that was given."""

_NUMBERS = {AGE: ("years", 1), GIVEN: ("sessions", 1), DEPTH: ("mm", HUNDREDTHS)}
"""Of a variable of whole numbers: the unit, and how many make one of it."""


def patients(cohort: Cohort | Records) -> pd.DataFrame:
    """What is recorded of every patient, course and session given, analysed or not: plain counts, and medians with quartiles.

    One row per `variable` and `level`, or statistic, in the columns of `outcomes.definitions.estimates.ESTIMATES` that apply. `variable`
    is age, sex, fitzpatrick and courses (of patients: `n` counts patients), area, baseline and sessions (of courses), device and
    depth_mm (of sessions given). `measure` is

    - ``share``: percent of the `n` of whom it is recorded that are of the `level`, `events` of them. Every skin type has a row, of
      other words those recorded. Courses have ``more than one``; a baseline of PIH has ``not present at baseline``.
    - ``median``, ``lower quartile``, ``upper quartile``: of the `n` recorded, in years at the first visit (90 is 90 or over),
      sessions given up to the last visit, millimetres, or the units of `scale` as the score was recorded; PIH where it was present.
    - ``not recorded``: percent of all `n`, `events` of them; a row of each variable, and of each `endpoint` of a baseline.

    No intervals: they are those who were treated, no sample of others. nan with a note where nothing is recorded; a note too where
    `n` is below `outcomes.definitions.thresholds.FEW`.

    References:
        Hyndman & Fan (1996), Am Stat 50:361-365, definition 2 (quartiles).

    Example:
        >>> import outcomes
        >>> found = outcomes.patients(outcomes.read_cohort("sample"))
        >>> found.loc[found["variable"] == "sex", ["level", "events", "n"]].values.tolist()
        [['female', 171, 240], ['male', 66, 240], ['other', 3, 240], ['', 0, 240]]
    """
    whole = cohort_of(cohort)
    counts = whole.part("patients")
    rows = []
    for variable in UNIT_OF:
        of = counts[counts["variable"] == variable]
        if variable == COURSES:
            rows += _courses(whole)
        elif variable == BASELINE:
            rows += [row for endpoint in whole.endpoints for row in _baseline(whole, endpoint)]
        elif variable in _NUMBERS:
            rows += _numbers(variable, of)
        else:
            rows += _words(variable, of)
    return long_frame(rows)


def _words(variable: str, of: pd.DataFrame) -> list[dict[str, Any]]:
    counts = {str(level): int(n) for level, n in zip(of["level"], of["n"], strict=True)}
    blank = counts.pop("", 0)
    n = sum(counts.values())
    levels = [{"variable": variable, "level": level} for level in _in_order(variable, counts)]
    return [*(_share(each, counts.get(each["level"], 0), n) for each in levels), _blank(variable, blank, n + blank)]


def _in_order(variable: str, counts: dict[str, int]) -> list[str]:
    """Every skin type; of other words those recorded, as the contract has them, devices by how often they were used."""
    if variable == DEVICE:
        return sorted(counts, key=lambda device: (-counts[device], device))
    known = [*COLUMN[variable].categories, *([SEVERAL_AREAS] if variable == AREA else [])]
    return [level for level in known if level in counts or variable == SKIN_TYPE]


def _numbers(variable: str, of: pd.DataFrame) -> list[dict[str, Any]]:
    unit, per_unit = _NUMBERS[variable]
    known = of[of["value"] != MISSED]
    n, every = int(known["n"].sum()), int(of["n"].sum())
    return [*_quartiles({"variable": variable}, known["value"] / per_unit, known["n"], unit), _blank(variable, every - n, every)]


def _courses(cohort: Cohort) -> list[dict[str, Any]]:
    several = cohort.part("checks").set_index("check").loc[SEVERAL_COURSES]
    n, every = int(several["n"]), int(several["of"])
    return [_share({"variable": COURSES, "level": SEVERAL}, n, every), _blank(COURSES, 0, every)]


def _baseline(cohort: Cohort, endpoint: str) -> list[dict[str, Any]]:
    """A course is scored on one scale of an endpoint, so that those not recorded are what is left of all courses."""
    of = {"variable": BASELINE, "endpoint": endpoint}
    scales = cohort.part("scales").query("endpoint == @endpoint").sort_values(["n", "scale"], ascending=[False, True])["scale"]
    began = {name: cohort.part("paths", endpoint, name, EVERY)[["after_0", "n"]] for name in scales}
    n = sum(int(counts["n"].sum()) for counts in began.values())
    rows, free = [], 0
    for name, counts in began.items():
        scale = SCALES[name]
        present = counts[counts["after_0"] > scale.floor] if ENDPOINTS[endpoint].present_at_baseline else counts
        free += int(counts["n"].sum() - present["n"].sum())
        values = scale.turned(present["after_0"], HUNDREDTHS) / HUNDREDTHS
        rows += _quartiles(of | {"scale": name}, values, present["n"], scale.unit)
    shares = [_share(of | {"level": NOT_PRESENT}, free, n)] if ENDPOINTS[endpoint].present_at_baseline else []
    return [*shares, *rows, _blank(BASELINE, cohort.courses - n, cohort.courses) | of]


def _quartiles(of: dict[str, str], values: Any, counts: Any, unit: str) -> list[dict[str, Any]]:
    n = int(np.sum(counts))
    found = quartiles(values, counts)
    numbers = zip(QUARTILES, found, strict=True)
    words = {"unit": unit, "method": "quartiles", "note": _few(n, UNIT_OF[of["variable"]])}
    return [_row(of, n) | {"measure": measure, "estimate": number} | words for measure, number in numbers]


def _share(of: dict[str, str], events: int, n: int, measure: str = SHARE) -> dict[str, Any]:
    unit = UNIT_OF[of["variable"]]
    words = {"measure": measure, "unit": f"% of {unit}", "method": "count", "note": _few(n, unit)}
    return _row(of, n) | {"events": events, "estimate": 100 * events / n if n else nan} | words


def _blank(variable: str, events: int, n: int) -> dict[str, Any]:
    return _share({"variable": variable}, events, n, NOT_RECORDED)


def _row(of: dict[str, str], n: int) -> dict[str, Any]:
    return {"level": "", "endpoint": "", "scale": ""} | of | {"n": n, "events": n, "conf_low": nan, "conf_high": nan}


def _few(n: int, unit: Unit) -> Notes:
    """What is noted of so many recorded."""
    return (Note(NoteCode.NOT_RECORDED),) if n == 0 else (Note(NoteCode.TOO_FEW, n, unit=unit),) if n < FEW else ()
