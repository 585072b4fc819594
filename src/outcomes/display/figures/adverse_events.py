"""Adverse events as dot rows: each event, new PIH by skin type, and providers beside what chance leaves."""

from __future__ import annotations

from html import escape
from math import isnan
from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.columns import EVENTS, NEW_PIH
from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.canvas import INK, SKIN_TYPE_HUES, SKIN_TYPE_MARKS, Figure
from outcomes.display.figures.elements import nothing
from outcomes.display.figures.strips import Axis, Group, Row, dot_rows
from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import how_often, is_later, label, percent_of
from outcomes.display.words import counted, first_down, first_up, listed, rate, rates, types
from outcomes.measures.adverse_events import PER_COURSE

_NOT_NONE = "No visit after a session says yes or no; that is not the same as none"
_HOLLOW = "Hollow: none recorded; its bar ends at the rate that is still compatible with the records."
_PANELS = {NEW_PIH: "New PIH", ANY: "Any event or new PIH"}


def adverse_events(events: pd.DataFrame) -> Figure:
    """One dot and interval for each event, most frequent first: of how many courses of the usual length, from `outcomes.adverse_events`."""
    rows = events[events["measure"] == PER_COURSE].set_index("event").loc[[*EVENTS, ANY]].reset_index()
    if (rows["n"] == 0).all():
        return nothing("Adverse events are not recorded", _NOT_NONE)
    alone = rows[rows["event"].isin(EVENTS)].sort_values(
        ["events", "estimate"], ascending=False, kind="stable", na_position="last"
    )
    whole = rows[rows["event"] == ANY]
    ordered = pd.concat([whole, alone]).to_dict("records")
    axis = _axis(rows)
    said = [f"{label(row['event'])} {how_often(row)}" for row in rows.to_dict("records")]
    return Figure(
        title=_most_frequent(alone),
        measure=f"{first_up(percent_of(rows.iloc[0]))} with the event, with 95% CI; a course may have several",
        said=f"Courses with each event, {percent_of(rows.iloc[0])}: {'; '.join(said)}.",
        drawing=dot_rows(
            "Adverse events, most frequent first",
            ("Event", "Courses", "Share (95% CI)"),
            [Group("", [_row(row, name, axis, INK, is_bold=row["event"] == ANY) for name, row in _named(ordered)])],
            axis.head(),
        ),
        note=_note(rows, "event"),
    )


