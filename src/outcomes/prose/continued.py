"""The headline in sentences: change had all continued, skin types, further sessions, and what could overturn it."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.course import NO_STATUS
from outcomes.prose.words import Prose, around, counted, heading, in_ten, listed, moved, number, percent, session_words, signed
from outcomes.scales import ENDPOINTS, SCALES
from outcomes.skin_types import DIFFERENT, EQUIVALENT, INCONCLUSIVE
from outcomes.tallies import Tally


def headline(estimates: pd.DataFrame) -> Prose:
    """How much better and how many responded had all continued; a paragraph for each endpoint of `outcomes.at_headline`."""
    rows = estimates[estimates["estimand"] == "continued"].groupby("endpoint", sort=False)
    return Prose("\n\n".join(_headline(frame.set_index("measure")) for _, frame in rows))


def _headline(of: pd.DataFrame) -> str:
    change, responders = of.loc["change"], of.loc["responders"]
    name, scale = heading(ENDPOINTS[change["endpoint"]]), SCALES[change["scale"]]
    if isnan(change["conf_low"]):
        return f"**{name}**: too few courses ({change['n']}) to say."
    when = session_words(change["session"])
    first = f"**{name}** {moved(change, scale.unit)} {when}, had all continued ({around(change)}; {counted(int(change['n']), 'courses')} scored then)."
    if "outside this interval" in change["note"]:
        first += f" The check disagrees: {change['note'].split('; ')[-1]}."
    if isnan(responders["conf_low"]):
        return first
    share = in_ten(responders["estimate"])
    interval = f"{number(responders['conf_low'])} to {percent(responders['conf_high'])}"
    return f"{first} **{share[0].upper() + share[1:]}** would have responded ({interval}): {scale.rule}."


def why_continued() -> Prose:
    """What "had all continued" means and assumes, in every report that uses it."""
    return Prose(
        "**Had all continued** means: what patients like these would have reached had all of them come to that session, those who stopped "
        "going on like patients with the same recorded scores who stayed. Whoever stays stands in for those who left. It assumes that "
        "nothing that was not recorded made patients stop."
    )


def unrecorded_ends(tally: Tally, ongoing: pd.DataFrame) -> Prose:
    """How many courses have an end of which nothing is recorded, and what follows if they were going on.

    `ongoing` is `outcomes.at_headline` of the tally that `outcomes.as_ongoing` gives.
    """
    n = int(tally.paths.loc[tally.paths["end"] == NO_STATUS, "n"].sum())
    if n == 0:
        return Prose("For every course it is recorded whether it goes on, was finished as planned or was stopped.")
    row = ongoing.set_index("measure").loc["change"]
    unit = SCALES[row["scale"]].unit
    return Prose(
        f"Of {counted(n, 'courses')} neither status nor plan is recorded; their last visit was taken as a stop. Had they been going on, the "
        f"change {session_words(row['session'])} would be {signed(row['estimate'])} {unit} ({around(row)})."
    )


def overturned(delta: pd.DataFrame, session: int) -> Prose:
    """How wrong that assumption would have to be after this session, from `outcomes.tipping_delta`."""
    row = delta[delta["session"] == session].iloc[0]
    if isnan(row["estimate"]):
        return Prose(f"No conclusion to overturn {session_words(session)}: {row['note']}.")
    unit = SCALES[row["scale"]].unit
    return Prose(
        f"To overturn this improvement, patients no longer seen {session_words(session)} would have to score **{number(row['estimate'])} {unit} worse** "
        f"on average than patients with the same scores who stayed ({row['note']})."
    )


def verdicts(compared: pd.DataFrame) -> Prose:
    """Which skin types differ, are equivalent, or can't be told, from `outcomes.compare_skin_types`."""
    if compared.empty:
        return Prose("**Too few patients** of more than one group of skin types to compare them.")
    return Prose("\n\n".join(_verdicts(frame) for _, frame in compared.groupby("endpoint", sort=False)))


