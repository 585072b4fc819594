"""Sessions asked about: what the visits after each session say of every adverse event, course by course.

A visit after k sessions tells of session k: an event counts for it where any visit before the next session says yes. A
session counts only where somebody was asked: where no visit after it records the event, yes or no, it is left out, so that
patients who never came back, or were not asked, are not counted as free of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.cohort.counting import Counting
from outcomes.cohort.counts import MISSED, linked
from outcomes.cohort.providers import GROUP, in_order, with_provider
from outcomes.definitions.columns import EVENTS
from outcomes.definitions.fitzpatrick import SKIN_BANDS, SKIN_HALVES, SKIN_TYPES, UNKNOWN_TYPE
from outcomes.records.parse import COURSE
from outcomes.statistics.arrays import Floats

ANY = "any event"
"""Any of `EVENTS`: yes where one of them is, no only where all that the records ever hold are recorded as no."""

TYPES = {"skin_type": {name: name for name in SKIN_TYPES}, "skin_band": SKIN_BANDS, "skin_types": SKIN_HALVES}
"""What events can be split by, but for the provider -> the group of each skin type."""

KIND = "patients"
"""How many patients are of a kind, in `kinds`."""

BLANK, NO, YES = 0, 1, 2
"""What the visits after a session say of an event."""


def asked_sessions(counting: Counting) -> nw.LazyFrame[Any]:
    """One row per course and session that a later visit tells of, on the records' own engine.

    `course`, `k`, `patient_id`, `skin_type`, `provider` (who gave it, else the only one of the course, else blank), `answers`:
    one digit to the base 3 for each of `EVENTS`, 0 not recorded, 1 no, 2 yes; `is_any` where one is yes, and `event_days`.
    """
    after = counting.frame.filter(nw.col("sessions_completed") > 0).with_columns(
        *(nw.col(name).cast(nw.Int64) for name in EVENTS), nw.col("sessions_completed").cast(nw.Int64).alias("k")
    )
    sessions = after.group_by(COURSE, "k").agg(
        nw.col("patient_id").min(),
        nw.col("skin_type").min(),
        *(nw.col(name).max() for name in EVENTS),
        nw.col("event_days").max(),
    )
    digits = [(nw.col(name) + 1).fill_null(BLANK).cast(nw.Int64) * 3**place for place, name in enumerate(EVENTS)]
    is_any = nw.max_horizontal(*(nw.col(name) for name in EVENTS)) == 1
    sessions = sessions.with_columns(answers=nw.sum_horizontal(*digits), is_any=is_any)
    return with_provider(sessions, counting).select(
        "patient_id", COURSE, "k", "skin_type", "provider", "answers", "is_any", "event_days"
    )


def asked_courses(counting: Counting) -> nw.LazyFrame[Any]:
    """One row per course that a visit after a session tells of: `patient_id`, `skin_type`, and `answers_k` and `gave_k` as in `asked`."""
    sessions = counting.held(asked_sessions)
    numbers = _sessions(counting)
    wide = sessions.with_columns(
        *(nw.when(nw.col("k") == k).then(nw.col("answers")).alias(f"answers_{k}") for k in numbers),
        *(nw.when(nw.col("k") == k).then(nw.col("provider")).alias(f"gave_{k}") for k in numbers),
    )
    names = [f"{of}_{k}" for of in ("answers", "gave") for k in numbers]
    courses = wide.group_by("patient_id", COURSE, "skin_type").agg(*(nw.col(name).max() for name in names))
    return courses.with_columns(
        *(nw.col(f"answers_{k}").fill_null(MISSED) for k in numbers), *(nw.col(f"gave_{k}").fill_null("") for k in numbers)
    )


def asked(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `skin_type` and, for each session k, `answers_k` (`MISSED` where no visit tells of it) and `gave_k`, who gave it: linked courses."""
    names = [f"{of}_{k}" for of in ("answers", "gave") for k in _sessions(counting)]
    return linked(counting.held(asked_courses), ["skin_type", *names], by=counting.by)


