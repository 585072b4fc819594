"""What may be published of a cohort: few numbers, all of them made here, of counts that are rounded or withheld.

No other measure is for the public: their numbers rest on counts as they are. A `Release` says no more than its counts do, and these
follow the rule of `outcomes.statistics.suppression`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import nan
from typing import Any, NamedTuple

import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.events import ANY
from outcomes.cohort.patients import SKIN_TYPE
from outcomes.cohort.public import PublicCohort, whole_of
from outcomes.cohort.read import cohort_of
from outcomes.definitions.columns import EVENTS, NEW_PIH
from outcomes.definitions.fitzpatrick import SKIN_HALVES, SKIN_TYPES, UNKNOWN_TYPE
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.thresholds import ENOUGH_SCORED
from outcomes.measures.adverse_events import PER_COURSE, adverse_events
from outcomes.measures.estimates import long_frame
from outcomes.measures.patients import SHARE
from outcomes.measures.release_changes import changes, changes_by_types
from outcomes.measures.release_draft import (
    COURSES,
    PATIENTS,
    RULE,
    Draft,
    Row,
    Shown,
    courses_of,
    courses_of_types,
    has_unknown,
    numbers_of,
    percent_of,
)
from outcomes.records.records import Records
from outcomes.statistics.intervals import clopper_pearson
from outcomes.statistics.suppression import Key

TREATED, WITH_EVENT = "treated", "courses with the event"
"""Measures of a release beside ``share``, ``change`` and ``responders``."""

COUNTED, EXACT = "rounded counts", "Clopper-Pearson on rounded counts"


class Release(NamedTuple):
    """What may be published, as estimates: who was `treated`, change and share improved of all (`change`), change `by_skin_types`, and `events`."""

    treated: pd.DataFrame
    change: pd.DataFrame
    by_skin_types: pd.DataFrame
    events: pd.DataFrame


def release(cohort: Cohort | Records | PublicCohort) -> Release:
    """What may be published of a cohort: counts of 1 to 7 are withheld, all others rounded to 5, and nothing rests on fewer than 8.

    Where the sums of what is left would give a small count back, others are withheld too. Per cents are those of rounded counts; the
    ends of intervals are moved outwards, to such a per cent or to a tenth of a grade or point. A split by skin types is given whole or
    not at all. There is no least or greatest value, no median, no provider and no single course. Nothing can be set, so that the same
    records have one release only.

    References:
        Hundepool et al. (2012), Statistical Disclosure Control.

    Example:
        >>> import outcomes
        >>> found = outcomes.release(outcomes.read_cohort("sample"))
        >>> found.change.query("measure == 'change'")["n"].tolist()[:4]
        [230, 195, 165, 145]
    """
    whole = cohort_of(whole_of(cohort))
    draft = Draft()
    several = whole.tallies() if whole.endpoints else []
    rows = (
        _treated(whole, draft),
        [row for tally in several for row in changes(tally, draft)],
        [row for tally in several for row in changes_by_types(tally, draft)],
        _events(whole, draft),
    )
    shown = draft.released()
    return Release(*(_framed(made for row in part if (made := row(shown))) for part in rows))


def released_session(change: pd.DataFrame) -> int:
    """The session that a release speaks of: the last one after which at least half of the courses that began were scored; 0 where there is none."""
    first = (
        change[(change["endpoint"] == change["endpoint"].iloc[0]) & (change["measure"] == "change")] if len(change) else change
    )
    began = first.loc[first["session"] == 0, "n"].max() if len(first) else 0
    reached = first[(first["session"] > 0) & (first["n"] >= ENOUGH_SCORED * began)]["session"]
    return int(reached.max()) if len(reached) else 0


def _framed(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as estimates, with the columns of a change where there are none."""
    found = [*rows]
    blank = dict.fromkeys(("endpoint", "scale", "measure", "estimand", "skin_types", "unit"), "")
    frame = long_frame(found or [blank | {"session": 0, "n": 0, "estimate": nan, "conf_low": nan, "conf_high": nan, "note": ()}])
    if any("baseline" in row for row in found):
        frame = frame.assign(baseline=[row["baseline"] for row in found])
    return frame[: len(found)]


# Who was treated


