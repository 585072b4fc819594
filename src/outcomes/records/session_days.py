"""When a score counts as the one "after k sessions": the days of sessions, how far apart they are, and the window after each."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.definitions.windows import ENOUGH_INTERVALS, WINDOW, Window
from outcomes.records.parse import COURSE
from outcomes.tabular.engines import collect

COUNTED, NO_DAY, SOON, LATE = "counted", "no day", "soon", "late"
"""What `timed` makes of a score: in the window, after a session whose day is not known, before the window, behind it."""

# Room for a day (0-3650) and a value in hundredths (up to 99 900) in one sortable integer.
_DAYS, _VALUES = 10_000, 100_000


def nearness(value: str, usual: int) -> Any:
    """A key by `waited` and `day`, least for the row nearest to the usual day, the earlier of two equally near.

    The value, in hundredths, rides along in its last digits: after a minimum over rows, `carried` gives it.
    """
    distance = (nw.col("waited") - usual).abs().cast(nw.Int64)
    return (distance * _DAYS + nw.col("day")) * _VALUES + nw.col(value)


def carried(key: str) -> Any:
    """The value that rides along in a key of `nearness`."""
    return nw.col(key) % _VALUES


def session_days(visits: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """`course`, `k`, `session_day`: the day of session k is that of the last visit with k - 1 sessions given at which one more was given.

    Where no such visit says so, the last one at which `treated` is not recorded; null where all of them say no.
    """
    return _counts(visits).select(COURSE, (nw.col("k") + 1).alias("k"), "session_day")


def session_intervals(visits: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """`course`, `k`, `interval`, `steps`: days from the session before with a known day to session k, and how many sessions on that is."""
    # A session at the last visit has no later one that counts it: it was given only where that visit is marked as treated.
    marked = visits.with_columns(nw.when(nw.col("treated")).then(nw.col("day")).alias("treated_day"))
    ends = marked.group_by(COURSE).agg(nw.col("sessions_completed").max(), nw.col("day").max(), nw.col("treated_day").max())
    one_more = nw.when(nw.col("treated_day") == nw.col("day")).then(1).otherwise(0)
    given = ends.select(COURSE, (nw.col("sessions_completed") + one_more).alias("given"))
    days = session_days(visits).filter(~nw.col("session_day").is_null()).join(given, on=COURSE, how="inner")
    before = [nw.col(name) - nw.col(name).shift(1).over(COURSE, order_by="k") for name in ("session_day", "k")]
    spaced = days.filter(nw.col("k") <= nw.col("given")).with_columns(interval=before[0], steps=before[1])
    return spaced.filter(~nw.col("interval").is_null()).select(COURSE, nw.col("k").cast(nw.Int64), "interval", "steps")


def interval_counts(intervals: nw.LazyFrame[Any]) -> pd.DataFrame:
    """How many of the `session_intervals` there are, `n`, of each `interval` and `steps`."""
    return collect(intervals.group_by("interval", "steps").agg(nw.len().alias("n"))).astype("int64")


def median_spacing(counted: pd.DataFrame) -> int | None:
    """Days from one session to the next, the median over all `interval_counts` in whole days; None for fewer than `ENOUGH_INTERVALS`.

    Where visits between two known sessions are not in the records, their days are shared out among the sessions between.
    """
    if counted["n"].sum() < ENOUGH_INTERVALS:
        return None
    days = np.repeat((counted["interval"] / counted["steps"]).to_numpy(float), counted["n"].to_numpy())
    return max(1, round(float(np.median(days))))


def timed(scored: nw.LazyFrame[Any], beside: nw.LazyFrame[Any], window: Window) -> nw.LazyFrame[Any]:
    """The rows of `scored` (`course`, `day`, `k` and more) with `waited`, `timing` and `is_dated`; `beside` is what `around` gives.

    `waited` is the number of days since session k, for the baseline the usual one. Where the visit of session k is not in the
    records (`is_dated` False), as where only scored visits were kept, a score counts if it lies at least `window.first` days
    after the last visit with fewer sessions, no visit with more lies within as many days after it, and it lies at most
    `window.last` days after the day expected for session k.
    """
    placed = scored.join(beside, on=[COURSE, "k"], how="left")
    is_first, is_dated = nw.col("k") == 0, nw.col("is_dated").fill_null(False)
    waited = nw.col("day") - nw.col("expected_day")
    # Null where no visit has fewer sessions, and where none has more: the first is nothing to count from, the second no rival.
    is_apart = (nw.col("day") - nw.col("earlier_day") >= window.first).fill_null(False)
    is_alone = (nw.col("later_day") - nw.col("day") > window.first).fill_null(True)
    placed = placed.with_columns(
        is_dated=is_first | is_dated,
        is_placed=is_apart & is_alone & (waited <= window.last).fill_null(False),
        waited=nw.when(is_first).then(nw.lit(window.usual)).otherwise(waited),
    )
    timing = (
        nw.when(is_first).then(nw.lit(COUNTED))
        .when(nw.col("is_dated") & (nw.col("waited") < window.first)).then(nw.lit(SOON))
        .when(nw.col("is_dated") & (nw.col("waited") > window.last)).then(nw.lit(LATE))
        .when(nw.col("day") - nw.col("own_day") > window.last).then(nw.lit(LATE))
        .when(nw.col("is_dated") | nw.col("is_placed")).then(nw.lit(COUNTED))
        .otherwise(nw.lit(NO_DAY))
    )  # fmt: skip
    return placed.with_columns(timing=timing).drop("earlier_day", "own_day", "later_day", "expected_day", "is_placed")


def _counts(visits: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row per course and sessions given, `k`: `first_day` and `last_day` of these visits, `session_day` of the next session."""
    days = visits.with_columns(
        nw.when(nw.col("treated")).then(nw.col("day")).alias("treated_day"),
        nw.when(nw.col("treated").is_null()).then(nw.col("day")).alias("blank_day"),
        nw.col("day").alias("first_day"),
        nw.col("day").alias("last_day"),
    )
    whole = days.group_by(COURSE, "sessions_completed").agg(
        nw.col("treated_day").max(), nw.col("blank_day").max(), nw.col("first_day").min(), nw.col("last_day").max()
    )
    return whole.select(
        COURSE,
        nw.col("sessions_completed").alias("k"),
        "first_day",
        "last_day",
        nw.coalesce("treated_day", "blank_day").alias("session_day"),
    )


