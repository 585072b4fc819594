"""Who the patients are: a plan of plain counts of patients, of their courses, and of the sessions given."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from outcomes.cohort.counting import Counting
from outcomes.cohort.counts import MISSED
from outcomes.records.parse import COURSE

AGE, SEX, SKIN_TYPE = "age", "sex", "fitzpatrick"
"""What is counted of patients: years at the first visit, and words."""

AREA, GIVEN = "area", "sessions"
"""What is counted of courses: the area treated, and how many sessions were given up to the last visit."""

DEVICE, DEPTH = "device", "depth_mm"
"""What is counted of sessions given: the device, and the needle depth in hundredths of a millimetre."""

SEVERAL_AREAS = "several areas"
"""The area of a course whose visits name more than one."""


def patients(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `variable`, `level` and `value`: how many patients, courses or sessions given are recorded so.

    A variable of words has `level`, blank where it is not recorded; one of whole numbers has `value`, `MISSED` where it is not. A
    session given is a visit marked as treated. Each variable is counted by itself, and no two are crossed.
    """
    people, treated = counting.held(_people), counting.frame.filter(nw.col("treated"))
    return nw.concat(
        [
            _values(people, AGE),
            _levels(people, SEX),
            _levels(people, SKIN_TYPE),
            _levels(_areas(counting), AREA),
            _values(counting.whole_courses.select(nw.col("given").alias(GIVEN)), GIVEN),
            _levels(treated, DEVICE),
            _values(treated, DEPTH),
        ]
    )


def _people(counting: Counting) -> nw.LazyFrame[Any]:
    """One row per patient; the age is the least of those recorded, which is that at the first visit of the first course."""
    return counting.frame.group_by("patient_id").agg(*(nw.col(name).min() for name in (AGE, SEX, SKIN_TYPE)))


def _areas(counting: Counting) -> nw.LazyFrame[Any]:
    """One row per course with its `area`."""
    ends = counting.frame.group_by(COURSE).agg(first=nw.col(AREA).min(), last=nw.col(AREA).max())
    several = nw.when(~nw.col("first").is_null()).then(nw.lit(SEVERAL_AREAS))
    return ends.select(nw.when(nw.col("first") == nw.col("last")).then(nw.col("first")).otherwise(several).alias(AREA))


def _levels(rows: nw.LazyFrame[Any], variable: str) -> nw.LazyFrame[Any]:
    words = rows.group_by(nw.col(variable).fill_null("").alias("level")).agg(nw.len().alias("n"))
    return words.select(nw.lit(variable).alias("variable"), "level", nw.lit(MISSED).cast(nw.Int64).alias("value"), "n")


def _values(rows: nw.LazyFrame[Any], variable: str) -> nw.LazyFrame[Any]:
    whole = rows.group_by(nw.col(variable).cast(nw.Int64).fill_null(MISSED).alias("value")).agg(nw.len().alias("n"))
    return whole.select(nw.lit(variable).alias("variable"), nw.lit("").alias("level"), "value", "n")
