"""What is odd in records that keep the contract: analysed all the same, and listed for the owner to look at."""

from __future__ import annotations

from math import nan
from typing import Any, Literal, TypedDict

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.guidance import Question, questions, session_intervals, tips_used
from outcomes.cohort.score_account import unscored_ends
from outcomes.definitions.columns import ADVERSE, COLUMN, NEW_PIH
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.guidance import GUIDANCE, ISOTRETINOIN_MONTHS, LONGEST_INTERVAL, TIP
from outcomes.definitions.thresholds import MANY_UNSCORED
from outcomes.definitions.windows import Window
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.records.session_days import LATE, NO_DAY, SOON, timed
from outcomes.tabular.engines import collect

NOT_RISEN, SET_ASIDE, UNSCORED_END = "count did not rise", "set aside", "no last assessment"
EVENT_BEFORE, PIH_BEFORE, MALE = "event before a session", "new PIH at baseline", "pregnant and male"
LONG_INTERVAL, NO_BASELINE, SEVERAL_COURSES = "long interval", "no baseline", "several courses"
SCORED_SOON, SCORED_LATE, SCORED_NO_DAY = "scored too soon", "scored late", "session without a day"
UNKNOWN_COLUMN = "unknown column"
"""What a finding can be, beside the rules of `GUIDANCE`; the words are in `outcomes.display.prose.findings`."""

_TO_ACT_ON = (NOT_RISEN, SET_ASIDE, EVENT_BEFORE, PIH_BEFORE, MALE, UNSCORED_END)
"""Findings that ask for action, or for a look at the chart; so do the rules of guidance that have a gravity."""

Unit = Literal["visits", "tips", "intervals", "courses", "scores", "patients", "rows", "columns"]


class Found(TypedDict):
    """One row of `findings`."""

    finding: str
    n: int
    of: int
    unit: Unit
    endpoint: str
    low: float
    high: float
    names: tuple[str, ...]
    is_to_act_on: bool


def findings(records: Records, *, window: Window | None = None, isotretinoin_months: float = ISOTRETINOIN_MONTHS) -> pd.DataFrame:
    """One row per kind of finding, those without any too: nothing is hidden by a blank column.

    Only courses that ended without a last assessment are a finding from a share on, more than a tenth of those that ended; how
    many they are in any case is in `outcomes.unscored_ends`.

    Columns: `finding`, its code; `n`, how many; `of`, how many could be judged, 0 where it was never recorded; `unit`, what
    is counted (visits, scores, courses, tips, columns); `endpoint`, blank where it is of all; `low` and `high`, the limits it was
    held against, in years, months, millimetres or days, nan where there is none; `names` of unknown columns; `is_to_act_on`. The
    words are those of `outcomes.prose.findings` and `outcomes.tables.findings`.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> outcomes.findings(records).set_index("finding").loc["tip reused", ["n", "of"]].tolist()
        [3, 922]
    """
    rows = [
        *(_answer(records, asked) for asked in questions(records, isotretinoin_months=isotretinoin_months)),
        _reused_tips(records),
        _not_risen(records),
        *_contradictions(records),
        _long_intervals(records),
        _no_baseline(records),
        *_outside(records, window or records.window),
        *_unscored(records, window or records.window),
        _several_courses(records),
        _set_aside(records),
        _unknown(records),
    ]
    return pd.DataFrame(rows, columns=list(Found.__annotations__))


def _found(
    finding: str,
    n: int,
    of: int,
    unit: Unit,
    *,
    endpoint: str = "",
    low: float = nan,
    high: float = nan,
    names: tuple[str, ...] = (),
) -> Found:
    is_to_act_on = finding in _TO_ACT_ON or (finding in GUIDANCE and GUIDANCE[finding].gravity is not None)
    return {
        "finding": finding,
        "n": n,
        "of": of,
        "unit": unit,
        "endpoint": endpoint,
        "low": low,
        "high": high,
        "names": names,
        "is_to_act_on": is_to_act_on,
    }


def completeness(records: Records) -> pd.DataFrame:
    """One row per column of the contract: `column`, `n` visits at which it is recorded, `of` visits, `meaning`.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> outcomes.completeness(records).set_index("column").loc["scar_score", ["n", "of"]].tolist()
        [1156, 1210]
    """
    counted = collect(records.frame.select(*(nw.col(name).count() for name in COLUMN))).iloc[0]
    return pd.DataFrame(
        [
            {"column": name, "n": int(counted[name]), "of": records.visits, "meaning": column.meaning}
            for name, column in COLUMN.items()
        ]
    )


def _answer(records: Records, asked: Question) -> Found:
    answered = records.frame.filter(nw.col("treated")).select(
        nw.when(asked.when).then(1).otherwise(0).sum().alias("n"), asked.needs.count().alias("of")
    )
    n, of = _numbers(answered)
    return _found(asked.name, n, of, "visits", low=asked.limit)


