"""Sessions given beside guidance: who was screened, who was treated against it, tips used twice, days between sessions."""

from __future__ import annotations

from math import isnan, nan
from typing import Any, Literal

import numpy as np
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.guidance import AGAINST as AGAINST_IT
from outcomes.cohort.guidance import BLANK, IN_LINE, TIP_NOTED, asked_rules, days_of, limit_of, reused_tips
from outcomes.cohort.providers import GROUP, groups_shown, in_order
from outcomes.cohort.read import cohort_of
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.guidance import (
    ALL_QUESTIONS,
    ANY_QUESTION,
    CONTRAINDICATIONS,
    GUIDANCE,
    TIP,
    TOO_LATE,
    TOO_SOON,
)
from outcomes.definitions.notes import Note, NoteCode
from outcomes.errors import UsageError
from outcomes.measures.estimates import long_frame
from outcomes.records.records import Records

AGAINST, ASKED, APART = "against guidance", "screened", "days between sessions"


def eligibility(cohort: Cohort | Records, by: Literal["provider_id"] | None = None) -> pd.DataFrame:
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
        UsageError: unknown `by`.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> held = outcomes.eligibility(cohort).query("rule == 'under age' and measure == 'against guidance'")
        >>> held[["events", "n"]].values.tolist()
        [[32, 925]]
    """
    if by not in (None, "provider_id"):
        raise UsageError(f"by must be provider_id or nothing, got {by!r}")
    whole = cohort_of(cohort)
    limits = whole.about.limits
    sessions, used, spaced = (whole.part(name) for name in ("screening", "tips", "intervals"))
    sessions, used, spaced = (
        counts.assign(**{GROUP: groups_shown(counts["provider"], whole.part("providers")) if by else ""})
        for counts in (sessions, used, spaced)
    )
    groups = in_order({*sessions[GROUP], *used[GROUP], *spaced[GROUP]}) if by else [""]
    rows = []
    for group in groups:
        of: dict[str, str] = {by: group} if by else {}
        given, of_tips, apart = (counts[counts[GROUP] == group] for counts in (sessions, used, spaced))
        n = _sessions(given)
        for rule in asked_rules():
            against, known = (_sessions(given, given[rule.name] >= standing) for standing in (AGAINST_IT, IN_LINE))
            rows.append(_against(of, rule.name, against, known, limit=limit_of(rule, limits)))
        for rule in asked_rules():
            blank, asked = _sessions(given, given[rule.name] == BLANK), _sessions(given, given[rule.name] >= BLANK)
            rows.append(_count(of, NOT_RECORDED, rule.name, blank, asked, limit=limit_of(rule, limits)))
        rows += [_count(of, ASKED, name, _sessions(given, screened), n) for name, screened in _screened(given).items()]
        rows.append(_against(of, TIP, *reused_tips(of_tips), "tips"))
        rows.append(_count(of, NOT_RECORDED, TIP, _sessions(given, given[TIP_NOTED] == 0), n))
        rows += _intervals(of, days_of(apart))
    return _framed(rows)


def contraindications(cohort: Cohort | Records) -> pd.DataFrame:
    """Sessions given against any contraindication: one row in the columns of `eligibility`, with `sessions` given.

    A session counts (`n`) where a screening question or isotretinoin is recorded against it, or every one of them that the records
    hold and that is asked of that patient is answered. `note` names the rules that no session has an answer to.

    Example:
        >>> import outcomes
        >>> outcomes.contraindications(outcomes.read_cohort("sample"))[["events", "n"]].values.tolist()
        [[15, 886]]
    """
    given = cohort_of(cohort).part("screening")
    asked = [rule.name for rule in asked_rules() if rule.kind in CONTRAINDICATIONS]
    ever = [name for name in asked if (given[name] >= IN_LINE).any()]
    standing = given[ever]
    is_against = (standing == AGAINST_IT).any(axis=1)
    is_known = (is_against | (standing != BLANK).all(axis=1)) if ever else is_against
    row = _count({}, AGAINST, "contraindications", _sessions(given, is_against), _sessions(given, is_known))
    never = tuple(name for name in asked if name not in ever)
    note = (Note(NoteCode.NEVER_ANSWERED, names=never),) if never else ()
    return _framed([row | {"note": note}]).assign(sessions=_sessions(given))


def _sessions(given: pd.DataFrame, chosen: Any = None) -> int:
    """How many sessions given there are, of those `chosen`."""
    return int((given if chosen is None else given[chosen])["n"].sum())


def _screened(given: pd.DataFrame) -> dict[str, Any]:
    """Whether at least one, and every, screening question asked of that patient was answered."""
    standing = given[[rule.name for rule in asked_rules() if rule.kind == "question"]]
    return {ANY_QUESTION: (standing >= IN_LINE).any(axis=1), ALL_QUESTIONS: (standing != BLANK).all(axis=1)}


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
