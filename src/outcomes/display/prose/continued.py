"""The headline in sentences: change had every patient continued, skin types, further sessions, and what could overturn it."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.words import (
    Prose,
    around,
    between,
    counted,
    heading,
    in_ten,
    moved,
    number,
    percent,
    session_words,
    signed,
    size,
    span,
    with_minus,
)

NOBODY = "No course was scored after a session."
TOO_FEW_SCORED = "Too few courses were scored after a session to say."
OUTSIDE = "outside this interval"


def headline(estimates: pd.DataFrame) -> Prose:
    """How much better and how many responded had every patient continued; a paragraph for each endpoint of `outcomes.at_headline`."""
    rows = estimates[estimates["estimand"] == "continued"].groupby("endpoint", sort=False)
    by_endpoint = [frame.set_index("measure") for _, frame in rows]
    return Prose("\n\n".join(_headline(of) for of in by_endpoint if "change" in of.index) or TOO_FEW_SCORED)


def _headline(of: pd.DataFrame) -> str:
    change = of.loc["change"]
    name, scale, scored = heading(ENDPOINTS[change["endpoint"]]), SCALES[change["scale"]], counted(int(change["n"]), "courses")
    if isnan(change["estimate"]):
        enough = change["n"] >= FEW and "too few to estimate" not in change["note"]
        why = f"cannot be estimated: {change['note']}" if enough else f"too few courses ({change['n']}) to say"
        return f"**{name}**: {why}."
    when = f"{session_words(change['session'])}, had every patient continued"
    if isnan(change["conf_low"]):
        moves = f"changed by {signed(change['estimate'])} {scale.unit} {when} ({scored} scored then, all alike: no interval)"
    else:
        moves = f"{moved(change, scale.unit)} {when} ({around(change)}; {scored} scored then)"
    disagrees = f" The check disagrees: {with_minus(change['note'].split('; ')[-1])}." if OUTSIDE in change["note"] else ""
    return f"**{name}** {moves}.{disagrees}{_would_respond(of)}"


def _would_respond(of: pd.DataFrame) -> str:
    if "responders" not in of.index or isnan(of.at["responders", "estimate"]):
        return " How many would have responded can't be told."
    row = of.loc["responders"]
    share = in_ten(row["estimate"])
    interval = "no interval" if isnan(row["conf_low"]) else span(row["conf_low"], row["conf_high"])
    return f" **{share[0].upper() + share[1:]}** would have responded ({interval}): {SCALES[row['scale']].rule}."


def why_continued() -> Prose:
    """What "had every patient continued" means and assumes, in every report that uses it."""
    return Prose(
        "**Had every patient continued** means: what patients like these would have reached had all of them come to that session, those who stopped "
        "going on like patients with the same recorded scores who stayed. Whoever stays stands in for those who left. It assumes that "
        "nothing that was not recorded made patients stop."
    )


def unrecorded_last_result(band: pd.DataFrame) -> Prose:
    """How many courses ended without an assessment after their last session, and what the headline would be had that been why.

    From `outcomes.tilt_sensitivity`, a paragraph for each endpoint.
    """
    changes = band[band["measure"] == "change"] if len(band) else band
    rows = [frame.to_dict("records") for _, frame in changes.groupby("endpoint", sort=False)] if len(band) else []
    return Prose("\n\n".join(_unrecorded(*pair) for pair in rows) or NOBODY)


def _unrecorded(as_is: dict[str, Any], tilted: dict[str, Any]) -> str:
    label, unscored, ended = ENDPOINTS[as_is["endpoint"]].label, int(as_is["unscored"]), int(as_is["ended"])
    if unscored == 0:
        return f"Every course that ended was assessed for {label} after its last session."
    were = "was" if unscored == 1 else "were"
    first = (
        f"**{unscored:,} of {counted(ended, 'courses')}** that ended ({percent(100 * unscored / ended)}) {were} not assessed for {label} "
        "after the last session."
    )
    if as_is["stopped_unscored"] == 0:
        return f"{first} They had all gone on to the end of their plan, so this tells nothing of who stops."
    if isnan(as_is["estimate"]):
        return f"{first} Too few courses were assessed to say what that could change."
    if isnan(tilted["estimate"]):
        return f"{first} What that could change cannot be told: {tilted['note']}."
    unit, when = SCALES[as_is["scale"]].unit, session_words(as_is["session"])
    ends = [signed(tilted[end]) for end in ("conf_low", "conf_high")]
    interval = f" (95\N{NO-BREAK SPACE}% interval {ends[0]} to {ends[1]})" if not isnan(tilted["conf_low"]) else ""
    would = f"**{signed(tilted['estimate'])} {unit}**{interval}"
    supposed = "If those who stopped went by how their skin looked where nobody wrote it down, just as patients did where somebody did, the change"
    if signed(tilted["estimate"]) == signed(as_is["estimate"]):
        return f"{first} {supposed} {when} would be much the same: {would}."
    return (
        f"{first} {supposed} {when} would be {would} in place of {signed(as_is['estimate'])}. Nothing in the records can tell which is "
        "nearer to the truth."
    )


def overturned(delta: pd.DataFrame, session: int) -> Prose:
    """How wrong that assumption would have to be after this session, from `outcomes.tipping_delta`."""
    rows = delta[delta["session"] == session].to_dict("records")
    if not rows:
        return Prose(f"No conclusion to overturn {session_words(session)}: too few courses were scored then.")
    row = rows[0]
    if isnan(row["estimate"]):
        return Prose(f"No conclusion to overturn {session_words(session)}: {row['note']}.")
    scale = SCALES[row["scale"]]
    unreachable = ", which is more than the scale holds" if abs(row["estimate"]) > scale.high - scale.low else ""
    conclusion, how = ("improvement", "worse") if row["estimate"] > 0 else ("worsening", "better")
    return Prose(
        f"To overturn this {conclusion}, patients not assessed {session_words(session)} would have to score "
        f"**{size(row['estimate'])} {scale.unit} {how}** on average than patients with the same scores who were{unreachable} "
        f"({row['note'].replace('unseen', 'were not')})."
    )


def another_session(gains: pd.DataFrame, headline: pd.DataFrame) -> Prose:
    """Whether one more session than the headline's would add, from `outcomes.next_session` and `outcomes.at_headline`.

    Where the next session was not assessed it is the next one that was, of all sessions since the headline's together.
    """
    at = headline[headline["measure"] == "change"].set_index("endpoint")["session"]
    return Prose(
        "\n\n".join(_another(gains[gains["endpoint"] == name], name, int(k)) for name, k in at.items()) or TOO_FEW_SCORED
    )


def _another(gains: pd.DataFrame, endpoint: Any, headline: int) -> str:
    label = heading(ENDPOINTS[endpoint])
    after = gains[(gains["since"] == headline) & (gains["session"] > headline) & (gains["n"] >= FEW)].dropna(subset="estimate")
    if after.empty:
        return f"{label}: too few courses were assessed after session {headline + 1} to say what it adds."
    row = after.iloc[0]
    last = int(row["session"])
    which = f"session {last}" if last == headline + 1 else f"sessions {headline + 1} to {last} together"
    unit, scored = SCALES[row["scale"]].unit, f"{counted(int(row['n']), 'courses')} scored then"
    if isnan(row["conf_low"]):
        return f"{label}: {signed(row['estimate'])} {unit} with {which}, had every patient continued ({scored}, all alike: no interval)."
    said = f"{around(row)}; {scored}"
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return f"{label}: **no clear further change** with {which}, had every patient continued ({said}); that does not rule one out."
    change = f"{size(row['estimate'])} {unit} {'lower still' if row['estimate'] < 0 else 'higher again'}"
    return f"{label}: **{change}** with {which}, had every patient continued ({said})."


def to_response(responded: pd.DataFrame, session: int) -> Prose:
    """How many have responded by this session, as a range, from `outcomes.sessions_to_response`."""
    at = responded[responded["session"] == session].set_index("measure")["estimate"]
    least, most = (at.get(f"responded by, {end}", nan) for end in ("at least", "at most"))
    if isnan(least) or isnan(most):
        return Prose("Too few courses to say how many sessions a response takes.")
    by_then = f"**{between(least, most)}** had responded by session {session:g}, and still had at the next score"
    low, high = percent(least)[:-2], percent(most)[:-2]
    if low == high:
        return Prose(f"{by_then}, whatever became of those who stopped early.")
    return Prose(
        f"{by_then}: {low} of 100 if nobody who stopped early would have responded later, {high} if they are like those who stayed."
    )


def who_stops(odds: pd.DataFrame) -> Prose:
    """Whether patients who improved more were more likely to stop, from `outcomes.stopping`, in words."""
    if odds.empty or isnan(odds["conf_low"].iloc[0]):
        return Prose(f"Who stops can't be told: {'nobody was scored again' if odds.empty else odds['note'].iloc[0]}.")
    row = odds.iloc[0]
    per = row["unit"].removeprefix("odds ratio per ")
    step = per if per[0].isdigit() else f"one {per[:-1] if per.endswith('s') else per}"
    times = f"{_odds(row['estimate'])} times the odds of not coming back"
    interval = f"{_odds(row['conf_low'])} to {_odds(row['conf_high'])}; {counted(int(row['n']), 'courses')} stopped"
    if row["conf_low"] > 1:
        return Prose(f"Patients who had improved by {step} had **{times}** ({interval}): the satisfied leave.")
    if row["conf_high"] < 1:
        return Prose(f"Patients who had improved by {step} had only **{times}** ({interval}): the disappointed leave.")
    return Prose(
        f"Whether those who improve are the ones who leave is **not clear**: {times} for {step} of improvement ({interval})."
    )


def _odds(value: float) -> str:
    """One decimal; two where one would show no relation or nothing, as ``0.98`` and ``0.04``."""
    if value > 1000:
        return "more than 1,000"
    if 0 < value < 0.005:
        return "less than 0.01"
    return f"{value:.2f}" if number(value) in ("0.0", "1.0") else number(value)
