"""Every score once, analysed or left out by its reason; and courses that ended without one after their last session."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.courses import (
    BEGAN,
    MISSED,
    NO_BASELINE,
    NOT_PRESENT,
    ONGOING,
    OTHER_SCALE,
    course_table,
    scale_used,
    timed_scores,
)
from outcomes.definitions.endpoints import endpoint_named
from outcomes.definitions.windows import Window
from outcomes.errors import UsageError
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.records.session_days import COUNTED, LATE, NO_DAY, SOON
from outcomes.tabular.engines import collect

ANALYSED = "analysed"
SECOND = "beside one nearer to the usual day after the same session"
REASON_OF = {
    OTHER_SCALE: "on another scale",
    NO_BASELINE: "in a course without a score before the first session",
    NOT_PRESENT: "in a course that had none of it before the first session",
    NO_DAY: "after a session whose day is not known",
    SOON: "too soon after the session",
    LATE: "too late after the session: follow-up",
}
"""Why a course, or the day of a score, leaves a score out -> the words for it."""

SCORE_REASONS = (ANALYSED, *REASON_OF.values(), SECOND)
"""What becomes of a score, in the order in which the reasons are looked for."""


def score_account(
    records: Records, endpoint: str | None = None, *, scale: str | None = None, window: Window | None = None
) -> pd.DataFrame:
    """Every score of the endpoint once: those analysed, and those left out by their reason; `n` sums to the scores recorded.

    Columns: `endpoint`, `scale`, `reason` (all of `SCORE_REASONS`, those that nobody has too), `n` scores, and `undated`: those
    of them after a session whose visit is not in the records. Scores of a course that was never scored again are analysed: they
    are part of the baseline. Integers only. Without an `endpoint`, all that have a score; no rows where none has.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    Example:
        >>> import outcomes
        >>> account = outcomes.score_account(outcomes.read_records("sample"), "pih")
        >>> int(account["n"].sum())
        1021
    """
    parts = [_account(records, name, scale, window or records.window) for name in _named(records, endpoint, scale)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["endpoint", "scale", "reason", "n", "undated"])


def unscored_ends(
    records: Records, endpoint: str | None = None, *, scale: str | None = None, window: Window | None = None
) -> pd.DataFrame:
    """How many courses ended without a score that counts after their last session: `endpoint`, `n` of `of` courses.

    Courses with a baseline to which a session was given and that do not go on; where nothing tells whether a course goes on,
    it counts as ended. The last session is that of the last visit marked as treated, or the last one that a visit counts.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> outcomes.unscored_ends(records, "scarring")[["n", "of"]].values.tolist()
        [[18, 183]]
    """
    names = _named(records, endpoint, scale)
    rows = [(name, *_unscored(records, name, scale, window)) for name in names]
    return pd.DataFrame(rows, columns=["endpoint", "n", "of"])


def _named(records: Records, endpoint: str | None, scale: str | None) -> tuple[str, ...]:
    if endpoint is None and scale is not None:
        raise UsageError(f"scale {scale} needs the endpoint that it belongs to")
    return records.endpoints if endpoint is None else (endpoint_named(endpoint).name,)


def _account(records: Records, endpoint: str, scale: str | None, window: Window) -> pd.DataFrame:
    of = endpoint_named(endpoint)
    used = scale_used(records, of, scale)
    scored = records.frame.filter(~nw.col(of.score_column).is_null())
    # Of the scores that count after one session of a course, one is analysed: as many as there are such sessions.
    after = timed_scores(records, of, scored, window).group_by(COURSE, "k", "timing", "is_dated").agg(nw.len().alias("n"))
    first = nw.when(nw.col("timing") == COUNTED).then(1).otherwise(0)
    reasons = course_table(records, endpoint, scale=used.name, window=window).select(COURSE, "reason")
    whole = after.with_columns(first=first).join(reasons, on=COURSE, how="inner")
    keys = ["reason", "timing", "is_dated"]
    counted = collect(whole.group_by(*keys).agg(nw.col("n").sum(), nw.col("first").sum())).astype(
        {"n": "int64", "first": "int64"}
    )
    rows = [part for row in counted.to_dict("records") for part in _parts(row)]
    summed = pd.DataFrame(rows, columns=["reason", "n", "undated"]).groupby("reason")[["n", "undated"]].sum()
    listed = summed.reindex(SCORE_REASONS, fill_value=0).astype("int64").rename_axis("reason").reset_index()
    listed.insert(0, "scale", used.name)
    listed.insert(0, "endpoint", of.name)
    return listed


def _parts(row: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Scores of one kind of course and day as `reason`, `n`, `undated`: the nearest after each session, and the others."""
    n, first, is_undated = row["n"], row["first"], int(not row["is_dated"])
    why = row["reason"] if row["reason"] not in BEGAN else row["timing"]
    if why == COUNTED:
        return [(ANALYSED, first, is_undated * first), (SECOND, n - first, is_undated * (n - first))]
    return [(REASON_OF[why], n, is_undated * n)]


def _unscored(records: Records, endpoint: str, scale: str | None, window: Window | None) -> tuple[int, int]:
    given = nw.col("sessions_completed") + nw.when(nw.col("treated")).then(1).otherwise(0)
    last = records.frame.with_columns(given.alias("given")).group_by(COURSE).agg(nw.col("given").max())
    ended = course_table(records, endpoint, scale=scale, window=window).join(last, on=COURSE, how="inner")
    ended = ended.filter(nw.col("reason").is_in(BEGAN), nw.col("end") != ONGOING, nw.col("given") > 0)
    is_scored = [
        nw.when((nw.col("given") == k) & (nw.col(f"after_{k}") != MISSED)).then(1).otherwise(0)
        for k in range(1, records.sessions + 1)
    ]
    seen = ended.select(nw.max_horizontal(nw.lit(0), *is_scored).alias("is_scored"))
    counted = collect(seen.select(nw.col("is_scored").sum().alias("scored"), nw.len().alias("of"))).fillna(0).iloc[0]
    return int(counted["of"]) - int(counted["scored"]), int(counted["of"])
