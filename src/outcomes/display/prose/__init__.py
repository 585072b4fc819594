"""Estimates and counts in sentences: display only, no statistics.

Sentences speak of change, never of what caused it, and carry their interval and n.
"""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.cohort.courses import OTHER_SCALE
from outcomes.cohort.findings import ACT_ON
from outcomes.cohort.tally import Tally
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.prose.adverse_events import (
    act_on_first,
    bound,
    events,
    events_apart,
    how_often,
    judged,
    label,
    lasting,
    none_seen,
    of_sessions,
    provider_limits,
    providers,
    screening,
    what_counts,
)
from outcomes.display.prose.claims import claim_limits, claim_number, claimed_sessions, claims, darker_skin, kept
from outcomes.display.prose.continued import (
    NOBODY,
    another_session,
    headline,
    overturned,
    to_response,
    unrecorded_last_result,
    who_stops,
    why_continued,
)
from outcomes.display.prose.evidence import (
    against_published,
    assumed_correlation,
    dose_words,
    left_out,
    like_with_like,
    new_pih_published,
    no_picture,
    odd_arithmetic,
    of_words,
    published_limits,
    source_words,
    trial_name,
)
from outcomes.display.prose.raters import agreement, blind_alone, raters, scored_blind, share
from outcomes.display.prose.regression_to_the_mean import bad_day, why_bad_day
from outcomes.display.prose.score_account import account_lines, last_assessments, score_window, scores_kept, window_follows
from outcomes.display.prose.skin_types import about_more, how_compared, margin_words, skin_type_numbers, verdicts
from outcomes.display.words import (
    Prose,
    around,
    between,
    counted,
    heading,
    in_ten,
    listed,
    moved,
    number,
    one_in,
    paragraphs,
    percent,
    plain,
    rate,
    rates,
    session_words,
    signed,
    size,
    span,
    types,
    with_minus,
)
from outcomes.records.read import Records

MOST_REASONS = 12
"""The most kinds of broken rules that are told one by one."""

__all__ = [
    "Prose",
    "about_more",
    "account_lines",
    "act_on_first",
    "against_published",
    "agreement",
    "another_session",
    "answer",
    "assumed_correlation",
    "bad_day",
    "between",
    "blind_alone",
    "bound",
    "claim_limits",
    "claim_number",
    "claimed_sessions",
    "claims",
    "counted",
    "darker_skin",
    "dose_words",
    "events",
    "events_apart",
    "heading",
    "headline",
    "how_compared",
    "how_often",
    "in_ten",
    "judged",
    "kept",
    "label",
    "last_assessments",
    "lasting",
    "lasting_rule",
    "left_out",
    "like_with_like",
    "limits",
    "listed",
    "margin_words",
    "new_pih_published",
    "no_grades",
    "no_picture",
    "none_seen",
    "number",
    "odd_arithmetic",
    "of_sessions",
    "of_words",
    "one_in",
    "overturned",
    "paragraphs",
    "percent",
    "plain",
    "provider_limits",
    "providers",
    "published_limits",
    "rate",
    "raters",
    "rates",
    "responder_rule",
    "rows_kept",
    "score_window",
    "scored_blind",
    "scores_kept",
    "screening",
    "session_words",
    "share",
    "signed",
    "size",
    "skin_type_numbers",
    "source_words",
    "span",
    "still_attending",
    "to_look_at",
    "to_response",
    "trial_name",
    "types",
    "unrecorded_last_result",
    "verdicts",
    "what_counts",
    "who_is_in",
    "who_stops",
    "why_bad_day",
    "why_continued",
    "window_follows",
    "with_minus",
]


def answer(change: pd.DataFrame, responders: pd.DataFrame) -> Prose:
    """Two sentences for each endpoint from its `as_treated` estimates, a row each: how much better, and how many responded."""
    rows = zip(change.to_dict("records"), responders.to_dict("records"), strict=True)
    return Prose("\n\n".join(_answer(row, responded) for row, responded in rows))


def _answer(row: dict[str, Any], responded: dict[str, Any]) -> str:
    name, scale = heading(ENDPOINTS[row["endpoint"]]), SCALES[row["scale"]]
    if row["n"] < FEW:
        return f"**{name}**: too few courses ({row['n']}) to say."
    if isnan(row["conf_low"]):
        return f"**{name}** changed by {signed(row['estimate'])} {scale.unit} in every one of {counted(row['n'], 'courses')}: no interval."
    said = f"{around(row)}; {counted(row['n'], 'courses')}, {session_words(row['session'])} in the median"
    first = f"**{name}** {moved(row, scale.unit)} at the last assessment ({said})."
    if responded["n"] == 0:
        return f"{first} No course could respond: all began at the best score."
    share = in_ten(responded["estimate"])
    interval = span(responded["conf_low"], responded["conf_high"])
    return f"{first} **{share[0].upper() + share[1:]}** responded ({interval}): {scale.rule}."


