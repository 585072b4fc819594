"""Adverse events and new PIH: how many of how many sessions and courses, exactly.

A visit after k sessions tells of session k: an event counts for it where any visit before the next session says yes. A
session counts only where somebody was asked: where no visit after it records the event, yes or no, it is left out, so that
patients who never came back, or were not asked, are not counted as free of it.
"""

from __future__ import annotations

from math import nan
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.change import FEW, long_frame
from outcomes.contract import EVENTS
from outcomes.engines import collect, hold
from outcomes.errors import UsageError
from outcomes.intervals import chance_limits, clopper_pearson, median_ranks
from outcomes.providers import GROUP, in_order, named_providers, with_provider, with_provider_group
from outcomes.reading import COURSE
from outcomes.records import Records
from outcomes.scales import SKIN_BANDS, SKIN_HALVES, SKIN_TYPES

By = Literal["skin_type", "skin_band", "skin_types", "provider_id"]

ANY = "any event"
"""Any of `EVENTS`: yes where one of them is, no only where all that the records ever hold are recorded as no."""

PER_SESSION, PER_COURSE = "events per session", "events per course"
BY_CHANCE = "events per session, by chance"
RESOLUTION = "days to resolution"

FUNNEL = 0.998
"""The share of providers whom chance alone leaves within the limits: 2 in 1,000 lie beyond though they are like all others."""

_TYPES = {"skin_type": {name: name for name in SKIN_TYPES}, "skin_band": SKIN_BANDS, "skin_types": SKIN_HALVES}


