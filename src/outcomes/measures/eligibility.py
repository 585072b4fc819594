"""Sessions given beside guidance: who was screened, who was treated against it, tips used twice, days between sessions."""

from __future__ import annotations

from math import isnan, nan
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.cohort.guidance import answers, by_provider, days_apart, one, questions, tips_by_provider
from outcomes.cohort.providers import GROUP, in_order, named_providers
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.guidance import (
    ALL_QUESTIONS,
    ANY_QUESTION,
    CONTRAINDICATIONS,
    DEEPEST_MM,
    GUIDANCE,
    ISOTRETINOIN_MONTHS,
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

AGAINST, ASKED, APART = "against guidance", "screened", "days between sessions"


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
    Columns: those of `outcomes.definitions.estimates.ESTIMATES` that apply, `rule` being a name in `outcomes.definitions.guidance.GUIDANCE`,
    and `limit`, the one it was held against, in years, months, millimetres or days; nan where it has none. `measure` is

    - ``against guidance``: of the sessions of which it is known; ``tip reused`` of all tips, days apart of all intervals
    - ``not recorded``: of the sessions it is asked of (pregnancy not of men, depth only on the face) those without an answer
    - ``screened``: sessions with at least one, and with every, screening question answered that is asked of that patient
    - ``days between sessions``: the median; the later session's provider

    `by` provider_id names those with at least `outcomes.definitions.thresholds.FEW_COURSES` courses.

    Raises:
        UsageError: unknown `by`, or a limit below 0.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> held = outcomes.eligibility(records).query("rule == 'under age' and measure == 'against guidance'")
        >>> held[["events", "n"]].values.tolist()
        [[32, 925]]
    """
    if by not in (None, "provider_id"):
        raise UsageError(f"by must be provider_id or nothing, got {by!r}")
    asked = questions(records, isotretinoin_months=isotretinoin_months, youngest=youngest, deepest_mm=deepest_mm)
    named = named_providers(records) if by else None
    counts = answers(by_provider(records.frame.filter(nw.col("treated")), named), asked)
    tips, apart = tips_by_provider(records, named), days_apart(records, named)
    groups = in_order({*counts.index, *tips[GROUP], *apart[GROUP]}) if by else [""]
    rows = []
    for group in groups:
        of: dict[str, str] = {by: group} if by else {}
        sessions = {name: int(n) for name, n in counts.loc[group].items()} if group in counts.index else dict.fromkeys(counts, 0)
        rows += [
            _against(of, each.name, sessions[f"{each.name} yes"], sessions[f"{each.name} n"], limit=each.limit) for each in asked
        ]
        rows += [
            _count(
                *(of, NOT_RECORDED, each.name, sessions[f"{each.name} of"] - sessions[f"{each.name} n"]),
                sessions[f"{each.name} of"],
                limit=each.limit,
            )
            for each in asked
        ]
        rows += [_count(of, ASKED, name, sessions[name], sessions["sessions"]) for name in (ANY_QUESTION, ALL_QUESTIONS)]
        used = tips[tips[GROUP] == group]
        rows.append(_against(of, TIP, int(used.loc[used["visits"] > 1, "n"].sum()), int(used["n"].sum()), "tips"))
        rows.append(_count(of, NOT_RECORDED, TIP, sessions["sessions"] - sessions["tips"], sessions["sessions"]))
        days = apart[apart[GROUP] == group]
        rows += _intervals(of, np.repeat(days["interval"].to_numpy(np.int64), days["n"].to_numpy(np.int64)))
    return _framed(rows)


def contraindications(records: Records, *, isotretinoin_months: float = ISOTRETINOIN_MONTHS) -> pd.DataFrame:
    """Sessions given against any contraindication: one row in the columns of `eligibility`, with `sessions` given.

    A session counts (`n`) where a screening question or isotretinoin is recorded against it, or every one of them that the records
    hold and that is asked of that patient is answered. `note` names the rules that no session has an answer to.
    """
    asked = [each for each in questions(records, isotretinoin_months=isotretinoin_months) if each.rule.kind in CONTRAINDICATIONS]
    given = records.frame.filter(nw.col("treated"))
    held = collect(
        given.select(*(one(~each.needs.is_null()).sum().alias(each.name) for each in asked), nw.len().alias("sessions"))
    )
    ever = [each for each in asked if held[each.name].fillna(0).iloc[0] > 0]
    against, known = nw.lit(False), nw.lit(bool(ever))
    for each in ever:
        against = against | each.when.fill_null(False)
        known = known & (~each.applies | ~each.needs.is_null())
    marked = given.with_columns(yes=one(against), n=one(against | known))
    counted = collect(marked.select(nw.col("yes").sum(), nw.col("n").sum())).fillna(0)
    never = tuple(each.name for each in asked if each.name not in {answered.name for answered in ever})
    row = _count({}, AGAINST, "contraindications", int(counted["yes"].iloc[0]), int(counted["n"].iloc[0]))
    note = (Note(NoteCode.NEVER_ANSWERED, names=never),) if never else ()
    return _framed([row | {"note": note}]).assign(sessions=int(held["sessions"].iloc[0]))


def _intervals(of: dict[str, str], days: Any) -> list[dict[str, Any]]:
    middle = float(np.median(days)) if len(days) else nan
    soon, late = (GUIDANCE[name].limit for name in (TOO_SOON, TOO_LATE))
    row = _count(of, APART, "", 0, len(days), "days")
    return [
        _against(of, TOO_SOON, int((days < soon).sum()), len(days), "intervals", soon),
        _against(of, TOO_LATE, int((days > late).sum()), len(days), "intervals", late),
        row | {"events": len(days), "estimate": middle, "unit": "days", "method": "median"},
    ]


def _against(of: dict[str, str], rule: str, k: int, n: int, unit: str = "sessions", limit: float = nan) -> dict[str, Any]:
    number = None if isnan(limit) else limit
    return _count(of, AGAINST, rule, k, n, unit, limit) | {"note": (Note(NoteCode.AGAINST_GUIDANCE, number, names=(rule,)),)}


def _count(
    of: dict[str, str], measure: str, rule: str, k: int, n: int, unit: str = "sessions", limit: float = nan
) -> dict[str, Any]:
    numbers = {"n": n, "events": k, "estimate": 100 * k / n if n else nan, "conf_low": nan, "conf_high": nan}
    note = () if n else (Note(NoteCode.NOT_RECORDED),)
    words = {"unit": f"% of {unit}", "method": "count", "note": note}
    return {"measure": measure, "rule": rule} | of | numbers | words | {"limit": limit}


def _framed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return long_frame(rows).assign(limit=[row["limit"] for row in rows])
