"""Every course of the records on a row of its own, for looking at: the one place where rows of patients leave their engine."""

from __future__ import annotations

from functools import partial

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.counting import Counting
from outcomes.cohort.counts import MISSED
from outcomes.cohort.courses import reason_here
from outcomes.cohort.read import cohort_of
from outcomes.cohort.spread import of_workers
from outcomes.definitions.endpoints import endpoint_named
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import HUNDREDTHS
from outcomes.errors import UsageError
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.tabular.engines import collect


def courses(records: Cohort | Records, endpoint: str = "scarring", *, scale: str | None = None) -> pd.DataFrame:
    """One row per course, sorted by patient and course.

    Columns: `patient_id`, `course` (patient and course or area), `skin_type` (ordered category of all six; blank where none is recorded), `end`
    (ongoing, finished, stopped; finished where the planned number was reached; else "not recorded"), `sessions`
    (after the last visit: the last session attended), `given` (with one marked as given at the last visit), `reason` (one of `REASONS`; "analysed" where there is a baseline and a score after a
    session), and `after_0` (baseline) ... `after_K`: the score after k sessions in scale units, nan where none was
    recorded in the window.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it; a saved cohort, which holds no courses.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> outcomes.courses(records)["reason"].value_counts().to_dict()
        {'analysed': 208, 'never scored again after the baseline': 22, 'no score before the first session': 20, 'scored again only outside the window': 1}
    """
    cohort = cohort_of(records)
    of = endpoint_named(endpoint)
    used = cohort.scale_used(of, scale)
    if cohort.counting is None:
        raise UsageError("a saved cohort holds counts, not courses: list the courses of the records")
    ask = partial(_rows, of.name, used.name)
    table = pd.concat(of_workers(cohort.counting, ask) if cohort.counting.records.is_spread else ask(cohort.counting))
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


def _rows(endpoint: str, scale: str, counting: Counting) -> list[pd.DataFrame]:
    """`course_table` with the reason that holds for the endpoint."""
    held = counting.courses(endpoint, scale)
    return [collect(held.with_columns(reason=reason_here(nw.col("reason"), nw.col("is_free"))).drop("is_free"))]
