"""What is odd in records that keep the contract: analysed all the same, and listed for the owner to look at."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.guidance import Rule, rules, session_intervals, tips_used
from outcomes.cohort.score_account import unscored_ends
from outcomes.definitions.columns import ADVERSE, COLUMN, NEW_PIH
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.guidance import ISOTRETINOIN_MONTHS, LONGEST_INTERVAL, TIP, TIP_WORDS, YOUNGEST
from outcomes.definitions.thresholds import MANY_UNSCORED, MOST_NAMED
from outcomes.definitions.windows import Window
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.records.session_days import LATE, NO_DAY, SOON, timed
from outcomes.tabular.engines import collect

UNSCORED_END = {name: f"no last assessment of {endpoint.label}" for name, endpoint in ENDPOINTS.items()}

EVENT_BEFORE, PIH_BEFORE, MALE = "event before a session", "new PIH at baseline", "pregnant and male"

ACT_ON = (
    f"under {YOUNGEST}",
    "pregnant",
    "breastfeeding",
    "active_skin_cancer",
    "blood_disorder",
    "isotretinoin",
    "deep on the face",
    TIP,
    "count did not rise",
    "set aside",
    EVENT_BEFORE,
    PIH_BEFORE,
    MALE,
    *UNSCORED_END.values(),
)
"""Findings that ask for action, or for a look at the chart, by their name in `findings`."""


def findings(records: Records, *, window: Window | None = None, isotretinoin_months: float = ISOTRETINOIN_MONTHS) -> pd.DataFrame:
    """One row per kind of finding, those without any too: nothing is hidden by a blank column.

    Only courses that ended without a last assessment are a finding from a share on, more than a tenth of those that ended; how
    many they are in any case is in `outcomes.unscored_ends`.

    Columns: `finding`; `n`, how many; `of`, how many could be judged, 0 where it was never recorded; `unit`, what
    is counted (visits, scores, courses, tips, columns); `sentence`, the finding in words.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> outcomes.findings(records).set_index("finding").loc["tip reused", ["n", "of"]].tolist()
        [3, 922]
    """
    rows = [
        *(_answer(records, rule) for rule in rules(records, isotretinoin_months=isotretinoin_months)),
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
    return pd.DataFrame(rows, columns=["finding", "n", "of", "unit", "sentence"])


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


def _answer(records: Records, rule: Rule) -> tuple[str, int, int, str, str]:
    answered = records.frame.filter(nw.col("treated")).select(
        nw.when(rule.when).then(1).otherwise(0).sum().alias("n"), rule.needs.count().alias("of")
    )
    n, of = _numbers(answered)
    return (rule.name, n, of, "visits", _sentence(n, of, "visits", rule.words))


def _reused_tips(records: Records) -> tuple[str, int, int, str, str]:
    used = tips_used(records)
    n, of = _numbers(used.select((nw.col("visits") > 1).cast(nw.Int64).sum().alias("n"), nw.len().alias("of")))
    return (TIP, n, of, "tips", _sentence(n, of, "tips", TIP_WORDS))


def _contradictions(records: Records) -> list[tuple[str, int, int, str, str]]:
    """What no visit can say: an event of a session that was not yet given, a pregnant man."""
    is_first, is_male = nw.col("sessions_completed") == 0, nw.col("sex") == "male"
    asked = (
        (EVENT_BEFORE, is_first, ADVERSE, "with an adverse event recorded before any session; not counted as one"),
        (
            PIH_BEFORE,
            is_first,
            (NEW_PIH,),
            "with new PIH recorded before any session; it was there at baseline and is not counted as new",
        ),
        (MALE, is_male, ("pregnant", "breastfeeding"), "of a man recorded as pregnant or breastfeeding"),
    )
    rows = []
    for name, where, columns, words in asked:
        is_yes = nw.max_horizontal(*(nw.col(column).cast(nw.Int64) for column in columns), nw.lit(None).cast(nw.Int64))
        n, of = _numbers(
            records.frame.filter(where)
            .with_columns(is_yes.alias("is_yes"))
            .select(nw.col("is_yes").sum().alias("n"), nw.col("is_yes").count().alias("of"))
        )
        rows.append((name, n, of, "visits", _sentence(n, of, "visits", words)))
    return rows


def _not_risen(records: Records) -> tuple[str, int, int, str, str]:
    following = nw.col("sessions_completed").shift(-1).over(COURSE, order_by="day").alias("following")
    pairs = records.frame.with_columns(following).filter(nw.col("treated"), ~nw.col("following").is_null())
    not_risen = nw.when(nw.col("following") <= nw.col("sessions_completed")).then(1).otherwise(0)
    n, of = _numbers(pairs.select(not_risen.sum().alias("n"), nw.len().alias("of")))
    return (
        "count did not rise",
        n,
        of,
        "visits",
        _sentence(n, of, "visits", "treated, but the next visit counts no further session"),
    )


def _long_intervals(records: Records) -> tuple[str, int, int, str, str]:
    spaced = session_intervals(records)
    late = nw.when(nw.col("interval") > LONGEST_INTERVAL).then(1).otherwise(0)
    n, of = _numbers(spaced.select(late.sum().alias("n"), nw.len().alias("of")))
    words = f"of more than {LONGEST_INTERVAL} days between two sessions; four weeks are usual"
    return ("long interval", n, of, "intervals", _sentence(n, of, "intervals", words))


def _no_baseline(records: Records) -> tuple[str, int, int, str, str]:
    scored = nw.max_horizontal(*(nw.col(endpoint.score_column) for endpoint in ENDPOINTS.values()))
    before = records.frame.filter(nw.col("sessions_completed") == 0, ~scored.is_null())
    started = int(_numbers(before.select(nw.col(COURSE).n_unique().alias("n")))[0])
    n = records.courses - started
    return (
        "no baseline",
        n,
        records.courses,
        "courses",
        _sentence(n, records.courses, "courses", "without any score before the first session"),
    )


def _outside(records: Records, window: Window) -> list[tuple[str, int, int, str, str]]:
    scored = nw.max_horizontal(*(nw.col(endpoint.score_column) for endpoint in ENDPOINTS.values()))
    visits = records.frame.filter(~scored.is_null(), nw.col("sessions_completed") > 0)
    rows = visits.select(COURSE, "day", nw.col("sessions_completed").alias("k"))
    marks = [nw.when(nw.col("timing") == timing).then(1).otherwise(0).alias(timing) for timing in (SOON, LATE, NO_DAY)]
    marked = timed(records.frame, rows, window, records.spacing).with_columns(*marks)
    soon, late, no_day, of = _numbers(
        marked.select(*(nw.col(timing).sum() for timing in (SOON, LATE, NO_DAY)), nw.len().alias("of"))
    )
    too_soon = f"taken less than {window.first} days after a session: too soon to count"
    follow_up = f"taken more than {window.last} days after a session: follow-up, not counted as the score after it"
    unknown = "after a session whose day is not known, as its visit is not in the records: not counted"
    return [
        ("scored too soon", soon, of - no_day, "scores", _sentence(soon, of - no_day, "scores", too_soon)),
        ("scored late", late, of - no_day, "scores", _sentence(late, of - no_day, "scores", follow_up)),
        ("session without a day", no_day, of, "scores", _sentence(no_day, of, "scores", unknown)),
    ]


def _unscored(records: Records, window: Window) -> list[tuple[str, int, int, str, str]]:
    rows = []
    for name, n, of in unscored_ends(records, window=window).itertuples(index=False):
        when = f"{ENDPOINTS[name].label}, {window.first} to {window.last} days after it"
        words = f"ended without an assessment after their last session ({when})"
        if n * MANY_UNSCORED > of:
            rows.append((UNSCORED_END[name], n, of, "courses", _sentence(n, of, "courses", words)))
    return rows


def _several_courses(records: Records) -> tuple[str, int, int, str, str]:
    per_patient = records.frame.group_by("patient_id").agg(nw.col(COURSE).n_unique().alias("courses"))
    n = int(_numbers(per_patient.select((nw.col("courses") > 1).cast(nw.Int64).sum().alias("n")))[0])
    words = "with more than one course; their courses are not independent of each other"
    return ("several courses", n, records.patients, "patients", _sentence(n, records.patients, "patients", words))


def _set_aside(records: Records) -> tuple[str, int, int, str, str]:
    n, of = records.rows_aside, records.rows_in
    return ("set aside", n, of, "rows", _sentence(n, of, "rows", "set aside with their whole courses, in which a rule is broken"))


def _unknown(records: Records) -> tuple[str, int, int, str, str]:
    n, of = len(records.unknown), len(records.unknown) + len(records.present)
    more = f" and {n - MOST_NAMED:,} more" if n > MOST_NAMED else ""
    names = f"not in the contract and not read: {', '.join(records.unknown[:MOST_NAMED])}{more}" if n else "not in the contract"
    return ("unknown column", n, of, "columns", _sentence(n, of, "columns", names))


def _numbers(one_row: nw.LazyFrame[Any]) -> list[int]:
    return [0 if pd.isna(value) else int(value) for value in collect(one_row).iloc[0]]


def _sentence(n: int, of: int, unit: str, words: str) -> str:
    if of == 0:
        return f"Not recorded: {unit} {words}."
    return f"{n:,} of {of:,} {unit} {words}." if n else f"No {unit} {words} ({of:,} looked at)."