def _reused_tips(records: Records) -> Found:
    used = tips_used(records)
    n, of = _numbers(used.select((nw.col("visits") > 1).cast(nw.Int64).sum().alias("n"), nw.len().alias("of")))
    return _found(TIP, n, of, "tips")


def _contradictions(records: Records) -> list[Found]:
    """What no visit can say: an event of a session that was not yet given, a pregnant man."""
    is_first, is_male = nw.col("sessions_completed") == 0, nw.col("sex") == "male"
    asked = (
        (EVENT_BEFORE, is_first, ADVERSE),
        (PIH_BEFORE, is_first, (NEW_PIH,)),
        (MALE, is_male, ("pregnant", "breastfeeding")),
    )
    rows = []
    for name, where, columns in asked:
        is_yes = nw.max_horizontal(*(nw.col(column).cast(nw.Int64) for column in columns), nw.lit(None).cast(nw.Int64))
        n, of = _numbers(
            records.frame.filter(where)
            .with_columns(is_yes.alias("is_yes"))
            .select(nw.col("is_yes").sum().alias("n"), nw.col("is_yes").count().alias("of"))
        )
        rows.append(_found(name, n, of, "visits"))
    return rows


def _not_risen(records: Records) -> Found:
    following = nw.col("sessions_completed").shift(-1).over(COURSE, order_by="day").alias("following")
    pairs = records.frame.with_columns(following).filter(nw.col("treated"), ~nw.col("following").is_null())
    not_risen = nw.when(nw.col("following") <= nw.col("sessions_completed")).then(1).otherwise(0)
    n, of = _numbers(pairs.select(not_risen.sum().alias("n"), nw.len().alias("of")))
    return _found(NOT_RISEN, n, of, "visits")


def _long_intervals(records: Records) -> Found:
    spaced = session_intervals(records)
    late = nw.when(nw.col("interval") > LONGEST_INTERVAL).then(1).otherwise(0)
    n, of = _numbers(spaced.select(late.sum().alias("n"), nw.len().alias("of")))
    return _found(LONG_INTERVAL, n, of, "intervals", high=LONGEST_INTERVAL)


def _no_baseline(records: Records) -> Found:
    scored = nw.max_horizontal(*(nw.col(endpoint.score_column) for endpoint in ENDPOINTS.values()))
    before = records.frame.filter(nw.col("sessions_completed") == 0, ~scored.is_null())
    started = int(_numbers(before.select(nw.col(COURSE).n_unique().alias("n")))[0])
    return _found(NO_BASELINE, records.courses - started, records.courses, "courses")


def _outside(records: Records, window: Window) -> list[Found]:
    scored = nw.max_horizontal(*(nw.col(endpoint.score_column) for endpoint in ENDPOINTS.values()))
    visits = records.frame.filter(~scored.is_null(), nw.col("sessions_completed") > 0)
    rows = visits.select(COURSE, "day", nw.col("sessions_completed").alias("k"))
    marks = [nw.when(nw.col("timing") == timing).then(1).otherwise(0).alias(timing) for timing in (SOON, LATE, NO_DAY)]
    marked = timed(records.frame, rows, window, records.spacing).with_columns(*marks)
    soon, late, no_day, of = _numbers(
        marked.select(*(nw.col(timing).sum() for timing in (SOON, LATE, NO_DAY)), nw.len().alias("of"))
    )
    return [
        _found(SCORED_SOON, soon, of - no_day, "scores", low=window.first),
        _found(SCORED_LATE, late, of - no_day, "scores", high=window.last),
        _found(SCORED_NO_DAY, no_day, of, "scores"),
    ]


def _unscored(records: Records, window: Window) -> list[Found]:
    return [
        _found(UNSCORED_END, n, of, "courses", endpoint=name, low=window.first, high=window.last)
        for name, n, of in unscored_ends(records, window=window).itertuples(index=False)
        if n * MANY_UNSCORED > of
    ]


def _several_courses(records: Records) -> Found:
    per_patient = records.frame.group_by("patient_id").agg(nw.col(COURSE).n_unique().alias("courses"))
    n = int(_numbers(per_patient.select((nw.col("courses") > 1).cast(nw.Int64).sum().alias("n")))[0])
    return _found(SEVERAL_COURSES, n, records.patients, "patients")


def _set_aside(records: Records) -> Found:
    return _found(SET_ASIDE, records.rows_aside, records.rows_in, "rows")


def _unknown(records: Records) -> Found:
    n = len(records.unknown)
    return _found(UNKNOWN_COLUMN, n, n + len(records.present), "columns", names=tuple(records.unknown))


def _numbers(one_row: nw.LazyFrame[Any]) -> list[int]:
    return [0 if pd.isna(value) else int(value) for value in collect(one_row).iloc[0]]