def _treated(cohort: Cohort, draft: Draft) -> list[Row]:
    draft.add(COURSES, cohort.courses)
    draft.add(PATIENTS, cohort.patients, within=COURSES)
    counted = cohort.part("patients")
    of_type = counted[counted["variable"] == SKIN_TYPE].groupby("level")["n"].sum()
    courses = cohort.part("skin_types").groupby("skin_type")["n"].sum()
    types = [*SKIN_TYPES, *([UNKNOWN_TYPE] if courses.get(UNKNOWN_TYPE, 0) else [])]
    of_type[UNKNOWN_TYPE] = cohort.patients - of_type.reindex(SKIN_TYPES, fill_value=0).sum()
    for name in types:
        draft.hide(courses_of(name), int(courses.get(name, 0)))
        draft.add((PATIENTS, name), int(of_type.get(name, 0)), within=courses_of(name))
    draft.sum(PATIENTS, [(PATIENTS, name) for name in types])
    draft.sum(COURSES, [courses_of(name) for name in types])
    totals: list[Row] = [_counted({"measure": TREATED, "level": name}, name) for name in (PATIENTS, COURSES)]
    words = {"measure": SHARE, "variable": SKIN_TYPE, "unit": "% of patients"}
    return [*totals, *(_share(words | {"level": name}, PATIENTS, (PATIENTS, name)) for name in types)]


# Adverse events


def _events(cohort: Cohort, draft: Draft) -> list[Row]:
    every = _per_course(adverse_events(cohort)).to_dict("records")
    rows = [_event(row, draft, COURSES) for row in every]
    named = [("with", name, "") for name in EVENTS]
    for key in named:
        draft.part(("with", ANY, ""), key)
    draft.sum(("with", ANY, ""), named, is_cover=True)
    apart = _per_course(adverse_events(cohort, by="skin_types"))
    totals = {row["event"]: row for row in every}
    for event, halves in apart[apart["event"].isin([ANY, NEW_PIH])].groupby("event", sort=False):
        both = halves.to_dict("records")
        rest = {of: totals[event][of] - sum(row[of] for row in both) for of in ("n", "events")}
        if any(RULE.is_small(int(few)) for few in rest.values()) or any(
            row["n"] == 0 or RULE.is_small(row["n"]) or RULE.is_small(row["events"]) for row in both
        ):
            continue
        for row in both:
            types = [name for name in SKIN_TYPES if SKIN_HALVES[name] == row["skin_types"]]
            rows.append(_event(row, draft, courses_of_types(draft, types), str(row["skin_types"])))
        for of in ("asked", "with"):
            draft.sum((of, event, ""), [(of, event, str(row["skin_types"])) for row in both], has_others=has_unknown(draft))
    return rows


def _per_course(events: pd.DataFrame) -> pd.DataFrame:
    return events[events["measure"] == PER_COURSE]


def _event(row: dict[str, Any], draft: Draft, courses: Key, group: str = "") -> Row:
    asked, events = (("asked", row["event"], group), ("with", row["event"], group))
    draft.add(asked, int(row["n"]), within=courses)
    draft.add(events, int(row["events"]), within=asked)
    words = {"measure": WITH_EVENT, "event": row["event"], "unit": "% of courses"} | ({"skin_types": group} if group else {})
    return _share(words, asked, events, has_interval=True)


def _counted(words: dict[str, Any], key: Key) -> Row:
    def made(shown: Shown) -> dict[str, Any]:
        return words | {"unit": ""} | numbers_of(shown.counts[key], (nan, nan, nan, shown.note(key)), COUNTED)

    return made


def _share(words: dict[str, Any], n: Key, key: Key, *, has_interval: bool = False) -> Row:
    """A count of those of `n`, with its per cent, which says no more than the two."""

    def made(shown: Shown) -> dict[str, Any]:
        of, events, method = shown.counts[n], shown.counts[key], EXACT if has_interval else COUNTED
        note = shown.note(n) or shown.note(key)
        if of is not None and events is not None and events >= of > 0:
            events, note = None, (Note(NoteCode.WITHHELD),)
        if of == 0:
            note = (Note(NoteCode.NOT_RECORDED),)
        if of is None or events is None or of == 0:
            return words | {"events": nan if events is None else events} | numbers_of(of, (nan, nan, nan, note), method)
        ends = clopper_pearson(events, of) if has_interval else (nan, nan)
        numbers = (percent_of(events, of), 100 * ends[0], 100 * ends[1], note)
        return words | {"events": events} | numbers_of(of, numbers, method)

    return made
