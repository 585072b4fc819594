"""Scores after the last session, and judgements of appearance after each: plans that count patients."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from outcomes.cohort.counting import Counting
from outcomes.cohort.counts import MISSED, linked
from outcomes.cohort.courses import ONGOING
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS, Endpoint
from outcomes.definitions.scales import HUNDREDTHS, SCALES, Scale
from outcomes.definitions.windows import FOLLOW_UPS, FollowUp
from outcomes.records.parse import COURSE
from outcomes.records.session_days import COUNTED, carried, nearness
from outcomes.tabular.engines import hold


def month_column(follow_up: FollowUp) -> str:
    """The column that holds the score of a follow-up: ``month_3``."""
    return f"month_{follow_up.month}"


def followed(counting: Counting, endpoint: str, scale: str) -> nw.LazyFrame[Any]:
    """The plan of `skin_type`, `baseline`, `month_1` ... `month_12` (`MISSED` where there is none): courses with a baseline that do not go on."""
    of, used = ENDPOINTS[endpoint], SCALES[scale]
    table = counting.courses(endpoint, scale)
    chosen = table.filter(nw.col("after_0") != MISSED, nw.col("is_free") == 0, nw.col("end") != ONGOING)
    began = chosen.select("patient_id", COURSE, "skin_type", nw.col("after_0").alias("baseline"))
    later = hold(_after_the_last(counting, of, used), counting.frame)
    names = [month_column(follow_up) for follow_up in FOLLOW_UPS]
    keys = {
        month_column(of_month): nw.when(nw.col("waited").is_between(of_month.first, of_month.last)).then(
            nearness("score", of_month.usual)
        )
        for of_month in FOLLOW_UPS
    }
    nearest = later.with_columns(**keys).group_by(COURSE).agg(*(nw.col(name).min() for name in keys))
    filled = began.join(nearest, on=COURSE, how="left").select(
        "patient_id", "skin_type", "baseline", *(carried(name).fill_null(MISSED).alias(name) for name in names)
    )
    return linked(filled, ["skin_type", "baseline", *names])


def _after_the_last(counting: Counting, endpoint: Endpoint, scale: Scale) -> nw.LazyFrame[Any]:
    """`course`, `day`, `waited` (days since the last session) and `score` of every visit after the last session.

    The last session is at the last visit marked as treated, or where a later one is not marked, before the count last rose;
    where that visit is not in the records, on the day expected for it.
    """
    visits = counting.frame
    marked = visits.with_columns(nw.when(nw.col("treated")).then(nw.col("day")).alias("treated_day"))
    ends = marked.group_by(COURSE).agg(nw.col("treated_day").max(), nw.col("sessions_completed").max().alias("k"))
    expected = counting.beside.select(COURSE, "k", "expected_day")
    counted = ends.join(expected, on=[COURSE, "k"], how="left")
    last = counted.select(COURSE, "k", nw.max_horizontal("treated_day", "expected_day").alias("last_day"))
    scored = visits.filter(~nw.col(endpoint.score_column).is_null(), nw.col(endpoint.scale_column) == scale.name)
    rows = scored.select(
        COURSE,
        "day",
        nw.col("sessions_completed").alias("k"),
        scale.turned(nw.col(endpoint.score_column), HUNDREDTHS).alias("score"),
    ).join(last, on=[COURSE, "k"], how="inner")
    waited = (nw.col("day") - nw.col("last_day")).alias("waited")
    return rows.filter(nw.col("k") > 0).with_columns(waited)


def judged(counting: Counting, column: str, by: str | None = None) -> nw.LazyFrame[Any]:
    """The plan of `skin_type`, `session`, `value` in hundredths, and `by` where that is asked for.

    Each course's judgement nearest to the usual day after each session; a patient's courses are linked within a session.
    """
    keys = ["session", *(["by"] if by else [])]
    said = counting.timed.filter(~nw.col(column).is_null(), nw.col("k") > 0, nw.col("timing") == COUNTED)
    counted = said.select(
        "patient_id",
        COURSE,
        "day",
        "waited",
        "skin_type",
        nw.col("k").alias("session"),
        nw.col(column).alias("value"),
        *([nw.col(by).fill_null(NOT_RECORDED).alias("by")] if by else []),
    )
    nearest = (
        counted.with_columns(nearness("value", counting.window.usual).alias("key"))
        .group_by("patient_id", COURSE, "skin_type", *keys)
        .agg(nw.col("key").min())
    )
    values = nearest.with_columns(carried("key").alias("value"))
    return linked(values, ["skin_type", *keys, "value"], within="session")
