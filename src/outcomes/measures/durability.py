"""Does the change last after the last session, and how do patients and clinicians judge it? Of those who came back.

Nobody is taken to stand for those who were not seen: `observed` throughout. Beside each later change stands that of the same
courses a month after the last session, so that one sees whether others came back than those seen then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.courses import MISSED, ONGOING, course_table, endpoint_named, scale_used
from outcomes.cohort.tally import counted_by_patient, named_types
from outcomes.definitions.scales import HUNDREDTHS, SKIN_TYPES, Endpoint, Scale
from outcomes.measures.change import FEW, long_frame, mean_change, share_of_responders, share_row
from outcomes.records.parse import COURSE
from outcomes.records.read import Records
from outcomes.records.session_days import COUNTED, WINDOW, Window, expected_days, timed
from outcomes.tabular.engines import hold_few


class FollowUp(NamedTuple):
    """A time after the last session, and the days in which a score counts for it; the nearest to `usual` is taken."""

    month: int
    first: int
    usual: int
    last: int


FOLLOW_UPS = (FollowUp(1, *WINDOW), FollowUp(3, 61, 91, 136), FollowUp(6, 137, 183, 273), FollowUp(12, 274, 365, 456))
"""The windows lie side by side: no score counts twice, and none between 14 and 456 days is lost."""

IMPROVED = 3 * HUNDREDTHS
"""Judgements of `gais` up to this one, in hundredths, say improved or better; 3.5 does not."""

NOBODY_NAMED = "not recorded"

_DAYS, _VALUES = 10_000, 100_000


def durability(
    records: Records,
    endpoint: str = "scarring",
    *,
    scale: str | None = None,
    skin_types: str | Sequence[str] = SKIN_TYPES,
    level: float = 0.95,
) -> pd.DataFrame:
    """Change from baseline 1, 3, 6 and 12 months after the last session, of the courses that were scored then.

    Courses that go on have no last session yet; they are left out, as is a score at which the next session was given; a
    course of which nothing tells whether it goes on counts as ended. One row
    per month and `measure`; columns are those of `outcomes.measures.change.ESTIMATES` that apply, intervals as for `observed`:

    - ``change``, ``responders``: from baseline, of the courses scored in that month's window of `FOLLOW_UPS`
    - ``change at 1 month, same courses``: of those of them that were scored 1 month after the last session too, at 1 month
    - ``change since 1 month``: from then on, within the same courses; negative is further improvement

    Raises:
        UsageError: unknown endpoint, scale or skin type, or no scores on it.
    """
    of = endpoint_named(endpoint)
    used = scale_used(records, of, scale)
    counts = _followed(records, of, used, named_types(skin_types))
    rows = []
    for follow_up in FOLLOW_UPS:
        seen = counts[counts[_name(follow_up)] != MISSED]
        pairs = seen.rename(columns={_name(follow_up): "score"})
        rows.append(_row("change", follow_up, used.unit, "t interval", mean_change(pairs, level)))
        rows.append(_row("responders", follow_up, "%", "Wilson", share_of_responders(pairs, used, level)))
        if follow_up.month > 1:
            both = pairs[pairs["month_1"] != MISSED]
            at_first = both[["kind", "n", "baseline", "month_1"]].rename(columns={"month_1": "score"})
            since = both[["kind", "n", "month_1", "score"]].rename(columns={"month_1": "baseline"})
            rows.append(_row("change at 1 month, same courses", follow_up, used.unit, "t interval", mean_change(at_first, level)))
            rows.append(_row("change since 1 month", follow_up, used.unit, "t interval", mean_change(since, level)))
    constants = {"endpoint": of.name, "scale": used.name, "estimand": "observed"}
    return long_frame([constants | row for row in rows])


def appearance(
    records: Records, *, skin_types: str | Sequence[str] = SKIN_TYPES, window: Window | None = None, level: float = 0.95
) -> pd.DataFrame:
    """How the overall appearance and satisfaction were judged after each number of sessions, of those still attending.

    ``improved appearance``: percent judged improved or better (global aesthetic improvement of 3 or less) with Wilson's
    interval, patients' and clinicians' judgements apart (`gais_by`). ``satisfaction``: mean of 0 to 10 with a t interval. Each
    course counts once after each number of sessions: by the judgement nearest to the usual day in the window. Rows for every
    session up to the last one judged; one with n = 0 where nobody was asked.

    Raises:
        UsageError: unknown skin type.
    """
    of_types = nw.col("fitzpatrick").is_in(named_types(skin_types))
    judged = _nearest(records, of_types, "gais", window or records.window, "gais_by")
    asked = _nearest(records, of_types, "satisfaction", window or records.window)
    improved = [
        _improved(of, judge, session, level)
        for judge in ("patient", "clinician", NOBODY_NAMED)
        for session, of in _by_session(judged[judged["gais_by"] == judge])
    ]
    satisfied = [_satisfied(of, session, level) for session, of in _by_session(asked)]
    return long_frame([*(improved or [_improved(judged, NOBODY_NAMED, 1, level)]), *(satisfied or [_satisfied(asked, 1, level)])])


def well_judged(judgements: pd.DataFrame) -> pd.DataFrame:
    """Of rows of `appearance` of one kind, the last session after which at least half as many were asked as at most, and `FEW`; one row or none."""
    known = judgements[judgements["n"] >= FEW].dropna(subset="conf_low")
    return known[known["n"] >= known["n"].max() / 2][-1:]


def _name(follow_up: FollowUp) -> str:
    return f"month_{follow_up.month}"


def _row(measure: str, follow_up: FollowUp, unit: str, method: str, numbers: dict[str, Any]) -> dict[str, Any]:
    return {"measure": measure, "month": follow_up.month, "unit": unit, "method": method} | numbers


def _followed(records: Records, endpoint: Endpoint, scale: Scale, skin_types: list[str]) -> pd.DataFrame:
    """`kind`, `baseline`, `month_1` ... `month_12` (`MISSED` where there is none), `n`: courses with a baseline that do not go on."""
    table = course_table(records, endpoint.name, scale=scale.name)
    present = nw.col("after_0") > (scale.floor if endpoint.present_at_baseline else MISSED)
    chosen = table.filter(present, nw.col("end") != ONGOING, nw.col("skin_type").is_in(skin_types))
    began = hold_few(chosen.select("patient_id", COURSE, nw.col("after_0").alias("baseline")))
    later = hold_few(_after_the_last(records, endpoint, scale))
    names = [_name(follow_up) for follow_up in FOLLOW_UPS]
    for follow_up in FOLLOW_UPS:
        within = later.filter(nw.col("waited").is_between(follow_up.first, follow_up.last))
        key = (nw.col("waited") - follow_up.usual).abs().cast(nw.Int64) * _DAYS + nw.col("day")
        nearest = within.with_columns((key * _VALUES + nw.col("score")).alias("key")).group_by(COURSE).agg(nw.col("key").min())
        began = began.join(nearest.select(COURSE, (nw.col("key") % _VALUES).alias(_name(follow_up))), on=COURSE, how="left")
    filled = began.with_columns(*(nw.col(name).fill_null(MISSED) for name in names))
    return counted_by_patient(filled, ["baseline", *names])


def _after_the_last(records: Records, endpoint: Endpoint, scale: Scale) -> nw.LazyFrame[Any]:
    """`course`, `day`, `waited` (days since the last session) and `score` of every visit after the last session.

    The last session is at the last visit marked as treated, or where a later one is not marked, before the count last rose;
    where that visit is not in the records, on the day expected for it.
    """
    visits = records.frame
    marked = visits.with_columns(nw.when(nw.col("treated")).then(nw.col("day")).alias("treated_day"))
    ends = marked.group_by(COURSE).agg(nw.col("treated_day").max(), nw.col("sessions_completed").max().alias("k"))
    counted = ends.join(expected_days(visits, records.spacing), on=[COURSE, "k"], how="left")
    last = counted.select(COURSE, "k", nw.max_horizontal("treated_day", "session_day").alias("last_day"))
    scored = visits.filter(~nw.col(endpoint.score_column).is_null(), nw.col(endpoint.scale_column) == scale.name)
    rows = scored.select(
        COURSE, "day", nw.col("sessions_completed").alias("k"), nw.col(endpoint.score_column).alias("score")
    ).join(last, on=[COURSE, "k"], how="inner")
    waited = (nw.col("day") - nw.col("last_day")).alias("waited")
    return rows.filter(nw.col("k") > 0).with_columns(waited)


def _nearest(records: Records, chosen: Any, column: str, window: Window, by: str | None = None) -> pd.DataFrame:
    """`kind`, `session`, `value` in hundredths, `by` where asked for, `n`: each course's judgement nearest to the usual day after each session."""
    keys = ["k", *([by] if by else [])]
    judged = records.frame.filter(chosen, ~nw.col(column).is_null(), nw.col("sessions_completed") > 0)
    rows = judged.select(
        "patient_id",
        COURSE,
        "day",
        nw.col("sessions_completed").alias("k"),
        column,
        *([nw.col(by).fill_null(NOBODY_NAMED)] if by else []),
    )
    counted = timed(records.frame, rows, window, records.spacing).filter(nw.col("timing") == COUNTED)
    distance = (nw.col("waited") - window.usual).abs().cast(nw.Int64)
    key = (distance * _DAYS + nw.col("day")) * _VALUES + nw.col(column)
    nearest = counted.with_columns(key.alias("key")).group_by("patient_id", COURSE, *keys).agg(nw.col("key").min())
    values = nearest.with_columns((nw.col("key") % _VALUES).alias("value"))
    return counted_by_patient(values, [*keys, "value"], within="k").rename(columns={"k": "session"})


def _by_session(counts: pd.DataFrame) -> list[tuple[int, pd.DataFrame]]:
    last = int(counts["session"].max()) if len(counts) else 0
    return [(session, counts[counts["session"] == session]) for session in range(1, last + 1)]


def _improved(counts: pd.DataFrame, judge: str, session: int, level: float) -> dict[str, Any]:
    numbers = share_row(counts, counts["value"] <= IMPROVED, level)
    of = {"measure": "improved appearance", "estimand": "observed", "gais_by": judge, "session": session}
    return of | {"unit": "%", "method": "Wilson"} | numbers


def _satisfied(counts: pd.DataFrame, session: int, level: float) -> dict[str, Any]:
    # A change from 0 has the mean and the interval of the values themselves.
    numbers = mean_change(counts.rename(columns={"value": "score"}).assign(baseline=0), level)
    alike = {"note": numbers["note"].replace("every course changed alike", "all answered alike")}
    of = {"measure": "satisfaction", "estimand": "observed", "session": session}
    return of | {"unit": "points of 10", "method": "t interval"} | numbers | alike
