"""What is recorded, and what is odd in it: plans of plain counts over visits and courses."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from outcomes.cohort.counting import Counting
from outcomes.definitions.columns import ADVERSE, COLUMN, NEW_PIH
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.records.parse import COURSE

NOT_RISEN, NO_BASELINE, SEVERAL_COURSES = "count did not rise", "no baseline", "several courses"
EVENT_BEFORE, PIH_BEFORE, MALE = "event before a session", "new PIH at baseline", "pregnant and male"
"""The checks; each is also the code of a finding."""


def skin_types(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `skin_type`: all courses."""
    courses = counting.frame.group_by(*counting.by, COURSE).agg(nw.col("skin_type").min())
    return courses.group_by(*counting.by, "skin_type").agg(nw.len().alias("n"))


def columns(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of one row: at how many visits each column of the contract is recorded."""
    recorded = [nw.col(name).count().cast(nw.Int64) for name in COLUMN]
    return counting.frame.group_by(*counting.by).agg(*recorded) if counting.by else counting.frame.select(*recorded)


def timing(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `timing`: visits scored after a session, by what the window makes of their day."""
    visits = counting.timed.filter(~_scored().is_null(), nw.col("k") > 0)
    return visits.group_by("timing").agg(nw.len().alias("n"))


def checks(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `check`: `n` against it, `of` those of which it is known."""
    frame = counting.frame
    is_first, is_male = nw.col("sessions_completed") == 0, nw.col("sex") == "male"
    told = {EVENT_BEFORE: (is_first, ADVERSE), PIH_BEFORE: (is_first, (NEW_PIH,)), MALE: (is_male, ("pregnant", "breastfeeding"))}
    rows: dict[str, nw.LazyFrame[Any]] = {}
    for name, (where, names) in told.items():
        is_yes = nw.max_horizontal(*(nw.col(column).cast(nw.Int64) for column in names), nw.lit(None).cast(nw.Int64))
        answers = frame.filter(where).with_columns(is_yes.alias("is_yes"))
        rows[name] = answers.select(nw.col("is_yes").sum().alias("n"), nw.col("is_yes").count().alias("of"))
    following = nw.col("sessions_completed").shift(-1).over(COURSE, order_by="day").alias("following")
    visits = frame.with_columns(following).filter(nw.col("treated"), ~nw.col("following").is_null())
    not_risen = nw.when(nw.col("following") <= nw.col("sessions_completed")).then(1).otherwise(0)
    rows[NOT_RISEN] = visits.select(not_risen.sum().alias("n"), nw.len().alias("of"))
    before = nw.when((nw.col("sessions_completed") == 0) & ~_scored().is_null()).then(1).otherwise(0)
    courses = frame.with_columns(before.alias("before")).group_by(COURSE).agg(nw.col("before").max())
    rows[NO_BASELINE] = courses.select((1 - nw.col("before")).sum().alias("n"), nw.len().alias("of"))
    patients = frame.group_by("patient_id").agg(nw.col(COURSE).n_unique().alias("courses"))
    several = nw.when(nw.col("courses") > 1).then(1).otherwise(0)
    rows[SEVERAL_COURSES] = patients.select(several.sum().alias("n"), nw.len().alias("of"))
    return nw.concat([_named(name, row) for name, row in rows.items()])


def _named(name: str, row: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return row.select(nw.lit(name).alias("check"), *(nw.col(of).fill_null(0).cast(nw.Int64).alias(of) for of in ("n", "of")))


def _scored() -> Any:
    return nw.max_horizontal(*(nw.col(endpoint.score_column) for endpoint in ENDPOINTS.values()))
