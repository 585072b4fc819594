"""The clinic beside published trials, in sentences: what is alike, what is assumed, what can't be compared."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import USUAL_SESSIONS
from outcomes.display.notes import note_of
from outcomes.display.prose.continued import CONTINUED, in_short
from outcomes.display.texts import Prose
from outcomes.display.words import DASH, change_of, counted, listed, plain, rate, session_words
from outcomes.measures.evidence import PREDICTION, SUMMARY, is_other_dose
from outcomes.measures.published_results import PUBLISHED


def evidence(compared: pd.DataFrame, left_out: pd.DataFrame) -> Prose:
    """From `outcomes.evidence` and `outcomes.not_compared`: the clinic's own change, what trials report, their doses and sources; a paragraph for each endpoint."""
    each = [(rows, left_out[left_out["endpoint"] == name]) for name, rows in compared.groupby("endpoint", sort=False)]
    no_contest = "" if _comparable(compared).empty else f"\n\n{_NO_CONTEST}"
    return Prose("\n\n".join(_evidence(*of) for of in each) + no_contest)


def _evidence(compared: pd.DataFrame, left_out: pd.DataFrame) -> str:
    trials = compared[compared["estimand"] == PUBLISHED].to_dict("records")
    first, found = compared.iloc[0], _trials(compared, left_out)
    if not trials:
        return found
    if isnan(first["estimate"]):
        return f"This clinic cannot be compared for {ENDPOINTS[first['endpoint']].label}: {note_of(first) or 'too few courses'}. {found}"
    return " ".join(filter(None, (_own(first), found, _doses(trials, first), _read_as_abstracts(trials))))


def _own(row: Any) -> str:
    label, when = f"**{ENDPOINTS[row['endpoint']].label}**", f"{session_words(row['session'])}, {CONTINUED}"
    return f"In this clinic, {in_short(row, label, when)}."


def _trials(compared: pd.DataFrame, left_out: pd.DataFrame) -> str:
    own, scale = compared.iloc[0], SCALES[compared["scale"].iloc[0]]
    label = ENDPOINTS[own["endpoint"]].label
    trials = compared[compared["estimand"] == PUBLISHED]
    if trials.empty:
        why = (
            "none is listed."
            if left_out.empty
            else f"none listed gives a mean change on the {scale.label} with its spread, of needling by itself and at a stated time."
        )
        return f"**No published trial** of {label} can be compared: {why}"
    together = compared[compared["estimand"] == SUMMARY].iloc[0]
    if isnan(together["estimate"]):
        each = [f"{change_of(row).estimate} ({trial_words(row)})" for row in trials.to_dict("records")]
        found = (
            f"**One comparable published trial reports** a change of {each[0]} {scale.unit}; one is"
            if len(each) == 1
            else f"**Two comparable published trials report** changes of {listed(each)} {scale.unit}; two are"
        )
        return f"{found} too few for a summary."
    told = change_of(together)
    said = f"Together, **{len(trials)} comparable published trials** give a change of {told.estimate} {scale.unit} ({told.ci})"
    return f"{said}; {_further(compared, own)}."


_NO_CONTEST = "A larger change does not make a better clinic: patients, devices and timing differ."


def _doses(trials: list[dict[str, Any]], own: Any) -> str:
    """The trials that gave another dose than a usual course, with what they gave."""
    other = [row for row in trials if is_other_dose(row["session"], row["interval_days"], own["after_days"])]
    if not other:
        return ""
    low, high = USUAL_SESSIONS
    given = listed([f"{trial_words(row)} ({dose_words(row)})" for row in other])
    return (
        f"**The dose differed** in {given}; a usual course is {low}{DASH}{high} sessions, about {own['after_days']} days apart."
    )


def _read_as_abstracts(trials: list[dict[str, Any]]) -> str:
    read = [trial_words(row) for row in trials if row["seen_in"] == "abstract"]
    if not read:
        return ""
    return f"{listed(read)} could be read only as {'an abstract' if len(read) == 1 else 'abstracts'}."


def _further(compared: pd.DataFrame, own: Any) -> str:
    """Where this clinic lies beside what a further trial's mean would be expected to be."""
    row, scale = compared[compared["estimand"] == PREDICTION].iloc[0], SCALES[own["scale"]]
    if row["conf_high"] - row["conf_low"] > scale.high - scale.low:
        return "so few and such unlike trials cannot tell where a further one would lie"
    told = change_of(row).interval
    low, high = told.split(" to ") if " to " in told else told.split(DASH)
    expected = f"a further such trial would be expected between {low} and {high}"
    if isnan(own["estimate"]):
        return expected
    inside = row["conf_low"] <= own["estimate"] <= row["conf_high"]
    return f"{expected}, and this clinic lies **{'inside' if inside else 'outside'}** that range"


