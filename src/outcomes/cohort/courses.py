"""Records -> one row per course: its baseline, its score after each session, and why it is not analysed."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import Endpoint, endpoint_named
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import HUNDREDTHS, SCALES, Scale
from outcomes.definitions.windows import Window
from outcomes.errors import UsageError
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.records.session_days import COUNTED, NO_DAY, carried, nearness, timed
from outcomes.tabular.engines import collect

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

MISSED = -1
"""A score that was not recorded, in the score columns of `course_table` and in recorded paths."""

ONGOING, FINISHED, STOPPED = "ongoing", "finished", "stopped"
"""How a course ended: FINISHED too where the planned number of sessions was reached, NOT_RECORDED where nothing tells."""


def courses(
    records: Records, endpoint: str = "scarring", *, scale: str | None = None, window: Window | None = None
) -> pd.DataFrame:
    """One row per course, sorted by patient and course.

    Columns: `patient_id`, `course` (patient and course or area), `skin_type` (ordered category of all six), `end`
    (ongoing, finished, stopped; finished where the planned number was reached; else "not recorded"), `sessions`
    (after the last visit: the last session attended), `given` (with one marked as given at the last visit), `reason` (one of `REASONS`; "analysed" where there is a baseline and a score after a
    session), and `after_0` (baseline) ... `after_K`: the score after k sessions in scale units, nan where none was
    recorded in the window.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> outcomes.courses(records)["reason"].value_counts().to_dict()
        {'analysed': 208, 'never scored again after the baseline': 22, 'no score before the first session': 20, 'scored again only outside the window': 1}
    """
    used = scale_used(records, endpoint_named(endpoint), scale)
    table = collect(course_table(records, endpoint, scale=used.name, window=window))
    table = table.astype({"sessions": "int64", "given": "int64"})
    table = table.sort_values(["patient_id", COURSE], ignore_index=True)
    scores = table.filter(regex="^after_").astype("float64")
    scores = used.turned(scores.where(scores != MISSED), HUNDREDTHS) / HUNDREDTHS
    skin_type = pd.Categorical(table["skin_type"], categories=SKIN_TYPES, ordered=True)
    return (
        table[["patient_id", COURSE]]
        .assign(skin_type=skin_type, end=table["end"], sessions=table["sessions"], given=table["given"], reason=table["reason"])
        .join(scores)
    )


def course_table(
    records: Records, endpoint: str, *, scale: str | None = None, window: Window | None = None, every_course: bool = False
) -> nw.LazyFrame[Any]:
    """The same on the records' own engine: scores as they are counted (`Scale.turned`), in integer hundredths, `MISSED` where there is none."""
    of = endpoint_named(endpoint, every_course=every_course)
    used = scale_used(records, of, scale)
    visits = records.frame
    scored = visits.filter(~nw.col(of.score_column).is_null())
    counted = timed_scores(records, of, scored.filter(nw.col(of.scale_column) == used.name), window or records.window)
    counted = counted.with_columns(used.turned(nw.col("score"), HUNDREDTHS).alias("score"))
    wide = _wide(_nearest(counted, window or records.window), records.sessions)
    whole = _whole_courses(visits, of, used).join(wide, on=COURSE, how="left")
    names = [f"after_{k}" for k in range(records.sessions + 1)]
    filled = whole.with_columns(nw.col("is_undated").fill_null(0), *(nw.col(name).fill_null(MISSED) for name in names))
    return filled.with_columns(_reason(of, used, names).alias("reason")).select(
        "patient_id", COURSE, "skin_type", "end", "sessions", "given", "reason", *names
    )


def scale_used(records: Records, endpoint: Endpoint, scale: str | None = None) -> Scale:
    """The scale asked for, or the one on which most courses are scored (the first by name where two tie): scales are never mixed."""
    if scale is not None and scale not in endpoint.scales:
        raise UsageError(f"scale of {endpoint.name} must be one of {', '.join(endpoint.scales)}, got {scale!r}")
    scored = records.frame.filter(~nw.col(endpoint.score_column).is_null())
    used = collect(scored.group_by(endpoint.scale_column).agg(nw.col(COURSE).n_unique().alias("n")))
    if scale is not None:
        used = used[used[endpoint.scale_column] == scale]
    if used.empty:
        raise UsageError(
            f"{records.source} has no scores of {endpoint.label} ({endpoint.score_column}{f' on {scale}' if scale else ''})"
        )
    return SCALES[used.sort_values(["n", endpoint.scale_column], ascending=[False, True])[endpoint.scale_column].iloc[0]]


def timed_scores(records: Records, endpoint: Endpoint, scored: nw.LazyFrame[Any], window: Window) -> nw.LazyFrame[Any]:
    """Scored visits as `course`, `day`, `k`, `score` and what `outcomes.records.session_days.timed` makes of them."""
    rows = scored.select(COURSE, "day", nw.col("sessions_completed").alias("k"), nw.col(endpoint.score_column).alias("score"))
    return timed(records.frame, rows, window, records.spacing)


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


def _reason(endpoint: Endpoint, scale: Scale, names: list[str]) -> Any:
    baseline, *later = (nw.col(name) for name in names)
    present = baseline > scale.floor if endpoint.present_at_baseline else baseline != MISSED
    # Beside a constant, as PySpark has no greatest of one column.
    again = nw.max_horizontal(nw.lit(MISSED), *later) if later else nw.lit(MISSED)
    return (
        nw.when(nw.col("is_scored") == 0).then(nw.lit(NOT_SCORED))
        .when(nw.col("is_on_scale") == 0).then(nw.lit(OTHER_SCALE))
        .when(baseline == MISSED).then(nw.lit(NO_BASELINE))
        .when(~present).then(nw.lit(NOT_PRESENT))
        .when(nw.col("is_scored_again") == 0).then(nw.lit(NOT_AGAIN))
        .when((again == MISSED) & (nw.col("is_undated") == 1)).then(nw.lit(UNDATED))
        .when(again == MISSED).then(nw.lit(OUTSIDE))
        .otherwise(nw.lit(ANALYSED))
    )  # fmt: skip
