"""Records -> one row per course: its baseline, its score after each session, and why it is not analysed."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from outcomes.cohort.counts import MISSED
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import Endpoint
from outcomes.definitions.scales import HUNDREDTHS, Scale
from outcomes.definitions.windows import Window
from outcomes.records.parse import COURSE
from outcomes.records.session_days import COUNTED, NO_DAY, carried, nearness

# Why a course is or is not analysed, in the order in which the reasons are looked for.
NOT_SCORED = "never scored on this endpoint"
OTHER_SCALE = "scored on another scale"
NO_BASELINE = "no score before the first session"
NOT_PRESENT = "not present at baseline"
NOT_AGAIN = "never scored again after the baseline"
UNDATED = "scored again, but the day of the session is not known"
OUTSIDE = "scored again only outside the window"
ANALYSED = "analysed"
REASONS = (NOT_SCORED, OTHER_SCALE, NO_BASELINE, NOT_PRESENT, NOT_AGAIN, UNDATED, OUTSIDE, ANALYSED)
BEGAN = (NOT_AGAIN, UNDATED, OUTSIDE, ANALYSED)
"""The reasons of courses that began: those with a baseline."""

ONGOING, FINISHED, STOPPED = "ongoing", "finished", "stopped"
"""How a course ended: FINISHED too where the planned number of sessions was reached, NOT_RECORDED where nothing tells."""


def whole_courses(visits: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row per course: `patient_id`, `skin_type`, `end`, and `sessions` and `given`, as in `outcomes.courses`."""
    marked = visits.with_columns(nw.when(nw.col("treated")).then(nw.col("sessions_completed") + 1).alias("with_treated"))
    whole = marked.group_by(COURSE).agg(
        nw.col("patient_id").min(),
        nw.col("skin_type").min(),
        nw.col("status").min(),
        nw.col("planned_sessions").min(),
        nw.col("sessions_completed").max().alias("sessions"),
        nw.col("with_treated").max(),
    )
    reached = nw.when(nw.col("sessions") >= nw.col("planned_sessions")).then(nw.lit(FINISHED))
    return whole.select(
        "patient_id",
        COURSE,
        "skin_type",
        nw.coalesce(nw.col("status"), reached, nw.lit(NOT_RECORDED)).alias("end"),
        "sessions",
        nw.max_horizontal("sessions", "with_treated").alias("given"),
    )


def course_table(
    courses: nw.LazyFrame[Any], timed: nw.LazyFrame[Any], endpoint: Endpoint, scale: Scale, window: Window, sessions: int
) -> nw.LazyFrame[Any]:
    """One row per course: scores as they are counted (`Scale.turned`), in integer hundredths, `MISSED` where there is none.

    `courses` are the `whole_courses`, `timed` the visits with what the window makes of their days. After each number of sessions
    the score nearest to the usual day counts. `is_free` is 1 where the endpoint counts only in courses that had it at baseline, as
    PIH does, and this one had none; `reason` is that of a course which counts all the same.
    """
    is_scored = ~nw.col(endpoint.score_column).is_null()
    is_on_scale = is_scored & (nw.col(endpoint.scale_column) == scale.name)
    flags = {
        "is_scored": is_scored,
        "is_on_scale": is_on_scale,
        "is_scored_again": is_scored & (nw.col("k") > 0),
        "is_undated": is_on_scale & (nw.col("timing") == NO_DAY),
    }
    names = [f"after_{k}" for k in range(sessions + 1)]
    # The columns are built first and aggregated after: a condition inside agg is ignored by some engines.
    key = nw.when(is_on_scale & (nw.col("timing") == COUNTED)).then(nearness("score", window.usual))
    scored = timed.with_columns(scale.turned(nw.col(endpoint.score_column), HUNDREDTHS).alias("score"))
    keyed = scored.select(COURSE, "k", *(nw.when(flag).then(1).otherwise(0).alias(name) for name, flag in flags.items()), key=key)
    wide = keyed.with_columns(**{name: nw.when(nw.col("k") == k).then(nw.col("key")) for k, name in enumerate(names)})
    found = wide.group_by(COURSE).agg(*(nw.col(name).max() for name in flags), *(nw.col(name).min() for name in names))
    filled = courses.join(
        found.select(COURSE, *flags, *(carried(name).fill_null(MISSED).alias(name) for name in names)), on=COURSE, how="inner"
    )
    is_free = (nw.col("after_0") == scale.floor) if endpoint.present_at_baseline else nw.lit(False)
    return filled.select(
        *("patient_id", COURSE, "skin_type", "end", "sessions", "given"),
        _reason(names).alias("reason"),
        nw.when(is_free).then(nw.lit(1)).otherwise(nw.lit(0)).alias("is_free"),
        *names,
    )


def reason_here(reason: Any, is_free: Any) -> Any:
    """The reason of a course where an endpoint counts only if it was there at baseline, as an expression."""
    return nw.when((is_free == 1) & reason.is_in(BEGAN)).then(nw.lit(NOT_PRESENT)).otherwise(reason)


def _reason(names: list[str]) -> Any:
    baseline, *later = (nw.col(name) for name in names)
    again = nw.max_horizontal(*later) if later else nw.lit(MISSED)
    return (
        nw.when(nw.col("is_scored") == 0).then(nw.lit(NOT_SCORED))
        .when(nw.col("is_on_scale") == 0).then(nw.lit(OTHER_SCALE))
        .when(baseline == MISSED).then(nw.lit(NO_BASELINE))
        .when(nw.col("is_scored_again") == 0).then(nw.lit(NOT_AGAIN))
        .when((again == MISSED) & (nw.col("is_undated") == 1)).then(nw.lit(UNDATED))
        .when(again == MISSED).then(nw.lit(OUTSIDE))
        .otherwise(nw.lit(ANALYSED))
    )  # fmt: skip