def like_with_like(compared: pd.DataFrame) -> Prose:
    """Which trials stand beside the clinic's own change, from `outcomes.evidence`; blank where nothing can be compared."""
    own = _comparable(compared)
    if own.empty:
        return Prose("")
    scales = listed([SCALES[name].label for name in own["scale"].unique()], "or")
    return Prose(
        f"Only trials of microneedling alone, on the same scale ({scales}), are compared. This is **no test** of one against the other."
    )


def _comparable(compared: pd.DataFrame) -> pd.DataFrame:
    """The rows of the endpoints for which the clinic has a change of its own to compare."""
    own = compared[~compared["estimand"].isin([PUBLISHED, SUMMARY, PREDICTION]) & compared["estimate"].notna()]
    published = compared[compared["estimand"] == PUBLISHED]
    return compared[compared["endpoint"].isin({*own["endpoint"]} & {*published["endpoint"]})]


def assumed_correlation(low: pd.DataFrame, compared: pd.DataFrame, high: pd.DataFrame) -> Prose:
    """What intervals of published changes rest on, from `outcomes.evidence` with a low, the assumed and a high correlation."""
    shown = map(_comparable, (low, compared, high))
    computed = [frame[(frame["estimand"] == PUBLISHED) & frame["correlation"].notna()] for frame in shown]
    if computed[1].empty:
        return Prose("")
    least, assumed, most = (frame["correlation"].iloc[0] for frame in computed)
    widths = [float((frame["conf_high"] - frame["conf_low"]).mean()) for frame in computed]
    studies = listed([trial_words(row) for row in computed[1].to_dict("records")])
    return Prose(
        f"The interval of {studies} assumes that a patient's two scores have a correlation of **{assumed:g}**, which papers do not report. With "
        f"{least:g} it would be {widths[0] / widths[1]:.1f} times as wide; with {most:g}, {widths[2] / widths[1]:.1f} times."
    )


def not_compared(results: pd.DataFrame) -> Prose:
    """How many published results are not compared, by endpoint, from `outcomes.not_compared`."""
    if results.empty:
        return Prose("No published result is listed and left out.")
    by = results.groupby("endpoint", sort=False).size()
    each = [f"{counted(int(n), 'published results')} on {ENDPOINTS[name].label}" for name, n in by.items()]
    are = "is" if len(results) == 1 else "are"
    return Prose(f"Listed, but not compared, {are} {listed(each)}; the reason stands beside each in the table.")


def published_new_pih(rows: pd.DataFrame) -> Prose:
    """The range of new PIH in published trials, from `outcomes.published_new_pih`."""
    known = rows.dropna(subset="estimate").sort_values(["estimate", "n"], ascending=[True, False])
    if known.empty:
        return Prose("No listed trial says how many of its patients had new PIH.")
    first, last = known.iloc[0], known.iloc[-1]
    bound = f"{of_words(first)} is compatible with a rate of up to {rate(first['conf_high'])}, {of_words(last)} with up to {rate(last['conf_high'])}"
    return Prose(
        f"In published trials that state both numbers, new PIH arose in **{of_words(first)}** to **{of_words(last)}** patients; "
        f"{bound}."
    )


def published_limits() -> Prose:
    """What published trials beside one's own records can and cannot say."""
    return Prose(
        "- The list is short and **no systematic review**. Trials with large changes are more likely to be published, and mostly report "
        "the patients who **came to the end**."
    )


def trial_words(row: Any) -> str:
    """A trial as it is cited: its name and year."""
    return plain(trial_name(row))


def trial_name(row: Any) -> str:
    """The same where nothing is markup: in tables and pictures."""
    return str(row["study"]) if pd.isna(row["year"]) else f"{row['study']} {row['year']}"


def dose_words(row: Any) -> str:
    """What was given, as far as it is stated: ``12 sessions, 7 days apart``."""
    sessions = "sessions not stated" if pd.isna(row["session"]) else counted(int(row["session"]), "sessions")
    return sessions if pd.isna(row["interval_days"]) else f"{sessions}, {counted(int(row['interval_days']), 'days')} apart"


def source_words(row: Any) -> str:
    """Where a trial can be found and how it was read: authors, journal, DOI, ``read as an abstract``."""
    return "; ".join(filter(None, (row["authors"], row["journal"], row["doi"], _READ[row["seen_in"]])))


_READ = {
    "abstract": "read as an abstract",
    "full text": "read in full",
    "full text table": "read in a table of the full text",
    "registry": "read in a registry",
}


def of_words(row: Any) -> str:
    """A share as it was counted: ``5 of 30``."""
    return f"{row['estimate'] * row['n'] / 100:.0f} of {row['n']}"
