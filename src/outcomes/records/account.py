"""One pass over records that were read: how many there are, and whether any rule is broken at all."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.records.parse import BLANK, BROKEN, COURSE, PRIVATE
from outcomes.records.validate import CONSTANT, is_changed
from outcomes.tabular.engines import collect_made

_PATIENT = "patient_id"
_IN_ORDER = ("day", "sessions_completed")


class Account(NamedTuple):
    """How many rows, courses, patients and sessions; how many rows are `doubtful`: broken, or to be looked at for privacy; how many `blank`.

    `untyped` rows have no skin type.

    Records are `is_clean` where no row is doubtful, no course has two rows of one day, and no rule between rows is broken.
    """

    rows: int
    doubtful: int
    courses: int
    patients: int
    sessions: int
    blank: int
    untyped: int
    is_clean: bool


def account(typed: nw.LazyFrame[Any]) -> Account:
    """The account of rows as `parse.typed` makes them, by one question: to a small file each costs more than its rows."""
    found = collect_made(_counts, typed).iloc[0]
    rows, doubtful, courses, patients, sessions, blank, untyped, flaws = (
        0 if pd.isna(found[name]) else int(found[name])
        for name in ("rows", "doubtful", "courses", "patients", "sessions", "blank", "untyped", "flaws")
    )
    return Account(rows, doubtful, courses, patients, sessions, blank, untyped, is_clean=doubtful == 0 and flaws == 0)


def _counts(typed: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """One row. Rows go together by patient throughout, so that an engine which has them so need not move them."""
    of = [*CONSTANT[COURSE], *CONSTANT[_PATIENT]]
    of_courses = _marked(typed).group_by(_PATIENT, COURSE).agg(
        nw.len().alias("rows"),
        *(nw.col(name).sum() for name in ("doubtful", "blank", "untyped")),
        nw.col("flawed").max(),
        *(nw.col(f"first_{name}").sum() for name in ENDPOINTS),
        nw.col("sessions_completed").max().alias("sessions"),
        *(nw.col(name).min().alias(f"min_{name}") for name in of),
        *(nw.col(name).max().alias(f"max_{name}") for name in of),
    )  # fmt: skip
    several = [nw.col(f"first_{name}") > 1 for name in ENDPOINTS]
    of_patients = of_courses.with_columns(_one_if(reduce(or_, several) | _changed(COURSE)).alias("broken")).group_by(_PATIENT).agg(
        *(nw.col(name).sum() for name in ("rows", "doubtful", "blank", "untyped")),
        *(nw.col(name).max() for name in ("flawed", "broken", "sessions")),
        nw.len().alias("courses"),
        *(nw.col(f"min_{name}").min() for name in CONSTANT[_PATIENT]),
        *(nw.col(f"max_{name}").max() for name in CONSTANT[_PATIENT]),
    )  # fmt: skip
    return of_patients.select(
        nw.len().alias("patients"),
        *(nw.col(name).sum() for name in ("rows", "doubtful", "blank", "untyped", "courses")),
        nw.col("sessions").max(),
        (nw.col("flawed").max() + nw.col("broken").max() + _one_if(_changed(_PATIENT)).max()).alias("flaws"),
    )


def _marked(typed: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The rows with what is `doubtful`, what is `flawed` beside the row before it, and what is scored before any session."""
    before = [nw.col(name).shift(1).over(_PATIENT, COURSE, order_by=_IN_ORDER).alias(f"{name}_before") for name in _IN_ORDER]
    is_flawed = (nw.col("day") == nw.col("day_before")) | (nw.col("sessions_completed") < nw.col("sessions_completed_before"))
    is_first = nw.col("sessions_completed") == 0
    return typed.with_columns(*before).with_columns(
        _one_if(nw.col(PRIVATE) | (nw.col(BROKEN) > 0)).alias("doubtful"),
        _one_if(nw.col(BLANK)).alias("blank"),
        _one_if(is_flawed).alias("flawed"),
        _one_if(nw.col("fitzpatrick").is_null()).alias("untyped"),
        *(_one_if(is_first & ~nw.col(each.score_column).is_null()).alias(f"first_{name}") for name, each in ENDPOINTS.items()),
    )


def _changed(key: str) -> Any:
    return nw.any_horizontal(*(is_changed(column) for column in CONSTANT[key]), ignore_nulls=True)


def _one_if(condition: Any) -> Any:
    return nw.when(condition).then(1).otherwise(0)
