"""What is odd in records that keep the contract: analysed all the same, and listed for the owner to look at."""

from __future__ import annotations

from math import nan
from typing import Literal, TypedDict

import pandas as pd

from outcomes.cohort.checks import EVENT_BEFORE, MALE, NO_BASELINE, NOT_RISEN, PIH_BEFORE, SEVERAL_COURSES
from outcomes.cohort.cohort import Cohort
from outcomes.cohort.guidance import AGAINST, IN_LINE, asked_rules, days_of, limit_of, reused_tips
from outcomes.cohort.read import cohort_of
from outcomes.cohort.score_account import unscored_ends
from outcomes.definitions.columns import COLUMN
from outcomes.definitions.guidance import GUIDANCE, LONGEST_INTERVAL, TIP
from outcomes.definitions.thresholds import MANY_UNSCORED
from outcomes.records.records import Records
from outcomes.records.session_days import LATE, NO_DAY, SOON

SET_ASIDE, UNSCORED_END, LONG_INTERVAL = "set aside", "no last assessment", "long interval"
SCORED_SOON, SCORED_LATE, SCORED_NO_DAY = "scored too soon", "scored late", "session without a day"
UNKNOWN_COLUMN = "unknown column"
"""What a finding can be, beside the rules of `GUIDANCE` and the checks of `outcomes.cohort.checks`; the words are in `outcomes.display.prose.findings`."""

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


def findings(cohort: Cohort | Records) -> pd.DataFrame:
    """One row per kind of finding, those without any too: nothing is hidden by a blank column.

    Only courses that ended without a last assessment are a finding from a share on, more than a tenth of those that ended; how
    many they are in any case is in `outcomes.unscored_ends`.

    Columns: `finding`, its code; `n`, how many; `of`, how many could be judged, 0 where it was never recorded; `unit`, what
    is counted (visits, scores, courses, tips, columns); `endpoint`, blank where it is of all; `low` and `high`, the limits it was
    held against, in years, months, millimetres or days, nan where there is none; `names` of unknown columns; `is_to_act_on`. The
    words are those of `outcomes.prose.findings` and `outcomes.tables.findings`.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> outcomes.findings(cohort).set_index("finding").loc["tip reused", ["n", "of"]].tolist()
        [3, 922]
    """
    counts = cohort_of(cohort)
    rows = [
        *_answers(counts),
        _reused_tips(counts),
        *(_check(counts, name) for name in (NOT_RISEN, EVENT_BEFORE, PIH_BEFORE, MALE)),
        _long_intervals(counts),
        _check(counts, NO_BASELINE),
        *_outside(counts),
        *_unscored(counts),
        _check(counts, SEVERAL_COURSES),
        _set_aside(counts),
        _unknown(counts),
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


def completeness(cohort: Cohort | Records) -> pd.DataFrame:
    """One row per column of the contract: `column`, `n` visits at which it is recorded, `of` visits, `meaning`.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> outcomes.completeness(cohort).set_index("column").loc["scar_score", ["n", "of"]].tolist()
        [1156, 1210]
    """
    counts = cohort_of(cohort)
    recorded = counts.part("columns").iloc[0]
    return pd.DataFrame(
        [
            {"column": name, "n": int(recorded[name]), "of": counts.about.visits, "meaning": column.meaning}
            for name, column in COLUMN.items()
        ]
    )


def _answers(cohort: Cohort) -> list[Found]:
    sessions = cohort.part("screening")
    return [
        _found(
            rule.name,
            int(sessions.loc[sessions[rule.name] == AGAINST, "n"].sum()),
            int(sessions.loc[sessions[rule.name] >= IN_LINE, "n"].sum()),
            "visits",
            low=limit_of(rule, cohort.about.limits),
        )
        for rule in asked_rules()
    ]


def _reused_tips(cohort: Cohort) -> Found:
    n, of = reused_tips(cohort.part("tips"))
    return _found(TIP, n, of, "tips")


_UNIT_OF: dict[str, Unit] = {
    NOT_RISEN: "visits",
    EVENT_BEFORE: "visits",
    PIH_BEFORE: "visits",
    MALE: "visits",
    NO_BASELINE: "courses",
    SEVERAL_COURSES: "patients",
}


def _check(cohort: Cohort, name: str) -> Found:
    checks = cohort.part("checks").set_index("check")
    return _found(name, int(checks.at[name, "n"]), int(checks.at[name, "of"]), _UNIT_OF[name])


def _long_intervals(cohort: Cohort) -> Found:
    days = days_of(cohort.part("intervals"))
    return _found(LONG_INTERVAL, int((days > LONGEST_INTERVAL).sum()), len(days), "intervals", high=LONGEST_INTERVAL)


def _outside(cohort: Cohort) -> list[Found]:
    window, counts = cohort.window, cohort.part("timing").set_index("timing")["n"]
    soon, late, no_day = (int(counts.get(timing, 0)) for timing in (SOON, LATE, NO_DAY))
    of = int(counts.sum())
    return [
        _found(SCORED_SOON, soon, of - no_day, "scores", low=window.first),
        _found(SCORED_LATE, late, of - no_day, "scores", high=window.last),
        _found(SCORED_NO_DAY, no_day, of, "scores"),
    ]


def _unscored(cohort: Cohort) -> list[Found]:
    window = cohort.window
    return [
        _found(UNSCORED_END, n, of, "courses", endpoint=name, low=window.first, high=window.last)
        for name, n, of in unscored_ends(cohort).itertuples(index=False)
        if n * MANY_UNSCORED > of
    ]


def _set_aside(cohort: Cohort) -> Found:
    aside = cohort.about.rows_aside
    return _found(SET_ASIDE, aside, cohort.rows + aside, "rows")


def _unknown(cohort: Cohort) -> Found:
    unknown = cohort.about.unknown
    return _found(UNKNOWN_COLUMN, len(unknown), len(unknown) + len(cohort.about.present), "columns", names=unknown)
