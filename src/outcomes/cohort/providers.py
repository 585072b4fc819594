"""Who gave a session, named only where there are enough courses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.thresholds import FEW_COURSES
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.records.session_days import session_days
from outcomes.tabular.engines import collect

OTHERS = "other providers"

GROUP = "group"


def with_provider(sessions: nw.LazyFrame[Any], records: Records) -> nw.LazyFrame[Any]:
    """Rows with `course` and `k`, and beside them `provider_id`: who gave session k; null where that is unknown."""
    days = session_days(records.frame).with_columns(nw.col("k").cast(nw.Int64))
    gave = records.frame.select(COURSE, nw.col("day").alias("session_day"), nw.col("provider_id").alias("gave"))
    of_day = days.join(gave, on=[COURSE, "session_day"], how="inner").select(COURSE, "k", "gave")
    # The visit of a session may be missing: where all visits of its course name one person, it was that one.
    ends = records.frame.group_by(COURSE).agg(first=nw.col("provider_id").min(), last=nw.col("provider_id").max())
    alone = ends.select(COURSE, nw.when(nw.col("first") == nw.col("last")).then(nw.col("first")).alias("only"))
    known = sessions.join(of_day, on=[COURSE, "k"], how="left").join(alone, on=COURSE, how="left")
    return known.with_columns(nw.coalesce("gave", "only").alias("provider_id")).drop("gave", "only")


def named_providers(records: Records) -> list[str]:
    """The providers with at least `FEW_COURSES` courses, by code."""
    courses = collect(records.frame.group_by("provider_id").agg(nw.col(COURSE).n_unique().alias("n")))
    return sorted(courses.loc[courses["n"] >= FEW_COURSES, "provider_id"].dropna())


def with_provider_group(frame: nw.LazyFrame[Any], named: list[str]) -> nw.LazyFrame[Any]:
    """The rows with their `GROUP`: the provider where it is one of the named, else `OTHERS` or `NOT_RECORDED`."""
    provider = nw.col("provider_id")
    # PySpark knows no list without entries.
    known = nw.when(provider.is_in([*named, NOT_RECORDED])).then(provider).otherwise(nw.lit(OTHERS))
    return frame.with_columns(nw.when(provider.is_null()).then(nw.lit(NOT_RECORDED)).otherwise(known).alias(GROUP))


def in_order(providers: Iterable[str]) -> list[str]:
    """By code, never by rate; those not named come last. No provider at all is one that is not recorded."""
    return sorted(providers, key=lambda name: (name in (NOT_RECORDED, OTHERS), name == NOT_RECORDED, name)) or [NOT_RECORDED]