def safety(records: Records, by: By | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """How often each event and new PIH was recorded, per session and per course, with exact intervals; all groups stay as rows.

    `by` is skin_type, skin_band, skin_types (I-III and IV-VI) or provider_id: who gave the session, named where there are at
    least `FEW_COURSES` courses. Columns: those of `outcomes.change.ESTIMATES` that apply. `measure` is

    - ``events per session`` and ``events per course``: percent of the `n` sessions (courses) asked about after which (in
      which) there was the `event`, `events` of them. Sessions of one course count as independent, so per course is the surer one.
    - ``days to resolution``: median of the `n` recorded, of `events` sessions after which there was one; where a visit has
      several events it is the longest of them.
    - ``events per session, by chance``, by provider: the share of all providers together, `events` of theirs, and the limits
      within which 998 of 1,000 providers with as many sessions would lie if all had that share.

    nan with a note where nobody was asked.

    Raises:
        UsageError: unknown `by`.

    References:
        Clopper & Pearson (1934), Biometrika 26:404-413; Spiegelhalter (2005), Stat Med 24:1185-1202 (funnel limits).

    Example:
        >>> import outcomes
        >>> events = outcomes.safety(outcomes.read_records("sample"))
        >>> events["measure"].unique().tolist()
        ['events per session', 'events per course', 'days to resolution']
    """
    if by not in (None, *_TYPES, "provider_id"):
        raise UsageError(f"by must be one of {', '.join(_TYPES)}, provider_id, got {by!r}")
    sessions = hold(_grouped(records, by))
    per_session = _counts(sessions)
    per_course = _counts(sessions.group_by(COURSE, GROUP).agg(*(nw.col(event).max() for event in (ANY, *EVENTS))))
    days = _days(sessions)
    groups = _groups(per_session, by)
    rows = []
    for event in (ANY, *EVENTS):
        named = [({"event": event} | ({by: name} if by else {}), members) for name, members in groups.items()]
        rows += [_share(of, per_session, members, "sessions", level) for of, members in named]
        rows += [_share(of, per_course, members, "courses", level) for of, members in named]
        rows += [_resolution(of, per_session, days, members, level) for of, members in named]
        if by == "provider_id":
            everybody = _total(per_session, event, list(per_session.index))
            rows += [_by_chance(of, _total(per_session, event, members)[0], everybody) for of, members in named]
    return long_frame(rows)


NOBODY = "nobody seen after a session"
"""The note of a group, such as a skin type, of which no course was seen after a session."""


def asked_sessions(records: Records) -> nw.LazyFrame[Any]:
    """One row per course and session that a later visit tells of, on the records' own engine.

    `course`, `k`, `skin_type`, `provider_id` (who gave it, else the only one of the course, else null), each of `EVENTS` and
    `ANY` as 1, 0 or null (not recorded), and `event_days`.
    """
    recorded = collect(records.frame.filter(nw.col("sessions_completed") > 0).select(*(nw.col(name).count() for name in EVENTS)))
    ever = [name for name in EVENTS if recorded[name].iloc[0] > 0]
    after = records.frame.filter(nw.col("sessions_completed") > 0).with_columns(
        *(nw.col(name).cast(nw.Int64) for name in EVENTS), nw.col("sessions_completed").cast(nw.Int64).alias("k")
    )
    sessions = after.group_by(COURSE, "k").agg(
        nw.col("fitzpatrick").min().alias("skin_type"),
        *(nw.col(name).max() for name in EVENTS),
        nw.col("event_days").max(),
    )
    answers = nw.sum_horizontal(*((~nw.col(name).is_null()).cast(nw.Int64) for name in ever)) if ever else nw.lit(-1)
    is_any = nw.max_horizontal(*(nw.col(name) for name in EVENTS))
    sessions = sessions.with_columns(nw.when(is_any == 1).then(nw.lit(1)).when(answers == len(ever)).then(nw.lit(0)).alias(ANY))
    return with_provider(sessions, records)


def _grouped(records: Records, by: str | None) -> nw.LazyFrame[Any]:
    """The sessions with their `GROUP`: the provider, or else the skin type."""
    sessions = asked_sessions(records)
    if by == "provider_id":
        return with_provider_group(sessions, named_providers(records))
    return sessions.with_columns(nw.col("skin_type").alias(GROUP))


def _groups(counts: pd.DataFrame, by: str | None) -> dict[str, list[str]]:
    """Each group in order -> the rows of the counts that it holds; those of a skin type stay though nobody has it."""
    if by is None:
        return {"": list(counts.index)}
    if by == "provider_id":
        return {name: [name] if name in counts.index else [] for name in in_order(counts.index)}
    group_of = _TYPES[by]
    return {group: [name for name in counts.index if group_of[name] == group] for group in dict.fromkeys(group_of.values())}


def _counts(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """One row per group: for each event ``<event> n`` that were asked and ``<event> yes``."""
    counted = collect(
        frame.group_by(GROUP).agg(
            *(nw.col(event).count().alias(f"{event} n") for event in (ANY, *EVENTS)),
            *(nw.col(event).sum().alias(f"{event} yes") for event in (ANY, *EVENTS)),
        )
    )
    return counted.set_index(GROUP).fillna(0).astype("int64").sort_index()


def _days(sessions: nw.LazyFrame[Any]) -> pd.DataFrame:
    """`group`, each event, `event_days`, `n`: sessions with an event of known length."""
    lasted = sessions.filter(nw.col(ANY) == 1, ~nw.col("event_days").is_null())
    return collect(lasted.group_by(GROUP, *EVENTS, "event_days").agg(nw.len().alias("n"))).sort_values("event_days")


def _total(counts: pd.DataFrame, event: str, members: list[str]) -> tuple[int, int]:
    """Those asked about the event in these groups, and those with a yes."""
    of = counts.loc[members]
    return int(of[f"{event} n"].sum()), int(of[f"{event} yes"].sum())


def _share(of: dict[str, str], counts: pd.DataFrame, members: list[str], unit: str, level: float) -> dict[str, Any]:
    n, k = _total(counts, of["event"], members)
    low, high = clopper_pearson(k, n, level)
    numbers = {"n": n, "events": k, "estimate": 100 * k / n if n else nan, "conf_low": 100 * low, "conf_high": 100 * high}
    measure = PER_SESSION if unit == "sessions" else PER_COURSE
    return (
        {"measure": measure}
        | of
        | numbers
        | {"unit": f"% of {unit}", "method": "Clopper-Pearson", "note": _few(n, unit) if members else NOBODY}
    )


def _by_chance(of: dict[str, str], n: int, everybody: tuple[int, int]) -> dict[str, Any]:
    asked, yes = everybody
    share = yes / asked if asked else nan
    low, high = chance_limits(n, share, FUNNEL)
    numbers = {"n": n, "events": yes, "estimate": 100 * share, "conf_low": 100 * low, "conf_high": 100 * high}
    method = f"exact binomial, {100 * FUNNEL:g} % by chance"
    return {"measure": BY_CHANCE} | of | numbers | {"unit": "% of sessions", "method": method, "note": _few(n, "sessions")}


def _resolution(of: dict[str, str], counts: pd.DataFrame, days: pd.DataFrame, members: list[str], level: float) -> dict[str, Any]:
    asked, events = _total(counts, of["event"], members)
    of_event = days[days[GROUP].isin(members) & (True if of["event"] == ANY else days[of["event"]] == 1)]
    lasted = np.repeat(of_event["event_days"].to_numpy(np.int64), of_event["n"].to_numpy(np.int64))
    ranks = median_ranks(len(lasted), level)
    low, high = (float(lasted[rank - 1]) for rank in ranks) if ranks else (nan, nan)
    if asked == 0 or events == 0:
        note = "no events" if asked else "not recorded"
    else:
        note = "no length recorded" if len(lasted) == 0 else "" if ranks else "too few for an interval"
    numbers = {"n": len(lasted), "events": events, "estimate": float(np.median(lasted)) if len(lasted) else nan}
    interval = {"conf_low": low, "conf_high": high, "unit": "days", "method": "median, order statistics", "note": note}
    return {"measure": RESOLUTION} | of | numbers | interval


def _few(n: int, unit: str) -> str:
    few = f"{n} {unit.removesuffix('s') if n == 1 else unit}, too few"
    return "not recorded" if n == 0 else few if n < FEW else ""