def _verdicts(compared: pd.DataFrame) -> str:
    row = compared.iloc[0]
    unit, when = SCALES[row["scale"]].unit, session_words(row["session"])
    margin = f"within {number(row['margin'])} {unit} of all others"
    said = []
    for verdict, words in (
        (DIFFERENT, "different from all others"),
        (EQUIVALENT, f"equivalent, {margin}"),
        (INCONCLUSIVE, f"inconclusive, not enough patients to say whether {margin}"),
    ):
        groups = compared.loc[compared["verdict"] == verdict, "skin_types"].tolist()
        if groups:
            said.append(f"**{'Types' if len(groups) > 1 else 'Type'} {listed(groups)}**: {words}")
    return f"{heading(ENDPOINTS[row['endpoint']])}, {when}, had all continued \N{EN DASH} {'; '.join(said)}."


def skin_type_numbers(counts: pd.DataFrame) -> Prose:
    """Which types are merged because they have too few courses, from `outcomes.skin_type_counts`."""
    merged = counts[counts["skin_type"].astype(str) != counts["group"]]
    if merged.empty:
        return Prose("Every skin type has enough courses to be looked at by itself.")
    few = counts[counts["courses"] < 15]
    small = listed([f"{row['skin_type']} ({row['courses']})" for row in few.to_dict("records")])
    return Prose(
        f"Too few courses of type {small} to be looked at by themselves, so types are taken together by a fixed rule: "
        f"{listed(list(dict.fromkeys(counts['group'])))}."
    )


def another_session(gains: pd.DataFrame, headline: pd.DataFrame) -> Prose:
    """Whether one more session than the headline's would add, from `outcomes.next_session` and `outcomes.at_headline`."""
    after = headline[headline["measure"] == "change"].set_index("endpoint")["session"] + 1
    return Prose("\n\n".join(_another(gains[gains["endpoint"] == name], int(session)) for name, session in after.items()))


def _another(gains: pd.DataFrame, session: int) -> str:
    label = heading(ENDPOINTS[gains["endpoint"].iloc[0]])
    after = gains[gains["session"] == session].dropna(subset="conf_low")
    if after.empty:
        return f"{label}: too few courses had session {session} to say what it adds."
    row = after.iloc[0]
    unit = SCALES[row["scale"]].unit
    said = f"{around(row)}; {counted(int(row['n']), 'courses')} scored then"
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return f"{label}: **no clear further change** with session {session}, had all continued ({said})."
    further = f"a further {number(abs(row['estimate']))} {unit} {'lower' if row['estimate'] < 0 else 'higher'}"
    return f"{label}: **{further}** with session {session}, had all continued ({said})."


def to_response(responded: pd.DataFrame, session: int) -> Prose:
    """How many have responded by this session, as a range, from `outcomes.sessions_to_response`."""
    at = responded[responded["session"] == session].set_index("measure")["estimate"]
    least, most = at["responded by, at least"], at["responded by, at most"]
    if isnan(least) or isnan(most):
        return Prose("Too few courses to say how many sessions a response takes.")
    return Prose(
        f"**Between {number(least)} and {percent(most)}** had responded by session {session:g}: {number(least)} of 100 if nobody who stopped "
        f"early would have responded later, {number(most)} if they are like those who stayed."
    )


def who_stops(odds: pd.DataFrame) -> Prose:
    """Whether patients who improved more were more likely to stop, from `outcomes.stopping`, in words."""
    row = odds.iloc[0]
    if isnan(row["conf_low"]):
        return Prose(f"Who stops can't be told: {row['note']}.")
    step = row["unit"].removeprefix("odds ratio per ").replace("grade", "one grade")
    interval = f"{number(row['conf_low'])} to {number(row['conf_high'])}; {counted(int(row['n']), 'courses')} stopped"
    if row["conf_low"] > 1:
        return Prose(
            f"Patients who had improved by {step} had **{number(row['estimate'])} times the odds of not coming back** ({interval}): the satisfied leave."
        )
    if row["conf_high"] < 1:
        return Prose(
            f"Patients who had improved by {step} had only **{number(row['estimate'])} times the odds of not coming back** ({interval}): the disappointed leave."
        )
    return Prose(
        f"Whether those who improve are the ones who leave is **not clear**: odds of not coming back {number(row['estimate'])} times as high for {step} of improvement ({interval})."
    )
