"""Sessions asked about: counted by session, course and patient on the records' own engine.

A visit after k sessions tells of session k: an event counts for it where any visit before the next session says yes. A
session counts only where somebody was asked: where no visit after it records the event, yes or no, it is left out, so that
patients who never came back, or were not asked, are not counted as free of it.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.cohort.providers import GROUP, in_order, named_providers, with_provider, with_provider_group
from outcomes.definitions.columns import EVENTS
from outcomes.definitions.fitzpatrick import SKIN_BANDS, SKIN_HALVES, SKIN_TYPES
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.statistics.clustered_rates import Patients
from outcomes.tabular.engines import collect, hold

ANY = "any event"
"""Any of `EVENTS`: yes where one of them is, no only where all that the records ever hold are recorded as no."""

TYPES = {"skin_type": {name: name for name in SKIN_TYPES}, "skin_band": SKIN_BANDS, "skin_types": SKIN_HALVES}
"""What events can be split by, but for the provider -> the group of each skin type."""

KIND = "patients"
"""How many patients are of a kind, in `kinds`."""


def usual_sessions(records: Records) -> int:
    """K, after which half of the courses were still seen: the lower median of the most sessions any of a course's visits tells of.

    Of the courses seen after a session at all; 0 where there is none.
    """
    most = records.frame.group_by(COURSE).agg(nw.col("sessions_completed").max().alias("most"))
    counted = collect(most.filter(nw.col("most") > 0).group_by("most").agg(nw.len().alias("n"))).sort_values("most")
    if counted.empty:
        return 0
    reached = counted["n"].to_numpy(np.int64).cumsum()
    return int(counted["most"].iloc[np.searchsorted(reached, (reached[-1] + 1) // 2)])


def asked_sessions(records: Records) -> nw.LazyFrame[Any]:
    """One row per course and session that a later visit tells of, on the records' own engine.

    `course`, `k`, `patient_id`, `skin_type`, `provider_id` (who gave it, else the only one of the course, else null), each of
    `EVENTS` and `ANY` as 1, 0 or null (not recorded), and `event_days`.
    """
    recorded = collect(records.frame.filter(nw.col("sessions_completed") > 0).select(*(nw.col(name).count() for name in EVENTS)))
    ever = [name for name in EVENTS if recorded[name].iloc[0] > 0]
    after = records.frame.filter(nw.col("sessions_completed") > 0).with_columns(
        *(nw.col(name).cast(nw.Int64) for name in EVENTS), nw.col("sessions_completed").cast(nw.Int64).alias("k")
    )
    sessions = after.group_by(COURSE, "k").agg(
        nw.col("patient_id").min(),
        nw.col("fitzpatrick").min().alias("skin_type"),
        *(nw.col(name).max() for name in EVENTS),
        nw.col("event_days").max(),
    )
    answers = nw.sum_horizontal(*((~nw.col(name).is_null()).cast(nw.Int64) for name in ever)) if ever else nw.lit(-1)
    is_any = nw.max_horizontal(*(nw.col(name) for name in EVENTS))
    sessions = sessions.with_columns(nw.when(is_any == 1).then(nw.lit(1)).when(answers == len(ever)).then(nw.lit(0)).alias(ANY))
    return with_provider(sessions, records)


def grouped(records: Records, by: str | None) -> nw.LazyFrame[Any]:
    """The sessions asked about, held, with their `GROUP`: the provider, or else the skin type."""
    sessions = asked_sessions(records)
    if by == "provider_id":
        return hold(with_provider_group(sessions, named_providers(records)))
    return hold(sessions.with_columns(nw.col("skin_type").alias(GROUP)))


def kinds(sessions: nw.LazyFrame[Any], usual: int) -> pd.DataFrame:
    """How many `patients` of each event, `GROUP` and `skin_type` are alike in all that follows; no row is a patient.

    `asked` sessions, `yes` with the event, `longest` in the course with most of those asked; `courses` asked about, `with_event` of them; for k = 1 .. `usual`, over the
    patient's courses, ``risk_k`` asked about after session k with no such event recorded before, ``first_k`` of them with it.
    """
    first = sessions.select(COURSE, *(nw.when(nw.col(name) == 1).then(nw.col("k")).alias(name) for name in (ANY, *EVENTS)))
    first = first.group_by(COURSE).agg(*(nw.col(name).min().alias(f"first {name}") for name in (ANY, *EVENTS)))
    timed = hold(sessions.join(first, on=COURSE, how="left"), sessions)
    each = [_of_event(timed, event, usual) for event in (ANY, *EVENTS)]
    counted = collect(nw.concat(each))
    words, numbers = ["event", GROUP, "skin_type"], [*_numbers(usual), KIND]
    # In one order on every engine, so that sums of floats are the same to the last bit.
    return counted.astype(dict.fromkeys(numbers, "int64")).sort_values(words + numbers, ignore_index=True)


def _numbers(usual: int) -> list[str]:
    return [
        "asked",
        "yes",
        "longest",
        "courses",
        "with_event",
        *(f"{of}_{k}" for of in ("risk", "first") for k in range(1, usual + 1)),
    ]


_OF_A_COURSE = ("longest", "courses", "with_event")
"""What is known once the sessions of a course are added up."""


def _of_event(sessions: nw.LazyFrame[Any], event: str, usual: int) -> nw.LazyFrame[Any]:
    answer, first = nw.col(event), nw.col(f"first {event}")
    at_risk = ~answer.is_null() & (first.is_null() | (nw.col("k") <= first))
    told = sessions.select(
        *("patient_id", COURSE, GROUP, "skin_type"),
        (~answer.is_null()).cast(nw.Int64).alias("asked"),
        answer.fill_null(0).alias("yes"),
        *(nw.when(at_risk & (nw.col("k") == k)).then(1).otherwise(0).alias(f"risk_{k}") for k in range(1, usual + 1)),
        *(nw.when(at_risk & (nw.col("k") == k)).then(answer).otherwise(0).alias(f"first_{k}") for k in range(1, usual + 1)),
    )
    summed = [name for name in _numbers(usual) if name not in _OF_A_COURSE]
    by_course = told.group_by("patient_id", COURSE, GROUP, "skin_type").agg(*(nw.col(name).sum() for name in summed))
    by_course = by_course.with_columns(
        nw.col("asked").alias("longest"),
        nw.when(nw.col("asked") > 0).then(1).otherwise(0).alias("courses"),
        nw.when(nw.col("yes") > 0).then(1).otherwise(0).alias("with_event"),
    )
    by_patient = by_course.group_by("patient_id", GROUP, "skin_type").agg(
        *(nw.col(name).max() if name == "longest" else nw.col(name).sum() for name in _numbers(usual))
    )
    alike = by_patient.group_by(GROUP, "skin_type", *_numbers(usual)).agg(nw.len().alias(KIND))
    return alike.select(
        nw.lit(event).alias("event"), GROUP, "skin_type", *(nw.col(name).cast(nw.Int64) for name in [*_numbers(usual), KIND])
    )


def patients(kinds: pd.DataFrame, usual: int) -> Patients:
    """Rows of `kinds`, of one event, as arrays; those who were not asked are left out."""
    of = kinds[kinds["asked"] > 0]
    people, asked, yes, longest = (of[name].to_numpy(np.int64) for name in (KIND, "asked", "yes", "longest"))
    risk, first = (of[[f"{name}_{k}" for k in range(1, usual + 1)]].to_numpy(np.int64) for name in ("risk", "first"))
    return Patients(people, asked, yes, longest, risk, first)


def lengths(sessions: nw.LazyFrame[Any]) -> pd.DataFrame:
    """`group`, each event, `event_days`, `n`: sessions with an event of known length."""
    lasted = sessions.filter(nw.col(ANY) == 1, ~nw.col("event_days").is_null())
    return collect(lasted.group_by(GROUP, *EVENTS, "event_days").agg(nw.len().alias("n"))).sort_values("event_days")


def groups_of(found: list[str], by: str | None) -> dict[str, list[str]]:
    """Each group in order -> the groups counted that it holds; those of a skin type stay though nobody has it."""
    if by is None:
        return {"": found}
    if by == "provider_id":
        return {name: [name] if name in found else [] for name in in_order(found)}
    group_of = TYPES[by]
    return {group: [name for name in found if group_of[name] == group] for group in dict.fromkeys(group_of.values())}


def total(counts: pd.DataFrame, column: str) -> int:
    """A column of `kinds` added up over all patients."""
    return int((counts[column] * counts[KIND]).sum())


def courses_of(counts: pd.DataFrame) -> tuple[int, int]:
    """Courses asked about the event at all, and those with it."""
    return total(counts, "courses"), total(counts, "with_event")