def _sessions(counting: Counting) -> range:
    return range(1, max(counting.records.sessions, 1) + 1)


def event_lengths(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `skin_type`, `provider`, `answers` and `event_days`: sessions with an event of known length."""
    lasted = counting.held(asked_sessions).filter(nw.col("is_any"), ~nw.col("event_days").is_null())
    return lasted.group_by(*counting.by, "skin_type", "provider", "answers", "event_days").agg(nw.len().alias("n"))


def answer(answers: Any, event: str) -> Any:
    """What `answers` say of one event: 0 not recorded, 1 no, 2 yes; any integer array."""
    return answers // 3 ** EVENTS.index(event) % 3


class Asked:
    """The sessions asked about as arrays, one entry for each session of each kind of course that a visit tells of.

    `course` and `patient` number the courses and kinds of patients, `k` the session; `skin_type` and `provider` are codes of
    `skin_types` and `providers`; `people` is how many patients are of the kind. Of a part of the records, `ever` are the events that
    any visit of the whole records.
    """

    def __init__(self, counts: pd.DataFrame, ever: list[str] | None = None) -> None:
        self._ever = ever
        names = [name for name in counts if name.startswith("answers_")]
        every = counts[names].to_numpy(np.int64).reshape(len(counts), len(names))
        self.course, at = np.nonzero(every != MISSED)
        self.k = at + 1
        self.answers = every[self.course, at]
        self.kind = counts["kind"].to_numpy(np.int64)
        self.patient = self.kind[self.course]
        self.people = counts.groupby("kind")["n"].first().to_numpy(np.int64)
        self.skin_types = [*SKIN_TYPES, UNKNOWN_TYPE]
        self.skin_type = pd.Categorical(counts["skin_type"], self.skin_types).codes.astype(np.int64)[self.course]
        given = counts[[f"gave_{k}" for k in range(1, len(names) + 1)]].to_numpy(object).reshape(every.shape)
        codes, self.providers = pd.factorize(given[self.course, at], sort=True)
        self.provider = codes.astype(np.int64)

    @property
    def ever(self) -> list[str]:
        """The events that any visit records, yes or no."""
        if self._ever is not None:
            return self._ever
        return [name for name in EVENTS if (answer(self.answers, name) != BLANK).any()]

    def of(self, event: str) -> Floats:
        """What each session's visits say of the event or of `ANY`: 0 not recorded, 1 no, 2 yes."""
        if event != ANY:
            return np.asarray(answer(self.answers, event))
        every = np.stack([answer(self.answers, name) for name in self.ever] or [np.zeros_like(self.answers)])
        return np.where((every == YES).any(axis=0), YES, np.where((every == NO).all(axis=0), NO, BLANK))

    @property
    def usual(self) -> int:
        """K, after which half of the courses were still seen: the lower median of the most sessions any of a course's visits tells of.

        Of the courses seen after a session at all; 0 where there is none.
        """
        if not len(self.course):
            return 0
        courses = np.unique(self.course)
        most = np.zeros(len(courses), np.int64)
        np.maximum.at(most, np.searchsorted(courses, self.course), self.k)
        order = np.argsort(most, kind="stable")
        reached = self.people[self.kind[courses]][order].cumsum()
        return int(most[order][np.searchsorted(reached, (reached[-1] + 1) // 2)])


def kinds(
    asked: Asked, group: np.ndarray[Any, Any], names: list[str], usual: int, events: Sequence[str] = (ANY, *EVENTS)
) -> pd.DataFrame:
    """How many `patients` of each event, `GROUP` and `skin_type` are alike in all that follows; no row is a patient.

    `group` numbers each session's group in `names`. `asked` sessions, `yes` with the event, `longest` in the course with most of those
    asked; `courses` asked about, `with_event` of them; for k = 1 .. `usual`, over the patient's courses, ``risk_k`` asked about after
    session k with no such event recorded before, ``first_k`` of them with it.
    """
    found = [_of_event(asked, event, group, names, usual) for event in events]
    return pd.concat(found, ignore_index=True).sort_values(
        ["event", GROUP, "skin_type", *_numbers(usual), KIND], ignore_index=True
    )


def _numbers(usual: int) -> list[str]:
    return [
        "asked",
        "yes",
        "longest",
        "courses",
        "with_event",
        *(f"{of}_{k}" for of in ("risk", "first") for k in range(1, usual + 1)),
    ]


def _of_event(asked: Asked, event: str, group: np.ndarray[Any, Any], names: list[str], usual: int) -> pd.DataFrame:
    said = asked.of(event)
    first = np.full(len(asked.kind), np.iinfo(np.int64).max)
    np.minimum.at(first, asked.course[said == YES], asked.k[said == YES])
    is_asked, is_yes = said != BLANK, said == YES
    at_risk = is_asked & (asked.k <= first[asked.course])
    told = np.zeros((len(said), 2 + 2 * usual), np.int64)
    told[:, 0], told[:, 1] = is_asked, is_yes
    within = asked.k <= usual
    told[within, 1 + asked.k[within]] = at_risk[within]
    told[within, 1 + usual + asked.k[within]] = (at_risk & is_yes)[within]

    key, back = np.unique(asked.course * len(names) + group, return_inverse=True)
    by_course = np.zeros((len(key), told.shape[1]), np.int64)
    np.add.at(by_course, back.ravel(), told)
    course, of_group = key // max(len(names), 1), key % max(len(names), 1)
    # The courses of a kind stand together, so each kind's first entry tells what all of them share.
    patient, skin_type = asked.kind[course], _of_course(asked)[course]
    key, place, back = np.unique(patient * len(names) + of_group, return_index=True, return_inverse=True)
    of_patient = np.zeros((len(key), 5 + 2 * usual), np.int64)
    n_asked, n_yes = by_course[:, 0], by_course[:, 1]
    summed = np.column_stack([n_asked, n_yes, np.zeros_like(n_asked), n_asked > 0, n_yes > 0, by_course[:, 2:]])
    np.add.at(of_patient, back.ravel(), summed)
    np.maximum.at(of_patient[:, 2], back.ravel(), n_asked)

    rows = np.column_stack([of_group[place], skin_type[place], of_patient])
    alike, back = np.unique(rows, axis=0, return_inverse=True)
    people = np.zeros(len(alike), np.int64)
    np.add.at(people, back.ravel(), asked.people[patient[place]])
    frame = pd.DataFrame(alike[:, 2:], columns=_numbers(usual))
    words = {
        "event": [event] * len(alike),
        GROUP: [names[at] for at in alike[:, 0]],
        "skin_type": [asked.skin_types[at] for at in alike[:, 1]],
    }
    return pd.DataFrame(words, dtype="str").join(frame).assign(**{KIND: people})


def _of_course(asked: Asked) -> np.ndarray[Any, Any]:
    """The skin type of each kind of course."""
    found = np.zeros(len(asked.kind), np.int64)
    found[asked.course] = asked.skin_type
    return found


def groups_of(found: list[str], by: str | None) -> dict[str, list[str]]:
    """Each group in order -> the groups counted that it holds; those of a skin type stay though nobody has it.

    Patients without a skin type are a group of their own beside single types, and in none of the wider ones.
    """
    if by is None:
        return {"": found}
    if by == "provider_id":
        return {name: [name] if name in found else [] for name in in_order(found)}
    group_of: Mapping[str, str] = TYPES[by]
    groups = {group: [name for name in found if group_of.get(name) == group] for group in dict.fromkeys(group_of.values())}
    is_apart = by == "skin_type" and UNKNOWN_TYPE in found
    return groups | ({UNKNOWN_TYPE: [UNKNOWN_TYPE]} if is_apart else {})
