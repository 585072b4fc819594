"""What to check in the records, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from outcomes.cohort.checks import EVENT_BEFORE, MALE, NO_BASELINE, NOT_RISEN, PIH_BEFORE, SEVERAL_COURSES
from outcomes.cohort.findings import (
    LONG_INTERVAL,
    SCORED_LATE,
    SCORED_NO_DAY,
    SCORED_SOON,
    SET_ASIDE,
    UNKNOWN_COLUMN,
    UNSCORED_END,
)
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.guidance import GUIDANCE
from outcomes.definitions.thresholds import MOST_NAMED
from outcomes.display.guidance import actions, outside_words, rule_title
from outcomes.display.prose.eligibility import NOTHING
from outcomes.display.texts import Prose
from outcomes.display.words import DASH, counted, listed, plain, was_or_were

_SAID = {
    NOT_RISEN: "After {n:,} of {treated}, the session count had not increased at the next visit.",
    EVENT_BEFORE: "At {n:,} of {whole}, an adverse event is recorded before any session. It is not counted.",
    PIH_BEFORE: (
        "At {n:,} of {whole}, new PIH is recorded before any session. It was there before treatment and is not counted as new."
    ),
    MALE: "At {n:,} of {whole}, a man is recorded as pregnant or breastfeeding.",
    LONG_INTERVAL: "Of {whole} between sessions, {count} longer than {high:g} days; four weeks are usual.",
    NO_BASELINE: "In {n:,} of {whole}, no score was taken before the first session.",
    SCORED_SOON: "Of {whole}, {count} taken less than {low:g} days after a session, too soon to count.",
    SCORED_LATE: (
        "Of {whole}, {count} taken more than {high:g} days after a session: follow-up, not counted as the score after it."
    ),
    SCORED_NO_DAY: "Of {whole}, {count} taken after a session whose day is not recorded, and so not counted.",
    UNSCORED_END: "Of {whole} that ended, {count} not assessed after the last session ({of_endpoint}, {days} days after it).",
    SEVERAL_COURSES: "Of {whole}, {n:,} had more than one course. Courses of one patient are not independent.",
    SET_ASIDE: "Of {whole}, {count} set aside with their whole courses, in which a rule is broken.",
    UNKNOWN_COLUMN: "Of {whole}, {n:,} {are} not in the contract{unread}.",
}
"""What was found, as a sentence; a rule of guidance has its own label."""


def findings(found: pd.DataFrame) -> Prose:
    """The findings that an owner acts on, as a list; or that there are none."""
    seen = found[(found["n"] > 0) & found["is_to_act_on"]].to_dict("records")
    outside = {row["finding"]: (row["n"], row["of"], row["low"]) for row in seen if row["finding"] in GUIDANCE}
    lines = [*actions(outside), *(plain(finding_words(row)) for row in seen if row["finding"] not in GUIDANCE)]
    return Prose("\n".join(f"- {line}" for line in lines) or NOTHING)


def in_the_records(found: pd.DataFrame) -> Prose:
    """What there is to check in the records themselves, as a list, from `outcomes.findings`; what was given outside guidance is told with the sessions."""
    seen = found[(found["n"] > 0) & ~found["finding"].isin(GUIDANCE)]
    ends = seen[seen["finding"] == UNSCORED_END]
    said = [finding_words(row) for row in seen.drop(ends.index[1:]).to_dict("records")]
    if len(ends) > 1:
        said[seen.index.get_loc(ends.index[0])] = _unscored_ends(ends.to_dict("records"))
    return Prose("\n".join(f"- {plain(each)}" for each in said) or "Nothing was found that has to be checked.")


def _unscored_ends(rows: list[dict[str, Any]]) -> str:
    """Courses without a last assessment, of several endpoints in one sentence."""
    each = [f"{row['n']:,} of {row['of']:,} for {_endpoint(row)}" for row in rows]
    days = f"{rows[0]['low']:g}{DASH}{rows[0]['high']:g}"
    return f"Of courses that ended, these were not assessed {days} days after the last session: {listed(each)}."


def finding_words(row: Mapping[str, Any]) -> str:
    """A row of `outcomes.findings` as a sentence: ``Of 650 sessions, 2 were given during pregnancy.``"""
    n, of = row["n"], row["of"]
    if of == 0:
        return f"Not recorded, so it cannot be checked: {finding_title(row)}."
    if row["finding"] in GUIDANCE:
        return outside_words(row["finding"], n, of, row["low"])
    count = f"{f'{n:,}' if n else 'none'} {was_or_were(n)}"
    days = f"{row['low']:g}{DASH}{row['high']:g}"
    words = {
        "count": count,
        "whole": counted(of, row["unit"]),
        "treated": counted(of, "treated visits"),
        "days": days,
        "are": "is" if n == 1 else "are",
        "of_endpoint": _endpoint(row),
    }
    return _SAID[row["finding"]].format(**row, **words, unread=_unread(row["names"], n))


def finding_title(row: Mapping[str, Any]) -> str:
    """What a table calls it: ``under 22``, ``no last assessment of PIH``."""
    if row["finding"] in GUIDANCE:
        return rule_title(row["finding"], row["low"])
    return f"{row['finding']} of {_endpoint(row)}" if row["endpoint"] else str(row["finding"])


def _endpoint(row: Mapping[str, Any]) -> str:
    return ENDPOINTS[row["endpoint"]].label if row["endpoint"] else ""


def _unread(names: tuple[str, ...], n: int) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f" and {was_or_were(n)} not read: {', '.join(names[:MOST_NAMED])}{more}" if names else ""
