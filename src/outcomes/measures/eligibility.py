"""Sessions given beside guidance: who was screened, who was treated against it, tips used twice, days between sessions."""

from __future__ import annotations

from math import nan
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.cohort.guidance import answers, by_provider, days_apart, one, rules, tips_by_provider
from outcomes.cohort.providers import GROUP, in_order, named_providers
from outcomes.definitions.guidance import (
    ALL_QUESTIONS,
    ANY_QUESTION,
    DEEPEST_MM,
    ISOTRETINOIN_MONTHS,
    LONGEST_INTERVAL,
    SCREENED,
    SHORTEST_INTERVAL,
    TIP,
    TOO_LATE,
    TOO_SOON,
    YOUNGEST,
)
from outcomes.definitions.notes import Note, NoteCode
from outcomes.errors import UsageError
from outcomes.measures.estimates import long_frame
from outcomes.records.records import Records
from outcomes.tabular.engines import collect

AGAINST, NOT_RECORDED, ASKED, APART = "against guidance", "not recorded", "screened", "days between sessions"


def eligibility(
    records: Records,
    by: Literal["provider_id"] | None = None,
    *,
    isotretinoin_months: float = ISOTRETINOIN_MONTHS,
    youngest: int = YOUNGEST,
    deepest_mm: float = DEEPEST_MM,
) -> pd.DataFrame:
    """How many sessions were given against each `rule` of guidance, of how many of which it is known; a blank is never a no.

    A session given is a visit with treated = yes. Counts of what was done, so without intervals: `events` of `n` in percent.
    Columns: those of `outcomes.definitions.estimates.ESTIMATES` that apply; `note` says what was against guidance. `measure` is

    - ``against guidance``: of the sessions of which it is known; ``tip reused`` of all tips, days apart of all intervals
    - ``not recorded``: of the sessions it is asked of (pregnancy not of men, depth only on the face) those without an answer
    - ``screened``: sessions with at least one, and with every, question of `SCREENED` answered that is asked of that patient
    - ``days between sessions``: the median; the later session's provider

    `by` provider_id names those with at least `outcomes.definitions.thresholds.FEW_COURSES` courses.

    Raises:
        UsageError: unknown `by`, or a limit below 0.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> held = outcomes.eligibility(records).query("rule == 'under 22' and measure == 'against guidance'")
        >>> held[["events", "n"]].values.tolist()
        [[32, 925]]
    """
    if by not in (None, "provider_id"):
        raise UsageError(f"by must be provider_id or nothing, got {by!r}")
    asked = rules(records, isotretinoin_months=isotretinoin_months, youngest=youngest, deepest_mm=deepest_mm)
    limits = {f"under {youngest}": youngest, "isotretinoin": isotretinoin_months, "deep on the face": deepest_mm}
    named = named_providers(records) if by else None
    counts = answers(by_provider(records.frame.filter(nw.col("treated")), named), asked)
    tips, apart = tips_by_provider(records, named), days_apart(records, named)
    groups = in_order({*counts.index, *tips[GROUP], *apart[GROUP]}) if by else [""]
    rows = []
    for group in groups:
        of: dict[str, str] = {by: group} if by else {}
        sessions = {name: int(n) for name, n in counts.loc[group].items()} if group in counts.index else dict.fromkeys(counts, 0)
        rows += [
            _against(of, rule.name, sessions[f"{rule.name} yes"], sessions[f"{rule.name} n"], limit=limits.get(rule.name))
            for rule in asked
        ]
        rows += [
            _count(
                of, NOT_RECORDED, rule.name, sessions[f"{rule.name} of"] - sessions[f"{rule.name} n"], sessions[f"{rule.name} of"]
            )
            for rule in asked
        ]
        rows += [_count(of, ASKED, name, sessions[name], sessions["sessions"]) for name in (ANY_QUESTION, ALL_QUESTIONS)]
        used = tips[tips[GROUP] == group]
        rows.append(_against(of, TIP, int(used.loc[used["visits"] > 1, "n"].sum()), int(used["n"].sum()), "tips"))
        rows.append(_count(of, NOT_RECORDED, TIP, sessions["sessions"] - sessions["tips"], sessions["sessions"]))
        days = apart[apart[GROUP] == group]
        rows += _intervals(of, np.repeat(days["interval"].to_numpy(np.int64), days["n"].to_numpy(np.int64)))
    return long_frame(rows)


def contraindications(records: Records, *, isotretinoin_months: float = ISOTRETINOIN_MONTHS) -> pd.DataFrame:
    """Sessions given against any contraindication: one row in the columns of `eligibility`, with `sessions` given.

    A session counts (`n`) where one of `SCREENED` or isotretinoin is recorded against it, or every one of them that the records
    hold and that is asked of that patient is answered. `note` names those that no session has an answer to.
    """
    asked = [rule for rule in rules(records, isotretinoin_months=isotretinoin_months) if rule.name in (*SCREENED, "isotretinoin")]
    given = records.frame.filter(nw.col("treated"))
    held = collect(
        given.select(*(one(~rule.needs.is_null()).sum().alias(rule.name) for rule in asked), nw.len().alias("sessions"))
    )
    ever = [rule for rule in asked if held[rule.name].fillna(0).iloc[0] > 0]
    against, known = nw.lit(False), nw.lit(bool(ever))
    for rule in ever:
        against = against | rule.when.fill_null(False)
        known = known & (~rule.applies | ~rule.needs.is_null())
    marked = given.with_columns(yes=one(against), n=one(against | known))
    counted = collect(marked.select(nw.col("yes").sum(), nw.col("n").sum())).fillna(0)
    never = tuple(rule.name for rule in asked if rule not in ever)
    row = _count({}, AGAINST, "contraindications", int(counted["yes"].iloc[0]), int(counted["n"].iloc[0]))
    note = (Note(NoteCode.NEVER_ANSWERED, names=never),) if never else ()
    return long_frame([row | {"note": note}]).assign(sessions=int(held["sessions"].iloc[0]))


def _intervals(of: dict[str, str], days: Any) -> list[dict[str, Any]]:
    middle = float(np.median(days)) if len(days) else nan
    row = _count(of, APART, "", 0, len(days), "days")
    return [
        _against(of, TOO_SOON, int((days < SHORTEST_INTERVAL).sum()), len(days), "intervals"),
        _against(of, TOO_LATE, int((days > LONGEST_INTERVAL).sum()), len(days), "intervals"),
        row | {"events": len(days), "estimate": middle, "unit": "days", "method": "median"},
    ]


def _against(of: dict[str, str], rule: str, k: int, n: int, unit: str = "sessions", limit: float | None = None) -> dict[str, Any]:
    return _count(of, AGAINST, rule, k, n, unit) | {"note": (Note(NoteCode.AGAINST_GUIDANCE, limit, names=(rule,)),)}


def _count(of: dict[str, str], measure: str, rule: str, k: int, n: int, unit: str = "sessions") -> dict[str, Any]:
    numbers = {"n": n, "events": k, "estimate": 100 * k / n if n else nan, "conf_low": nan, "conf_high": nan}
    note = () if n else (Note(NoteCode.NOT_RECORDED),)
    return {"measure": measure, "rule": rule} | of | numbers | {"unit": f"% of {unit}", "method": "count", "note": note}
