"""Who gave a session, named only where there are enough courses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.counting import Counting
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.thresholds import FEW_COURSES
from outcomes.records.parse import COURSE

OTHERS = "other providers"

GROUP = "group"


def with_provider(sessions: nw.LazyFrame[Any], counting: Counting) -> nw.LazyFrame[Any]:
    """Rows with `course` and `k`, and beside them `provider`: who gave session k; blank where that is unknown."""
    days = counting.session_days.with_columns(nw.col("k").cast(nw.Int64))
    gave = counting.frame.select(COURSE, nw.col("day").alias("session_day"), nw.col("provider_id").alias("gave"))
    of_day = days.join(gave, on=[COURSE, "session_day"], how="inner").select(COURSE, "k", "gave")
    # The visit of a session may be missing: where all visits of its course name one person, it was that one.
    ends = counting.frame.group_by(COURSE).agg(first=nw.col("provider_id").min(), last=nw.col("provider_id").max())
    alone = ends.select(COURSE, nw.when(nw.col("first") == nw.col("last")).then(nw.col("first")).alias("only"))
    known = sessions.join(of_day, on=[COURSE, "k"], how="left").join(alone, on=COURSE, how="left")
    return known.with_columns(nw.coalesce("gave", "only").fill_null("").alias("provider")).drop("gave", "only")


def provider_courses(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `provider` and `n`, the courses in which they saw the patient."""
    known = counting.frame.filter(~nw.col("provider_id").is_null())
    return known.group_by(nw.col("provider_id").alias("provider")).agg(nw.col(COURSE).n_unique().alias("n"))


def groups_shown(providers: Iterable[str], courses: pd.DataFrame) -> list[str]:
    """The group in which each provider is shown, from the counts of `provider_courses`.

    Its own where it has at least `FEW_COURSES` courses, else `OTHERS`; `NOT_RECORDED` where it is blank.
    """
    named = {*courses.loc[courses["n"] >= FEW_COURSES, "provider"]}
    return [NOT_RECORDED if name in ("", NOT_RECORDED) else name if name in named else OTHERS for name in providers]


def in_order(providers: Iterable[str]) -> list[str]:
    """By code, never by rate; those not named come last. No provider at all is one that is not recorded."""
    return sorted(providers, key=lambda name: (name in (NOT_RECORDED, OTHERS), name == NOT_RECORDED, name)) or [NOT_RECORDED]
