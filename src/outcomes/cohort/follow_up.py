"""Scores after the last session, and judgements of appearance after each, counted by patient on the records' own engine."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.courses import MISSED, ONGOING, course_table
from outcomes.cohort.tally import counted_by_patient
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import Endpoint
from outcomes.definitions.scales import HUNDREDTHS, Scale
from outcomes.definitions.windows import FOLLOW_UPS, FollowUp, Window
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.records.session_days import COUNTED, carried, expected_days, nearness, timed
from outcomes.tabular.engines import hold_few


def month_column(follow_up: FollowUp) -> str:
    """The column that holds the score of a follow-up: ``month_3``."""
    return f"month_{follow_up.month}"


def followed_courses(records: Records, endpoint: Endpoint, scale: Scale, skin_types: list[str]) -> pd.DataFrame:
    """`kind`, `baseline`, `month_1` ... `month_12` (`MISSED` where there is none), `n`: courses with a baseline that do not go on."""
    table = course_table(records, endpoint.name, scale=scale.name)
    present = nw.col("after_0") > (scale.floor if endpoint.present_at_baseline else MISSED)
    chosen = table.filter(present, nw.col("end") != ONGOING, nw.col("skin_type").is_in(skin_types))
    began = hold_few(chosen.select("patient_id", COURSE, nw.col("after_0").alias("baseline")))
    later = hold_few(_after_the_last(records, endpoint, scale))
    names = [month_column(follow_up) for follow_up in FOLLOW_UPS]
    for follow_up in FOLLOW_UPS:
        within = later.filter(nw.col("waited").is_between(follow_up.first, follow_up.last))
        keyed = within.with_columns(nearness("score", follow_up.usual).alias("key"))
        nearest = keyed.group_by(COURSE).agg(nw.col("key").min())
        began = began.join(nearest.select(COURSE, carried("key").alias(month_column(follow_up))), on=COURSE, how="left")
    filled = began.with_columns(*(nw.col(name).fill_null(MISSED) for name in names))
    return counted_by_patient(filled, ["baseline", *names])


def _after_the_last(records: Records, endpoint: Endpoint, scale: Scale) -> nw.LazyFrame[Any]:
    """`course`, `day`, `waited` (days since the last session) and `score` of every visit after the last session.

    The last session is at the last visit marked as treated, or where a later one is not marked, before the count last rose;
    where that visit is not in the records, on the day expected for it.
    """
    visits = records.frame
    marked = visits.with_columns(nw.when(nw.col("treated")).then(nw.col("day")).alias("treated_day"))
    ends = marked.group_by(COURSE).agg(nw.col("treated_day").max(), nw.col("sessions_completed").max().alias("k"))
    counted = ends.join(expected_days(visits, records.spacing), on=[COURSE, "k"], how="left")
    last = counted.select(COURSE, "k", nw.max_horizontal("treated_day", "session_day").alias("last_day"))
    scored = visits.filter(~nw.col(endpoint.score_column).is_null(), nw.col(endpoint.scale_column) == scale.name)
    rows = scored.select(
        COURSE,
        "day",
        nw.col("sessions_completed").alias("k"),
        scale.turned(nw.col(endpoint.score_column), HUNDREDTHS).alias("score"),
    ).join(last, on=[COURSE, "k"], how="inner")
    waited = (nw.col("day") - nw.col("last_day")).alias("waited")
    return rows.filter(nw.col("k") > 0).with_columns(waited)


def judged_by_session(records: Records, chosen: Any, column: str, window: Window, by: str | None = None) -> pd.DataFrame:
    """`kind`, `session`, `value` in hundredths, `by` where asked for, `n`: each course's judgement nearest to the usual day after each session."""
    keys = ["k", *([by] if by else [])]
    judged = records.frame.filter(chosen, ~nw.col(column).is_null(), nw.col("sessions_completed") > 0)
    rows = judged.select(
        "patient_id",
        COURSE,
        "day",
        nw.col("sessions_completed").alias("k"),
        column,
        *([nw.col(by).fill_null(NOT_RECORDED)] if by else []),
    )
    counted = timed(records.frame, rows, window, records.spacing).filter(nw.col("timing") == COUNTED)
    nearest = (
        counted.with_columns(nearness(column, window.usual).alias("key"))
        .group_by("patient_id", COURSE, *keys)
        .agg(nw.col("key").min())
    )
    values = nearest.with_columns(carried("key").alias("value"))
    return counted_by_patient(values, [*keys, "value"], within="k").rename(columns={"k": "session"})