def _named(rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each row with its name: events that nobody had, of whom as much is known, are one row."""
    alike: dict[object, list[dict[str, Any]]] = {}
    for row in rows:
        is_alone = row["events"] or row["event"] == ANY
        alike.setdefault(row["event"] if is_alone else (row["n"], rate(row["conf_high"])), []).append(row)
    return [(_event([row["event"] for row in same]), same[0]) for same in alike.values()]


def _event(events: list[str]) -> str:
    return "Any of these" if events == [ANY] else first_up(listed([label(event) for event in events]))


def _most_frequent(alone: pd.DataFrame) -> str:
    """The event recorded in most courses, all of those that are in as many."""
    seen = alone[(alone["events"] > 0) & (alone["n"] >= FEW)]
    if seen.empty:
        return (
            "No event was recorded where it was asked about" if (alone["n"] >= FEW).any() else "Too few courses to say how often"
        )
    most = seen[seen["events"] == seen["events"].max()]
    names, row = [label(event) for event in most["event"]], most.iloc[0]
    share = f"in {int(row['events']):,} of {counted(int(row['n']), 'courses')}"
    if len(names) == 1:
        return f"{first_up(names[0])} was the most frequent event: {share}"
    return f"{first_up(listed(names))} were the most frequent events: each {share}" if len(names) < 4 else "No event stands out"


def adverse_events_by_skin_type(events: pd.DataFrame) -> Figure:
    """New PIH and any event: a dot and interval for each skin type or group, from `outcomes.adverse_events`."""
    by = next(name for name in ("skin_type", "skin_band", "skin_types") if name in events)
    rows = events[events["measure"] == PER_COURSE]
    frames = {event: rows[rows["event"] == event] for event in _PANELS}
    both = pd.concat(frames.values())
    if (both["n"] == 0).all():
        return nothing("New PIH is not recorded", _NOT_NONE)
    if (frames[NEW_PIH]["n"] >= FEW).sum() < 2:
        return nothing("Too few courses to show skin types apart", f"Fewer than two have {FEW} courses that were asked about")
    axis = _axis(both)
    groups = [
        Group(
            _PANELS[event],
            [
                _row(row, str(row[by]), axis, SKIN_TYPE_HUES.get(str(row[by]), INK), SKIN_TYPE_MARKS.get(str(row[by]), "o"))
                for row in frame.to_dict("records")
            ],
        )
        for event, frame in frames.items()
    ]
    said = [
        f"{_PANELS[event]}: {'; '.join(f'{first_down(types(str(row[by])))} {how_often(row)}' for row in frame.to_dict('records'))}"
        for event, frame in frames.items()
    ]
    return Figure(
        title=_title_by_type(frames[NEW_PIH], "skin types" if by == "skin_type" else "groups of skin types"),
        measure=f"{first_up(percent_of(both.iloc[0]))} with the event, with 95% CI",
        said=f"Courses with events by skin type, {percent_of(both.iloc[0])}. {'. '.join(said)}.",
        drawing=dot_rows("New PIH and any event by skin type", ("Skin type", "Courses", "Share (95% CI)"), groups, axis.head()),
        note=_note(both, by),
    )


def _title_by_type(pih: pd.DataFrame, groups: str) -> str:
    """Events and courses over the same rows, all of them; how many types over those with enough courses."""
    events, n = int(pih["events"].sum()), int(pih["n"].sum())
    asked = pih[pih["n"] >= FEW]
    if not events:
        return f"No new PIH was recorded in {counted(n, 'courses')}"
    return f"New PIH was recorded in {events:,} of {counted(n, 'courses')}, in {(asked['events'] > 0).sum()} of {len(asked)} {groups}"


def _row(
    row: dict[str, Any],
    name: str,
    axis: Axis,
    hue: str,
    shape: str = "o",
    *,
    is_bold: bool = False,
) -> Row:
    """The row's count, share and interval; hollow where none was seen, words where there are too few."""
    n, events = int(row["n"]), int(row["events"])
    if n < FEW:
        words = escape(note_of(row)) if n == 0 else f"too few (&lt;{FEW})"
        return Row(name, ("", words), axis.strip(), is_bold=is_bold)
    if isnan(row["estimate"]):
        return Row(name, (f"{events:,} of {n:,}", "no rate"), axis.strip(), is_bold=is_bold)
    interval = rates(row["conf_low"], row["conf_high"])
    cells = (f"{events:,} of {n:,}", f'{escape(rate(row["estimate"]))} <span class="ci">({escape(interval)})</span>')
    bar = axis.bar(row["conf_low"], row["conf_high"], hue)
    return Row(
        name,
        cells,
        axis.strip(bar, axis.mark(row["estimate"], hue, shape, is_hollow=not events)),
        is_bold=is_bold,
    )


def _axis(rows: pd.DataFrame) -> Axis:
    """Percents from 0 to the farthest end of an interval drawn."""
    drawn = rows[rows["n"] >= FEW].dropna(subset="conf_high")
    return Axis.of(drawn["conf_high"], most=100.0, unit="%")


def _note(rows: pd.DataFrame, by: str) -> str:
    """What hollow dots are, and which rows have events after later sessions only."""
    shown = rows[rows["n"] >= FEW]
    said = [_HOLLOW] if (shown["events"] == 0).any() else []
    later = [row for row in shown.to_dict("records") if is_later(row)]
    if later:
        names = [
            label(row["event"]) if by == "event" else f"{first_down(_PANELS[row['event']])} in {first_down(types(row[by]))}"
            for row in later
        ]
        longest = counted(int(later[0]["session"]), "sessions")
        said.append(f"{first_up(listed(names))}: recorded only after more than {longest}, so not part of the rate.")
    return " ".join(said)
