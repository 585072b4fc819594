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


def course_table(
    visits: nw.LazyFrame[Any], timed: nw.LazyFrame[Any], endpoint: Endpoint, scale: Scale, window: Window, sessions: int
) -> nw.LazyFrame[Any]:
    """One row per course: scores as they are counted (`Scale.turned`), in integer hundredths, `MISSED` where there is none.

    `timed` are the scored visits on this scale with what the window makes of their days. `is_free` is 1 where the endpoint counts only in courses that
    had it at baseline, as PIH does, and this one had none; `reason` is that of a course which counts all the same.
    """
    counted = timed.with_columns(scale.turned(nw.col("score"), HUNDREDTHS).alias("score"))
    wide = _wide(_nearest(counted, window), sessions)
    whole = _whole_courses(visits, endpoint, scale).join(wide, on=COURSE, how="left")
    names = [f"after_{k}" for k in range(sessions + 1)]
    filled = whole.with_columns(nw.col("is_undated").fill_null(0), *(nw.col(name).fill_null(MISSED) for name in names))
    is_free = (nw.col("after_0") == scale.floor) if endpoint.present_at_baseline else nw.lit(False)
    return filled.with_columns(
        _reason(names).alias("reason"), nw.when(is_free).then(nw.lit(1)).otherwise(nw.lit(0)).alias("is_free")
    ).select("patient_id", COURSE, "skin_type", "end", "sessions", "given", "reason", "is_free", *names)


def reason_here(reason: Any, is_free: Any) -> Any:
    """The reason of a course where an endpoint counts only if it was there at baseline, as an expression."""
    return nw.when((is_free == 1) & reason.is_in(BEGAN)).then(nw.lit(NOT_PRESENT)).otherwise(reason)


def scored_rows(scored: nw.LazyFrame[Any], endpoint: Endpoint) -> nw.LazyFrame[Any]:
    """Scored visits as `course`, `day`, `k`, `score`."""
    return scored.select(COURSE, "day", nw.col("sessions_completed").alias("k"), nw.col(endpoint.score_column).alias("score"))


def _nearest(scores: nw.LazyFrame[Any], window: Window) -> nw.LazyFrame[Any]:
    """One row per course and number of sessions given: the score nearest to the usual day after session k, in the window."""
    marked = scores.with_columns(
        nw.when(nw.col("timing") == COUNTED).then(nearness("score", window.usual)).alias("key"),
        nw.when(nw.col("timing") == NO_DAY).then(1).otherwise(0).alias("is_undated"),
    )
    nearest = marked.group_by(COURSE, "k").agg(nw.col("key").min(), nw.col("is_undated").max())
    return nearest.select(COURSE, "k", "is_undated", carried("key").alias("score"))


def _wide(after: nw.LazyFrame[Any], sessions: int) -> nw.LazyFrame[Any]:
    # The column is built first and aggregated after: a condition inside agg is ignored by some engines.
    columns = {f"after_{k}": nw.when(nw.col("k") == k).then(nw.col("score")) for k in range(sessions + 1)}
    spread = after.with_columns(**columns)
    return spread.group_by(COURSE).agg(nw.col("is_undated").max(), *(nw.col(name).max() for name in columns))


def _whole_courses(visits: nw.LazyFrame[Any], endpoint: Endpoint, scale: Scale) -> nw.LazyFrame[Any]:
    """One row per course: who, how it ended, and whether it was scored at all, on this scale, and after the first session."""
    is_scored = ~nw.col(endpoint.score_column).is_null()
    is_on_scale = is_scored & (nw.col(endpoint.scale_column) == scale.name)
    marked = visits.with_columns(
        is_scored.cast(nw.Int64).alias("is_scored"),
        is_on_scale.fill_null(False).cast(nw.Int64).alias("is_on_scale"),
        (is_scored & (nw.col("sessions_completed") > 0)).cast(nw.Int64).alias("is_scored_again"),
        nw.when(nw.col("treated")).then(nw.col("sessions_completed") + 1).alias("with_treated"),
    )
    whole = marked.group_by(COURSE).agg(
        nw.col("patient_id").min(),
        nw.col("fitzpatrick").min().alias("skin_type"),
        nw.col("status").min(),
        nw.col("planned_sessions").min(),
        nw.col("sessions_completed").max().alias("sessions"),
        nw.col("with_treated").max(),
        nw.col("is_scored").max(),
        nw.col("is_on_scale").max(),
        nw.col("is_scored_again").max(),
    )
    reached = nw.when(nw.col("sessions") >= nw.col("planned_sessions")).then(nw.lit(FINISHED))
    given = nw.max_horizontal("sessions", "with_treated")
    return whole.with_columns(nw.coalesce(nw.col("status"), reached, nw.lit(NOT_RECORDED)).alias("end"), given.alias("given"))


def _reason(names: list[str]) -> Any:
    baseline, *later = (nw.col(name) for name in names)
    # Beside a constant, as PySpark has no greatest of one column.
    again = nw.max_horizontal(nw.lit(MISSED), *later) if later else nw.lit(MISSED)
    return (
        nw.when(nw.col("is_scored") == 0).then(nw.lit(NOT_SCORED))
        .when(nw.col("is_on_scale") == 0).then(nw.lit(OTHER_SCALE))
        .when(baseline == MISSED).then(nw.lit(NO_BASELINE))
        .when(nw.col("is_scored_again") == 0).then(nw.lit(NOT_AGAIN))
        .when((again == MISSED) & (nw.col("is_undated") == 1)).then(nw.lit(UNDATED))
        .when(again == MISSED).then(nw.lit(OUTSIDE))
        .otherwise(nw.lit(ANALYSED))
    )  # fmt: skip
