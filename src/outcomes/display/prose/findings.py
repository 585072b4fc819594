"""What to look at in the records, in sentences."""

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
from outcomes.display.guidance import against_words, rule_title
from outcomes.display.words import Prose, plain

_WHAT = {
    NOT_RISEN: "treated, but the next visit counts no further session",
    EVENT_BEFORE: "with an adverse event recorded before any session; not counted as one",
    PIH_BEFORE: "with new PIH recorded before any session; it was there at baseline and is not counted as new",
    MALE: "of a man recorded as pregnant or breastfeeding",
    LONG_INTERVAL: "of more than {high:g} days between two sessions; four weeks are usual",
    NO_BASELINE: "without any score before the first session",
    SCORED_SOON: "taken less than {low:g} days after a session: too soon to count",
    SCORED_LATE: "taken more than {high:g} days after a session: follow-up, not counted as the score after it",
    SCORED_NO_DAY: "after a session whose day is not known, as its visit is not in the records: not counted",
    UNSCORED_END: "ended without an assessment after their last session ({of_endpoint}, {low:g} to {high:g} days after it)",
    SEVERAL_COURSES: "with more than one course; their courses are not independent of each other",
    SET_ASIDE: "set aside with their whole courses, in which a rule is broken",
    UNKNOWN_COLUMN: "not in the contract{unread}",
}
"""What is counted, after its unit; a rule of guidance has its own label."""


def findings(found: pd.DataFrame) -> Prose:
    """The findings that an owner acts on, as a list; or that there are none."""
    seen = found[(found["n"] > 0) & found["is_to_act_on"]]
    if seen.empty:
        return Prose("Nothing in the records asks for action.")
    return Prose("\n".join(f"- {plain(finding_words(row))}" for row in seen.to_dict("records")))


def finding_words(row: Mapping[str, Any]) -> str:
    """A row of `outcomes.findings` as a sentence: ``2 of 650 visits treated during pregnancy.``"""
    n, of, unit, what = row["n"], row["of"], row["unit"], _what(row)
    if of == 0:
        return f"Not recorded: {unit} {what}."
    return f"{n:,} of {of:,} {unit} {what}." if n else f"No {unit} {what} ({of:,} looked at)."


def finding_title(row: Mapping[str, Any]) -> str:
    """What a table calls it: ``under 22``, ``no last assessment of PIH``."""
    if row["finding"] in GUIDANCE:
        return rule_title(row["finding"], row["low"])
    return f"{row['finding']} of {_endpoint(row)}" if row["endpoint"] else str(row["finding"])


def _what(row: Mapping[str, Any]) -> str:
    if row["finding"] in GUIDANCE:
        return against_words(row["finding"], row["low"], "treated")
    return _WHAT[row["finding"]].format(**row, of_endpoint=_endpoint(row), unread=_unread(row["names"]))


def _endpoint(row: Mapping[str, Any]) -> str:
    return ENDPOINTS[row["endpoint"]].label if row["endpoint"] else ""


def _unread(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f" and not read: {', '.join(names[:MOST_NAMED])}{more}" if names else ""
