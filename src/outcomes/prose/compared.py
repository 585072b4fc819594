"""The clinic beside published trials, in sentences: what is alike, what is assumed, what can't be compared."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.comparable import PREDICTION, SUMMARY
from outcomes.prose.words import (
    Prose,
    around,
    counted,
    heading,
    listed,
    moved,
    percent,
    plain,
    session_words,
    signed,
)
from outcomes.reported import PUBLISHED
from outcomes.scales import ENDPOINTS, SCALES
from outcomes.tallies import Tally


def against_published(compared: pd.DataFrame, left_out: pd.DataFrame) -> Prose:
    """Two sentences from `outcomes.evidence` and `outcomes.not_compared`: the clinic's own change, and what trials report."""
    return Prose(f"{_own(compared.iloc[0])} {_trials(compared, left_out)}")


def _own(row: Any) -> str:
    name, scale = heading(ENDPOINTS[row["endpoint"]]), SCALES[row["scale"]]
    if isnan(row["estimate"]):
        return f"**{name}** in this clinic: too few courses ({row['n']}) to say."
    scored = f"{counted(int(row['n']), 'courses')} scored then"
    how = f"{session_words(row['session'])}, had all continued"
    if isnan(row["conf_low"]):
        return f"**{name}** in this clinic changed by {signed(row['estimate'])} {scale.unit} {how} ({scored}, all alike: no interval)."
    return f"**{name}** in this clinic {moved(row, scale.unit)} {how} ({around(row)}; {scored})."


def _trials(compared: pd.DataFrame, left_out: pd.DataFrame) -> str:
    own, scale = compared.iloc[0], SCALES[compared["scale"].iloc[0]]
    trials = compared[compared["estimand"] == PUBLISHED]
    if trials.empty and left_out.empty:
        arose = (
            " New PIH, which arises after treatment has begun, is another matter: see below." if own["endpoint"] == "pih" else ""
        )
        return f"**No published trial** of {ENDPOINTS[own['endpoint']].label} is listed, so there is nothing to compare it with.{arose}"
    if trials.empty:
        return (
            f"**No published trial** listed can be compared with it: none gives a mean change with its spread on the "
            f"{scale.label} and says how long after the last session it was scored."
        )
    together = compared[compared["estimand"] == SUMMARY].iloc[0]
    if isnan(together["estimate"]):
        each = [f"{signed(row['estimate'])} ({trial_words(row)})" for row in trials.to_dict("records")]
        few = (
            "One comparable published trial reports** a change of"
            if len(each) == 1
            else "Two comparable published trials report** changes of"
        )
        return f"**{few} {listed(each)} {scale.unit}: too few for a summary."
    interval = f"95\N{NO-BREAK SPACE}% interval {signed(together['conf_low'])} to {signed(together['conf_high'])}"
    said = f"**{len(trials)} comparable published trials** together give {signed(together['estimate'])} {scale.unit} ({interval})"
    return f"{said}; {_further(compared, own)}."


def _further(compared: pd.DataFrame, own: Any) -> str:
    """Where this clinic lies beside what a further trial's mean would be expected to be."""
    row, scale = compared[compared["estimand"] == PREDICTION].iloc[0], SCALES[own["scale"]]
    if row["conf_high"] - row["conf_low"] > scale.high - scale.low:
        return "so few trials, as unlike as these, can't say where a further one would lie"
    expected = f"a further such trial would be expected between {signed(row['conf_low'])} and {signed(row['conf_high'])}"
    if isnan(own["estimate"]):
        return expected
    inside = row["conf_low"] <= own["estimate"] <= row["conf_high"]
    return f"{expected}, and this clinic lies **{'inside' if inside else 'outside'}** that range"


def like_with_like(tally: Tally) -> Prose:
    """Which trials stand beside the clinic's own change, and that this is no test of one against the other."""
    window = tally.window
    return Prose(
        f"Compared are changes from baseline on the same scale ({tally.scale.label}) of patients who all had microneedling, scored at a "
        f"stated time after the last session; this clinic's scores are those of {window.first} to {window.last} days after it. Patients, "
        "skin types, devices, number of sessions and scores at the start differ, so a larger change is **not a better clinic**."
    )


