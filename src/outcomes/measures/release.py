"""What may be published of a cohort: few numbers, all of them made here, of counts that are rounded or withheld.

No other measure is for the public: their numbers rest on counts as they are. A `Release` says no more than its counts do, and these
follow the rule of `outcomes.statistics.suppression`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import ceil, floor, isnan, nan
from typing import Any, NamedTuple

import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.events import ANY
from outcomes.cohort.patients import SKIN_TYPE
from outcomes.cohort.public import PublicCohort, whole_of
from outcomes.cohort.read import cohort_of
from outcomes.cohort.tally import Tally
from outcomes.definitions.columns import EVENTS, NEW_PIH
from outcomes.definitions.fitzpatrick import SKIN_HALVES, SKIN_TYPES, UNKNOWN_TYPE
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.thresholds import ENOUGH_SCORED
from outcomes.measures.adverse_events import PER_COURSE, adverse_events
from outcomes.measures.baselines import mean_baseline
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.estimates import long_frame
from outcomes.measures.groups import groups_of
from outcomes.measures.patients import SHARE
from outcomes.measures.release_draft import RULE, Draft, Shown
from outcomes.records.records import Records
from outcomes.statistics.intervals import clopper_pearson
from outcomes.statistics.suppression import Key

TREATED, WITH_EVENT = "treated", "courses with the event"
"""Measures of a release beside ``share``, ``change`` and ``responders``."""

MODELLED, COUNTED, EXACT = "attended-session chain, rounded", "rounded counts", "Clopper-Pearson on rounded counts"

COURSES, PATIENTS = "courses", "patients"

Row = Callable[[Shown], dict[str, Any] | None]
"""One row to come: from the counts as they are published, or None where it is not."""


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
        [row for tally in several for row in _changes(tally, draft)],
        [row for tally in several for row in _changes_by_types(tally, draft)],
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
        draft.hide(_courses_of(name), int(courses.get(name, 0)))
        draft.add((PATIENTS, name), int(of_type.get(name, 0)), within=_courses_of(name))
    draft.sum(PATIENTS, [(PATIENTS, name) for name in types])
    draft.sum(COURSES, [_courses_of(name) for name in types])
    totals: list[Row] = [_counted({"measure": TREATED, "level": name}, name) for name in (PATIENTS, COURSES)]
    words = {"measure": SHARE, "variable": SKIN_TYPE, "unit": "% of patients"}
    return [*totals, *(_share(words | {"level": name}, PATIENTS, (PATIENTS, name)) for name in types)]


def _courses_of(*types: str) -> Key:
    return (COURSES, *types)


def _courses_of_types(draft: Draft, types: list[str]) -> Key:
    """All courses of several skin types, which anybody can bound by those of each."""
    together = _courses_of(*types)
    if together not in draft.counts:
        draft.hide(together, sum(draft.counts[_courses_of(name)] for name in types))
        draft.sum(together, [_courses_of(name) for name in types])
    return together


# Change and share improved


def _changes(tally: Tally, draft: Draft) -> Iterator[Row]:
    """The rows of everybody, up to the first session after which too few were scored."""
    found = continued_by_session(tally).to_dict("records")
    name = tally.endpoint.name
    last = _last_session([found])
    for row in found:
        if row["session"] > last:
            continue
        key = "scored", name, "", int(row["session"])
        draft.add(key, int(row["n"]), within=COURSES if row["session"] == 0 else ("scored", name, "", 0))
        yield _modelled(row | {"baseline": round(mean_baseline(tally), 1)}, key, draft)


def _changes_by_types(tally: Tally, draft: Draft) -> Iterator[Row]:
    """The rows of each group of skin types, up to the first session after which too few of any group were scored."""
    groups = groups_of(tally, "skin_types")
    frame, name = continued_by_session(tally, by="skin_types"), tally.endpoint.name
    began = frame[(frame["session"] == 0) & (frame["n"] > 0)]["skin_types"].tolist()
    each = {group: frame[frame["skin_types"] == group].to_dict("records") for group in began}
    last = min(_last_session([*each.values()]), _last_without_few(frame, continued_by_session(tally))) if len(began) > 1 else -1
    for k in range(last + 1):
        for group, found in each.items():
            types = [of for of in SKIN_TYPES if groups[of] == group]
            for row in found:
                if row["session"] != k or row["measure"] != "change":
                    continue
                key = "scored", name, group, k
                draft.add(key, int(row["n"]), within=("scored", name, group, 0) if k else _courses_of_types(draft, types))
                yield _modelled(row, key, draft)
        draft.sum(("scored", name, "", k), [("scored", name, group, k) for group in each], has_others=_has_unknown(draft))


def _has_unknown(draft: Draft) -> bool:
    return _courses_of(UNKNOWN_TYPE) in draft.counts


def _last_without_few(groups: pd.DataFrame, everybody: pd.DataFrame) -> int:
    """The last session up to which those without a skin type are not few: their mean would follow from all others."""
    own, whole = (frame[frame["measure"] == "change"].groupby("session")["n"].sum() for frame in (groups, everybody))
    rest = whole.sub(own, fill_value=0)
    return int(min([session for session, n in rest.items() if RULE.is_small(int(n))] or [whole.index.max() + 1])) - 1


def _last_session(several: list[list[dict[str, Any]]]) -> int:
    """The last session up to which nobody's count is small in any of several groups; below 0 where there is none."""
    fewest: dict[int, int] = {}
    for row in (row for rows in several for row in rows):
        k = int(row["session"])
        fewest[k] = min(fewest.get(k, int(row["n"])), int(row["n"]))
    small = [k for k, n in fewest.items() if n == 0 or RULE.is_small(n)]
    return min([*small, max(fewest, default=-1) + 1]) - 1


