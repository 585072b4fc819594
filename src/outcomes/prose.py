"""Estimates and counts in sentences: display only, no statistics.

Sentences speak of change, never of what caused it, and carry their interval and n.
"""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.finding import ACT_ON
from outcomes.records import Records
from outcomes.scales import ENDPOINTS, SCALES, Endpoint
from outcomes.tallies import Tally


class Prose(str):
    """Markdown that a notebook shows as text."""

    def _repr_markdown_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


def number(value: float) -> str:
    """One decimal below 10, none above: ``1.2``, ``63``. A real minus sign; never ``-0``."""
    shown = f"{value:,.1f}" if abs(value) < 9.95 else f"{value:,.0f}"
    return shown.replace("-0.0", "0.0").replace("-", "\N{MINUS SIGN}")


def signed(value: float) -> str:
    """A change with its sign: ``+0.3``, ``−1.2``."""
    return number(value) if number(value).startswith(("\N{MINUS SIGN}", "0.0")) else f"+{number(value)}"


def percent(value: float) -> str:
    """A whole percent: ``63 %``."""
    shown = f"{value:,.0f}".replace("-0", "0") if abs(value) < 0.5 else f"{value:,.0f}"
    return shown.replace("-", "\N{MINUS SIGN}") + "\N{NO-BREAK SPACE}%"


def counted(n: int, unit: str) -> str:
    """A count with its word, which loses its s at one: ``1 course``, ``1,203 rows``."""
    return f"{n:,} {unit.removesuffix('s') if n == 1 else unit}"


def in_ten(value: float) -> str:
    """A percent as people say it: ``7 in 10``, ``fewer than 1 in 10``."""
    tenths = round(value / 10)
    if tenths == 0:
        return "none" if value == 0 else "fewer than 1 in 10"
    return "all" if value == 100 else "more than 9 in 10" if tenths == 10 else f"{tenths} in 10"


def session_words(k: float) -> str:
    """``after 1 session``, ``after 3 sessions``, ``after 3.5 sessions``."""
    return f"after {k:g} {'session' if k == 1 else 'sessions'}"


def heading(endpoint: Endpoint) -> str:
    """The endpoint as a sentence begins with it: ``Acne scarring``, ``PIH``."""
    return endpoint.label[0].upper() + endpoint.label[1:]


def answer(change: pd.DataFrame, responders: pd.DataFrame) -> Prose:
    """Two sentences for each endpoint from its `as_treated` estimates, a row each: how much better, and how many responded."""
    rows = zip(change.to_dict("records"), responders.to_dict("records"), strict=True)
    return Prose("\n\n".join(_answer(row, responded) for row, responded in rows))


def _answer(row: dict[str, Any], responded: dict[str, Any]) -> str:
    name, scale = heading(ENDPOINTS[row["endpoint"]]), SCALES[row["scale"]]
    if isnan(row["conf_low"]):
        return f"**{name}**: too few courses ({row['n']}) to say."
    around = f"{_around(row)}; {counted(row['n'], 'courses')}, {session_words(row['session'])} in the median"
    first = f"**{name}** {_moved(row, scale.unit)} at the last assessment ({around})."
    if responded["n"] == 0:
        return f"{first} No course could respond: all began at the best score."
    share = in_ten(responded["estimate"])
    interval = f"{number(responded['conf_low'])} to {percent(responded['conf_high'])}"
    return f"{first} **{share[0].upper() + share[1:]}** responded ({interval}): {scale.rule}."


def _moved(row: Any, unit: str) -> str:
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return f"had not clearly changed ({signed(row['estimate'])} {unit})"
    return f"was {number(abs(row['estimate']))} {unit} {'lower' if row['estimate'] < 0 else 'higher'} than before treatment"


def _around(row: Any) -> str:
    """The interval of a change, without signs where it is named a fall or a rise."""
    low, high = row["conf_low"], row["conf_high"]
    if low <= 0 <= high:
        return f"95 % interval {signed(low)} to {signed(high)}"
    near, far = sorted((abs(low), abs(high)))
    return f"95 % interval {number(near)} to {number(far)}"


def still_attending(observed: pd.DataFrame) -> Prose:
    """Why the means of those who reached a session are not the effect of that many sessions, with the last one's numbers."""
    seen = observed[observed["n"] > 0]
    if seen.empty:
        return Prose("No course was scored after a session.")
    first, last = seen.iloc[0], seen.iloc[-1]
    unit = SCALES[last["scale"]].unit
    return Prose(
        f"Of {counted(int(first['n']), 'courses')} scored {session_words(first['session'])}, {int(last['n']):,} were scored "
        f"{session_words(last['session'])}; those had changed by {signed(last['estimate'])} {unit}. Each point is the mean of the patients "
        "**still attending**. Patients who are satisfied stop, and so do patients who are disappointed, so these means are not what a "
        "further session does, and the difference between two of them is not the gain of a session."
    )


def responder_rule(tally: Tally) -> Prose:
    """The rule by which a course counts as responded, and what it does not rest on."""
    return Prose(
        f"A course **responded** when its {tally.scale.label} was {tally.scale.rule}. No published minimal important difference "
        "exists for this scale; the rule is a declared convention. Courses that began at the best score cannot respond and are left out."
    )


def who_is_in(records: Records, *tallies: Tally) -> Prose:
    """How many rows, courses and patients there are, and how many courses each endpoint is computed from."""
    parts = [
        f"{tally.analysed:,} ({percent(100 * tally.analysed / tally.courses)}) for {tally.endpoint.label}, scored on the {tally.scale.label}"
        for tally in tallies
    ]
    return Prose(
        f"**{counted(records.rows, 'rows')}** in {records.source} make **{counted(records.courses, 'courses')}** of "
        f"**{counted(records.patients, 'patients')}**. Of these courses, those that have a score before the first session and one after a "
        f"later session are analysed: {'; '.join(parts)}."
    )


def limits() -> Prose:
    """What such records can and cannot say, in every report."""
    return Prose(
        "- There is **no control group**: a change may also come from time, other treatment, or from having begun on a bad day.\n"
        "- Patients **stop when they are satisfied or disappointed**, so means of those still attending after many sessions mislead.\n"
        "- Scores are the assessors' judgement, mostly not blinded.\n"
        "- Small groups are shown with their numbers and their wide intervals, not compared."
    )


def to_look_at(found: pd.DataFrame) -> Prose:
    """The findings that an owner acts on, as a list; or that there are none."""
    seen = found[(found["n"] > 0) & found["finding"].isin(ACT_ON)]
    if seen.empty:
        return Prose("Nothing in the records asks for action.")
    return Prose("\n".join(f"- {plain(sentence)}" for sentence in seen["sentence"]))


def plain(text: str) -> str:
    """Text from the records in Markdown: shown as it stands, never as markup."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>#+!|~&$" else character for character in text)


def no_grades(tally: Tally) -> Prose:
    """Said in place of the table of grades before and after, on scales that have none."""
    return Prose(f"The {tally.scale.label} is scored in points, so there is no table of grades before and after.")
