"""Courses by their whole recorded path, by why they are left out, and scores by what becomes of them: plans of one endpoint on one scale."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.counting import Counting
from outcomes.cohort.counts import linked
from outcomes.cohort.courses import BEGAN, NOT_SCORED, OTHER_SCALE, reason_here
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.records.parse import COURSE
from outcomes.records.session_days import COUNTED

PATH = ("skin_type", "end", "attended", "given")
"""What is known of a course beside its scores."""

EVERY, BLIND = "every score", "blind scores"
"""Which scores count after a session."""


def scales(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `endpoint` and `scale`: courses with a score on it."""
    found = []
    for name, endpoint in ENDPOINTS.items():
        scored = counting.frame.filter(~nw.col(endpoint.score_column).is_null())
        marked = scored.with_columns(scale=nw.col(endpoint.scale_column))
        by_scale = marked.group_by(*counting.by, "scale").agg(nw.col(COURSE).n_unique().alias("n"))
        found.append(by_scale.select(*counting.by, nw.lit(name).alias("endpoint"), "scale", "n"))
    return nw.concat(found)


def flow(counting: Counting, endpoint: str, scale: str, which: str) -> nw.LazyFrame[Any]:
    """The plan of `skin_type`, `reason` and `is_free`: every course once."""
    table = counting.courses(endpoint, scale, blinded=which == BLIND)
    return table.group_by(*counting.by, "skin_type", "reason", "is_free").agg(nw.len().alias("n"))


def flow_elsewhere(other: pd.DataFrame | None, skin_types: pd.DataFrame) -> pd.DataFrame:
    """`flow` of a scale that nobody is scored on, from that of another scale; where there is none, nobody is scored at all."""
    known = skin_types.assign(reason=NOT_SCORED) if other is None else _elsewhere(other)
    return known.assign(is_free=0)[["skin_type", "reason", "is_free", "n"]]


def paths(counting: Counting, endpoint: str, scale: str, which: str) -> nw.LazyFrame[Any]:
    """The plan of `PATH` and `after_0` ... `after_K`: every course with a baseline, linked."""
    table = counting.courses(endpoint, scale, blinded=which == BLIND)
    began = table.filter(nw.col("reason").is_in(BEGAN)).with_columns(attended=nw.col("sessions"))
    return linked(began, [*PATH, *(f"after_{k}" for k in range(counting.records.sessions + 1))], by=counting.by)


def scores(counting: Counting, endpoint: str, scale: str) -> nw.LazyFrame[Any]:
    """The plan of `reason` of the course, `timing` and `is_dated` of the day: `n` scores, `first` of them after their session of a course."""
    scored = counting.timed.filter(~nw.col(ENDPOINTS[endpoint].score_column).is_null())
    # Of the scores that count after one session of a course, one is analysed: as many as there are such sessions.
    after = scored.group_by(COURSE, "k", "timing", "is_dated").agg(nw.len().alias("n"))
    first = nw.when(nw.col("timing") == COUNTED).then(1).otherwise(0)
    reasons = counting.courses(endpoint, scale).select(COURSE, reason_here(nw.col("reason"), nw.col("is_free")).alias("reason"))
    whole = after.with_columns(first=first, is_dated=nw.when(nw.col("is_dated")).then(1).otherwise(0))
    joined = whole.join(reasons, on=COURSE, how="inner")
    return joined.group_by("reason", "timing", "is_dated").agg(nw.col("n").sum(), nw.col("first").sum())


def scores_elsewhere(other: pd.DataFrame | None, _: pd.DataFrame) -> pd.DataFrame | None:
    """`scores` of a scale that nobody is scored on, from those of another scale; None where there is none."""
    return None if other is None else _elsewhere(other)


def _elsewhere(other: pd.DataFrame) -> pd.DataFrame:
    """Counts by the `reason` of the course, of those who are scored on another scale if at all."""
    return other.assign(reason=other["reason"].where(other["reason"] == NOT_SCORED, OTHER_SCALE))