def _modelled(row: dict[str, Any], n: Key, draft: Draft) -> Row:
    """A change or a share improved had every patient continued, with nothing noted, as notes hold counts."""
    kept = {name: row[name] for name in ("endpoint", "scale", "measure", "estimand", "session", "unit")}
    kept |= {name: row[name] for name in ("skin_types", "baseline") if name in row}
    numbers = row["estimate"], row["conf_low"], row["conf_high"]
    if row["measure"] == "change":
        return _change(kept, numbers, n, is_start=row["session"] == 0)
    key, courses = ("improved", *n), draft.counts[n]  # type: ignore[misc]
    each = [nan if isnan(value) else value * courses / 100 for value in numbers]
    if not any(map(isnan, each)):
        draft.add(key, min(courses, max(round(each[0]), ceil(each[0] > 0))), within=n)
    return _improved(kept, each, n, key)


def _change(words: dict[str, Any], numbers: tuple[float, ...], n: Key, *, is_start: bool) -> Row:
    def made(shown: Shown) -> dict[str, Any] | None:
        if shown.counts[n] is None:
            return None
        estimate, low, high = numbers
        if is_start:
            return words | _numbers(shown.counts[n], (0.0, nan, nan, ()), MODELLED)
        # Without an interval all may have changed alike, which would tell of each of them.
        if isnan(low):
            return None
        return words | _numbers(shown.counts[n], (round(estimate, 1) + 0.0, _tenth(floor, low), _tenth(ceil, high), ()), MODELLED)

    return made


def _improved(words: dict[str, Any], ends: list[float], n: Key, key: Key) -> Row:
    def made(shown: Shown) -> dict[str, Any] | None:
        of, events = shown.counts[n], shown.counts.get(key)
        # None of them, or all, would tell of each.
        if of is None or not events or events >= of:
            return None
        step = RULE.step
        low, high = step * floor(ends[1] / step), step * ceil(ends[2] / step)
        known = (_percent(events, of), _percent(low, of), _percent(high, of), ())
        return words | _numbers(of, known, MODELLED)

    return made


def _tenth(to: Callable[[float], int], value: float) -> float:
    return nan if isnan(value) else to(round(10 * value, 6)) / 10 + 0.0


def _percent(part: float, whole: int) -> float:
    return min(100.0, 100 * part / whole)


def _numbers(n: int | None, numbers: tuple[float, float, float, Notes], method: str) -> dict[str, Any]:
    estimate, low, high, note = numbers
    ends = {"estimate": estimate, "conf_low": low, "conf_high": high}
    return {"n": nan if n is None else n} | ends | {"method": method, "note": note}


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
            rows.append(_event(row, draft, _courses_of_types(draft, types), str(row["skin_types"])))
        for of in ("asked", "with"):
            draft.sum((of, event, ""), [(of, event, str(row["skin_types"])) for row in both], has_others=_has_unknown(draft))
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
        return words | {"unit": ""} | _numbers(shown.counts[key], (nan, nan, nan, shown.note(key)), COUNTED)

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
            return words | {"events": nan if events is None else events} | _numbers(of, (nan, nan, nan, note), method)
        ends = clopper_pearson(events, of) if has_interval else (nan, nan)
        numbers = (_percent(events, of), 100 * ends[0], 100 * ends[1], note)
        return words | {"events": events} | _numbers(of, numbers, method)

    return made