def still_attending(observed: pd.DataFrame) -> Prose:
    """Why the means of those who reached a session are not the effect of that many sessions, with the last one's numbers."""
    seen = observed[observed["n"] > 0]
    if seen.empty:
        return Prose(NOBODY)
    first, last = seen.iloc[0], seen.iloc[-1]
    unit = SCALES[last["scale"]].unit
    n, those = int(last["n"]), "it" if last["n"] == 1 else "those"
    were = f"{'was' if n == 1 else 'were'} scored {session_words(last['session'])}"
    who = f"{counted(n, 'courses')} {were}" if len(seen) == 1 else f"Of {_scored(first)}, {n:,} {were}"
    return Prose(
        f"{who}; {those} had changed by {signed(last['estimate'])} {unit}. Each point is the mean of the patients "
        "**still attending**. Patients who are satisfied stop, and so do patients who are disappointed, so these means are not what a "
        "further session does, and the difference between two of them is not the gain of a session."
    )


def _scored(row: Any) -> str:
    return f"{counted(int(row['n']), 'courses')} scored {session_words(row['session'])}"


def responder_rule(tally: Tally) -> Prose:
    """The rule by which a course counts as responded, and what it does not rest on."""
    return Prose(
        f"A course **responded** when its {tally.scale.label} went {tally.scale.rule}. No published minimal important difference "
        "exists for this scale; the rule is a declared convention. Courses that began at the best score cannot respond and are left out."
    )


def lasting_rule(tally: Tally) -> Prose:
    """The rule by which a response counts for the number of sessions it took: it has to last."""
    return Prose(
        f"Here a course counts as responded from the first score at which its {tally.scale.label} had gone {tally.scale.rule}, if that still "
        "held at its next score or there was none. That is stricter than having responded after a certain session, so the figures are lower "
        "than those of the summary."
    )


def who_is_in(records: Records, *tallies: Tally) -> Prose:
    """How many rows, courses and patients there are, and how many courses each endpoint is computed from."""
    parts = [
        f"{tally.analysed:,} ({percent(100 * tally.analysed / tally.courses)}) for {tally.endpoint.label}, scored on the {tally.scale.label}"
        + (f" ({counted(other, 'courses')} on another scale left out)" if (other := _on_another_scale(tally)) else "")
        for tally in tallies
    ]
    size = (
        f"**{counted(records.rows, 'rows')}** in {plain(records.source)} make **{counted(records.courses, 'courses')}** of "
        f"**{counted(records.patients, 'patients')}**.{_of_visits(records)}"
    )
    if not parts:
        return Prose(f"{size} No endpoint was scored.")
    return Prose(
        f"{size} Of these courses, those that have a score before the first session and one after a later session are analysed: "
        f"{'; '.join(parts)}."
    )


def _of_visits(records: Records) -> str:
    if records.visits == records.rows:
        return ""
    return f" The rows are of {counted(records.visits, 'visits')}: a visit that several assessors scored, each on a row, counts once."


def rows_kept(records: Records) -> Prose:
    """That every row of the source is either analysed or set aside, and why some are."""
    total = f"**{counted(records.rows_in, 'rows')}** in the file = **{records.rows:,}** analysed + **{records.rows_aside:,}** set aside."
    if records.aside is None:
        return Prose(total)
    reasons = records.aside.reasons().to_dict("records")
    lines = [f"- {plain(reason['column'])}: {plain(reason['problem'])} ({counted(reason['n'], 'times')})" for reason in reasons]
    whole = "A course with a broken row is set aside whole, with all its rows. What is broken, each kind by its first row:"
    return Prose("\n".join([f"{total} {whole}", "", *lines[:MOST_REASONS], *_more(len(lines) - MOST_REASONS)]))


def _more(n: int) -> list[str]:
    return [f"- {counted(n, 'kinds')} more"] if n > 0 else []


def _on_another_scale(tally: Tally) -> int:
    return int(tally.flow.loc[tally.flow["reason"] == OTHER_SCALE, "n"].sum())


def limits() -> Prose:
    """What such records can and cannot say, in every report."""
    return Prose(
        "- There is **no control group**: a change may also come from time, other treatment, or from having begun on a bad day.\n"
        "- Patients **stop when they are satisfied or disappointed**, so means of those still attending after many sessions mislead.\n"
        "- Scores are the **assessors' judgement**, and an assessor who hopes for improvement may see it.\n"
        "- Small groups are shown with their numbers and their wide intervals, not compared."
    )


def to_look_at(found: pd.DataFrame) -> Prose:
    """The findings that an owner acts on, as a list; or that there are none."""
    seen = found[(found["n"] > 0) & found["finding"].isin(ACT_ON)]
    if seen.empty:
        return Prose("Nothing in the records asks for action.")
    return Prose("\n".join(f"- {plain(sentence)}" for sentence in seen["sentence"]))


def no_grades(tally: Tally) -> Prose:
    """Said in place of the table of grades before and after, on scales that have none."""
    return Prose(f"The {tally.scale.label} is scored in points, so there is no table of grades before and after.")
