"""Change of those assessed, in sentences."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import ENOUGH_FOR_PERCENT, FEW
from outcomes.display.prose.continued import NOBODY, TOO_FEW_SCORED
from outcomes.display.words import Prose, change_of, counted, improved_by, is_clear, session_words, share_of, size_of


def answer(change: pd.DataFrame, responders: pd.DataFrame) -> Prose:
    """Two sentences for each endpoint from its `as_treated` estimates, a row each: how much better, and how many improved."""
    rows = zip(change.to_dict("records"), responders.to_dict("records"), strict=True)
    return Prose("\n\n".join(_answer(row, responded) for row, responded in rows))


def _answer(row: dict[str, Any], responded: dict[str, Any]) -> str:
    label, scale = f"**{ENDPOINTS[row['endpoint']].label}**", SCALES[row["scale"]]
    if row["n"] < FEW:
        return f"Too few courses were assessed for {label} to report ({row['n']}; {FEW} are needed)."
    if isnan(row["conf_low"]):
        return (
            f"At the last assessment, {label} had changed by {change_of(row).estimate} {scale.unit} in each of "
            f"{counted(row['n'], 'courses')}, so there is no interval."
        )
    assessed = f"{counted(row['n'], 'courses')} assessed, after a median of {counted(float(row['session']), 'sessions')}"
    first = f"At the last assessment, {than_before(row, label, assessed)}."
    if responded["n"] == 0:
        return f"{first} No course could improve: all began at the best score."
    told, n = share_of(responded), int(responded["n"])
    if n < ENOUGH_FOR_PERCENT:
        many = f"{responded['estimate'] * n / 100:.0f} of {counted(n, 'courses')}"
        return f"{first} In **{many}**, it improved {improved_by(scale)} ({told.estimate}; {told.ci})."
    return f"{first} In **{told.estimate}** of courses, it improved {improved_by(scale)} ({told.ci})."


def than_before(row: Any, label: str, assessed: str) -> str:
    """``acne scarring was **0.9 grades** better than before treatment (95% CI 0.8–1.0; 208 courses)``, or that there was no clear change."""
    told, unit = size_of(row), SCALES[row["scale"]].unit
    if not is_clear(row):
        return f"there was **no clear change** in {label} from before treatment ({told.estimate} {unit}; {told.ci}; {assessed})"
    how = "better" if row["estimate"] < 0 else "worse"
    return f"{label} was **{told.estimate} {unit} {how}** than before treatment ({told.ci}; {assessed})"


def change_by_session(observed: pd.DataFrame) -> Prose:
    """Why the averages of those who reached a session are not the effect of that many sessions, with the last one's numbers."""
    enough = observed[observed["n"] >= FEW]
    if (observed["n"] == 0).all():
        return Prose(NOBODY)
    if enough.empty:
        return Prose(TOO_FEW_SCORED)
    first, last = enough.iloc[0], enough.iloc[-1]
    told = change_of(last)
    average = f"their average change was {told.estimate} {SCALES[last['scale']].unit} ({told.ci})"
    then = f"{int(last['n']):,} were assessed {session_words(last['session'])}"
    who = f"Of {_assessed(first)}, {then}" if len(enough) > 1 else f"There were {_assessed(first)}"
    return Prose(
        f"{who}; {average}. Each average is of patients **still attending**. Satisfied patients stop, and so do disappointed ones, so "
        "these averages do not show what a further session does, and the difference between two of them is not the benefit of a session."
    )


def _assessed(row: Any) -> str:
    return f"{counted(int(row['n']), 'courses')} assessed {session_words(row['session'])}"


def responder_rule(tally: Tally) -> Prose:
    """The rule by which a course counts as improved, and what it does not rest on."""
    return Prose(
        f"A course counts as **improved** when its {tally.scale.label} went {tally.scale.rule}. No minimal important difference is published "
        "for this scale, so the rule is a convention. Courses that began at the best score cannot improve and are left out of the percentages."
    )


def no_grades(tally: Tally) -> Prose:
    """Said in place of the table of grades before and after, on scales that have none."""
    return Prose(f"The {tally.scale.label} is scored in points, so there is no table of grades before and after.")
