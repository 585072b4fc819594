"""Change and response of those scored, in sentences."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.prose.continued import NOBODY
from outcomes.display.words import Prose, around, counted, first_up, heading, in_ten, moved, session_words, signed, span


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
    return f"{first} **{first_up(share)}** responded ({interval}): {scale.rule}."


def change_by_session(observed: pd.DataFrame) -> Prose:
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


def no_grades(tally: Tally) -> Prose:
    """Said in place of the table of grades before and after, on scales that have none."""
    return Prose(f"The {tally.scale.label} is scored in points, so there is no table of grades before and after.")