def around(visits: nw.LazyFrame[Any], spacing: int | None) -> nw.LazyFrame[Any]:
    """`course`, `k`, `is_dated`, `expected_day` of session k; `earlier_day`, `own_day`, `later_day`: last visit with fewer, first with k, first with more.

    Where the visit of session k is not in the records, sessions since the last known one are expected `spacing` days apart, 30
    where that is not known; where the visit before says that no session was given there, that is one session more.
    """
    usual = spacing or WINDOW.usual

    def before(name: str) -> Any:
        return nw.col(name).shift(1).over(COURSE, order_by="k")

    beside = _counts(visits).with_columns(
        earlier_k=before("k"),
        earlier_day=before("last_day"),
        earlier_session=before("session_day"),
        later_day=nw.col("first_day").shift(-1).over(COURSE, order_by="k"),
    )
    missed = nw.col("k") - nw.col("earlier_k")
    since_session = nw.col("earlier_session") + (missed - 1) * usual
    return beside.select(
        COURSE,
        "k",
        "earlier_day",
        "later_day",
        nw.col("first_day").alias("own_day"),
        is_dated=(missed == 1) & ~nw.col("earlier_session").is_null(),
        expected_day=nw.min_horizontal(nw.coalesce(since_session, nw.col("earlier_day") + missed * usual), "first_day"),
    )