def no_picture(tally: Tally) -> Prose:
    """Said in place of a picture without a trial in it."""
    return Prose(f"There is no picture: no listed trial can stand beside this clinic's {tally.endpoint.label}.")


def assumed_correlation(low: pd.DataFrame, compared: pd.DataFrame, high: pd.DataFrame) -> Prose:
    """What intervals of published changes rest on, from `outcomes.evidence` with a low, the assumed and a high correlation."""
    computed = [frame[(frame["estimand"] == PUBLISHED) & frame["correlation"].notna()] for frame in (low, compared, high)]
    if computed[1].empty:
        return Prose("No interval here is computed from the spreads before and after, so no correlation is assumed.")
    least, assumed, most = (frame["correlation"].iloc[0] for frame in computed)
    widths = [float((frame["conf_high"] - frame["conf_low"]).mean()) for frame in computed]
    studies = listed([trial_words(row) for row in computed[1].to_dict("records")])
    return Prose(
        f"The interval of {studies} is computed from the spreads before and after. It needs how closely a patient's two scores go "
        f"together, which the papers do not report: a correlation of **{assumed:g} is assumed**. With {least:g} it would be "
        f"{widths[0] / widths[1]:.1f} times as wide, with {most:g} {widths[2] / widths[1]:.1f} times."
    )


def left_out(tally: Tally, results: pd.DataFrame) -> Prose:
    """How many published results on this endpoint are not compared, from `outcomes.not_compared`."""
    label = tally.endpoint.label
    if results.empty:
        return Prose(f"No published result on {label} is listed and left out.")
    those = "is" if len(results) == 1 else "are"
    return Prose(
        f"{counted(len(results), 'published results')} on {label} {those} listed and not compared, for the reason beside each."
    )


def odd_arithmetic(tally: Tally, trials: pd.DataFrame) -> Prose:
    """Means that no whole scores give, from `outcomes.published_trials`; they stay in."""
    own = trials[trials["endpoint"] == tally.endpoint.name]
    odd = own[own["doubt"] != ""]
    if odd.empty:
        none = own[["baseline_mean", "after_mean"]].isna().all(axis=None)
        return Prose(
            "No mean is reported whose arithmetic could be checked."
            if none
            else "Every mean reported can be that of whole scores."
        )
    said = "; ".join(f"{trial_words(row)}: {row['doubt']}" for row in odd.to_dict("records"))
    return Prose(
        f"Odd in the arithmetic, and kept: {said}. Averages of raters would explain it; so would a slip, or patients who are not counted."
    )


def new_pih_published(rows: pd.DataFrame) -> Prose:
    """The range of new PIH in published trials, from `outcomes.published_new_pih`."""
    known = rows.dropna(subset="estimate").sort_values(["estimate", "n"], ascending=[True, False])
    if known.empty:
        return Prose("No listed trial says how many of its patients had new PIH.")
    first, last = known.iloc[0], known.iloc[-1]
    bound = (
        f"{of_words(first)} still allows up to {percent(first['conf_high'])}, {of_words(last)} up to {percent(last['conf_high'])}"
    )
    return Prose(f"New PIH after microneedling: from **{of_words(first)}** to **{of_words(last)}** patients in a trial; {bound}.")


def published_limits() -> Prose:
    """What published trials beside one's own records can and cannot say."""
    return Prose(
        "- The list is short, and **mostly read from abstracts**; it is no systematic review.\n"
        "- Trials that found much are more likely to be published than trials that found little.\n"
        "- Trials mostly report the patients who **came to the end**; this clinic's figure is had all continued.\n"
        "- Scores may go on falling for months after the last session, so a later score may show more change."
    )


def trial_words(row: Any) -> str:
    """A trial as it is cited: its name and year."""
    return plain(trial_name(row))


def trial_name(row: Any) -> str:
    """The same where nothing is markup: in tables and pictures."""
    return str(row["study"]) if pd.isna(row["year"]) else f"{row['study']} {row['year']}"


def of_words(row: Any) -> str:
    """A share as it was counted: ``5 of 30``."""
    return f"{row['estimate'] * row['n'] / 100:.0f} of {row['n']}"
