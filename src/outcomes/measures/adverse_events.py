"""Adverse events and new PIH: how often per session and per course, for whom, and by whom, the patient as the unit.

What is counted is in `outcomes.cohort.events`, the rates and their intervals in `outcomes.statistics.clustered_rates`, providers in `outcomes.statistics.funnel`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.events import ANY, KIND, TYPES, YES, Asked, answer, groups_of, kinds
from outcomes.cohort.providers import GROUP, OTHERS, groups_shown
from outcomes.cohort.read import cohort_of
from outcomes.definitions.columns import EVENTS, NOT_RECORDED
from outcomes.definitions.fitzpatrick import SKIN_HALVES, SKIN_TYPES, UNKNOWN_TYPE
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.thresholds import FEW, FUNNEL
from outcomes.errors import UsageError
from outcomes.measures.estimates import long_frame
from outcomes.measures.groups import ByProvider
from outcomes.records.records import Records
from outcomes.statistics.clustered_rates import Patients, Rate, design_effect, per_course, per_session, unasked
from outcomes.statistics.funnel import Place, places
from outcomes.statistics.intervals import median_ranks, newcombe

PER_SESSION, PER_COURSE = "events per session", "events per course"
STANDARDISED, BY_CHANCE = "events per session, standardised", "events per session, by chance"
RESOLUTION = "days to resolution"
APART = "difference in events per course"

LIGHTER, DARKER = dict.fromkeys(SKIN_HALVES.values())
"""The two groups of skin types that are compared."""

_EFFECTIVE = "Clopper-Pearson on patients' effective numbers"


_STRATA = [*SKIN_TYPES, UNKNOWN_TYPE]
"""By what rates of providers are standardised."""


@dataclass(frozen=True)
class _Group:
    """What stands in the first columns of a row, and the counts of `kinds` that it is made from."""

    names: dict[str, str]
    counts: pd.DataFrame
    is_seen: bool
    usual: int

    @cached_property
    def patients(self) -> Patients:
        """The counts as arrays; those who were not asked are left out."""
        of = self.counts[self.counts["asked"] > 0]
        people, asked, yes, longest = (of[name].to_numpy(np.int64) for name in (KIND, "asked", "yes", "longest"))
        risk, first = (of.filter(regex=f"^{name}_").to_numpy(np.int64) for name in ("risk", "first"))
        return Patients(people, asked, yes, longest, risk, first)

    @cached_property
    def by_skin_type(self) -> pd.DataFrame:
        """Sessions `asked` about and those with the event (`yes`) of each skin type, over all patients."""
        sessions = self.counts[["asked", "yes"]].mul(self.counts[KIND], axis=0).groupby(self.counts["skin_type"]).sum()
        return sessions.reindex(_STRATA, fill_value=0)

    @cached_property
    def totals(self) -> dict[str, int]:
        """Sessions `asked` about and those with the event (`yes`), `courses` asked about and those `with_event`, over all patients."""
        people = self.counts[KIND].to_numpy(np.int64)
        return {name: int(people @ self.counts[name].to_numpy(np.int64)) for name in ("asked", "yes", "courses", "with_event")}


def adverse_events(cohort: Cohort | Records, by: ByProvider | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """How often each event and new PIH was recorded, per session and per course, with intervals; all groups stay as rows.

    `by` is skin_type, skin_band, skin_types (I-III and IV-VI) or provider_id: who gave the session, named where there are at
    least `FEW_COURSES` courses. Columns: those of `outcomes.definitions.estimates.ESTIMATES` that apply. `measure` is

    - ``events per session``: percent of the `n` sessions asked about after which there was the `event`, `events` of them.
    - ``events per course``: percent of courses of `session` sessions in which there would be the event, had each session been
      asked about, from a life table; `session` is the usual number here (`outcomes.cohort.events.Asked.usual`), the same for all
      rows. `n` and `events` are plain counts: courses asked about at all, and those in which it was recorded, whenever.
    - ``days to resolution``: median of the `n` recorded, of `events` sessions after which there was one; where a visit has
      several events it is the longest of them.
    - ``events per session, standardised``, by provider: the rate of all providers times the provider's recorded events over
      those expected had each skin type the rate that it has with all (`note` says how many), and its interval.
    - ``events per session, by chance``, by provider: the rate of all together, `events` of theirs, and the limits within which
      998 of 1,000 providers with as many sessions would lie if they differed as much as the others do among themselves.

    The patient is the unit: intervals are exact on so many independent sessions or courses as tell as much. nan with a note
    where nobody was asked.

    Raises:
        UsageError: unknown `by`.

    References:
        Kaplan & Meier (1958), JASA 53:457-481; Clopper & Pearson (1934), Biometrika 26:404-413; Rao & Scott (1992), Biometrics
        48:577-585; Spiegelhalter (2005), Stat Med 24:1185-1202.

    Example:
        >>> import outcomes
        >>> events = outcomes.adverse_events(outcomes.read_cohort("sample"))
        >>> events["measure"].unique().tolist()
        ['events per session', 'events per course', 'days to resolution']
    """
    if by not in (None, *TYPES, "provider_id"):
        raise UsageError(f"by must be one of {', '.join(TYPES)}, provider_id, got {by!r}")
    counts, usual = _counts(cohort_of(cohort), by)
    days = _lengths(cohort_of(cohort), by)
    groups = groups_of(sorted(counts[GROUP].unique()), by)
    rows = []
    for event in (ANY, *EVENTS):
        of = counts[counts["event"] == event]
        named = [
            _Group({"event": event} | ({by: name} if by else {}), of[of[GROUP].isin(members)], bool(members), usual)
            for name, members in groups.items()
        ]
        rows += [_of_sessions(group, level) for group in named]
        rows += [_of_courses(group, level) for group in named]
        rows += [
            _resolution(group, days[days[GROUP].isin(members)], level)
            for group, members in zip(named, groups.values(), strict=True)
        ]
        if by == "provider_id":
            rows += _funnel(_Group({}, of, True, usual), named, level)
    return long_frame(rows)


def adverse_event_differences(cohort: Cohort | Records, *, level: float = 0.95) -> pd.DataFrame:
    """By how much each event and new PIH is more frequent in skin types IV-VI than in I-III: one row for each, percentage points.

    `estimate` is the percent of courses of `session` sessions with the `event` in types IV-VI less that in I-III, both from
    the life tables of `adverse_events`; above 0 is more frequent in IV-VI. The interval is that of a difference of two independent
    proportions, on patients' effective numbers. `n` courses of both were asked about, `events` of them had it recorded. nan
    with a note where either has no rate. Measured coverage of 95 %: .941 to .995 with 60 and 40 to 400 and 300 courses, risks of 2 to
    30 %, all or half of the sessions asked about (1,000 runs); equal groups of 130 and 100 courses are told apart in .02 to .05.

    References:
        Newcombe (1998), Stat Med 17:873-890, method 10; Rao & Scott (1992), Biometrics 48:577-585.

    Example:
        >>> import outcomes
        >>> apart = outcomes.adverse_event_differences(outcomes.read_cohort("sample"))
        >>> apart.loc[apart["event"] == "new_pih", "estimate"].round(1).tolist()
        [-0.3]
    """
    counts, usual = _counts(cohort_of(cohort), "skin_types")
    groups = groups_of(sorted(counts[GROUP].unique()), "skin_types")
    rows = []
    for event in (ANY, *EVENTS):
        of = counts[counts["event"] == event]
        lighter, darker = (_Group({}, of[of[GROUP].isin(groups[name])], True, usual) for name in (LIGHTER, DARKER))
        rows.append({"event": event, "skin_types": DARKER} | _difference(darker, lighter, level))
    return long_frame(rows)


def course_row(cohort: Cohort, event: str, usual: int, level: float) -> tuple[dict[str, Any], Rate]:
    """The row of ``events per course`` of one event over courses of `usual` sessions, everybody together, and its rate."""
    asked = Asked(cohort.part("asked"))
    group = _Group({"event": event}, kinds(asked, asked.skin_type, asked.skin_types, usual, (event,)), True, usual)
    return _of_courses(group, level), per_course(group.patients, level)


def usual_sessions(cohort: Cohort) -> int:
    """The number of sessions of which ``events per course`` speaks."""
    return Asked(cohort.part("asked")).usual


def _counts(cohort: Cohort, by: str | None) -> tuple[pd.DataFrame, int]:
    """What `kinds` counts by provider, or else by skin type, and the usual number of sessions."""
    return _counted(cohort, "provider_id" if by == "provider_id" else "skin_type")


@lru_cache(maxsize=4)
def _counted(cohort: Cohort, by: str) -> tuple[pd.DataFrame, int]:
    """The same; a cohort asked again is not counted again."""
    asked = Asked(cohort.part("asked"))
    usual = asked.usual
    if by != "provider_id":
        return kinds(asked, asked.skin_type, asked.skin_types, usual), usual
    shown = groups_shown(asked.providers, cohort.part("providers"))
    names = sorted(set(shown))
    group = np.array([names.index(name) for name in shown], np.int64)[asked.provider]
    return kinds(asked, group, names, usual), usual


def _lengths(cohort: Cohort, by: str | None) -> pd.DataFrame:
    """`GROUP`, `answers`, `event_days` and `n` of the sessions with an event of known length."""
    lasted = cohort.part("event_lengths")
    group = groups_shown(lasted["provider"], cohort.part("providers")) if by == "provider_id" else lasted["skin_type"]
    return lasted.assign(**{GROUP: group}).sort_values("event_days")


def _difference(darker: _Group, lighter: _Group, level: float) -> dict[str, Any]:
    one, other = (per_course(group.patients, level) for group in (darker, lighter))
    low, high = (
        newcombe(one.share * one.effective, one.effective, other.share * other.effective, other.effective, level)
        if one.effective and other.effective
        else (nan, nan)
    )
    (n, events), (n_lighter, events_lighter) = (
        (group.totals["courses"], group.totals["with_event"]) for group in (darker, lighter)
    )
    notes = [
        Note(NoteCode.OF_TYPES, names=(name,), why=why)
        for name, group in ((LIGHTER, lighter), (DARKER, darker))
        if (why := _why_none(group))
    ]
    return {
        "measure": APART,
        "session": darker.usual or nan,
        "n": n + n_lighter,
        "events": events + events_lighter,
        "estimate": 100 * (one.share - other.share),
        "conf_low": 100 * low,
        "conf_high": 100 * high,
        "unit": "percentage points",
        "method": "life tables, Newcombe's method 10 on patients' effective numbers",
        "note": tuple(notes),
    }


def _of_sessions(group: _Group, level: float) -> dict[str, Any]:
    n, events = group.totals["asked"], group.totals["yes"]
    rate = per_session(group.patients, level)
    return _row(PER_SESSION, group, n, events, rate, "sessions", _EFFECTIVE, _few(group, n, "sessions"))


def _of_courses(group: _Group, level: float) -> dict[str, Any]:
    n, events = (group.totals["courses"], group.totals["with_event"])
    rate = per_course(group.patients, level)
    why = _why_none(group)
    bound = [Note(NoteCode.FEWEST_ASKED, float(rate.effective))] if rate.share == 0 and rate.effective < n else []
    notes = (*_few(group, n, "courses"), *(why if n else ()), *bound)
    row = _row(PER_COURSE, group, n, events, rate, "courses", f"life table, {_EFFECTIVE}", notes)
    return row | {"session": group.usual or nan}


def _why_none(group: _Group) -> Notes:
    """Why there is no life table: nobody was asked at all, or about one of its sessions."""
    if group.totals["asked"] == 0:
        return (Note(NoteCode.NOBODY_ASKED),)
    silent = unasked(group.patients)
    return (Note(NoteCode.UNASKED_SESSIONS, names=tuple(map(str, silent))),) if silent else ()


def _row(measure: str, group: _Group, n: int, events: int, rate: Rate, unit: str, method: str, note: Notes) -> dict[str, Any]:
    low, high = rate.interval
    numbers = {"n": n, "events": events, "estimate": 100 * rate.share, "conf_low": 100 * low, "conf_high": 100 * high}
    return {"measure": measure} | group.names | numbers | {"unit": f"% of {unit}", "method": method, "note": note}


def _few(group: _Group, n: int, unit: str) -> Notes:
    if not group.is_seen:
        return (Note(NoteCode.NOBODY_SEEN),)
    if n == 0:
        return (Note(NoteCode.NOT_RECORDED),)
    return (Note(NoteCode.TOO_FEW, n, unit=unit),) if n < FEW else ()


def _resolution(group: _Group, days: pd.DataFrame, level: float) -> dict[str, Any]:
    asked, events = group.totals["asked"], group.totals["yes"]
    event = group.names["event"]
    of_event = days if event == ANY else days[answer(days["answers"], event) == YES]
    lasted = np.repeat(of_event["event_days"].to_numpy(np.int64), of_event["n"].to_numpy(np.int64))
    ranks = median_ranks(len(lasted), level)
    low, high = (float(lasted[rank - 1]) for rank in ranks) if ranks else (nan, nan)
    if asked == 0 or events == 0:
        note: Notes = (Note(NoteCode.NO_EVENTS if asked else NoteCode.NOT_RECORDED),)
    elif ranks:
        note = ()
    else:
        note = (Note(NoteCode.TOO_FEW_LENGTHS if len(lasted) else NoteCode.NO_LENGTH),)
    numbers = {"n": len(lasted), "events": events, "estimate": float(np.median(lasted)) if len(lasted) else nan}
    interval = {"conf_low": low, "conf_high": high, "unit": "days", "method": "median, order statistics", "note": note}
    return {"measure": RESOLUTION} | group.names | numbers | interval


def _funnel(everybody: _Group, providers: list[_Group], level: float) -> list[dict[str, Any]]:
    """Two rows for each provider: the rate standardised by skin type, and where chance would leave it."""
    asked, yes = (
        np.array([[int(group.by_skin_type.at[name, of]) for name in _STRATA] for group in providers]) for of in ("asked", "yes")
    )
    named = np.array([group.names["provider_id"] not in (OTHERS, NOT_RECORDED) for group in providers])
    found = places(asked, yes, named, design_effect(everybody.patients), FUNNEL)
    overall = yes.sum() / asked.sum() if asked.sum() else nan
    return [
        *(_standardised(group, place, overall, level) for group, place in zip(providers, found, strict=True)),
        *(_by_chance(group, place, overall, int(yes.sum())) for group, place in zip(providers, found, strict=True)),
    ]


def _standardised(group: _Group, place: Place, overall: float, level: float) -> dict[str, Any]:
    n, events = group.totals["asked"], group.totals["yes"]
    crude = per_session(group.patients, level)
    low, high = crude.interval
    rate = Rate(
        crude.share * place.factor, type(crude.interval)(low * place.factor, min(1.0, high * place.factor)), crude.effective
    )
    note = (*_few(group, n, "sessions"), *_due(place, n))
    return _row(STANDARDISED, group, n, events, rate, "sessions", f"by skin type, {_EFFECTIVE}", note)


def _due(place: Place, n: int) -> Notes:
    if place.expected:
        return (Note(NoteCode.EXPECTED, float(place.expected)),)
    return (Note(NoteCode.NONE_EXPECTED),) if n else ()


def _by_chance(group: _Group, place: Place, overall: float, events: int) -> dict[str, Any]:
    n = group.totals["asked"]
    rate = Rate(overall, place.limits, nan)
    method = f"binomial by skin type and dispersion, {100 * FUNNEL:g} % by chance"
    return _row(BY_CHANCE, group, n, events, rate, "sessions", method, _few(group, n, "sessions"))
