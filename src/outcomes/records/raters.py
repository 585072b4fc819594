"""A visit that several assessors scored, each on a row of its own: taken together to one row, and kept apart for their agreement."""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from outcomes.definitions.columns import COLUMNS, CONSTANT_WITHIN_COURSE, CONSTANT_WITHIN_PATIENT
from outcomes.definitions.endpoints import ENDPOINTS, Endpoint
from outcomes.records.parse import COURSE
from outcomes.tabular.engines import count, hold, hold_few

VISIT = (COURSE, "day")
"""What makes a visit: the rows of a course on one day."""

_SCORES = tuple(endpoint.score_column for endpoint in ENDPOINTS.values())
_SCALES = tuple(endpoint.scale_column for endpoint in ENDPOINTS.values())
_AVERAGED = (*_SCORES, "gais")
_OWN = {*VISIT, "patient_id", "assessor_id", "blinded", *_SCORES}
_COMPARED_ELSEWHERE = {*CONSTANT_WITHIN_COURSE, *CONSTANT_WITHIN_PATIENT, *_SCALES, "age"}

OF_THE_VISIT = tuple(column.name for column in COLUMNS if column.name not in _OWN | _COMPARED_ELSEWHERE)
"""Columns that the rows of one visit agree on wherever they are recorded; of `gais`, what no clinician judged."""


class Visits(NamedTuple):
    """`frame`: one row per visit; `rated`: the rows of the visits that several assessors scored, None where there is none."""

    frame: nw.LazyFrame[Any]
    rated: nw.LazyFrame[Any] | None


def visits_of(typed: nw.LazyFrame[Any]) -> Visits:
    """Rows that are whole by themselves, one for each visit: those of several assessors become one.

    Rows of a course on one day are one visit where each names another assessor; other rows stay as they are. The visit's
    scores, and `gais`, are the mean of those recorded, in whole hundredths, half a hundredth rounded down. Of
    every other column it has the value recorded, the first by order where rows differ; `blinded` is no where one of them says no.
    """
    several = typed.group_by(*VISIT).agg(nw.len().alias("rows"), nw.col("assessor_id").count().alias("named"))
    several = several.filter(nw.col("rows") > 1, nw.col("rows") == nw.col("named"))
    if count(several) == 0:
        return Visits(typed, None)
    by_assessor = typed.join(several.select(*VISIT), on=list(VISIT), how="semi").group_by(*VISIT, "assessor_id")
    times = by_assessor.agg(nw.len().alias("times")).group_by(*VISIT).agg(nw.col("times").max())
    keys = hold_few(times.filter(nw.col("times") == 1).select(*VISIT))
    if count(keys) == 0:
        return Visits(typed, None)
    rated = hold_few(typed.join(keys, on=list(VISIT), how="semi"))
    others = typed.join(keys, on=list(VISIT), how="anti")
    names = typed.collect_schema().names()
    return Visits(hold(nw.concat([others.select(*names), _together(rated).select(*names)])), rated)


def ratings_of(rated: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Of such rows only who scored whom, when and how: a row for each assessor at each visit."""
    endpoints = [name for endpoint in ENDPOINTS.values() for name in (endpoint.scale_column, endpoint.score_column)]
    return rated.select("patient_id", *VISIT, "sessions_completed", "assessor_id", "blinded", *endpoints)


def taken_blind(visits: nw.LazyFrame[Any], ratings: nw.LazyFrame[Any] | None, endpoint: Endpoint) -> nw.LazyFrame[Any]:
    """The visits, all of them, without the scores of this endpoint that were not taken blind after a session.

    A score before the first session stays, whoever took it: no session had been given that could be known of. Where several
    assessors scored a visit, the mean is of those who were blind.
    """
    score = endpoint.score_column
    is_before = nw.col("sessions_completed") == 0
    if ratings is None:
        return visits.with_columns(nw.when(is_before | nw.col("blinded")).then(nw.col(score)).alias(score))
    names = visits.collect_schema().names()
    several = ratings.select(*VISIT).unique().with_columns(nw.lit(1).alias("several"))
    blind = _means(ratings.filter(nw.col("blinded")), [score]).select(*VISIT, nw.col(score).alias("blind_score"))
    joined = visits.join(several, on=list(VISIT), how="left").join(blind, on=list(VISIT), how="left")
    kept = (
        nw.when(is_before).then(nw.col(score))
        .when(~nw.col("several").is_null()).then(nw.col("blind_score"))
        .when(nw.col("blinded")).then(nw.col(score))
    )  # fmt: skip
    return joined.with_columns(kept.alias(score)).select(*names)


def _together(rated: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    others = [name for name in rated.collect_schema().names() if name not in (*VISIT, *_AVERAGED)]
    lowest = rated.group_by(*VISIT).agg(*(nw.col(name).min() for name in others))
    return lowest.join(_means(rated, list(_AVERAGED)), on=list(VISIT), how="left")


def _means(rows: nw.LazyFrame[Any], columns: list[str]) -> nw.LazyFrame[Any]:
    """The mean of each column at each visit, null where nothing is recorded; half a hundredth rounded down."""
    wide = rows.with_columns(*(nw.col(name).cast(nw.Int64) for name in columns))
    sums = wide.group_by(*VISIT).agg(
        *(nw.col(name).sum().alias(f"{name}_sum") for name in columns),
        *(nw.col(name).count().alias(f"{name}_n") for name in columns),
    )
    return sums.select(*VISIT, *(_mean(name).alias(name) for name in columns))


def _mean(name: str) -> Any:
    n = nw.when(nw.col(f"{name}_n") > 0).then(nw.col(f"{name}_n").cast(nw.Int64))
    return ((2 * nw.col(f"{name}_sum").cast(nw.Int64) + n - 1) // (2 * n)).cast(nw.Int32)
